"""What holds for hulls, areas, gaps and intervals on any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from strategies.frontiers.hull import hull, hull_at, mix_at
from strategies.metrics.arena import arena_score
from strategies.metrics.gap import apgr, cpt, napgr, optimal_curve
from strategies.metrics.plane import aiq, common_range, control
from strategies.metrics.saving import saving_at_equal_quality
from strategies.uncertainty.bootstrap import interval, intervals, paired
from strategies.uncertainty.exact import exact

# Steps of a grid make ties and collinear points common.
numbers = st.integers(0, 40).map(lambda step: step / 40)
points = st.lists(st.tuples(numbers | st.floats(0, 1, width=32), numbers), min_size=1, max_size=40).map(np.array)
qualities = arrays(np.float64, st.integers(2, 60), elements=numbers)
pairs = st.integers(1, 60).flatmap(lambda n: st.tuples(*[arrays(np.float64, n, elements=numbers)] * 2))


def vertices(curve):
    """Return (cost, quality) of the hull of (k, 2) points."""
    at = hull(curve[:, 0], curve[:, 1])
    return curve[at, 0], curve[at, 1]


@given(points)
def test_a_hull_rises_and_bends_downwards(curve):
    """Cost and quality rise strictly along the vertices and the slope falls."""
    x, y = vertices(curve)
    dx, dy = np.diff(x), np.diff(y)
    assert (dx > 0).all()
    assert (dy > 0).all()
    assert (dy[:-1] * dx[1:] > dy[1:] * dx[:-1]).all()


@given(points)
def test_a_hull_dominates_every_point(curve):
    """No point lies above the hull at its cost, and the ends are points."""
    assert (hull_at(curve[:, 0], *vertices(curve)) >= curve[:, 1] - 1e-9).all()


@given(points)
def test_the_hull_of_a_hull_is_itself(curve):
    """Taking the hull twice changes nothing."""
    once = np.column_stack(vertices(curve))
    assert (np.column_stack(vertices(once)) == once).all()


@given(points, st.randoms(use_true_random=False))
def test_the_order_of_points_does_not_matter(curve, random):
    """Shuffled points have the same hull and the same areas."""
    shuffled = curve[random.sample(range(len(curve)), len(curve))]
    assert np.array_equal(np.column_stack(vertices(curve)), np.column_stack(vertices(shuffled)))
    assert apgr(*curve.T, 0.2, 0.9) == apgr(*shuffled.T, 0.2, 0.9)
    assert napgr(*curve.T, 0.2, 0.9, low=0.1, high=0.8) == napgr(*shuffled.T, 0.2, 0.9, low=0.1, high=0.8)


@given(points, st.tuples(numbers, numbers))
def test_one_more_point_never_lowers_a_hull(curve, point):
    """More choice is never worse."""
    grid = np.linspace(curve[:, 0].min(), 1, 20)
    before, after = hull_at(grid, *vertices(curve)), hull_at(grid, *vertices(np.vstack([curve, point])))
    assert (after >= before - 1e-9).all()


@given(points, numbers)
def test_a_mixture_on_the_hull_spends_what_it_says(curve, cost):
    """The two vertices and the weight give the cost, up to the end, and the hull's quality."""
    x, y = vertices(curve)
    cost = max(cost, x[0])
    low, high, weight = mix_at(cost, x)
    assert (1 - weight) * x[low] + weight * x[high] == pytest.approx(min(cost, x[-1]))
    assert (1 - weight) * y[low] + weight * y[high] == pytest.approx(hull_at(cost, x, y))


@given(points, numbers)
def test_aiq_lies_between_the_lowest_and_the_highest_quality(curve, cheapest):
    """A mean of a hull is within the qualities that made it, and never below the cheapest model."""
    area = aiq(*curve.T, low=0.0, high=1.0, cheapest_quality=cheapest)
    assert cheapest - 1e-9 <= area <= max(curve[:, 1].max(), cheapest) + 1e-9


@given(points, numbers, st.floats(1e-6, 1e6))
def test_aiq_does_not_depend_on_the_currency(curve, cheapest, rate):
    """All costs times a rate leave AIQ alone; all qualities times a half halve it."""
    area = aiq(*curve.T, low=0.0, high=1.0, cheapest_quality=cheapest)
    assert aiq(curve[:, 0] * rate, curve[:, 1], low=0.0, high=rate, cheapest_quality=cheapest) == pytest.approx(area)
    assert aiq(curve[:, 0], curve[:, 1] / 2, low=0.0, high=1.0, cheapest_quality=cheapest / 2) == pytest.approx(area / 2)


@given(points)
def test_single_models_lie_in_their_own_range(curve):
    """The common range holds every cost, and its quality is one of the cheapest models'."""
    low, high, cheapest = common_range(*curve.T)
    assert low == curve[:, 0].min()
    assert high == curve[:, 0].max()
    assert cheapest == curve[curve[:, 0] == low, 1].max()


@given(st.integers(1, 6).flatmap(lambda m: arrays(np.float64, (m, 3), elements=numbers)))
def test_a_control_of_shares_lies_between_its_models(rows):
    """A random deal of the answers is no better than the best model and no worse than the worst."""
    share = (rows[:, 0] + 1e-3) / (rows[:, 0] + 1e-3).sum()
    cost, quality = control(share, share, rows[:, 1], rows[:, 2])
    assert rows[:, 1].min() - 1e-9 <= cost <= rows[:, 1].max() + 1e-9
    assert rows[:, 2].min() - 1e-9 <= quality <= rows[:, 2].max() + 1e-9


@given(numbers, st.floats(0.01, 1), st.lists(numbers, max_size=20), numbers)
def test_any_points_on_the_random_line_are_random(weak, gap, shares, level):
    """Points of the weak-strong line have APGR 0.5 and CPT(x) = x, however many there are."""
    share = np.array([0.0, *shares, 1.0])
    curve = share, weak + gap * share
    assert apgr(*curve, weak, weak + gap) == pytest.approx(0.5)
    assert cpt(*curve, weak, weak + gap, level) == pytest.approx(level, abs=1e-7)


@given(points, numbers, numbers)
def test_a_higher_level_needs_no_smaller_share(curve, a, b):
    """CPT does not fall as the level rises; once never, it stays never."""
    low, high = (np.nan_to_num(cpt(*curve.T, 0.2, 0.9, level), nan=np.inf) for level in sorted((a, b)))
    assert 0 <= low <= high
    assert high <= 1 or high == np.inf


@given(pairs)
def test_the_optimal_curve_is_a_concave_bound(pair):
    """It starts at the weak model, never falls, ends at the per-query best, and lies above both models."""
    weak, strong = pair
    share, quality = optimal_curve(weak, strong)
    assert (share[0], share[-1]) == (0, pytest.approx(1))
    assert (np.diff(quality) >= 0).all()
    assert quality[0] == pytest.approx(weak.mean())
    assert quality[-1] == pytest.approx(np.maximum(weak, strong).mean())
    slope = np.diff(quality) / np.diff(share)
    assert (np.diff(slope) <= 1e-9).all()


@given(pairs, st.randoms(use_true_random=False))
def test_no_router_beats_the_optimal_curve(pair, random):
    """Any set of queries sent to the strong model stays on or below it."""
    weak, strong = pair
    sent = np.array([random.random() < 0.5 for _ in weak])
    assert np.where(sent, strong, weak).mean() <= np.interp(sent.mean(), *optimal_curve(weak, strong)) + 1e-9


@given(points, numbers, st.floats(0.01, 10))
def test_a_tolerance_never_saves_less(curve, tolerance, rate):
    """Giving up quality keeps or raises the saving, and the currency does not matter."""
    strict = saving_at_equal_quality(*curve.T, 1.0, curve[0, 1])
    assert saving_at_equal_quality(*curve.T, 1.0, curve[0, 1], tolerance) >= strict
    assert saving_at_equal_quality(curve[:, 0] * rate, curve[:, 1], rate, curve[0, 1]) == pytest.approx(strict)


@given(numbers, numbers, st.floats(1e-3, 300), st.floats(1e-3, 300))
def test_the_arena_score_rises_with_accuracy_and_falls_with_cost(a, b, c, d):
    """Better is never worse, dearer is never better, and the score stays in [0, 1]."""
    (worse, better), (cheap, dear) = sorted((a, b)), sorted((c, d))
    assert 0 <= arena_score(worse, dear) <= arena_score(better, dear) + 1e-12
    assert arena_score(better, dear) <= arena_score(better, cheap) + 1e-12 <= 1 + 1e-9


@given(qualities)
def test_an_interval_covers_its_mean(values):
    """The mean of the sample lies inside, and the ends within the values, but for the exact one that may reach further."""
    found = interval(values)
    assert found.mean == pytest.approx(values.mean())
    assert found.low - 1e-7 <= found.mean <= found.high + 1e-7
    if found.method == "bootstrap":
        assert values.min() - 1e-7 <= found.low
        assert found.high <= values.max() + 1e-7


@given(qualities, st.floats(0.01, 100), st.floats(-10, 10))
def test_intervals_move_with_their_values(values, scale, shift):
    """Values times a scale plus a shift have ends times the scale plus the shift."""
    low, high = intervals(values[:, None])
    moved = intervals((scale * values + shift)[:, None])
    assert (moved[0][0], moved[1][0]) == pytest.approx((scale * low[0] + shift, scale * high[0] + shift), abs=1e-4 * (1 + scale))


@given(pairs.filter(lambda pair: len(pair[0]) > 1))
def test_swapping_a_pair_mirrors_its_interval(pair):
    """The difference of b and a is minus that of a and b, ends swapped."""
    there, back = paired(*pair), paired(*pair[::-1])
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low), abs=1e-6)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_an_exact_interval_holds_its_share_and_mirrors(count, level):
    """The share of k of n lies inside its interval, and n - k of n has the mirrored one."""
    k, n = count
    found, mirrored = exact(k, n, level), exact(n - k, n, level)
    assert 0 <= found.low <= k / n <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)
