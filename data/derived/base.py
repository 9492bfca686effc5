"""Arms that nobody ran, worked out from those that were: declared on the table, and marked simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from data.models import ModelCard
from data.outcomes import Floats, OutcomeTable
from data.simulator.world import marked


@dataclass(frozen=True, eq=False, kw_only=True)
class Derived:
    """One arm: (n,) numbers and signals by name, NaN or absent = not known; `how` says in words what it was worked out from."""

    name: str
    how: str
    numbers: Mapping[str, Floats]
    signals: Mapping[str, Floats] = field(default_factory=dict)


def with_arms(table: OutcomeTable, arms: Sequence[Derived], **values: Any) -> OutcomeTable:
    """Return the table with these arms behind its own; the whole set is then called simulated. values : for its history."""
    names = tuple(marked(arm.name) for arm in arms)
    unknown = np.full((len(table), len(arms)), np.nan, dtype=np.float32)

    def joined(old: Mapping[str, Floats], new: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
        own = np.full((len(table), len(table.models)), np.nan, dtype=np.float32)
        wanted = dict.fromkeys([*old, *(name for arm in new for name in arm)])
        columns = {name: np.stack([arm.get(name, unknown[:, 0]) for arm in new], axis=1) for name in wanted}
        return {name: np.concatenate([old.get(name, own), columns[name]], axis=1).astype(np.float32) for name in wanted}

    cards = tuple(ModelCard(name=name, tier="assumed", note=f"simulated: {arm.how}") for name, arm in zip(names, arms, strict=True))
    more = replace(
        table, models=(*table.models, *names), numbers=joined(table.numbers, [arm.numbers for arm in arms]),
        signals=joined(table.signals, [arm.signals for arm in arms]), cards=(*table.cards, *cards),
        origin=replace(table.origin, name=marked(table.origin.name), kind="simulated"), stored_fingerprint="",
    )  # fmt: skip
    return more.noted("arms derived", "; ".join(f"{name}: {arm.how}" for name, arm in zip(names, arms, strict=True)), **values)
