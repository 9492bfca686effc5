"""How much the order of arrival matters to a policy that learns online: the same queries, in many orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.engines.online import arrivals, stream
from strategies.engines.recorded import Columns
from strategies.engines.run import exact_mean
from strategies.protocol import Strategy
from strategies.uncertainty.interval import Interval, tails

ORDERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OverOrders:
    """Mean quality and mean cost over the orders, each with the interval in which this share of the orders lies."""

    quality: Interval
    cost: Interval


def over_orders(policy: Strategy, data: OutcomeTable, *, orders: int = ORDERS, level: float = 0.95) -> OverOrders:
    """Return what seeded orders of arrival make of a policy; its own draws and what it starts from stay as they are.

    One stream an order. The interval is that of the order, not of the queries: bands of a study's curve hold the order and resample
    the queries. Raises ProblemError for a strategy that does not learn online, and for fewer than two orders.
    """
    if policy.card.family != "online":
        raise refuse(f"{policy.card.id} does not learn online: no order of arrival changes it.", "Replay it.")
    if orders < 2:
        raise refuse(f"{orders} orders have no interval.", "Give at least two.")
    source = Columns(data)
    runs = [stream(policy, source, order=arrivals(source, policy.seed + k)).run for k in range(orders)]
    return OverOrders(
        quality=_spread([exact_mean(run.quality) for run in runs], len(data), level),
        cost=_spread([exact_mean(run.cost_usd) for run in runs], len(data), level),
    )


def _spread(means: list[float], n: int, level: float) -> Interval:
    if np.isnan(means).any():
        return Interval(float("nan"), float("nan"), float("nan"), n, "unknown")
    low, high = np.quantile(means, tails(level))
    return Interval(float(np.mean(means)), float(low), float(high), n, "bootstrap")
