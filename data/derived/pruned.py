"""A model on a pruned input: less cost and time, perhaps less quality (Tabi)."""

from __future__ import annotations

import numpy as np

from data.derived.base import Derived, with_arms
from data.outcomes import OutcomeTable
from data.problems import refuse


def pruned(table: OutcomeTable, model: str, ratio: float, penalty: float = 0.0) -> OutcomeTable:
    """Return the table with an arm that does a model's work on a pruned input: cost and latency x (1 - ratio), quality x (1 - penalty).

    Tabi (EuroSys 2023) prunes words by attention before it asks its large model; how much quality that costs is the caller's assumption.
    """
    if not (0 <= ratio < 1 and 0 <= penalty <= 1):
        way = "Give a ratio from 0 to below 1, and a penalty from 0 to 1."
        raise refuse(f"a pruning of {ratio:g} at a loss of {penalty:g} is none.", way)
    cost, latency = (table.column(name, model) * np.float32(1 - ratio) for name in ("cost_usd", "latency_s"))
    quality = table.quality(model) * np.float32(1 - penalty)
    how = f"{model} with its cost and latency less {ratio:.0%} and its quality less {penalty:.0%}, both assumed"
    arm = Derived(name=f"{model} pruned by {ratio:.0%}", how=how, numbers={"quality": quality, "cost_usd": cost, "latency_s": latency})
    return with_arms(table, [arm], model=model, ratio=ratio, penalty=penalty)
