"""The prices step: list prices by name, or what 1,000 queries cost as typed; unknown stays unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import money, percent, plain, usd
from dashboard.words import sets as words
from data.models import ModelCard
from data.outcomes import OutcomeTable

NAN = math.nan
CARDS_UP_TO = 8
CHARACTERS_PER_TOKEN = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known about a model's price before anything is typed.

    card : recorded or list price, or None. recorded : mean recorded USD per query. tokens : whether tokens were recorded.
    tokens_in, tokens_out : mean tokens estimated from the texts, NaN where there are none.
    """

    model: str
    short: str
    quality: float
    card: ModelCard | None
    recorded: float
    tokens: bool
    tokens_in: float
    tokens_out: float

    @property
    def estimate(self) -> float:
        """USD per 1,000 queries at the list price and the estimated tokens, NaN where not known."""
        if self.card is None:
            return NAN
        return 1000e-6 * (self.tokens_in * self.card.price_in_usd_per_mtok + self.tokens_out * self.card.price_out_usd_per_mtok)


def step(key: str, table: OutcomeTable, content: str) -> tuple[OutcomeTable, tuple[ModelCard, ...]]:
    """Draw the prices; return the table with them, and their cards. content : what stands for the table's content in a cache."""
    offers = compute.kept(f"offers.{key}.{content}", lambda: offered(table))
    asked = [offer for offer in offers if math.isnan(offer.recorded)]
    if not asked:
        st.caption(f"**{words.PRICES_TITLE}.** {words.PRICES_RECORDED}")
        return table, ()
    by_token = sum(offer.tokens for offer in asked)
    intro = words.PRICES_TYPE if not by_token else words.PRICES_LISTED if by_token == len(asked) else words.PRICES_MIXED
    title, button = st.columns([3, 1], vertical_alignment="center")
    title.markdown(plain(f"**{words.PRICES_TITLE}.** {intro} {words.PRICE_EMPTY}"))
    fillable = [offer for offer in asked if not offer.tokens and not math.isnan(offer.estimate)]
    if fillable:
        button.button(
            words.FILL,
            key=f"{key}.fill",
            icon=":material/sell:",
            help=words.FILL_HELP,
            on_click=_fill,
            args=(key, fillable),
            type="tertiary",
        )
    cards = _inputs(key, asked) if len(asked) <= CARDS_UP_TO else _editor(key, asked)
    return (table.priced(cards) if cards else table), tuple(cards)


def offered(table: OutcomeTable) -> tuple[Offer, ...]:
    """Return what is known about each model's price: cost as recorded, its card, the price list, tokens from text lengths."""
    from data.prices import match

    recorded, quality = table.mean("cost_usd"), table.mean("quality")
    counted = {name: table.mean(name) for name in ("tokens_in", "tokens_out")}
    asked = _tokens(table.queries.prompts)
    offers = []
    for card in table.cards:
        has_list = not math.isnan(card.price_in_usd_per_mtok)
        offers.append(
            Offer(
                model=card.name,
                short=card.short,
                quality=quality[card.name],
                card=card if has_list else match(card.name),
                recorded=recorded[card.name],
                tokens=not math.isnan(counted["tokens_in"][card.name] + counted["tokens_out"][card.name]),
                tokens_in=asked,
                tokens_out=_tokens(table.responses.get(card.name)),
            )
        )
    return tuple(offers)


def _tokens(texts: Any) -> float:
    """Return the mean number of tokens of a column of texts, estimated from the characters; NaN where there are none."""
    import pyarrow.compute as pc

    if texts is None or not len(texts):
        return NAN
    mean = pc.mean(pc.utf8_length(texts.arrow())).as_py()
    return NAN if mean is None else float(mean) / CHARACTERS_PER_TOKEN


def _fill(key: str, offers: Sequence[Offer]) -> None:
    for offer in offers:
        state.put(f"{key}.per1k.{offer.model}", float(f"{offer.estimate:.3g}"))


def _inputs(key: str, offers: Sequence[Offer]) -> list[ModelCard]:
    cards: list[ModelCard] = []
    for at in range(0, len(offers), 2):
        for place, offer in zip(st.columns(2, gap="large"), offers[at : at + 2], strict=False):
            with place:
                card = _by_token(key, offer) if offer.tokens else _by_query(key, offer)
            cards += [card] if card is not None else []
    return cards


def _by_query(key: str, offer: Offer) -> ModelCard | None:
    name = f"{key}.per1k.{offer.model}"
    typed = st.number_input(
        words.PER_1K.format(model=offer.short), min_value=0.0, value=None, key=name, placeholder=words.UNKNOWN, format="%g",
        persist_state="session",
    )  # fmt: skip
    st.caption(plain(_known(offer)))
    return card_of(offer, per_1k=NAN if typed is None else float(typed))


def _by_token(key: str, offer: Offer) -> ModelCard | None:
    listed = offer.card or ModelCard(name=offer.model)
    left, right = st.columns(2)
    price_in = left.number_input(
        words.IN_PER_M.format(model=offer.short), min_value=0.0, value=_value(listed.price_in_usd_per_mtok), key=f"{key}.in.{offer.model}",
        placeholder=words.UNKNOWN, format="%g", persist_state="session",
    )  # fmt: skip
    price_out = right.number_input(
        words.OUT_PER_M.format(model=offer.short), min_value=0.0, value=_value(listed.price_out_usd_per_mtok),
        key=f"{key}.out.{offer.model}", placeholder=words.UNKNOWN, format="%g", persist_state="session",
    )  # fmt: skip
    st.caption(plain(_known(offer)))
    return card_of(offer, per_token=(price_in, price_out))


def _value(price: float) -> float | None:
    return None if math.isnan(price) else price


def _known(offer: Offer) -> str:
    """Return in words what the price list says, with the estimate from the texts."""
    card = offer.card
    if card is None:
        return words.NO_MATCH
    source = card.source + (", " if card.source and card.date else "")
    said = words.LIST_PRICE.format(
        price_in=card.price_in_usd_per_mtok, price_out=card.price_out_usd_per_mtok, source=source, date=card.date
    )
    if offer.tokens or math.isnan(offer.estimate):
        return said
    rest = words.ESTIMATE.format(usd=usd(offer.estimate), tokens_in=round(offer.tokens_in), tokens_out=round(offer.tokens_out))
    return f"{said} {rest}"


def card_of(offer: Offer, *, per_1k: float = NAN, per_token: tuple[float | None, float | None] = (None, None)) -> ModelCard | None:
    """Return the card that follows from what was typed, the list's where nothing was, None where nothing is known."""
    if not math.isnan(per_1k):
        title = offer.card.title if offer.card else ""
        return ModelCard(name=offer.model, title=title, price_usd_per_query=per_1k / 1000.0, tier="assumed", source=words.PRICE_SOURCE)
    listed = None if offer.card is None else replace(offer.card, name=offer.model)
    price_in, price_out = per_token
    if price_in is None or price_out is None:
        return listed if not offer.tokens else None
    if listed is not None and (price_in, price_out) == (listed.price_in_usd_per_mtok, listed.price_out_usd_per_mtok):
        return listed
    return ModelCard(
        name=offer.model, price_in_usd_per_mtok=price_in, price_out_usd_per_mtok=price_out, tier="typed", source=words.PRICE_SOURCE
    )


def _editor(key: str, offers: Sequence[Offer]) -> list[ModelCard]:
    """Draw one row a model: what the list says, and what 1,000 queries cost where somebody knows it."""
    import pandas as pd

    rows = [
        {
            "model": offer.short,
            "quality": percent(offer.quality),
            "in": _list(offer, "price_in_usd_per_mtok"),
            "out": _list(offer, "price_out_usd_per_mtok"),
            "per_1k": state.get(f"{key}.per1k.{offer.model}"),
        }
        for offer in offers
    ]
    shown = dict(zip(("model", "quality", "in", "out"), words.PRICE_COLUMNS, strict=True))
    config: dict[str, Any] = {name: st.column_config.TextColumn(title, disabled=True) for name, title in shown.items()}
    config["per_1k"] = st.column_config.NumberColumn(words.PER_1K_SHORT, min_value=0.0, format="%g")
    frame = pd.DataFrame(rows).astype({"per_1k": float})
    edited = st.data_editor(
        frame, column_config=config, hide_index=True, key=f"{key}.prices", height=320, placeholder=words.UNKNOWN, alt=words.PRICES_TITLE
    )
    typed: Mapping[int, Any] = dict(enumerate(edited["per_1k"].tolist()))
    found = [card_of(offer, per_1k=float(typed[i])) for i, offer in enumerate(offers)]
    return [card for card in found if card is not None]


def _list(offer: Offer, field: str) -> str:
    return words.UNKNOWN if offer.card is None else money(getattr(offer.card, field))
