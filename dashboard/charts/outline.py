"""What every plane drawn with Plotly shares: its frame and axis, single models, blind mixing, the oracle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import theme
from dashboard.words import lab as words

if TYPE_CHECKING:
    from strategies.study.outline import Outline

HEIGHT = 440
_WIDE = 20  # a wider range of costs has a log axis, as on Trade-offs
_DENSE = 240
_LABELS = 7
_TICKS = 6
_RIGHT = 0.6  # of the width: names beyond it are written to the left


def wide(outline: Outline) -> bool:
    """Whether the models' costs differ so much that the axis is logarithmic."""
    costs = [spot.cost for spot in outline.models]
    return min(costs) > 0 and max(costs) > _WIDE * min(costs)


def cost_axis(outline: Outline, scale: float, *, log: bool, also: Iterable[float] = ()) -> dict[str, Any]:
    """Return the horizontal axis: every model and the oracle fit. scale : from the outline's unit to the drawn one; also : more costs."""
    costs = [cost * scale for cost in (*(spot.cost for spot in outline.models), *also)]
    title = words.COST if outline.cost_unit == "USD" else words.COST_OTHER[outline.cost_unit]
    money = "$" if outline.cost_unit == "USD" else ""
    low, high = min(*costs, outline.oracle.cost * scale), max(costs)
    ends = (np.log10(low) - 0.08, np.log10(high) + 0.16) if log else (low - 0.04 * (high - low), high + 0.08 * (high - low))
    axis = {"title": {"text": title}, "type": "log" if log else "linear", "tickprefix": money, "range": list(ends), "showgrid": False}
    return axis | (_log_ticks(low, high, money) if log else {})


def blind(outline: Outline, scale: float, mode: str, *, log: bool) -> dict[str, Any]:
    """Return the dashed line of what mixing single models blindly buys."""
    x, y = dense(outline.zero[0] * scale, outline.zero[1], log=log)
    mix = {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": words.MIX, "hoverinfo": "skip"}
    return {**mix, "line": {"color": theme.palette(mode).muted, "width": 1.5, "dash": "dash"}}


def spots(outline: Outline, scale: float, mode: str) -> list[dict[str, Any]]:
    """Return the single models with their intervals, and the oracle's star."""
    return [_models(outline, scale, mode), _oracle(outline, scale, theme.palette(mode).oracle)]


def frame(mode: str) -> dict[str, Any]:
    """Return the layout that every picture begins with."""
    return {
        "template": theme.plotly_template(mode), "height": HEIGHT, "margin": {"l": 8, "r": 8, "t": 34, "b": 8}, "dragmode": False,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
    }  # fmt: skip


def _log_ticks(low: float, high: float, sign: str) -> dict[str, Any]:
    """Return ticks at 1, 2 and 5 of each power of ten, at the powers only where those are many."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for steps in ((1, 2, 5), (1,)):
        at = [step * 10.0**power for power in powers for step in steps if low * 0.8 <= step * 10.0**power <= high * 1.4]
        if len(at) <= _TICKS:
            break
    return {"tickvals": at, "ticktext": [f"{sign}{value:g}" for value in at], "tickprefix": ""}


def dense(x: Any, y: Any, *, log: bool) -> tuple[list[float], list[float]]:
    """Return a line with points between, so that a mixture is a straight line in money on a log axis too."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not log or len(x) < 2:
        return x.tolist(), y.tolist()
    at = np.union1d(np.geomspace(x[0], x[-1], _DENSE), x)
    return at.tolist(), np.interp(at, x, y).tolist()


def _models(outline: Outline, scale: float, mode: str) -> dict[str, Any]:
    spots, count = outline.models, max(len(outline.models) - 1, 1)
    return {
        "type": "scatter", "mode": "markers", "name": words.MODELS_LEGEND, "x": [s.cost * scale for s in spots],
        "y": [s.quality for s in spots],
        "error_y": {
            "type": "data", "symmetric": False, "array": [s.high - s.quality for s in spots],
            "arrayminus": [s.quality - s.low for s in spots], "thickness": 1, "width": 0, "color": theme.palette(mode).muted,
        },
        "marker": {"size": 10, "color": [theme.model_colour(i / count, mode) for i in range(len(spots))],
                   "line": {"width": 1, "color": theme.palette(mode).ink}},
        "customdata": [[s.name, 100 * s.low, 100 * s.high] for s in spots],
        "hovertemplate": "%{customdata[0]}: %{y:.1%} (%{customdata[1]:.1f} to %{customdata[2]:.1f}) · %{x:.3g}<extra></extra>",
    }  # fmt: skip


def names(outline: Outline, scale: float, mode: str, *, log: bool) -> list[dict[str, Any]]:
    """Return the models' names on a little ground of their own, so that lines under them don't cross them out; of many the best value."""
    spots, on_line = outline.models, set(outline.zero[0].tolist())
    found = []
    ends = sorted(spot.cost * scale for spot in spots)
    for spot in spots:
        if len(spots) > _LABELS and spot.cost not in on_line and spot.id != outline.best:
            continue
        x = spot.cost * scale
        low, high, at = np.log10([ends[0], ends[-1], x]) if log else (ends[0], ends[-1], x)
        side = "right" if at - low > _RIGHT * (high - low) else "left"
        place = {"x": float(np.log10(x)) if log else x, "y": spot.quality, "xanchor": side, "yanchor": "top", "showarrow": False}
        shift = {"xshift": -5 if side == "right" else 5, "yshift": -5, "borderpad": 1}
        found.append(place | shift | {"text": spot.name, "font": {"size": 12}, "bgcolor": clear(theme.palette(mode).paper, 0.75)})
    return found


def clear(colour: str, share: float) -> str:
    """Return a #RRGGBB colour that lets what is under it shine through."""
    return "rgba({},{},{},{})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)), share)


def _oracle(outline: Outline, scale: float, colour: str) -> dict[str, Any]:
    spot = outline.oracle
    return {
        "type": "scatter", "mode": "markers", "name": words.ORACLE, "x": [spot.cost * scale], "y": [spot.quality],
        "marker": {"symbol": "star", "size": 13, "color": colour},
        "hovertemplate": "%{y:.1%} · %{x:.3g}<extra>" + words.ORACLE + "</extra>",
    }  # fmt: skip
