"""What is drawn of a signal: by hand, against the metrics and the loop's gain, its bands against naive resampling, few queries."""

import numpy as np
import pytest

from strategies.metrics.confidence import auroc, risk_coverage, usefulness
from strategies.registry import find
from strategies.study import signal_shape as shapes
from strategies.study.cover import cover, split
from strategies.study.prepare import prepare
from strategies.study.signal_worth import Looked, signal_worth
from strategies.uncertainty.bootstrap import weights
from tests.unit.strategies.study.test_signal_worth import N, priced, world
from tests.worlds import by_hand


@pytest.fixture(scope="module")
def study():
    """Two free signals, a paid one, and one that is silent on every tenth query."""
    silent = np.where(np.arange(N) % 10 == 0, np.nan, np.random.default_rng(7).random(N))
    return prepare(priced(world(self_check=np.random.default_rng(5).random(N), agreement=silent), "self_check", 0.002))


@pytest.fixture(scope="module")
def found(study):
    """All of the cheap model's signals, between the two models."""
    return shapes.pair_signals(study, "cheap", "strong")


def _seen(score, cheap, strong, cost=(1.0, 4.0)):
    n = len(score)
    qualities = (np.asarray(cheap, dtype=np.float32), np.asarray(strong, dtype=np.float32))
    costs = (np.full(n, cost[0]), np.full(n, cost[1]))
    return Looked(score=np.asarray(score, dtype=np.float32), price=np.zeros(n), quality=qualities, cost=costs)


def test_shapes_come_in_the_order_of_their_worth(study, found) -> None:
    """The same rows as signal_worth, each with its own figures; the silent queries are counted."""
    worth = signal_worth(study, "cheap", "strong")
    assert [each.signal for each in found.shapes] == [row.signal for row in worth.rows]
    assert found.worth == worth
    for each, row in zip(found.shapes, worth.rows, strict=True):
        assert (each.auroc.mean, each.usefulness.mean, each.quality.ece) == (row.auroc, row.usefulness, row.ece)
        assert (each.quality.missing, each.price_per_1k) == (row.missing, row.price_per_1k)
        assert each.auroc.low < each.auroc.mean < each.auroc.high
        assert each.usefulness.low < each.usefulness.mean < each.usefulness.high
        assert each.brier.low < each.brier.mean < each.brier.high
        assert each.brier.mean == pytest.approx(each.quality.brier)
        assert each.gap.mean == pytest.approx(each.quality.mean_score - each.quality.quality)
    assert found.shape("agreement").quality.missing > 0
    assert found.shape("nothing") is None


def test_resampled_areas_are_those_of_the_resampled_queries() -> None:
    """The b-th AUROC and usefulness are what the metrics give on the queries drawn, up to the coarser steps."""
    random = np.random.default_rng(2)
    cheap, strong = random.random(300) < 0.6, random.random(300) < 0.8
    seen = _seen(np.round(0.4 * cheap + 0.6 * random.random(300), 2), cheap, strong)  # fewer steps than are kept: equal to the bit
    drawn, counts = shapes._ranks(seen), weights(300, resamples=400)
    for b in (0, 9):
        rows = np.repeat(np.arange(300), counts[b])
        score, first, last = seen.score[rows], cheap[rows].astype(float), strong[rows].astype(float)
        assert drawn["auroc"][b + 1] == pytest.approx(auroc(score, first))
        assert drawn["usefulness"][b + 1] == pytest.approx(usefulness(score, first, last))


def test_the_risk_band_is_that_of_resampled_curves() -> None:
    """At every coverage the middle 95 % of the risks of 400 resamples, each by the metric itself; the curve lies within."""
    random = np.random.default_rng(4)
    score = np.round(random.random(200), 2)
    seen = _seen(score, random.random(200) < score, np.ones(200))
    drawn = shapes.shape("margin", seen).risk
    counts = weights(200, resamples=400)
    at = drawn.at[[10, 40, 63]]
    risks = []
    for b in range(400):
        rows = np.repeat(np.arange(200), counts[b])
        curve = risk_coverage(seen.score[rows], seen.quality[0][rows])
        risks.append(np.interp(at, np.append(0, curve.coverage), np.append(0, curve.coverage * curve.risk)) / at)
    low, high = np.quantile(risks, (0.025, 0.975), axis=0)
    assert drawn.low[[10, 40, 63]] == pytest.approx(low)
    assert drawn.high[[10, 40, 63]] == pytest.approx(high)
    inside = np.interp(drawn.at, drawn.x, drawn.y)
    assert (drawn.low <= inside).mean() > 0.9
    assert drawn.y[-1] == pytest.approx(1 - seen.quality[0].mean())


def test_of_equal_scores_a_random_part_is_kept() -> None:
    """Half right and sure, half wrong and silent about it: kept x of all, the share wrong is (x - 1/2) / x, never a chord below it."""
    drawn = shapes.shape("margin", _seen(np.repeat([0.9, 0.2], 100), np.repeat([1, 0], 100), np.ones(200))).risk
    assert drawn.y == pytest.approx(np.maximum(0, drawn.x - 0.5) / drawn.x)
    assert len(drawn.x) > 60


def test_the_deferral_curve_by_hand() -> None:
    """Four queries, the least sure first: each adds a quarter of the dear price; the perfect order sends the one that is helped."""
    seen = _seen([0.9, 0.1, 0.5, 0.7], [1, 0, 0, 1], [1, 1, 0, 0])
    drawn = shapes.shape("margin", seen).deferral
    assert drawn.curve.x.tolist() == [1, 2, 3, 4, 5]
    assert drawn.curve.y.tolist() == [0.5, 0.75, 0.75, 0.5, 0.5]
    assert (drawn.cheap, drawn.strong) == ((1.0, 0.5), (4.0, 0.5))
    assert [each.tolist() for each in drawn.perfect] == [[1, 2], [0.5, 0.75]]


def test_a_price_is_in_the_curve_and_an_unknown_one_leaves_none(study) -> None:
    """A paid signal starts at its price; of a signal whose price nobody knows there is a risk and no deferral curve."""
    paid = shapes.pair_signals(study, "cheap", "strong").shape("self_check").deferral
    assert paid.curve.x[0] == pytest.approx(paid.cheap[0] + 0.002)
    unknown = shapes.pair_signals(prepare(priced(world(self_check=np.linspace(0, 1, N)), "self_check", np.nan)), "cheap", "strong")
    assert unknown.shape("self_check").deferral is None
    assert unknown.shape("self_check").risk is not None


def test_under_a_hundred_queries_there_are_counts_and_no_curves() -> None:
    """Bins with exact intervals, no AUROC interval, no gain and the reason why."""
    few = shapes.pair_signals(prepare(world(60)), "cheap", "strong")
    assert few.worth is None
    assert "too few" in few.why
    first = few.shapes[0]
    assert (first.risk, first.deferral, first.auroc.method) == (None, None, "unknown")
    b = int(np.argmax(first.quality.reliability.count))
    from strategies.uncertainty.exact import exact

    n = int(first.quality.reliability.count[b])
    right = exact(round(float(first.quality.reliability.quality[b]) * n), n)
    assert (first.low[b], first.high[b]) == pytest.approx((right.low, right.high))


def test_one_class_has_no_area(study) -> None:
    """All right: no AUROC, and nothing breaks."""
    alone = shapes.shape("margin", _seen(np.linspace(0.2, 0.9, 150), np.ones(150), np.ones(150)))
    assert np.isnan([alone.auroc.mean, alone.auroc.low, alone.usefulness.mean]).all()
    assert alone.risk.y == pytest.approx(0)
    silent = shapes.shape("margin", _seen(np.full(150, np.nan), np.ones(150), np.ones(150)))
    assert (silent.quality.n, silent.risk) == (0, None)


def test_who_covers_whom_and_how_a_pair_splits() -> None:
    """Ten copies of four queries: right alone, both, the other alone, neither; counts with exact intervals under 100."""
    study = prepare(by_hand(np.tile([[1, 0], [1, 1], [0, 1], [0, 0]], (12, 1)), cost=[[1, 2]] * 48, models=("a", "b")))
    pair = split(study, "a", "b")
    assert {kind: part.mean for kind, part in pair.parts} == {"both": 0.25, "hurt": 0.25, "helpable": 0.25, "hopeless": 0.25}
    assert (pair.count("hurt"), pair.part("hurt").method) == (12, "exact")
    seen = cover(study)
    assert seen.share.tolist() == [[0, 0.25], [0.25, 0]]
    assert (seen.low[0, 1], seen.high[0, 1]) == pytest.approx((pair.part("hurt").low, pair.part("hurt").high))
    assert (seen.low[0, 0], seen.high[0, 0]) == (0, 0)
    many = cover(prepare(world()))
    assert 0 < many.low[1, 0] < many.share[1, 0] < many.high[1, 0]


def test_the_cascade_reaches_every_point_of_the_curve(study, found) -> None:
    """The curve is the loop's own: the replayed cascade's frontier passes through it."""
    from strategies.frontiers.curve import frontier

    (parts,) = study.parts
    policy = find("margin-cascade")(chain=("cheap", "strong"), signal="margin").fit(parts.fit)
    curve, drawn = frontier(policy, parts.test), found.shape("margin").deferral.curve
    assert drawn.y == pytest.approx(np.interp(drawn.x, curve.cost_usd, curve.quality), abs=1e-5)
