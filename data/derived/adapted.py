"""A model on shorter prompts: fewer examples, several queries in one prompt (FrugalGPT's prompt adaptation), as an effect on the price."""

from __future__ import annotations

import numpy as np

from data.derived.base import Derived, with_arms
from data.outcomes import OutcomeTable
from data.problems import refuse


def adapted(table: OutcomeTable, model: str, share: float, penalty: float = 0.0) -> OutcomeTable:
    """Return the table with an arm that sends a model (1 - share) of its prompt tokens: cost less their price, quality x (1 - penalty).

    arXiv 2305.05176, section 3 (prompt adaptation): fewer examples in the prompt, or one prompt for several queries. What that does to
    an answer was not recorded: the loss is the caller's assumption. The time stays, for it is spent on writing.
    Raises ProblemError where prompt tokens or their price are not known.
    """
    if not (0 <= share < 1 and 0 <= penalty <= 1):
        way = "Give a share from 0 to below 1, and a penalty from 0 to 1."
        raise refuse(f"a prompt shorter by {share:g} at a loss of {penalty:g} is none.", way)
    price, tokens = table.cards[table.index(model)].price_in_usd_per_mtok, table.column("tokens_in", model)
    if np.isnan(price) or np.isnan(tokens).all():
        raise refuse(f"the prompt's part of what {model} costs is not known.", "Map its prompt tokens and give its price per token first.")
    saved = np.float32(share * price * 1e-6) * tokens
    numbers = {
        "quality": table.quality(model) * np.float32(1 - penalty),
        "cost_usd": table.cost_usd(model) - saved,
        "latency_s": table.latency_s(model),
        "tokens_in": tokens * np.float32(1 - share),
        "tokens_out": table.column("tokens_out", model),
    }
    how = f"{model} with {share:.0%} fewer prompt tokens and its quality less {penalty:.0%}, both assumed"
    arm = Derived(name=f"{model}, prompts {share:.0%} shorter", how=how, numbers=numbers)
    return with_arms(table, [arm], model=model, share=share, penalty=penalty)
