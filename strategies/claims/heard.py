"""One figure of a confidence signal, with the interval that the Signals page draws."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from data.problems import refuse
from strategies.claims.measured import Figure, Resampling, known, once
from strategies.claims.sides import Side
from strategies.claims.values import Signal, Stated
from strategies.metrics.signals import Told
from strategies.uncertainty.resample import RESAMPLES

if TYPE_CHECKING:  # imported where a signal is claimed: pages that offer claims of policies do without
    from strategies.study.signal_shape import Shape
    from strategies.study.signal_worth import Looked


def heard(one: Side, name: str, signal: Signal, *, options: Mapping[str, Any] | None = None, draw: Resampling | None = None) -> Figure:
    """Return a metric of a signal of one model (`one`) over the tested queries that have it.

    The interval is that of `signal_shape`, drawn in one way only; ECE and the area of the risk have none there. Raises ProblemError for
    a metric that is of no signal, a signal that the model lacks, another part or another way to draw, and for a figure that is undefined.
    """
    from strategies.study.signal_shape import shape

    chosen = known(name, options or {})
    if chosen.of != "signal":
        raise refuse(f"{chosen.id} is of no confidence signal.", "Leave the signal out.", column="signal")
    seen = _looked(one, signal)
    value = float(chosen.compute(Told(seen.score, *seen.quality), **chosen.chosen(options or {})))
    if not np.isfinite(value):
        raise refuse(f"{chosen.id} is not known on this data, so there is nothing to claim.", "Choose a figure that is shown.")
    drawn = shape(signal.name, seen, drawable=one.study.drawable)
    return Figure(value=value, interval=_stated(drawn, chosen.id, draw), n=drawn.quality.n, unit=chosen.unit, shown=_hashed(one, seen))


def _looked(one: Side, signal: Signal) -> Looked:
    """Return what the signal shows on the tested queries."""
    from strategies.study.signal_worth import looked

    if not isinstance(one.who, str):
        raise refuse("a signal judges the answers of one model.", "Name the model.", column="policy")
    if one.split != "test":
        raise refuse("a signal is shown on the tested queries.", "Claim it on the test part.", column="split")
    one.study.table.index(signal.asked)  # refuses a name that is none
    looks = looked(one.study, one.who, signal.asked, names=(signal.name,))
    if signal.name not in looks.seen:
        raise refuse(looks.left_out[0][1], "Claim a signal that the page shows.", column="signal")
    return looks.seen[signal.name]


def _stated(drawn: Shape, metric: str, draw: Resampling | None) -> Stated | None:
    """Return the page's own interval; ProblemError where another way to draw it is asked for."""
    from strategies.study.signal_worth import RESAMPLES as FEWER

    own = {"auroc": drawn.auroc, "usefulness": drawn.usefulness, "brier": drawn.brier}.get(metric)
    return None if own is None else once(own, draw, RESAMPLES if metric == "brier" else FEWER)


def _hashed(one: Side, seen: Looked) -> str:
    """Return a hash of the queries, of both models' quality and of who has a score: a predicted one may differ in its last digit."""
    state = hashlib.blake2b(one.table.queries.keys.tobytes(), digest_size=8)
    for column in (*seen.quality, ~np.isnan(seen.score)):
        state.update(np.ascontiguousarray(column, dtype=np.float32).tobytes())
    return state.hexdigest()
