"""A scenario: a set of assumptions that is applied in one order, said in words, and written into a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from data.outcomes import HistoryLine, OutcomeTable
from data.problems import listed, refuse
from data.whatif.snapshots import PriceBook
from strategies.protocol import Doubles
from strategies.whatif.change import Change, S, decoded, encoded
from strategies.whatif.conditions import JudgeError, Latency, Load, Mix, NewModel, Outage, Removal, Volume
from strategies.whatif.prices import Batch, BillFactor, HourPrice, PricesOf, TokenPrices

C = TypeVar("C", bound=Change)
KINDS: tuple[type[Change], ...] = (
    PricesOf, TokenPrices, HourPrice, Batch, BillFactor, Latency, Outage, Removal, JudgeError, Mix, Load, Volume, NewModel,
)  # fmt: skip
BY_WORD: Mapping[str, type[Change]] = {kind.word: kind for kind in KINDS}
MOST = 64
_REFIT = "refit"


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """What is assumed at once: at most one change of a kind for each model or task, in any order; they are applied in one of their own.

    refit : learn and tune strategies again under it, even where nothing forces that. books : price lists of the user's own, by name.
    Two changes of one kind about the same subject, or more than 64, raise ProblemError. Equal codes are equal scenarios.
    """

    changes: tuple[Change, ...] = ()
    refit: bool = False
    books: Mapping[str, PriceBook] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        seen = [(change.word, change.about) for change in self.changes]
        twice = next((each for at, each in enumerate(seen) if each in seen[:at]), None)
        if twice is not None:
            raise refuse(f"{BY_WORD[twice[0]].title} is said twice{f' of {twice[1]}' if twice[1] else ''}.", "Say it once.")
        if len(seen) > MOST:
            raise refuse(f"{len(seen)} assumptions at once are too many.", f"Take at most {MOST}.")
        order = sorted(self.changes, key=lambda change: (change.order, change.about))
        object.__setattr__(self, "changes", tuple(order))

    @property
    def active(self) -> tuple[Change, ...]:
        """Those that change anything."""
        return tuple(change for change in self.changes if not change.idle)

    @property
    def refits(self) -> bool:
        """Whether strategies are learnt and tuned again under it."""
        return self.refit or any(change.refits for change in self.active)

    @property
    def code(self) -> str:
        """The scenario as a short word of a link; "" where nothing is assumed."""
        return ";".join([*(encoded(change) for change in self.active), *([_REFIT] if self.refit else [])])

    def find(self, kind: type[C], about: str = "") -> C | None:
        """Return the change of a kind about a subject, or None."""
        return next((change for change in self.changes if isinstance(change, kind) and change.about == about), None)

    def put(self, *changes: Change) -> Scenario:
        """Return the scenario with these changes; each takes the place of one of its kind about the same subject."""
        new = {(change.word, change.about) for change in changes}
        kept = [change for change in self.changes if (change.word, change.about) not in new]
        return replace(self, changes=(*kept, *changes))

    def drop(self, kind: type[Change], about: str = "") -> Scenario:
        """Return the scenario without a change."""
        return replace(self, changes=tuple(c for c in self.changes if not (isinstance(c, kind) and c.about == about)))

    def weights(self, table: OutcomeTable) -> Doubles | None:
        """Return (n,) how often each query counts, 1 = once; None where all count the same. ProblemError for an unknown task."""
        mixes = [change for change in self.active if isinstance(change, Mix)]
        if not mixes:
            return None
        names = table.queries.task_names
        strange = next((mix.task for mix in mixes if mix.task not in names), None)
        if table.queries.tasks is None or strange is not None:
            what = f"there is no task {strange!r} in {table.origin.name!r}." if strange else f"{table.origin.name!r} has no tasks."
            raise refuse(what, f"Tasks: {listed(names) or 'none'}.")
        by_task = np.ones(len(names))
        for mix in mixes:
            by_task[names.index(mix.task)] = mix.weight
        weights = by_task[table.queries.tasks]
        if not weights.any():
            raise refuse("no query is left in this mix.", "Give one of the tasks a weight above 0.")
        return np.asarray(weights)

    def adapted(self, policy: S) -> S:
        """Return a fitted policy under these assumptions."""
        for change in self.active:
            policy = change.adapted(policy)
        return policy


def apply(scenario: Scenario, table: OutcomeTable) -> OutcomeTable:
    """Return a table as it would be; the very same object where nothing changes. Each assumption leaves a line in its history.

    Mixes, load and volume change no table: they weigh queries, depend on who is called, or only count money.
    Raises ProblemError for a model that is not there, or a price that what was recorded cannot bear.
    """
    for change in scenario.active:
        table = change.apply(table, scenario)
    return table


def said(before: OutcomeTable, after: OutcomeTable) -> tuple[HistoryLine, ...]:
    """Return the lines that a scenario added to a table's history: what was assumed, in the order in which it was applied."""
    return after.history[len(before.history) :]


def parsed(code: str, books: Mapping[str, PriceBook] | None = None) -> Scenario:
    """Return the scenario that a link says; ProblemError for anything that is not one. Nothing is evaluated.

    books : price lists of the user's own; a link names them, and does not bring them along.
    """
    parts = [part for part in code.split(";") if part]
    if len(parts) > MOST + 1:
        raise refuse(f"a link says {len(parts)} assumptions.", f"Take at most {MOST}.")
    changes = [_one(part) for part in parts if part != _REFIT]
    return Scenario(changes=tuple(changes), refit=_REFIT in parts, books=books or {})


def _one(part: str) -> Change:
    word, *values = part.split(":")
    if word not in BY_WORD:
        raise refuse(f"this link cannot be read: there is no assumption {word!r}.", f"Known: {listed(list(BY_WORD), 20)}.")
    return decoded(BY_WORD[word], values)


def scenario(*changes: Change, **options: Any) -> Scenario:
    """Return the scenario of some changes; options as for `Scenario`."""
    return Scenario(changes=tuple(changes), **options)
