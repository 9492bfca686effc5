"""Every declared metric on one small table, worked out by hand: four queries, three models, one cascade of a and c."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import frontier, replay
from strategies.cascades.margin import MarginCascade
from strategies.metrics.declared import METRICS, measure, measure_curve, measure_pool, measure_signal, per_query
from tests.worlds import by_hand

# Means: quality a .5, b .5, c .75; cost 1, 2, 4 USD per 1,000; latency 1, 2, 4 s; tokens 20, 40, 100. c hurts on the last query.
QUALITY = [[1, 1, 1], [0, 1, 1], [0, 0, 1], [1, 0, 0]]
# a is surest on the first query; below .3 the second escalates, below .5 the third too, below .7 the last too, below 1 all.
SURE = [[0.9] * 3, [0.2] * 3, [0.4] * 3, [0.6] * 3]
FOUR = np.ones((4, 1))
TABLE = by_hand(
    QUALITY, tasks=["x", "x", "y", "y"], cost=FOUR * [0.001, 0.002, 0.004], latency=FOUR * [1.0, 2.0, 4.0], margin=SURE,
)  # fmt: skip

# At .3 only the second query goes on to c: quality 1 1 0 1, cost 1 5 1 1, latency 1 5 1 1, answers a c a a.
RUN = {
    "quality": (0.75, {}),
    "cost_per_1k": (2, {}),
    "calls": (5 / 4, {}),
    "overhead_share": (1 / 8, {}),  # one failed step of 1 in a bill of 8
    "saving": (0.5, {}),  # 2 against c's 4
    "latency": (2, {}),
    "latency_p50": (1, {}),
    "latency_p95": (5, {}),
    "latency_p99": (5, {}),
    "pgr": (1, {}),  # as good as c
    "npgr": (1, {}),
    "ibc": (250, {}),  # .25 for .001
    "ibc_lift": (200, {}),  # against .25 for .003
    "arena_score": (0.702332, {}),  # A = .75, C = ln 100 / ln 45454.5 = .429408: .354262 / .504408
    "optimal_selection": (0.5, {}),  # a was cheapest on the first and the last; b would have been on the second, c on the third
    "optimal_cost": (1, {}),  # 1 + 2 + 4 + 1 against 8
    "optimal_accuracy": (0.75, {}),
    "v_b": (1, {}),
    "gain_at_random": (0.75 - (1 + 2 / 3 + 1 / 3 + 1 / 3) / 4, {}),
    "gain_at_best_single": (0, {}),
    "oracle_regret": (0.25, {}),
    "budget_regret": (0.25, {}),  # a for all costs 1; b on the second .25 more, c on the third .75 more: all right for 2
    "choice_entropy": (2 - 0.75 * np.log2(3), {}),
    "recall_helpable": (0.5, {}),  # of the second and the third one was helped
    "hurt_by_routing": (0, {}),
    "ies": (1.321429, {}),  # (.75 + (2/3 + 2/7 + 2/3 + 2/3) / 4) / 2 = .660714 over 2/4
    "energy_per_1k": (4.5, {"energy": [0.001, 0.002, 0.014]}),  # a four times and c once: .018 over 4
    "co2e_per_1k": (2.25, {"energy": [0.001, 0.002, 0.014], "grid": 0.5}),
    "ait": ((1 + 2 / 3 + 0.6875) / 3, {}),  # latency (2 - 1) / 3 and tokens (45 - 20) / 80 from the best
}
POOL = {
    "zero_aiq": (0.625, {}),  # the chord from a to c
    "easy": (0.5, {}),
    "helpable": (0.5, {}),
    "hopeless": (0, {}),
    "hurt": (0.25, {}),
    "oracle_quality": (1, {}),
    "oracle_cost_per_1k": (2, {}),
    "best_single_quality": (0.75, {}),
    "noisy_oracle": (0.5 + 0.5 * 7 / 12, {}),
    "best_per_task": (0.75, {}),  # x: b or c all right; y: a or c half
    "difficulty": (5 / 12, {}),
    "complementarity": (0.25, {}),  # a where c is wrong
}
# The whole curve, per 1,000: (1, .5), (2, .75), (3, 1), (4, .75), (5, .75), with strong shares 0, 1/4, 1/2, 3/4, 1.
CURVE = {
    "saving_at_equal_quality": (0.5, {}),
    "quality_at_equal_cost": (1, {}),
    "quality_at_spend": (0.75, {"spend": 2.5}),
    "spend_at_quality": (3, {"level": 0.8}),
    "aiq": ((2 * 0.75 + 1) / 3, {}),
    "aiq_gain": (2.5 / 3 - 0.625, {}),
    "apgr": (1.125, {}),  # PGR 0 1 2 1 1
    "apgr_routellm_11": (1.13, {}),  # 0 .4 .8 1.2 1.6 2 1.6 1.2 1 1 1
    "cpt": (0.2, {"level": 0.8}),
    "napgr": (3.5 / 3, {}),  # 0 1 2 1 at 0 1/3 2/3 1
    "ncpt": (0.8 / 3, {"level": 0.8}),
    "ibc_lift_regions": ((600 + 120 / 0.7 + 40 / 0.9) / 5, {}),  # gap .3 .9 1.5 1.9 1.3 at .1 .3 .5 .7 .9 of the range
    "perf_gain": (1 / 3, {}),
    "pareto_dist": ((0.5 + np.sqrt(0.5)) / 5, {}),  # two settings are dominated, at (.75, .5) and (1, .5) of the box
    "deferral_area": (0.78125, {}),
    "audc": (0.25 / 3 * 9.5, {}),
    "qnc": (0.5, {}),
    "hypervolume": (0.5625, {}),  # 1 x .25, then .75 x .25, then .5 x .25
}
# Three right of four, in the order right wrong right right: two of three pairs in order.
SCORES, ANSWERS, NEXT = [0.9, 0.5, 0.8, 0.3], [1, 0, 1, 1], [1, 1, 1, 1]
SIGNAL = {
    "auroc": (2 / 3, {}),
    "usefulness": (2 / 3, {}),  # only the wrong one gains, and is less sure than two of three
    "ece": ((0.1 + 0.5 + 0.2 + 0.7) / 4, {"bins": 10}),  # each in its own bin
    "brier": ((0.01 + 0.25 + 0.04 + 0.49) / 4, {}),
    "risk_coverage": ((1 - 2 * np.log(1.5) + 1 * np.log(4 / 3)) / 4, {}),  # lost 0 0 1 1 of 1 2 3 4; (x - 2) / x between 2 and 3
}
ELSEWHERE = {"robustness", "router_latency"}  # test_robustness.py: they run a policy


@pytest.fixture(scope="module")
def cascade():
    """Return the table with tokens, a cascade's run at .3, and its whole curve."""
    tokens = {"tokens_in": np.full((4, 3), 10, np.float32), "tokens_out": (FOUR * [10, 30, 90]).astype(np.float32)}
    table = replace(TABLE, numbers={**TABLE.numbers, **tokens}, stored_fingerprint="")
    policy = MarginCascade(chain=("a", "c"), signal="margin", t1=0.3).fit(table)
    return table, replay(policy, table), frontier(policy, table)


@pytest.mark.parametrize("name", RUN)
def test_of_a_run(cascade, name):
    """What the cascade at .3 scores."""
    table, run, _ = cascade
    assert measure(name, run, table, **RUN[name][1]) == pytest.approx(RUN[name][0], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", POOL)
def test_of_the_pool(cascade, name):
    """What the three models are, with a run or a curve at hand or not."""
    table, run, curve = cascade
    expected = pytest.approx(POOL[name][0], rel=1e-6, abs=1e-6)
    assert measure_pool(name, table) == expected
    assert measure(name, run, table) == expected
    assert measure_curve(name, curve, table) == expected


@pytest.mark.parametrize("name", CURVE)
def test_of_a_curve(cascade, name):
    """What the cascade scores over all its thresholds."""
    table, _, curve = cascade
    assert measure_curve(name, curve, table, **CURVE[name][1]) == pytest.approx(CURVE[name][0], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", SIGNAL)
def test_of_a_signal(name):
    """What four confidences are worth."""
    assert measure_signal(name, SCORES, ANSWERS, NEXT, **SIGNAL[name][1]) == pytest.approx(SIGNAL[name][0], rel=1e-6, abs=1e-6)


def test_no_metric_is_without_a_hand_worked_value():
    """Whoever declares a metric works it out here, under what it is measured on."""
    tables = {"run": RUN, "pool": POOL, "curve": CURVE, "signal": SIGNAL, "policy": ELSEWHERE}
    assert {name: metric.of for name, metric in METRICS.items()} == {name: of for of, names in tables.items() for name in names}


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.mean])
def test_a_mean_is_the_mean_of_its_values(cascade, name):
    """What a bootstrap resamples has the figure as its mean, one value a query."""
    table, run, _ = cascade
    values = per_query(name, run, table)
    assert values.shape == (4,)
    assert values.mean() == pytest.approx(measure(name, run, table), rel=1e-6, abs=1e-6)
