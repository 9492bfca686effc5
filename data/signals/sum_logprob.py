"""The probability of a whole answer."""

from __future__ import annotations

from data.outcomes import Floats, OutcomeTable
from data.signals.base import Signal
from data.signals.mean_logprob import LIVE


class SumLogprob(Signal):
    """Chow-Sum: the sum of the tokens' log-probabilities (arXiv 2404.10136, section 3)."""

    id = "sum_logprob"
    title = "the probability of the whole answer"
    help = "Sum of the log-probabilities of all its tokens; low for long answers."
    rank = 0
    aliases = ("sum_log_prob", "total_logprob")
    logarithm = True
    column = "sum_logprob"
    live = LIVE
    substitutes = ("mean_logprob", "min_logprob", "margin", "agreement", "confidence")

    def told(self, table: OutcomeTable) -> bool:
        """Whether the mean and the number of tokens are recorded."""
        return table.has("mean_logprob") and table.has("tokens_out")

    # Not `exact`: where a cell is the mean of several answers, the product of two means is not the mean of products.
    def derive(self, table: OutcomeTable) -> Floats:
        """Return the recorded mean times the number of tokens."""
        return table.signals["mean_logprob"] * table.numbers["tokens_out"]
