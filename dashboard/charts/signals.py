"""The pictures of the Signals page as Plotly dicts: what asking on buys, risk, reliability, who covers whom, how a pair splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import theme
from dashboard.charts.figures import percent
from dashboard.charts.outline import clear, frame
from dashboard.words import signals as words

if TYPE_CHECKING:
    from strategies.study.cover import Cover, Kind, Split
    from strategies.study.signal_shape import Deferral, Shape, Trail

HEIGHT = 300
BAR = 64  # pixels of the split
_COUNTS = 0.2  # of the height: the tallest grey bar of a reliability diagram
_NAME, _TAIL = 18, 7  # letters of a model's name in the heat map, of them from its end: families differ there
_LEVEL = 4  # more columns have their names slanted
_ROW, _ROUND = 40, 110
_COSTS = {"USD": "$%{x:.3g}", "share": "%{x:.0%}", "relative": "%{x:.3g}"}
_FITS = 0.07  # of the bar: a narrower part has no number in it


def deferral(drawn: Deferral, *, unit: str, strong: str, mode: str) -> dict[str, Any]:
    """Return quality against mean cost (per 1,000 queries in USD) from the cheap model to the strong one, the least sure first."""
    scale = 1000.0 if unit == "USD" else 1.0
    c = theme.palette(mode)
    ends = np.array([drawn.cheap, drawn.strong])
    colours = [theme.model_colour(0, mode), theme.model_colour(1, mode)]
    spots = {
        "type": "scatter", "mode": "markers", "x": (scale * ends[:, 0]).tolist(), "y": ends[:, 1].tolist(),
        "marker": {"size": 9, "color": colours, "line": {"width": 1, "color": c.ink}},
        "hovertemplate": f"%{{y:.1%}} · {_COSTS[unit]}<extra></extra>",
    }  # fmt: skip
    bound = _line(scale * drawn.perfect[0], drawn.perfect[1], c.oracle, dash="dot", width=1.5)
    mix = _line(scale * ends[:, 0], ends[:, 1], c.muted, dash="dash", width=1.5)
    traces = [*_band(drawn.curve, scale, mode), bound, mix, _curve(drawn.curve, scale, mode, x=_COSTS[unit]), spots]
    axis = {"title": {"text": words.DEFERRAL_X[unit].format(strong=_escaped(strong))}, "showgrid": False, "nticks": 5}
    axis |= {"tickprefix": "$"} if unit == "USD" else {"tickformat": ".0%"} if unit == "share" else {}
    return {"data": traces, "layout": _layout(mode) | {"xaxis": axis, "yaxis": _shares(words.QUALITY)}}


def key(mode: str) -> list[tuple[str, str, str]]:
    """Return (CSS line style, colour, words) of the three lines that the pictures share."""
    c = theme.palette(mode)
    styles = (("solid", theme.strategy_colour(0, mode)), ("dashed", c.muted), ("dotted", c.oracle))
    return [(style, colour, said) for (style, colour), said in zip(styles, words.KEY, strict=True)]


def risk(drawn: Trail, *, mode: str) -> dict[str, Any]:
    """Return the share wrong among the surest answers against how many are kept."""
    c = theme.palette(mode)
    wrong = float(drawn.y[-1])
    at = np.linspace(float(drawn.x[0]), 1.0, 80)
    best = np.maximum(0.0, (at - (1.0 - wrong)) / at)  # all right answers first
    traces = [
        *_band(drawn, 1.0, mode),
        _line(at, best, c.oracle, dash="dot", width=1.5),
        _line(np.array([at[0], 1.0]), np.array([wrong, wrong]), c.muted, dash="dash", width=1.5),
        _curve(drawn, 1.0, mode),
    ]
    axis = _shares(words.RISK_X) | {"range": [0, 1.02], "showgrid": False}
    return {"data": traces, "layout": _layout(mode) | {"xaxis": axis, "yaxis": _shares(words.RISK_Y) | {"rangemode": "tozero"}}}


def reliability(shape: Shape, *, mode: str) -> dict[str, Any]:
    """Return share right against what the signal says, a mark a filled bin with its interval, the bins' counts in grey below."""
    c, bins = theme.palette(mode), shape.quality.reliability
    filled = np.flatnonzero(bins.count)
    y, count = bins.quality[filled], bins.count[filled]
    low, high = shape.low[filled], shape.high[filled]
    colour = theme.strategy_colour(0, mode)
    middle, width = (bins.low + bins.high) / 2, float(bins.high[0] - bins.low[0])
    said = [
        [percent(s), f"{percent(a)} – {percent(b)}", _count(n)]
        for s, a, b, n in zip(bins.confidence[filled], low, high, count, strict=True)
    ]
    counts = {
        "type": "bar", "x": middle[filled].tolist(), "y": (_COUNTS * count / count.max()).tolist() if len(count) else [],
        "width": 0.9 * width, "marker": {"color": clear(c.muted, 0.3)}, "customdata": [_count(n) for n in count],
        "hovertemplate": words.COUNT_HOVER
    }  # fmt: skip
    marks = {
        "type": "scatter", "mode": "markers", "x": bins.confidence[filled].tolist(), "y": y.tolist(), "customdata": said,
        "hovertemplate": words.BIN_HOVER, "marker": {"size": 8, "color": colour},
        "error_y": {"type": "data", "symmetric": False, "array": (high - y).tolist(), "arrayminus": (y - low).tolist(),
                    "thickness": 1.5, "width": 0, "color": colour},
    }  # fmt: skip
    ideal = _line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), c.muted, dash="dash", width=1.5)
    axes = {
        "xaxis": _shares(words.RELIABILITY_X) | {"range": [0, 1.02], "showgrid": False},
        "yaxis": _shares(words.RELIABILITY_Y) | {"range": [0, 1.04]},
    }
    return {"data": [counts, ideal, marks], "layout": _layout(mode) | axes}


def cover(found: Cover, names: Sequence[str], *, mode: str) -> dict[str, Any]:
    """Return per cent of the queries on which the row's model is better than the column's, as a heat map with its numbers."""
    c, count = theme.palette(mode), len(names)
    own = np.eye(count, dtype=np.bool_)
    share = np.where(own, np.nan, found.share)
    most = float(np.nanmax(share)) or 1.0
    deep = theme.strategy_colour(0, mode)
    short = [_escaped(_short(name)) for name in names]
    place = list(range(count))
    heat = {
        "type": "heatmap", "x": place, "y": place, "z": [[None if np.isnan(v) else float(v) for v in row] for row in share], "zmin": 0,
        "zmax": most, "colorscale": [[0, c.panel], [1, deep]], "showscale": False, "xgap": 2, "ygap": 2, "hoverongaps": False,
        "customdata": [[_cell(found, names, row, column) for column in place] for row in place], "hovertemplate": words.COVER_HOVER,
    }  # fmt: skip
    numbers = [
        {
            "x": column, "y": row, "text": "–" if own[row, column] else percent(share[row, column]).removesuffix(" %"), "showarrow": False,
            "font": {"size": 13 if count < 9 else 10,
                     "color": c.muted if own[row, column] else theme.ink_on(theme.mix(c.panel, deep, share[row, column] / most))},
        }
        for row in place for column in place
    ]  # fmt: skip
    axis = {"showgrid": False, "zeroline": False, "showline": False, "ticks": "", "tickvals": place, "ticktext": short, "fixedrange": True}
    layout = _layout(mode) | {"height": _ROUND + _ROW * count, "annotations": numbers}
    layout["xaxis"] = axis | {"side": "top", "tickangle": 0 if count <= _LEVEL else -60, "title": {"text": words.COVER_X, "standoff": 6}}
    layout["yaxis"] = axis | {"autorange": "reversed", "title": {"text": words.COVER_Y, "standoff": 6}}
    return {"data": [heat], "layout": layout}


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - _TAIL - 1]}…{name[-_TAIL:]}"


def _cell(found: Cover, names: Sequence[str], row: int, column: int) -> str:
    if row == column:
        return ""
    values = {"share": found.share[row, column], "low": found.low[row, column], "high": found.high[row, column]}
    count = _count(round(values["share"] * found.n))
    said = {name: percent(float(value)) for name, value in values.items()}
    return words.COVER_CELL.format(row=_escaped(names[row]), column=_escaped(names[column]), count=count, n=_count(found.n), **said)


def kind_colours(mode: str) -> dict[Kind, str]:
    """Return the colour of each kind of query: what can be won stands out."""
    c = theme.palette(mode)
    return {"both": c.right, "hurt": c.wrong, "helpable": c.accent, "hopeless": c.faint}


def bar(found: Split, said: Mapping[Kind, str], *, mode: str) -> dict[str, Any]:
    """Return all queries as one bar in four parts with their counts. said : what each part is, in words."""
    colours = kind_colours(mode)
    traces = [
        {
            "type": "bar", "orientation": "h", "x": [part.mean], "y": [""], "marker": {"color": colours[kind]}, "customdata": [said[kind]],
            "hovertemplate": words.SPLIT_HOVER, "text": [_count(found.count(kind)) if part.mean >= _FITS else ""], "textangle": 0,
            "textposition": "inside", "insidetextanchor": "middle", "textfont": {"size": 14, "color": theme.ink_on(colours[kind])},
        }
        for kind, part in found.parts
    ]  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    layout = _layout(mode) | {
        "height": BAR, "barmode": "stack", "bargap": 0.1, "margin": {"l": 0, "r": 0, "t": 4, "b": 4},
        "xaxis": hidden | {"range": [0, 1]}, "yaxis": hidden,
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _layout(mode: str) -> dict[str, Any]:
    return frame(mode) | {"height": HEIGHT, "hovermode": "closest", "showlegend": False, "margin": {"l": 8, "r": 8, "t": 10, "b": 8}}


def _shares(title: str) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 6}, "tickformat": ".0%", "nticks": 6}


def _line(x: Any, y: Any, colour: str, *, dash: str = "solid", width: float = 2.5) -> dict[str, Any]:
    line = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x.tolist(), "y": y.tolist(), "line": line, "hoverinfo": "skip"}


def _curve(drawn: Trail, scale: float, mode: str, *, x: str = "%{x:.0%}") -> dict[str, Any]:
    line = _line(scale * drawn.x, drawn.y, theme.strategy_colour(0, mode))
    del line["hoverinfo"]
    return line | {"hovertemplate": f"%{{y:.1%}} · {x}<extra></extra>"}


def _band(drawn: Trail, scale: float, mode: str) -> list[dict[str, Any]]:
    """Return the 95 % band, nothing where it is not known."""
    if np.isnan(drawn.low).all():
        return []
    edge = {
        "type": "scatter", "mode": "lines", "x": (scale * drawn.at).tolist(), "line": {"width": 0}, "hoverinfo": "skip",
        "showlegend": False,
    }  # fmt: skip
    fill = {"fill": "tonexty", "fillcolor": clear(theme.strategy_colour(0, mode), 0.14)}
    return [edge | {"y": drawn.low.tolist()}, edge | {"y": drawn.high.tolist()} | fill]


def _count(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f")


def _escaped(text: str) -> str:
    """Return a name that may be a person's own, as Plotly shows it: no tags, no templates."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u200b{")
