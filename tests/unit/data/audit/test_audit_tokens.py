"""Counts of tokens: guessed ones, totals that don't add up, reasoning and cached tokens outside, or unbilled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.audit import apply
from data.models import ModelCard
from data.texts import Texts
from tests.metered import CHAT, LOCAL, THINKER, TOOL, clean, findings, planted, the

ROWS = np.array([3, 17, 200])


def bare_tokens(table):
    """Return the table without totals and costs, so that changed counts contradict nothing else."""
    numbers = {name: values for name, values in table.numbers.items() if name not in ("tokens_total", "cost_usd", "latency_s")}
    return replace(table, numbers=numbers, cards=())


def told(table, check):
    """Return the only finding of one check."""
    found = findings(table, check)
    assert len(found) == 1, [finding.id for finding in found]
    return found[0]


# guessed_tokens


@pytest.mark.parametrize(("field", "model"), [("tokens_in", LOCAL), ("tokens_out", CHAT)])
def test_one_number_for_all_is_found_and_made_unknown(field, model):
    """A count of 500 for nearly every query, though the texts differ, is found in exactly those cells."""
    table = planted(bare_tokens(clean()), field, model, 500, slice(0, 290))
    finding = told(table, "guessed_tokens")
    assert (finding.id, finding.severity) == (f"guessed_tokens.{field}.same", "warning")
    assert (finding.rows.tolist(), finding.models) == (list(range(290)), (table.models[model],))
    assert "500 for 290 of 300 queries" in finding.meaning
    repaired = apply(table, finding, "repair")
    assert np.isnan(repaired.column(field, model)[:290]).all()
    assert np.array_equal(repaired.column(field, model)[290:], table.column(field, model)[290:])
    assert findings(repaired, "guessed_tokens") == []
    assert "290 rows repaired" in repaired.history[-1].detail


def test_one_number_a_task_is_found():
    """An average filled in for each task is no measurement either."""
    table = bare_tokens(clean())
    table = planted(table, "tokens_out", CHAT, 100 + 50 * table.queries.tasks)
    finding = told(table, "guessed_tokens")
    assert (finding.id, finding.rows.tolist(), finding.severity) == ("guessed_tokens.tokens_out.same", list(range(300)), "warning")
    assert "one number a task" in finding.meaning
    assert "exclude" not in finding.choices


def test_labels_really_are_one_token():
    """A classifier that answers A or B uses one token each time: texts of one length make a constant right."""
    table = planted(bare_tokens(clean()), "tokens_out", CHAT, 1)
    answers = Texts([("A", "B", "C")[i % 3] for i in range(300)])
    assert findings(replace(table, responses={**table.responses, table.models[CHAT]: answers}), "guessed_tokens") == []


def test_a_small_constant_is_only_mentioned():
    """One token for long and short answers is odd, but may be a cap that was meant: a remark, no alarm."""
    assert told(planted(bare_tokens(clean()), "tokens_out", CHAT, 1), "guessed_tokens").severity == "info"


def test_without_texts_a_constant_prompt_is_only_mentioned():
    """Where no prompt was recorded the same count may be right (a fixed template); for long answers it hardly is."""
    table = bare_tokens(clean())
    table = replace(table, queries=replace(table.queries, prompts=None), responses={})
    assert told(planted(table, "tokens_in", CHAT, 1000), "guessed_tokens").severity == "info"
    assert told(planted(table, "tokens_out", CHAT, 1000), "guessed_tokens").severity == "warning"


def test_most_but_not_nearly_all_is_no_finding():
    """A cap of 1,024 that nine in ten answers reach is a measurement."""
    assert findings(planted(bare_tokens(clean()), "tokens_out", CHAT, 1024, slice(0, 270)), "guessed_tokens") == []


def test_zero_tokens_of_a_tool_are_no_finding():
    """A tool uses no tokens, in any query."""
    assert findings(planted(bare_tokens(clean()), "tokens_in", TOOL, 0), "guessed_tokens") == []


@pytest.mark.parametrize(
    ("rule", "unit"),
    [
        (lambda words, characters: np.round(words * 1.3), "word"),
        (lambda words, characters: np.ceil(words * 4 / 3), "word"),
        (lambda words, characters: words * 1.33, "word"),
        (lambda words, characters: words, "word"),
        (lambda words, characters: np.floor(words / 0.75) + 12, "word"),
        (lambda words, characters: characters // 4, "character"),
        (lambda words, characters: np.ceil(characters / 3.5), "character"),
    ],
)
@pytest.mark.parametrize("side", ["tokens_in", "tokens_out"])
def test_counts_computed_from_the_text_are_found(rule, unit, side):
    """Any rounding of a multiple of words or characters is found, however many a unit, and made unknown."""
    table = bare_tokens(clean())
    texts = (table.queries.prompts if side == "tokens_in" else table.responses[table.models[CHAT]]).filled()
    counts = rule(np.array([len(t.split()) for t in texts]), np.array([len(t) for t in texts]))
    table = planted(table, side, CHAT, counts)
    finding = told(table, "guessed_tokens")
    assert (finding.id, finding.severity, finding.models) == (f"guessed_tokens.{side}.length", "error", (table.models[CHAT],))
    assert finding.rows.tolist() == list(range(300))
    assert f"tokens a {unit}" in finding.meaning
    repaired = apply(table, finding, "repair")
    assert np.isnan(repaired.column(side, CHAT)).all()
    assert not np.isnan(repaired.column(side, LOCAL)).any()
    assert findings(repaired, "guessed_tokens") == []


def test_a_few_measured_counts_among_computed_ones_stay():
    """Rows that don't lie on the line are none of the finding's."""
    table = bare_tokens(clean())
    words = np.array([len(text.split()) for text in table.responses[table.models[CHAT]].filled()])
    counts = np.round(words * 1.3)
    counts[ROWS] += 25
    finding = told(planted(table, "tokens_out", CHAT, counts), "guessed_tokens")
    assert finding.rows.tolist() == [i for i in range(300) if i not in ROWS]


@pytest.mark.parametrize("noise", [1.0, 2.0])
def test_counts_near_the_words_are_measured(noise):
    """A tokenizer's counts follow the words, but not to the last token."""
    table = bare_tokens(clean())
    words = np.array([len(text.split()) for text in table.responses[table.models[CHAT]].filled()])
    counts = np.round(words * 1.3 + np.random.default_rng(1).normal(0, noise, 300))
    assert findings(planted(table, "tokens_out", CHAT, counts), "guessed_tokens") == []


# token_totals


def test_reasoning_beside_the_answer_is_added_to_it():
    """A total of in + out + reasoning tells that out leaves reasoning out: found where there is any, and added."""
    table = clean()
    reasoning, out = table.column("tokens_reasoning", THINKER), table.column("tokens_out", THINKER)
    beside = planted(table, "tokens_out", THINKER, out - reasoning)
    finding = told(beside, "token_totals")
    assert (finding.id, finding.rows.tolist()) == ("token_totals.reasoning", np.flatnonzero(reasoning > 0).tolist())
    assert finding.models == (table.models[THINKER],)
    assert f"{out[reasoning > 0].sum() / (out - reasoning)[reasoning > 0].sum():.1f} times as many tokens" in finding.meaning
    repaired = apply(beside, finding, "repair")
    assert np.array_equal(repaired.column("tokens_out", THINKER), out)
    assert findings(repaired) == []


def test_cached_beside_the_prompt_is_added_to_it():
    """A total of in + out + cached tells that in leaves cached tokens out."""
    table = clean()
    inside, cached = table.column("tokens_in", CHAT), table.column("tokens_cached", CHAT)
    beside = planted(table, "tokens_in", CHAT, inside - cached)
    finding = told(beside, "token_totals")
    assert (finding.id, finding.rows.tolist()) == ("token_totals.cached", np.flatnonzero(cached > 0).tolist())
    assert findings(apply(beside, finding, "repair")) == []


def test_both_beside_are_both_added():
    """Where reasoning and cached tokens are beside, each has its finding, and both repairs give the clean table."""
    table = clean()
    table = planted(table, "tokens_reasoning", CHAT, 10)
    both = planted(table, "tokens_in", CHAT, table.column("tokens_in", CHAT) - table.column("tokens_cached", CHAT))
    both = planted(both, "tokens_out", CHAT, table.column("tokens_out", CHAT) - 10)
    first, second = findings(both, "token_totals")
    assert {first.id, second.id} == {"token_totals.reasoning", "token_totals.cached"}
    repaired = apply(both, first, "repair")
    repaired = apply(repaired, told(repaired, "token_totals"), "repair")
    for name in ("tokens_in", "tokens_out"):
        assert np.array_equal(repaired.numbers[name], table.numbers[name], equal_nan=True)


def test_a_total_that_nothing_explains_becomes_unknown():
    """Exactly the contradicting cells are found; which of the three numbers is wrong can't be known, so the total goes."""
    table = clean()
    table = planted(table, "tokens_total", LOCAL, table.column("tokens_total", LOCAL)[ROWS] + 7, ROWS)
    finding = the(table, "token_totals")
    assert (finding.rows.tolist(), finding.models, finding.severity) == (ROWS.tolist(), (table.models[LOCAL],), "warning")
    repaired = apply(table, finding, "repair")
    assert np.flatnonzero(np.isnan(repaired.column("tokens_total", LOCAL))).tolist() == ROWS.tolist()
    assert findings(repaired) == []


def test_means_of_counts_add_up_to_their_last_digit():
    """Means over samples are no whole numbers; what float32 loses of them is no contradiction."""
    table = clean()
    thirds = {name: table.numbers[name] / 3 for name in ("tokens_in", "tokens_out", "tokens_total")}
    assert findings(replace(table, numbers={**table.numbers, **thirds}), "token_totals") == []


# unbilled_tokens


def test_more_reasoning_than_answer_is_added():
    """Reasoning greater than the answer's tokens can't be part of them: with many such calls all of the model's leave it out."""
    table = bare_tokens(clean())
    reasoning, out = table.column("tokens_reasoning", THINKER), table.column("tokens_out", THINKER)
    beside = planted(table, "tokens_out", THINKER, out - reasoning)
    finding = told(beside, "unbilled_tokens")
    assert (finding.id, finding.severity) == ("unbilled_tokens.out", "error")
    assert finding.rows.tolist() == np.flatnonzero(reasoning > 0).tolist()
    repaired = apply(beside, finding, "repair")
    assert np.array_equal(repaired.column("tokens_out", THINKER), out)
    assert findings(repaired, "unbilled_tokens") == []


def test_more_cached_than_prompt_is_added():
    """Cached tokens greater than the prompt's can't be part of them."""
    table = bare_tokens(clean())
    table = planted(table, "tokens_cached", CHAT, table.column("tokens_in", CHAT)[ROWS] + 50, ROWS)
    finding = told(table, "unbilled_tokens")
    assert (finding.id, finding.models, finding.rows.tolist()) == ("unbilled_tokens.in", (table.models[CHAT],), ROWS.tolist())
    assert findings(apply(table, finding, "repair"), "unbilled_tokens") == []


def unbilled(table, *, rows=slice(None)):
    """Return the table whose thinker bills only the visible answer."""
    inside, out, thought = (table.column(f"tokens_{name}", THINKER).astype(float) for name in ("in", "out", "reasoning"))
    cost = (inside * 3 + (out - thought) * 12) * 1e-6
    return planted(table, "cost_usd", THINKER, cost[rows], rows)


@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize("decimals", [None, 6])
def test_unbilled_reasoning_is_found_with_its_factor(card, decimals):
    """A cost that leaves reasoning out is found, with a stated price or by the price the costs follow; repaired it is billed."""
    table = clean()
    right = table.cost_usd(THINKER).astype(float)
    cheap = unbilled(table)
    if decimals:
        cheap = planted(cheap, "cost_usd", THINKER, np.round(cheap.cost_usd(THINKER).astype(float), decimals))
    if not card:
        cheap = replace(cheap, cards=tuple(ModelCard(name=c.name) if m == THINKER else c for m, c in enumerate(cheap.cards)))
    finding = the(cheap, "unbilled_tokens.reasoning")
    thought = table.column("tokens_reasoning", THINKER) > 0
    assert (finding.rows.tolist(), finding.models, finding.severity) == (
        np.flatnonzero(thought).tolist(),
        (table.models[THINKER],),
        "error",
    )
    factor = right[thought].sum() / cheap.cost_usd(THINKER)[thought].sum(dtype=float)
    assert f"o1-mini understated x {factor:.1f}" in finding.meaning
    repaired = apply(cheap, finding, "repair")
    assert repaired.cost_usd(THINKER) == pytest.approx(right, abs=1e-6)
    assert findings(repaired, "unbilled_tokens") == []
    assert repaired.history[-1].values["finding"] == "unbilled_tokens.reasoning"


def test_single_unbilled_calls_are_found_under_a_stated_price():
    """With a price on the card each call is looked at by itself."""
    table = clean()
    rows = np.flatnonzero(table.column("tokens_reasoning", THINKER) > 0)[[2, 5, 9]]
    assert the(unbilled(table, rows=rows), "unbilled_tokens.reasoning").rows.tolist() == rows.tolist()


def test_a_cost_of_columns_that_leave_reasoning_out_leaves_it_out_too():
    """Where out lacks reasoning and the cost is out times price, both are found, and both repairs give the clean table."""
    table = clean()
    wrong = unbilled(table)
    wrong = planted(wrong, "tokens_out", THINKER, table.column("tokens_out", THINKER) - table.column("tokens_reasoning", THINKER))
    assert {f.id for f in findings(wrong)} == {"token_totals.reasoning", "unbilled_tokens.reasoning"}
    for first in ("token_totals", "unbilled_tokens"):
        repaired = apply(wrong, told(wrong, first), "repair")
        left = findings(repaired)[0]
        repaired = apply(repaired, left, "repair")
        assert findings(repaired) == []
        assert repaired.cost_usd(THINKER) == pytest.approx(table.cost_usd(THINKER), rel=1e-5)


def test_cached_tokens_for_nothing_are_found():
    """Cached tokens that cost nothing are found; repaired they cost what the maker's list says."""
    table = clean()
    inside, out, cached = (table.column(f"tokens_{name}", CHAT).astype(float) for name in ("in", "out", "cached"))
    wrong = planted(table, "cost_usd", CHAT, ((inside - cached) * 2.5 + out * 10) * 1e-6)
    finding = the(wrong, "unbilled_tokens.cached")
    assert (finding.rows.tolist(), finding.severity) == (np.flatnonzero(cached > 0).tolist(), "warning")
    repaired = apply(wrong, finding, "repair")
    assert repaired.cost_usd(CHAT) == pytest.approx(table.cost_usd(CHAT), rel=1e-5)


def test_cached_tokens_in_full_are_mentioned():
    """Cached tokens at the full price are a remark with the price of the list; without a listed price nothing can be said."""
    table = clean()
    inside, out, cached = (table.column(f"tokens_{name}", CHAT).astype(float) for name in ("in", "out", "cached"))
    wrong = planted(table, "cost_usd", CHAT, (inside * 2.5 + out * 10) * 1e-6)
    finding = the(wrong, "unbilled_tokens.cached_full")
    assert (finding.rows.tolist(), finding.severity) == (np.flatnonzero(cached > 0).tolist(), "info")
    assert apply(wrong, finding, "repair").cost_usd(CHAT) == pytest.approx(table.cost_usd(CHAT), rel=1e-5)
    nobody = replace(
        wrong, models=("house-model", *wrong.models[1:]), cards=(replace(wrong.cards[0], name="house-model"), *wrong.cards[1:])
    )
    assert findings(nobody) == []


def test_without_a_listed_price_unbilled_cached_tokens_cannot_be_repaired():
    """A model that no list knows has no price for cached tokens: the finding says so and offers no repair."""
    table = clean()
    inside, out, cached = (table.column(f"tokens_{name}", CHAT).astype(float) for name in ("in", "out", "cached"))
    wrong = planted(table, "cost_usd", CHAT, ((inside - cached) * 2.5 + out * 10) * 1e-6)
    nobody = replace(
        wrong, models=("house-model", *wrong.models[1:]), cards=(replace(wrong.cards[0], name="house-model"), *wrong.cards[1:])
    )
    finding = the(nobody, "unbilled_tokens.cached")
    assert "isn't known" in finding.meaning
    assert "repair" not in finding.choices
