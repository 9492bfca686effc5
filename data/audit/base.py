"""What a check is, how the checks of this folder are found, and what a person's choice does to a table."""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import listed, refuse

Severity: TypeAlias = Literal["error", "warning", "info"]
Choice: TypeAlias = Literal["repair", "exclude", "keep"]
_ORDER = ("error", "warning", "info")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Finding:
    """One thing that a check found.

    id : of the check, with the field where it looks at several (`sentinels.cost_usd`).
    rows : (k,) positions in the table; empty where the rows are gone already. models : whose cells.
    meaning : what it does to conclusions. choices : choice -> what it would do, in words.
    settled : the choice that the history holds for it, "" = open.
    """

    id: str
    severity: Severity
    title: str
    rows: NDArray[np.int64]
    models: tuple[str, ...]
    meaning: str
    choices: Mapping[Choice, str]
    settled: Choice | Literal[""] = ""

    @property
    def check(self) -> str:
        """Return the id of the check that found it."""
        return self.id.split(".", 1)[0]


class Check(ABC):
    """Looks at a table for one kind of defect; silent on a clean one."""

    id: ClassVar[str]

    @abstractmethod
    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield what is found, at most one finding a field."""

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the cells of the finding's rows set right; without a history line."""
        raise refuse(f"{finding.title!r} can't be repaired in {table.origin.name!r}.", "Exclude or keep the rows.")


@cache
def checks() -> dict[str, Check]:
    """Return id -> check for every check of this folder."""
    found: dict[str, Check] = {}
    package = importlib.import_module("data.audit")
    for info in pkgutil.iter_modules(package.__path__):
        if info.name != "base":
            module = importlib.import_module(f"data.audit.{info.name}")
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Check) and value.__module__ == module.__name__:
                    found[value.id] = value()
    return found


def audit(table: OutcomeTable, progress: Callable[[int, int], None] | None = None) -> tuple[Finding, ...]:
    """Return all findings of all checks, the gravest first; choices already made are marked on them.

    progress(done, total) is told how many checks are done before each one; what it raises (`Stopped`) ends the audit.
    """
    kept = {str(line.values.get("finding")) for line in table.history if line.action == "audit" and line.values.get("choice") == "keep"}
    found: list[Finding] = []
    for done, check in enumerate(checks().values()):
        if progress is not None:
            progress(done, len(checks()))
        found += (replace(each, settled="keep") if each.id in kept and not each.settled else each for each in check.find(table))
    return tuple(sorted(found, key=lambda finding: (_ORDER.index(finding.severity), finding.id)))


def apply(table: OutcomeTable, finding: Finding, choice: Choice) -> OutcomeTable:
    """Return the table after a choice, with a line in its history that says what was done to how many rows.

    repair sets the cells right as the finding says, exclude leaves the rows out, keep only notes that it was seen.
    The line keeps the count of all rows and the ids of the first 50; a replay (`data.history`) finds the rows anew.
    Raises ProblemError for a choice that the finding doesn't offer.
    """
    if choice not in finding.choices:
        raise refuse(f"{finding.title!r} can't be settled by {choice!r}.", f"Choices: {listed(list(finding.choices))}.")
    count = len(finding.rows)
    after = table
    if choice == "repair":
        after = checks()[finding.check].repair(table, finding)
    elif choice == "exclude" and count:
        if count >= len(table):
            raise refuse("leaving these rows out would leave nothing.", "Repair or keep them.")
        after = table.take(np.setdiff1d(np.arange(len(table)), finding.rows))
    words = {"repair": "repaired", "exclude": "left out", "keep": "kept"}[choice]
    detail = f"{finding.title}: {count:,} {'row' if count == 1 else 'rows'} {words} ({finding.choices[choice]})"
    ids = [table.queries.ids[int(row)] for row in finding.rows[:50]]
    return after.noted("audit", detail, finding=finding.id, choice=choice, rows=count, models=list(finding.models), first_ids=ids)


def audit_key(table: OutcomeTable) -> str:
    """Return what the findings of a table depend on, as a key for a cache: its fingerprint alone doesn't know the choices made."""
    made = [[line.action, line.values.get("finding"), line.values.get("choice"), line.values.get("kept")] for line in table.history]
    return f"{table.fingerprint}.{hashlib.blake2b(json.dumps(made, default=str).encode(), digest_size=4).hexdigest()}"


def at_rows(table: OutcomeTable, finding: Finding) -> NDArray[np.bool_]:
    """Return (n, 1) whether a row is one of the finding's."""
    mask = np.zeros((len(table), 1), dtype=np.bool_)
    mask[finding.rows] = True
    return mask


def with_cells(table: OutcomeTable, fields: Mapping[str, NDArray[np.float32]]) -> OutcomeTable:
    """Return the table with fields of shape (n, M) replaced."""
    return replace(table, numbers={**table.numbers, **fields}, stored_fingerprint="")
