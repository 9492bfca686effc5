"""Resamples of the queries: drawn once, kept, and shared by everything that is compared, so that differences are paired.

A resample says how often each query counts. With `strata` (a task for each query, say) each stratum keeps its size in every
resample, so that an interval tells of the given mix of tasks and not of its chance. Strata of fewer than 20 queries are drawn together:
a stratum of n resamples with a variance too small by 1/n, and one of a single query with none at all.
Sources: Efron, Annals of Statistics 7 (1979); strata as in Davison and Hinkley, Bootstrap Methods (1997), section 3.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.uint8]
Codes: TypeAlias = NDArray[np.int64]
_Draw: TypeAlias = Callable[[int], NDArray[np.integer]]  # rows -> (rows, n) places among the queries
MANY = 50_000
RESAMPLES = 1_000
LEAST = 20  # queries of a stratum of its own
BLOCK = 50
_CELLS = 65_536  # counters that stay in the processor's cache while they are counted up: more take twice as long
_FLOOR = 0.5
_WORDS = 32  # bits of a draw: of n queries some are likelier than others by n / 2^32 at most


@dataclass(frozen=True, slots=True)
class _Strata:
    """Codes of n queries as a key of the cache: equal digests are equal strata."""

    digest: bytes
    codes: Codes = field(compare=False)


def weights(n: int, *, resamples: int = RESAMPLES, seed: int = 0, strata: ArrayLike | None = None) -> Weights | None:
    """Return (resamples, n) uint8 bootstrap counts: how often each query is in each resample; each row sums to n.

    strata : (n,) whole numbers, equal = same stratum; within each the counts of a row sum to its size. Those of fewer than 20 queries
    count as one. None for more than 50,000 queries, where the normal approximation serves: 1,000 rows of uint8 would pass 50 MB.
    Read-only and kept for the last four calls, at most 200 MB. The same arguments give the same counts. Bincounts of random places in
    blocks that fit the cache: a ninth of the time of `rng.multinomial`. Raises ProblemError if n or resamples is below 1, or strata do
    not fit.
    """
    if n < 1 or resamples < 1:
        raise refuse(f"{resamples} resamples of {n} queries cannot be drawn.", "Give at least one of each.")
    key = None if strata is None else _key(strata, n)
    return None if n > MANY else _drawn(n, resamples, seed, key)


def noise(values: NDArray[np.floating], *, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0) -> Doubles:
    """Return (B, K) resampled means of (n, K) values less their means: what chance does to each, the same queries for all.

    w : (B, n) counts to use instead of `weights(n, seed=seed, strata=strata)`. Above 50,000 queries 1,000 draws of the normal law with
    the columns' covariance. Columns with an unknown value are NaN, all are for n < 2. Errors as for `weights`.
    """
    if values.ndim != 2:
        raise refuse(f"values of shape {values.shape} are no table.", "Give one row a query and one column a setting.")
    n, mean = len(values), known_means(values)
    if n < 2:
        return np.full((1, len(mean)), np.nan)
    counts = weights(n, seed=seed, strata=strata) if w is None else checked(w, n)
    return _normal_draws(values, mean, strata, seed) if counts is None else resampled(values, mean, counts)


def spread_ratios(values: NDArray[np.floating], *, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0) -> Doubles:
    """Return (B, K) standard deviations of each resample over those of (n, K) known values: what studentised errors are divided by.

    A bound that forgets that small errors come with small means (as of shares near 0 or 1) holds too seldom on one side. At least 0.5:
    a resample without any of a few rare outcomes would have none. (1, K) ones above 50,000 queries, where it no longer matters.
    Source: Hall, The Bootstrap and Edgeworth Expansion (1992), section 3.10.
    """
    n, mean = len(values), known_means(values)
    counts = weights(n, seed=seed, strata=strata) if w is None else checked(w, n)
    if counts is None:
        return np.ones((1, len(mean)))
    centred = np.subtract(values, mean, dtype=np.float64)
    squares = centred * centred
    variance = squares.mean(axis=0)
    scaled = np.divide(squares, variance, out=np.ones_like(squares), where=variance > 0)
    moved = np.divide(centred, np.sqrt(variance), out=np.zeros_like(centred), where=variance > 0)
    first, second = (resampled(x, x.mean(axis=0), counts) + x.mean(axis=0) for x in (moved, scaled))
    return np.asarray(np.sqrt(np.maximum(second - first * first, _FLOOR * _FLOOR)))


def known_means(values: NDArray[np.floating]) -> Doubles:
    """Return (K,) means; an infinite value makes its column as unknown as a missing one."""
    if not len(values):
        return np.full(values.shape[1], np.nan)
    with np.errstate(invalid="ignore"):
        mean = values.mean(axis=0, dtype=np.float64)
    return np.where(np.isfinite(mean), mean, np.nan)


def resampled(values: NDArray[np.floating], mean: Doubles, counts: Weights) -> Doubles:
    """Return (B, K) resampled means less the (K,) means; unknown columns stay NaN without meeting the product.

    float32 products in blocks of 50 resamples, on columns with their mean taken off.
    """
    known = ~np.isnan(mean)
    every = bool(known.all())
    centred = np.subtract(values if every else values[:, known], mean[known], dtype=np.float32)
    out = np.full((len(counts), len(mean)), np.nan)
    for rows in _blocks(len(counts), BLOCK):
        product = (counts[rows].astype(np.float32) @ centred) / np.float32(len(values))
        out[rows] = product if every else out[rows]
        if not every:
            out[rows, known] = product
    return out


def checked(w: Weights, n: int) -> Weights:
    """Return given counts if they are (B, n); raise ProblemError otherwise."""
    if w.ndim != 2 or w.shape[1] != n:
        raise refuse(f"weights of shape {w.shape} do not fit {n:,} values.", "Make them with weights(n).")
    return w


def grouped(strata: ArrayLike, n: int) -> Codes | None:
    """Return (n,) codes 0, 1 ... of the strata that are drawn apart: small ones joined; None if that leaves one.

    Strata of fewer than 20 queries become one, which joins the smallest of the others if it is still too small.
    """
    _, codes = np.unique(_key(strata, n).codes, return_inverse=True)
    return _joined(codes.astype(np.int64))


def variances(values: NDArray[np.floating], mean: Doubles, strata: ArrayLike | None = None) -> Doubles:
    """Return (K,) variances of (n, K) values with (K,) means, within strata where there are any: what a mean's error comes from."""
    found = _second_moment(values, mean, strata, lambda x: np.einsum("nk,nk->k", x, x))
    return np.asarray(np.maximum(found, 0.0))  # strata that explain everything leave rounding, which has no root


def _key(strata: ArrayLike, n: int) -> _Strata:
    codes = np.asarray(strata)
    if codes.shape != (n,) or codes.dtype.kind not in "iub":
        said = f"strata of shape {codes.shape} and type {codes.dtype} do not fit {n:,} queries."
        raise refuse(said, "Give one whole number a query, such as table.queries.tasks.")
    codes = np.ascontiguousarray(codes, dtype=np.int64)
    return _Strata(hashlib.blake2b(codes.data, digest_size=16).digest(), codes)


def _joined(codes: Codes) -> Codes | None:
    sizes = np.bincount(codes)
    small = sizes < LEAST
    if small.any():
        target = np.where(small, -1, np.arange(len(sizes)))
        rest = int(sizes[small].sum())
        into = int(np.argmin(np.where(small, len(codes) + 1, sizes))) if rest < LEAST and not small.all() else len(sizes)
        _, codes = np.unique(np.where(target < 0, into, target)[codes], return_inverse=True)
    return codes.astype(np.int64) if codes.max() > 0 else None


@lru_cache(maxsize=4)
def _drawn(n: int, resamples: int, seed: int, strata: _Strata | None) -> Weights:
    random = np.random.default_rng(seed)
    codes = None if strata is None else grouped(strata.codes, n)
    places = _anywhere(random, n) if codes is None else _within(random, codes)
    counts = np.empty((resamples, n), dtype=np.uint8)
    for rows in _blocks(resamples, min(BLOCK, max(1, _CELLS // n))):
        size = rows.stop - rows.start
        drawn = places(size) + np.arange(0, size * n, n)[:, None]
        counts[rows] = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
    counts.flags.writeable = False
    return counts


def _anywhere(random: np.random.Generator, n: int) -> _Draw:
    return lambda rows: random.integers(0, n, size=(rows, n), dtype=np.int32)


def _within(random: np.random.Generator, codes: Codes) -> _Draw:
    """Return what draws places so that each stratum's own number of them falls into it."""
    order, sizes = np.argsort(codes, kind="stable"), np.bincount(codes)
    size = np.repeat(sizes, sizes).astype(np.uint64)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes).astype(np.uint64)

    def draw(rows: int) -> NDArray[np.integer]:
        # A bound for each place makes `integers` slow: the high bits of a product are a draw below the bound.
        found = random.integers(0, 2**_WORDS, size=(rows, len(codes)), dtype=np.uint32) * size
        found >>= np.uint64(_WORDS)
        found += start
        return np.asarray(order[found.view(np.int64)])

    return draw


def _normal_draws(values: NDArray[np.floating], mean: Doubles, strata: ArrayLike | None, seed: int) -> Doubles:
    """Return (1,000, K) draws of the means' errors by the central limit theorem, correlated as the columns are."""
    known = ~np.isnan(mean)
    out = np.full((RESAMPLES, len(mean)), np.nan)
    covariance = _second_moment(values[:, known], mean[known], strata, lambda x: x.T @ x) / len(values)
    size, axes = np.linalg.eigh(covariance)
    standard = np.random.default_rng(seed).standard_normal((RESAMPLES, len(size)))
    out[:, known] = standard @ (axes * np.sqrt(np.maximum(size, 0.0))).T
    return out


def _second_moment(values: NDArray[np.floating], mean: Doubles, strata: ArrayLike | None, second: Callable[[Doubles], Doubles]) -> Doubles:
    """Return the mean square (or product) of values about their stratum's means, in blocks of rows: what is large is never copied."""
    codes = None if strata is None else grouped(strata, len(values))
    total, sums = 0.0 * second(np.zeros((1, len(mean)))), np.zeros((1 if codes is None else int(codes.max()) + 1, len(mean)))
    with np.errstate(invalid="ignore"):
        for rows in _blocks(len(values), _CELLS):
            x = np.subtract(values[rows], mean, dtype=np.float64)
            total = total + second(x)
            if codes is not None:
                sums += np.stack([np.bincount(codes[rows], column, len(sums)) for column in x.T], axis=1)
    sizes = np.array([len(values)]) if codes is None else np.bincount(codes)
    return np.asarray(total - second(sums / np.sqrt(sizes)[:, None])) / len(values)


def _blocks(size: int, block: int) -> Iterator[slice]:
    return (slice(start, min(start + block, size)) for start in range(0, size, block))
