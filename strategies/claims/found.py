"""One figure of any kind: of a policy as recorded, of a confidence signal, of a policy under assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.problems import refuse
from strategies.claims.assumed import assumed
from strategies.claims.heard import heard
from strategies.claims.measured import Figure, Resampling, figure
from strategies.claims.sides import Side
from strategies.claims.values import Compared, Signal


def found(
    one: Side,
    name: str,
    *,
    signal: Signal | None = None,
    scenario: str = "",
    options: Mapping[str, Any] | None = None,
    against: Side | None = None,
    compared: Compared = "",
    swept: str = "",
    draw: Resampling | None = None,
) -> Figure:
    """Return a metric as `figure` does, of a signal as `heard` does, or in a scenario as `assumed` does; errors as for each of them."""
    if signal is not None:
        if against is not None or compared or swept or scenario:
            raise refuse("a figure of a signal is as recorded, not compared, and of no curve.", "Name the model and the signal alone.")
        return heard(one, name, signal, options=options, draw=draw)
    if scenario:
        if swept or options:
            raise refuse("a figure under assumptions is of one setting and has no options.", "Leave `curve` and `options` out.")
        return assumed(one, name, scenario, against=against, compared=compared, draw=draw)
    return figure(one, name, options=options, against=against, compared=compared, swept=swept, draw=draw)
