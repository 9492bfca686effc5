"""Tryage (arXiv 2308.11601): loss plus weighted constraints by hand, what is not known, and experts found by the prompt."""

from dataclasses import replace

import numpy as np
import pytest

from data.models import ModelCard
from data.problems import ProblemError
from strategies import find, replay
from strategies.predictors.modelfacts import billions, released
from tests.embedded import at_points, drawn_right, halves, view_of
from tests.worlds import NAN

TRYAGE = find("tryage")
NAMES = ("new-70b-2025-01-01", "old-7b-2024-01-01")


def by_hand_fitted(latency=(4.0, 1.0), **knobs):
    """Return a policy that expects q = (0.9, 0.6), c = (3, 1) of every query, and a table of one query."""
    policy = TRYAGE(learner="ridge", **knobs).with_state(
        names=np.array(NAMES), mean=np.zeros(4), spread=np.ones(4), low=np.zeros(4), high=np.array([1, 1, 9, 9.0]),
        coefficients=np.zeros((4, 2)), intercept=np.array([0.9, 0.6, 3, 1]), latency=np.array(latency), energy=np.full(2, NAN),
    )  # fmt: skip
    return policy, at_points([[0, 1]], [[1, 1]], cost=[[3, 1]], models=NAMES)


@pytest.mark.parametrize(
    ("knobs", "chosen"),
    [
        ({}, 0),  # losses 0.1 and 0.4
        ({"lam": 0.14}, 0),  # 0.1 + 0.42 = 0.52 against 0.4 + 0.14 = 0.54
        ({"lam": 0.16}, 1),  # 0.58 against 0.56
        ({"w_latency": 0.09}, 0),  # 3 s cost 0.27 of the 0.3
        ({"w_latency": 0.11}, 1),
        ({"w_size": 0.004}, 0),  # 63 billion parameters cost 0.252
        ({"w_size": 0.005}, 1),
        ({"lam": 0.16, "w_age": 0.1}, 0),  # the other is a year older: 0.66
        ({"lam": 0.1, "w_latency": 0.05}, 1),  # 0.1 + 0.3 + 0.2 = 0.6 against 0.4 + 0.1 + 0.05 = 0.55
    ],
)
def test_the_rule_by_hand(knobs, chosen):
    """The least of loss + lambda * cost + weights * constraints, for each constraint and for two at once."""
    policy, table = by_hand_fitted(**knobs)
    assert replay(policy, table).answer.tolist() == [chosen]


@pytest.mark.parametrize(
    ("weight", "latency", "said"),
    [("w_latency", (4.0, NAN), "latency of old-7b"), ("w_energy", (4.0, 1.0), "energy of new-70b.*old-7b")],
)
def test_a_constraint_that_is_not_known_is_refused(weight, latency, said):
    """With a weight, what one model lacks is said by name; without one, nobody asks."""
    policy, table = by_hand_fitted(latency)
    assert replay(policy, table).answer.tolist() == [0]
    with pytest.raises(ProblemError, match=said) as caught:
        replay(replace(policy, **{weight: 0.5}), table)
    assert caught.value.problems[0].column == weight


def test_sizes_and_ages_that_names_do_not_say_are_refused():
    """A name without a number of parameters or a date has neither; a card's date is that of its price."""
    policy, table = by_hand_fitted()
    names = ("gpt-4o", "claude")
    state = {**policy.state, "names": np.array(names)}
    table = replace(table, models=names, cards=(ModelCard(name="gpt-4o", date="2024-05-13"),), stored_fingerprint="")
    for weight, said in (("w_size", "size of gpt-4o, claude"), ("w_age", "age of gpt-4o, claude")):
        with pytest.raises(ProblemError, match=said):
            replay(replace(policy, state=state, **{weight: 1.0}), table)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("meta/llama-2-13b-chat", 13),
        ("Mixtral-8x7B-Instruct", 56),
        ("smollm2-135m", 0.135),
        ("phi-3.8b", 3.8),
        ("gpt-4o", NAN),
        ("b52", NAN),
    ],
)
def test_a_size_is_what_the_name_says(name, size):
    """Billions of parameters, experts multiplied; no number, no size."""
    assert billions(ModelCard(name=name)) == pytest.approx(size, nan_ok=True)


def test_a_date_is_what_the_name_says():
    """With and without hyphens; 20249999 is none."""
    a, b = (released(ModelCard(name=n)) for n in ("gpt-4o-2024-05-13", "claude-20250513"))
    assert b - a == pytest.approx(365 / 365.25)
    assert np.isnan(released(ModelCard(name="m-20249999")))


def test_energy_is_read_where_a_set_brings_it():
    """A recorded energy_wh is averaged over what is known and weighs on the model."""
    table = at_points([[0, 1], [1, 0]], [[1, 0.9], [1, 0.9]], cost=[[1, 1]] * 2, energy_wh=[[5, 1], [NAN, 3]])
    policy = TRYAGE(learner="ridge").fit(table)
    assert policy.state["energy"].tolist() == [5, 2]
    assert replay(policy, table).answer.tolist() == [0, 0]
    assert replay(replace(policy, w_energy=0.1), table).answer.tolist() == [1, 1]


def experts(points, seed):
    """Return a world of four experts, each the right one in a quadrant of its own."""
    home = (points[:, 0] > 0) * 2 + (points[:, 1] > 0)
    chance = np.where(home[:, None] == np.arange(4), 0.95, 0.3)
    return at_points(points, drawn_right(chance, seed), cost=np.ones((len(points), 4)), models=("a-1b", "b-3b", "c-7b", "d-70b"))


def test_it_finds_the_expert_and_yields_to_flags():
    """The paper's claim in small: the right expert far oftener than chance; a weight on size moves queries to smaller ones only."""
    fit, test = halves(experts)
    home = ((test.features["embedding"] > 0) @ np.array([2, 1])).astype(int)
    policy = TRYAGE().fit(fit)
    assert (replay(policy, test).answer == home).mean() > 0.85
    size = np.array([billions(card) for card in test.cards])
    spent = [size[replay(replace(policy, w_size=w), test).answer].mean() for w in (0, 0.003, 0.03, 1.0)]
    assert (np.diff(spent) <= 0).all()
    assert spent[0] > 15
    assert spent[-1] == 1


@pytest.mark.parametrize("learner", ["neighbours", "ridge", "network"])
def test_every_learner_foresees(learner):
    """Each of the three finds which half belongs to whom."""

    def make(points, seed):
        left = points[:, :1] < 0
        return at_points(points, drawn_right(np.where(np.hstack([left, ~left]), 0.9, 0.2), seed), cost=np.ones((len(points), 2)))

    fit, test = halves(make, 600)
    assert replay(TRYAGE(learner=learner).fit(fit), test).quality.mean() > 0.8
    assert TRYAGE(learner=learner).fit(fit).estimate(view_of(test))[0].shape == (600, 2)
