"""What a scorer is, and how the scorers of this folder are found."""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata
from abc import ABC, abstractmethod
from functools import cache
from typing import ClassVar

from data.problems import listed, refuse

_SPACE = re.compile(r"\s+")
_ARTICLE = re.compile(r"\b(a|an|the)\b")
_MARKS = re.compile(r"[^\w\s]|_")


class Scorer(ABC):
    """Scores one answer against one reference.

    id : the name in mappings and links. title, help : words for people.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]

    @abstractmethod
    def extract(self, answer: str) -> str:
        """Return the short form in which two answers are compared; "" if there is none in the text."""

    @abstractmethod
    def score(self, answer: str, reference: str) -> float:
        """Return the quality of the answer in [0, 1]."""


@cache
def scorers() -> dict[str, Scorer]:
    """Return id -> scorer for every scorer of this folder."""
    found: dict[str, Scorer] = {}
    package = importlib.import_module("data.scoring")
    for info in pkgutil.iter_modules(package.__path__):
        if info.name != "base":
            module = importlib.import_module(f"data.scoring.{info.name}")
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Scorer) and value.__module__ == module.__name__:
                    found[value.id] = value()
    return found


def find(scorer_id: str) -> Scorer:
    """Return the scorer of that id; raises ProblemError with the known ones if there is none."""
    try:
        return scorers()[scorer_id]
    except KeyError:
        raise refuse(f"there is no scorer {scorer_id!r}.", f"Scorers: {listed(sorted(scorers()))}.") from None


def plain(text: str) -> str:
    """Return a text in lower case without punctuation, articles and spare white space (the form of SQuAD)."""
    text = unicodedata.normalize("NFKC", text).lower()
    return _SPACE.sub(" ", _ARTICLE.sub(" ", _MARKS.sub(" ", text))).strip()
