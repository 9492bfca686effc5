"""Comparing all strategies: which ones, the work behind it, what is highlighted. Nothing kept here: results live with their jobs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dashboard import compute, jobs
from dashboard.components.methods.facets import FAMILIES
from dashboard.state import MOST_SLOTS, View
from dashboard.words import compare as words
from strategies.protocol import Strategy
from strategies.study.compare import Comparison, Row, begun, comparable, compare
from strategies.study.compare_values import DRAWN
from strategies.study.outline import Outline, outline
from strategies.study.prepare import Study

PREFIX = "compare."
KEPT = 12  # comparisons
MOST_LIT = MOST_SLOTS  # as many as there are colours


def families() -> tuple[str, ...]:
    """Return the families that can be compared, in the order of the Methods page."""
    here = {kind.card.family for kind in comparable()}
    return tuple(name for name in FAMILIES if name in here)


def kinds(chosen: Sequence[str]) -> tuple[type[Strategy], ...]:
    """Return the strategies of some families (none = all), by family."""
    wanted = [name for name in families() if name in chosen] or list(families())
    return tuple(sorted((kind for kind in comparable() if kind.card.family in wanted), key=lambda kind: wanted.index(kind.card.family)))


def found(study: Study, chosen: Sequence[type[Strategy]]) -> jobs.Job | None:
    """Return the work on exactly these strategies, or None; where all rows are known from other work, that is put together at once."""
    job = jobs.ALL.get(_key(study, chosen))
    if job is None and {kind.card.id for kind in chosen} <= {row.id for row in _known(study)}:
        job = start(study, chosen)
        jobs.wait(job, 1.0)
    return job


def start(study: Study, chosen: Sequence[type[Strategy]]) -> jobs.Job:
    """Start comparing beside the page; rows that are known of this study are not measured again. The partial result is what is there."""
    known = [row for row in _known(study) if row.status == "compared"]

    def work(job: jobs.Job) -> Comparison:
        first: list[int] = []

        def tell(now: Comparison) -> None:
            first.append(len(now.rows))
            job.partial = now
            job.progress(len(now.rows) - first[0], len(now.asked) - first[0])

        job.partial = now = compare(study, chosen, keep=compute.KEEP, known=known, progress=tell, stop=job.stop)
        return now

    jobs.ALL.trim(PREFIX, KEPT)
    return jobs.ALL.start(_key(study, chosen), words.TITLE_JOB, work)


def begin(study: Study, chosen: Sequence[type[Strategy]]) -> None:
    """Start comparing: what a button calls."""
    start(study, chosen)


def forget(study: Study) -> None:
    """Forget everything that was measured on a study."""
    for job in jobs.ALL.starting(_prefix(study)):
        jobs.ALL.drop(job.key)


def _prefix(study: Study) -> str:
    return f"{PREFIX}{compute.study_key(study)}."


def _key(study: Study, chosen: Sequence[type[Strategy]]) -> str:
    return _prefix(study) + ",".join(sorted(kind.card.id for kind in chosen))


def _known(study: Study) -> tuple[Row, ...]:
    """Return every row that was measured on a study, whatever it was asked with."""
    partial = [job.partial for job in jobs.ALL.starting(_prefix(study)) if isinstance(job.partial, Comparison)]
    return tuple({row.id: row for each in partial for row in each.rows}.values())


def empty(study: Study, chosen: Sequence[type[Strategy]]) -> Comparison:
    """Return the comparison before anything is measured: only what has to be beaten."""
    return begun(study, chosen, keep=compute.KEEP)


def outline_of(study: Study) -> Outline:
    """Return single models, blind mixing and the oracle of a study, made once."""
    return compute.kept(f"compare.outline.{compute.study_key(study)}", lambda: outline(study, {}))


def lit(now: Comparison, view: View) -> dict[str, int]:
    """Return highlighted strategies -> colour: those of the view, else the best; one that is in play keeps the colour it has there."""
    ids = {row.id for row in now.compared}
    chosen = [name for name in view.compare if name in ids] or [row.id for row in now.compared]
    return coloured(chosen[:MOST_LIT], view)


def coloured(chosen: Sequence[str], view: View) -> dict[str, int]:
    """Return strategy -> place in the palette, each another one."""
    from dashboard.state import LETTERS

    played = {slot.strategy: LETTERS.index(slot.letter) for slot in reversed(view.slots) if slot.letter in LETTERS}
    given: dict[str, int] = {name: played[name] for name in chosen if name in played}
    free = iter(i for i in range(MOST_LIT) if i not in given.values())
    return {name: given[name] if name in given else next(free) for name in chosen}


def take_away(now: Comparison) -> Any:
    """Return the table as a frame, a row a strategy, each saying what it rests on: what is written as CSV."""
    import pandas as pd

    about, rows = now.about, []
    for row in (*now.compared, *now.absent):
        plain = row.to_json()
        points = {name: plain.pop(name) or {} for name in ("at", "equal_quality", "equal_cost")}
        for name in ("cost", "quality", *DRAWN):
            del plain[name]
        plain |= {"lead_at_least": now.bounds.get(row.id), **_best(now, row)}
        for name, point in points.items():
            settings = ";".join(f"{knob}={value:.9g}" for knob, value in point.pop("settings", {}).items())
            plain |= {f"{name}.settings": settings, **{f"{name}.{field}": value for field, value in point.items()}}
        rows.append(plain | {
            "data": about.data, "data_kind": about.kind, "fingerprint": about.fingerprint, "models": ";".join(about.models),
            "cost_unit": about.cost_unit, "prices_assumed": about.assumed, "split": about.split, "seed": about.seed, "tested": about.tested,
            "keep": about.keep, "best_single": now.reference.best, "best_single_quality": now.reference.best_quality,
            "best_single_cost": now.reference.best_cost, "zero_router_aiq": now.reference.zero_aiq,
            **{f"version.{name}": value for name, value in about.versions.items()},
        })  # fmt: skip
    return pd.DataFrame(rows)


def _best(now: Comparison, row: Row) -> dict[str, Any]:
    """Return what a row says of the best of many: whether it may be it, and, where it is, its corrected figure and bound."""
    best = now.best
    if best is None or row.id not in best.ranked:
        return {"may_be_best": None}
    if row.id != best.id:
        return {"may_be_best": row.id in best.tied}
    figures = {"best.figure": best.figure, "best.shown": best.shown, "best.corrected": best.corrected, "best.at_least": best.bound}
    return {"may_be_best": True, **figures}


def as_json(now: Comparison) -> str:
    """Return all figures as JSON; what is not known is null."""
    import json

    return json.dumps(_known_only(now.to_json()), ensure_ascii=False, indent=1)


def _known_only(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _known_only(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_known_only(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
