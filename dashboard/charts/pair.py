"""A against B by task as a Plotly dict: queries on which B is better to the left, on which A is better to the right, one row a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard import theme
from dashboard.charts.figures import rounded
from dashboard.words import pair as words

if TYPE_CHECKING:
    from strategies.study.beside import Tally

ROW, FRAME = 30, 64  # pixels of a row, and of what is around them
MOST = 12  # tasks; the smallest of more are one row
_LONGEST = 22
_LEAST = 1.0  # per cent that the axis shows at least to either side
_ROOM = 1.12


def differences(whole: Tally, tasks: Sequence[Tally], *, colours: tuple[str, str], mode: str) -> dict[str, Any]:
    """Return the chart: all queries on top, then up to 12 tasks as they come. colours : of A and of B.

    Bars are shares of the row's queries in per cent, B's to the left of zero; a diamond is the difference of the mean qualities in points.
    """
    c = theme.palette(mode)
    rows = list(reversed([(words.ALL, whole), *_shown(tasks)]))
    at = list(range(len(rows)))
    wins, losses = ([100 * getattr(row, side) / max(row.queries, 1) for _, row in rows] for side in ("wins", "losses"))
    hover = [[told(row)] for _, row in rows]
    far = _ROOM * max(*wins, *losses, *(abs(100 * row.difference) for _, row in rows), _LEAST)
    net = {
        "type": "scatter", "mode": "markers", "x": [100 * row.difference for _, row in rows], "y": at, "customdata": hover,
        "marker": {"symbol": "diamond", "size": 9, "color": c.ink, "line": {"width": 1.5, "color": c.paper}},
        "hovertemplate": "%{customdata[0]}<extra></extra>",
    }  # fmt: skip
    layout = theme.plotly_template(mode)["layout"] | {
        "height": FRAME + ROW * len(rows), "barmode": "overlay", "bargap": 0.35, "showlegend": False, "dragmode": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "hovermode": "closest", "annotations": _alike(rows, c.muted),
    }  # fmt: skip
    layout["xaxis"] = layout["xaxis"] | {
        "title": {"text": words.AXIS, "font": {"size": 13, "color": c.muted}}, "range": [-far, far], "domain": [0, 0.78],
        "zeroline": True, "zerolinecolor": c.ink, "fixedrange": True, "nticks": 7,
    }  # fmt: skip
    names = [_short(name) for name, _ in rows]
    layout["yaxis"] = layout["yaxis"] | {
        "showgrid": False, "zeroline": False, "ticks": "", "showline": False, "fixedrange": True, "tickvals": at, "ticktext": names,
        "range": [-0.6, len(rows) - 0.4],
    }  # fmt: skip
    bars = [_bars(values, at, colour, hover) for values, colour in ((wins, colours[0]), ([-each for each in losses], colours[1]))]
    return {"data": [*bars, net], "layout": layout}


def told(row: Tally) -> str:
    """Return one row's counts in words."""
    return words.HOVER.format(
        wins=f"{row.wins:,}", losses=f"{row.losses:,}", ties=f"{row.ties:,}", queries=f"{row.queries:,}",
        difference=rounded(100 * row.difference).replace("-", "\u2212"),
    )  # fmt: skip


def _shown(tasks: Sequence[Tally]) -> list[tuple[str, Tally]]:
    """Return (name, row) of the tasks; none where there is one only, which is all queries."""
    if len(tasks) < 2:
        return []
    if len(tasks) <= MOST:
        return [(row.task, row) for row in tasks]
    rest = tasks[MOST - 1 :]
    count = sum(row.queries for row in rest)
    wins, ties, losses = (sum(getattr(row, side) for row in rest) for side in ("wins", "ties", "losses"))
    mean = sum(row.difference * row.queries for row in rest) / max(count, 1)
    joined = type(rest[0])(task="", wins=wins, ties=ties, losses=losses, difference=mean)
    return [*((row.task, row) for row in tasks[: MOST - 1]), (words.OTHERS.format(n=len(rest)), joined)]


def _bars(values: list[float], at: list[int], colour: str, hover: list[list[str]]) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "x": values, "y": at, "marker": {"color": colour}, "customdata": hover,
        "hovertemplate": "%{customdata[0]}<extra></extra>",
    }  # fmt: skip


def _alike(rows: Sequence[tuple[str, Tally]], colour: str) -> list[dict[str, Any]]:
    """Return the share of queries that tell nothing, written at the right of each row."""
    return [
        {
            "x": 1, "xref": "paper", "y": at, "xanchor": "right", "showarrow": False, "font": {"size": 12, "color": colour},
            "text": words.ALIKE.format(share=_share(row)),
        }
        for at, (_, row) in enumerate(rows)
    ]  # fmt: skip


def _share(row: Tally) -> str:
    """Return the share of ties in per cent; all of them is never said of nearly all."""
    share = 100 * row.ties / max(row.queries, 1)
    digits = 0 if row.ties == row.queries or round(share) < 100 else 1
    return f"{min(share, 99.9) if digits else share:.{digits}f}\u202f%"


def _short(name: str) -> str:
    text = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
