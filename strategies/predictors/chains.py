"""Chains of models: the way along one, and which to chain with which thresholds: every short chain, every pair on a grid.

A chain's quality and cost at all its thresholds are cumulative sums of one histogram, so nothing is replayed.
Source: the optimisation of FrugalGPT (arXiv 2305.05176, section 3, LLM cascade), solved by exhaustion instead of by its heuristic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Decision, Doubles, Floats, View

GRID = 40  # quantiles of each model's scores that are tried as its threshold
NEVER = 1.01  # no score reaches it
_USEFUL = 0.01


def along(view: View, chain: Sequence[str], thresholds: Sequence[float], score: Callable[[int, int], Floats]) -> Decision:
    """Return the decision of a chain: keep the last answer where its score reaches the stage's threshold, else ask the next model.

    score : gives (n,) of a stage (0 for the first model) and that model's position; the last model's answer is always kept.
    """
    k, models = view.stage, view.arms(chain)
    if k == 0:
        return Decision(stop=False, call=models[0])
    if k == len(models):
        return Decision(stop=True, answer=models[-1])
    found = score(k - 1, models[k - 1])
    return Decision(found >= np.float32(thresholds[k - 1]), models[k - 1], models[k], found)


def thinned(names: Sequence[str], most: int) -> tuple[str, ...]:
    """Return at most so many of the names, evenly spread, the first and the last among them."""
    return tuple(names[i] for i in np.unique(np.linspace(0, len(names) - 1, most).round().astype(int)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is looked for; one of the two: the least cost with a mean quality of at least `quality`, or the best quality within `budget`."""

    quality: float | None = None
    budget: float | None = None

    def first(self, quality: Doubles, cost: Doubles) -> int:
        """Return the position of the best of (k,) points; out of reach, that of the highest quality or the least cost."""
        quality = np.round(quality, 12)  # sums of the same values in another order are the same quality
        if self.quality is not None:
            enough = quality >= self.quality - 1e-9
            return int(np.lexsort((-quality, np.where(enough, cost, np.inf)) if enough.any() else (cost, -quality))[0])
        inside = cost <= (self.budget or 0.0) * (1 + 1e-12)
        return int(np.lexsort((cost, np.where(inside, -quality, np.inf)) if inside.any() else (-quality, cost))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Positions of the models, the score from which each but the last is kept, and what it comes to: means over the searched queries."""

    models: tuple[int, ...]
    thresholds: tuple[float, ...]
    quality: float
    cost: float


def improvement(quality: Floats) -> Doubles:
    """Return (M, M) the share of queries on which the row's model is better than the column's, from (n, M) known qualities.

    FrugalGPT's maximum possible improvement: where it is nearly 0, asking the row's model after the column's cannot help.
    """
    return np.stack([(quality[:, [m]] > quality).mean(axis=0) for m in range(quality.shape[1])]).astype(np.float64)


def search(scores: Floats, quality: Floats, cost: Floats, wish: Wish, chain: Sequence[int] | None = None) -> Chain:
    """Return the best chain of two or three models and its thresholds, tried on (n, M) scores, qualities and costs, all known.

    Models are taken in the order of their mean cost; one that follows another has to be better on 1 % of the queries. chain : only
    the thresholds of this one are looked for. The thresholds of two stages are tried in all pairs, not only those whose quantiles rise.
    """
    grids = [_levels(scores[:, m]) for m in range(scores.shape[1])]
    bins = [np.searchsorted(grid, scores[:, m], side="right") for m, grid in enumerate(grids)]
    follows = _follows(quality, cost)
    if chain is None:
        starts = [((int(a), int(b)), [None, *(int(c) for c in np.flatnonzero(follows[b]))]) for a, b in np.argwhere(follows)]
    else:
        starts = [((chain[0], chain[1]), [chain[2] if len(chain) > 2 else None])]
    found = [
        _best(models, points, grids, wish) for pair, thirds in starts for models, points in _points(pair, thirds, bins, (quality, cost))
    ]
    return found[wish.first(np.array([c.quality for c in found]), np.array([c.cost for c in found]))]


def _levels(scores: Floats) -> Floats:
    """Return up to GRID distinct scores, ascending, the lowest first: keep from it and nothing goes on."""
    return np.unique(np.quantile(scores, np.linspace(0, 1, GRID), method="lower")).astype(np.float32)


def _follows(quality: Floats, cost: Floats) -> NDArray[np.bool_]:
    """Return (M, M) whether the column's model may be asked after the row's; if none may, cost alone decides."""
    place = np.empty(cost.shape[1])
    place[np.lexsort((np.arange(cost.shape[1]), cost.mean(axis=0, dtype=np.float64)))] = np.arange(cost.shape[1])
    dearer = place[None, :] > place[:, None]
    useful = dearer & (improvement(quality).T >= _USEFUL)
    return useful if useful.any() else dearer


def _points(
    pair: tuple[int, int], thirds: Sequence[int | None], bins: list[NDArray[np.intp]], outcomes: tuple[Floats, Floats]
) -> Iterator[tuple[tuple[int, ...], tuple[Doubles, Doubles]]]:
    """Yield (chain, (quality, cost)) of the chains that begin with a pair: (K1, 1) means, or (K1, K2) for three models.

    The k-th setting of a stage keeps what lies in a bin above k; the last keeps nothing.
    """
    (first, second), (quality, cost) = pair, outcomes
    n, k1, k2 = len(quality), int(bins[first].max()) + 1, int(bins[second].max()) + 1
    joint = bins[first] * k2 + bins[second]

    def onward(values: Floats) -> Doubles:  # [k1, k2] sums over what neither stage keeps; the last column: over what the first does not
        sums = np.bincount(joint, values.astype(np.float64), minlength=k1 * k2).reshape(k1, k2)
        return np.asarray(sums.cumsum(axis=0).cumsum(axis=1))

    q1, q2, c2 = onward(quality[:, first]), onward(quality[:, second]), onward(cost[:, second])
    kept = (q1[-1, -1] - q1[:, -1:]) / n
    paid = (cost[:, first].sum(dtype=np.float64) + c2[:, -1:]) / n
    for third in thirds:
        if third is None:
            yield (first, second), (kept + q2[:, -1:] / n, paid)
        else:
            q3, c3 = onward(quality[:, third]), onward(cost[:, third])
            yield (first, second, third), (kept + (q2[:, -1:] - q2 + q3) / n, paid + c3 / n)


def _best(models: tuple[int, ...], points: tuple[Doubles, Doubles], grids: list[Floats], wish: Wish) -> Chain:
    quality, cost = points
    at = wish.first(quality.ravel(), cost.ravel())
    steps = np.unravel_index(at, quality.shape)[: len(models) - 1]
    # Setting k keeps what lies in a bin above k: what reaches the level after it, or nothing where there is none.
    thresholds = tuple(float(grids[m][k]) if k < len(grids[m]) else NEVER for m, k in zip(models, steps, strict=False))
    return Chain(models=models, thresholds=thresholds, quality=float(quality.flat[at]), cost=float(cost.flat[at]))
