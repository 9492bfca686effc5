"""From a model's sentence to a short comparable answer, and whether that is right.

Extraction never sees the reference: what is compared between arms and samples is what a real caller could compare.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_QUOTED = re.compile(r"[\"'“‘]([^\"'“”‘’]{1,40})[\"'”’]")
_AFTER = re.compile(r"\b(?:is|are|means)\b|:", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_ARTICLES = frozenset({"a", "an", "the", "called", "usually", "also", "simply", "just"})


def folded(text: str) -> str:
    """Return text in lower case, accents removed, white space collapsed."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).lower().replace("’", "'").split())


@dataclass(frozen=True)
class Number:
    """A whole number: the last one in the answer counts, since `7 + 5 = 12` ends on its result."""

    def extract(self, answer: str) -> str:
        """Return the last number without separators, or an empty string."""
        found = _NUMBER.findall(answer)
        if not found:
            return ""
        value = float(found[-1].replace(",", ""))
        return str(int(value)) if value.is_integer() else str(value)

    def score(self, answer: str, reference: str) -> float:
        """Return 1.0 if the number of the answer equals that of the reference."""
        return float(self.extract(answer) == self.extract(reference) != "")


@dataclass(frozen=True)
class Phrase:
    """A free word: the first quoted one after `is`, else the first one there that is no article."""

    def extract(self, answer: str) -> str:
        """Return one word in lower case, or an empty string."""
        text = folded(answer)
        cut = _AFTER.search(text)
        tail = text[cut.end() :] if cut else text
        quoted = _QUOTED.search(tail)
        words = _WORD.findall(quoted.group(1) if quoted else tail)
        return next((word for word in words if word not in _ARTICLES), "")

    def score(self, answer: str, reference: str) -> float:
        """Return 1.0 if the word is the reference."""
        return float(self.extract(answer) == folded(reference) != "")


@dataclass(frozen=True)
class Mention:
    """One of a closed list: the first one mentioned counts (`South Korea` before `Korea`).

    words : spelling -> the canonical answer, both as written; compared in lower case without accents.
    """

    words: Mapping[str, str] = field(hash=False)

    @cached_property
    def _canonical(self) -> dict[str, str]:
        return {folded(word): folded(answer) for word, answer in self.words.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(self._canonical, key=len, reverse=True)
        return re.compile(r"\b(" + "|".join(re.escape(word) for word in longest) + r")\b")

    def extract(self, answer: str) -> str:
        """Return the first answer of the list that is mentioned, else the free word, so that wrong answers still compare."""
        found = self._pattern.search(folded(answer))
        return self._canonical[found.group(1)] if found else Phrase().extract(answer)

    def score(self, answer: str, reference: str) -> float:
        """Return 1.0 if the first mention is the reference."""
        return float(self.extract(answer) == folded(reference) != "")


@dataclass(frozen=True)
class Symbol:
    """The symbol of an element: the first one after `is`, upper and lower case as written."""

    symbols: frozenset[str]

    def extract(self, answer: str) -> str:
        """Return the symbol, else the free word, so that wrong answers still compare."""
        cut = _AFTER.search(answer)
        tail = answer[cut.end() :] if cut else answer
        found = (word for word in re.findall(r"[A-Za-z]+", tail) if word in self.symbols)
        return next(found, "") or Phrase().extract(answer)

    def score(self, answer: str, reference: str) -> float:
        """Return 1.0 if the symbol is the reference, in the same case."""
        return float(self.extract(answer) == reference != "")


def mention(*words: str, **aliases: str) -> Mention:
    """Return a closed list from its words; `aliases` are further spellings of them."""
    return Mention({**{word: word for word in words}, **aliases})
