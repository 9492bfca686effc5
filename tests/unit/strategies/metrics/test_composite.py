"""IES with its weights, the index of accuracy, latency and tokens, and hypervolume against brute force."""

import itertools

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import replay
from strategies.baselines.single import AlwaysOne
from strategies.metrics.composite import combined_cost, ies, responsiveness, scaled
from strategies.metrics.declared import METRICS, measure
from strategies.metrics.facts import Curve, pool_of
from strategies.metrics.hypervolume import hypervolume, pareto
from tests.worlds import NAN, by_hand

# b is the priciest: mean cost 4, latency 2; a free model costs nothing.
TABLE = by_hand([[1, 1], [0, 1]], cost=[[0.0, 3.0], [0.0, 5.0]], latency=[[1.0, 2.0], [3.0, 2.0]])


def one(model, table=TABLE, **options):
    """Return the IES of one model for all."""
    return measure("ies", replay(AlwaysOne(model=model), table), table, **options)


def test_the_priciest_model_has_a_cost_of_one():
    """Its IES is its worth: alpha 1 leaves the quality, alpha 0 the response time, 2 / (2 + 2)."""
    assert one("b", alpha=1) == pytest.approx(1)
    assert one("b", alpha=0) == pytest.approx(0.5)
    assert one("b", alpha=0, wait=6) == pytest.approx(0.75)
    assert one("b", alpha=0, wait=4, response="linear") == pytest.approx(0.5)


def test_a_free_model_meets_the_floor():
    """Half right for nothing is 500, not infinite, at a floor of 1/1000, and 5 at 1/10."""
    assert one("a", alpha=1) == pytest.approx(500)
    assert one("a", alpha=1, floor=0.1) == pytest.approx(5)


def test_weights_are_shares_of_what_is_weighed():
    """Money 1 and latency 1 are halves: C of a is (0 + 2/2) / 2; energy of (M,) or (n, M) is another part of C."""
    assert one("a", alpha=1, weight_latency=1) == pytest.approx(0.5 / 0.5)
    assert one("a", alpha=1, weight_money=0, weight_energy=0.3, energy=[1.0, 4.0]) == pytest.approx(0.5 / 0.25)
    assert one("a", alpha=1, weight_money=0, weight_compute=0.3, compute=[[1.0, 2.0], [3.0, 6.0]]) == pytest.approx(0.5 / (2 / 4))
    assert one("a", alpha=1, weight_money=0.5, weight_memory=0.5, memory=[2.0, 8.0]) == pytest.approx(0.5 / 0.125)


def test_the_two_means_differ_where_costs_have_tails():
    """b: ratios 1 / .75 and 1 / 1.25 have a mean of 1.0667, the ratio of the means is 1."""
    assert one("b", alpha=1, form="mean of ratios") == pytest.approx((4 / 3 + 4 / 5) / 2)


def test_what_is_weighed_has_to_be_known():
    """An unknown energy, latency or price makes it unknown where it counts, and only there."""
    assert np.isnan(one("a", weight_energy=0.5))
    slow = by_hand([[1, 1]], cost=[[1.0, 2.0]])
    assert np.isnan(one("a", slow))
    assert one("a", slow, alpha=1) == pytest.approx(2)
    assert np.isnan(one("a", slow, alpha=1, weight_latency=1))
    assert np.isnan(one("a", by_hand([[1, 1]], cost=[[0.0, 0.0]]), alpha=1))


def test_wrong_weights_and_shapes_are_refused():
    """No weight at all, a resource of another shape."""
    with pytest.raises(ProblemError, match="every weight of the cost is 0"):
        one("a", weight_money=0)
    with pytest.raises(ProblemError, match="energy of shape"):
        one("a", weight_energy=1, energy=[1.0, 2.0, 3.0])
    with pytest.raises(ProblemError, match="every weight of the index is 0"):
        measure("ait", replay(AlwaysOne(model="a"), TABLE), TABLE, accuracy=0, latency=0, tokens=0)


def test_the_parts_by_hand():
    """Responsiveness, combined cost and the score on plain arrays."""
    assert responsiveness(np.array([0.0, 2.0, 6.0]), 2.0) == pytest.approx([1, 0.5, 0.25])
    assert responsiveness(np.array([0.0, 1.0, 6.0]), 2.0, "linear") == pytest.approx([1, 0.5, 0])
    cost = combined_cost({"money": np.array([1.0, 3.0]), "energy": np.array([NAN, 1.0])}, {"money": 2.0, "energy": 1.0}, {"money": 1})
    assert cost == pytest.approx([0.5, 1.5])
    assert ies(np.array([1.0, 0.0]), np.array([0.5, 0.5]), cost, alpha=0.5) == pytest.approx(0.5)


def test_the_index_uses_what_is_weighed():
    """Without tokens the index of accuracy and latency stands: b is the best; both are equally slow, so latency tells nothing."""
    run = replay(AlwaysOne(model="b"), TABLE)
    assert measure("ait", run, TABLE, latency=0, tokens=0) == 1
    assert np.isnan(measure("ait", run, TABLE, tokens=0))  # both models take 2 s in the mean: nothing to scale
    assert scaled(5.0, np.array([0.0, 4.0])) == 1
    assert np.isnan(scaled(1.0, np.array([2.0, 2.0])))


def by_inclusion(points):
    """Return the volume of the union of boxes from the origin by inclusion and exclusion."""
    every = [s for size in range(1, len(points) + 1) for s in itertools.combinations(range(len(points)), size)]
    return sum((-1) ** (len(s) + 1) * np.prod(points[list(s)].min(axis=0)) for s in every)


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_hypervolume_is_the_union_of_boxes(axes):
    """Against inclusion and exclusion on a coarse grid, ties, points outside and dominated ones included; any corner."""
    rng = np.random.default_rng(axes)
    for _ in range(25):
        points = rng.integers(-1, 5, (rng.integers(1, 8), axes)) / 4
        assert hypervolume(points) == pytest.approx(by_inclusion(np.clip(points, 0, None)))
        assert hypervolume(points + 3, np.full(axes, 3.0)) == pytest.approx(hypervolume(points))
        assert hypervolume(np.vstack([points, points[:1] - 0.1])) == pytest.approx(hypervolume(points))


def test_hypervolume_of_nothing_and_of_the_unknown():
    """No point has no volume, an unknown one no known volume; five axes are refused."""
    assert hypervolume(np.empty((0, 3))) == 0
    assert hypervolume([[0.0, 1.0]]) == 0
    assert np.isnan(hypervolume([[0.5, NAN]]))
    with pytest.raises(ProblemError, match="1 to 4 axes"):
        hypervolume(np.ones((2, 5)))


def test_undominated_points_are_found_in_blocks():
    """More points than a block: exactly those that nobody is above on every axis, one of equals."""
    points = np.random.default_rng(0).integers(0, 12, (600, 3)).astype(float)
    stands = pareto(points)
    distinct = np.unique(points, axis=0)
    best = [p for p in distinct if not ((distinct >= p).all(axis=1) & (distinct > p).any(axis=1)).any()]
    assert sorted(map(tuple, points[stands])) == sorted(map(tuple, best))


def test_hypervolume_of_a_curve_with_energy():
    """One setting of quality 1 at half the worst cost, latency and energy: an eighth; without the energy it is unknown."""
    shares = np.ones((2, 1), dtype=np.float32)
    curve = Curve(pool_of(TABLE), np.array([2.0]), np.array([1.0]), np.array([1.0]), shares, shares)

    def volume(axes, **more):
        chosen = METRICS["hypervolume"]
        return chosen.compute(curve, **chosen.chosen({"axes": axes, **more}))

    assert volume("quality-cost") == pytest.approx(0.5)
    assert volume("quality-cost-latency") == pytest.approx(0.25)
    assert volume("quality-cost-latency-energy", energy=[5.0], energy_worst=10.0) == pytest.approx(0.125)
    assert np.isnan(volume("quality-cost-energy"))
