"""The reference occurs in the answer."""

from __future__ import annotations

from data.scoring.base import Scorer, plain


class Contains(Scorer):
    """The normalised reference occurs in the normalised answer as whole words."""

    id = "contains"
    title = "Contains"
    help = "Right if the reference occurs in the answer as whole words; case and punctuation are ignored."

    def extract(self, answer: str) -> str:
        """Return the normalised answer."""
        return plain(answer)

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if the reference is in the answer, else 0; an empty reference is in none."""
        wanted = plain(reference)
        return float(bool(wanted) and f" {wanted} " in f" {plain(answer)} ")
