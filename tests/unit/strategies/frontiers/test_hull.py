"""The non-decreasing concave envelope, by hand."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.frontiers.hull import hull, hull_at, mix_at


def test_a_point_under_a_chord_is_no_vertex():
    """Of three rising points the middle one stays only if it lies above the chord of the others."""
    assert hull([1, 2, 3], [0.2, 0.6, 0.8]).tolist() == [0, 1, 2]
    assert hull([1, 2, 3], [0.2, 0.4, 0.8]).tolist() == [0, 2]


def test_a_point_on_a_chord_is_no_vertex():
    """Three points on a line leave the two ends."""
    assert hull([0, 1, 2], [0.0, 0.25, 0.5]).tolist() == [0, 2]


def test_vertices_come_by_ascending_cost_whatever_the_order():
    """Indices point into the arguments, sorted by cost."""
    assert hull([3, 1, 2], [0.8, 0.2, 0.6]).tolist() == [1, 2, 0]


def test_a_curve_that_falls_ends_at_its_best_point():
    """Money can be left unspent, so a dearer and worse point is no vertex."""
    assert hull([1, 2, 3, 4], [0.2, 0.7, 0.6, 0.7]).tolist() == [0, 1]


def test_of_one_cost_the_best_counts_and_of_one_quality_the_cheapest():
    """Duplicated costs leave one vertex, and equal qualities the cheapest, in whatever order they come."""
    assert hull([1, 1, 1, 2], [0.2, 0.5, 0.3, 0.5]).tolist() == [1]
    assert hull([1, 1, 2, 2], [0.1, 0.2, 0.9, 0.8]).tolist() == [1, 2]


def test_of_equal_points_the_first_counts():
    """Three copies of a point are one vertex."""
    assert hull([1, 1, 1], [0.5, 0.5, 0.5]).tolist() == [0]


def test_points_that_are_not_known_are_ignored():
    """A NaN or infinite coordinate takes its point out; with nothing known there is no vertex."""
    assert hull([np.nan, 1, 2, np.inf], [0.9, 0.3, np.nan, 1.0]).tolist() == [1]
    assert hull([np.nan], [0.5]).tolist() == []
    assert hull([], []).tolist() == []


def test_one_and_two_points():
    """A single point is its own hull; a falling pair leaves the cheap one."""
    assert hull([2.0], [0.5]).tolist() == [0]
    assert hull([1, 2], [0.6, 0.5]).tolist() == [0]


@pytest.mark.parametrize("size", [50, 5_000])
def test_points_all_on_a_concave_curve_all_stay(size):
    """Every point of a strictly concave rising curve is a vertex."""
    cost = np.arange(size, dtype=np.float64)
    assert hull(cost, -((size - cost) ** 2)).tolist() == list(range(size))


def test_one_high_point_at_the_end_empties_a_concave_curve():
    """The rounds of pruning hand over to the chain when they take one point each."""
    cost = np.linspace(0, 1, 400)
    quality = np.append(np.sqrt(cost), 1e6)
    assert hull(np.append(cost, 1.01), quality).tolist() == [0, 400]


def test_points_without_partners_are_refused():
    """Costs and qualities of different lengths raise a problem that says so."""
    with pytest.raises(ProblemError, match="one cost and one quality"):
        hull([1, 2], [0.5])
    with pytest.raises(ProblemError, match="one cost and one quality"):
        hull(np.ones((2, 2)), np.ones((2, 2)))


def test_quality_along_the_hull():
    """Linear inside, unknown on the left, flat on the right."""
    assert hull_at([0.5, 1, 2, 3, 9], [1, 3], [0.2, 0.8]) == pytest.approx([np.nan, 0.2, 0.5, 0.8, 0.8], nan_ok=True)
    assert hull_at(2.0, [1, 3], [0.2, 0.8]) == pytest.approx(0.5)


def test_a_hull_without_vertices_is_unknown_everywhere():
    """No vertex, no quality, and the shape stays."""
    assert np.isnan(hull_at([1.0, 2.0], [], [])).tolist() == [True, True]


def test_the_two_models_that_spend_a_budget():
    """Between two vertices the weight is linear in cost; on a vertex and beyond the last one it is that vertex alone."""
    assert mix_at(2.5, [1, 2, 4]) == (1, 2, 0.25)
    assert mix_at(2, [1, 2, 4]) == (1, 1, 0.0)
    assert mix_at(1, [1, 2, 4]) == (0, 0, 0.0)
    assert mix_at(9, [1, 2, 4]) == (2, 2, 0.0)


def test_a_mixture_spends_its_budget_and_reaches_the_hull():
    """The chord between two vertices is reached by its closed form."""
    cost, quality = np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.6, 0.8])
    low, high, weight = mix_at(3.1, cost)
    assert (1 - weight) * cost[low] + weight * cost[high] == pytest.approx(3.1)
    assert (1 - weight) * quality[low] + weight * quality[high] == pytest.approx(hull_at(3.1, cost, quality))


@pytest.mark.parametrize(("cost", "vertices"), [(0.5, [1, 2]), (float("nan"), [1, 2]), (1.0, [])])
def test_a_budget_below_the_cheapest_model_is_refused(cost, vertices):
    """No mixture is cheaper than the cheapest vertex, nor known for an unknown budget or hull."""
    with pytest.raises(ProblemError, match="no mixture costs"):
        mix_at(cost, vertices)
