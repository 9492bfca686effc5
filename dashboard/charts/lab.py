"""The Lab's three pictures as Plotly dicts: the plane of a simulated world, the map of who wins, a twin beside its original."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import theme
from dashboard.charts.figures import rounded
from dashboard.charts.outline import blind, clear, cost_axis, dense, frame, names, spots, wide
from dashboard.words import lab as words

if TYPE_CHECKING:
    from strategies.study.outline import Line, Outline
    from strategies.study.phase import Phase
    from strategies.study.twin import Likeness

CASCADE, ROUTER = 0, 1  # places in the palette: a fresh Trade-offs page gives them the same colours
_FREE = 0.15  # a word so far from a mark doesn't touch it
MINUS = "\u2212"


def auroc(value: float) -> str:
    """Return an AUROC as it is read out: .62, 1.00."""
    text = rounded(value, 2)
    return text.removeprefix("0")


def points(value: float, *, sign: bool = True) -> str:
    """Return a difference in percentage points: +4.1, or without its sign."""
    text = rounded(abs(100 * value), 1)
    mark = ("+" if value >= 0 else MINUS) if sign and float(text) else ""
    return f"{mark}{text}"


def plane(outline: Outline, *, mode: str, budget: tuple[float, str] | None = None) -> dict[str, Any]:
    """Return quality against cost: single models, blind mixing, the oracle, cascade and router with their bands.

    budget : a mean cost per query that is marked, and its name.
    """
    scale = 1000.0 if outline.cost_unit == "USD" else 1.0
    log = wide(outline)
    traces: list[dict[str, Any]] = []
    for line, colour, name in zip(outline.lines, (CASCADE, ROUTER), (words.CASCADE, words.ROUTER), strict=True):
        traces += _banded(line, theme.strategy_colour(colour, mode), name, scale, log=log)
    traces += [blind(outline, scale, mode, log=log), *spots(outline, scale, mode)]
    layout = frame(mode) | {"xaxis": cost_axis(outline, scale, log=log)}
    layout |= {
        "yaxis": {"title": {"text": words.QUALITY}, "tickformat": ".0%"},
        "annotations": [_stamp(mode), *names(outline, scale, mode, log=log)],
    }
    if budget is not None:
        mark, said = _budget(budget[0] * scale, budget[1], mode, log=log)
        layout |= {"shapes": [mark], "annotations": [*layout["annotations"], said]}
    return {"data": traces, "layout": layout}


def diagram(
    phase: Phase | None, here: tuple[float, float], *, share: float | None, mode: str, yours: tuple[str, float, float] | None = None
) -> dict[str, Any]:
    """Return the map of who wins; its frame and marks only while nothing is measured.

    here : (ex ante, post hoc) of the world; yours : (name, ex ante, post hoc) of the open set.
    """
    half = 0.05 if phase is None else float(phase.auroc[1] - phase.auroc[0]) / 2
    ticks = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    axis = {"range": [0.5 - half, 1 + half], "tickvals": ticks, "showgrid": False, "zeroline": False, "ticklabeloverflow": "allow"}
    across = [f".5<br>{words.COIN}", *[auroc(t) for t in ticks[1:-1]], f"1<br>{words.PERFECT}"]
    up = [f".5 {words.COIN}", *[auroc(t) for t in ticks[1:-1]], f"1 {words.PERFECT}"]
    layout = frame(mode) | {
        "xaxis": axis | {"title": {"text": words.MAP_X, "standoff": 8}, "ticktext": across},
        "yaxis": axis | {"title": {"text": words.MAP_Y, "standoff": 4}, "ticktext": up},
        "showlegend": False,
        "annotations": [_stamp(mode)],
    }
    marks = [_mark(words.HERE, *here, mode=mode, symbol="circle-open", size=17)]
    if yours is not None:
        marks.append(_mark(words.YOURS.format(name=yours[0]), yours[1], yours[2], mode=mode, symbol="diamond", size=13, below=True))
    if phase is None:
        return {"data": marks, "layout": layout}
    below, above = _measured(phase, share, half, mode)
    taken = [here, *([] if yours is None else [yours[1:]])]
    layout["annotations"] = [*_sides(phase, share, taken, mode), *layout["annotations"]]
    return {"data": [*below, *marks, above], "layout": layout}


def _sides(phase: Phase, share: float | None, taken: list[tuple[float, float]], mode: str) -> list[dict[str, Any]]:
    """Return who wins on each side, where anywhere for sure, and a word in the field where neither does, away from the marks."""
    _, low, high = phase.leads(share)
    sides = []
    if (low > 0).any():
        sides.append(_said(words.CASCADE_WINS, (0.03, 0.97), ("left", "top"), mode))
    if (high < 0).any():
        sides.append(_said(words.ROUTER_WINS, (0.97, 0.03), ("right", "bottom"), mode))
    rows, columns = np.nonzero((low <= 0) & (high >= 0))
    if len(rows):
        cells = np.stack([phase.auroc[columns], phase.auroc[rows]], axis=1)
        # The middle of the field, but not where a mark or a side's name is.
        away = np.array([*taken, (phase.auroc[0], phase.auroc[-1]), (phase.auroc[-1], phase.auroc[0])])
        free = np.linalg.norm(cells[:, None] - away, axis=2).min(axis=1)
        middle = np.linalg.norm(cells - cells.mean(axis=0), axis=1)
        at = cells[int(np.argmin(middle - np.minimum(free, _FREE)))]
        place = {"xref": "x", "yref": "y", "x": float(at[0]), "y": float(at[1])}
        sides.append(_said(words.EVEN_HERE, (0, 0), ("center", "middle"), mode) | place)
    return sides


def _measured(phase: Phase, share: float | None, half: float, mode: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the ground and the lines of a map, and what is pressed, which lies above all."""
    mean, low, high = (100 * each for each in phase.leads(share))
    c = theme.palette(mode)
    most = float(np.abs(mean).max()) or 1.0
    at = phase.auroc.tolist()
    heat = {
        "type": "heatmap", "x": at, "y": at, "z": mean.tolist(), "zmin": -most, "zmax": most, "showscale": False, "hoverinfo": "skip",
        "colorscale": [[0, theme.strategy_colour(ROUTER, mode)], [0.5, c.paper], [1, theme.strategy_colour(CASCADE, mode)]], "opacity": 0.8,
    }  # fmt: skip
    lines = [
        _even(at, low, high, mode),
        *(_contour(at, mean, c.ink, width=0.5, levels=levels, labelled=True) for levels in _levels(most)),
        _contour(at, low, c.ink, width=1, dash="dot"),
        _contour(at, high, c.ink, width=1, dash="dot"),
        _contour(at, mean, c.ink, width=2.5),
    ]
    return [heat, *lines], _cells(at, mean, low, high, half)


def twin(likeness: Likeness, *, mode: str, unit: str) -> dict[str, Any]:
    """Return a recorded curve with its 95 % band, and the twin's curve."""
    scale = 1000.0 if unit == "USD" else 1.0
    c = theme.palette(mode)
    x = (likeness.cost * scale).tolist()
    colour = theme.strategy_colour(CASCADE, mode)
    traces = [
        *_band(x, likeness.low.tolist(), likeness.high.tolist(), c.muted, words.BAND),
        {"type": "scatter", "mode": "lines", "x": x, "y": likeness.recorded.tolist(), "name": words.RECORDED, "line": {"color": c.ink}},
        {
            "type": "scatter", "mode": "lines", "x": x, "y": likeness.twin.tolist(), "name": words.TWIN_LINE,
            "line": {"color": colour, "dash": "dash", "width": 2.5},
        },
    ]  # fmt: skip
    for trace in traces[2:]:
        trace["hovertemplate"] = "%{y:.1%}<extra>%{fullData.name}</extra>"
    title = words.COST if unit == "USD" else words.COST_OTHER[unit]
    layout = frame(mode) | {"xaxis": {"title": {"text": title}, "showgrid": False, "tickprefix": "$" if unit == "USD" else ""}}
    layout |= {"yaxis": {"title": {"text": words.QUALITY}, "tickformat": ".0%"}, "hovermode": "x unified", "height": 340}
    return {"data": traces, "layout": layout}


def _budget(at: float, name: str, mode: str, *, log: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a line at a cost, with its name at its head; annotations sit at the logarithm of a log axis, shapes don't."""
    c = theme.palette(mode)
    line = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": c.accent, "width": 1, "dash": "dot"}}
    place = {"x": np.log10(at) if log else at, "y": 1, "yref": "paper", "xanchor": "right", "yanchor": "top", "showarrow": False}
    return line, place | {"text": name, "font": {"size": 12, "color": c.accent}}


def _stamp(mode: str) -> dict[str, Any]:
    """Return the word on the picture itself, so that a picture of the screen says it too."""
    c = theme.palette(mode)
    place = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom", "showarrow": False}
    return place | {"text": words.SIMULATED, "font": {"size": 11, "color": c.warn}}


def _said(text: str, at: tuple[float, float], anchor: tuple[str, str], mode: str) -> dict[str, Any]:
    c = theme.palette(mode)
    place = {"x": at[0], "y": at[1], "xref": "paper", "yref": "paper", "xanchor": anchor[0], "yanchor": anchor[1], "showarrow": False}
    return place | {"text": f"<b>{text}</b>", "font": {"size": 13, "color": c.ink}, "bgcolor": c.paper, "borderpad": 3}


def _banded(line: Line, colour: str, name: str, scale: float, *, log: bool) -> list[dict[str, Any]]:
    (x, y), (_, low), (_, high) = (dense(line.cost * scale, each, log=log) for each in (line.quality, line.low, line.high))
    drawn = {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "line": {"color": colour, "width": 2.5}}
    hover = "%{y:.1%} · %{x:.3g}<extra>" + name + "</extra>"
    return [*_band(x, low, high, colour), drawn | {"hovertemplate": hover}]


def _band(x: list[float], low: list[float], high: list[float], colour: str, name: str = "") -> list[dict[str, Any]]:
    edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
    top = edge | {"y": high, "fill": "tonexty", "fillcolor": clear(colour, 0.14), "name": name, "showlegend": bool(name)}
    return [edge | {"y": low, "showlegend": False}, top]


def _levels(most: float) -> list[tuple[float, float, float]]:
    """Return the thin lines' (start, end, step) on either side of 0, in points: few enough to be read."""
    step = 5.0 if most > 8 else 2.0
    return [(step, 100.0, step), (-100.0, -step, step)]


def _contour(
    at: list[float],
    z: Any,
    colour: str,
    *,
    width: float,
    dash: str = "solid",
    levels: tuple[float, float, float] = (0, 0, 1),
    labelled: bool = False,
) -> dict[str, Any]:
    start, end, step = levels
    said = {"showlabels": True, "labelfont": {"size": 10, "color": colour}, "labelformat": "+.0f"} if labelled else {}
    return {
        "type": "contour", "x": at, "y": at, "z": np.asarray(z).tolist(), "showscale": False, "hoverinfo": "skip", "autocontour": False,
        "contours": {"coloring": "none", "start": start, "end": end, "size": step, **said},
        "line": {"width": width, "color": colour, "dash": dash, "smoothing": 0.6},
    }  # fmt: skip


def _even(at: list[float], low: Any, high: Any, mode: str) -> dict[str, Any]:
    """Return the field where the interval holds 0, in grey. Plotly shades where a constraint is not met."""
    within, grey = np.minimum(high, -low), clear(theme.palette(mode).muted, 0.45)
    return {
        "type": "contour", "x": at, "y": at, "z": np.asarray(within).tolist(), "showscale": False, "hoverinfo": "skip",
        "autocontour": False, "contours": {"type": "constraint", "operation": "<", "value": 0}, "fillcolor": grey,
        "line": {"width": 0, "smoothing": 0.6}, "showlegend": False, "name": words.EVEN_HERE,
    }  # fmt: skip


def _mark(name: str, x: float, y: float, *, mode: str, symbol: str, size: int, below: bool = False) -> dict[str, Any]:
    c = theme.palette(mode)
    side = "left" if x > 0.9 else "right" if x < 0.6 else "center"
    return {
        "type": "scatter", "mode": "markers+text", "x": [x], "y": [y], "text": [f"<b>{name}</b>"], "hoverinfo": "skip",
        "textposition": f"{'bottom' if below else 'top'} {side}", "textfont": {"color": c.ink, "size": 12},
        "marker": {"symbol": symbol, "size": size, "color": c.ink, "line": {"width": 3, "color": c.ink}},
    }  # fmt: skip


def _cells(at: list[float], mean: Any, low: Any, high: Any, half: float) -> dict[str, Any]:
    """Return what is pressed and hovered: a heat map itself can't be selected."""
    x, y = np.meshgrid(at, at)
    texts = [lead_words(m / 100, a / 100, b / 100) for m, a, b in zip(mean.ravel(), low.ravel(), high.ravel(), strict=True)]
    clear = {"marker": {"opacity": 0}}
    return {
        "type": "scatter", "mode": "markers", "x": x.ravel().tolist(), "y": y.ravel().tolist(), "text": texts,
        "marker": {"size": max(8.0, 640 * half), "opacity": 0, "symbol": "square"}, "selected": clear, "unselected": clear,
        "hovertemplate": words.CELL,
    }  # fmt: skip


def lead_words(mean: float, low: float, high: float) -> str:
    """Return who wins by how much, from the cascade's lead and its interval: the interval is the winner's."""
    winner = winner_of(low, high)
    turn = -1.0 if winner == words.ROUTING else 1.0
    ends = sorted((turn * low, turn * high))
    template = words.LEAD_TEXT if winner else words.TIE_TEXT
    return template.format(
        winner=winner,
        points=points(turn * mean, sign=not winner),
        low=points(ends[0], sign=not winner),
        high=points(ends[1], sign=not winner),
    )


def winner_of(low: float, high: float) -> str:
    """Return who wins in words, or an empty string where the interval has 0 in it."""
    return words.CASCADING if low > 0 else words.ROUTING if high < 0 else ""
