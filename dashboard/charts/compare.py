"""The plane of a comparison as a Plotly dict: all frontiers grey, a few in colour, with what they have to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashboard import theme
from dashboard.charts.outline import blind, clear, cost_axis, dense, frame, names, spots, wide
from dashboard.words import compare as words
from dashboard.words import lab as shared

if TYPE_CHECKING:
    from strategies.study.compare import Comparison, Row
    from strategies.study.compare_values import Point
    from strategies.study.outline import Outline

HEIGHT = 520
_GREY = 0.45


def plane(outline: Outline, now: Comparison, lit: Mapping[str, int], *, mode: str) -> dict[str, Any]:
    """Return quality against cost on the tested queries. lit : highlighted strategy -> place in the palette, the first on top."""
    scale = 1000.0 if outline.cost_unit == "USD" else 1.0
    c, log = theme.palette(mode), wide(outline)
    shown = [row for row in map(now.row, lit) if row is not None]
    traces = [_line(row, scale, clear(c.faint, _GREY), 1.2, log=log) for row in now.compared if row.id not in lit]
    traces.append(blind(outline, scale, mode, log=log))
    for row in reversed(shown):
        colour = theme.strategy_colour(lit[row.id], mode)
        traces.append(_line(row, scale, colour, 2.5, log=log))
        if row.at is not None:
            traces += [_control(row.at, scale, colour), _ring(row.title, row.at, scale, colour)]
    traces += [*spots(outline, scale, mode), _uniform(now, scale, c.muted)]
    for trace in traces:
        trace["showlegend"] = False  # the key under the picture has room for names
    also = [cost for row in shown for cost in _costs(row)]
    layout = frame(mode) | {
        "height": HEIGHT, "margin": {"l": 8, "r": 8, "t": 12, "b": 8}, "xaxis": cost_axis(outline, scale, log=log, also=also),
        "yaxis": {"title": {"text": shared.QUALITY}, "tickformat": ".0%"}, "annotations": names(outline, scale, mode, log=log),
        "hovermode": "closest",
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _costs(row: Row) -> tuple[float, ...]:
    return row.cost or (() if row.at is None else (row.at.cost,))


def _line(row: Row, scale: float, colour: str, width: float, *, log: bool) -> dict[str, Any]:
    """Return a strategy's frontier; a dot where it has one point, or too few queries for a curve."""
    hover = f"{words.HOVER}<extra>{_escaped(row.title)}</extra>"
    if len(row.cost) > 1:
        x, y = dense([cost * scale for cost in row.cost], row.quality, log=log)
        return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"color": colour, "width": width}, "hovertemplate": hover}
    at = (row.cost[0], row.quality[0]) if row.cost else (float("nan"),) * 2 if row.at is None else (row.at.cost, row.at.quality)
    dot = {"size": 4 + 2 * width, "color": colour}
    return {"type": "scatter", "mode": "markers", "x": [at[0] * scale], "y": [at[1]], "marker": dot, "hovertemplate": hover}


def _ring(title: str, at: Point, scale: float, colour: str) -> dict[str, Any]:
    """Return the setting that was chosen on calibrate, with its interval on test."""
    return {
        "type": "scatter", "mode": "markers", "x": [at.cost * scale], "y": [at.quality],
        "marker": {"symbol": "circle-open", "size": 13, "color": colour, "line": {"width": 2.5}},
        "error_y": {
            "type": "data", "symmetric": False, "array": [at.quality_high - at.quality], "arrayminus": [at.quality - at.quality_low],
            "thickness": 1, "width": 0, "color": colour,
        },
        "customdata": [[100 * at.quality_low, 100 * at.quality_high]],
        "hovertemplate": "%{y:.1%} (%{customdata[0]:.1f} to %{customdata[1]:.1f}) · %{x:.3g}<extra>" + _escaped(title) + "</extra>",
    }  # fmt: skip


def _control(at: Point, scale: float, colour: str) -> dict[str, Any]:
    """Return the cost-matched random control of that setting."""
    marker = {"symbol": "x-thin", "size": 8, "line": {"width": 1.5, "color": colour}}
    hover = f"{words.HOVER}<extra>{words.CROSS}</extra>"
    return {
        "type": "scatter", "mode": "markers", "x": [at.random_cost * scale], "y": [at.random], "marker": marker, "hovertemplate": hover,
    }  # fmt: skip


def _uniform(now: Comparison, scale: float, colour: str) -> dict[str, Any]:
    marker = {"symbol": "diamond-open", "size": 9, "color": colour, "line": {"width": 1.5}}
    hover = f"{words.HOVER}<extra>{words.UNIFORM}</extra>"
    x, y = [now.reference.random_cost * scale], [now.reference.random_quality]
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, "hovertemplate": hover}


def _escaped(text: str) -> str:
    """Return a title that may be a person's own, as Plotly shows it: no tags, no templates."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u200b{")
