"""Tables as a careful lab would record them: every field there, every number consistent. What audits must stay silent on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.audit import Finding, checks
from data.models import ModelCard
from data.outcomes import OutcomeTable, outcome_table
from data.queries import QuerySet
from data.texts import Texts

MODELS = ("gpt-4o", "o1-mini", "local", "tool")
CHAT, THINKER, LOCAL, TOOL = range(4)
METERING = {
    "guessed_tokens", "token_totals", "unbilled_tokens", "cost_mismatch", "zero_cost_with_tokens", "unknown_price", "sentinels",
    "mixed_scales", "latency",
}  # fmt: skip
_WORDS = (
    "a", "the", "of", "to", "in", "is", "model", "query", "token", "price", "router", "cascade", "uncertainty", "threshold", "calibration",
    "semi-supervised", "42", "3.14", "x==y", "naïve", "Übermut", "don't", "e.g.", "antidisestablishmentarianism", "f(x)", "[1,2]", "2026",
    "why", "how", "show", "prove",
)  # fmt: skip
_CACHED_SHARE = 0.5  # of gpt-4o's price for prompt tokens, as its maker's list has it


def clean(seed: int = 0, n: int = 300, *, tasks: int = 3, decimals: int | None = None) -> OutcomeTable:
    """Return n queries x 4 models, everything recorded and nothing wrong.

    A chat model with a listed price and cached tokens, a thinker with hidden reasoning, a local model priced by the hour, a free tool.
    decimals : to which costs are rounded; None = not at all.
    """
    rng = np.random.default_rng(seed)
    prompts, responses = _texts(rng, n, 60), {model: _texts(rng, n, 120) for model in MODELS[:3]}
    tokens_in = np.column_stack([_counted(rng, prompts) for _ in MODELS]).astype(float)
    tokens_out = np.column_stack([*(_counted(rng, responses[model]) for model in MODELS[:3]), np.full(n, np.nan)])
    reasoning = np.zeros((n, 4))
    reasoning[:, THINKER] = np.round(rng.lognormal(6, 1, n))
    reasoning[rng.random(n) < 0.1, THINKER] = 0
    cached = np.zeros((n, 4))
    cached[:, CHAT] = np.where(rng.random(n) < 0.4, np.floor(tokens_in[:, CHAT] * 0.6), 0)
    for field in (tokens_in, reasoning, cached):
        field[:, TOOL] = np.nan
    tokens_out += np.nan_to_num(reasoning)
    latency = _latency(rng, tokens_out)
    cards = _cards()
    cost = _cost(cards, tokens_in, tokens_out, cached, latency)
    return outcome_table(
        MODELS,
        _quality(rng, n),
        queries=QuerySet.build(
            [f"q{i}" for i in range(n)], prompts=prompts, tasks=[f"task {i % tasks}" for i in range(n)] if tasks else None
        ),
        cost_usd=cost if decimals is None else np.where(cost > 0, np.maximum(np.round(cost, decimals), 10.0**-decimals), cost),
        latency_s=latency,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_total=tokens_in + tokens_out,
        tokens_reasoning=reasoning,
        tokens_cached=cached,
        propensity=np.tile(rng.dirichlet(np.ones(4), n) * 0.96 + 0.01, 1),
        responses={model: Texts(texts) for model, texts in responses.items()},
        cards=cards,
    )


def planted(table: OutcomeTable, field: str, model: int, values, rows=slice(None)) -> OutcomeTable:
    """Return the table with the cells of one field and model at `rows` replaced."""
    column = np.array(table.numbers[field])
    column[rows, model] = values
    return replace(table, numbers={**table.numbers, field: column}, stored_fingerprint="")


def carded(table: OutcomeTable, model: int, card: ModelCard | None) -> OutcomeTable:
    """Return the table with another card for one model; None = nothing known of it."""
    cards = list(table.cards)
    cards[model] = card or ModelCard(name=table.models[model])
    return replace(table, cards=tuple(cards), stored_fingerprint="")


def findings(table: OutcomeTable, check: str = "") -> list[Finding]:
    """Return the findings of the checks of metering, or of one of them."""
    return [finding for name in sorted({check} if check else METERING) for finding in checks()[name].find(table)]


def the(table: OutcomeTable, finding_id: str) -> Finding:
    """Return the finding of that id, which has to be the only one of the checks of metering."""
    found = findings(table)
    assert [finding.id for finding in found] == [finding_id]
    return found[0]


def _texts(rng: np.random.Generator, n: int, most: int) -> list[str]:
    return [" ".join(rng.choice(_WORDS, size=int(count))) for count in rng.integers(3, most, n)]


def _counted(rng: np.random.Generator, texts: list[str]) -> np.ndarray:
    """Return counts as a tokenizer gives them: near the words, but not on a line."""
    words = np.array([len(text.split()) for text in texts])
    return np.round(words * 1.3 + rng.normal(0, 1, len(words)) * np.sqrt(words) + 7).clip(1)


def _latency(rng: np.random.Generator, tokens_out: np.ndarray) -> np.ndarray:
    """Return seconds to the millisecond: a wait for the first token, then a speed of the model's own."""
    speed = np.array([80, 140, 30, np.nan])
    seconds = rng.lognormal(-0.7, 0.4, tokens_out.shape) + tokens_out / speed * rng.lognormal(0, 0.1, tokens_out.shape)
    seconds[:, TOOL] = rng.lognormal(-6, 0.3, len(seconds))
    return np.where(np.arange(4) == TOOL, seconds, np.round(seconds, 3))


def _cards() -> tuple[ModelCard, ...]:
    return (
        ModelCard(name=MODELS[CHAT], price_in_usd_per_mtok=2.5, price_out_usd_per_mtok=10, tier="list"),
        ModelCard(name=MODELS[THINKER], price_in_usd_per_mtok=3, price_out_usd_per_mtok=12, tier="recorded"),
        ModelCard(name=MODELS[LOCAL], price_usd_per_hour=0.5, tier="assumed"),
        ModelCard(name=MODELS[TOOL], price_usd_per_query=0, tier="assumed"),
    )


def _cost(cards, tokens_in, tokens_out, cached, latency) -> np.ndarray:
    cost = np.zeros(tokens_in.shape)
    for m, card in enumerate(cards[:2]):
        share = _CACHED_SHARE if m == CHAT else 1.0
        billed = tokens_in[:, m] - cached[:, m] * (1 - share)
        cost[:, m] = (billed * card.price_in_usd_per_mtok + tokens_out[:, m] * card.price_out_usd_per_mtok) * 1e-6
    cost[:, LOCAL] = latency[:, LOCAL] * 0.5 / 3600
    return cost


def _quality(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return flags for two models and continuous scores for two, some of them poor."""
    flags = rng.random((n, 4)) < [0.7, 0.9, 0.4, 0.2]
    smooth = rng.beta([5, 8, 2, 0.5], [2, 1, 3, 2], (n, 4))
    return np.where(np.arange(4) % 2 == 0, flags, smooth).astype(float)
