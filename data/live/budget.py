"""The spending cap: money is set aside before a call and settled after it, so that the cap holds under concurrency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from threading import Lock

from data.live.endpoints import Endpoint
from data.problems import BudgetError, refuse

DEFAULT_LIMIT_USD = 1.0
OVERHEAD_TOKENS = 64  # what a chat template adds around a prompt; templates seen have at most about 40


def worst_case_usd(endpoint: Endpoint, prompt: str) -> float:
    """Return the most that one call can cost in USD, NaN where the price is not known.

    A token is at least one byte in byte-pair vocabularies, so the bytes of the prompt bound its tokens.
    """
    card = endpoint.card
    tokens_in = len(prompt.encode("utf-8", "replace")) + OVERHEAD_TOKENS
    by_token = (tokens_in * card.price_in_usd_per_mtok + endpoint.max_tokens * card.price_out_usd_per_mtok) * 1e-6
    by_hour = endpoint.timeout_s * card.price_usd_per_hour / 3600.0
    known = [value for value in (by_token, by_hour, card.price_usd_per_query) if not math.isnan(value)]
    return max(known) if known else math.nan


@dataclass(slots=True)
class Ticket:
    """Money set aside for one call that is under way; NaN = at an unknown price."""

    worst_usd: float
    open: bool = True


class Budget:
    """A cap in USD, in calls, or both; safe to share between threads and tasks.

    spent_usd counts settled calls; a call of unknown cost counts in `calls` and `unknown`, never as zero dollars saved:
    it is only allowed where a cap by calls is given.
    """

    def __init__(self, limit_usd: float = DEFAULT_LIMIT_USD, *, max_calls: int | None = None) -> None:
        if not limit_usd >= 0 or (max_calls is not None and max_calls < 0):
            raise refuse("a spending cap has to be zero or more.", "Type an amount in USD, or a number of calls.")
        self.limit_usd, self.max_calls = float(limit_usd), max_calls
        self._lock = Lock()
        self._spent_usd = 0.0
        self._reserved: list[Ticket] = []
        self._calls = self._unknown = 0

    @property
    def spent_usd(self) -> float:
        """USD of the settled calls whose cost is known."""
        return self._spent_usd

    @property
    def reserved_usd(self) -> float:
        """USD set aside for calls under way."""
        return math.fsum(t.worst_usd for t in self._reserved if not math.isnan(t.worst_usd))

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return len(self._reserved)

    @property
    def calls(self) -> int:
        """Calls that were started and not refused by the endpoint."""
        return self._calls

    @property
    def unknown(self) -> int:
        """Settled calls whose cost is not known."""
        return self._unknown

    def reserve(self, worst_usd: float) -> Ticket:
        """Set the most that a call can cost aside; raises BudgetError, and keeps nothing, if that would go over the cap."""
        with self._lock:
            if self.max_calls is not None and self._calls >= self.max_calls:
                raise BudgetError(f"The cap of {self.max_calls:,} calls is reached. Raise it to go on.")
            if math.isnan(worst_usd) and self.max_calls is None:
                raise BudgetError("The price of this model is not known. Type a price, or set a cap by calls.")
            after = self.spent_usd + self.reserved_usd + (0.0 if math.isnan(worst_usd) else worst_usd)
            if after > self.limit_usd:
                raise BudgetError(
                    f"The next call could go over the cap of ${self.limit_usd:,.2f} (${self.spent_usd:,.4f} spent). Raise it to go on."
                )
            ticket = Ticket(worst_usd)
            self._reserved.append(ticket)
            self._calls += 1
            return ticket

    def settle(self, ticket: Ticket, cost_usd: float) -> None:
        """Book what a call cost; NaN = not known: the worst case is booked where the price is known."""
        with self._lock:
            self._close(ticket)
            booked = ticket.worst_usd if math.isnan(cost_usd) else cost_usd
            if math.isnan(booked):
                self._unknown += 1
            else:
                self._spent_usd += booked

    def release(self, ticket: Ticket) -> None:
        """Give back what was set aside for a call that the endpoint refused to do."""
        with self._lock:
            self._close(ticket)
            self._calls -= 1

    def _close(self, ticket: Ticket) -> None:
        if not ticket.open:
            msg = "this call was settled before"
            raise RuntimeError(msg)
        ticket.open = False
        self._reserved = [other for other in self._reserved if other is not ticket]
