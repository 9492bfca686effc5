"""Two thresholds at once, exactly: a cascade of three stages at every pair of settings of a grid, without replaying any of them.

Two cutting knobs leave a query three outcomes: it stops at the first, at the second, or goes on past both. Three replays with those
stages forced give all three, and both scores; which settings a query reaches is counted once (`binned`, which is kept). A figure of the
whole grid is then one histogram over pairs of bins and its cumulative sums along both axes:

    sum[i, j] = stop1 + C[i](stop2 - stop1) + C[i, j](go - stop2),  C over the queries whose bins are at most i and j.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from strategies.engines.run import Run
from strategies.engines.source import Source
from strategies.frontiers.bins import Bins, Settings, binned
from strategies.protocol import Doubles, Floats, Strategy

_FIELDS = ("quality", "cost_usd", "latency_s")


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """A policy's means over n queries at K1 x K2 pairs of settings, the other knobs held; NaN = some query's value is not known.

    knobs : their names, the earlier stage first. settings : (K1,) and (K2,) ascending. quality, cost_usd, latency_s : (K1, K2).
    """

    bins: Bins
    quality: Doubles
    cost_usd: Doubles
    latency_s: Doubles

    @property
    def knobs(self) -> tuple[str, str]:
        """Names of the two knobs."""
        return self.bins.knobs

    @property
    def settings(self) -> Settings:
        """(K1,) and (K2,) settings, ascending."""
        return self.bins.settings

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the M models."""
        return self.bins.go.models

    @property
    def n(self) -> int:
        """How many queries."""
        return self.bins.go.n

    @cached_property
    def answered(self) -> Floats:
        """(M, K1, K2) share of queries that each model answers."""
        return self._shares("answer")

    @cached_property
    def called(self) -> Floats:
        """(M, K1, K2) share of queries that call each model."""
        return self._shares("called")

    def _shares(self, kind: str) -> Floats:
        bins, sides = self.bins, (self.bins.stop1, self.bins.stop2, self.bins.go)
        sums = _summed(bins, [[_whether(run, kind, m) for run in sides] for m in range(len(self.models))])
        return (np.stack(sums) / max(self.n, 1)).astype(np.float32)


def grid(
    policy: Strategy,
    data: OutcomeTable | Source,
    knobs: tuple[str, str] | None = None,
    settings: Settings | None = None,
    *,
    keep: bool = True,
) -> Grid:
    """Return the figures at all pairs of settings of two cutting knobs; arguments and errors are those of `binned`."""
    bins = binned(policy, data, knobs, settings, keep=keep)
    sides = [[getattr(run, name) for run in (bins.stop1, bins.stop2, bins.go)] for name in _FIELDS]
    quality, cost, latency = (_known(bins, each, sums) / max(bins.go.n, 1) for each, sums in zip(sides, _summed(bins, sides), strict=True))
    return Grid(bins=bins, quality=quality, cost_usd=cost, latency_s=latency)


def _known(bins: Bins, sides: Sequence[Floats], sums: Doubles) -> Doubles:
    """Return (K1, K2) sums of a field, NaN only where a query's own outcome is not known."""
    if not np.isnan(sums[-1, -1]):  # a hole in anything that counts anywhere spoils the corner where most go on
        return sums
    holes = [np.isnan(values) for values in sides]
    plain = [np.where(hole, np.float32(0), values) for hole, values in zip(holes, sides, strict=True)]
    unknown, known = _summed(bins, [holes, plain])
    return np.where(unknown > 0, np.nan, known)


def _summed(bins: Bins, sides: Sequence[Sequence[Any]]) -> list[Doubles]:
    """Return (K1, K2) sums of what each query has where it ends; sides : for each sum its values in stop1, stop2 and go.

    A value is (n,), or one for all queries.
    """
    pairs = [pair for each in sides for pair in pairwise(each)]
    uneven = [i for i, pair in enumerate(pairs) if any(np.ndim(values) for values in pair)]
    spread = bins.below([_columns(pairs[i], len(bins.cell)) for i in uneven]) if uneven else ()
    below = dict(zip(uneven, spread, strict=True))
    sums = []
    for k, (start, *_) in enumerate(sides):
        first, both = (below[i] if i in below else bins.counts * (float(pairs[i][1]) - float(pairs[i][0])) for i in (2 * k, 2 * k + 1))
        total = np.sum(start, dtype=np.float64) if np.ndim(start) else float(start) * len(bins.cell)
        sums.append(total + first[:-1, -1:] + both[:-1, :-1])
    return sums


def _columns(pair: tuple[Any, Any], n: int) -> tuple[Any, Any]:
    """Return both values as (n,) columns."""
    return np.broadcast_to(pair[0], n), np.broadcast_to(pair[1], n)


def _whether(run: Run, kind: str, model: int) -> Any:
    """Return whether each query is answered by a model, or calls it: (n,) booleans, or one for all."""
    if run.uniform is not None:
        return run.uniform[0] == model if kind == "answer" else model in run.uniform[1]
    return run.answer == model if kind == "answer" else run.called[:, model]
