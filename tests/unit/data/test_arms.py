"""Edits of models: renamed, merged, hidden and ordered columns, their texts, samples, cards and history."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.arms import alias, hidden, merged, ordered, renamed, suggested
from data.models import ModelCard
from data.outcomes import outcome_table
from data.problems import ProblemError
from data.samples import Samples
from data.texts import Texts
from tests.worlds import NAN, by_hand, drawn

ZEROEVAL = ("Athene-70B", "Llama-3.1-405B-Inst-fp8", "Llama-3.1-405B-Inst@sambanova", "Meta-Llama-3.1-405B-Instruct@hyperbolic")


def _hosts():
    """Three models, the first two of them hosts of one."""
    return by_hand(
        [[1, 0, 1], [NAN, 1, 0], [0, NAN, 1], [NAN, NAN, 1]],
        models=("m@a", "m@b", "other"),
        cost=[[2, 4, 1], [NAN, 3, 1], [5, NAN, 1], [NAN, NAN, 1]],
        answers=[["x", "y", "z"], [None, "y", "z"], ["x", None, "z"], [None, None, "z"]],
    )


def test_a_merge_takes_the_mean_of_what_is_known():
    """Cells known twice are averaged, known once are taken, known never stay unknown; texts come from the first that has one."""
    table = merged(_hosts(), ["m@a", "m@b"], "m")
    assert table.models == ("m", "other")
    np.testing.assert_array_equal(table.quality("m"), np.float32([0.5, 1, 0, NAN]))
    np.testing.assert_array_equal(table.cost_usd("m"), np.float32([3, 3, 5, NAN]))
    assert table.answers["m"].to_list() == ["x", "y", "x", None]
    assert table.answers["other"].to_list() == ["z"] * 4
    line = table.history[-1]
    assert (line.action, dict(line.values)) == ("models merged", {"into": "m", "names": ["m@a", "m@b"]})


def test_the_propensity_of_a_merged_model_is_the_sum():
    """A call of either host is a call of the one: its probability is that of both together."""
    table = outcome_table(("a", "b", "c"), [[1, 0, 1], [1, 1, NAN]], propensity=[[0.25, 0.25, 0.5], [0.25, NAN, 0.5]])
    np.testing.assert_array_equal(merged(table, ["a", "b"], "ab").column("propensity", "ab"), np.float32([0.5, 0.25]))


def test_merged_samples_are_numbered_anew_and_keep_the_mean():
    """All samples of the merged names are samples of the one, sorted, and the cell is still the mean of its samples."""
    samples = Samples(
        query=np.int32([0, 0, 0, 0, 0]),
        model=np.int32([0, 1, 1, 1, 2]),
        quality=np.float32([0, 1, 1, 1, 0]),
        code=np.int32([0, 1, 1, 1, 2]),
    )
    table = merged(outcome_table(("a", "c", "b"), [[0, 1, 0]], samples=samples), ["b", "a"], "ab")
    assert table.models == ("c", "ab")
    assert table.samples is not None
    assert table.samples.model.tolist() == [0, 0, 0, 1, 1]
    assert float(table.quality("ab")[0]) == 0.0
    weighed = merged(outcome_table(("a", "c", "b"), [[0, 1, 0]], samples=samples), ["a", "c"], "ac")
    assert float(weighed.quality("ac")[0]) == 0.75
    assert weighed.samples is not None
    assert float(weighed.samples.quality[weighed.samples.model == 0].mean()) == 0.75


def test_the_first_price_survives_a_merge():
    """The card of a merged model is that of the first name with a price, under the new name."""
    cards = (ModelCard(name="a"), ModelCard(name="b", price_in_usd_per_mtok=1.0, price_out_usd_per_mtok=2.0, tier="list"))
    card = merged(outcome_table(("a", "b"), [[1, 0]], cards=cards), ["a", "b"], "one").cards[0]
    assert (card.name, card.price_in_usd_per_mtok, card.tier) == ("one", 1.0, "list")


def test_a_rename_moves_texts_and_cards_and_changes_no_figure():
    """Under its new name a model has the same column, texts and price; the title of the old name is gone."""
    table = by_hand([[1, 0], [0, 1]], answers=[["x", "y"], ["u", "v"]])
    moved = renamed(table, {"a": "first", "b": "b"})
    assert moved.models == ("first", "b")
    assert moved.answers["first"].to_list() == ["x", "u"]
    np.testing.assert_array_equal(moved.quality("first"), table.quality("a"))
    assert dict(moved.history[-1].values) == {"names": {"a": "first"}}
    assert renamed(table, {"a": "a"}) is table


def test_names_can_be_swapped_in_one_rename():
    """Two models can take each other's names, for all names change at once."""
    table = renamed(by_hand([[1, 0]]), {"a": "b", "b": "a"})
    assert table.models == ("b", "a")
    assert float(table.quality("b")[0]) == 1.0


def test_hidden_models_are_gone_and_named():
    """What was hidden is not in the table; the history lists it."""
    table = hidden(by_hand([[1, 0, 1]]), ["b"])
    assert table.models == ("a", "c")
    assert (table.history[-1].action, dict(table.history[-1].values)) == ("models hidden", {"names": ["b"]})


def test_ordered_models_come_first_and_the_rest_follow():
    """A part of the names can be ordered; an order that is there already adds no line."""
    table = by_hand([[1, 0, 0.5]])
    moved = ordered(table, ["c"])
    assert moved.models == ("c", "a", "b")
    assert float(moved.quality("c")[0]) == 0.5
    assert dict(moved.history[-1].values) == {"names": ["c", "a", "b"]}
    assert ordered(table, ["a"]) is table


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda t: renamed(t, {"a": "b"}), "two models would be called 'b'"),
        (lambda t: renamed(t, {"a": "  "}), "the new name of a model is empty"),
        (lambda t: renamed(t, {"nobody": "x"}), "there is no model 'nobody'"),
        (lambda t: merged(t, ["a"], "x"), "merging needs two models"),
        (lambda t: merged(t, ["a", "b"], "c"), "can't be the name"),
        (lambda t: hidden(t, ["a", "b", "c"]), "no model would be left"),
        (lambda t: ordered(t, ["nobody"]), "there is no model 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(edit, why):
    """Unknown names, clashes and empty results are refused with the reason."""
    with pytest.raises(ProblemError, match=why):
        edit(by_hand([[1, 0, 1]]))


def test_hosts_of_one_model_are_suggested():
    """The two hosts of ZeroEval's Llama are offered as one; its quantised variant is another model."""
    found = suggested(ZEROEVAL)
    assert [(merge.into, merge.names) for merge in found] == [("Meta-Llama-3.1-405B-Instruct", ZEROEVAL[2:])]


@pytest.mark.parametrize(
    ("one", "other"), [("gpt-4.1", "gpt-41"), ("gpt-4", "gpt-4o"), ("claude-3-opus", "claude-3-haiku"), ("a@x", "b@x")]
)
def test_different_models_have_different_aliases(one, other):
    """Names that differ by more than host, publisher or spelling stay apart."""
    assert alias(one) != alias(other)


@given(drawn(), st.randoms())
def test_edits_keep_what_they_do_not_name(table, chance):
    """Whatever is renamed, ordered and hidden, the columns of the models that stay are those of before."""
    names = list(table.models)
    chance.shuffle(names)
    after = hidden(ordered(renamed(table, {names[0]: "new"}), ["new"]), [names[-1]])
    assert after.models[0] == "new"
    for model in after.models:
        np.testing.assert_array_equal(after.quality(model), table.quality(names[0] if model == "new" else model))
    assert isinstance(next(iter(after.answers.values())), Texts)
