"""Latencies that nobody waited: zero, copied from a cache, quicker than tokens can come, or in another unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import Bools, cells, choices, nowhere, step_of, unknown_at
from data.outcomes import OutcomeTable
from data.problems import listed

_LEAST = 20
# The quickest hosts publish two to three thousand tokens a second for one stream (Cerebras, 2025: 2,500 for Llama 4 Maverick).
_FASTEST = 5_000.0
_SLOWEST = 0.5
_TOKENS_LEAST = 10.0
_MANY = 0.02
_ROWS_LEAST = 5
_STEPS_LEAST = 20
_NEIGHBOURS = 5
_AROUND = 50
_CHANCE = 0.01
_QUICK = 0.001  # seconds: nothing over a network, and near a clock's own steps
_CONSTANT = 0.9
_MINUTES = 200.0
_PARTS = ("zero", "repeated", "too_fast")
_TITLES = {
    "zero": "A latency of zero",
    "repeated": "The same latency for many queries",
    "too_fast": "Answers that came faster than any model writes",
}
_REPAIR = "mark these latencies as not known"


class Latency(Check):
    """A reply from a cache, or a replayed run, has no latency of its own: it is unknown, not short."""

    id = "latency"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield latencies in another unit, of zero, repeated exactly, and too short for the tokens that came."""
        if not table.has("latency_s"):
            return
        units = _units(table)
        if units.any():
            yield self._unit(table, units)
        long = _long(table)
        if long.any():
            yield self._minutes(table, long)
        for part in _PARTS:
            wrong = _wrong(table, part)
            if wrong.any():
                yield Finding(
                    id=f"{self.id}.{part}",
                    severity="info" if part == "repeated" else "warning",
                    title=_TITLES[part],
                    meaning=_meaning(table, part, wrong),
                    choices=choices(table, wrong, repair=_REPAIR, keep="they were measured"),
                    **cells(table, wrong),
                )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these latencies in seconds, or unknown."""
        part = finding.id.split(".", 1)[1]
        if part == "long":
            wrong = _long(table) & at_rows(table, finding)
            return with_cells(
                table, {"latency_s": np.where(wrong, table.numbers["latency_s"] / np.float32(1000), table.numbers["latency_s"])}
            )
        if part != "unit":
            return with_cells(table, unknown_at(table, _wrong(table, part) & at_rows(table, finding), "latency_s"))
        factors = np.where(at_rows(table, finding), _units(table), 0.0)
        seconds = table.numbers["latency_s"] * np.where(factors > 0, factors, 1.0)
        return with_cells(table, {"latency_s": seconds.astype(np.float32)})

    def _unit(self, table: OutcomeTable, units: NDArray[np.float64]) -> Finding:
        wrong = units > 0
        at = np.flatnonzero(wrong.any(axis=0))
        said = [f"{table.cards[m].short}: {'milliseconds?' if units[:, m].max() < 1 else 'divided by 1,000 once too often?'}" for m in at]
        return Finding(
            id=f"{self.id}.unit",
            severity="warning",
            title="Latencies in another unit",
            meaning=f"{listed(said, 4)} No model writes at this speed; in seconds it is an ordinary one. Latency goals rest on it.",
            choices={"repair": "convert them to seconds", "keep": "they are in seconds"},
            **cells(table, wrong),
        )

    def _minutes(self, table: OutcomeTable, wrong: Bools) -> Finding:
        at = np.flatnonzero(wrong.any(axis=0)).tolist()
        said = [f"{table.cards[m].short} {float(np.median(table.latency_s(m)[wrong[:, m]])):,.0f} s" for m in at]
        return Finding(
            id=f"{self.id}.long",
            severity="warning",
            title="Latencies of many minutes, in whole seconds",
            meaning=f"The median call takes {listed(said, 4)}: such numbers are mostly milliseconds. Latency goals rest on them.",
            choices={"repair": "they are milliseconds: divide by 1,000", "keep": "they are seconds"},
            **cells(table, wrong),
        )


def _long(table: OutcomeTable) -> Bools:
    """Return (n, M) the latencies of models with a median of minutes, whole seconds all, and no tokens that could tell the speed."""
    wrong = nowhere(table)
    for m in range(len(table.models)):
        seconds = table.latency_s(m)
        timed = seconds[seconds > 0]
        told = bool((table.column("tokens_out", m) >= _TOKENS_LEAST).any())
        if (
            len(timed) >= _ROWS_LEAST
            and not told
            and _MINUTES <= np.median(timed) < 1000 * _MINUTES
            and bool(np.all(timed == np.round(timed)))
        ):
            wrong[:, m] = seconds > 0
    return wrong


def _meaning(table: OutcomeTable, part: str, wrong: Bools) -> str:
    count = int(wrong.sum())
    if part == "zero":
        return (
            f"{counted(count, 'call')} without any time: replies from a cache, or not recorded. Means and p95 of these models are too low."
        )
    if part == "repeated":
        values, often = np.unique(table.numbers["latency_s"][wrong], return_counts=True)
        most = int(often.argmax())
        return (
            f"{counted(count, 'call')} share few values, {float(values[most]):g} s {int(often[most]):,} times: replies "
            "from a cache that kept the first one's time, a time limit, or a number filled in. A p95 there is not the model's."
        )
    return f"{counted(count, 'call')} came at more than {_FASTEST:,.0f} tokens a second: replies from a cache. Means and p95 are too low."


def _wrong(table: OutcomeTable, part: str) -> Bools:
    wrong = nowhere(table)
    if part == "too_fast":
        return _too_fast(table)
    for m in range(len(table.models)):
        wrong[:, m] = (_zero if part == "zero" else _repeated)(table.latency_s(m))
    return wrong


def _zero(values: NDArray[np.float32]) -> Bools:
    """Return (n,) where a latency is zero and its clock could have told it from zero."""
    zero, above = values == 0, values[values > 0]
    if not zero.any() or not len(above):
        return np.asarray(zero)
    fine = float(np.median(above)) > 5 * step_of(above)
    return np.asarray(zero if fine else np.zeros_like(zero))


def _repeated(values: NDArray[np.float32]) -> Bools:
    """Return (n,) the values that more calls share than the five steps of the clock on either side hold together.

    Nor may chance explain them, at the rate of the fifty steps on either side. A clock whose steps are as coarse as the
    differences between calls can't tell; 90 % of all calls at one time can't be chance.
    """
    wrong = np.zeros(len(values), dtype=np.bool_)
    rows = np.flatnonzero(values > _QUICK)
    if len(rows) < _LEAST:
        return wrong
    exact, member, count = np.unique(values[rows].astype(np.float64), return_inverse=True, return_counts=True)
    step = step_of(exact) or float(np.median(exact)) * 1e-6
    if exact[-1] - exact[0] < _STEPS_LEAST * step:
        alone = (count >= _CONSTANT * len(rows)) & (exact > _STEPS_LEAST * step)
    else:
        near = _others(exact, count, _NEIGHBOURS * step)
        expected = (_others(exact, count, _AROUND * step) + 1) / (2 * _AROUND)
        alone = (count >= near + 3) & _rare(count - 1, expected, len(rows))
    shared = alone[member]
    if shared.sum() >= max(_ROWS_LEAST, _MANY * len(rows)):
        wrong[rows[shared]] = True
    return wrong


def _others(exact: NDArray[np.float64], count: NDArray[np.int64], room: float) -> NDArray[np.int64]:
    """Return for each value how many calls lie within `room` of it, at another value."""
    total = np.concatenate([[0], np.cumsum(count)])
    low, high = np.searchsorted(exact, exact - room * 1.001), np.searchsorted(exact, exact + room * 1.001, side="right")
    return np.asarray(total[high] - total[low] - count)


def _rare(more: NDArray[np.int64], expected: NDArray[np.float64], calls: int) -> Bools:
    """Return whether so many more calls at one time are less than one chance in a hundred among all calls.

    Chernoff's bound of a Poisson tail: P(X >= k) <= exp(-m) (e m / k)^k for k above the mean m.
    """
    k = np.maximum(more, 1)
    bound = -expected + k * (1 + np.log(expected / k))
    return np.asarray((more > expected) & (bound + np.log(calls) < np.log(_CHANCE)))


def _too_fast(table: OutcomeTable) -> Bools:
    wrong, units = nowhere(table), _units(table)
    for m in range(len(table.models)):
        seconds, tokens = table.latency_s(m), table.column("tokens_out", m)
        wrong[:, m] = (seconds > 0) & (tokens >= _TOKENS_LEAST) & (tokens > _FASTEST * seconds) & (units[:, m] == 0)
    return wrong


def _units(table: OutcomeTable) -> NDArray[np.float64]:
    """Return (n, M) the factor to seconds of each latency of a model, or of its calls in one task, in another unit; 0 elsewhere.

    Judged by the median speed, tokens out a second: an impossible one that a factor of 1,000 makes ordinary.
    """
    factors = np.zeros((len(table), len(table.models)), dtype=np.float64)
    if not table.has("tokens_out"):
        return factors
    tasks = table.queries.tasks
    for m in range(len(table.models)):
        seconds, tokens = table.latency_s(m), table.column("tokens_out", m)
        timed = np.flatnonzero(seconds > 0)
        rows = timed[tokens[timed] >= _TOKENS_LEAST]
        speed = tokens[rows].astype(np.float64) / seconds[rows]
        factor = _factor(speed)
        if factor:
            factors[timed, m] = factor
        elif tasks is not None and len(rows):
            for task in _odd_tasks(speed, tasks[rows]):
                factors[timed[tasks[timed] == task], m] = _factor(speed[tasks[rows] == task])
    return factors


def _odd_tasks(speed: NDArray[np.float64], tasks: NDArray[np.int32]) -> list[int]:
    """Return the tasks most of whose calls have an impossible speed."""
    odd = (speed < _SLOWEST) | (speed > _FASTEST)
    if not odd.any():
        return []
    count, wrong = np.bincount(tasks), np.bincount(tasks, weights=odd)
    return [int(task) for task in np.flatnonzero((count >= _LEAST) & (wrong > 0.5 * count))]


def _factor(speed: NDArray[np.float64]) -> float:
    """Return what brings some speeds, tokens a second, from impossible to ordinary: 0.001 for milliseconds, 1000, or 0."""
    if len(speed) < _LEAST:
        return 0.0
    middle = float(np.median(speed))
    if middle < _SLOWEST and 1 <= middle * 1000 <= _FASTEST:
        return 0.001
    return 1000.0 if middle > _FASTEST and 1 <= middle / 1000 <= _FASTEST else 0.0
