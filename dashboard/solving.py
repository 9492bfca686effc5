"""The search behind the Find page, the answers to its questions, and what they become elsewhere. Nothing kept here: jobs hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard import compute, jobs, state
from dashboard.state import Slot
from dashboard.words import find as words
from data.problems import ProblemError
from strategies.knobs import setting, turns
from strategies.protocol import Floats
from strategies.solver.answer import Answer, Option, answer
from strategies.solver.goals import Limit, Question, parse
from strategies.solver.lever import Lever, lever_of
from strategies.solver.search import Searched, search
from strategies.study.outline import Outline, outline
from strategies.study.prepare import Study

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PREFIX = "find."
KEPT = 3  # searches: each holds what its lines do on every searched query
LONGER_S = 60.0
MODES = ("keep", "budget", "energy", "lever")
_SINGLE = "single"
_DEVICE, _USUAL_DEVICE = "~", "cloud-core"


@dataclass(frozen=True, eq=False, kw_only=True)
class Known:
    """What a question can be about here.

    energy : (n, M) watt-hours of the study's table, None where unknown. silent : models without. origins : (tier, source) of each that
    has one, once. seconds : whether any are recorded.
    """

    energy: Floats | None
    silent: tuple[str, ...]
    origins: tuple[tuple[str, str], ...]
    seconds: bool


def known(study: Study) -> Known:
    """Return whether energy and seconds are known of a study's models, with the device in hand; worked out once."""
    assumed = device(study)
    return compute.kept(f"find.known.{compute.study_key(study)}.{assumed}", lambda: _known(study, assumed))


def _known(study: Study, assumed: str) -> Known:
    from data.energy import energies

    found = energies(study.table, device=assumed or None)
    watt_hours = 1000.0 * found.kwh.mid
    lacking = np.isnan(watt_hours).any(axis=0)
    return Known(
        energy=None if lacking.all() else watt_hours.astype(np.float32),
        silent=tuple(study.table.cards[m].short for m in np.flatnonzero(lacking)),
        origins=tuple(dict.fromkeys((each.tier, each.source) for each in found.origins if each.tier != "unknown")),
        seconds=study.table.has("latency_s"),
    )  # fmt: skip


def devices() -> tuple[str, ...]:
    """Return the declared devices whose watts can be assumed."""
    from data.energy import DEVICES

    return tuple(DEVICES)


def device(study: Study) -> str:
    """Return the device that is assumed where energy is not known: that of the address, else a core, for sets that were recorded on one."""
    _, mark, named = state.view().find.partition(_DEVICE)
    if mark:
        return named if named in devices() else ""
    from data.bundled import names

    return _USUAL_DEVICE if state.view().data in names() and study.table.has("latency_s") else ""


def ask(question: Question, named: str | None = None) -> None:
    """Take a question over into the address, with another device where one is named; "" for none."""
    _, mark, before = state.view().find.partition(_DEVICE)
    tail = f"{_DEVICE}{named}" if named is not None else mark + before
    state.change(find=question.code + tail)


def key(study: Study, *, longer: bool) -> str:
    """Return the job key of a study's search."""
    return f"{PREFIX}{compute.study_key(study)}.{device(study)}.{'longer' if longer else 'usual'}"


def start(study: Study, *, longer: bool = False) -> jobs.Job:
    """Start the search beside the page, unless it is running or done."""
    found = known(study)

    def work(job: jobs.Job) -> Searched:
        def tell(step: Any) -> None:
            job.partial = step
            job.progress(step.done, step.total, step.doing)

        return search(
            study, seconds=LONGER_S if longer else None, energy=found.energy, energy_unit="Wh", progress=tell, stop=job.stop,
        )  # fmt: skip

    jobs.ALL.trim(PREFIX, KEPT)
    return jobs.ALL.start(key(study, longer=longer), words.TITLE_JOB, work)


def again(study: Study, *, longer: bool) -> None:
    """Search anew: what a button calls."""
    jobs.ALL.drop(key(study, longer=longer))
    start(study, longer=longer)


def best_search(study: Study) -> jobs.Job | None:
    """Return the search to answer from: the longer one where it has ended, else the usual one."""
    longer, usual = (jobs.ALL.get(key(study, longer=each)) for each in (True, False))
    return longer if longer is not None and isinstance(longer.result, Searched) else usual


def answered(job: jobs.Job, question: Question) -> Answer:
    """Return the answer from a search that has ended, worked out once; ProblemError where the question can't be asked here."""
    found: Searched = job.result
    return compute.kept(f"{job.key}.{job.started}.{question.code}", lambda: answer(found, question))


def the_lever(job: jobs.Job) -> Lever:
    """Return the lever of a search that has ended."""
    return compute.kept(f"{job.key}.{job.started}.lever", lambda: lever_of(job.result)[0])


def outline_of(job: jobs.Job) -> Outline:
    """Return the single models, blind mixing and oracle over the very queries that answers are shown on."""
    found: Searched = job.result
    return compute.kept(f"{job.key}.{job.started}.outline", lambda: outline(replace(found.study, rows=found.roles.test.rows), {}))


def usual(study: Study, mode: str) -> Question:
    """Return the question of a mode with numbers that suit the data."""
    fit = study.parts[0].fit
    quality, cost = fit.mean("quality")[study.best], fit.mean("cost_usd")[study.best]
    if mode == "keep":
        return Question(aim="cost", limits=(Limit("keep", compute.KEEP),))
    if mode == "budget":
        limits = [Limit("cost", _round(cost / 2))] if cost > 0 else []
        if study.table.has("latency_s"):
            limits.append(Limit("p95", _round(1.25 * float(np.nanquantile(fit.latency_s(study.best), 0.95)))))
        return Question(aim="quality", limits=tuple(limits))
    if mode == "lever":
        return Question(aim="worth", value=_round(10 * cost) if cost > 0 else 1.0)
    floor = 0.8 if quality > 0.82 else max(math.floor(20 * 0.97 * quality) / 20, 0.05)
    return Question(aim="energy" if known(study).energy is not None else "latency", limits=(Limit("quality", floor),))


def _round(value: float) -> float:
    """Return a number with two significant digits: one that a person might have typed."""
    return float(f"{value:.2g}")


def mode_of(question: Question) -> str:
    """Return which of the ready questions this is."""
    return {"cost": "keep", "quality": "budget", "energy": "energy", "latency": "energy", "worth": "lever"}[question.aim]


def parsed() -> Question | None:
    """Return the question in the address, None where there is none or it can't be read."""
    try:
        return parse(state.view().find.partition(_DEVICE)[0])
    except ProblemError:
        return None


def asked(study: Study) -> Question:
    """Return the question in the address; one that can't be read, or none, is the first ready one."""
    question, found = parsed() or usual(study, "keep"), known(study)
    if question.aim in {"energy", "latency"} and (found.energy is not None or found.seconds):
        return replace(question, aim="latency" if found.energy is None else "energy")
    return question


def slot_of(option: Option) -> Mapping[str, Any] | None:
    """Return an option as what `Slot` is made of, without its letter; None for a single model, which is a dot there anyway."""
    if option.id == _SINGLE:
        return None
    policy, usual_options = option.policy, type(option.policy)().settings()
    knobs = {t.name: setting(policy, t.name) for t in turns(policy)}
    numeric = {t.field for t in turns(policy)}
    options = {name: value for name, value in policy.settings().items() if name not in numeric and value != usual_options[name]}
    return {"strategy": option.id, "knobs": knobs, "options": options}


def placed(option: Option) -> Slot | None:
    """Return the strategy in play that is this option at this setting, or None."""
    made = slot_of(option)
    if made is None:
        return None
    same = (slot for slot in state.view().slots if slot.strategy == made["strategy"] and dict(slot.options) == made["options"])
    return next((slot for slot in same if dict(slot.knobs) == made["knobs"]), None)


def put(option: Option) -> None:
    """Put an option in play at its setting and select it: what a button calls."""
    made = slot_of(option)
    if made is None or placed(option) is not None:
        return
    state.add_slot(made["strategy"])
    state.set_slot(state.view().selected, knobs=made["knobs"], options=made["options"])
