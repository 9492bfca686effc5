"""Memory and compute of a model: from the parameters on its card, else from what ecologits says of it, else not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.energy.calls import Origin, Range, Tier
from data.energy.estimates import known
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import refuse

BITS = 16


@dataclass(frozen=True, eq=False, kw_only=True)
class Compute:
    """Of the M models of a table; NaN = not known. origins : (M,) who says so.

    weights_bytes : (M,) low, mid, high, of all parameters. flops_per_token : (M,) 2 FLOPs for each parameter that a token meets.
    """

    table: OutcomeTable
    origins: tuple[Origin, ...]
    weights_bytes: Range
    flops_per_token: Range

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """(M,) how each model's size is known."""
        return tuple(origin.tier for origin in self.origins)

    @property
    def flops(self) -> Range:
        """(n, M) FLOPs of each call: those of a token times prompt and answer tokens, or their recorded total; attention's are left out."""
        columns = [_tokens(self.table, m) for m in range(len(self.table.models))]
        tokens = np.stack(columns, axis=1).astype(np.float64)
        return Range(*(tokens * factor for factor in self.flops_per_token))


def compute(table: OutcomeTable, *, bits: float = BITS) -> Compute:
    """Return memory and compute of a table's models. bits : of one stored parameter. ProblemError if it is not above 0.

    A count on the card is *measured*: it was counted. One that ecologits states or brackets is *estimated*.
    Source: Kaplan et al., arXiv 2001.08361, section 2.1 (a forward pass takes 2 FLOPs a parameter and token).
    """
    if not bits > 0:
        raise refuse(f"a parameter of {bits:g} bits holds nothing.", "Give 16, 8 or 4.")
    found = [_size(card) for card in table.cards]
    total, active = (np.array([each[k] for each in found], dtype=np.float64).reshape(-1, 2).T for k in (1, 2))
    return Compute(
        table=table, origins=tuple(each[0] for each in found), weights_bytes=_range(total).times(bits / 8),
        flops_per_token=_range(active).times(2.0),
    )  # fmt: skip


def _size(card: ModelCard) -> tuple[Origin, tuple[float, float], tuple[float, float]]:
    """Return who says so, and (low, high) of all parameters and of those that a token meets."""
    if not np.isnan(card.parameters):
        active = card.parameters if np.isnan(card.active_parameters) else card.active_parameters
        return Origin(tier="measured", source="model card"), (card.parameters,) * 2, (active,) * 2
    law = known(card.name)
    if law is None:
        return Origin(tier="unknown"), (np.nan,) * 2, (np.nan,) * 2
    return Origin(tier="estimated", source=law.source, note=law.note), law.parameters, law.active


def _range(ends: NDArray[np.float64]) -> Range:
    low, high = ends
    return Range(low, (low + high) / 2, high)


def _tokens(table: OutcomeTable, m: int) -> NDArray[np.float32]:
    both = table.column("tokens_in", m) + table.column("tokens_out", m)
    return np.where(np.isnan(both), table.column("tokens_total", m), both)
