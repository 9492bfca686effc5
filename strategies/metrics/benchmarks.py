"""The figures that RouterEval and LLMRouterBench print, beside quality itself (their mu and AvgAcc)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from data.problems import refuse
from strategies.metrics.base import BEST, Metric, Option
from strategies.metrics.facts import NAN, Curve, Done, Pool, mean
from strategies.metrics.reference import noisy_oracle
from strategies.protocol import Bools


def undominated(cost: ArrayLike, quality: ArrayLike) -> Bools:
    """Return (k,) which points no other beats in one of both and equals in the other; unknown points are dominated.

    cost, quality : (k,). Of equal points all stand.
    """
    c, q = np.asarray(cost, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    order = np.lexsort((-q, c))
    order = order[np.isfinite(c[order]) & np.isfinite(q[order])]
    front = np.zeros(len(c), dtype=np.bool_)
    best = np.maximum.accumulate(q[order])
    first = np.append(True, c[order][1:] != c[order][:-1])[: len(order)]  # of one cost the best comes first
    before = np.append(-np.inf, best)[: len(order)]  # the best of all points that come earlier
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    front[order] = (q[order] > before[start]) & (q[order] == q[order][start])
    return front


def pareto_distance(cost: ArrayLike, quality: ArrayLike, front_cost: ArrayLike, front_quality: ArrayLike) -> float:
    """Return the mean distance of (k,) points to the joint front of all compared points, both axes scaled to 0..1 over all of them.

    front_cost, front_quality : (j,) points of everything else that is compared; the points themselves compete too. The nearest point of
    the front counts, Euclidean. 0 = nothing is better anywhere. Unknown points are left out; NaN if none is known. ProblemError if
    lengths differ. Source: LLMRouterBench, arXiv 2601.07206 (ParetoDist: "average distance to the Pareto frontier").
    """
    own = np.column_stack([np.asarray(cost, dtype=np.float64), np.asarray(quality, dtype=np.float64)])
    others_cost, others_quality = np.asarray(front_cost, dtype=np.float64), np.asarray(front_quality, dtype=np.float64)
    if others_cost.shape != others_quality.shape:
        raise refuse(f"{others_cost.shape} costs and {others_quality.shape} qualities do not pair up.", "Give one of each a point.")
    own = own[np.isfinite(own).all(axis=1)]
    every = np.concatenate([own, np.column_stack([others_cost.ravel(), others_quality.ravel()])])
    every = every[np.isfinite(every).all(axis=1)]
    if len(own) == 0:
        return NAN
    low, span = every.min(axis=0), np.ptp(every, axis=0)
    span[span == 0] = 1.0  # an axis on which all are equal tells nobody apart
    front = (every[undominated(*every.T)] - low) / span
    front = np.unique(front, axis=0)
    apart = ((own - low) / span)[:, None, :] - front[None, :, :]
    return float(np.sqrt((apart**2).sum(axis=2)).min(axis=1).mean())


def _at(pool: Pool, best: str) -> int:
    return pool.position(best) if best else pool.best


def _relative(done: Done, *, best: str) -> float:
    reference = float(done.pool.mean_quality[_at(done.pool, best)])
    return mean(done.quality) / reference if reference > 0 else NAN


def _perf_gain(curve: Curve, *, best: str) -> float:
    reference = float(curve.pool.mean_quality[_at(curve.pool, best)])
    known = curve.quality[~np.isnan(curve.quality)]
    return float(known.max()) / reference - 1 if len(known) and reference > 0 else NAN


def _pareto(curve: Curve, *, front_cost: Any, front_quality: Any) -> float:
    if front_cost is None or front_quality is None:
        front_cost, front_quality = curve.pool.mean_cost, curve.pool.mean_quality
    return pareto_distance(curve.cost, curve.quality, front_cost, front_quality)


_EVAL, _BENCH = "RouterEval, arXiv 2503.10657", "LLMRouterBench, arXiv 2601.07206"

METRICS = (
    Metric(
        id="v_b", title="Quality over the best single model", group="Benchmarks", of="run", better="higher", low=0, unit="ratio",
        formula="V_B = mean q[i, π(i)] / max_m mean q[i, m]", source=f"{_EVAL} (V_B)", also=("V_B",), options=(BEST,), compute=_relative,
    ),
    Metric(
        id="gain_at_random", title="Gain over a random model", group="Benchmarks", of="run", better="higher", mean=True, low=-1, high=1,
        unit="quality", formula="mean_i (q[i, π(i)] - mean_m q[i, m])", source=f"{_BENCH} (Gain@Random)", also=("Gain@Random",),
        compute=lambda done: done.quality - noisy_oracle(done.pool, 0.0),
    ),
    Metric(
        id="gain_at_best_single", title="Gain over the best single model", group="Benchmarks", of="run", better="higher", mean=True,
        low=-1, high=1, unit="quality", formula="mean_i (q[i, π(i)] - q[i, best])", source=f"{_BENCH} (Gain@BestSingle)",
        also=("Gain@BestSingle",), options=(BEST,), caution="NaN where the best single model did not run on every query.",
        compute=lambda done, best: done.quality - done.pool.quality[:, _at(done.pool, best)].astype(np.float64),
    ),
    Metric(
        id="perf_gain", title="Largest gain over the best single model", group="Benchmarks", of="curve", better="higher", low=-1,
        unit="share of its quality", formula="max over settings of r / max_m mean q[i, m] - 1", source=f"{_BENCH} (PerfGain)",
        also=("PerfGain",), options=(BEST,), caution="The best of many settings flatters: choose it on calibrate.", compute=_perf_gain,
    ),
    Metric(
        id="pareto_dist", title="Distance to the joint front", group="Benchmarks", of="curve", better="lower", low=0, high=2**0.5,
        formula="mean over settings of the distance to the nearest undominated point of all compared, axes scaled to 0..1",
        source=f"{_BENCH} (ParetoDist)", needs=frozenset({"cost"}), also=("ParetoDist",),
        options=(
            Option(name="front_cost", default=None, kind="array", help="(j,) mean costs of all compared points; by default the models'."),
            Option(name="front_quality", default=None, kind="array", help="(j,) their mean qualities."),
        ),
        caution="Depends on what else is compared.", compute=_pareto,
    ),
)  # fmt: skip
