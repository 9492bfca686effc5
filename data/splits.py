"""Fit, calibrate, test: seeded, stratified by task, repeats of a prompt never on two sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.outcomes import Parts, Role
from data.problems import refuse

if TYPE_CHECKING:
    from data.outcomes import OutcomeTable

SHARES = (0.4, 0.2, 0.4)
CROSS_FIT_BELOW = 1000
_WORDS: dict[str, Role] = {
    "fit": "fit", "train": "fit", "training": "fit",
    "calibrate": "calibrate", "calibration": "calibrate", "dev": "calibrate",
    "val": "calibrate", "valid": "calibrate", "validation": "calibrate",
    "test": "test", "eval": "test",
}  # fmt: skip


def split(table: OutcomeTable, *, seed: int = 0) -> Parts:
    """Return the three parts of a table of n queries; a split column in the file wins over the draw.

    Raises ProblemError if a part would be empty.
    """
    part = assigned(table, seed=seed)
    return _parts(table, part == 0, part == 1, part == 2)


def assigned(table: OutcomeTable, *, seed: int = 0) -> NDArray[np.int64]:
    """Return (n,) the part of each query: 0 fit, 1 calibrate, 2 test."""
    own = _own(table, seed)
    return own if own is not None else np.searchsorted(np.cumsum(SHARES[:2]), _positions(table, seed), side="right")


def has_own(table: OutcomeTable) -> bool:
    """Whether the file's own split column says for every query where it belongs; calibrate may be missing from it."""
    return _own(table, 0) is not None


def fold_of(table: OutcomeTable, *, seed: int = 0, count: int = 5) -> NDArray[np.int64]:
    """Return (n,) the fold in which each query is tested."""
    return np.minimum((_positions(table, seed) * count).astype(np.int64), count - 1)


def folds(table: OutcomeTable, *, seed: int = 0, count: int = 5) -> tuple[Parts, ...]:
    """Return `count` splits: fold j is test, fold j + 1 calibrate, the others fit; every query is tested once."""
    fold = fold_of(table, seed=seed, count=count)
    return tuple(_parts(table, (fold != j) & (fold != (j + 1) % count), fold == (j + 1) % count, fold == j) for j in range(count))


def shuffled(keys: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return (n,) well-mixed 64-bit numbers from keys and a seed (splitmix64's finaliser)."""
    with np.errstate(over="ignore"):
        z = keys + np.uint64(seed & 0xFFFFFFFFFFFFFFFF) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def _positions(table: OutcomeTable, seed: int) -> NDArray[np.float64]:
    """Return (n,) each query's place in [0, 1) within the shuffled order of its task; repeats of a prompt share one."""
    groups, first, member = np.unique(table.queries.groups, return_index=True, return_inverse=True)
    tasks = np.zeros(len(groups), dtype=np.int64) if table.queries.tasks is None else table.queries.tasks[first].astype(np.int64)
    order = np.lexsort((shuffled(groups, seed), tasks))
    sizes = np.bincount(tasks)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ordered = tasks[order]
    # Half a step in, so that tasks smaller than 1 / share still spread over the parts instead of all starting at fit.
    offset = (shuffled(np.unique(tasks).astype(np.uint64), seed + 1) / 2.0**64) if len(sizes) > 1 else np.array([0.5])
    lookup = np.zeros(len(sizes))
    lookup[np.unique(tasks)] = offset
    place = np.empty(len(groups))
    place[order] = (np.arange(len(groups)) - starts[ordered] + lookup[ordered]) / sizes[ordered]
    return place[member]


def _own(table: OutcomeTable, seed: int) -> NDArray[np.int64] | None:
    """Return the parts that the file names; with train and test only, a third of train (by task) becomes calibrate."""
    if table.queries.splits is None:
        return None
    words = [(_WORDS.get((word or "").strip().lower())) for word in table.queries.splits.to_list()]
    if not all(words) or not {"fit", "test"} <= set(words):
        return None  # a partial split column says nothing about the rest; the reader notes that it was not used
    part = np.array([("fit", "calibrate", "test").index(word) for word in words if word], dtype=np.int64)
    if "calibrate" not in words:
        train = np.flatnonzero(part == 0)
        cut = _positions(table.take(train), seed) >= SHARES[0] / (SHARES[0] + SHARES[1])
        part[train[cut]] = 1
    return part


def _parts(table: OutcomeTable, fit: NDArray[np.bool_], calibrate: NDArray[np.bool_], test: NDArray[np.bool_]) -> Parts:
    for name, mask in (("fit", fit), ("calibrate", calibrate), ("test", test)):
        if not mask.any():
            raise refuse(
                f"{len(table):,} queries are too few to split: the {name} part is empty.", "Add queries: 20 are the least, 1,000 are good."
            )
    return Parts(fit=table.take(fit, "fit"), calibrate=table.take(calibrate, "calibrate"), test=table.take(test, "test"))
