"""A figure as a claim: the file to save, and the command that recomputes it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard import compute, play, state
from dashboard.state import Slot
from dashboard.words import published as words
from strategies.blend import Blend
from strategies.claims import Claim, Signal, claim
from strategies.claims.measured import Resampling
from strategies.metrics.declared import METRICS
from strategies.study.compare import Comparison, Row
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.resample import RESAMPLES

if TYPE_CHECKING:
    from strategies.solver.answer import Answer, Option
    from strategies.study.signal_shape import PairSignals, Shape
    from strategies.whatif.measure import Effect, Measure, Outcome
    from strategies.whatif.scenario import Scenario

# figure -> metric, how it is compared with the best single model, the curve that it is of
FIGURES: Mapping[str, tuple[str, str, str]] = {
    "quality": ("quality", "", ""),
    "gap": ("quality", "difference", ""),
    "cost": ("cost_per_1k", "", ""),
    "saving": ("cost_per_1k", "saving", ""),
    "latency_p95": ("latency_p95", "", ""),
    "latency": ("latency", "", ""),
    "aiq": ("aiq", "", "envelope"),
}
SHARES: Mapping[str, tuple[str, str, str]] = {"kept": ("quality", "share", ""), "cost_share": ("cost_per_1k", "share", "")}  # of Find
ASSUMED: tuple[Measure, ...] = ("quality", "cost", "saving", "latency")  # of What if
SIGNAL = ("auroc", "usefulness", "ece", "brier", "risk_coverage")
_ROW = {"aiq": "at", "quality": "at", "cost": "at", "saving": "equal_quality", "gap": "equal_cost"}  # of Compare: the goal it stands at


def made(study: Study, fit: Fitted, figure: str, *, data: str, draw: Resampling | None = None) -> Claim:
    """Return one figure of a fitted strategy as a claim. figure : of FIGURES or SHARES; data : the set's key; draw : else as cards do."""
    metric, compared, curve = {**FIGURES, **SHARES}[figure]
    against = {"against": study.best, "compared": compared} if compared else {}
    draw = draw or Resampling(strata="" if study.strata is None else "task")
    return _claimed(study, fit, metric, data=data, curve=curve, draw=draw, **against)


def assumed_made(study: Study, fit: Fitted, figure: str, scenario: str, *, best: str, data: str) -> Claim:
    """Return one figure of What if as a claim, with the interval drawn there.

    figure : of ASSUMED; scenario : as a link says it, "" = as it is; best : the single model that savings are against there.
    """
    metric, compared, _ = FIGURES[figure]
    against = {"against": best, "compared": compared} if compared else {}
    return _claimed(study, fit, metric, data=data, scenario=scenario, draw=Resampling(resamples=RESAMPLES), **against)


def answer_made(study: Study, option: Option, figure: str, *, data: str) -> Claim:
    """Return one figure of an option of Find as a claim, with the interval drawn there. Only of a study that is not cross-fitted."""
    return made(study, Fitted(study=study, policies=(option.policy,)), figure, data=data, draw=Resampling(resamples=RESAMPLES))


def signal_made(study: Study, found: PairSignals, signal: str, metric: str, *, data: str) -> Claim:
    """Return one figure of a confidence signal as a claim. metric : of SIGNAL."""
    return _claimed(study, found.cheap, metric, data=data, signal=Signal(name=signal, asked=found.strong))


def any_made(study: Study, fit: Fitted, metric: str, options: Mapping[str, Any], curve: str, *, data: str) -> Claim:
    """Return any declared metric of a fitted strategy as a claim. curve : the knob that is swept, "" for a metric of one setting."""
    draw = Resampling(strata="" if study.strata is None else "task")
    return _claimed(study, fit, metric, data=data, curve=curve, options=options, draw=draw)


def _claimed(study: Study, who: Fitted | str, metric: str, *, data: str, **more: Any) -> Claim:
    files = [(each.name, each.sha256) for each in compute.files_of(data)]
    computed = "embedding" in study.whole.features and "embedding" not in compute.table(data).features
    return claim(study, who, metric, files=files, embedded=computed, **more)


def offer(study: Study, fit: Fitted) -> None:
    """Draw, for the strategy that is shown at its setting, the choice of a figure and its file."""
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if _preview(study):
            return
        names = known(study, fit)
        figure = st.selectbox(words.CLAIM_FIGURE, names, format_func=words.CLAIM_FIGURES.__getitem__, key="claim.figure")
        data = state.view().data  # now: the file is made in another thread
        _file(lambda: made(study, fit, figure, data=data).to_json(), f"claim-{fit.policy.card.id}-{figure}", key="claim.file")


def offer_assumed(study: Study, fit: Fitted, found: Effect, scenario: Scenario) -> None:
    """Draw, for the strategy of What if, as it is or under the assumptions, the choice of a figure and its file, or why there is none."""
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if _preview(study):
            return
        lists = any(getattr(change, "book", "") for change in scenario.active)
        under = bool(scenario.code) and not lists and st.toggle(words.CLAIM_ASSUMED, value=True, key="claim.assumed")
        if lists:
            st.caption(words.CLAIM_LIST)
        told = found.after if under else found.before
        names = of_outcome(told, study)
        figure = st.selectbox(words.CLAIM_FIGURE, names, format_func=words.CLAIM_FIGURES.__getitem__, key="claim.figure")
        st.caption(words.CLAIM_OTHERS)
        data, code = state.view().data, scenario.code if under else ""
        _file(
            lambda: assumed_made(study, fit, figure, code, best=told.reference, data=data).to_json(),
            f"claim-{fit.policy.card.id}-{figure}", key="claim.file",
        )  # fmt: skip


def of_outcome(told: Outcome, study: Study) -> list[str]:
    """Return the figures of What if that are known; none is claimed against a model that is only assumed."""
    return [name for name in ASSUMED if math.isfinite(told.mean(name)) and (name != "saving" or told.reference in study.pool)]


def offer_answer(study: Study, found: Answer) -> None:
    """Draw, for a policy that Find tells of, the choice of a figure and its file, or why there is none."""
    whose = dict(zip(words.CLAIM_OPTIONS, (found.chosen, found.closest, found.bolder, found.runner_up), strict=True))
    options = {name: option for name, option in whose.items() if option is not None}
    if not options:
        return
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if found.own_split:
            st.caption(words.CLAIM_OWN_SPLIT)
        if found.own_split or _preview(study):
            return
        name = st.selectbox(words.CLAIM_POLICY, list(options), key="claim.option")
        option = options[name]
        figure = st.selectbox(
            words.CLAIM_FIGURE, of_option(option), format_func=words.CLAIM_FIGURES.__getitem__, key="claim.option-figure"
        )  # fmt: skip
        st.caption(" ".join([words.CLAIM_FOUND, words.CLAIM_AIMS.get(found.question.aim, "")]))
        data = state.view().data
        _file(
            lambda: answer_made(study, option, figure, data=data).to_json(), f"claim-{option.id}-{figure}", key="claim.option-file",
        )  # fmt: skip


def of_option(option: Option) -> list[str]:
    """Return the figures of an option of Find that are known."""
    told = option.report
    if told is None:
        return []
    values = {
        "kept": told.kept.mean, "quality": told.quality.mean, "cost": told.cost.mean, "cost_share": told.cost_share.mean,
        "latency_p95": math.nan if option.mixed else told.p95_s, "latency": told.latency.mean,
    }  # fmt: skip
    return [name for name, value in values.items() if math.isfinite(value)]


def offer_signal(study: Study, found: PairSignals, shape: Shape) -> None:
    """Draw, for the signal that is shown, the choice of a figure and its file."""
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if _preview(study):
            return
        metric = st.selectbox(
            words.CLAIM_FIGURE, of_signal(shape), format_func=lambda name: METRICS[name].title, key="claim.signal"
        )  # fmt: skip
        st.caption(words.CLAIM_SIGNAL)
        data = state.view().data
        _file(
            lambda: signal_made(study, found, shape.signal, metric, data=data).to_json(), f"claim-{shape.signal}-{metric}",
            key="claim.signal-file",
        )  # fmt: skip


def of_signal(shape: Shape) -> list[str]:
    """Return the figures of a signal that are known."""
    own = shape.quality
    values = dict(zip(SIGNAL, (own.auroc, own.usefulness, own.ece, own.brier, own.risk_coverage.area), strict=True))
    return [name for name, value in values.items() if math.isfinite(value)]


def offer_any(study: Study, fit: Fitted, titles: Mapping[str, str], said: Mapping[str, tuple[Mapping[str, Any], str]]) -> None:
    """Draw the choice of any declared figure and its file. titles : metric id -> name; said : its options, and the knob swept for it."""
    if _preview(study) or not titles:
        return
    metric = st.selectbox(words.CLAIM_FIGURE, list(titles), format_func=titles.__getitem__, key="claim.any")
    data, (options, curve) = state.view().data, said[metric]
    _file(
        lambda: any_made(study, fit, metric, options, curve, data=data).to_json(), f"claim-{fit.policy.card.id}-{metric}",
        key="claim.any-file",
    )  # fmt: skip


def known(study: Study, fit: Fitted) -> list[str]:
    """Return the figures of a point that are known on this data: a random mixture has no tail, data without times no latency."""
    values = play.per_query(fit)
    timed = not bool(np.isnan(values["latency"]).any())
    costly = float(study.tested.mean("cost_usd")[study.best]) > 0
    there = {"quality": True, "gap": True, "cost": True, "saving": costly, "latency_p95": timed and not isinstance(fit.policy, Blend)}
    return [name for name, known in (there | {"latency": timed}).items() if known]


def offer_rows(study: Study, now: Comparison) -> None:
    """Draw, for the rows of Compare, the choice of a strategy and a figure, and its file: the strategy is fitted again for it."""
    rows = {row.id: row for row in now.compared}
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if _preview(study):
            return
        name = st.selectbox(words.CLAIM_STRATEGY, list(rows), format_func=lambda each: rows[each].title, key="claim.row")
        figure = st.selectbox(
            words.CLAIM_FIGURE, of_row(rows[name]), format_func=words.CLAIM_FIGURES.__getitem__, key="claim.row-figure"
        )  # fmt: skip
        goal = words.GOALS[_ROW[figure]].format(keep=f"{now.about.keep:.0%}")
        if figure != "aiq":
            st.caption(words.CLAIM_GOAL.format(goal=goal))
        data, row = state.view().data, rows[name]
        _file(lambda: made(study, at_goal(study, row, figure), figure, data=data).to_json(), f"claim-{name}-{figure}", key="claim.row-file")


def of_row(row: Row) -> list[str]:
    """Return the figures of a row of Compare that are known."""
    met = {"saving": not math.isnan(row.saving), "gap": row.equal_cost is not None and row.equal_cost.met, "aiq": not math.isnan(row.aiq)}
    return [name for name in _ROW if met.get(name, row.at is not None)]


def at_goal(study: Study, row: Row, figure: str) -> Fitted:
    """Return a row's strategy, fitted as it was compared, at the settings of the goal that a figure stands at."""
    fit = compute.first(study, Slot(letter=state.LETTERS[0], strategy=row.id))
    point = getattr(row, _ROW[figure])
    return fit if point is None else fit.set(dict(point.settings))


def command(data: str, name: str) -> str:
    """Return the command line that recomputes a claim: the set by its name, or the files that it came from."""
    files = [each.name for each in compute.files_of(data)] or [data]
    return shlex.join(["python", "-m", "strategies", "verify", name, *files])


def _preview(study: Study) -> bool:
    """Say that a part of a set cannot be claimed, where the study is one."""
    part = len(study.whole) < len(compute.table(state.view().data))
    if part:
        st.caption(words.CLAIM_PREVIEW)
    return part


def _file(make: Callable[[], str], name: str, *, key: str) -> None:
    """Draw the button, which measures when it is pressed, and the command."""
    file = f"{name}.json"
    st.download_button(
        words.CLAIM_DOWNLOAD, make, file, "application/json", icon=":material/download:", on_click="ignore", type="primary", key=key,
    )  # fmt: skip
    st.caption(words.CLAIM_COMMAND)
    st.code(command(state.view().data, file), language="bash", wrap_lines=True)
