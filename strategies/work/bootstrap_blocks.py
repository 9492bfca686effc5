"""The bootstrap's resamples in blocks, by whatever runs heavy work: to the bit those of `bands`, and real ones where that has a formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import Stopped, refuse
from strategies.protocol import Doubles
from strategies.uncertainty.interval import Bands, tails
from strategies.uncertainty.resample import BLOCK, RESAMPLES, Codes, Weights, grouped, known_means, resampled, weights
from strategies.work.here import Here
from strategies.work.pool import Pool, Progress, Stop

_PIECE = 2 * BLOCK  # resamples of a piece: whole blocks, whose products come out as those of all resamples at once
_CELLS = 4_000_000  # of counts at a time, where there are too many queries to keep them


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """B resampled means of K columns over n queries. mean : (K,). noise : (B, K) resampled means less the mean."""

    mean: Doubles
    noise: Doubles
    n: int

    @property
    def means(self) -> Doubles:
        """(B, K) resampled means."""
        return self.noise + self.mean

    def bands(self, level: float = 0.95) -> Bands:
        """Return the means with pointwise percentile intervals; ProblemError unless 0 < level < 1."""
        low, high = np.quantile(self.noise, tails(level), axis=0) + self.mean
        return Bands(self.mean, low, high, self.n, "bootstrap")


@dataclass(frozen=True, slots=True)
class _Sample:
    """What every piece reads. counts : (B, n), or None: each block draws its own from its own seed. codes : (n,) of strata, or None."""

    values: NDArray[np.floating]
    mean: Doubles
    counts: Weights | None
    codes: Codes | None
    seed: int


def bootstrap_blocks(
    values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, strata: ArrayLike | None = None, pool: Pool | None = None,
    progress: Progress | None = None, stop: Stop | None = None,
) -> Resampled:  # fmt: skip
    """Return resampled means of (n, K) values, one row a query, one column a setting or a strategy; the queries are the same for all.

    Up to 50,000 queries they are, to the bit, what `bands` takes its quantiles of with one BLAS thread; above, where `bands` uses the
    normal law, they are drawn all the same, each block from its own seed. NaN columns stay NaN. strata : (n,) whole numbers, as for
    `weights`. pool : None = this process; all give the same to the bit. progress : in blocks of 100 resamples. stop : the resamples
    until then are returned, as good as fewer. Raises ProblemError for shapes that do not fit, Stopped if no block was done.
    Source: Efron, Annals of Statistics 7 (1979).
    """
    x = np.asarray(values)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise refuse(f"values of shape {x.shape} cannot be resampled.", "Give one row a query, at least two, and one column a setting.")
    counts = weights(len(x), resamples=resamples, seed=seed, strata=strata)
    codes = None if counts is not None or strata is None else grouped(strata, len(x))
    sample = _Sample(x, known_means(x), counts, codes, seed)
    rows = [(start, min(start + _PIECE, resamples)) for start in range(0, resamples, _PIECE)]
    done = (pool or Here()).run(_block, rows, shared=sample, progress=progress, stop=stop)
    if not done.results:
        raise Stopped("the bootstrap was stopped before its first block was done.")
    return Resampled(sample.mean, np.concatenate(done.results), len(x))


def _block(sample: _Sample, rows: tuple[int, int]) -> Doubles:
    """Return the noise of some resamples: a piece of work."""
    first, end = rows
    if sample.counts is not None:
        return resampled(sample.values, sample.mean, sample.counts[first:end])
    random = np.random.default_rng([sample.seed, first])
    n, size, parts = len(sample.values), max(1, _CELLS // len(sample.values)), []
    centred = np.subtract(sample.values, sample.mean, dtype=np.float64)  # of an unknown column NaN, and so is every sum
    for start in range(first, end, size):
        counts = np.stack([_drawn(random, n, sample.codes) for _ in range(start, min(start + size, end))])
        parts.append(counts.astype(np.float64) @ centred / n)
    return np.concatenate(parts)


def _drawn(random: np.random.Generator, n: int, codes: Codes | None) -> NDArray[np.int64]:
    """Return (n,) how often each query is drawn; each stratum keeps its size."""
    if codes is None:
        return np.bincount(random.integers(0, n, size=n), minlength=n)
    order, sizes = np.argsort(codes, kind="stable"), np.bincount(codes)
    ends = np.cumsum(sizes)
    places = np.concatenate([order[random.integers(end - size, end, size=size)] for size, end in zip(sizes, ends, strict=True)])
    return np.bincount(places, minlength=n)
