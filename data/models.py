"""Model cards: what a model is called, what it costs, and who says so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Tier: TypeAlias = Literal["recorded", "list", "typed", "assumed", "unknown"]
NAN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Static facts of one model; NaN = not known, never zero.

    price_in_usd_per_mtok, price_out_usd_per_mtok : USD per million prompt / completion tokens.
    price_usd_per_query : a flat price typed by a person where no tokens were recorded.
    price_usd_per_hour : for a local arm, multiplied with its measured seconds.
    relative_price : a bare number typed by a person ("this one is 20 times the other"); no currency.
    parameters, active_parameters : how many the model has, and how many of them a token meets where that is fewer (mixture of experts).
    tier : where the price comes from; `assumed` is marked wherever a figure rests on it.
    """

    name: str
    title: str = ""
    price_in_usd_per_mtok: float = NAN
    price_out_usd_per_mtok: float = NAN
    price_usd_per_query: float = NAN
    price_usd_per_hour: float = NAN
    relative_price: float = NAN
    parameters: float = NAN
    active_parameters: float = NAN
    tier: Tier = "unknown"
    date: str = ""
    source: str = ""
    note: str = ""

    @property
    def short(self) -> str:
        """A name short enough for a chart: without the publisher's prefix."""
        return self.title or self.name.rsplit("/", 1)[-1]

    @property
    def priced(self) -> bool:
        """Whether any price in USD is known."""
        per_token = not (math.isnan(self.price_in_usd_per_mtok) or math.isnan(self.price_out_usd_per_mtok))
        return per_token or not math.isnan(self.price_usd_per_query) or not math.isnan(self.price_usd_per_hour)

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain JSON values; unknown prices are left out."""
        return {k: v for k, v in asdict(self).items() if v != "" and not (isinstance(v, float) and math.isnan(v))}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ModelCard:
        """Return a card from `to_json`'s values; unknown keys are refused by name."""
        known = {f.name for f in fields(cls)}
        strange = sorted(set(values) - known)
        if strange:
            from data.problems import refuse

            raise refuse(f"a model card has the unknown field {strange[0]!r}.", f"Known fields: {', '.join(sorted(known))}.")
        return cls(**values)


def cost_from_card(
    card: ModelCard,
    tokens_in: NDArray[np.float32],
    tokens_out: NDArray[np.float32],
    latency_s: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return (n,) cost in USD of one model's calls at the card's prices; NaN where it cannot be known.

    Tokens win over hours, hours over the flat price: the more measured figure is used.
    tokens_in, tokens_out : (n,) counts; latency_s : (n,) seconds; each NaN where not recorded.
    """
    by_token = tokens_in * card.price_in_usd_per_mtok * 1e-6 + tokens_out * card.price_out_usd_per_mtok * 1e-6
    by_hour = latency_s * (card.price_usd_per_hour / 3600.0)
    flat = np.full(len(tokens_in), card.price_usd_per_query)
    cost = np.where(np.isnan(by_token), np.where(np.isnan(by_hour), flat, by_hour), by_token)
    return cost.astype(np.float32)
