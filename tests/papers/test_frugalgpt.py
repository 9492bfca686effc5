"""FrugalGPT (arXiv 2305.05176): the rule with the published thresholds, and its two claims on simulated models."""

import math
from dataclasses import replace

import numpy as np
import pytest

from data.simulator import SimModel, World, simulate
from strategies import Goal, replay
from strategies.cascades.frugalgpt import FrugalCascade
from tests.worlds import by_hand


def judge(names):
    """Return a scorer that believes short answers: g = 1 / (1 + exp(8 x - 4)), x = log(1 + tokens) / 4."""
    return {
        "coefficients": np.tile(np.array([[-8.0], [4.0]], np.float32), (1, len(names))),
        "query_feature": np.array(""),
        "answer_features": np.array(["response_tokens"]),
        "models": np.array(names),
        "open": np.array(False),
    }


def test_the_published_thresholds_by_hand():
    """HEADLINES keeps GPT-J from .96 and J1-L from .37, GPT-4 always; scores here are 0.982, 0.881 and 0.018."""
    short, middle, long = 0.0, math.e - 1, math.e**4 - 1  # x = 0, 1/4, 1: g = sigmoid(4), sigmoid(2), sigmoid(-4)
    table = by_hand(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]],
        cost=[[1, 10, 100]] * 4,
        models=("gpt-j", "j1-l", "gpt-4"),
    )
    tokens = np.array([[short, 0, 0], [middle, middle, 0], [long, long, 0], [middle, long, 0]])
    table = replace(table, numbers={**table.numbers, "tokens_out": tokens})
    policy = FrugalCascade(chain=table.models, thresholds=(0.96, 0.37), state=judge(table.models))
    run = replay(policy, table)
    assert run.path == [(0,), (0, 1), (0, 1, 2), (0, 1, 2)]
    assert run.cost_usd.tolist() == [1, 11, 111, 111]
    assert run.quality.tolist() == [1, 1, 1, 1]
    assert run.score(1) == pytest.approx([0.98201, 0.88080, 0.01799, 0.88080], abs=1e-5)
    assert run.score(2)[1:] == pytest.approx([0.88080, 0.01799, 0.01799], abs=1e-5)


@pytest.fixture(scope="module")
def parts():
    """Return three simulated models at 1 : 8 : 100, the two cheap ones rambling when they are wrong, which a scorer can see."""
    models = [
        SimModel(
            name=name, accuracy=accuracy, price_in_usd_per_mtok=price, price_out_usd_per_mtok=3 * price, longer_when_wrong=rambles,
            tokens_spread=0.3,
        )
        for name, accuracy, price, rambles in (("small", 0.6, 0.1, 1.2), ("mid", 0.72, 0.8, 1.2), ("large", 0.8, 10, 0))
    ]  # fmt: skip
    return simulate(World(name="frugal", n=3000, models=tuple(models))).split(seed=0)


def test_the_best_models_accuracy_at_a_fraction_of_its_cost(parts):
    """Fitted for the accuracy of the best model, it reaches it on unseen queries for less than a quarter of the money."""
    run = replay(FrugalCascade().fit(parts.fit), parts.test).summary()
    assert run.quality >= parts.test.mean("quality")["large"] - 0.01
    assert run.cost_usd < parts.test.mean("cost_usd")["large"] / 4


def test_for_the_same_money_it_is_better_than_the_best_model(parts):
    """Within a fifth of the best model's cost it is still better by points: cheap models are right where the best one is wrong."""
    dear = parts.calibrate.mean("cost_usd")["large"]
    policy = FrugalCascade().fit(parts.fit).calibrate(parts.calibrate, Goal(budget=dear / 5))
    run = replay(policy, parts.test).summary()
    assert run.cost_usd < dear / 4
    assert run.quality > parts.test.mean("quality")["large"] + 0.03
