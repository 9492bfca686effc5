"""Who covers whose mistakes: how often each model is better than each other one, and what asking a strong one after a cheap one can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from strategies.metrics.choice import kinds
from strategies.metrics.facts import pool_of
from strategies.metrics.reference import complementarity
from strategies.protocol import Doubles, Floats
from strategies.study.decisions import RIGHT
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import FEW, bands, interval
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Interval

Kind: TypeAlias = Literal["both", "hurt", "helpable", "hopeless"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cover:
    """Over n tested queries, models cheap to dear: (M, M) shares on which the row's model is better than the column's, with intervals.

    The diagonal is 0. best : position of the best single model by the fit parts.
    """

    models: tuple[str, ...]
    best: int
    n: int
    share: Doubles
    low: Doubles
    high: Doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What asking a strong model after a cheap one can do on n tested queries, as shares that sum to 1, with intervals.

    both : both are right (easy, and asked on without harm). hurt : only the cheap one is. helpable : only the strong one is. hopeless :
    neither is. Graded answers count as right from 0.5 on.
    """

    cheap: str
    strong: str
    n: int
    parts: tuple[tuple[Kind, Interval], ...]

    def count(self, kind: Kind) -> int:
        """Return how many queries are of a kind."""
        return round(self.part(kind).mean * self.n)

    def part(self, kind: Kind) -> Interval:
        """Return the share of a kind with its interval."""
        return dict(self.parts)[kind]


def cover(study: Study) -> Cover:
    """Return who covers whose mistakes on the tested queries. Shares as in the metric "complementarity"."""
    tested = study.tested
    quality = pool_of(tested).quality
    share, count = complementarity(quality), len(tested.models)
    ends = [_ends((quality[:, row : row + 1] > quality).astype(np.float32)) for row in range(count)]
    low, high = (np.stack([each[side] for each in ends]) for side in (0, 1))
    for each in (low, high):
        np.fill_diagonal(each, 0.0)
    return Cover(models=tested.models, best=tested.index(study.best), n=len(tested), share=share, low=low, high=high)


def _ends(better: Floats) -> tuple[Doubles, Doubles]:
    """Return (M,) ends of the intervals of (n, M) 0/1 columns' means."""
    if len(better) < FEW:
        found = [interval(column) for column in better.T]
        return np.array([each.low for each in found]), np.array([each.high for each in found])
    wide = bands(better)
    low, high = wide.low.copy(), wide.high.copy()
    for at in np.flatnonzero((wide.mean == 0) | (wide.mean == 1)):
        low[at], high[at] = (ends := share_of(better[:, at])).low, ends.high
    return low, high


def share_of(values: Floats | Doubles) -> Interval:
    """Return the mean of (n,) values with its interval, which is exact where all are 0 or all are 1: no resample would differ."""
    if len(values) and (values[0] in (0.0, 1.0)) and bool((values == values[0]).all()):
        return exact(len(values) if values[0] else 0, len(values))
    return interval(values)


def split(study: Study, cheap: str, strong: str) -> Split:
    """Return the helpable, easy, hopeless and hurt queries of a pair. Shares as in the metrics of these names."""
    pool = pool_of(study.tested)
    easy, helpable, hopeless = kinds(pool, RIGHT, cheap, strong)
    lost = easy * (pool.quality[:, pool.position(strong)] < RIGHT)
    parts: dict[Kind, Doubles] = {"both": easy - lost, "hurt": lost, "helpable": helpable, "hopeless": hopeless}
    return Split(cheap=cheap, strong=strong, n=len(pool), parts=tuple((kind, share_of(values)) for kind, values in parts.items()))
