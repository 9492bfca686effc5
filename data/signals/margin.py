"""How far the best first token is ahead of the second best."""

from __future__ import annotations

from data.signals.base import Signal
from data.signals.mean_logprob import LIVE


class Margin(Signal):
    """The probability of the likeliest first token minus that of its runner-up (arXiv 2405.02134)."""

    id = "margin"
    title = "the margin between the best and the second-best answer"
    help = "Probability of the likeliest first token minus that of its runner-up."
    rank = 1
    column = "margin"
    live = LIVE
    substitutes = ("agreement", "sum_logprob", "mean_logprob", "min_logprob", "confidence")
