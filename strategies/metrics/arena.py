"""The arena score: accuracy and log cost in one number, on RouterArena's board."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.metrics.base import Metric, Option
from strategies.metrics.facts import Done, mean

Doubles: TypeAlias = NDArray[np.float64]
BETA = 0.1
CHEAPEST_USD_PER_1K = 0.0044
PRICIEST_USD_PER_1K = 200.0


def cheapness(usd_per_1k: ArrayLike, *, clamp: bool = True) -> Doubles:
    """Return the log-scaled cheapness, same shape: 1 at 0.0044 USD per 1,000 queries, 0 at 200 USD.

    usd_per_1k : USD per 1,000 queries, not per query. clamp : keep it in [0, 1], which is ours; the public code does not.
    A free router is 1 when clamped, else infinite; an unknown cost is NaN. Raises ProblemError for a negative cost.
    Source: RouterArena, arXiv 2510.00202 (normalised cost).
    """
    cost = np.asarray(usd_per_1k, dtype=np.float64)
    if np.any(cost < 0):
        raise refuse(f"a cost of {cost.min():g} USD per 1,000 queries is negative.", "Correct the prices, or mark the cost as missing.")
    with np.errstate(divide="ignore"):
        scaled = np.log2(PRICIEST_USD_PER_1K / cost) / np.log2(PRICIEST_USD_PER_1K / CHEAPEST_USD_PER_1K)
    return np.asarray(np.clip(scaled, 0.0, 1.0) if clamp else scaled)


def arena_score(accuracy: ArrayLike, usd_per_1k: ArrayLike, *, beta: float = BETA, clamp: bool = True) -> Doubles:
    """Return the arena score S = (1 + beta) A C / (beta A + C), broadcast shape of the arguments; x100 gives the board's figure.

    accuracy : A, mean quality in [0, 1]. usd_per_1k : USD per 1,000 queries; C is its `cheapness`. beta : 0.1 on the board,
    small = accuracy counts more. 0 where both A and C are 0; NaN where either is unknown. `clamp` as in `cheapness`.
    Board rows are quoted with their date: its costs move between releases.
    Raises ProblemError for a negative cost. Source: RouterArena, arXiv 2510.00202 (arena score).
    """
    a, c = np.broadcast_arrays(np.asarray(accuracy, dtype=np.float64), cheapness(usd_per_1k, clamp=clamp))
    # Divided by C, so that a free router, C = infinity without the clamp, needs no rule of its own.
    safe = np.where(c == 0, 1.0, c)
    score = (1 + beta) * a / (beta * a / safe + 1)
    return np.asarray(np.where((c == 0) & ~np.isnan(a), 0.0, score))[()]


def _score(done: Done, *, beta: float, cheapness: str) -> float:
    if done.pool.cost_unit != "USD":
        return float("nan")  # the board's ends are in USD
    return float(arena_score(mean(done.quality), 1000 * mean(done.cost), beta=beta, clamp=cheapness == "clamped"))


def optimal_selection(done: Done) -> Doubles:
    """Return (n,) 1 where the answer is as good as the best recorded one and its model no dearer than the cheapest of those, else 0.

    Where no model is right the cheapest is optimal: nothing more was to be had. NaN where the answer's quality or cost is unknown, or
    nobody's answer is returned. Source: RouterArena, arXiv 2510.00202 (optimal selection: the cheapest correct model).
    """
    quality, cost = done.of_answer(done.pool.quality), done.of_answer(done.pool.cost)
    hit = (quality >= done.pool.best_seen) & (cost <= done.pool.best_cost)
    return np.where(np.isnan(quality) | np.isnan(cost) | np.isnan(done.pool.best_cost), np.nan, hit)


def _optimal_cost(done: Done) -> float:
    cost = mean(done.cost)
    return mean(done.pool.best_cost) / cost if cost > 0 else float("nan")


def _optimal_accuracy(done: Done) -> float:
    best = mean(done.pool.best_seen)
    return mean(done.quality) / best if best > 0 else float("nan")


_SOURCE = "RouterArena, arXiv 2510.00202"

METRICS = (
    Metric(
        id="arena_score", title="Arena score", group="Arena", of="run", better="higher", high=1.1, prices="depends",
        formula="S = (1 + β) A C / (β A + C), A = mean quality, C = log2(200 / c) / log2(200 / 0.0044), c = USD per 1,000 queries",
        source=f"{_SOURCE} (arena score)", needs=frozenset({"usd"}), also=("RouterArena score",),
        options=(
            Option(name="beta", default=BETA, low=0, high=10, help="Weight of the cost: small counts accuracy more; 0.1 on the board."),
            Option(
                name="cheapness", default="clamped", kind="choice", choices=("clamped", "published"),
                help="Whether C is kept within 0 and 1, which is ours; the public code does not.",
            ),
        ),
        caution="The board counts to 100 and its costs move between releases: quote it with its date.", compute=_score,
    ),
    Metric(
        id="optimal_selection", title="Optimal selection", group="Arena", of="run", better="higher", mean=True, low=0, high=1,
        unit="share of queries", formula="mean_i 1[π(i) is the cheapest of the best answers' models]", source=_SOURCE,
        needs=frozenset({"cost"}), caution="Whose answer was returned counts, not what was paid on the way. Over holes: of those seen.",
        compute=optimal_selection,
    ),
    Metric(
        id="optimal_cost", title="Optimal cost", group="Arena", of="run", better="higher", low=0, unit="ratio", needs=frozenset({"cost"}),
        formula="mean cost of the oracle / mean C", source=f"{_SOURCE} (ratio to the pool's oracle; its direction is ours)",
        caution="Above 1: cheaper than the oracle, which buys every right answer it can.", compute=_optimal_cost,
    ),
    Metric(
        id="optimal_accuracy", title="Optimal accuracy", group="Arena", of="run", better="higher", low=0, unit="ratio",
        formula="mean quality / mean quality of the oracle", source=f"{_SOURCE} (ratio to the pool's oracle)",
        caution="Above 1 only where answers are composed, or the oracle has holes.", compute=_optimal_accuracy,
    ),
)  # fmt: skip
