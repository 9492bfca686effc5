"""The table of a comparison, one row a strategy; those that are not in it, each with why; what is taken away."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import streamlit as st

from dashboard import comparison, pairs, state
from dashboard.charts.figures import plain
from dashboard.charts.table import table as html_table
from dashboard.components.compare import leader, told
from dashboard.components.plane.figures import percent
from dashboard.words import compare as words
from dashboard.words import methods
from strategies.study.compare import Comparison, Row
from strategies.study.prepare import Study

PUT, GONE = "compare.put", "compare.gone"
TABLE, TICKED = "compare.table", "compare.ticked"
NAN = math.nan
_FORMS = {
    "percent": "%.1f\u202f%%", "points": "%.1f", "plain": "%.1f", "seconds": "%.2f s", "micro": "%.2f µs", "mib": "%.0f MiB",
}  # fmt: skip
_WIDE = {"strategy": 210, "saving_gap": 150, "over_best_range": 120}
_ROW, _HEAD, _MOST = 35, 38, 16


def draw(study: Study, now: Comparison, *, live: bool) -> None:
    """Draw the table; live : rows still come, so nothing can be pressed or ticked in it yet."""
    rows = now.compared
    if not rows:
        return
    full = len(state.view().slots) >= state.MOST_SLOTS
    data = frame(now)
    if not live:
        data.insert(1, "put", [_label(row, full=full) for row in rows])
    ticks: dict[str, Any] = {} if live else {"on_select": partial(_ticked, now, study), "selection_mode": "multi-row"}
    st.dataframe(
        data, key=TABLE if not live else None, hide_index=True, column_config=config(now, live=live), width="stretch",
        height=_HEAD + _ROW * min(len(rows), _MOST), placeholder="", alt=words.TABLE_ALT.format(said=told.reference(now)), **ticks,
    )  # fmt: skip
    if full and not live:
        st.caption(words.FULL.format(n=state.MOST_SLOTS))


def _ticked(now: Comparison, study: Study) -> None:
    """Let the rows that were ticked last stand against each other."""
    rows = list(state.get(TABLE)["selection"]["rows"])
    pair = pairs.chosen(now, study, state.view())
    before, pair = pairs.ticked(state.get(TICKED, ()), rows, [row.id for row in now.compared], pair)
    state.put(TICKED, before)
    state.change(pair=pair)


def _label(row: Row, *, full: bool) -> str | None:
    if any(slot.strategy == row.id for slot in state.view().slots):
        return f":material/show_chart: {words.IN_PLAY}"
    return None if full else f":material/add: {words.PUT}"


def pressed(ids: list[str]) -> None:
    """Put the strategy of the pressed row in play, or go to where it is; ids : of the rows, in the table's own order."""
    click = state.get(PUT)
    if click is None or not 0 <= int(click["row"]) < len(ids):
        return
    name = ids[int(click["row"])]
    slot = next((slot for slot in state.view().slots if slot.strategy == name), None)
    if slot is None:
        state.add_slot(name)
        return
    state.change(selected=slot.letter, knob="")
    state.put(GONE, value=True)


def frame(now: Comparison) -> Any:
    """Return the rows with figures as a pandas frame, highest AIQ first; shares in per cent, money per 1,000 queries."""
    import pandas as pd

    return pd.DataFrame([_cells(now, row) for row in now.compared])


def _cells(now: Comparison, row: Row) -> dict[str, Any]:
    scale = {"USD": 1000.0, "share": 100.0}.get(now.about.cost_unit, 1.0)
    at, level, budget = row.at, row.equal_quality, row.equal_cost
    cells: dict[str, Any] = {"strategy": row.title}
    if not math.isnan(now.reference.zero_aiq) and any(not math.isnan(each.aiq) for each in now.compared):
        cells |= {"aiq": 100 * row.aiq, "lead": _whole(100 * row.lead), "bound": _whole(100 * now.bounds[row.id])}
    if now.best is not None:
        cells["best"] = leader.mark(now, row)
    cells |= {"quality": NAN, "half": NAN, "cost": NAN} | (
        {} if at is None else {"quality": 100 * at.quality, "half": 50 * (at.quality_high - at.quality_low), "cost": scale * at.cost}
    )
    met = level is not None and level.met
    cells |= {"saving": _whole(100 * row.saving), "saving_gap": _range(level.gap, level.gap_low, level.gap_high) if level and met else None}
    empty = {"equal_cost": NAN, "over_best": NAN, "over_best_range": None, "random": NAN, "over_random": NAN}
    cells |= empty if budget is None or not budget.met else {
        "equal_cost": 100 * budget.quality, "over_best": _whole(100 * budget.gap),
        "over_best_range": words.INTERVAL.format(low=_points(budget.gap_low), high=_points(budget.gap_high)),
        "random": 100 * budget.random, "over_random": _whole(100 * budget.over_random),
    }  # fmt: skip
    times = {"fit_s": row.fit_s, "decide_us": row.decide_us, "peak_mib": row.peak_mib}
    return cells | times | {"family": methods.FAMILIES[row.family][0]}


def _range(mean: float, low: float, high: float) -> str:
    return words.RANGE.format(mean=_points(mean), low=_points(low), high=_points(high))


def _points(value: float) -> str:
    return told.points(value, sign=True)


def _whole(value: float) -> float:
    """Return a difference that is not written as minus nothing."""
    return 0.0 if abs(value) < 0.05 else value


def config(now: Comparison, *, live: bool) -> dict[str, Any]:
    """Return the columns' titles, help and formats."""
    c, unit = st.column_config, now.about.cost_unit
    forms = {**_FORMS, "money": {"USD": "$%.3g", "share": "%.1f\u202f%%"}.get(unit, "%.3g")}
    found: dict[str, Any] = {}
    for name, (title, about, form) in words.COLUMNS.items():
        said = about.format(keep=percent(now.about.keep, 0), unit=words.UNITS[unit])
        if name == "put":
            if not live:
                ids = [row.id for row in now.compared]
                found[name] = c.ButtonColumn(title, help=said, type="tertiary", key=PUT, on_click=pressed, args=(ids,), alignment="left")
        elif form is None:
            found[name] = c.TextColumn(title, help=said, pinned=name == "strategy", width=_WIDE.get(name))
        else:
            found[name] = c.NumberColumn(title, help=said, format=forms[form])
    return found


def absent(now: Comparison) -> None:
    """Draw what is not in the table: what this data lacks for it, or how it broke."""
    if not now.absent:
        return
    st.subheader(words.ABSENT.format(n=len(now.absent)), anchor=False)
    rows = [[row.title, (words.CANNOT if row.status == "missing" else words.BROKE).format(why=row.said)] for row in now.absent]
    st.html(html_table(words.ABSENT_HEAD, rows, label=words.ABSENT.format(n=len(rows))))


def downloads(now: Comparison) -> None:
    """Draw the ways to take the figures away; both say what they rest on."""
    name = f"comparison-{now.about.fingerprint[:8]}"
    st.download_button(
        words.CSV, comparison.take_away(now).to_csv(index=False), f"{name}.csv", "text/csv", icon=":material/download:", on_click="ignore",
        key="compare.csv",
    )  # fmt: skip
    st.download_button(
        words.JSON, comparison.as_json(now), f"{name}.json", "application/json", icon=":material/download:", on_click="ignore",
        key="compare.json",
    )  # fmt: skip


def notes(now: Comparison) -> None:
    """Draw what a reader of the table has to know."""
    crossed = f" {words.CROSSED}" if "cross" in now.about.split else ""
    st.caption(plain(f"{words.PUT_HINT} {words.CAUTION}{crossed}"))
