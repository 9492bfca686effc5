"""What a model's calls would cost at other rates: prompt, completion, cached and reasoning tokens apart, or by the hour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from data.models import ModelCard, Tier
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse

NAN = math.nan
_APART = 0.01  # a recorded bill this far from tokens times price is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """USD per million tokens, NaN = not said.

    input : of a prompt token that was not read from a cache. cached : of one that was; not said = as `input`.
    output : of a completion token. reasoning : of one that was thought, not shown; not said = as `output`.
    """

    input: float = NAN
    output: float = NAN
    cached: float = NAN
    reasoning: float = NAN

    @property
    def known(self) -> bool:
        """Whether a call can be billed at these."""
        return not math.isnan(self.input + self.output)

    def filled(self, other: Rates) -> Rates:
        """Return the rates with what they do not say taken from others."""
        names = ("input", "output", "cached", "reasoning")
        return Rates(**{n: getattr(other, n) if math.isnan(getattr(self, n)) else getattr(self, n) for n in names})


def rates_of(card: ModelCard) -> Rates:
    """Return the rates that a card knows."""
    return Rates(input=card.price_in_usd_per_mtok, output=card.price_out_usd_per_mtok)


def require_usd(table: OutcomeTable, what: str) -> None:
    """Raise ProblemError where a table's costs are no money."""
    if table.cost_unit != "USD":
        raise refuse(f"{what} needs costs in USD; here they are {table.cost_unit}.", "Type prices on the Data page, or scale the cost.")


def billed(table: OutcomeTable, model: str, rates: Rates, *, cached_share: float = NAN) -> Floats:
    """Return (n,) USD of a model's calls at other rates; NaN where tokens that have a rate of their own were not recorded.

    Reasoning tokens are part of tokens_out and cached ones of tokens_in (data.outcomes). cached_share : assumed share of a prompt's
    tokens that are read from a cache, instead of what was recorded; outside [0, 1] raises ProblemError. A model without tokens, or
    without a rate for them, raises ProblemError: a whole bill can still be scaled.
    """
    require_usd(table, f"a price a token of {model}")
    read, written = (table.column(name, model).astype(np.float64) for name in ("tokens_in", "tokens_out"))
    if np.isnan(read + written).all():
        raise refuse(f"no tokens of {model} were recorded.", "Scale its whole bill instead, or upload its tokens.", column=model)
    if not rates.known:
        raise refuse(f"the price of {model} is not known.", "Give both a price of a prompt token and of a completion token.", column=model)
    if not math.isnan(cached_share) and not 0 <= cached_share <= 1:
        raise refuse(f"a share of {cached_share:g} is none.", "Give a share of cached prompt tokens from 0 to 1.", column=model)
    extra_in = np.zeros(1) if math.isnan(rates.cached) else _apart(table, model, "tokens_cached", read * cached_share)
    extra_out = np.zeros(1) if math.isnan(rates.reasoning) else _apart(table, model, "tokens_reasoning", np.full(1, NAN))
    usd = (read - extra_in) * rates.input + (written - extra_out) * rates.output
    usd = usd + extra_in * _or(rates.cached) + extra_out * _or(rates.reasoning)
    return np.asarray(usd * 1e-6, dtype=np.float32)


def _or(rate: float) -> float:
    return 0.0 if math.isnan(rate) else rate


def _apart(table: OutcomeTable, model: str, field: str, assumed: Any) -> Any:
    """Return (n,) tokens that have a price of their own: assumed where somebody said how many, else recorded."""
    if not np.isnan(assumed).all():
        return assumed
    values = table.column(field, model).astype(np.float64)
    if np.isnan(values).all():
        word = field.removeprefix("tokens_")
        way = "Say which share of the prompt is cached." if word == "cached" else "Leave that price out."
        raise refuse(f"how many tokens of {model} were {word} was not recorded.", way, column=model)
    return values


def rebilled(table: OutcomeTable, bills: Mapping[str, Floats], cards: Mapping[str, ModelCard], detail: str) -> OutcomeTable:
    """Return the table with other bills, model -> (n,) in the table's cost unit, where it was called; noted as assumed."""
    cost = np.array(table.numbers.get("cost_usd", np.full((len(table), len(table.models)), np.nan)), dtype=np.float32, order="F")
    for model, bill in bills.items():
        m = table.index(model)
        called = table.ran[:, m] | ~np.isnan(cost[:, m])
        cost[:, m] = np.where(called, bill, np.float32(np.nan))
    new = tuple(cards.get(card.name, card) for card in table.cards)
    made = replace(table, numbers={**table.numbers, "cost_usd": cost}, cards=new, stored_fingerprint="")
    return made.noted("assumed", detail)


def rated(card: ModelCard, rates: Rates, *, tier: Tier = "assumed", date: str = "", source: str = "assumed") -> ModelCard:
    """Return a card with other rates, and who says so; the prices that no longer hold are taken off."""
    return replace(
        card, price_in_usd_per_mtok=rates.input, price_out_usd_per_mtok=rates.output, price_usd_per_query=NAN, price_usd_per_hour=NAN,
        tier=tier, date=date, source=source,
    )  # fmt: skip


def apart(table: OutcomeTable, model: str) -> str:
    """Return in words how far a model's recorded bill is from its tokens at its card's price; "" where it is not, or nobody knows.

    A change of a token price bills anew from the tokens, so such a gap is part of its effect.
    """
    rates, recorded = rates_of(table.cards[table.index(model)]), table.cost_usd(model).astype(np.float64)
    if not rates.known or np.isnan(recorded).all():
        return ""
    both = billed(table, model, rates).astype(np.float64)
    known = ~np.isnan(both + recorded)
    total = float(recorded[known].sum())
    gap = 1 - float(both[known].sum()) / total if total > 0 else 0.0
    return (
        f"; {model} was billed {abs(gap):.0%} {'above' if gap > 0 else 'below'} its tokens at its price before" if abs(gap) > _APART else ""
    )


Processing = Literal["standard", "batch"]
