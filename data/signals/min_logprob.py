"""The least sure token of an answer."""

from __future__ import annotations

from data.signals.base import Signal
from data.signals.mean_logprob import LIVE


class MinLogprob(Signal):
    """Chow-Quantile(0): the smallest of the tokens' log-probabilities (arXiv 2404.10136, section 3)."""

    id = "min_logprob"
    title = "the log-probability of the least sure word"
    help = "The smallest log-probability among its tokens."
    rank = 3
    aliases = ("min_log_prob",)
    logarithm = True
    column = "min_logprob"
    live = LIVE
    substitutes = ("sum_logprob", "mean_logprob", "margin", "agreement", "confidence")
