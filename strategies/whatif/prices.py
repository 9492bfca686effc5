"""Assumptions about money: whole bills, prices a token, prices of a day, an own machine by the hour, batches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from data.models import ModelCard
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.whatif.rates import Processing, Rates, apart, billed, rated, rates_of, rebilled, require_usd
from data.whatif.snapshots import repriced
from strategies.knobs import knob
from strategies.whatif.change import EVERY, Change, rate, subject, word_of

if TYPE_CHECKING:
    from strategies.whatif.scenario import Scenario

_PAID = "cost_usd:"
_SELF_CHECK = "self_check"  # priced by the model itself (strategies.engines.recorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesOf(Change):
    """Recorded answers at the prices of a day: the tokens as recorded, the rates of that day."""

    word: ClassVar[str] = "day"
    order: ClassVar[int] = 10
    title: ClassVar[str] = "Prices of a day"
    help: ClassVar[str] = "What the same answers would have cost at the prices of another day."
    day: str = word_of(help="A day as 2026-11-28.")
    book: str = word_of(help="The name of a price list of your own; empty = the list that comes along.")
    processing: str = word_of("standard", options=("standard", "batch"), help="Prices of answers at once, or of batches within a day.")

    def __post_init__(self) -> None:
        super(PricesOf, self).__post_init__()
        try:
            date.fromisoformat(self.day or "2000-01-01")
        except ValueError:
            raise refuse(f"{self.day!r} is no day.", "Write days as 2026-11-28.") from None

    @property
    def idle(self) -> bool:
        """Whether no day was said."""
        return not self.day

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:
        """Return the table at that day's prices (data.whatif.snapshots)."""
        if self.book and self.book not in scenario.books:
            raise refuse(f"the price list {self.book!r} is not here.", "Add it again, or take the list that comes along.")
        found = scenario.books[self.book] if self.book else None
        return repriced(table, date.fromisoformat(self.day), book=found, processing=cast("Processing", self.processing))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrices(Change):
    """Other prices a token for one model; what is left open stays as it is."""

    word: ClassVar[str] = "tok"
    order: ClassVar[int] = 20
    title: ClassVar[str] = "Price a token"
    help: ClassVar[str] = "Prices of prompt, completion, cached and reasoning tokens, each apart."
    model: str = subject("")
    input: float = rate(low=0, high=1e5, scale="log", unit="USD per million", title="prompt tokens", help="A prompt token's price.")
    output: float = rate(
        low=0, high=1e5, scale="log", unit="USD per million", title="completion tokens", help="A completion token's price."
    )
    cached: float = rate(
        low=0, high=1e5, scale="log", unit="USD per million", title="cached prompt tokens", help="A prompt token's price from a cache."
    )
    reasoning: float = rate(
        low=0, high=1e5, scale="log", unit="USD per million", title="reasoning tokens", help="A token's price that is thought, not shown."
    )
    cached_share: float = rate(
        low=0, high=1, unit="share of prompt tokens", title="read from a cache", help="How much of the prompt a cache already has."
    )

    @property
    def _rates(self) -> Rates:
        return Rates(input=self.input, output=self.output, cached=self.cached, reasoning=self.reasoning)

    @property
    def idle(self) -> bool:
        """Whether every price was left open: a share of cached tokens alone has no price."""
        return self._rates == Rates() or all(map(math.isnan, (self.input, self.output, self.cached, self.reasoning)))

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table with this model billed anew from its tokens; the table itself at the prices it has already."""
        model = self.models(table)[0]
        card = table.cards[table.index(model)]
        now = rates_of(card)
        new = self._rates.filled(now)
        if now.known and (new.input, new.output) == (now.input, now.output) and math.isnan(new.cached) and math.isnan(new.reasoning):
            return table
        bill = billed(table, model, new, cached_share=self.cached_share)
        words = [f"{name} {value:g}" for name, value in self._said() if not math.isnan(value)]
        detail = f"{model} at {', '.join(words)} USD per million tokens{apart(table, model)}"
        return rebilled(table, {model: bill}, {model: rated(card, new)}, detail)

    def _said(self) -> tuple[tuple[str, float], ...]:
        return ("prompt", self.input), ("completion", self.output), ("cached", self.cached), ("reasoning", self.reasoning)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPrice(Change):
    """An own machine that costs by the hour: measured seconds times the price of an hour."""

    word: ClassVar[str] = "gpu"
    order: ClassVar[int] = 30
    title: ClassVar[str] = "Own machine by the hour"
    help: ClassVar[str] = "A model on a machine of your own: what an hour of it costs, times the measured seconds."
    model: str = subject("")
    usd: float = rate(low=0, high=1000, scale="log", unit="USD per hour", title="an hour", help="What an hour of the machine costs.")

    @property
    def idle(self) -> bool:
        """Whether no price was said."""
        return math.isnan(self.usd)

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table with this model billed by its seconds; ProblemError where those were not recorded."""
        require_usd(table, "a price an hour")
        model = self.models(table)[0]
        card, seconds = table.cards[table.index(model)], table.latency_s(model)
        if card.price_usd_per_hour == self.usd and math.isnan(card.price_in_usd_per_mtok):
            return table
        if np.isnan(seconds).all():
            raise refuse(f"no seconds of {model} were recorded.", "Scale its whole bill instead, or upload its latency.", column=model)
        bill = np.asarray(seconds.astype(np.float64) * self.usd / 3600, dtype=np.float32)
        own = replace(rated(card, Rates()), price_usd_per_hour=self.usd)
        return rebilled(table, {model: bill}, {model: own}, f"{model} on an own machine at {self.usd:g} USD an hour of measured time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Change):
    """All calls of a model sent in batches: cheaper, and answered within a day instead of at once."""

    word: ClassVar[str] = "bat"
    order: ClassVar[int] = 40
    title: ClassVar[str] = "Batches"
    help: ClassVar[str] = "All calls sent in batches: cheaper, answered later."
    model: str = subject()
    rebate: float = knob(0.0, low=0, high=1, unit="share of the bill", title="rebate", help="How much cheaper a batch is; often a half.")
    wait_h: float = rate(
        low=0, high=48, unit="hours", title="answered after", help="When the answers come; left open, latency is not known."
    )

    @property
    def idle(self) -> bool:
        """Whether batches are no cheaper and nobody waits."""
        return self.rebate == 0 and math.isnan(self.wait_h)

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:
        """Return the table with these models' bills less the rebate, and their latency that of the batch."""
        cheaper = BillFactor(model=self.model, factor=1 - self.rebate).apply(table, scenario)
        latency = np.array(table.numbers.get("latency_s", np.full((len(table), len(table.models)), np.nan)), np.float32, order="F")
        for model in self.models(table):
            m = table.index(model)
            latency[:, m] = np.where(table.ran[:, m], np.float32(self.wait_h * 3600), np.float32(np.nan))
        made = replace(cheaper, numbers={**cheaper.numbers, "latency_s": latency}, stored_fingerprint="")
        when = "at a time that is not known" if math.isnan(self.wait_h) else f"after {self.wait_h:g} hours"
        return made.noted("assumed", f"{_who(self.model)} answered in batches {when}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BillFactor(Change):
    """Whole bills times a factor: works without tokens, and in any unit of cost."""

    word: ClassVar[str] = "bill"
    order: ClassVar[int] = 50
    title: ClassVar[str] = "Whole bill"
    help: ClassVar[str] = "Everything a model charges, times a factor."
    model: str = subject()
    factor: float = knob(1.0, low=0, high=1000, scale="log", unit="times", title="price", help="1 = as recorded, 2 = twice as dear.")

    @property
    def idle(self) -> bool:
        """Whether nothing is scaled."""
        return self.factor == 1

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table with these bills scaled; for all models also what signals and features cost that were paid for."""
        names, by = self.models(table), np.float32(self.factor)
        if self.idle or not table.has("cost_usd"):
            return table
        bills = {model: np.asarray(table.cost_usd(model) * by) for model in names}
        cards = {model: _scaled(table.cards[table.index(model)], self.factor) for model in names}
        made = rebilled(table, bills, cards, f"{_who(self.model)} at {self.factor:g} times the price")
        at = [table.index(model) for model in names]
        signals = {name: _columns(values, at, by) for name, values in made.signals.items() if self._pays(name)}
        every = self.model == EVERY
        features = {name: values * by for name, values in made.features.items() if every and name.startswith(_PAID)}
        return replace(made, signals={**made.signals, **signals}, features={**made.features, **features}, stored_fingerprint="")

    def _pays(self, signal: str) -> bool:
        return signal.startswith(_PAID) and (self.model == EVERY or signal == f"{_PAID}{_SELF_CHECK}")


def _columns(values: Floats, at: list[int], by: np.float32) -> Floats:
    out = np.array(values, order="F")
    out[:, at] *= by
    return out


def _scaled(card: ModelCard, factor: float) -> ModelCard:
    prices = ("price_in_usd_per_mtok", "price_out_usd_per_mtok", "price_usd_per_query", "price_usd_per_hour", "relative_price")
    values: Mapping[str, float] = {name: getattr(card, name) * factor for name in prices}
    return replace(card, **values, tier="assumed", source="assumed")  # type: ignore[arg-type]


def _who(name: str) -> str:
    return "all models" if name == EVERY else name
