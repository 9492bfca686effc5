"""The best of many compared strategies: its figure corrected for having been chosen, and who cannot be told apart from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from strategies.protocol import Doubles
from strategies.uncertainty.flips import sign_flip
from strategies.uncertainty.interval import Method
from strategies.uncertainty.several import at_least, may_be_best
from strategies.uncertainty.winner import unflattered, winner

if TYPE_CHECKING:
    from strategies.study.compare_values import Row

LEVEL = 0.95
Figure: TypeAlias = Literal["aiq", "equal_cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The highest of several figures on the same queries.

    figure : "aiq", or, where there are no areas, "equal_cost": quality for at most the cost of the best single model. id : whose it is.
    shown, corrected : as it comes out, and without what choosing it flatters. bound : the truth is at least this with probability
    `level`, whichever had been chosen; method : how. ranked : ids of all candidates. tied : of those, the others that may be the truly
    best: with probability `level` it is one of them or this one.
    """

    figure: Figure
    id: str
    shown: float
    corrected: float
    bound: float
    level: float
    method: Method
    ranked: tuple[str, ...]
    tied: tuple[str, ...]


def best_of(rows: Sequence[Row], *, level: float = LEVEL) -> Best | None:
    """Return the best of the compared rows by AIQ, else by quality at equal cost; None where fewer than two can be ranked."""
    drawn = [row for row in rows if row.most and not math.isnan(row.aiq)]
    if len(drawn) >= 2:
        return _by_area(drawn, level)
    kept = [row for row in rows if math.isnan(row.aiq) and row.kept and row.equal_cost is not None and row.equal_cost.met]
    return _by_quality(kept, level) if len(kept) >= 2 else None


def _by_area(rows: Sequence[Row], level: float) -> Best:
    shown = np.array([row.aiq for row in rows])
    most, least = (np.array([getattr(row, name) for row in rows]).T for name in ("most", "least"))
    _, bounds = at_least(shown, most, level=level)
    first, ids = int(np.argmax(shown)), tuple(row.id for row in rows)
    among = may_be_best(shown, most, least, level=level)
    return Best(
        figure="aiq", id=ids[first], shown=float(shown[first]), corrected=unflattered(shown, most), bound=float(bounds[first]), level=level,
        method="intersection", ranked=ids, tied=tuple(each for each, may in zip(ids, among, strict=True) if may and each != ids[first]),
    )  # fmt: skip


def _by_quality(rows: Sequence[Row], level: float) -> Best:
    """Return the best in quality at equal cost: few queries are counted, not drawn.

    One is surely worse than the first where the permutation test says so at a level that pays for all others.
    """
    ids = tuple(row.id for row in rows)
    values: Doubles = np.stack([row.kept["equal_cost"][0] for row in rows], axis=1).astype(np.float64)
    found = winner(values, level=level)
    behind = [sign_flip(values[:, found.index] - each).p / 2 for each in values.T]  # one-sided: none is ahead of the first
    limit = (1 - level) / (len(rows) - 1)
    tied = tuple(each for at, each in enumerate(ids) if at != found.index and not behind[at] <= limit)
    return Best(
        figure="equal_cost", id=ids[found.index], shown=found.shown, corrected=found.corrected, bound=found.bound, level=level,
        method=found.method, ranked=ids, tied=tied,
    )  # fmt: skip
