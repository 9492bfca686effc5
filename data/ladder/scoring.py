"""How an answer to a puzzle is judged: the comparable short form by category, then equality; lenient on wording, strict on the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from data.scoring.base import Scorer

_NUMBER = re.compile(r"-?\d+")
_QUOTED = re.compile(r"[\"“']([A-Za-z]+)[\"”']")
_LETTERS = re.compile(r"[A-Za-z]+")
_TRUTH = re.compile(r"\b(?:true|false)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][a-z]+\b")
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_DATE = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}\b")
_PARTS = re.compile(r"-?\d+(?: [a-z]+)?")


@dataclass(frozen=True)
class Found(Scorer):
    """The parts of an answer that a pattern finds: all of them, or the last one; an answer without any is compared as it is.

    Extraction never sees the reference: a reference goes through it in the same way.
    """

    pattern: re.Pattern[str]
    every: bool = False

    id = "found"
    title = "Found"
    help = "Right if the parts that the category asks for are those of the reference."

    def extract(self, answer: str) -> str:
        """Return the parts joined by spaces."""
        found = self.pattern.findall(answer)
        if not found:
            return answer.strip()
        return " ".join(found) if self.every else str(found[-1])

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if both have the same parts, else 0."""
        return float(self.extract(answer) == self.extract(reference) != "")


class Letters(Scorer):
    """The last quoted word, else the last word; letters count in their case."""

    id = "letters"
    title = "Letters"
    help = "Right if the last quoted word, or the last word, is the reference."

    def extract(self, answer: str) -> str:
        """Return the word."""
        found = _QUOTED.findall(answer) or _LETTERS.findall(answer)
        return str(found[-1]) if found else ""

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if the word is the reference, else 0."""
        return float(self.extract(answer) == reference != "")


class Dates(Scorer):
    """A date, else a weekday, else a number, the last one named."""

    id = "dates"
    title = "Dates"
    help = "Right if the last date, weekday or number is the reference."

    def extract(self, answer: str) -> str:
        """Return the date, the weekday or the number."""
        for pattern in (_DATE, _WEEKDAY, _NUMBER):
            if found := pattern.findall(answer):
                return str(found[-1])
        return answer.strip()

    def score(self, answer: str, reference: str) -> float:
        """Return 1 if it is the reference, else 0."""
        return float(self.extract(answer) == reference != "")


_LAST_NUMBER = Found(_NUMBER)
SCORERS: Mapping[str, Scorer] = {
    **dict.fromkeys(("add", "sub", "mul", "compare", "count", "seq", "word"), _LAST_NUMBER),
    "sort": Found(_NUMBER, every=True),
    "string": Letters(),
    "date": Dates(),
    "unit": Found(_PARTS, every=True),
    "order": Found(_NAME),
    "bool": Found(_TRUTH, every=True),
}
