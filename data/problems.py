"""What can go wrong, said so that a person can act on it.

RouteScopeError                 everything this project raises on purpose
├── ProblemError                a file, a mapping, a knob: one or more `Problem`s, with place and way out
├── NotCalledError              a strategy asked for a signal of a model that it has not called
├── LeakError                   something reached for quality, or for the test split, that may not see it
└── EndpointError               a live call failed
    ├── EndpointAuthError       the key was refused
    ├── EndpointNotFoundError   no such address or model
    ├── EndpointBusyError       rate limit or overload; worth another try
    ├── EndpointTimeoutError    no answer in time; worth another try
    └── EndpointAnswerError     an answer that cannot be used
BudgetError (a RouteScopeError) the next call would go over the spending cap
Stopped (a RouteScopeError)     a person told long work to end; nothing is wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: where it is, what it is, what to do about it.

    row counts data rows from 1 as a person does, and is None where the whole file or column is meant.
    """

    what: str
    fix: str
    file: str = ""
    row: int | None = None
    column: str = ""

    @property
    def where(self) -> str:
        """The place in words: `scores.csv, row 41, column cost`."""
        places = [self.file, f"row {self.row:,}" if self.row is not None else "", f"column {self.column}" if self.column else ""]
        return ", ".join(place for place in places if place)

    def __str__(self) -> str:
        where = self.where
        return f"{where}: {self.what} {self.fix}" if where else f"{self.what} {self.fix}"


class RouteScopeError(Exception):
    """Everything that this project raises on purpose."""


class ProblemError(RouteScopeError):
    """One or more problems that a person can mend; `problems` has them all, the message the first twenty."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: tuple[Problem, ...] = problems
        lines = [str(problem) for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"... and {len(problems) - SHOWN:,} more.")
        super().__init__("\n".join(lines))


class NotCalledError(RouteScopeError):
    """A strategy asked for a signal of a model that it has not called on these queries."""


class LeakError(RouteScopeError):
    """Something reached for quality, or for the test split, that may not see it."""


class EndpointError(RouteScopeError):
    """A live call failed; the message says how and what to do."""

    retryable = False


class EndpointAuthError(EndpointError):
    """The key was refused."""


class EndpointNotFoundError(EndpointError):
    """No such address, or no such model at it."""


class EndpointBusyError(EndpointError):
    """Rate limit or overload: worth another try later."""

    retryable = True


class EndpointTimeoutError(EndpointError):
    """No answer in time, or no connection: worth another try."""

    retryable = True


class EndpointAnswerError(EndpointError):
    """The endpoint answered something that cannot be used."""


class BudgetError(RouteScopeError):
    """The next call would go over the spending cap."""


class Stopped(RouteScopeError):  # noqa: N818  # nothing is wrong: somebody wanted it to end
    """Long work was told to end; raised by the `progress` that its caller passes."""


def refuse(what: str, fix: str, *, file: str = "", row: int | None = None, column: str = "") -> ProblemError:
    """Return (not raise) a ProblemError with one problem, for `raise refuse(...)`."""
    return ProblemError(Problem(what=what, fix=fix, file=file, row=row, column=column))


def listed(names: Sequence[str], limit: int = 8) -> str:
    """Return names as a readable list, cut after `limit`: `a, b, c and 4 more`."""
    shown = ", ".join(names[:limit])
    return f"{shown} and {len(names) - limit:,} more" if len(names) > limit else shown
