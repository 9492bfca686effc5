"""What the audit finds in the recorded sets: each finding is listed with the reason why it is right; anything else is a false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from data import load
from data.audit import apply, audit
from data.audit.metering import bill_of, own_price
from data.models import ModelCard
from tests.metered import METERING, findings, planted

# The checks whose findings are listed here, by id; a check that isn't named is not looked at.
CHECKS = METERING

# Set, or file of one -> finding -> number of its rows.
EXPECTED: dict[str, dict[str, int]] = {
    # Costs of whole attempts in USD, no tokens: nothing to compare them with, and every attempt has one.
    "aider_swebench_cascade": {},
    # A price list, but no counts of tokens: "a cost needs an assumed number of tokens", as its description says.
    "llmrouter_9models": {"unknown_price.tokens": 5608},
    # Answer tokens of 11 models and no price of any: typing prices would give costs.
    "misguided_attention": {"unknown_price": 52},
    "misguided_attention/outcomes.csv": {"unknown_price": 52},
    # Every one of 914 costs is tokens times the prices of the file beside it; latencies and tokens are the provider's.
    "omnisbench": {},
    "omnisbench/2026-08-19_results.json": {},
    "omnisbench/fresh-16k-2026-08-20_results.json": {},
    # o1-mini has tokens, and costs of zero that mean "not recorded": they are read as unknown, and said to be unknown.
    "planbench_blocksworld": {"unknown_price": 500},
    # Scores alone pretend nothing.
    "reflexion_humaneval": {},
    "routellm_gsm8k": {},
    "routellm_mmlu": {},
    "zeroeval_crux": {},
    # All costs follow 30 / 60 USD per million tokens. Two arms have the same number of prompt tokens for each puzzle: a fixed
    # template with four numbers. With the puzzles' texts, all of four words, that is no finding; without them it is a remark.
    "tot_game24": {},
    "tot_game24/outcomes.csv": {"guessed_tokens.tokens_in.same": 100},
    # Samples of logs. Those with tokens but neither cost nor price are told so; those with a cost have nothing to be told.
    "log_formats/inspect_ai/2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval": {"unknown_price": 10},
    "log_formats/inspect_ai/2025-05-12T20-28-13-04-00_popularity.json": {"unknown_price": 3},
    "log_formats/inspect_ai/2025-05-12T20-28-26-04-00_security-guide.json": {"unknown_price": 3},
    "log_formats/langfuse": {},
    "log_formats/litellm": {},
    "log_formats/mini_swe_agent": {},
    "log_formats/openai_batch": {"unknown_price": 3},
    "log_formats/otel_genai/otel_genai_client_span_tool_calls.json": {"unknown_price": 1},
    "log_formats/otel_genai/openinference_client_span_tool_calls.json": {"unknown_price": 1},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_the_listed_findings(name, shared_data):
    """The checks find in each recorded set what is listed for it, with as many rows, and nothing else."""
    found = {finding.id: len(finding.rows) for finding in audit(load(shared_data / name)) if finding.check in CHECKS}
    assert found == EXPECTED[name]


def test_the_shipped_set_is_silent():
    """The set that comes with the program, with a tool, local models and votes, gives no finding of metering."""
    assert findings(load("everyday-2k")) == []


@pytest.mark.parametrize(
    ("name", "model", "usd"),
    [
        ("omnisbench/2026-08-19_results.json", "anthropic/claude-opus-5", (5, 25)),
        ("omnisbench/2026-08-19_results.json", "openai/gpt-5", (1.25, 10)),
        ("omnisbench/2026-08-19_results.json", "openai/gpt-5-nano", (0.05, 0.4)),
        ("omnisbench/2026-08-19_results.json", "anthropic/claude-haiku-4-5", (1, 5)),
        ("tot_game24/outcomes.csv", "gpt-4_0.7_propose1_value3_greedy5_start900_end1000", (30, 60)),
    ],
)
def test_prices_are_found_in_the_costs_alone(name, model, usd, shared_data):
    """Without any price list the recorded costs give the prices: those of the price file, and GPT-4's of 2023."""
    table = load(shared_data / name)
    price = own_price(bill_of(table, table.index(model)))
    assert price is not None
    assert (price.usd_in * 1e6, price.usd_out * 1e6) == pytest.approx(usd, rel=1e-3)


def test_a_trace_billed_at_a_made_up_price_is_found(shared_data):
    """One trace bills gpt-4o at 1 USD per million tokens; with its maker's price typed the audit tells by how much it is too low."""
    table = load(shared_data / "log_formats/langfuse/langgraph-python-2025-08-22.trace.json")
    card = ModelCard(name=table.models[0], price_in_usd_per_mtok=2.5, price_out_usd_per_mtok=10, tier="typed")
    table = table.priced([card])
    found = findings(table)
    assert [(finding.id, finding.severity, finding.rows.tolist()) for finding in found] == [("cost_mismatch", "error", [0, 1])]
    assert "understated x 4.6" in found[0].meaning
    assert apply(table, found[0], "repair").cost_usd(0) == pytest.approx([0.0003, 0.00078])


def test_a_thinker_whose_thoughts_nobody_billed(shared_data):
    """With o1-mini's recorded tokens at 3 / 12 USD and the hidden ones left out, its cost is understated by what the tokens say."""
    table = load(shared_data / "planbench_blocksworld").select(["o1-mini_chat"])
    inside, out, thought = (table.column(f"tokens_{name}", 0).astype(float) for name in ("in", "out", "reasoning"))
    right = (inside * 3 + out * 12) * 1e-6
    table = table.priced([ModelCard(name="o1-mini_chat", price_in_usd_per_mtok=3, price_out_usd_per_mtok=12, tier="typed")])
    assert findings(table) == []
    table = planted(table, "cost_usd", 0, right - thought * 12e-6)
    (finding,) = findings(table)
    assert (finding.id, len(finding.rows)) == ("unbilled_tokens.reasoning", np.count_nonzero(thought))
    assert f"understated x {right.sum() / (right - thought * 12e-6).sum():.1f}" in finding.meaning
    assert apply(table, finding, "repair").cost_usd(0) == pytest.approx(right, rel=1e-5)
