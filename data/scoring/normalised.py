"""Match after normalising case, punctuation, articles and white space."""

from __future__ import annotations

from data.scoring.base import Scorer, plain


class Normalised(Scorer):
    """Exact match of what is left after normalising both sides."""

    id = "normalised"
    title = "Normalised"
    help = "Right if both are equal once case, punctuation, articles and spare white space are ignored."

    def extract(self, answer: str) -> str:
        """Return the normalised answer; an answer of signs only (such as `+`) stays as it is."""
        return plain(answer) or answer.strip()

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if both normalise to the same text, else 0."""
        return float(self.extract(answer) == self.extract(reference))
