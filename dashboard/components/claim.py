"""A figure as a claim: the file to save, and the command that recomputes it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard import compute, play, state
from dashboard.state import Slot
from dashboard.words import published as words
from strategies.blend import Blend
from strategies.claims import Claim, claim
from strategies.claims.measured import Resampling
from strategies.study.compare import Comparison, Row
from strategies.study.curves import Fitted
from strategies.study.prepare import Study

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
_ROW = {"aiq": "at", "quality": "at", "cost": "at", "saving": "equal_quality", "gap": "equal_cost"}  # of Compare: the goal it stands at


def made(study: Study, fit: Fitted, figure: str, *, data: str) -> Claim:
    """Return one figure of a fitted strategy as a claim. figure : of FIGURES; data : the set's key."""
    metric, compared, curve = FIGURES[figure]
    against = {"against": study.best, "compared": compared} if compared else {}
    return _claimed(study, fit, metric, data=data, curve=curve, **against)


def any_made(study: Study, fit: Fitted, metric: str, options: Mapping[str, Any], curve: str, *, data: str) -> Claim:
    """Return any declared metric of a fitted strategy as a claim. curve : the knob that is swept, "" for a metric of one setting."""
    return _claimed(study, fit, metric, data=data, curve=curve, options=options)


def _claimed(study: Study, fit: Fitted, metric: str, *, data: str, curve: str, **more: Any) -> Claim:
    files = [(each.name, each.sha256) for each in compute.files_of(data)]
    computed = "embedding" in study.whole.features and "embedding" not in compute.table(data).features
    draw = Resampling(strata="" if study.strata is None else "task")  # as the cards draw it
    return claim(study, fit, metric, curve=curve, draw=draw, files=files, embedded=computed, **more)


def offer(study: Study, fit: Fitted) -> None:
    """Draw, for the point that is shown on Trade-offs, the choice of a figure and its file."""
    with st.popover(words.CLAIM, icon=":material/verified:", help=words.CLAIM_HELP):
        if _preview(study):
            return
        names = known(study, fit)
        figure = st.selectbox(words.CLAIM_FIGURE, names, format_func=words.CLAIM_FIGURES.__getitem__, key="claim.figure")
        data = state.view().data  # now: the file is made in another thread
        _file(lambda: made(study, fit, figure, data=data).to_json(), f"claim-{fit.policy.card.id}-{figure}", key="claim.file")


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
