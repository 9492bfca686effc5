"""One decision of cascade routing at 11 models, against a NumPy search over all 2^11 sets with 100 shared draws (`searched`, below).

Both weigh every set. Ours is timed a decision in a batch of queries, as a replay asks for it; a decision asked alone, and a search that
shares maxima between sets (`shared`), are printed beside it, and so is the area under both curves, over the same simulated queries.
"""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from data.simulator import SimModel, World, simulate
from strategies import find, frontier
from strategies.cascades import cascade_routing as strategy
from strategies.metrics.plane import aiq, common_range
from strategies.predictors.supermodels import best_set
from strategies.protocol import Bools, Doubles, Ints
from tests.benchmarks import in_turns

GOAL = 0.01
MODELS, DRAWS = 11, 100
LEAST_AREA = -0.2  # points
SETS = (np.arange(1 << MODELS)[:, None] >> np.arange(MODELS)) % 2 == 1
SHARED_DRAWS = np.random.default_rng(0).standard_normal((DRAWS, MODELS))


def searched(floor: float, mean: Doubles, spread: Doubles, price: Doubles, run: Bools) -> tuple[Bools, float]:
    """Return which models to run more, and what that is worth: every set, by the mean of 100 draws that all sets share."""
    drawn = mean + spread * SHARED_DRAWS
    best = np.where(SETS[:, None, :], drawn, -np.inf).max(axis=2)
    value = np.maximum(best, floor).mean(axis=1) - SETS @ price
    value[(SETS & run).any(axis=1)] = -np.inf  # what was run is in the floor
    at = int(value.argmax())
    return SETS[at], float(value[at])


def shared(floor: float, mean: Doubles, spread: Doubles, price: Doubles, run: Bools) -> tuple[Bools, float]:
    """Return the same, with a set's maxima made from those of the set with one model less."""
    best = np.full((1 << MODELS, DRAWS), floor)
    for m, drawn in enumerate((mean + spread * SHARED_DRAWS).T):
        np.maximum(best[: 1 << m], drawn, out=best[1 << m : 2 << m])
    value = best.mean(axis=1) - SETS @ price
    value[(SETS & run).any(axis=1)] = -np.inf
    at = int(value.argmax())
    return SETS[at], float(value[at])


def row_by_row(
    floor: Doubles, mean: Doubles, spread: Doubles, price: Doubles, run: Bools, *, any_set: bool = True
) -> tuple[Bools, Doubles]:
    """Return `shared` of every query: in place of the strategy's own search, for the area under its curve."""
    assert any_set
    found = [shared(floor[i], mean[i], spread, price[i], run[i]) for i in range(len(mean))]
    return np.array([more for more, _ in found]), np.array([worth for _, worth in found])


def measure(queries: int = 500, drawn: int = 3000, rounds: int = 9) -> tuple[float, float]:
    """Return seconds a decision of the reference and of ours.

    drawn : queries of the curves; with 1,000 their areas differ by 0.2 either way, for few decisions differ and quality is 0 or 1.
    """
    floor, mean, spread, price, run = states(queries)
    few = range(min(10, queries))

    def each(search: Callable[[float, Doubles, Doubles, Doubles, Bools], tuple[Bools, float]]) -> list[float]:
        return [search(floor[i], mean[i], spread, price[i], run[i])[1] for i in few]

    def ours(rows: Ints | slice = slice(None)) -> tuple[Bools, Doubles]:
        return best_set(floor[rows], mean[rows], spread, price[rows], run[rows], any_set=True)

    assert np.allclose(each(searched), each(shared))
    reference, batch = in_turns(lambda: each(searched), ours, rounds=rounds)
    better, alone = in_turns(lambda: each(shared), lambda: [ours(slice(i, i + 1)) for i in few], rounds=rounds)
    reference, better, alone, batch = reference / len(few), better / len(few), alone / len(few), batch / queries
    print(
        f"  a decision: search {reference * 1e3:.2f} ms, sharing maxima {better * 1e3:.3f} ms, ours {batch * 1e3:.4f} ms in a batch "
        f"({reference / batch:,.0f}x faster), {alone * 1e3:.3f} ms alone ({reference / alone:,.0f}x)"
    )
    reference_area, own_area = areas(drawn)
    verdict = "" if own_area - reference_area >= LEAST_AREA else f", below {LEAST_AREA}"
    print(f"  area under the curve of {drawn:,} queries: search {reference_area:.2f}, ours {own_area:.2f} points{verdict}", flush=True)
    return reference, batch


def states(queries: int) -> tuple[Doubles, Doubles, Doubles, Doubles, Bools]:
    """Return floor (n,), estimates (n, M), spreads (M,), prices (n, M) and who was run (n, M) of queries, half of them under way."""
    rng = np.random.default_rng(1)
    run = rng.random((queries, MODELS)) < 0.15
    run[: queries // 2] = False
    floor = np.where(run.any(axis=1), rng.random(queries), -np.inf)
    price = np.geomspace(0.01, 1, MODELS) * rng.choice([0.02, 0.1, 0.3], (queries, 1))
    return floor, rng.random((queries, MODELS)), rng.uniform(0.1, 0.4, MODELS), price, run


def areas(queries: int) -> tuple[float, float]:
    """Return the area under cost and quality x 100 of the strategy with the reference's search, and with its own."""
    models = tuple(
        SimModel(name=f"m{k}", accuracy=0.4 + 0.05 * k, price_in_usd_per_mtok=0.1 * 1.6**k, price_out_usd_per_mtok=0.3 * 1.6**k)
        for k in range(MODELS)
    )
    table = simulate(World(name="eleven", n=5 * queries, models=models, ex_ante=0.75, post_hoc=0.85))
    policy = find("cascade-routing")(chain=table.models, signal="confidence").fit(table.take(np.arange(queries, 5 * queries)))
    tested, weights = table.take(np.arange(queries)), np.linspace(0, 0.8, 8)
    common = common_range(*(list(tested.mean(name).values()) for name in ("cost_usd", "quality")))._asdict()

    def area() -> float:
        curve = frontier(policy, tested, "weight", weights)
        return 100 * aiq(curve.cost_usd, curve.quality, **common)

    with patch.object(strategy, "best_set", row_by_row):
        reference = area()
    return reference, area()
