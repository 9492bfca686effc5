"""Overlap of words."""

from __future__ import annotations

from collections import Counter

from data.scoring.base import Scorer, plain


class TokenF1(Scorer):
    """F1 of the words of answer and reference, as in SQuAD."""

    id = "token_f1"
    title = "Token F1"
    help = "The harmonic mean of the share of the answer's words that are in the reference and the other way round."

    def extract(self, answer: str) -> str:
        """Return the normalised answer."""
        return plain(answer)

    def score(self, answer: str, reference: str) -> float:
        """Return F1 in [0, 1]; two empty texts agree."""
        said, wanted = plain(answer).split(), plain(reference).split()
        if not said or not wanted:
            return float(said == wanted)
        common = sum((Counter(said) & Counter(wanted)).values())
        return 2 * common / (len(said) + len(wanted))
