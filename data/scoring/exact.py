"""Exact match."""

from __future__ import annotations

from data.scoring.base import Scorer


class Exact(Scorer):
    """The answer is the reference, character by character, but for white space around it."""

    id = "exact"
    title = "Exact"
    help = "Right if the answer equals the reference; only white space around it is ignored."

    def extract(self, answer: str) -> str:
        """Return the answer without white space around it."""
        return answer.strip()

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if both are equal, else 0."""
        return float(answer.strip() == reference.strip())
