"""Price lists by date: what the offline list says held on a day, and lists of the user's own with a day in each row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from data.arms import alias
from data.outcomes import Floats, OutcomeTable
from data.problems import listed, refuse
from data.whatif.rates import NAN, Processing, Rates, apart, billed, rated, rates_of, rebilled, require_usd

LIST = ""  # the name of the offline list among price lists
_COLUMNS = {
    "model": ("model", "name"), "day": ("date", "day", "since", "valid_from", "from"),
    "input": ("input", "price_in", "price_in_usd_per_mtok", "input_price"),
    "output": ("output", "price_out", "price_out_usd_per_mtok", "output_price"),
    "cached": ("cached", "cache_read", "price_cached"), "reasoning": ("reasoning", "price_reasoning"),
    "hour": ("usd_per_hour", "price_usd_per_hour", "hour"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One model's rates as they held from a day on. since : that day, "" = the list does not say. hour : USD an hour of an own machine."""

    model: str
    rates: Rates
    since: str = ""
    source: str = ""
    hour: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """A price list that somebody brought along: rows of (model, day, rates), in USD per million tokens."""

    name: str
    quotes: tuple[Quote, ...] = field(default=(), repr=False)

    def at(self, model: str, day: date) -> Quote | None:
        """Return the newest row of a model that is not after a day; None where there is none. A row without a day holds always.

        A model that the list does not name is looked for under its other spellings (data.arms.alias).
        """
        names = (
            {model}
            if any(quote.model == model for quote in self.quotes)
            else {q.model for q in self.quotes if alias(q.model) == alias(model)}
        )
        mine = [quote for quote in self.quotes if quote.model in names and quote.since <= day.isoformat()]
        return max(mine, key=lambda quote: quote.since, default=None)

    @property
    def days(self) -> tuple[str, ...]:
        """Days on which a price changes, ascending."""
        return tuple(sorted({quote.since for quote in self.quotes if quote.since}))


def quoted(model: str, day: date, processing: Processing = "standard") -> Quote | None:
    """Return what the offline list of genai-prices says a model cost at 00:00 UTC of a day; None where it does not know the model.

    processing : "batch" = the list's price for answers within a day; None where it has no such price. Where prices step with the
    length of the prompt, the first step. A price that the list knows no beginning of has `since` "".
    """
    from data.prices import listing

    found = listing(model)
    if found is None:
        return None
    provider, listed_model, version = found
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    usual = listed_model.get_prices(moment)
    prices = listed_model.get_prices(moment, {"processing": "batch"}) if processing == "batch" else usual
    if processing == "batch" and prices == usual:
        return None
    rates = Rates(
        input=_usd(prices.input_mtok), output=_usd(prices.output_mtok), cached=_usd(prices.cache_read_mtok),
        reasoning=_usd(prices.output_reasoning_mtok),
    )  # fmt: skip
    name = f"genai-prices {version}, {provider}/{listed_model.id}"
    return Quote(model=model, rates=rates, since=_since(listed_model.prices, moment), source=name) if rates.known else None


def _usd(price: Any) -> float:
    base = getattr(price, "base", price)
    return NAN if base is None else float(base)


def _since(prices: Any, moment: datetime) -> str:
    """Return the first day of the price that holds at a moment; "" where the list has no day for it."""
    starts = [getattr(each.constraint, "start_date", None) for each in prices] if isinstance(prices, list) else []
    return max((start.isoformat() for start in starts if start is not None and start <= moment.date()), default="")


def changes(models: Sequence[str]) -> tuple[str, ...]:
    """Return the days on which the offline list has a new price for any of these models, ascending."""
    from data.prices import listing

    found = [hit[1].prices for model in models if (hit := listing(model)) is not None]
    starts = [getattr(each.constraint, "start_date", None) for prices in found if isinstance(prices, list) for each in prices]
    return tuple(sorted({start.isoformat() for start in starts if start is not None}))


def read_book(text: str, name: str) -> PriceBook:
    """Return a price list from CSV text: columns model, input and output (USD per million tokens), date where prices change.

    Also read: cached, reasoning, usd_per_hour (then no tokens are needed). Raises ProblemError with the row for anything else.
    """
    import csv
    import io

    reader = csv.DictReader(io.StringIO(text))
    heads = {head.strip().lower(): head for head in reader.fieldnames or ()}
    found = {role: next((heads[word] for word in words if word in heads), "") for role, words in _COLUMNS.items()}
    if not found["model"] or not (found["hour"] or (found["input"] and found["output"])):
        way = "Give columns model, input and output in USD per million tokens, and date (2026-11-28) where prices change."
        raise refuse(f"{name} is no price list.", way, file=name)
    quotes = tuple(_quote(row, found, at, name) for at, row in enumerate(reader, 2) if (row[found["model"]] or "").strip())
    if not quotes:
        raise refuse(f"{name} has no prices.", "Give a row for each model and day.", file=name)
    return PriceBook(name=name, quotes=quotes)


def _quote(row: Mapping[str, str | None], found: Mapping[str, str], at: int, name: str) -> Quote:
    def said(role: str) -> str:
        return (row.get(found[role]) or "").strip() if found[role] else ""

    def number(role: str) -> float:
        try:
            value = float(said(role)) if said(role) else NAN
        except ValueError:
            value = -1.0
        if value < 0 or math.isinf(value):
            raise refuse(f"{said(role)!r} is no price.", "Give USD per million tokens, 0 or more.", file=name, row=at, column=role)
        return value

    try:
        since = date.fromisoformat(said("day")).isoformat() if said("day") else ""
    except ValueError:
        raise refuse(f"{said('day')!r} is no day.", "Write days as 2026-11-28.", file=name, row=at, column="date") from None
    rates = Rates(input=number("input"), output=number("output"), cached=number("cached"), reasoning=number("reasoning"))
    return Quote(model=said("model"), rates=rates, since=since, source=name, hour=number("hour"))


def repriced(table: OutcomeTable, day: date, *, book: PriceBook | None = None, processing: Processing = "standard") -> OutcomeTable:
    """Return the recorded answers of a table at the prices of a day: the tokens are what they were, the rates those of that day.

    book : a list of the user's own, else the offline one. Models that the list does not know keep their bill, which the history says.
    A price of cached or reasoning tokens counts only where those were recorded; else they cost what their kind does.
    Raises ProblemError where no model of the table is known, or none of those has tokens.
    """
    require_usd(table, "a price list")
    quotes = {card.name: book.at(card.name, day) if book else quoted(card.name, day, processing) for card in table.cards}
    bills: dict[str, Floats] = {}
    cards = {}
    for model, quote in quotes.items():
        if quote is None or (bill := _bill(table, model, quote)) is None:
            continue
        bills[model], old = bill, table.cards[table.index(model)]
        cards[model] = rated(old, quote.rates, tier="list", date=quote.since, source=quote.source)
    name = book.name if book else "the price list"
    if not bills:
        raise refuse(f"{name} has no price on {day} for any of these models.", "Take another day, or type prices by hand.")
    kept = [model for model in table.models if model not in bills]
    words = f"prices of {day}{' for batches' if processing == 'batch' else ''} by {name}: {listed(sorted(bills), 4)}"
    gaps = "".join(apart(table, model) for model in bills if rates_of(table.cards[table.index(model)]).known)
    return rebilled(table, bills, cards, words + (f"; kept as they were: {listed(kept, 4)}" if kept else "") + gaps)


def _bill(table: OutcomeTable, model: str, quote: Quote) -> Floats | None:
    """Return (n,) USD at a quote, None where what it is counted in was not recorded."""
    if not math.isnan(quote.hour):
        seconds = table.latency_s(model)
        return None if np.isnan(seconds).all() else np.asarray(seconds * np.float32(quote.hour / 3600), dtype=np.float32)
    if np.isnan(table.column("tokens_in", model) + table.column("tokens_out", model)).all() or not quote.rates.known:
        return None
    rates = quote.rates
    has = {name: not np.isnan(table.column(f"tokens_{name}", model)).all() for name in ("cached", "reasoning")}
    counted = Rates(
        input=rates.input, output=rates.output, cached=rates.cached if has["cached"] else NAN,
        reasoning=rates.reasoning if has["reasoning"] else NAN,
    )  # fmt: skip
    return billed(table, model, counted)
