"""Every declared figure of the point in hand: grouped as in docs/metrics.md, with interval, formula, source, caution and a claim."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard import compute, jobs, play, state
from dashboard.charts.figurelist import figure_list
from dashboard.components import claim, energy, waiting
from dashboard.components.allfigures.options import heading, options_of
from dashboard.components.allfigures.told import row
from dashboard.components.trace.amounts import grouped
from dashboard.words import figures as words
from dashboard.words import published
from data.problems import ProblemError
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.resample import MANY

if TYPE_CHECKING:
    from strategies.study.figures import Ends, Figure, Options, Point
    from strategies.study.spending import Spending

PATIENCE_S = 1.0
KEPT = 8  # intervals of so many points are remembered
_KEY = "figures"
_COMPOSITE = frozenset({"ies", "ait"})


def section(study: Study, fit: Fitted, knob: str) -> None:
    """Draw the section, closed at first: nothing is measured before it is opened. knob : the one in hand, "" where there is none."""
    box = st.expander(words.TITLE, icon=":material/list_alt:", key=_KEY, on_change="rerun")
    if box.open:
        with box:
            _inside(study, fit, knob)


@st.fragment
def _inside(study: Study, fit: Fitted, knob: str) -> None:
    key = f"{compute.identity(fit)}|{play.settings_of(fit)!r}|{knob}"
    tasks = words.TASKS if study.strata is not None else ""
    st.caption(words.INTRO.format(strategy=fit.policy.card.title, n=grouped(len(study.rows)), tasks=tasks))
    if len(study.rows) > MANY:
        st.caption(words.TOO_MANY)
    found = _found(study, fit, knob, key)
    _actions(study, fit, found, knob=knob, key=key)
    for group in dict.fromkeys(each.metric.group for each in found):
        mine = [each for each in found if each.metric.group == group]
        heading(group, mine)
        rows = [row(study, fit, each, knob) for each in mine]
        st.html(figure_list(words.HEAD, rows, label=words.LABEL.format(group=group)))


def _found(study: Study, fit: Fitted, knob: str, key: str) -> tuple[Figure, ...]:
    """Return every figure with the intervals that are there by now; those still being drawn are said, and come by themselves."""
    from strategies.study.figures import completed

    at, spent = measured_on(fit, knob), energy.spent(fit)
    options = options_of(study, spent)
    found = quick(at, options, spent, key)  # before the resamples, which would take the processor from it
    ends, running = intervals(at, options, key)
    while running is not None and waiting.ended(running, words.WORKING, patience_s=0.0, stop=False):
        ends, running = intervals(at, options, key)  # it ended just now
    found = completed(found, ends)
    if state.get(f"{_KEY}.measured") == key:
        with st.spinner(words.MEASURING):
            found = tuple(again(fit, each, key) if each.why == "later" else each for each in found)
    return found


def measured_on(fit: Fitted, knob: str) -> Point:
    """Return what the figures of a point are measured on; made anew, for it holds arrays of every query."""
    from strategies.study.figures import point

    curve = compute.knob_curves(fit, knob).shown if knob and fit.study.drawable else None
    return point(fit, compute.decided(fit), curve)


def quick(at: Point, options: Options, spent: Spending, key: str) -> tuple[Figure, ...]:
    """Return all figures with the intervals that cost little, kept by group: turning a weight of one measures no other anew."""
    from strategies.metrics.declared import METRICS
    from strategies.study.figures import figures

    found: list[Figure] = []
    for group in dict.fromkeys(metric.group for metric in METRICS.values()):
        mine = {name: each for name, each in options.items() if METRICS[name].group == group}
        energies = repr(spent.kwh) + repr(spent.grid) if group == "Energy" else ""
        name = f"{_KEY}|{group}|{key}|{_written(mine)}|{energies}"
        found += compute.remembered(name, lambda group=group, mine=mine: figures(at, mine, spent, groups={group}))  # type: ignore[misc]
    return tuple(found)


def intervals(at: Point, options: Options, key: str) -> tuple[Ends, jobs.Job | None]:
    """Return the intervals that are drawn by now, and the work that still goes on, None where it has ended.

    Those of the composites are drawn apart: their weights are turned, and the others' intervals don't depend on them.
    """
    from strategies.study.figures import RESAMPLED

    parts = (RESAMPLED - _COMPOSITE, _COMPOSITE)
    started = [_drawn(at, {name: each for name, each in options.items() if name in only}, only, key) for only in parts]
    found: dict[str, tuple[float, float]] = {}
    running = None
    for job in started:
        jobs.wait(job, PATIENCE_S / len(started))
        if job.phase == "running":
            running = job
        else:
            found |= job.result or {}
    jobs.ALL.trim(f"{_KEY}|", 2 * KEPT)
    return found, running


def _drawn(at: Point, options: Options, only: Collection[str], key: str) -> jobs.Job:
    from strategies.study.figures import resampled

    def work(job: jobs.Job) -> Ends:
        return resampled(at, options, only=only, progress=job.progress, stop=job.stop)

    return jobs.ALL.start(f"{_KEY}|{key}|{len(only)}|{_written(options)}", words.WORKING, work)


def _written(options: Options) -> str:
    """Return options as a key: arrays by their values."""
    return repr({k: {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in each.items()} for k, each in sorted(options.items())})


def again(fit: Fitted, figure: Figure, key: str) -> Figure:
    """Return a figure for which the policy is run anew, on the first split's tested queries; kept, so that it stays what was read."""
    from strategies.metrics.declared import measure

    def made() -> Figure:
        try:
            value = measure(figure.metric.id, compute.decided(fit).runs[0], fit.study.parts[0].test)
        except ProblemError as error:
            return replace(figure, why="undefined", lacks=str(error))
        return replace(figure, value=value, why="" if math.isfinite(value) else "undefined")

    return compute.remembered(f"again|{figure.metric.id}|{key}", made)


def _actions(study: Study, fit: Fitted, found: Sequence[Figure], *, knob: str, key: str) -> None:
    claimed = {each.metric.id: each for each in found if claimable(each)}
    with st.container(horizontal=True, gap="small"):
        with st.popover(published.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP, key=f"{_KEY}.claim"):
            titles = {name: f"{each.metric.title} ({each.metric.group})" for name, each in claimed.items()}
            claim.offer_any(study, fit, titles, {name: _said(each, knob) for name, each in claimed.items()})
        if any(each.why == "later" for each in found):
            st.button(
                words.MEASURE, icon=":material/timer:", help=words.MEASURE_HELP, key=f"{_KEY}.measure",
                on_click=state.put, args=(f"{_KEY}.measured", key),
            )  # fmt: skip


def claimable(figure: Figure) -> bool:
    """Whether anybody could recompute a figure from the data: it is known, no time of this machine, and rests on nothing chosen here."""
    metric, arrays = figure.metric, any(isinstance(value, np.ndarray) for value in figure.options.values())
    return (
        math.isfinite(figure.value)
        and metric.repeatable
        and metric.of in {"run", "pool", "curve"}
        and metric.group != "Energy"
        and not arrays
    )


def _said(figure: Figure, knob: str) -> tuple[dict[str, Any], str]:
    """Return a figure's options and the knob that is swept for it."""
    return dict(figure.options), knob if figure.metric.of == "curve" else ""
