"""Identity, fitting, and what training may see."""

from dataclasses import replace

import numpy as np
import pytest

import strategies
from data.problems import LeakError, ProblemError
from strategies import find
from strategies.engines.loop import LoopView, State, replay
from strategies.engines.recorded import Columns
from strategies.frontiers.tune import Goal
from strategies.protocol import Card, Strategy, Training, View, needs_fit
from tests.worlds import NAN, by_hand, proving_ground, unpriced, without


def mix(**given):
    """Return a random mix of two."""
    return find("random-mix")(pair=("m0", "m3"), **given)


def test_the_key_knows_knobs_seed_and_state():
    """Anything that can change a decision changes the key; nothing else does."""
    base = mix()
    others = [mix(share=0.25), mix(seed=1), base.with_state(x=np.zeros(2)), base.with_state(x=np.ones(2)), base.with_state(y=np.zeros(2))]
    others += [base.with_state(x=np.zeros((2, 1))), base.with_state(x=np.zeros(2, np.float32)), find("random-mix")(pair=("m3", "m0"))]
    assert len({base.key, *(other.key for other in others)}) == 9
    assert base == mix()
    assert len({base, mix(), replace(base)}) == 1
    assert base.with_state(x=np.zeros((2, 3))) == base.with_state(x=np.asfortranarray(np.zeros((2, 3))))
    assert base != others[0]
    assert base != "random-mix"
    assert base.key.startswith("random-mix(pair=('m0', 'm3'),share=0.5,seed=0)#")


def test_a_state_is_hashed_once_for_all_settings(monkeypatch):
    """Turning a knob keeps the state and its hash: a slider over a fitted router does not read its arrays again."""
    policy = mix().with_state(x=np.zeros(100))
    turned = replace(policy, share=0.1)
    assert turned.state is policy.state
    assert policy.key.split("#")[1] == turned.key.split("#")[1]
    monkeypatch.setattr(np, "ascontiguousarray", None)
    assert replace(policy, share=0.2).key.endswith(policy.key.split("#")[1])


def test_training_refuses_the_test_part():
    """Nothing is fitted or tuned on test, whatever was selected from it."""
    parts = proving_ground().split(seed=0)
    for part in (
        parts.test,
        parts.test.select(["m0", "m1"]),
        parts.test.take(np.arange(5)),
        parts.test.with_feature("x", np.zeros((96, 1))),
    ):
        with pytest.raises(LeakError, match="refuse the test part"):
            Training(part, Columns(part))
    with pytest.raises(LeakError):
        mix().fit(parts.test)
    with pytest.raises(LeakError):
        mix().calibrate(parts.test, Goal(keep=0.9))
    assert mix().fit(parts.fit) == mix()
    assert 0 <= mix().calibrate(parts.calibrate, Goal(keep=0.9)).share <= 1


def test_training_shows_columns_by_position_and_name():
    """Qualities, costs, features and signals of the part."""
    table = proving_ground(10, 2)
    training = Training(table, Columns(table))
    assert (len(training), training.models) == (10, ("m0", "m1"))
    assert np.array_equal(training.quality("m1"), table.quality(1))
    assert np.array_equal(training.cost_usd(0), table.cost_usd("m0"))
    assert np.array_equal(training.feature("embedding"), table.features["embedding"])
    assert np.array_equal(training.signal("margin", 0), table.signal("margin", "m0"))
    assert (training.has_signal("margin"), training.has_signal("x")) == (True, False)
    assert (training.has_feature("embedding"), training.has_feature("text"), training.has_feature("x")) == (True, True, False)
    bare = without(table, "features", "prompts")
    assert not Training(bare, Columns(bare)).has_feature("text")


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        ({"cost": [[3, 1, 2]] * 2}, "bca"),
        ({"cost": [[1, 1, 1]] * 2}, "cab"),
        ({"cost": [[3, NAN, 2]] * 2}, "cab"),
        ({}, "cab"),
    ],
)
def test_cheap_to_dear_is_by_cost_or_by_quality_where_a_cost_is_unknown(fields, order):
    """Mean cost decides, quality breaks ties; one unknown cost and only quality is an order."""
    table = by_hand([[0.5, 0.9, 0.1], [0.5, 0.9, 0.1]], **fields)
    assert Training(table, Columns(table)).cheap_to_dear == tuple(order)


def test_models_of_unknown_quality_come_last_by_name():
    """NaN never decides an order by accident."""
    table = by_hand([[NAN, 0.5, NAN, 0.1]])
    assert Training(table, Columns(table)).cheap_to_dear == ("d", "b", "a", "c")


@pytest.mark.parametrize(
    "kind", ["single", "best-single", "random-mix", "zero-router", "matched-random", "margin-cascade", "agreement-cascade"]
)
def test_an_unfitted_strategy_says_so(kind):
    """What `fit` would choose is missing: a ProblemError that says what to call."""
    with pytest.raises(ProblemError, match=r"not fitted|Fit it"):
        replay(find(kind)(), proving_ground(5))


def test_needs_fit_names_the_way_out():
    """A missing array of the state is a ProblemError."""
    with pytest.raises(ProblemError, match=r"was not fitted.*Call \.fit"):
        needs_fit(mix(), "coefficients")


def test_the_base_decides_nothing_learns_nothing_and_misses_nothing():
    """An author has to write `decide`; the rest has defaults."""

    class Bare(Strategy):
        card = Card(id="bare", title="", family="router", source="", rule="")

    table = proving_ground(5)
    assert Bare().fit(table) == Bare()
    assert Bare().missing(unpriced(table)) == ""
    with pytest.raises(NotImplementedError):
        replay(Bare(), table)


def test_the_loops_view_is_a_view():
    """What the loop hands out speaks the protocol's vocabulary, without a word for quality."""
    view = LoopView(State(Columns(proving_ground(5))), 0)
    assert isinstance(view, View)
    assert not hasattr(view, "quality")


def test_the_public_face_imports_late():
    """The package gives its public names on demand and refuses others like any module."""
    assert {name: getattr(strategies, name).__name__ for name in strategies.__all__} == {name: name for name in strategies.__all__}
    with pytest.raises(AttributeError, match="route"):
        _ = strategies.route
