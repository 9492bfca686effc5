"""Units of costs, latencies and scores: by the column's name, by a person's choice, and words for right and wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.mapping import Mapping
from data.readers.units import UNITS, current, guessed, named


def _long(**columns):
    """Return the reading of a long CSV of two queries and two models; further columns have four values."""
    head = ["id", "model", "score", *columns]
    rows = [[f"q{i}", "ab"[m], 1, *(values[2 * i + m] for values in columns.values())] for i in range(2) for m in range(2)]
    return inspect([Upload("t.csv", "\n".join(",".join(map(str, row)) for row in [head, *rows]).encode())])


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("cost", "USD per query"),
        ("cost_usd", "USD per query"),
        ("cost_cents", "US cents per query"),
        ("cost_per_1k", "USD per 1,000 queries"),
        ("usd_per_1000_queries", "USD per 1,000 queries"),
        ("cost_per_1k_tokens", "USD per 1,000 tokens"),
        ("price_per_mtok", "USD per million tokens"),
        ("price_per_1M_tokens", "USD per million tokens"),
        ("cost_per_million", "USD per million queries"),
    ],
)
def test_a_cost_column_says_its_unit(column, title):
    """What a cost is per, and whether it is in cents, is read from the column's name."""
    assert named("cost_usd", column).title == title


@pytest.mark.parametrize(
    ("column", "factor"),
    [("latency", 1.0), ("latency_ms", 1e-3), ("durationMs", 1e-3), ("latency.millis", 1e-3), ("duration_ns", 1e-9), ("elapsed_us", 1e-6),
     ("latency_min", 60.0), ("duration_minutes", 60.0), ("items", 1.0), ("systems", 1.0)],
)  # fmt: skip
def test_a_latency_column_says_its_unit(column, factor):
    """Milli-, micro- and nanoseconds and minutes are read from the name; a word that only ends alike says nothing."""
    assert named("latency_s", column).factor == factor


def test_every_unit_is_found_again_by_its_factor():
    """A mapping's factor leads back to the unit that was chosen; a factor of no unit to none."""
    for role, units in UNITS.items():
        assert [current(role, unit.factor, unit.per) for unit in units] == list(units)
        assert current(role, 0.123, "query") is None


def test_columns_that_disagree_each_have_their_own_unit():
    """Where one model's column says ms and another's says s or nothing, each is taken by its own name."""
    assert guessed({"latency_s": {"a": "a_latency_ms", "b": "b_latency"}}) == ({"a_latency_ms": 0.001}, "query")
    assert guessed({"latency_s": {"a": "a_latency_ms", "b": "b_latency_s"}}) == ({"a_latency_ms": 0.001}, "query")


@pytest.mark.parametrize(
    ("column", "values", "cost"),
    [("cost_cents", [1, 2, 3, 4], 0.02), ("cost_per_1k", [5, 10, 15, 20], 0.01), ("cost_usd", [1, 2, 3, 4], 2.0)],
)
def test_guessed_units_reach_the_table(column, values, cost):
    """The mean cost of model a is in USD per query whatever unit the column's name says."""
    table = finish(_long(**{column: values}))
    assert table.mean("cost_usd")["a"] == pytest.approx(cost)


def test_a_price_per_token_is_multiplied_with_the_tokens():
    """With a price per million tokens a call costs price x (tokens in + out) / 1,000,000; unknown where the tokens are."""
    table = finish(_long(price_per_mtok=[2, 4, 2, 4], tokens_in=[1000, 1000, 3000, ""], tokens_out=[500, 500, 500, 500]))
    np.testing.assert_allclose(table.numbers["cost_usd"], [[0.003, 0.006], [0.007, np.nan]], rtol=1e-6)


def test_recorded_totals_win_over_the_sum():
    """Where the total is recorded it is what is billed."""
    table = finish(_long(price_per_mtok=[1] * 4, tokens_in=[1] * 4, tokens_out=[1] * 4, total_tokens=[1_000_000, 2_000_000, "", 5]))
    np.testing.assert_allclose(table.numbers["cost_usd"], [[1, 2], [2e-6, 5e-6]], rtol=1e-6)


def test_a_price_per_token_without_tokens_is_a_problem():
    """A price per token without any tokens is said to be none, with the way out."""
    with pytest.raises(ProblemError, match="no tokens are recorded"):
        finish(_long(price_per_mtok=[1, 2, 1, 2]))


def test_units_can_be_chosen_by_a_person():
    """A factor in the mapping is applied to a column whose name says nothing."""
    reading = _long(latency=[1500, 500, 500, 500])
    table = finish(reading, replace(reading.mapping, factors={"latency_s": 0.001}))
    assert table.mean("latency_s")["a"] == pytest.approx(1.0)


def test_own_words_for_right_and_wrong():
    """Words that a person gave count as 1 and 0, beside the usual ones; any other stays a problem."""
    text = "id,model,score\n1,a,gut\n1,b,schlecht\n2,a,pass\n2,b,GUT\n"
    reading = inspect([Upload("t.csv", text.encode())])
    mapping = replace(
        reading.mapping,
        shape="long", query={"query_id": "id", "model": "model"}, cells={"quality": {"*": "score"}}, right=("gut",), wrong=("schlecht",),
    )  # fmt: skip
    np.testing.assert_array_equal(finish(reading, mapping).numbers["quality"], [[1, 0], [1, 1]])
    with pytest.raises(ProblemError, match="'schlecht' is not a score"):
        finish(reading, replace(mapping, wrong=()))


def test_numbers_can_be_words_for_right_and_wrong():
    """2 for right and 1 for wrong are swapped for 1 and 0 in one step; with a scale words mean its ends."""
    reading = inspect([Upload("t.csv", b"id,a_score,b_score\n1,1,2\n2,2,1\n3,2,2\n")])
    told = replace(reading.mapping, right=("2",), wrong=("1",))
    np.testing.assert_array_equal(finish(reading, told).numbers["quality"], [[0, 1], [1, 0], [1, 1]])
    scaled = inspect([Upload("t.csv", b"id,a_score,b_score\n1,50,ja\n2,0,100\n3,nein,25\n")])
    told = replace(scaled.mapping, right=("ja",), wrong=("nein",), scale=(0.0, 100.0))
    np.testing.assert_array_equal(finish(scaled, told).numbers["quality"], np.float32([[0.5, 1], [0, 1], [0, 0.25]]))


def test_a_mapping_with_units_and_words_survives_json():
    """What a person chose is the same after it was written and read."""
    mapping = Mapping(factors={"cost_usd": 1e-6}, cost_per="token", right=("ja",), wrong=("nein",), missing=("-1",), scale=(1.0, 5.0))
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping
