"""What the loop asks for outcomes: recorded columns and live calls are two of these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from data.models import ModelCard
from strategies.protocol import Doubles, Floats, Ints

Rows: TypeAlias = "Ints | None"  # None = all queries


class Judge(NamedTuple):
    """A simulated judge: it accepts answers of a quality of at least `right`, and says the opposite with probability `error`."""

    error: float
    right: float


class Source(Protocol):
    """Where outcomes come from: recorded columns or live calls. Columns are (N,) over all queries."""

    size: int

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """Cards of the M models."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the M models."""

    @property
    def cost_unit(self) -> str:
        """What the cost is counted in."""

    def call(self, rows: Rows, models: Sequence[int]) -> None:
        """Make the calls, those of one query at once; recorded sources do nothing."""

    def cost(self, model: int) -> Floats:
        """(N,) cost of one model's call."""

    def latency(self, model: int) -> Floats:
        """(N,) latency in seconds."""

    def whole(self, model: int) -> bool:
        """Whether cost and latency of a model are known for every query."""

    def quality(self, model: int) -> Floats:
        """(N,) quality; read only after the last decision, and for declared oracles."""

    def reward(self, row: int, models: Sequence[int]) -> Floats:
        """(k,) quality of these models' answers to one query, once it is answered: for strategies that learn online."""

    def verdict(self, model: int, judge: Judge, seed: int) -> Floats:
        """(N,) 1 where the simulated judge accepts a model's answer, 0 where not, NaN where there is no answer."""

    def signal(self, name: str, model: int) -> Floats:
        """(N,) of a signal."""

    def price(self, name: str, model: int) -> tuple[Floats, Floats] | None:
        """(N,) cost and (N,) seconds of asking for a signal; None where it comes with the call.

        model : fees.NOBODY for a feature, which has a price where somebody has to be asked for it (a judge), None where not.
        """

    def answers(self, model: int) -> Ints:
        """(N,) codes of the comparable answers."""

    def samples(self, model: int) -> tuple[Ints, Floats]:
        """(N, K) codes and qualities of repeated answers, -1 and NaN where there are fewer than K; equal codes = same answer."""

    def feature(self, name: str) -> Floats:
        """(N, d) of a feature."""

    def texts(self, rows: Rows) -> list[str]:
        """Prompts of the rows."""

    def uniform(self, tag: str, seed: int) -> Doubles:
        """(N,) seeded draws in [0, 1)."""
