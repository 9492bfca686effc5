"""Moves: every query's outcome as one knob is turned."""

import numpy as np
import pytest

from strategies import find, replay
from strategies.frontiers.breakpoints import lambda_moves, lambda_settings
from strategies.frontiers.cut import cut_moves, cut_settings
from strategies.frontiers.moves import Moves, Outcomes
from strategies.knobs import turned
from strategies.proving import proving_parts, with_holes
from tests.worlds import NAN, by_hand

FIELDS = {"quality": "quality", "cost": "cost_usd", "latency": "latency_s"}


def outcomes(quality, answer):
    """Return outcomes of two models where the second costs ten times the first."""
    quality, answer = np.array(quality, np.float32), np.array(answer)
    cost = np.where(answer == 1, 10, 1).astype(np.float32)
    return Outcomes(quality=quality, cost=cost, latency=cost, answer=answer, called=np.eye(2, dtype=bool)[answer])


def twice(inclusive):
    """Return two queries: the first moves up at 0.3 and down again at 0.6, the second up at 0.6."""
    return Moves(
        start=outcomes([0, 0], [0, 0]), row=np.array([0, 1, 0]), at=np.array([0.6, 0.6, 0.3]), inclusive=inclusive,
        before=outcomes([1, 0, 0], [1, 0, 0]), after=outcomes([0, 1, 1], [0, 1, 1]),
    )  # fmt: skip


@pytest.mark.parametrize(("inclusive", "quality"), [(False, [0, 0, 0.5, 0.5, 0.5]), (True, [0, 0.5, 0.5, 0.5, 0.5])])
def test_a_move_has_happened_above_its_setting_or_from_it_on(inclusive, quality):
    """Strictly above by default, at it too when inclusive; a query may move several times."""
    moves, settings = twice(inclusive), np.array([0.1, 0.3, 0.4, 0.6, 0.7])
    assert moves.n == 2
    assert moves.sums(settings)["quality"].tolist() == quality
    assert moves.per_query(settings, "quality").mean(axis=0).tolist() == quality
    answered, called = moves.shares(settings)
    assert answered[1].tolist() == called[1].tolist() == quality
    assert moves.per_query(np.array([0.7]), "quality").ravel().tolist() == [0, 1]


def test_an_unknown_value_is_unknown_while_it_lasts():
    """A mean is NaN only at the settings at which some query's value is."""
    moves = Moves(
        start=outcomes([NAN, 1], [0, 0]), row=np.array([0, 1]), at=np.array([0.2, 0.4]),
        before=outcomes([NAN, 1], [0, 0]), after=outcomes([1, NAN], [1, 1]),
    )  # fmt: skip
    assert moves.sums(np.array([0.1, 0.3, 0.5]))["quality"].tolist() == pytest.approx([NAN, 1, NAN], nan_ok=True)


@pytest.mark.parametrize("holes", [0.0, 0.1])
@pytest.mark.parametrize(
    ("kind", "name"), [("margin-cascade", "t1"), ("margin-cascade", "t2"), ("agreement-cascade", "tau"), ("knn-router", "lam")]
)
def test_per_query_values_are_those_of_a_replay(kind, name, holes):
    """What the band is made of equals, query by query, the policy at that setting."""
    parts = proving_parts()
    table = with_holes(parts.test, holes)
    policy = find(kind)().fit(parts.fit)
    moves = (
        lambda_moves(policy, table) if name == "lam" else cut_moves(policy, table, int(name[1]) if name[0] == "t" and name != "tau" else 1)
    )
    settings = lambda_settings(moves) if name == "lam" else cut_settings(moves)
    settings = settings[np.unique(np.linspace(0, len(settings) - 1, 9).round().astype(int))]
    for field, column in FIELDS.items():
        values = moves.per_query(settings, field)
        for k, setting in enumerate(settings):
            if kind == "margin-cascade" and setting > 1.01:
                continue
            run = replay(turned(policy, name, setting), table)
            assert np.array_equal(values[:, k], getattr(run, column), equal_nan=True)


def test_a_stage_that_nobody_reaches_gives_one_setting():
    """With the first threshold at zero nothing moves at the second."""
    policy = find("margin-cascade")(chain=("m0", "m1", "m2"), t1=0.0, signal="margin")
    moves = cut_moves(policy, proving_parts().test, 2)
    assert cut_settings(moves).tolist() == [0]
    assert moves.sums(np.array([0.0, 1.0]))["quality"].tolist() == [replay(policy, proving_parts().test).summary().quality] * 2


def test_the_envelope_is_walked_from_best_to_cheapest():
    """Three models on a bent line are three steps, on a straight one two: straight to the cheapest; a dominated one never."""
    table = by_hand([[0.9, 0.8, 0.5], [0.9, 0.7, 0.5], [0.9, 0.4, 0.5]], cost=[[4, 2, 1]] * 3)
    table = table.with_feature("embedding", np.eye(3, dtype=np.float32))
    moves = lambda_moves(find("knn-router")(k=1).fit(table), table)
    steps = sorted(
        zip(moves.row.tolist(), moves.at.round(6).tolist(), moves.before.answer.tolist(), moves.after.answer.tolist(), strict=True)
    )
    assert steps == [(0, 0.05, 0, 1), (0, 0.3, 1, 2), (1, 0.1, 0, 1), (1, 0.2, 1, 2), (2, 0.133333, 0, 2)]


def test_breakpoints_that_differ_by_rounding_only_are_one():
    """Many queries with the same expectations, summed in another order, move together."""
    parts = proving_parts()
    moves = lambda_moves(find("knn-router")(k=512).fit(parts.fit), parts.test)
    assert len(np.unique(moves.at)) == len(np.unique(moves.before.answer))
    assert len(lambda_settings(moves)) == len(np.unique(moves.at)) + 1


def test_a_router_that_never_moves_has_one_setting():
    """Where the best is the cheapest everywhere lambda changes nothing."""
    table = by_hand([[1, 0]] * 3, cost=[[1, 2]] * 3).with_feature("embedding", np.eye(3, dtype=np.float32))
    moves = lambda_moves(find("knn-router")(k=1).fit(table), table)
    assert len(moves.at) == 0
    assert lambda_settings(moves).tolist() == [0]
