"""The questions of the bundled default table: generated, seeded, each with a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Literal, Protocol, TypeAlias

from data.bundled.items import facts, headlines, messages, numbers, reading, reviews, words
from data.bundled.items.item import Item
from data.queries import QuerySet

Part: TypeAlias = Literal["main", "training"]
Maker: TypeAlias = Callable[[Random, str], Iterator[Item]]


class Scorer(Protocol):
    """What judges an answer: the comparable short form, and 1.0 or 0.0 against the reference."""

    def extract(self, answer: str) -> str:
        """Return the short comparable form of an answer; an empty string = none found."""

    def score(self, answer: str, reference: str) -> float:
        """Return the quality in [0, 1]."""


# task -> (items of the table, what makes them)
TASKS: dict[str, tuple[int, Maker]] = {
    "arithmetic": (150, numbers.arithmetic),
    "measures": (110, numbers.measures),
    "calendar": (100, numbers.calendar),
    "sentiment": (220, reviews.sentiment),
    "topic": (200, headlines.topics),
    "spam": (200, messages.spam),
    "place": (250, facts.places),
    "continent": (150, facts.continents),
    "symbol": (150, facts.symbols),
    "word forms": (230, words.words),
    "reading": (240, reading.reading),
}
SCORERS: Mapping[str, Scorer] = {
    "number": numbers.NUMBER,
    "weekday": numbers.WEEKDAY,
    "month": numbers.MONTH,
    "sentiment": reviews.SENTIMENT,
    "topic": headlines.TOPIC,
    "spam": messages.SPAM,
    "place": facts.COUNTRIES,
    "symbol": facts.SYMBOL,
    "continent": facts.CONTINENTS,
    "word form": words.FORM,
    **reading.SCORERS,
}


def make(seed: int = 0, part: Part = "main", share: float = 1.0) -> list[Item]:
    """Return the items of one part: the same for the same seed, no prompt twice, none in both parts.

    share : of the table's counts per task; 0.1 is a pilot of about 200. `training` has as many items a task as it can get,
    at most 60.
    """
    taken = set() if part == "main" else {item.prompt for item in make(seed)}
    items = [item for task in TASKS for item in _distinct(task, seed, part, share, taken)]
    Random(seed).shuffle(items)
    return items


def as_queries(items: Sequence[Item]) -> QuerySet:
    """Return the items as a query set with ids q0001, q0002 ...; the column `scorer` names who judges each."""
    return QuerySet.build(
        [f"q{i + 1:04d}" for i in range(len(items))],
        prompts=[item.prompt for item in items],
        references=[item.reference for item in items],
        tasks=[item.task for item in items],
        meta={"scorer": [item.scorer for item in items]},
    )


def _distinct(task: str, seed: int, part: Part, share: float, taken: set[str]) -> Iterator[Item]:
    count, maker = TASKS[task]
    wanted = max(1, round(count * share)) if part == "main" else 60
    seen = set(taken)
    for item, _ in zip(maker(Random(f"{seed}/{part}/{task}"), part), range(100 * wanted), strict=False):
        if len(seen) - len(taken) == wanted:
            return
        if item.prompt not in seen:
            seen.add(item.prompt)
            yield item
