"""The plane of an answer as a Plotly dict: the answer, what was put to the proof around it, the lines that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import theme
from dashboard.charts.outline import blind, clear, cost_axis, frame, names, spots, wide
from dashboard.words import find as words
from dashboard.words import lab as shared

if TYPE_CHECKING:
    from strategies.study.outline import Outline

HEIGHT = 460
_POINTS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One policy that was put to the proof: where it stands on test, what it is called, what became of it."""

    cost: float
    quality: float
    said: str
    proved: bool
    kind: str = ""  # "answer", "runner", or "" for the others
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What was asked for, in the outline's unit of cost: a floor of quality, a budget, the value of a right answer."""

    floor: float | None = None
    budget: float | None = None
    value: float | None = None


def plane(outline: Outline, marks: Sequence[Mark], lines: Lines, *, mode: str) -> dict[str, Any]:
    """Return quality against cost on the test queries."""
    scale = 1000.0 if outline.cost_unit == "USD" else 1.0
    log, c = wide(outline), theme.palette(mode)
    drawn = [*(mark.cost for mark in marks), *([] if lines.budget is None else [lines.budget])]
    axis = cost_axis(outline, scale, log=log, also=[cost for cost in drawn if cost > 0 or (not log and cost == 0)])
    traces = [blind(outline, scale, mode, log=log), *spots(outline, scale, mode)]
    traces += _others(marks, scale, c.muted, mode)
    answer = next((mark for mark in marks if mark.kind == "answer"), None)
    traces += [_iso(answer, lines.value, axis, scale, c.accent)] if answer is not None and lines.value is not None else []
    traces += [_ring(mark, scale, c.accent if mark.kind == "answer" else c.muted) for mark in marks if mark.kind]
    for trace in traces:
        trace["showlegend"] = False
    highest = max([spot.high for spot in outline.models] + [outline.oracle.quality] + [mark.quality for mark in marks])
    lowest = min([spot.low for spot in outline.models] + [mark.quality for mark in marks])
    layout = frame(mode) | {
        "height": HEIGHT, "margin": {"l": 8, "r": 8, "t": 12, "b": 8}, "xaxis": axis, "hovermode": "closest",
        "yaxis": {"title": {"text": shared.QUALITY}, "tickformat": ".0%", "range": [lowest - 0.03, highest + 0.04]},
        "annotations": names(outline, scale, mode, log=log), "shapes": _asked(lines, scale, clear(c.accent, 0.8)),
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _others(marks: Sequence[Mark], scale: float, colour: str, mode: str) -> list[dict[str, Any]]:
    """Return the other policies: filled where proved, hollow where not."""
    found = []
    for proved in (False, True):
        some = [mark for mark in marks if not mark.kind and mark.proved == proved]
        marker = {"size": 8, "color": theme.palette(mode).accent if proved else colour, "symbol": "circle" if proved else "circle-open"}
        found.append({
            "type": "scatter", "mode": "markers", "x": [scale * mark.cost for mark in some], "y": [mark.quality for mark in some],
            "marker": marker | {"opacity": 0.65}, "customdata": [[escaped(mark.said)] for mark in some],
            "hovertemplate": "%{customdata[0]}: %{y:.1%} · %{x:.3g}<extra></extra>",
        })  # fmt: skip
    return found


def _ring(mark: Mark, scale: float, colour: str) -> dict[str, Any]:
    """Return the answer or the runner-up with the interval of its quality."""
    answer = mark.kind == "answer"
    marker = {"symbol": "circle" if answer else "diamond", "size": 16 if answer else 11, "color": colour, "line": {"width": 2}}
    return {
        "type": "scatter", "mode": "markers", "x": [scale * mark.cost], "y": [mark.quality], "marker": marker,
        "error_y": {
            "type": "data", "symmetric": False, "array": [mark.high - mark.quality], "arrayminus": [mark.quality - mark.low],
            "thickness": 1.5, "width": 0, "color": colour,
        },
        "customdata": [[escaped(mark.said)]], "hovertemplate": "%{customdata[0]}: %{y:.1%} · %{x:.3g}<extra></extra>",
    }  # fmt: skip


def _iso(answer: Mark, value: float, axis: dict[str, Any], scale: float, colour: str) -> dict[str, Any]:
    """Return the line of policies worth the same as the answer: value * quality - cost stays what it is."""
    low, high = axis["range"]
    x = np.geomspace(10.0**low, 10.0**high, _POINTS) if axis["type"] == "log" else np.linspace(low, high, _POINTS)
    y = answer.quality + (x / scale - answer.cost) / value
    inside = (y >= -0.05) & (y <= 1.05)
    line = {"color": colour, "width": 1.5, "dash": "dot"}
    return {
        "type": "scatter", "mode": "lines", "x": x[inside].tolist(), "y": y[inside].tolist(), "line": line,
        "hovertemplate": f"{words.ISO}<extra></extra>",
    }  # fmt: skip


def _asked(lines: Lines, scale: float, colour: str) -> list[dict[str, Any]]:
    """Return the floor and the budget, each named where it begins."""
    line = {"color": colour, "width": 1.5, "dash": "dash"}
    found: list[dict[str, Any]] = []
    if lines.floor is not None:
        text = {"text": words.FLOOR, "textposition": "start", "font": {"size": 12}}
        found.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": lines.floor, "y1": lines.floor, "line": line, "label": text})
    if lines.budget is not None:
        at = scale * lines.budget
        text = {"text": words.BUDGET_LINE, "textposition": "start", "font": {"size": 12}}
        found.append({"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": at, "x1": at, "line": line, "label": text})
    return found


def escaped(text: str) -> str:
    """Return a text that may hold a person's own names, as Plotly shows it: no tags, no templates, no Markdown."""
    return text.replace("**", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u200b{")
