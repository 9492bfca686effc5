"""Costs against tokens and prices: single ones off, another unit, another price, zeros, and no price at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.audit import apply, audit
from data.audit.metering import bill_of, own_price, step_of, times
from data.models import ModelCard
from data.outcomes import outcome_table
from data.samples import Samples
from tests.metered import CHAT, LOCAL, THINKER, TOOL, carded, clean, findings, planted, the

ROWS = np.array([4, 77, 210])
UNKNOWN = ModelCard(name="gpt-4o")


def off(table, model, factor, rows=slice(None)):
    """Return the table with some costs of a model multiplied."""
    return planted(table, "cost_usd", model, table.cost_usd(model)[rows].astype(float) * factor, rows)


# cost_mismatch


@pytest.mark.parametrize("decimals", [None, 6, 4])
@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize("factor", [1.5, 0.5, 20.0])
def test_costs_off_the_price_are_found_and_recomputed(decimals, card, factor):
    """Exactly the calls that cost something else than tokens times price are found, with a card or by the others' price."""
    table = clean(decimals=decimals)
    wrong = off(table, THINKER, factor, ROWS)
    wrong = wrong if card else carded(wrong, THINKER, None)
    finding = the(wrong, "cost_mismatch")
    assert (finding.rows.tolist(), finding.models) == (ROWS.tolist(), (table.models[THINKER],))
    assert "o1-mini 3 of 300" in finding.meaning
    repaired = apply(wrong, finding, "repair")
    assert repaired.cost_usd(THINKER) == pytest.approx(table.cost_usd(THINKER), rel=1e-5, abs=0.51 * 10.0 ** -(decimals or 9))
    assert findings(repaired) == []
    assert repaired.history[-1].values["rows"] == 3


def test_a_departure_within_rounding_is_none():
    """What the last recorded digit hides is no departure; a hundredth of a cent beyond it is."""
    table = clean(decimals=4)
    moved = table.cost_usd(THINKER).astype(float)
    assert findings(planted(table, "cost_usd", THINKER, moved[ROWS] + 4e-5, ROWS)) == []
    moved = planted(table, "cost_usd", THINKER, moved[ROWS] + 4e-4, ROWS)
    assert the(moved, "cost_mismatch").rows.tolist() == ROWS.tolist()


def test_severity_follows_what_it_does_to_the_bill():
    """Three calls a little off are a warning, a bill wrong by more than a twentieth is an error."""
    assert the(off(clean(), THINKER, 1.01, ROWS), "cost_mismatch").severity == "warning"
    assert the(off(clean(), THINKER, 100.0, ROWS), "cost_mismatch").severity == "error"


@pytest.mark.parametrize(("factor", "words"), [(1e3, "per 1,000 tokens"), (1e6, "per token"), (1e2, "cents"), (1e-3, "too low")])
def test_a_power_of_ten_is_a_unit(factor, words):
    """Costs of a model off by a power of ten are one finding that says what was confused; repair divides."""
    table = clean()
    wrong = off(table, THINKER, factor)
    finding = the(wrong, "cost_mismatch.unit")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (list(range(300)), (table.models[THINKER],), "error")
    assert words in finding.meaning
    repaired = apply(wrong, finding, "repair")
    assert repaired.cost_usd(THINKER) == pytest.approx(table.cost_usd(THINKER), rel=1e-5)
    assert findings(repaired) == []


@pytest.mark.parametrize("factor", [1e3, 1e6, 1e-6])
def test_an_impossible_price_is_a_unit_too(factor):
    """Without a card a price that no model has gives the unit away."""
    table = carded(clean(), THINKER, None)
    wrong = off(table, THINKER, factor)
    repaired = apply(wrong, the(wrong, "cost_mismatch.unit"), "repair")
    assert repaired.cost_usd(THINKER) == pytest.approx(table.cost_usd(THINKER), rel=1e-5)


@pytest.mark.parametrize(("tier", "severity"), [("list", "info"), ("typed", "warning")])
def test_another_price_is_told_with_both(tier, severity):
    """Costs that follow another price than the card's are told with both prices; from a list of today it is a remark."""
    table = clean()
    card = ModelCard(name=table.models[THINKER], price_in_usd_per_mtok=1.1, price_out_usd_per_mtok=4.4, tier=tier)
    finding = the(carded(table, THINKER, card), "cost_mismatch.price")
    assert finding.severity == severity
    assert "3 / 12 USD per million tokens in / out, stated 1.1 / 4.4" in finding.meaning
    repaired = apply(carded(table, THINKER, card), finding, "repair")
    inside, out = (table.column(f"tokens_{name}", THINKER).astype(float) for name in ("in", "out"))
    assert repaired.cost_usd(THINKER) == pytest.approx((inside * 1.1 + out * 4.4) * 1e-6, rel=1e-5)
    assert findings(repaired) == []


def test_an_assumed_price_contradicts_nothing():
    """A price that a person assumed is no measure for recorded costs, nor is a price by the hour."""
    table = clean()
    card = ModelCard(name=table.models[THINKER], price_in_usd_per_mtok=1, price_out_usd_per_mtok=1, tier="assumed")
    assert findings(carded(table, THINKER, card)) == []


def test_costs_that_follow_no_price_are_not_judged_without_one():
    """Where less than 95 % of the costs follow any price, and none is stated, nothing can be said."""
    rng = np.random.default_rng(3)
    table = carded(planted(clean(), "cost_usd", THINKER, rng.uniform(0.001, 0.1, 300)), THINKER, None)
    assert findings(table) == []


def test_a_fee_a_call_is_part_of_the_price():
    """A fee for each call beside the price per token is seen as such."""
    table = carded(clean(), THINKER, None)
    table = planted(table, "cost_usd", THINKER, table.cost_usd(THINKER).astype(float) + 0.005)
    assert findings(table) == []
    assert own_price(bill_of(table, THINKER)).words == "3 / 12 USD per million tokens in / out and 0.005 USD a call"


def test_long_prompts_may_cost_more_than_the_list_says():
    """Above 128,000 tokens several makers ask more; the list's first step says nothing about such calls."""
    table = planted(clean(), "tokens_in", CHAT, 150_000, ROWS)
    table = planted(table, "tokens_total", CHAT, 150_000 + table.column("tokens_out", CHAT)[ROWS], ROWS)
    assert findings(planted(table, "cost_usd", CHAT, 0.9, ROWS)) == []


def test_means_of_rounded_costs_are_within_rounding():
    """A cell that is the mean of three rounded costs has more digits than they have; that makes no departure."""
    rng = np.random.default_rng(0)
    table = carded(clean(), THINKER, None)
    inside, out = (table.column(f"tokens_{name}", THINKER).astype(float) for name in ("in", "out"))
    each = np.round((inside * 3 + out * 12)[:, None] * 1e-6 + rng.uniform(-4e-5, 4e-5, (300, 3)), 4)
    rows = np.repeat(np.arange(300, dtype=np.int32), 3)
    model = np.full(900, THINKER, dtype=np.int32)
    samples = Samples(query=rows, model=model, quality=np.ones(900, np.float32), code=np.zeros(900, np.int32))
    assert findings(planted(replace(table, samples=samples), "cost_usd", THINKER, each.mean(axis=1)), "cost_mismatch") == []


@pytest.mark.parametrize("seed", range(5))
def test_the_price_is_found_among_wrong_costs(seed):
    """The inferred price is the true one though one cost in thirty is far off and all are rounded."""
    table = clean(seed, 1_000, decimals=6)
    rows = np.random.default_rng(seed).choice(1_000, 33, replace=False)
    price = own_price(bill_of(off(table, THINKER, 50, rows), THINKER))
    assert (price.usd_in * 1e6, price.usd_out * 1e6) == (pytest.approx(3, rel=0.01), pytest.approx(12, rel=1e-3))


def test_shares_and_relative_prices_are_no_costs_in_usd():
    """A table whose cost is the share sent to the strong model, or a typed ratio, has nothing to compare with a price."""
    table = clean().relatively_priced({"gpt-4o": 5, "o1-mini": 20, "local": 0, "tool": 0})
    assert findings(table) == []


@pytest.mark.parametrize(
    ("values", "step"), [([0.25, 0.1, 3.5], 0.01), ([12, 3, 400], 1.0), ([0.001234, 0.5], 1e-6), ([1e-5 / 3, 1e-5 / 7], 0.0), ([], 0.0)]
)
def test_rounding_is_read_off_the_numbers(values, step):
    """The step is the coarsest power of ten of which the numbers are multiples, in float32 too."""
    assert step_of(np.array(values, dtype=np.float32)) == pytest.approx(step)


@pytest.mark.parametrize(
    ("recorded", "right", "words"),
    [
        (1, 5.3, "understated x 5.3"),
        (1, 1.031, "understated by 3.1%"),
        (2.0, 1.0, "overstated x 2.0"),
        (0.001, 1, "understated x 1,000"),
        (0.0, 1.0, "understated x inf"),
    ],
)
def test_ratios_in_words(recorded, right, words):
    """Large ratios are factors, small ones percentages, on the side on which the figure is wrong."""
    assert times(recorded, right) == words


# zero_cost_with_tokens


def test_zeros_are_found_with_any_count_of_tokens():
    """A cost of zero is found where tokens in, out, or in all are known to be above zero."""
    for kept in ("tokens_in", "tokens_out", "tokens_total"):
        table = clean()
        numbers = {name: values for name, values in table.numbers.items() if not name.startswith("tokens") or name == kept}
        table = planted(replace(table, numbers=numbers), "cost_usd", THINKER, 0, ROWS)
        finding = findings(table, "zero_cost_with_tokens")[0]
        assert (finding.rows.tolist(), finding.models, finding.severity) == (ROWS.tolist(), (table.models[THINKER],), "error")


def test_a_model_that_always_costs_nothing_is_named():
    """A model with a cost of zero in every call, not declared free, is named; repaired it has the price of its card."""
    table = planted(clean(), "cost_usd", THINKER, 0)
    finding = the(table, "zero_cost_with_tokens")
    assert "o1-mini: in every call" in finding.meaning
    assert "exclude" not in finding.choices
    assert apply(table, finding, "repair").cost_usd(THINKER) == pytest.approx(clean().cost_usd(THINKER), rel=1e-5)


def test_without_a_card_the_price_of_the_other_costs_mends_zeros():
    """Zeros of a model without a card are repaired with the price that its other costs follow; calls with cached tokens stay unknown."""
    table = clean()
    wrong = carded(planted(table, "cost_usd", CHAT, 0, ROWS), CHAT, None)
    repaired = apply(wrong, the(wrong, "zero_cost_with_tokens"), "repair").cost_usd(CHAT)[ROWS]
    cached = table.column("tokens_cached", CHAT)[ROWS] > 0
    assert 0 < cached.sum() < len(ROWS)
    assert np.isnan(repaired[cached]).all()
    assert repaired[~cached] == pytest.approx(table.cost_usd(CHAT)[ROWS][~cached], rel=1e-4)


def test_a_cost_below_the_last_digit_is_rounded_to_zero():
    """A call so cheap that its cost rounds to zero is none; a dear one at zero is."""
    table = clean(decimals=4)
    wrong = planted(planted(table, "tokens_in", CHAT, 1, ROWS[:2]), "tokens_out", CHAT, 1, ROWS[:2])
    wrong = planted(planted(wrong, "tokens_cached", CHAT, 0, ROWS[:2]), "tokens_total", CHAT, 2, ROWS[:2])
    wrong = planted(wrong, "cost_usd", CHAT, 0, ROWS)
    wrong = planted(wrong, "tokens_out", CHAT, 5_000, ROWS[2:])
    assert findings(wrong, "zero_cost_with_tokens")[0].rows.tolist() == ROWS[2:].tolist()


# unknown_price


def test_a_model_without_cost_and_price_is_unknown_not_free():
    """A model that ran, beside others with a cost, is named with those it can't be compared with."""
    table = carded(planted(clean(), "cost_usd", LOCAL, np.nan), LOCAL, None)
    finding = the(table, "unknown_price")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (list(range(300)), (table.models[LOCAL],), "warning")
    assert "local is unknown, not zero. They can't be compared by cost with gpt-4o, o1-mini, tool" in finding.meaning
    assert list(finding.choices) == ["keep"]
    assert apply(table, finding, "keep").history[-1].values["choice"] == "keep"


def test_tokens_without_any_price_are_a_remark():
    """Where tokens were counted but no model has a price nothing pretends to be cheap: a remark."""
    table = clean()
    numbers = {name: values for name, values in table.numbers.items() if name != "cost_usd"}
    finding = the(replace(table, numbers=numbers, cards=()), "unknown_price")
    assert (finding.severity, finding.models) == ("info", table.models)


def test_scores_alone_pretend_nothing():
    """A table of scores only, or one with relative prices, has no finding."""
    table = clean()
    alone = replace(table, numbers={"quality": table.numbers["quality"]}, cards=())
    assert findings(alone) == []
    assert findings(alone.relatively_priced({"gpt-4o": 1, "o1-mini": 2, "local": 3, "tool": 4})) == []


def test_a_price_without_tokens_gives_no_cost():
    """Models with a price per token but no tokens are told as such; a model that never ran is not."""
    table = clean()
    alone = replace(table, numbers={"quality": table.numbers["quality"]}, cards=table.cards[:2])
    alone = planted(alone, "quality", LOCAL, np.nan)
    found = {finding.id: finding for finding in findings(alone)}
    assert found["unknown_price.tokens"].models == table.models[:2]
    assert found["unknown_price"].models == (table.models[TOOL],)


def test_calls_without_a_cost_among_others_are_found():
    """Exactly the calls that were made and have no cost are found; a query that was never asked is none."""
    table = planted(clean(), "cost_usd", LOCAL, np.nan, ROWS)
    table = planted(table, "quality", LOCAL, np.nan, ROWS[:1])
    finding = the(table, "unknown_price.calls")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (ROWS[1:].tolist(), (table.models[LOCAL],), "info")
    assert len(apply(table, finding, "exclude")) == 298


@pytest.mark.parametrize(
    ("seconds", "found"),
    [([1200, 900, 1500, 800, 2100, 1300], True), ([1200.5, 900, 1500, 800, 2100, 1300], False), ([2, 3, 1, 2, 4, 3], False)],
)
def test_whole_seconds_of_many_minutes_are_asked_about(seconds, found):
    """A median of minutes in whole numbers, without tokens, is most likely in milliseconds; the repair divides by 1,000."""
    times = np.array(seconds, dtype=np.float32)[:, None] * np.array([1.0, 0.001], dtype=np.float32)
    table = outcome_table(("a", "b"), np.ones((6, 2), dtype=np.float32), latency_s=times)
    findings = [f for f in audit(table) if f.id == "latency.long"]
    assert bool(findings) is found
    if found:
        assert findings[0].models == ("a",)
        after = apply(table, findings[0], "repair")
        assert after.latency_s("a").tolist() == pytest.approx([s / 1000 for s in seconds])
        assert np.array_equal(after.latency_s("b"), table.latency_s("b"))
