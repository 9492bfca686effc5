"""The question: four ready ones as sentences, their numbers to change, how sure the proof has to be."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import jobs, solving, state
from dashboard.charts.figures import plain
from dashboard.components.find import told
from dashboard.components.plane.figures import seconds, significant
from dashboard.words import find as words
from data.problems import ProblemError, listed
from strategies.solver.goals import Kind, Limit, Question
from strategies.study.prepare import Study

MODE, SURE, LEVER = "find.mode", "find.sure", "find.lever"
KEEP, BUDGET, SECONDS, QUALITY, DEVICE = "find.keep", "find.budget", "find.seconds", "find.quality", "find.device"
CONFIDENCES = (0.8, 0.9, 0.95, 0.99)
_SCALE = {"USD": 1000.0, "share": 100.0, "relative": 1.0}


def question(study: Study) -> Question:
    """Draw the choice of question with its numbers and return it."""
    now = solving.asked(study)
    known = solving.known(study)
    modes = [mode for mode in solving.MODES if mode != "energy" or known.energy is not None or known.seconds]
    state.put(MODE, solving.mode_of(now))
    st.radio(words.QUESTION, modes, key=MODE, format_func=lambda mode: _sentence(study, mode, now), on_change=_mode, args=(study,))
    with st.container(horizontal=True, vertical_alignment="bottom", key="find-numbers"):
        _numbers(study, now)
        state.put(SURE, min(CONFIDENCES, key=lambda sure: abs(1 - sure - now.delta)))
        st.segmented_control(
            words.CONFIDENCE, CONFIDENCES, key=SURE, format_func=lambda sure: f"{100 * sure:.0f} %", required=True, on_change=_sure,
            args=(study,), help=words.CONFIDENCE_HELP, width="content",
        )  # fmt: skip
    if solving.mode_of(now) == "energy":
        st.caption(plain(_energies(known)))
    return now


def _energies(known: solving.Known) -> str:
    """Return where the energies come from, of which models none is known, and what is asked instead where none is."""
    if known.energy is None:
        return words.NO_ENERGY
    said = [words.TIERS[tier].format(source=source) for tier, source in known.origins]
    return " ".join([*said, *([words.SOME_ENERGY.format(models=listed(list(known.silent)))] if known.silent else [])])


def lever(job: jobs.Job, now: Question, unit: str) -> Question:
    """Draw the one lever, a slider whose stops are the vertices of the hull of everything searched; return the question at its stop."""
    found = solving.the_lever(job)
    stops = [float(f"{found.snapped(float(value) * (1 + 1e-9)):.6g}") for value in found.value]
    at = found.at(now.value or 0.0)
    if len(stops) > 1:
        state.put(LEVER, at)
        st.select_slider(
            words.LEVER, range(len(stops)), key=LEVER, format_func=lambda k: told.per_wrong(stops[k], unit), help=words.LEVER_HELP,
            on_change=_pulled, args=(stops,),
        )  # fmt: skip
    low = told.per_wrong(float(found.value[at]), unit)
    high = told.per_wrong(float(found.value[at + 1]), unit) if at + 1 < len(stops) else ""
    st.caption(plain((words.LEVER_RANGE if high else words.LEVER_FROM).format(low=low, high=high)))
    return replace(now, value=stops[at])


def _sentence(study: Study, mode: str, now: Question) -> str:
    """Return a ready question as a sentence with its numbers: those in hand for the chosen one, usual ones for the others."""
    each = now if solving.mode_of(now) == mode else solving.usual(study, mode)
    if mode == "keep":
        return words.MODES[mode].format(keep=_short(100 * (each.limit("keep") or 1.0)))
    if mode == "budget":
        limit, within = each.limit("cost"), each.limit("p95")
        budget = words.ANY_PRICE if limit is None else plain(told.amount(limit, study.table.cost_unit))
        return words.MODES[mode].format(
            budget=budget,
            seconds="" if within is None else words.AND_SECONDS.format(seconds=seconds(within) if within < 1 else f"{_short(within)} s"),
        )
    if mode == "energy":
        return words.MODES[each.aim].format(quality=_short(100 * (each.limit("quality") or 0.0)))
    return words.MODES[mode]


def _short(value: float) -> str:
    """Return a number as a person would write it: 97, 97.5."""
    return significant(value, 4).rstrip("0").rstrip(".") if value != round(value) else f"{value:.0f}"


def _numbers(study: Study, now: Question) -> None:
    """Draw the numbers of the chosen question."""
    mode, unit = solving.mode_of(now), study.table.cost_unit
    if mode == "keep":
        state.put(KEEP, 100 * (now.limit("keep") or 1.0))
        st.number_input(words.KEEP, 1.0, 100.0, step=1.0, format="%g", key=KEEP, on_change=_typed, args=(study,), width=240)
    elif mode == "budget":
        budget, within = now.limit("cost"), now.limit("p95")
        state.put(BUDGET, None if budget is None else _SCALE[unit] * budget)
        st.number_input(
            words.BUDGET[unit], 0.0, None, key=BUDGET, format="%g", step=_step(budget, unit), placeholder=words.SECONDS_NONE,
            on_change=_typed, args=(study,), width=240,
        )  # fmt: skip
        if study.table.has("latency_s"):
            state.put(SECONDS, within)
            st.number_input(
                words.SECONDS, 0.0, None, key=SECONDS, format="%g", step=0.5, placeholder=words.SECONDS_NONE, on_change=_typed,
                args=(study,), width=200,
            )  # fmt: skip
    elif mode == "energy":
        state.put(QUALITY, 100 * (now.limit("quality") or 0.5))
        st.number_input(words.QUALITY, 1.0, 100.0, step=1.0, format="%g", key=QUALITY, on_change=_typed, args=(study,), width=200)
        if study.table.has("latency_s"):
            state.put(DEVICE, solving.device(study))
            st.selectbox(
                words.DEVICE, ("", *solving.devices()), key=DEVICE, format_func=lambda name: name or words.NO_DEVICE,
                help=words.DEVICE_HELP, on_change=_device, args=(study,), width=220,
            )  # fmt: skip


def _step(budget: float | None, unit: str) -> float:
    """Return a tenth of the budget, as a step that a person would take."""
    return float(f"{_SCALE[unit] * (budget or 1.0) / 10:.1g}")


def _mode(study: Study) -> None:
    chosen = solving.usual(study, state.get(MODE))
    solving.ask(replace(chosen, delta=solving.asked(study).delta))


def _sure(study: Study) -> None:
    solving.ask(replace(solving.asked(study), delta=round(1 - float(state.get(SURE)), 6)))


def _device(study: Study) -> None:
    solving.ask(solving.asked(study), state.get(DEVICE) or "")


def _pulled(stops: list[float]) -> None:
    now = solving.parsed()
    solving.ask(Question(aim="worth", value=stops[int(state.get(LEVER))], delta=0.05 if now is None else now.delta))


def _typed(study: Study) -> None:
    """Take over numbers that were typed; one that can't be asked for leaves the question as it was."""
    now, unit = solving.asked(study), study.table.cost_unit
    given: dict[Kind, tuple[str, float]] = {
        "keep": (KEEP, 100.0), "cost": (BUDGET, _SCALE[unit]), "p95": (SECONDS, 1.0), "quality": (QUALITY, 100.0),
    }  # fmt: skip
    mine: dict[str, tuple[Kind, ...]] = {"keep": ("keep",), "budget": ("cost", "p95"), "energy": ("quality",), "lever": ()}
    limits = []
    for kind in mine[solving.mode_of(now)]:
        name, scale = given[kind]
        typed = state.get(name)
        if typed:
            limits.append((kind, float(f"{typed / scale:.9g}")))
    try:
        solving.ask(replace(now, limits=tuple(Limit(kind, at) for kind, at in limits)))
    except ProblemError:
        return
