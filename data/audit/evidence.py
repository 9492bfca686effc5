"""How strong a pattern in the numbers is, in standard errors; and counts in words."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
SIGMAS = 4.0  # chance alone goes so far once in 16,000 looks, so that a clean table stays silent
LEAST = 10


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def ranks(values: NDArray[Any]) -> Floats:
    """Return (n,) the ranks from 0 of n numbers; equal ones share the mean of theirs."""
    _, member, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count + 1) / 2)[member], dtype=np.float64)


def centred(values: NDArray[Any], groups: NDArray[Any]) -> Floats:
    """Return (n,) numbers less the mean of their group, codes from 0."""
    values = values.astype(np.float64)
    size = np.maximum(1, np.bincount(groups))
    return np.asarray(values - (np.bincount(groups, weights=values) / size)[groups], dtype=np.float64)


def association(a: NDArray[Any], b: NDArray[Any], groups: NDArray[Any] | None = None) -> float:
    """Return the rank correlation of two series within groups, in its standard errors under independence.

    Spearman's r times the root of its degrees of freedom; ranks are taken within each group, so that a difference between
    groups (tasks of another difficulty) is none. 0 where a series is constant or fewer than 10 values are there.
    """
    groups = np.zeros(len(a), dtype=np.int64) if groups is None else np.unique(groups, return_inverse=True)[1]
    free = len(a) - int(groups.max(initial=0)) - 1
    if free < LEAST:
        return 0.0
    x, y = (centred(ranks(_by_group(each, groups)), groups) for each in (a, b))
    spread = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / spread * math.sqrt(free) if spread > 1e-9 else 0.0


def _by_group(values: NDArray[Any], groups: NDArray[Any]) -> NDArray[np.int64]:
    """Return (n,) numbers in the order of group, then value: their ranks are those within the group and an offset."""
    codes = np.unique(values, return_inverse=True)[1]
    return np.asarray(groups.astype(np.int64) * (codes.max(initial=0) + 1) + codes, dtype=np.int64)


def uneven(marks: NDArray[np.bool_], groups: NDArray[Any]) -> float:
    """Return how far the shares of marked rows differ between groups, in standard deviations of a normal variable.

    Pearson's chi-square by the cube root of Wilson and Hilferty (1931). Groups in which fewer than 5 marked or unmarked rows are
    expected count as one.
    """
    sizes = np.bincount(groups)
    share = float(marks.mean()) if len(marks) else 0.0
    hits = np.bincount(groups, weights=marks)
    enough = sizes * min(share, 1 - share) >= 5
    sizes = np.append(sizes[enough], sizes[~enough].sum())
    hits = np.append(hits[enough], hits[~enough].sum())
    kept = sizes * min(share, 1 - share) >= 5
    sizes, hits = sizes[kept], hits[kept]
    free = len(sizes) - 1
    if free < 1:
        return 0.0
    square = float((((hits - sizes * share) ** 2) / (sizes * share * (1 - share))).sum())
    cube = 2 / (9 * free)
    return float(((square / free) ** (1 / 3) - (1 - cube)) / math.sqrt(cube))
