"""A tornado chart as a Plotly dict: each input a bar from the conclusion at its low end to that at its high end, the widest on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import theme

ROW, FRAME = 34, 78  # pixels of a bar, and of what is around them
MOST = 12
_LONGEST = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaft:
    """One bar: its input in words, the conclusion at both ends (NaN = not known), and what these ends are."""

    name: str
    low: float
    high: float
    said: tuple[str, str]


def tornado(bars: Sequence[Shaft], base: float, *, axis: str, mode: str, percent: bool = False) -> dict[str, Any]:
    """Return the chart of up to 12 bars, the first on top. base : the conclusion as it is; percent : values are shares.

    The low end of an input is drawn in one colour, the high end in another; an end that is not known has no bar.
    """
    c = theme.palette(mode)
    shown = list(reversed(bars[:MOST]))
    names = [_short(bar.name) for bar in shown]
    form = ".1%" if percent else ".4~g"
    traces = [
        _side(shown, base, at, colour, form) for at, colour in ((0, theme.strategy_colour(0, mode)), (1, theme.strategy_colour(1, mode)))
    ]
    line = {
        "type": "line", "xref": "x", "yref": "paper", "x0": base, "x1": base, "y0": 0, "y1": 1, "line": {"color": c.ink, "width": 1},
    }  # fmt: skip
    layout = theme.plotly_template(mode)["layout"] | {
        "height": FRAME + ROW * max(len(shown), 1), "barmode": "overlay", "bargap": 0.35, "showlegend": False,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8}, "shapes": [line], "hovermode": "closest", "dragmode": False,
    }  # fmt: skip
    layout["xaxis"] = layout["xaxis"] | {"title": {"text": axis}, "tickformat": ".0%" if percent else "~g", "nticks": 6, "fixedrange": True}
    layout["yaxis"] = layout["yaxis"] | {
        "showgrid": False, "ticks": "", "showline": False, "zeroline": False, "fixedrange": True,
        "tickvals": list(range(len(shown))), "ticktext": names, "range": [-0.6, max(len(shown), 1) - 0.4],
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _side(bars: Sequence[Shaft], base: float, at: int, colour: str, form: str) -> dict[str, Any]:
    """Return one end of all bars: from the conclusion as it is to what it is there."""
    ends = [(bar.low, bar.high)[at] for bar in bars]
    moved = [None if math.isnan(end) else end - base for end in ends]
    return {
        "type": "bar", "orientation": "h", "y": list(range(len(bars))), "x": moved, "base": base, "marker": {"color": colour},
        "customdata": [
            [_escaped(bar.said[at]), None if math.isnan(end) else end, _escaped(bar.name)] for bar, end in zip(bars, ends, strict=True)
        ],
        "hovertemplate": "%{customdata[0]}: %{customdata[1]:" + form + "}<extra>%{customdata[2]}</extra>",
    }  # fmt: skip


def _short(name: str) -> str:
    text = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%\u200b{")
