"""A confidence that comes with the data, whatever made it."""

from __future__ import annotations

from data.signals.base import Signal


class Confidence(Signal):
    """A number in [0, 1] that a file gives for an answer: a verifier's, a classifier's, the model's own words."""

    id = "confidence"
    title = "the confidence that comes with the data"
    help = "A number from 0 to 1 that the file gives for each answer."
    rank = 4
    column = "confidence"
    substitutes = ("agreement", "margin", "sum_logprob", "mean_logprob", "min_logprob")
