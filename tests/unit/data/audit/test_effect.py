"""The conclusions of a table, and what changes in them, against worked examples and brute force."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.audit import audit, conclusions, consequences
from data.audit.effect import KEPT, NONE, effect, money, percent
from data.models import ModelCard
from data.outcomes import OutcomeTable, outcome_table
from tests.counting import calls

NAN = np.nan


def table(quality, cost=None, models="abc", **fields) -> OutcomeTable:
    """Return a table of rows of scores and costs, whatever they are."""
    quality = np.array(quality, dtype=np.float32)
    given_cost = {} if cost is None else {"cost_usd": np.array(cost, dtype=np.float32)}
    return outcome_table(tuple(models)[: quality.shape[1]], quality, check=False, **given_cost, **fields)


def twenty(costs=(1.0, 3.0, 10.0)) -> OutcomeTable:
    """Return 20 queries at fixed costs: a is right on 10, b on 14, c on 20."""
    right = [[i < 10, i < 14, True] for i in range(20)]
    return table(right, [list(costs)] * 20)


def test_a_worked_example():
    """Means, best, cheapest; 95 % of c's quality costs 9.17 by mixing b and c; the oracle pays 10 x 1, 4 x 3 and 6 x 10."""
    found = conclusions(twenty())
    assert found.quality == {"a": 0.5, "b": pytest.approx(0.7), "c": 1.0}
    assert found.cost == {"a": 1.0, "b": 3.0, "c": 10.0}
    assert (found.best, found.cheapest, found.queries, found.common, found.billed) == ("c", "a", 20, 20, 20)
    # Quality 0.95 by mixing c with a: weight 0.9, cost 9.1; with b: weight 5/6, cost 8.8333.
    assert found.saving == pytest.approx(1 - (5 / 6 * 10 + 1 / 6 * 3) / 10)
    assert found.bound == pytest.approx(1 - (10 * 1 + 4 * 3 + 6 * 10) / 20 / 10)
    assert found.caveats == ()


def test_a_cheaper_model_that_is_good_enough_needs_no_mixing():
    """A single model within 5 % of the best saves what it is cheaper, where no mix is cheaper still."""
    right = [[i < 2, i < 95, True] for i in range(100)]
    found = conclusions(table(right, [[2.0, 2.5, 10.0]] * 100))
    assert found.saving == pytest.approx(0.75)


def test_of_equally_good_models_the_cheaper_is_the_best():
    """A tie in quality goes to the model that costs less, then to the first; an unknown cost comes last."""
    assert conclusions(table([[1, 1, 0]] * 3, [[2, 1, 5]] * 3)).best == "b"
    assert conclusions(table([[1, 1, 0]] * 3, [[1, 1, 5]] * 3)).best == "a"
    assert conclusions(table([[1, 1, 0]] * 3, [[NAN, 1, 5]] * 3)).best == "b"


def test_means_rest_on_the_common_queries():
    """A query that one model was not run on counts for none; one without a cost still counts for quality."""
    found = conclusions(table([[1, 0], [0, 1], [1, 1], [1, NAN]], [[1, 2], [1, NAN], [3, 4], [9, 9]]))
    assert (found.common, found.billed) == (3, 2)
    assert found.quality == {"a": pytest.approx(2 / 3), "b": pytest.approx(2 / 3)}
    assert found.cost == {"a": 2.0, "b": 3.0}


@pytest.mark.parametrize(
    ("made", "words", "best"),
    [
        (table([[1, 0, 0], [1, 1, 0]]), "costs are not known: mean qualities and the best model hold", "a"),
        (table([[1, 0, 0], [1, 1, 0]], [[NAN, 1, 2]] * 2), "the cost of a, the best model, is not known", "a"),
        (table([[1, 0, 0], [1, 1, 0]], [[2, 1, NAN]] * 2), "no cost is known of c: left out of the saving", "a"),
        (table([[1, NAN], [NAN, 0]], [[2, NAN], [NAN, 1]]), "no query was answered by all models", "a"),
        (table([[NAN, NAN]] * 2, [[2, 1]] * 2), "there are no scores", ""),
    ],
)
def test_what_cannot_be_concluded_is_said(made, words, best):
    """Unknown costs, scores and overlap each say what still holds; a saving that rests on them is unknown, never zero."""
    found = conclusions(made)
    assert found.best == best
    assert len(found.caveats) == 1
    assert words in found.caveats[0]
    assert math.isnan(found.saving) == ("left out" not in words)
    assert math.isnan(found.bound) == ("left out" not in words)


def test_models_without_a_common_query_have_their_own_means():
    """Where no query was answered by all, each mean is over the model's own queries."""
    found = conclusions(table([[1, NAN], [0, NAN], [NAN, 1]], [[1, NAN], [2, NAN], [NAN, 5]]))
    assert found.quality == {"a": 0.5, "b": 1.0}
    assert found.cost == {"a": 1.5, "b": 5.0}
    assert (found.common, found.best, found.cheapest) == (0, "b", "a")


def test_an_empty_table_and_one_model():
    """Nothing to conclude is no error; one model alone saves nothing."""
    assert conclusions(table(np.zeros((0, 2)))).best == ""
    alone = conclusions(table([[1], [0]], [[2], [4]]))
    assert (alone.best, alone.saving, alone.bound) == ("a", 0.0, 0.0)


def test_a_best_model_that_costs_nothing_or_is_never_right_saves_nothing_known():
    """A share of zero cost, and 95 % of no quality, are unknown."""
    assert math.isnan(conclusions(table([[1, 0]] * 2, [[0, 0]] * 2)).saving)
    assert math.isnan(conclusions(table([[0, 0]] * 2, [[1, 2]] * 2)).saving)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_saving_and_bound_agree_with_brute_force(seed, size):
    """No pair of models on a fine grid of weights reaches the quality for less, and the grid comes close; the oracle is a loop."""
    rng = np.random.default_rng(seed)
    quality = np.where(rng.random((30, size)) < 0.05, NAN, rng.integers(0, 5, (30, size)) / 4).astype(np.float32)
    cost = (rng.random((30, size)) * 10 + 0.1).astype(np.float32)
    found = conclusions(table(quality, cost, models="abcde"))
    rows = np.flatnonzero(~np.isnan(quality).any(axis=1))
    if not len(rows) or not found.quality[found.best] > 0:
        assert math.isnan(found.saving)
        return
    means, prices = quality[rows].astype(float).mean(axis=0), cost[rows].astype(float).mean(axis=0)
    best = "abcde".index(found.best)
    assert means[best] == pytest.approx(means.max())
    weights = np.linspace(0, 1, 2001)[:, None, None]
    reached = weights * means[:, None] + (1 - weights) * means[None, :] >= KEPT * means[best] - 1e-9
    paid = np.where(reached, weights * prices[:, None] + (1 - weights) * prices[None, :], np.inf).min()
    assert found.saving == pytest.approx(1 - paid / prices[best], abs=10 / 2000 / prices[best] * 2)
    assert 1 - found.saving <= paid / prices[best] + 1e-6
    pay = [min(cost[i, m] for m in range(size) if quality[i, m] == quality[i].max()) for i in rows]
    assert found.bound == pytest.approx(1 - np.mean(pay, dtype=np.float64) / prices[best], abs=1e-5)


def test_only_what_changed_is_said():
    """Free calls that get their price shrink the saving and move one mean; the rest is not mentioned."""
    before = twenty((0.0, 3.0, 10.0))
    said = effect(before, twenty()).words
    assert said == (
        "the saving of an oracle (a bound) shrinks from 64 % to 59 %",
        "mean cost of a: $0 to $1.00",
    )
    assert str(effect(before, before)) == NONE
    assert not effect(before, before).changed


def test_the_saving_and_the_best_model_are_said_first():
    """A better model that costs more takes the lead: saving, bound and best model are said in this order, in whole percent."""
    before = table([[1, 1, 0]] * 20, [[1, 2, 4]] * 20)
    after = table([[i < 19, i < 10, True] for i in range(20)], [[1, 2, 4]] * 20)
    assert effect(before, after).words[:3] == (
        "the saving at 95 % of the best model's quality, by mixing two models at random, grows from 0 % to 75 %",
        "the saving of an oracle (a bound) grows from 0 % to 71 %",
        "best model changes from a to c",
    )


def test_a_change_within_rounding_is_none():
    """A mean that moves by less than half of the last digit shown is no change, even across the edge of a rounding."""
    many = np.zeros((10_000, 2), dtype=np.float32)
    many[:8_574] = 1
    again = many.copy()
    again[8_574, 0] = 1  # 85.74 % to 85.75 %: shown as 85.7 % and 85.8 %
    assert str(effect(table(many), table(again))) == NONE
    again[8_574:8_600, 0] = 1
    assert effect(table(many), table(again)).words == ("mean quality of a: 85.7 % to 86.0 %",)


def test_what_becomes_unknown_is_said():
    """A cost that is no longer known makes the saving unknown, and the sentence says what still holds."""
    said = effect(twenty(), twenty((1.0, 3.0, NAN))).words
    assert "the saving at 95 % of the best model's quality, by mixing two models at random, changes from 12 % to unknown" in said
    assert "mean cost of c: $10.0 to unknown" in said
    assert said[-1] == "the cost of c, the best model, is not known: mean qualities hold, a saving can't be stated"


def test_many_models_are_not_listed_one_by_one():
    """Of many models that move, the three that move most are named and the others counted."""
    before = table([[0.0] * 10] * 4, models="abcdefghij")
    after = table([[m / 10 for m in range(10)]] * 4, models="abcdefghij")
    said = [words for words in effect(before, after).words if words.startswith("mean")]
    assert said == [
        "mean quality of j: 0.0 % to 90.0 %",
        "mean quality of i: 0.0 % to 80.0 %",
        "mean quality of h: 0.0 % to 70.0 %",
        "mean quality of 6 more models changes",
    ]


def test_models_that_come_and_go_are_named():
    """Between two versions of a file, models are compared by name."""
    said = effect(table([[1, 0]] * 2, models="ab"), table([[1, 0]] * 2, models="ac")).words
    assert said == ("models no longer there: b, new: c",)


def test_each_choice_of_a_finding_has_its_effect():
    """Repairing a score of -1 and leaving its query out move the mean as a loop says; keeping it moves nothing."""
    quality = np.array([[1, 1], [0, 1], [-1, 1], [1, 0]], dtype=np.float32)
    made = table(quality, np.ones((4, 2)))
    finding = next(f for f in audit(made) if f.id == "sentinels.quality")
    found = consequences(made, finding)
    assert list(found) == ["repair", "exclude", "keep"]
    assert str(found["keep"]) == NONE
    assert found["repair"].after.quality == {"a": pytest.approx(2 / 3), "b": pytest.approx(2 / 3)}
    assert found["exclude"].after == replace(found["repair"].after, queries=3)
    assert "mean quality of a: 25.0 % to 66.7 %" in found["repair"].words


def test_leaving_rows_out_without_a_copy_equals_leaving_them_out():
    """The masked figures of `exclude` are those of the table that `apply` makes."""
    from data.audit import apply

    rng = np.random.default_rng(3)
    cost = rng.random((50, 3)).astype(np.float32)
    cost[[3, 8, 11], 1] = 0
    made = table(rng.random((50, 3)), cost, tokens_in=np.ones((50, 3)), tokens_out=np.ones((50, 3)))
    finding = next(f for f in audit(made) if f.id == "zero_cost_with_tokens")
    assert consequences(made, finding)["exclude"].after == conclusions(apply(made, finding, "exclude"))


def test_a_choice_that_leaves_nothing_has_no_effect_to_show():
    """Where every row is found, leaving them out is no choice, so it is not shown."""
    made = table([[1, 0]] * 3, [[0, 0]] * 3, tokens_in=np.ones((3, 2)), tokens_out=np.ones((3, 2)))
    finding = next(f for f in audit(made) if f.id == "zero_cost_with_tokens")
    assert set(consequences(made, finding)) == {"repair", "keep"}


def test_a_relative_cost_has_no_dollar_sign():
    """Money is shown only where the cost is in USD."""
    relative = twenty().relatively_priced({"a": 1, "b": 2, "c": 3})
    other = twenty().relatively_priced({"a": 2, "b": 2, "c": 3})
    assert "mean cost of a: 1.00 to 2.00" in effect(relative, other).words
    assert not any("cost of" in words for words in effect(twenty(), relative).words)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.41, "41 %"), (0.005, "1 %"), (-0.05, "−5 %"), (-0.001, "0 %"), (NAN, "unknown"), (1.0, "100 %")],
)
def test_shares_are_shown_as_people_read_them(value, shown):
    """Halves round up, minus is a minus sign, nothing is negative zero, unknown is a word."""
    assert percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0031249, "$0.00312"), (0.0, "$0"), (1234.5, "$1,234"), (-0.5, "−$0.500"), (NAN, "unknown"), (1e-12, "$0.000000000")],
)
def test_costs_are_shown_to_three_digits(value, shown):
    """Three significant digits, never an exponent, never more than nine places."""
    assert money(value) == shown


def test_a_price_that_is_a_card_alone_changes_no_conclusion():
    """Cards are no figures: only costs are."""
    made = twenty()
    assert not effect(made, replace(made, cards=(ModelCard(name="a", price_in_usd_per_mtok=1),))).changed


def test_more_queries_are_no_more_calls():
    """Conclusions are drawn from whole columns: ten times the queries need as many calls of functions."""
    rng = np.random.default_rng(0)

    def drawn(n: int) -> int:
        made = table(rng.random((n, 3)) < 0.5, rng.random((n, 3)))
        with calls() as counted:
            assert conclusions(made).common == n
        return counted[0]

    assert drawn(20_000) <= drawn(2_000) * 1.1
