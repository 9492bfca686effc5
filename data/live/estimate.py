"""What a batch will cost, said before it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from data.live.budget import Budget
from data.live.call import cost_usd
from data.live.endpoints import Endpoint
from data.problems import listed, refuse
from data.queries import QuerySet

CHARACTERS_PER_TOKEN = 4.0  # English text in current vocabularies; other languages and code need more tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEstimate:
    """One endpoint's share; tokens_in is estimated from the characters, tokens_out is a bound. NaN = not known.

    low_usd : every answer is one token. high_usd : every answer is as long as allowed (or as slow, where hours are paid).
    """

    endpoint: str
    calls: int
    tokens_in: float
    tokens_out_bound: int
    low_usd: float
    high_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """All endpoints' shares."""

    endpoints: tuple[EndpointEstimate, ...]

    @property
    def calls(self) -> int:
        """Calls in all, without repeats after failures."""
        return sum(part.calls for part in self.endpoints)

    @property
    def low_usd(self) -> float:
        """USD at the least; NaN if it is not known for any endpoint."""
        return math.fsum(part.low_usd for part in self.endpoints)

    @property
    def high_usd(self) -> float:
        """USD at the most, at estimated prompt lengths; NaN if it is not known for any endpoint."""
        return math.fsum(part.high_usd for part in self.endpoints)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Endpoints whose price is not known."""
        return tuple(part.endpoint for part in self.endpoints if math.isnan(part.high_usd))

    def sentence(self) -> str:
        """Return the estimate in one sentence."""
        if self.unknown:
            return f"{self.calls:,} calls; the price of {listed(self.unknown)} is not known."
        low = "" if math.isnan(self.low_usd) else f"${self.low_usd:,.4f} to "
        return f"{self.calls:,} calls, about {low}${self.high_usd:,.4f}."


def estimate(queries: QuerySet, endpoints: Sequence[Endpoint], *, samples: int = 1) -> Estimate:
    """Return what asking every endpoint every query, `samples` times, will take; reads the prompts, calls nothing."""
    prompts = [] if queries.prompts is None else queries.prompts.filled()
    tokens_in = math.fsum(math.ceil(len(prompt) / CHARACTERS_PER_TOKEN) for prompt in prompts) * samples
    calls = len(prompts) * samples
    return Estimate(endpoints=tuple(_part(endpoint, calls, tokens_in) for endpoint in endpoints))


def require_prices(endpoints: Sequence[Endpoint], budget: Budget) -> None:
    """Refuse to start where a price is not known and nothing else bounds the spending.

    Raises ProblemError naming the endpoints and the ways out.
    """
    unknown = [endpoint.name for endpoint in endpoints if not endpoint.card.priced]
    if unknown and budget.max_calls is None:
        raise refuse(
            f"the price of {listed(unknown)} is not known, so a cap in USD cannot hold.",
            "Type the price (0 for a free model), or set a cap by calls.",
        )


def _part(endpoint: Endpoint, calls: int, tokens_in: float) -> EndpointEstimate:
    card = endpoint.card
    by_hour = math.isnan(card.price_in_usd_per_mtok + card.price_out_usd_per_mtok) and not math.isnan(card.price_usd_per_hour)
    return EndpointEstimate(
        endpoint=endpoint.name,
        calls=calls,
        tokens_in=tokens_in,
        tokens_out_bound=calls * endpoint.max_tokens,
        low_usd=math.nan if by_hour else _usd(endpoint, calls, tokens_in, calls),
        high_usd=_usd(endpoint, calls, tokens_in, calls * endpoint.max_tokens),
    )


def _usd(endpoint: Endpoint, calls: int, tokens_in: float, tokens_out: float) -> float:
    if not calls:
        return 0.0
    return calls * cost_usd(endpoint.card, tokens_in / calls, tokens_out / calls, endpoint.timeout_s)
