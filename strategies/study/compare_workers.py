"""Workers of a comparison: each opens the set once and measures one strategy after the other, here or on a cluster (strategies.work)."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from data.outcomes import OutcomeTable
from data.problems import ProblemError
from strategies.registry import find, is_own
from strategies.study.compare_values import Row
from strategies.work.choose import address_set, pool_at
from strategies.work.pool import TRIES, Began, Ended, Reached, Stop, Task
from strategies.work.pool import Died as Gone

if TYPE_CHECKING:
    from strategies.study.prepare import Study

_USUAL = ("scipy.optimize", "sklearn.cluster", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neural_network")


@dataclass(frozen=True, slots=True)
class Started:
    """A worker begins with a strategy."""

    id: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A worker has measured a strategy, or told why it could not."""

    row: Row


@dataclass(frozen=True, slots=True)
class Died:
    """A worker ended by itself while it measured a strategy; said : how, in words."""

    id: str
    said: str


@dataclass(frozen=True, slots=True)
class Again:
    """A strategy is measured anew, for its worker or node is gone."""

    id: str


Told: TypeAlias = Started | Measured | Died | Again | Reached


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What every worker is told: the study's table, models and seed, and what its first goal keeps."""

    table: OutcomeTable
    models: tuple[str, ...]
    seed: int
    keep: float


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    study: Study
    keep: float


def measured(plan: Plan, ids: Sequence[str], *, workers: int, stop: Stop | None = None) -> Iterator[Told]:
    """Yield what happens until every strategy is measured, or until `stop` is set; all processes have then ended.

    workers : processes of this computer, 0 = as many as chosen, unless a cluster is set (`address_set`). A strategy that ends its
    worker is not tried again here, where only it can have done so; on a cluster it is, for a node may be gone. Raises ProblemError if a
    worker cannot even open the set, or the cluster does not answer.
    """
    pool = pool_at(workers=workers, tries=TRIES if address_set() else 1)
    under_way: set[int] = set()
    with closing(pool.events(Task(_measured, ids, plan, _opened), stop)) as events:
        for event in events:
            if isinstance(event, Began) and event.at not in under_way:
                under_way.add(event.at)
                yield Started(ids[event.at])
            elif isinstance(event, Ended):
                yield Measured(event.result)
            elif isinstance(event, Gone):
                yield Again(ids[event.at]) if event.again else Died(ids[event.at], event.said)
            elif isinstance(event, Reached):
                yield event


def _opened(plan: Plan) -> _Opened:
    """Open the set in a worker, and import what most strategies fit with, so that the first of them is not timed with it."""
    from strategies.study.prepare import prepare

    for name in _USUAL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return _Opened(prepare(plan.table, pool=plan.models, seed=plan.seed), plan.keep)


def _measured(opened: _Opened, identity: str) -> Row:
    """Measure one strategy: a piece of work. One that breaks is a row of its own, whatever it raises."""
    from strategies.study.compare_row import row

    try:
        return row(opened.study, find(identity), keep=opened.keep)
    except Exception as error:  # noqa: BLE001 - one broken strategy must not end the comparison
        return failed(identity, error)


def failed(identity: str, error: BaseException) -> Row:
    """Return the row of a strategy that broke: what it said, in one line."""
    said = str(error) if isinstance(error, ProblemError) else f"{type(error).__name__}: {error}"
    said = " ".join(said.split())
    try:
        kind = find(identity)
    except ProblemError:
        return Row(id=identity, title=identity, family="", status="failed", said=said)
    return Row(id=identity, title=kind.card.title, family=kind.card.family, status="failed", own=is_own(kind), said=said)
