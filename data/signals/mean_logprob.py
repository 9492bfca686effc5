"""The probability of a typical token of an answer."""

from __future__ import annotations

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.signals.base import Signal

LIVE = "a live run at an endpoint that returns log-probabilities"
PERPLEXITY = "perplexity"


class MeanLogprob(Signal):
    """Chow-Average: the mean of the tokens' log-probabilities (arXiv 2404.10136, section 3)."""

    id = "mean_logprob"
    title = "the mean log-probability"
    help = "Mean of the log-probabilities of its tokens; does not fall with length."
    rank = 2
    aliases = ("mean_log_prob", "avg_logprob")
    logarithm = True
    column = "mean_logprob"
    live = LIVE
    substitutes = ("sum_logprob", "min_logprob", "margin", "agreement", "confidence")
    exact = True

    def told(self, table: OutcomeTable) -> bool:
        """Whether the sum and the number of tokens are recorded, or a perplexity."""
        return (table.has("sum_logprob") and table.has("tokens_out")) or table.has(PERPLEXITY)

    def derive(self, table: OutcomeTable) -> Floats:
        """Return the recorded sum over the number of tokens, else what a recorded perplexity, exp(-mean), says."""
        if table.has("sum_logprob") and table.has("tokens_out"):
            counts = table.numbers["tokens_out"]
            return np.divide(table.signals["sum_logprob"], counts, out=np.full(counts.shape, np.nan, np.float32), where=counts > 0)
        values = table.signals[PERPLEXITY]
        known = values >= 1  # a perplexity below 1 is none
        return np.where(known, -np.log(np.where(known, values, 1)), np.float32(np.nan)).astype(np.float32)
