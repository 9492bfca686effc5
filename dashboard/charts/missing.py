"""Which cells of a table are known: models down, queries across, in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard import theme
from data.outcomes import OutcomeTable

BLOCKS = 120
_FEW = 12


def known_share(table: OutcomeTable, blocks: int = BLOCKS) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return (models, blocks) the share of known quality in each block of queries, and (blocks,) each block's first row from 1.

    Where nothing is scored it is the share of calls that were made.
    """
    known = ~np.isnan(table.numbers["quality"]) if table.has("quality") else table.ran
    edges = np.unique(np.linspace(0, len(table), min(blocks, len(table)) + 1).astype(np.int64))
    sums = np.add.reduceat(known.astype(np.float64), edges[:-1], axis=0)
    return (sums / np.diff(edges)[:, None]).T, edges[:-1] + 1


def figure(table: OutcomeTable, *, mode: str, across: str, hover: str) -> dict[str, Any]:
    """Return the picture as a Plotly dict. across : title of the axis; hover : template with {share} from Plotly's %{{z}}."""
    share, first = known_share(table)
    colours = theme.palette(mode)
    names = [card.short for card in table.cards]
    trace = {
        "type": "heatmap",
        "z": share.tolist(),
        "x": first.tolist(),
        "y": names,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, colours.paper], [1e-9, colours.line], [1, theme.model_colour(0.6, mode)]],
        "showscale": False,
        "hovertemplate": hover,
        "ygap": 2,
    }
    layout = {
        "template": theme.plotly_template(mode),
        "height": max(120, 70 + 22 * len(names)),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"title": {"text": across}, "showgrid": False, "tickformat": ",d", **({"dtick": 1} if len(table) <= _FEW else {})},
        "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
    }
    return {"data": [trace], "layout": layout}
