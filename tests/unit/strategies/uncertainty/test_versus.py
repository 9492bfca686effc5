"""A against B: difference, permutation test, dominance, how many queries would settle it."""

import itertools
import math

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty.bootstrap import paired
from strategies.uncertainty.exact import exact_difference
from strategies.uncertainty.flips import DRAWS, EXACT, MANY, sign_flip
from strategies.uncertainty.versus import Verdict, difference, needed, versus

NAN = float("nan")


def test_flips_by_hand():
    """Differences 1, 2, 3: of 8 sign flips only +++ and --- reach a sum of 6; 1, 2, -3 sums to 0, which all reach."""
    assert sign_flip([1.0, 2, 3]).p == 2 / 8
    assert sign_flip([1.0, 2, -3]).p == 1
    assert sign_flip([0.0, 1, 2, 3, 0]) == sign_flip([1.0, 2, 3])
    assert sign_flip([0.1, 0.2, -0.3]).p == 1  # 0.1 + 0.2 is not 0.3 in binary


def test_right_or_wrong_is_mcnemars_exact_test():
    """10 queries that A alone has right, 2 that B alone has: 2 P(Binomial(12, 1/2) <= 2) = 2 x 79 / 4096, for any number of queries."""
    a, b = np.ones(5000), np.ones(5000)
    b[:10], a[10:12] = 0, 0
    found = sign_flip(a - b)
    assert found.p == pytest.approx(2 * 79 / 4096)
    assert (found.flips, found.pairs) == ("exact", 12)
    assert sign_flip([1.0, -1]).p == 1
    assert sign_flip(np.repeat([1.0, -1], [700, 500])).p == pytest.approx(8.5e-9, rel=0.05)


def test_the_binomial_and_all_flips_agree():
    """Sizes that differ by next to nothing go through all flips, and come to the binomial's p."""
    equal = np.repeat([1.0, -1], [9, 3])
    other = equal * (1 + 1e-6 * np.arange(12))
    assert sign_flip(equal).p == pytest.approx(sum(math.comb(12, k) for k in range(4)) * 2 / 4096)
    assert sign_flip(other).p <= sign_flip(equal).p
    signs = np.array(list(itertools.product([1, -1], repeat=12)))
    assert sign_flip(other).p == np.mean(np.abs(signs @ other) >= abs(other.sum()) - 1e-9)


def test_drawn_flips_agree_with_all_flips():
    """17 pairs are drawn, of which 16 say nearly all: within Monte Carlo error of all flips of 17; the seed decides, the order does not."""
    x = np.random.default_rng(0).random(EXACT + 1) - 0.35
    signs = 1 - 2 * ((np.arange(2 ** len(x))[:, None] >> np.arange(len(x))) & 1)
    exact = np.mean(np.abs(signs @ x) >= abs(x.sum()) - 1e-9)
    found = sign_flip(x)
    assert found.flips == "drawn"
    assert found.p == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / DRAWS))
    assert found == sign_flip(x)
    assert found.p != sign_flip(x, seed=1).p


def test_a_drawn_p_is_never_nothing():
    """(k + 1) / (B + 1): 1 / 10,001 at least."""
    assert sign_flip(1 + np.random.default_rng(1).random(300)).p == 1 / (DRAWS + 1)


def test_very_many_pairs_have_the_normal_p():
    """Above 50,000 pairs the same p as the z-test of the differences about 0."""
    x = np.random.default_rng(2).normal(0.005, 1, MANY + 1)
    found = sign_flip(x)
    assert found.flips == "normal"
    z = abs(x.sum()) / math.sqrt((x**2).sum())
    assert found.p == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_p_is_uniform_where_there_is_no_difference():
    """300 data sets of skewed but symmetric differences: the largest gap to the uniform law is within the 1 % Kolmogorov limit."""
    rng = np.random.default_rng(3)
    p = np.sort([sign_flip(x).p for x in rng.exponential(size=(300, 60)) * rng.choice([-1, 1], size=(300, 60))])
    gap = np.max(np.maximum(np.arange(1, 301) / 300 - p, p - np.arange(300) / 300))
    assert gap < 1.63 / math.sqrt(300)


def test_flips_of_nothing_and_the_unknown():
    """No pair that differs is no evidence; a missing value is none either, and says so."""
    assert (sign_flip(np.zeros(5)).p, sign_flip(np.zeros(5)).flips) == (1, "exact")
    for x in ([], [1.0, NAN], [np.inf]):
        assert math.isnan(sign_flip(x).p)
        assert sign_flip(x).flips == "none"
    with pytest.raises(ProblemError, match="no list"):
        sign_flip(np.ones((2, 2)))


def test_how_many_queries_by_hand():
    """A difference of a tenth of its deviation needs ((1.96 + 0.84) x 10)^2 = 785 queries; of a fifth a quarter of that."""
    assert needed(0.1, 1) == needed(-0.1, 1) == 785
    assert needed(0.2, 1) == 197
    assert needed(0.1, 1, level=0.9, power=0.5) == math.ceil((1.6449 / 0.1) ** 2)
    assert needed(0.0, 1) == math.inf
    assert needed(0.3, 0) == 2
    assert math.isnan(needed(NAN, 1))
    with pytest.raises(ProblemError, match="power"):
        needed(0.1, 1, power=80)


def test_a_difference_that_is_told():
    """A better by 0.2 on average over 400 queries: more, with the interval of `paired`; the other way round, less."""
    rng = np.random.default_rng(4)
    b = rng.random(400)
    a = b + 0.2 + 0.5 * rng.normal(size=400)
    there, back = difference(a, b), difference(b, a)
    same = paired(a, b)
    assert (there.mean, there.low, there.high) == (same.mean, same.low, same.high)
    assert (there.verdict, back.verdict) == (Verdict.MORE, Verdict.LESS)
    assert there.more == back.more == 0
    assert there.p == 1 / (DRAWS + 1)


def test_a_difference_that_cannot_be_told():
    """Right on 3 more of 400 queries, with 43 that differ: untold, and some thousands more would settle it."""
    a, b = np.zeros(400), np.zeros(400)
    a[:23], b[23:43] = 1, 1
    found = difference(a, b)
    assert (found.verdict, found.pairs) == (Verdict.UNTOLD, 43)
    assert found.more == math.ceil((2.8016 / 3 * 400) ** 2 * np.var(a - b)) - 400
    a[:20], a[20:23] = 1, 0
    assert difference(a, b).more == math.inf


def test_the_interval_alone_does_not_decide():
    """Five queries all better: the bootstrap is sure, but one of 16 flips would look like it. So it is untold."""
    found = difference(np.array([0.5, 0.6, 0.7, 0.8, 0.9]), np.zeros(5))
    assert found.low > 0
    assert found.p == 2 / 32
    assert found.verdict is Verdict.UNTOLD
    assert found.more >= 1


def test_the_same_policy_twice():
    """No query differs: the same, nothing dominates, and no number of queries would tell them apart."""
    x, c = np.random.default_rng(5).random(50), np.random.default_rng(6).random(50)
    found = versus(x, x, c, c)
    assert (found.quality.verdict, found.cost.verdict) == (Verdict.SAME, Verdict.SAME)
    assert (found.quality.p, found.quality.more) == (1, math.inf)
    assert (found.dominates, found.dominated) == (0, 0)


def test_dominance():
    """As good on every query and cheaper: dominates for sure; better but dearer: never; cheaper, quality a toss: in about half."""
    rng = np.random.default_rng(7)
    x, c = (rng.random(300) < 0.7).astype(float), rng.random(300)
    sure, dearer = versus(x, x, 0.9 * c, c), versus(np.ones(300), x, c + 0.1, c)
    assert (sure.dominates, sure.dominated) == (1, 0)
    assert (dearer.dominates, dearer.dominated) == (0, 0)
    toss = x.copy()
    toss[np.flatnonzero(x)[:20]], toss[np.flatnonzero(x == 0)[:20]] = 0, 1
    other = versus(toss, x, 0.5 * c, c)
    back = versus(x, toss, c, 0.5 * c)
    assert 0.4 < other.dominates < 0.7  # ties in quality count too
    assert (back.dominated, back.dominates) == (other.dominates, 0)


def test_dominance_by_hand():
    """Resamples (2,0) (1,1) (0,2) of gains in quality (1, -1) and equal costs: more, equal, less: one of three dominates."""
    w = np.array([[2, 0], [1, 1], [0, 2]], dtype=np.uint8)
    found = versus([1.0, 0], [0.0, 1], [1.0, 1], [1.0, 1], w=w)
    assert (found.dominates, found.dominated) == pytest.approx((1 / 3, 1 / 3))


def test_an_unknown_cost_leaves_quality_comparable():
    """Without costs quality is compared, dominance is unknown."""
    rng = np.random.default_rng(8)
    a, b = (rng.random(200) < 0.9).astype(float), (rng.random(200) < 0.5).astype(float)
    found = versus(a, b, np.full(200, NAN), np.full(200, NAN))
    assert found.quality.verdict is Verdict.MORE
    assert (found.cost.verdict, found.cost.flips) == (Verdict.UNKNOWN, "none")
    assert np.isnan([found.dominates, found.dominated, found.cost.more]).all()
    assert difference([1.0], [0.0]).verdict is Verdict.UNKNOWN


def test_strata_are_held_in_every_figure():
    """A better by 0.1 on one task and worse by 0.1 on the other, as many of each: sure to be equal in the mix, never settled by more."""
    tasks = np.repeat([0, 1], 150)
    gain = np.where(tasks == 0, 0.1, -0.1)
    found = difference(0.5 + gain, np.full(300, 0.5), strata=tasks)
    assert (found.low, found.high) == pytest.approx((0, 0), abs=1e-6)
    assert found.verdict is Verdict.UNTOLD
    assert found.more == math.inf


def test_very_many_queries_are_compared_too():
    """Above 50,000 queries by normal draws."""
    rng = np.random.default_rng(9)
    x, c = (rng.random(MANY + 1) < 0.7).astype(float), rng.random(MANY + 1)
    found = versus(x, np.roll(x, 1), 0.9 * c, c)
    assert found.cost.verdict is Verdict.LESS
    assert 0 < found.dominates < 1


def test_what_does_not_pair_up_is_refused():
    """The same queries for both, in quality and in cost."""
    with pytest.raises(ProblemError, match="same queries"):
        difference([1.0, 0], [1.0])
    with pytest.raises(ProblemError, match="do not pair up"):
        versus([1.0, 0], [0.0, 1], [1.0], [1.0])


def test_few_right_or_wrong_answers_are_counted_exactly():
    """Under 100 queries of 0/1 quality the interval is that of counts; graded quality, or 100 queries, have the bootstrap's."""
    a, b = np.repeat([1.0, 0, 1], [7, 3, 70]), np.repeat([0.0, 1, 1], [7, 3, 70])
    found = difference(a, b)
    assert (found.low, found.high, found.method) == (exact_difference(7, 3, 80).low, exact_difference(7, 3, 80).high, "exact")
    assert found.verdict is Verdict.UNTOLD
    assert difference(0.9 * a, b).method == "bootstrap"
    assert difference(np.append(a, [1.0] * 20), np.append(b, [1.0] * 20)).method == "bootstrap"
