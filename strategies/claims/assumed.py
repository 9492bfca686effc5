"""One figure of a policy under assumptions, with the interval that the What-if page draws."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from data.problems import listed, refuse
from strategies.claims.measured import Figure, Resampling, known, once, unit_of
from strategies.claims.sides import Side
from strategies.claims.values import Compared
from strategies.study.curves import Fitted
from strategies.uncertainty.interval import Interval

if TYPE_CHECKING:  # imported where assumptions are claimed: other pages do without
    from strategies.whatif.measure import Measure, Outcome

MEASURES: Mapping[tuple[str, Compared], Measure] = {
    ("quality", ""): "quality", ("cost_per_1k", ""): "cost", ("cost_per_1k", "saving"): "saving", ("latency", ""): "latency",
}  # fmt: skip


def assumed(
    one: Side, name: str, code: str, *, against: Side | None = None, compared: Compared = "", draw: Resampling | None = None
) -> Figure:
    """Return quality, cost, saving or mean latency of a fitted strategy on the tested queries in a scenario.

    code : the scenario as a link says it. A saving is against the model that the scenario leaves as the best. Raises ProblemError for
    another figure or part, a scenario that cannot be read or rests on a price list that a claim does not hold, and what is not known.
    """
    from strategies.whatif.replayed import outcome
    from strategies.whatif.scenario import parsed

    chosen = known(name, {})
    if (name, compared) not in MEASURES or not isinstance(one.who, Fitted) or one.split != "test":
        raise refuse(f"{name} is not claimed under assumptions.", f"Of a strategy on test claim {listed(sorted(set(MEASURES.values())))}.")
    told, measure = outcome(one.who, parsed(code)), MEASURES[name, compared]
    if (against is None) != (compared == "") or (against is not None and against.who != told.reference):
        raise refuse(f"a saving under these assumptions is against {told.reference}.", f"Compare with {told.reference}.", column="against")
    own, scale = told.figure(measure), 1000.0 if measure == "cost" else 1.0
    if not np.isfinite(own.mean):
        raise refuse(f"{name} is not known under these assumptions, so there is nothing to claim.", "Choose a figure that is shown.")
    scaled = Interval(scale * own.mean, scale * own.low, scale * own.high, own.n, own.method)
    return Figure(
        value=scaled.mean, interval=once(scaled, draw), n=len(told), unit=unit_of(chosen, one.study.table, compared),
        shown=_hashed(one, told),
    )  # fmt: skip


def _hashed(one: Side, told: Outcome) -> str:
    """Return a hash of the queries and of what each came to, 16 hex digits."""
    state = hashlib.blake2b(one.table.queries.keys.tobytes(), digest_size=8)
    for column in (told.quality, told.cost):
        state.update(np.ascontiguousarray(column, dtype=np.float32).tobytes())
    return state.hexdigest()
