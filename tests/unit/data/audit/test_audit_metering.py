"""All checks of metering on tables where nothing is wrong; sentinels, scales and latencies; history; whole columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.audit import apply, audit, checks
from data.outcomes import outcome_table
from data.texts import Texts
from tests.counting import calls
from tests.metered import CHAT, LOCAL, METERING, THINKER, TOOL, clean, findings, planted, the

ROWS = np.array([2, 45, 133, 140, 299])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", [{}, {"decimals": 6}, {"decimals": 4}, {"tasks": 0}, {"n": 25}, {"n": 4}])
def test_a_table_with_everything_recorded_is_silent(seed, kind):
    """No check of metering finds anything in a table with all fields and nothing wrong, of whatever size and rounding."""
    assert findings(clean(seed, **kind)) == []


@pytest.mark.parametrize("gone", ["tokens_in", "tokens_out", "tokens_reasoning", "tokens_cached", "latency_s", "propensity", "prompts"])
def test_a_field_that_was_not_recorded_is_no_finding(gone):
    """Leaving out any one field makes no check speak."""
    table = clean()
    numbers = {name: values for name, values in table.numbers.items() if name not in (gone, "tokens_total")}
    queries = replace(table.queries, prompts=None) if gone == "prompts" else table.queries
    if gone == "tokens_cached":  # then no discount explains the costs
        table = table.select(["o1-mini", "local", "tool"])
        numbers = {name: values for name, values in table.numbers.items() if name not in (gone, "tokens_total")}
    assert findings(replace(table, numbers=numbers, queries=queries)) == []


def test_holes_are_no_finding_of_metering():
    """Calls that were not made, and rows in another order, change nothing."""
    table = clean()
    hole = np.random.default_rng(2).random((300, 4)) < 0.3
    numbers = {name: np.where(hole, np.nan, values) for name, values in table.numbers.items()}
    assert findings(replace(table, numbers=numbers).take(np.random.default_rng(3).permutation(300))) == []


def test_empty_tables_are_silent():
    """A table without queries, or with one, is no reason to speak or to fail."""
    assert findings(clean().take(np.array([], dtype=int))) == []
    assert findings(clean().take(np.array([7]))) == []
    assert {name for name in METERING if name not in checks()} == set()


# sentinels


@pytest.mark.parametrize("value", [1.2, -0.1])
def test_a_probability_outside_its_range_is_found(value):
    """A propensity above 1 or below 0 is found and made unknown."""
    table = planted(clean(), "propensity", LOCAL, value, ROWS)
    finding = the(table, "sentinels.propensity")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (ROWS.tolist(), (table.models[LOCAL],), "error")
    assert np.isnan(apply(table, finding, "repair").column("propensity", LOCAL)[ROWS]).all()


def test_a_call_at_probability_zero_cannot_be():
    """Zero is a right probability of a call that was not made, and an impossible one of a call that was."""
    table = planted(clean(), "propensity", LOCAL, 0, ROWS)
    assert the(table, "sentinels.propensity").rows.tolist() == ROWS.tolist()
    table = planted(table, "quality", LOCAL, np.nan, ROWS)
    assert findings(table, "sentinels") == []


@pytest.mark.parametrize(("field", "value"), [("latency_s", 999), ("latency_s", 99_999), ("tokens_reasoning", 9_999_999)])
def test_nines_of_one_model_are_found(field, value):
    """Repeated nines far above what the model has elsewhere are found though another model's numbers are larger."""
    table = planted(planted(clean(), field, CHAT, value, ROWS), field, LOCAL, 60_000.5, [11])
    assert next(f for f in findings(table, "sentinels") if f.id == f"sentinels.{field}").rows.tolist() == ROWS.tolist()


@pytest.mark.parametrize("value", [2**31 - 1, 2**32 - 1, 2**63 - 1, np.finfo(np.float32).max])
def test_the_largest_number_of_a_type_is_none(value):
    """The end of a type's range stands for something that went wrong, even once."""
    assert findings(planted(clean(), "latency_s", CHAT, value, [5]), "sentinels")[0].rows.tolist() == [5]


@pytest.mark.parametrize("field", ["tokens_in", "tokens_out"])
def test_no_tokens_for_a_text_that_is_there(field):
    """Zero tokens are found where prompt or answer are there and other calls of the model count theirs."""
    table = planted(clean(), field, LOCAL, 0, ROWS)
    finding = next(f for f in findings(table, "sentinels"))
    assert (finding.id, finding.rows.tolist(), finding.models) == (f"sentinels.{field}", ROWS.tolist(), (table.models[LOCAL],))
    empty = [None if i in ROWS[:2] else "" if i in ROWS[2:] else "words" for i in range(300)]
    if field == "tokens_out":
        assert findings(replace(table, responses={**table.responses, "local": Texts(empty)}), "sentinels") == []
    assert findings(planted(table, field, LOCAL, 0), "sentinels") == []


# mixed_scales


def flags(n=300, seed=1):
    """Return (n,) zeros and ones."""
    return (np.random.default_rng(seed).random(n) < 0.6).astype(float)


def spread(n=300, seed=1):
    """Return (n,) scores over the whole of 0..1."""
    return np.random.default_rng(seed).beta(2, 2, n)


@pytest.mark.parametrize("values", [flags(), spread()], ids=["flags", "spread"])
def test_a_model_on_0_to_1_among_0_to_100_is_found(values):
    """A model whose scores end at a hundredth of the others' is found with all its rows, and multiplied."""
    table = planted(clean(), "quality", LOCAL, values / 100)
    finding = the(table, "mixed_scales.models")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (list(range(300)), (table.models[LOCAL],), "error")
    repaired = apply(table, finding, "repair")
    assert repaired.quality(LOCAL) == pytest.approx(values, rel=1e-6)
    assert np.array_equal(repaired.quality(CHAT), table.quality(CHAT))
    assert findings(repaired) == []


def test_a_model_on_1_to_10_among_0_to_100_is_found():
    """Marks from 1 to 10 in steps of one, read as 0..100, are found and multiplied by ten."""
    marks = np.random.default_rng(1).integers(1, 11, 300) / 10
    table = planted(clean(), "quality", LOCAL, marks / 10)
    assert apply(table, the(table, "mixed_scales.models"), "repair").quality(LOCAL) == pytest.approx(marks)


@pytest.mark.parametrize(
    "values",
    [spread() * 0.09, flags() * 0, np.where(np.arange(300) == 7, 0.005, 0), spread() * 0.3, flags()],
    ids=["poor but continuous", "never right", "once a little", "poor", "flags beside continuous scores"],
)
def test_a_poor_model_is_on_no_other_scale(values):
    """Poor scores are poor scores, and flags and continuous scores are on one scale."""
    assert findings(planted(clean(), "quality", LOCAL, values)) == []


def test_no_model_is_measured_against_nothing():
    """Where no model reaches the upper half of the scale, nothing says that a low one is on another."""
    assert findings(outcome_table(("a", "b"), np.column_stack([spread() / 100, spread() * 0.3]))) == []


def test_a_task_on_another_scale_is_found():
    """The rows of one task whose scores end at a hundredth are found for each model on whose scale they aren't."""
    table = clean()
    task = np.flatnonzero(table.queries.tasks == 1)
    wrong = planted(planted(table, "quality", CHAT, table.quality(CHAT)[task] / 100, task), "quality", LOCAL, flags(len(task)) / 100, task)
    finding = the(wrong, "mixed_scales.rows")
    assert finding.models == (table.models[CHAT], table.models[LOCAL])
    assert finding.rows.tolist() == task.tolist()
    repaired = apply(wrong, finding, "repair")
    assert repaired.quality(CHAT) == pytest.approx(table.quality(CHAT))
    assert findings(repaired) == []


def test_rows_on_another_scale_are_found_without_tasks():
    """Scores above zero in the lowest hundredth, with none in the nine above it, are those of another scale."""
    table = planted(clean(tasks=0), "quality", LOCAL, np.where(np.arange(300) < 100, flags() / 100, 0.3 + 0.7 * spread()))
    finding = the(table, "mixed_scales.rows")
    assert finding.rows.tolist() == np.flatnonzero(flags()[:100]).tolist()
    assert (apply(table, finding, "repair").quality(LOCAL)[finding.rows] == 1).all()


@pytest.mark.parametrize("shape", [(0.3, 0.3), (1, 1), (0.1, 2)])
def test_scores_that_reach_down_to_zero_are_no_other_scale(shape):
    """Continuous scores, however skewed, have some between a hundredth and a tenth, so the low ones are not another scale's."""
    for seed in range(10):
        values = np.random.default_rng(seed).beta(*shape, 300)
        assert findings(planted(clean(tasks=0), "quality", LOCAL, values)) == []


# latency


@pytest.mark.parametrize("rows", [ROWS, np.arange(300)], ids=["some", "all"])
def test_zero_latency_is_unknown(rows):
    """Latencies of zero are found and made unknown, some of a model's or all."""
    table = planted(clean(), "latency_s", CHAT, 0, rows)
    finding = the(table, "latency.zero")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (rows.tolist(), (table.models[CHAT],), "warning")
    repaired = apply(table, finding, "repair")
    assert np.flatnonzero(np.isnan(repaired.latency_s(CHAT))).tolist() == rows.tolist()
    assert findings(repaired) == []


def test_zero_seconds_of_a_clock_of_seconds_is_short():
    """Where latencies are whole seconds, zero is less than one."""
    table = clean()
    assert findings(planted(table, "latency_s", CHAT, np.floor(table.latency_s(CHAT))), "latency") == []


@pytest.mark.parametrize(("value", "words"), [(1.234, "1.234 s 40 times"), (60.0, "60 s 40 times")])
def test_one_latency_for_many_queries_is_found(value, words):
    """A value that far more calls share than lie near it is found in exactly its rows: a cache, or a time limit."""
    table = clean()
    taken = np.flatnonzero(np.isclose(table.latency_s(CHAT), value))
    rows = np.setdiff1d(np.arange(0, 300, 7), taken)[:40]
    table = planted(table, "latency_s", CHAT, value, rows)
    finding = the(table, "latency.repeated")
    assert (finding.rows.tolist(), finding.models) == (sorted({*rows.tolist(), *taken.tolist()}), (table.models[CHAT],))
    assert words in finding.meaning
    assert np.isnan(apply(table, finding, "repair").latency_s(CHAT)[rows]).all()


def test_several_cached_replies_are_found():
    """A cache that keeps the first time of each of ten prompts gives ten values shared by a few calls each."""
    seconds = np.random.default_rng(4).uniform(0.5, 9, 300).round(6)
    seconds[:100] = np.repeat(seconds[:10], 10)
    table = planted(clean(), "latency_s", LOCAL, seconds)
    assert next(f for f in findings(table, "latency") if f.id == "latency.repeated").rows.tolist() == list(range(100))


def test_a_constant_latency_is_found():
    """One latency for all calls is a number filled in; whole seconds for all may be a coarse clock."""
    table = clean()
    assert the(planted(table, "latency_s", CHAT, 2.345), "latency.repeated").rows.tolist() == list(range(300))
    assert findings(planted(table, "latency_s", CHAT, 1.0), "latency") == []


@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
@pytest.mark.parametrize("n", [300, 20_000])
def test_equal_latencies_by_rounding_are_no_finding(decimals, n):
    """However coarse the clock and however many calls, values that coincide by rounding are measured."""
    table = outcome_table(("a",), np.ones((n, 1)), latency_s=np.random.default_rng(n).lognormal(0.5, 0.6, (n, 1)).round(decimals))
    assert [f for f in findings(table, "latency") if f.id != "latency.zero"] == []


def test_answers_faster_than_any_model_are_found():
    """A call of a thousand tokens in a tenth of a second is none of a model's; a tenth of that speed is."""
    table = planted(clean(), "tokens_out", LOCAL, 1_000, ROWS)
    fast = planted(table, "latency_s", LOCAL, [0.11, 0.12, 0.13, 0.14, 0.15], ROWS)
    finding = next(f for f in findings(fast, "latency"))
    assert (finding.id, finding.rows.tolist(), finding.models) == ("latency.too_fast", ROWS.tolist(), (table.models[LOCAL],))
    assert np.isnan(apply(fast, finding, "repair").latency_s(LOCAL)[ROWS]).all()
    assert findings(planted(table, "latency_s", LOCAL, [1.1, 1.2, 1.3, 1.4, 1.5], ROWS), "latency") == []


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_milliseconds_among_seconds_are_found(factor):
    """A model timed in milliseconds, or divided by 1,000 twice, is found with all its rows and converted."""
    table = clean()
    wrong = planted(table, "latency_s", LOCAL, table.latency_s(LOCAL).astype(float) * factor)
    finding = next(f for f in findings(wrong, "latency"))
    assert (finding.id, finding.rows.tolist(), finding.models) == ("latency.unit", list(range(300)), (table.models[LOCAL],))
    repaired = apply(wrong, finding, "repair")
    assert repaired.latency_s(LOCAL) == pytest.approx(table.latency_s(LOCAL), rel=1e-5)
    assert findings(repaired, "latency") == []


def test_milliseconds_in_one_task_are_found():
    """A file of milliseconds among files of seconds is one task among others: its rows alone are converted."""
    table = clean()
    task = np.flatnonzero(table.queries.tasks == 2)
    wrong = planted(table, "latency_s", THINKER, table.latency_s(THINKER)[task].astype(float) * 1e3, task)
    finding = the(wrong, "latency.unit")
    assert (finding.rows.tolist(), finding.models) == (task.tolist(), (table.models[THINKER],))
    assert apply(wrong, finding, "repair").latency_s(THINKER) == pytest.approx(table.latency_s(THINKER), rel=1e-5)


def test_a_quick_tool_is_no_cache():
    """A tool that answers in a millisecond, without tokens, is as quick as that."""
    assert findings(planted(clean(), "latency_s", TOOL, np.random.default_rng(0).uniform(1e-6, 1e-3, 300)), "latency") == []


# history, order of repairs, speed


def test_each_repair_is_a_line_that_names_its_rows():
    """A repair is noted with finding, choice, count, models and the first ids; a kept finding stays, as settled."""
    table = planted(clean(), "latency_s", CHAT, 0, ROWS)
    line = apply(table, the(table, "latency.zero"), "repair").history[-1]
    assert line.values == {
        "finding": "latency.zero", "choice": "repair", "rows": 5, "models": ["gpt-4o"], "first_ids": [f"q{i}" for i in ROWS],
    }  # fmt: skip
    kept = apply(table, the(table, "latency.zero"), "keep")
    assert [f.settled for f in audit(kept) if f.id == "latency.zero"] == ["keep"]


@pytest.mark.parametrize("name", sorted(METERING))
def test_more_queries_are_no_more_calls(name):
    """A check looks at whole columns: ten times the queries need at most twice as many calls of functions."""
    table = replace(clean(0, 2_000), responses={}).select(["gpt-4o", "o1-mini"])

    def looked(n: int) -> int:
        large = table.take(np.arange(n) % 2_000)
        with calls() as counted:
            list(checks()[name].find(large))
        return counted[0]

    assert looked(20_000) <= 2 * looked(2_000) + 100
