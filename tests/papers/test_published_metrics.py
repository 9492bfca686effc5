"""Published figures through the declared metrics: RouteLLM's GSM8K recordings, RouterArena's board, Avengers-Pro's gain and saving."""

import numpy as np
import pytest

from strategies import frontier, replay
from strategies.baselines.budget_oracle import BudgetOracle
from strategies.baselines.oracle import Oracle
from strategies.baselines.random_mix import RandomMix
from strategies.baselines.zero_router import ZeroRouter
from strategies.frontiers.hull import hull, hull_at
from strategies.metrics.declared import METRICS, measure, measure_curve, measure_pool
from strategies.metrics.facts import Curve, Done, Pool, pool_of
from tests.papers.test_routellm_a1 import BOARD, GSM8K, read
from tests.worlds import by_hand


@pytest.fixture(scope="module")
def gsm8k():
    """Return RouteLLM's GSM8K answers (arXiv 2406.18665) as a table; its cost is the share sent to GPT-4."""
    _, weak, strong = read(GSM8K.folder, GSM8K.files, GSM8K.file_count)
    table = by_hand(np.stack([weak, strong], axis=1), models=("weak", "strong"))
    return table.relatively_priced({"weak": 0, "strong": 1})


def test_the_perfect_router_of_gsm8k(gsm8k):
    """APGR 1.132555 exactly and 1.130938 by eleven points, CPT at 20, 50, 80 and 100 %, from the curve of the budget oracle."""
    curve = frontier(BudgetOracle(), gsm8k)
    assert measure_curve("apgr", curve, gsm8k) == pytest.approx(1.132555, abs=1e-6)
    assert measure_curve("apgr_routellm_11", curve, gsm8k) == pytest.approx(1.130938, abs=1e-6)
    assert measure_curve("napgr", curve, gsm8k) == pytest.approx(1.132555, abs=1e-6)  # the share is the cost
    for level, per_cent in GSM8K.cpt.items():
        assert 100 * measure_curve("cpt", curve, gsm8k, level=level) == pytest.approx(per_cent, abs=1e-4)
        assert 100 * measure_curve("ncpt", curve, gsm8k, level=level) == pytest.approx(per_cent, abs=1e-4)
    assert 100 * measure_curve("deferral_area", curve, gsm8k) == pytest.approx(GSM8K.auc, abs=1e-4)
    assert 100 * measure_curve("audc", curve, gsm8k) == pytest.approx(GSM8K.auc, abs=1e-4)


def test_the_pool_of_gsm8k(gsm8k):
    """Right answers, helpable and hurt queries, and the oracle: exactly the counts of the file."""
    n = GSM8K.rows[1]
    counts = {"best_single_quality": GSM8K.strong, "easy": GSM8K.weak, "helpable": GSM8K.helpable, "hurt": GSM8K.hurt}
    counts |= {"hopeless": GSM8K.neither, "complementarity": GSM8K.hurt, "oracle_quality": n - GSM8K.neither}
    for name, count in counts.items():
        assert n * measure_pool(name, gsm8k) == pytest.approx(count, abs=1e-3), name
    run = replay(Oracle(), gsm8k)
    assert n * measure("oracle_regret", run, gsm8k) == pytest.approx(0, abs=1e-3)
    assert measure("recall_helpable", run, gsm8k) == 1
    assert measure("optimal_selection", run, gsm8k) == measure("optimal_accuracy", run, gsm8k) == 1


def test_random_mixing_is_the_anchor(gsm8k):
    """The random router: APGR 0.5, CPT(x) = x, no lift, and the area of the zero router."""
    curve = frontier(RandomMix(pair=("weak", "strong")), gsm8k)
    for name, value in (("apgr", 0.5), ("napgr", 0.5), ("ibc_lift_regions", 0), ("aiq_gain", 0)):
        assert measure_curve(name, curve, gsm8k) == pytest.approx(value, abs=1e-5), name
    for level in (0.2, 0.5, 0.8):
        assert measure_curve("cpt", curve, gsm8k, level=level) == pytest.approx(level, abs=1e-5)


def test_the_zero_routers_area_is_that_under_the_hull_of_the_models():
    """Mixing reaches every chord: its own curve, the declared reference and a Riemann sum under the hull have one area."""
    table = by_hand([[0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1], [0, 0, 1, 0]], cost=[[1, 2, 5, 9]] * 4)
    curve = frontier(ZeroRouter().fit(table), table)
    cost, quality = (np.array(list(table.mean(name).values())) for name in ("cost_usd", "quality"))
    at = hull(cost, quality)
    fine = hull_at(np.linspace(1, 9, 80_001), cost[at], quality[at]).mean()
    assert measure_pool("zero_aiq", table) == pytest.approx(fine, abs=1e-5)
    assert measure_curve("aiq", curve, table) == pytest.approx(fine, abs=1e-5)
    assert measure_curve("aiq_gain", curve, table) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("router", BOARD)
def test_the_arena_board(router):
    """RouteWorks/RouterArena at 4714a9a: twelve rows of its board from runs of their accuracy and cost."""
    accuracy, usd_per_1k, score = BOARD[router]
    one = np.ones((1, 1))
    pool = Pool(("m",), one, one, one, one)
    run = Done(pool, np.array([accuracy / 100]), np.array([usd_per_1k / 1000]), one[0], np.zeros(1, dtype=int), one > 0)
    for cheapness in ("clamped", "published"):
        options = METRICS["arena_score"].chosen({"cheapness": cheapness})
        assert 100 * METRICS["arena_score"].compute(run, **options) == pytest.approx(score, abs=0.01)


def test_avengers_pro_beats_its_best_model_by_seven_per_cent_and_saves_twenty_seven():
    """Its printed curve (arXiv 2508.12631; 62.25 at 47.96 USD is the best model): +7 %, and 27 % cheaper at equal accuracy."""
    quality = np.array([32.89, 51.56, 56.24, 62.66, 65.46, 66.66]) / 100
    cost = np.array([1.08, 9.69, 17.81, 35.05, 44.65, 47.13])
    pool = pool_of(by_hand([[0.6225]], cost=[[47.96]]))
    shares = np.ones((1, 6), dtype=np.float32)
    curve = Curve(pool, cost, quality, np.full(6, np.nan), shares, shares)
    gain, saving = (METRICS[name].compute(curve, **METRICS[name].chosen({})) for name in ("perf_gain", "saving_at_equal_quality"))
    assert (100 * gain, 100 * saving) == pytest.approx((7, 27), abs=0.5)
