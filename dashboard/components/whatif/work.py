"""The What-if page's work: the scenario of the view, its price lists, and what is counted under it. Kept by key, or done as a job."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dashboard import compute, jobs, play, state
from dashboard.words import whatif as words
from data.problems import ProblemError
from data.stores.home import home
from data.whatif.snapshots import PriceBook, read_book
from strategies.baselines.single import AlwaysOne
from strategies.frontiers.tune import Goal
from strategies.study.curves import Fitted, fitted
from strategies.study.prepare import Study
from strategies.whatif.breakeven import BreakEven, Price, Rule, break_even, movable, rule
from strategies.whatif.change import Change
from strategies.whatif.conditions import Removal
from strategies.whatif.measure import Effect, Measure, Outcome
from strategies.whatif.replayed import effect, outcome
from strategies.whatif.scenario import Scenario, apply, parsed
from strategies.whatif.sensitivity import Bar, Conclusion, inputs, tornado

PREFIX = "whatif."
KEPT = 16  # jobs
GOAL = Goal(keep=compute.KEEP)
_PROBLEM = "whatif.problem"
_MOST_BYTES = 2**20


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What a scenario does to one strategy. best_before, best_after : the recommended of all candidates, "" = none meets the goal."""

    effect: Effect
    best_before: str
    best_after: str


def books() -> dict[str, PriceBook]:
    """Return the user's own price lists by name; files that cannot be read any more are left out."""
    found = {}
    for file in sorted(_folder().glob("*.csv")) if _folder().is_dir() else ():
        try:
            found[file.stem] = compute.kept(f"{PREFIX}book.{file}", partial(_read, file))
        except (ProblemError, OSError, UnicodeDecodeError):
            continue
    return found


def _read(file: Path) -> PriceBook:
    return read_book(file.read_text("utf-8"), file.stem)


def keep_book(name: str, content: bytes) -> str:
    """Keep a price list and return its name, which ends on its hash; ProblemError where it is none."""
    text = content[:_MOST_BYTES].decode("utf-8-sig", errors="replace")
    read_book(text, name)
    stem = re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-")[:40] or "prices"
    full = f"{stem}.{hashlib.blake2b(content, digest_size=4).hexdigest()}"
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / f"{full}.csv").write_text(text, encoding="utf-8")
    return full


def _folder() -> Path:
    return home() / "prices"


def scenario() -> Scenario:
    """Return the scenario of the view; one that cannot be read is none, and the reason is told once."""
    try:
        return parsed(state.view().whatif, books())
    except ProblemError as error:
        state.put(_PROBLEM, words.BROKEN.format(why=error.problems[0].what))
        state.change(whatif="")
        return Scenario()


def problem() -> str:
    """Return what was wrong with the last assumption, once."""
    said = str(state.get(_PROBLEM) or "")
    state.forget(_PROBLEM)
    return said


def put(*changes: Change) -> None:
    """Assume something; what is idle is assumed no more. Out of range: nothing changes, and the page says why."""
    keep(scenario().put(*changes))


def keep(new: Scenario) -> None:
    """Write a scenario to the view."""
    state.change(whatif=new.code)


def refuse(error: ProblemError) -> None:
    """Say why something could not be assumed, on the next drawing."""
    state.put(_PROBLEM, str(error))


def key(fit: Fitted) -> str:
    """Return what a strategy's outcomes depend on besides the scenario."""
    return f"{compute.identity(fit)}|{sorted(play.settings_of(fit).items())!r}"


def candidates(study: Study, fits: Mapping[str, Fitted]) -> dict[str, Fitted]:
    """Return everything that could be recommended, by its name: what is in play, then each single model."""
    alone = {
        words.ALONE.format(model=card.short): compute.kept(
            f"{PREFIX}single.{compute.study_key(study)}.{card.name}", partial(_single, study, card.name)
        )
        for card in study.table.cards
    }
    return {**fits, **alone}


def _single(study: Study, model: str) -> Fitted:
    return fitted(study, AlwaysOne(model=model))


def result(study: Study, fits: Mapping[str, Fitted], chosen: str, now: Scenario) -> Result:
    """Return what a scenario does to the chosen strategy, and to the recommendation; ProblemError as `outcome` raises it."""
    name = f"{PREFIX}effect.{_digest(f'{key(fits[chosen])}|{now.code}')}"
    return Result(
        effect=compute.kept(name, lambda: effect(fits[chosen], now, goal=GOAL)), best_before=_best(study, fits, Scenario()),
        best_after=_best(study, fits, now),
    )  # fmt: skip


def _best(study: Study, fits: Mapping[str, Fitted], now: Scenario) -> str:
    """Return who is recommended on calibrate: the cheapest of all candidates that keeps KEEP of the best single model's quality."""
    name = f"{PREFIX}best.{_digest(repr([key(fit) for fit in fits.values()]))}.{_digest(f'{study.key}|{now.code}')}"
    return compute.kept(name, lambda: _chosen(candidates(study, fits), rule(GOAL, study, now), now))


def _chosen(whole: Mapping[str, Fitted], wanted: Rule, now: Scenario) -> str:
    known: dict[str, Outcome] = {}
    for name, fit in whole.items():
        if not _gone(fit, now):
            with contextlib.suppress(ProblemError):  # what cannot do without what is gone is not recommended
                known[name] = outcome(fit, now, goal=GOAL, part="calibrate")
    cost, quality = (np.array([each.mean(m) for each in known.values()]) for m in ("cost", "quality"))
    at = wanted.best(cost, quality)
    return "" if at is None else list(known)[at]


def _gone(fit: Fitted, now: Scenario) -> bool:
    """Whether it is a single model that a scenario takes away."""
    return any(isinstance(change, Removal) and getattr(fit.policy, "model", None) == change.model for change in now.active)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def hinges(study: Study, measure: Measure, a: Fitted, b: Fitted | None, now: Scenario) -> jobs.Job:
    """Return the work that moves every input of a conclusion: its result is the bars, the widest first."""
    calm = replace(now, refit=False)
    base = replace(calm, changes=tuple(change for change in calm.changes if not change.refits))

    def work(job: jobs.Job) -> tuple[Bar, ...]:
        moved = inputs(study, measure)
        told = iter(range(1, len(moved) + 1))

        def stop() -> bool:
            job.progress(next(told), len(moved))
            return job.stop.is_set()

        return tornado(Conclusion(measure=measure, a=a, b=b), moved, scenario=base, stop=stop)

    other = "" if b is None else key(b)
    return _job("hinges", f"{study.key}|{measure}|{key(a)}|{other}|{base.code}", words.HANGS_JOB, work)


def crossings(study: Study, fits: Mapping[str, Fitted], price: Price, now: Scenario) -> jobs.Job:
    """Return the work that finds where each model's price flips the recommendation: its result is a BreakEven for each that has it."""
    base = replace(now, refit=False, changes=tuple(change for change in now.changes if not change.refits))
    whole, wanted = candidates(study, fits), rule(GOAL, study, base)

    def work(job: jobs.Job) -> tuple[BreakEven, ...]:
        table, found = apply(base, study.tested), []
        for at, model in enumerate(study.pool):
            job.progress(at, len(study.pool), model)
            if job.stop.is_set():
                break
            if price in movable(table, model):
                found.append(break_even(whole, model, wanted, price=price, scenario=base))
        return tuple(found)

    return _job("flips", f"{study.key}|{price}|{[key(fit) for fit in fits.values()]!r}|{base.code}", words.FLIPS_JOB, work)


def _job(kind: str, what: str, title: str, work: Callable[[jobs.Job], Any]) -> jobs.Job:
    jobs.ALL.trim(PREFIX, KEPT)
    return jobs.ALL.start(f"{PREFIX}{kind}.{_digest(what)}", title, work)
