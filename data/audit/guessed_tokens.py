"""Token counts that nobody measured: one number for all, or a multiple of the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, Severity, at_rows, with_cells
from data.audit.metering import Bools, Ints, cells, choices, exact_fit, length_of, lengths, nowhere, sampled, unknown_at
from data.outcomes import OutcomeTable
from data.problems import listed
from data.texts import Texts

_SIDES = {"tokens_in": "prompt", "tokens_out": "answer"}
_LEAST = 20
_SAME_SHARE = 0.95
_TINY = 8.0  # a label or a letter really is the same few tokens each time
_SPREAD = 0.05  # texts whose lengths vary less than this, as a share of their mean, may have one count
_DISTINCT_LEAST = 15
_DEVIATION_LEAST = 5.0
_FILLED_SHARE, _FILLED_TIMES, _NEAR, _AS_VARIED = 0.05, 10.0, 0.1, 0.5
_ROUNDED = 0.65  # rounding moves a count by a half; the rest is for the line, fitted to rounded counts
_FITS_SHARE = 0.98
_UNIT = {"words": "word", "characters": "character", "bytes": "byte"}


@dataclass
class _Found:
    """What is collected over models: wrong cells, words about each model, the gravest severity."""

    wrong: Bools
    said: list[str] = field(default_factory=list)
    severities: set[Severity] = field(default_factory=set)


class GuessedTokens(Check):
    """A count that was filled in or derived from the text's length isn't a measurement, nor is a cost that rests on it.

    The same count for all is no finding where the texts are of one length; without texts it is one to look at.
    """

    id = "guessed_tokens"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield, for prompt and answer tokens, the cells that hold one number for all and those that follow the text's length."""
        for name in _SIDES:
            if table.has(name):
                same, follows = _same(table, name), _follows(table, name)
                if same.said:
                    yield _constant(table, name, same)
                if follows.said:
                    yield _proportional(table, name, follows)

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these counts unknown."""
        _, name, kind = finding.id.split(".")
        wrong = (_same(table, name) if kind == "same" else _follows(table, name)).wrong & at_rows(table, finding)
        return with_cells(table, unknown_at(table, wrong, name))


def _constant(table: OutcomeTable, name: str, found: _Found) -> Finding:
    return Finding(
        id=f"{GuessedTokens.id}.{name}.same",
        severity="warning" if "warning" in found.severities else "info",
        title=f"The same number of {_SIDES[name]} tokens for all queries",
        meaning=(
            f"{listed(found.said, 4)}. If it was filled in, cost by token is the same for short and long queries, "
            "so a strategy that sends the long ones to a cheaper model seems to save nothing."
        ),
        choices=choices(table, found.wrong, repair="mark these counts as not known", keep="they were measured"),
        **cells(table, found.wrong),
    )


def _proportional(table: OutcomeTable, name: str, found: _Found) -> Finding:
    return Finding(
        id=f"{GuessedTokens.id}.{name}.length",
        severity="error",
        title=f"{_SIDES[name].capitalize()} tokens computed from the length of the text",
        meaning=(
            f"{listed(found.said, 4)}. They were not measured: code, numbers and most languages take more tokens than this, "
            "and hidden reasoning isn't in them at all, so a cost computed from them is a guess."
        ),
        choices=choices(table, found.wrong, repair="mark these counts as not known", keep="count them as they are"),
        **cells(table, found.wrong),
    )


def _same(table: OutcomeTable, name: str) -> _Found:
    """Return the cells with one number for nearly all queries, or of each task, or filled in for many, though the texts differ."""
    found = _Found(nowhere(table))
    for m, model in enumerate(table.models):
        values = table.column(name, m)
        known = np.flatnonzero(~np.isnan(values))
        whole = _one_number(values, known)
        groups = [known] if len(whole) else _by_task(table, known)
        alike = [(rows, group) for group in groups if len(rows := whole if len(whole) else _one_number(values, group))]
        if not len(whole) and sum(len(group) for _, group in alike) < _SAME_SHARE * len(known):
            some = _filled_in(table, name, model, values, known)
            if len(some):
                found.wrong[some, m] = True
                found.severities.add("warning")
                found.said.append(f"{table.cards[m].short}: {float(values[some[0]]):g} for {len(some):,} of {len(known):,} queries")
            continue
        for rows, group in alike:
            severity = _severity(table, name, model, float(values[rows[0]]), group)
            if severity is not None and (len(whole) or severity == "warning"):
                found.wrong[rows, m] = True
                found.severities.add(severity)
        if found.wrong[:, m].any():
            one = f"{float(values[whole[0]]):g} for {len(whole):,} of {len(known):,} queries" if len(whole) else "one number a task"
            found.said.append(f"{table.cards[m].short}: {one}")
    return found


def _one_number(values: NDArray[np.float32], rows: Ints) -> Ints:
    """Return the rows that share one number, if nearly all of these rows do; none where it is zero: a tool uses no tokens."""
    if len(rows) < _LEAST:
        return rows[:0]
    part = values[rows]
    middle = np.partition(part, len(part) // 2)[len(part) // 2]  # what nearly all share is the middle one, too
    same = part == middle
    return rows[same] if middle > 0 and float(same.mean()) >= _SAME_SHARE else rows[:0]


def _filled_in(table: OutcomeTable, name: str, model: str, values: NDArray[np.float32], rows: Ints) -> Ints:
    """Return the rows of a number that many share and hardly any others come near, though their texts differ in length; else none.

    The greatest number is no such one: it is where answers were cut off.
    """
    exact, count = np.unique(values[rows], return_counts=True)
    inside = (exact > _TINY) & (exact < exact[-1]) if len(exact) else np.array([], dtype=np.bool_)
    if not inside.any():
        return rows[:0]
    at = int(np.argmax(np.where(inside, count, 0)))
    near = (np.abs(exact - exact[at]) <= _NEAR * exact[at]) & (exact != exact[at])
    expected = float(count[near].sum()) / max(1.0, 2 * _NEAR * float(exact[at]))
    if count[at] < max(_LEAST, _FILLED_SHARE * len(rows), _FILLED_TIMES * expected):
        return rows[:0]
    some = rows[values[rows] == exact[at]]
    texts = table.queries.prompts if name == "tokens_in" else table.responses.get(model)
    mine, others = lengths(texts, sampled(some)), lengths(texts, sampled(rows))
    differ = (
        bool(mine) and bool(others) and all(float(mine[u].std()) > _AS_VARIED * float(others[u].std()) for u in ("words", "characters"))
    )
    return some if differ else rows[:0]


def _by_task(table: OutcomeTable, rows: Ints) -> list[Ints]:
    if table.queries.tasks is None or len(table.queries.task_names) < 2 or len(table.queries.task_names) * _LEAST > len(table):
        return []
    tasks = table.queries.tasks[rows]
    order = np.argsort(tasks, kind="stable")
    starts = np.flatnonzero(np.diff(tasks[order], prepend=-1))
    return np.split(rows[order], starts[1:]) if len(rows) else []


def _severity(table: OutcomeTable, name: str, model: str, value: float, rows: Ints) -> Severity | None:
    """Return how grave one count for these rows is: nothing where the texts are of one length, info where that can't be known."""
    measured = lengths(table.queries.prompts if name == "tokens_in" else table.responses.get(model), sampled(rows))
    if measured:
        differ = all(float(measured[unit].std()) > _SPREAD * float(measured[unit].mean()) for unit in ("words", "characters"))
        return ("info" if value <= _TINY else "warning") if differ else None
    if name == "tokens_in" or value <= _TINY:
        return "info"
    return "warning"


def _follows(table: OutcomeTable, name: str) -> _Found:
    """Return the cells whose count is an affine function of words, characters or bytes, to the rounding of a whole number."""
    found = _Found(nowhere(table))
    measured: dict[tuple[int, str], NDArray[np.float64]] = {}  # models share the prompts
    for m, model in enumerate(table.models):
        texts = table.queries.prompts if name == "tokens_in" else table.responses.get(model)
        values = table.column(name, m).astype(np.float64)
        known = ~np.isnan(values)
        rows = np.flatnonzero(known & texts.known()) if texts is not None and known.any() else np.array([], dtype=np.int64)
        few = sampled(rows)
        for unit, length in lengths(texts, few).items():
            if texts is not None and _line(values[few], length) is not None:
                whole = _measured(measured, texts, unit)[rows]
                line = _line(values[rows], whole)
                if line is not None:
                    off = np.abs(line[0] * whole + line[1] - values[rows])
                    found.wrong[rows[off <= _ROUNDED + 1e-6 * values[rows]], m] = True
                    found.said.append(f"{table.cards[m].short}: {line[0]:.3g} tokens a {_UNIT[unit]}" + _plus(line[1]))
                    break
    return found


def _measured(kept: dict[tuple[int, str], NDArray[np.float64]], texts: Texts, unit: str) -> NDArray[np.float64]:
    key = (id(texts), unit)
    if key not in kept:
        kept[key] = length_of(texts, unit)
    return kept[key]


def _plus(more: float) -> str:
    return f" and {more:.0f} more" if round(more) > 0 else ""


def _line(values: NDArray[np.float64], length: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return slope and intercept if nearly all counts lie on one line over the lengths, and the lengths vary enough to tell."""
    if len(values) < _LEAST or len(np.unique(length)) < _DISTINCT_LEAST or float(values.std()) < _DEVIATION_LEAST:
        return None
    room = _ROUNDED + 1e-6 * np.abs(values)
    found = exact_fit(np.column_stack([length, np.ones(len(length))]), values, room)
    if found is None or found[0] <= 0:
        return None
    met = np.abs(found[0] * length + found[1] - values) <= room
    return (float(found[0]), float(found[1])) if float(met.mean()) >= _FITS_SHARE else None
