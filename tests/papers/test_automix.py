"""AutoMix (arXiv 2310.12963): the meta-verifiers by hand, the bill, and hopeless queries kept cheap."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import frontier, replay
from strategies.cascades.automix import AutoMix
from strategies.knobs import turned
from tests.worlds import by_hand

CHECKS = [0.0, 0.5, 1.0]
TABLE = by_hand([[0, 0], [0, 1], [1, 1]], cost=[[1, 60]] * 3, latency=[[1, 1]] * 3, self_check=[[v, np.nan] for v in CHECKS])


@pytest.mark.parametrize(
    ("meta", "knobs", "worth", "escalated"),
    [
        ("threshold", {"t": 0.6}, [0, 0.5, 1], [0, 1]),
        ("double", {"t": 0.6, "low": 0.2}, [2, 0.5, 1], [1]),
        # Scott's bandwidth of (0, 0.5, 1): 0.4082 * 3^(-1/5) = 0.3277, so K(0.5) = 0.3123 and K(1) = 0.0095. The gains are 0, 1, 0:
        # g(0) = 0.3123 / (1 + 0.3123 + 0.0095) = 0.2363 and g(0.5) = 1 / (1 + 2 * 0.3123) = 0.6155.
        ("pomdp", {"t": 0.3}, [(1 - 0.2363) / 2, (1 - 0.6155) / 2, (1 - 0.2363) / 2], [1]),
        # Bins 0, 4 and 7 of 8: exp(-16 / 8) = 0.1353, exp(-9 / 8) = 0.3247, exp(-49 / 8) = 0.0022.
        ("greedy", {"t": 0.3}, [(1 - 0.1353 / 1.1375) / 2, (1 - 1 / 1.4600) / 2, (1 - 0.3247 / 1.3269) / 2], [1]),
    ],
)
def test_the_meta_verifiers_by_hand(meta, knobs, worth, escalated):
    """Three queries, hopeless, needy and good; cost C = C_S + C_ver + w C_L with C_ver = C_S = 1 and C_L = 60."""
    policy = AutoMix(meta=meta, **knobs).fit(TABLE)
    run = replay(policy, TABLE)
    assert run.score(1) == pytest.approx(worth, abs=2e-4)
    assert np.flatnonzero(run.answer == 1).tolist() == escalated
    assert run.cost_usd.tolist() == [2 + 60 * (i in escalated) for i in range(3)]
    assert run.latency_s.tolist() == [2 + (i in escalated) for i in range(3)]


@pytest.fixture(scope="module")
def world():
    """Return 4,000 queries, a third each hopeless (checks fail), needy (half of the checks pass) and good (they pass)."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 4000)
    check = rng.binomial(8, np.choose(kind, [0.08, 0.45, 0.9])) / 8
    quality = np.stack([kind == 2, kind >= 1], axis=1).astype(float)
    table = by_hand(quality, cost=[[1, 60]] * 4000, self_check=np.stack([check, check], axis=1))
    return table.take(np.arange(2000)), table.take(np.arange(2000, 4000)), kind[2000:]


def test_the_pomdp_keeps_hopeless_queries_cheap(world):
    """At lambda C_L = 0.3, t = (1 - 0.3) / 2, it escalates most needy queries and few hopeless ones; the threshold sends them first."""
    fit, test, kind = world
    sent = replay(AutoMix(t=0.35).fit(fit), test).answer == 1
    assert sent[kind == 1].mean() > 0.8
    assert sent[kind == 0].mean() < 0.2
    plain = replay(AutoMix(meta="threshold", t=0.8).fit(fit), test).answer == 1
    assert plain[kind == 1].mean() > 0.8
    assert plain[kind == 0].mean() > 0.99


@pytest.mark.parametrize("meta", ["pomdp", "greedy", "double"])
def test_at_the_same_cost_it_is_better_than_the_plain_threshold(world, meta):
    """Incremental benefit per cost: more quality at half the way between the models' costs, verification paid by all."""
    fit, test, _ = world

    def at_half(policy):
        curve = frontier(policy.fit(fit), test, "t")
        return np.interp(2 + 20, curve.cost_usd, curve.quality)

    assert at_half(AutoMix(meta=meta, low=0.3)) > at_half(AutoMix(meta="threshold")) + 0.1


def test_a_few_labelled_queries_are_enough(world):
    """The paper fits on as few as 50 queries: most of the gain of 2,000 is there."""
    fit, test, _ = world
    few, many = (replay(AutoMix(t=0.35).fit(part), test).summary() for part in (fit.take(np.arange(50)), fit))
    plain = replay(AutoMix(meta="threshold", t=0.8).fit(fit), test).summary()
    assert few.quality > many.quality - 0.05
    assert few.cost_usd < plain.cost_usd - 10


def test_a_recorded_price_of_the_check_takes_the_place_of_the_papers_assumption():
    """A cheaper verifier is billed as what it cost."""
    table = TABLE.with_signal("cost_usd:self_check", np.full((3, 2), 0.25, np.float32))
    assert replay(turned(AutoMix().fit(table), "t", 0.0), table).cost_usd.tolist() == [1.25] * 3
    free = replace(TABLE, signals={"margin": TABLE.signals["self_check"]}, stored_fingerprint="")
    assert replay(AutoMix(signal="margin", t=0).fit(free), free).cost_usd.tolist() == [1, 1, 1]
