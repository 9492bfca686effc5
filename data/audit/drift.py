"""Numbers that change over the time in which they were recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Choice, Finding
from data.audit.evidence import SIGMAS, association, counted
from data.outcomes import OutcomeTable
from data.problems import listed

_LEAST = 30
_BY_CHANCE = 1e-5  # of a model's calls falling by chance where they all fall
_NAMED = 4
_WORDS = {"quality": "score", "cost_usd": "cost", "latency_s": "latency"}


class Drift(Check):
    """A provider changes a model, a price or a server, and a mean over the whole time is a mean of two things."""

    id = "drift"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield scores, costs and latencies that go with time, within tasks, and models that were there for a part of the time only."""
        stamps = table.queries.meta.get("timestamp")
        if stamps is None:
            return
        at = np.array([seconds(text) for text in stamps], dtype=np.float64)
        if len(np.unique(at[~np.isnan(at)])) < 2:
            return
        for name, word in _WORDS.items():
            if name in table.numbers:
                yield from self._field(table, at, name, word)
        yield from self._models(table, at)

    def _field(self, table: OutcomeTable, at: NDArray[np.float64], name: str, word: str) -> Iterator[Finding]:
        """Yield the earlier half of the rows of the models whose values go up or down with time by more than 4 standard errors."""
        rows, models, said = np.zeros(len(table), dtype=np.bool_), [], []
        for m, model in enumerate(table.models):
            values = table.column(name, m)
            known = np.flatnonzero(np.isfinite(values) & ~np.isnan(at))
            tasks = None if table.queries.tasks is None else table.queries.tasks[known]
            if len(known) < _LEAST or abs(association(values[known], at[known], tasks)) <= SIGMAS:
                continue
            early = at[known] <= np.median(at[known])
            if early.all():
                early = at[known] < at[known].max()
            before, after = (float(values[known[half]].mean(dtype=np.float64)) for half in (early, ~early))
            rows[known[early]] = True
            models.append(model)
            said.append(f"{table.cards[m].short} {before:.3g} in the earlier half, {after:.3g} in the later one")
        if models:
            yield Finding(
                id=f"{self.id}.{name}",
                severity="warning",
                title=f"A {word} that drifts over time",
                rows=np.flatnonzero(rows),
                models=tuple(models),
                meaning=(
                    f"The mean {word} of {listed(said, _NAMED)}. One mean over the whole time describes neither, and what was fitted on "
                    "the past may not hold for the next query."
                ),
                choices=_choices(rows, "keep only the later half"),
            )

    def _models(self, table: OutcomeTable, at: NDArray[np.float64]) -> Iterator[Finding]:
        """Yield the rows before a model's first and after its last call, where chance would have spread its calls wider."""
        timed = ~np.isnan(at) & table.ran.any(axis=1)
        outside, models, said = np.zeros(len(table), dtype=np.bool_), [], []
        for m, model in enumerate(table.models):
            mine = table.ran[:, m] & timed
            if not mine.any() or mine[timed].all():
                continue
            early, late = timed & (at < at[mine].min()), timed & (at > at[mine].max())
            gaps = [(gap, words) for gap, words in ((early, "appears late"), (late, "ends early")) if _unlikely(gap, mine, timed)]
            if gaps:
                models.append(model)
                outside |= np.logical_or.reduce([gap for gap, _ in gaps])
                absent = sum(int(gap.sum()) for gap, _ in gaps)
                said.append(
                    f"{table.cards[m].short} {' and '.join(words for _, words in gaps)} ({absent / int(timed.sum()):.0%} without it)"
                )
        if models:
            yield Finding(
                id=f"{self.id}.models",
                severity="warning",
                title="Models that were there for a part of the time only",
                rows=np.flatnonzero(outside),
                models=tuple(models),
                meaning=(
                    f"{listed(said, _NAMED)}. If queries or servers changed meanwhile, such a model was not measured on what the others "
                    "were; compare them on the time that they share."
                ),
                choices=_choices(outside, "keep only the time in which all of them were there"),
            )


def seconds(text: str | None) -> float:
    """Return a time stamp in seconds since 1970: ISO 8601 (without a zone: UTC), or a number of s, ms, us or ns; NaN for other texts."""
    text = (text or "").strip()
    try:
        value = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return math.nan
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(value) or value < 0:
        return math.nan
    while value >= 1e11:  # the year 5138 in seconds, 1973 in milliseconds
        value /= 1000
    return value


def _unlikely(gap: NDArray[np.bool_], mine: NDArray[np.bool_], timed: NDArray[np.bool_]) -> bool:
    """Whether no call of a model falls into a gap that holds so much of the time that chance would have put one there."""
    share = float(gap.sum()) / float(timed.sum())
    return share > 0 and int(mine.sum()) * math.log1p(-share) < math.log(_BY_CHANCE)


def _choices(rows: NDArray[np.bool_], words: str) -> dict[Choice, str]:
    """Return keep, and exclude where something would be left."""
    choices: dict[Choice, str] = {"keep": "use the whole time"}
    if rows.any() and not rows.all():
        choices["exclude"] = f"{words} ({counted(int((~rows).sum()), 'query', 'queries')})"
    return choices
