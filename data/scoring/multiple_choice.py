"""The letter of a choice."""

from __future__ import annotations

import re

from data.scoring.base import Scorer

_LETTER = r"[(\[*\s\"']*([A-J])(?![A-Za-z0-9'’])"
_SAID = re.compile(r"(?:answer|choice|option)(?:\s+(?:is|would be|:))*\s*[:=]?\s*" + _LETTER, re.IGNORECASE)
_FIRST = re.compile(r"^[(\[*\s\"']*([A-Ja-j])(?=[)\].:,*\s\"']|$)(?!\s+[a-z])")
_ALONE = re.compile(r"(?<![A-Za-z0-9'’])([A-J])(?![A-Za-z0-9'’])")


class MultipleChoice(Scorer):
    """The letter that the answer settles on, A to J."""

    id = "multiple_choice"
    title = "Multiple choice"
    help = "Right if the letter that the answer settles on is the reference's: `The answer is (B).` is B."

    def extract(self, answer: str) -> str:
        """Return the letter: said to be the answer, else the first thing written, else the last one standing alone."""
        said = [match for match in _SAID.findall(answer) if match.isupper()]
        if said:
            return str(said[-1])
        first = _FIRST.match(answer)
        if first:
            return first.group(1).upper()
        alone = _ALONE.findall(answer)
        return str(alone[-1]) if alone else ""

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if both settle on the same letter, else 0; an answer without a letter is wrong."""
        letter = self.extract(answer)
        return float(bool(letter) and letter == self.extract(reference))
