"""Everything that is drawn of one confidence signal between a cheap and a strong model: figures with intervals, bins, two curves.

All of it over the tested queries. Figures that are no means (AUROC, curves) have percentile bootstraps over at most 256 steps of the
score, moved onto the figure itself; under 100 queries they have none, and there are no curves: bins are counts with exact intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.problems import ProblemError
from data.simulator.moments import chance_error
from strategies.metrics.confidence import ConfidenceQuality, confidence_quality
from strategies.protocol import Bools, Doubles, Ints
from strategies.study.cover import share_of
from strategies.study.prepare import Study
from strategies.study.signal_worth import Looked, Looks, SignalWorth, looked, paths, resamples, signal_worth, steps
from strategies.uncertainty.bootstrap import interval
from strategies.uncertainty.interval import Interval, tails

POINTS = 64  # places of a band
DRAWN = 400  # points of a drawn curve
_LEAST = 0.02  # of the answers: the risk of fewer hangs on a handful


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trail:
    """A curve of K points with its band at L places of the x axis, low and high quality (or risk) there."""

    x: Doubles
    y: Doubles
    at: Doubles
    low: Doubles
    high: Doubles


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Deferral:
    """What asking on buys: mean cost and quality as more queries go on, the least sure first; the signal's own price is in the cost.

    cheap, strong : (cost, quality) of each alone; between them mixing at random. perfect : (J,) cost and quality of an order that knows
    where the strong model is better, a bound.
    """

    curve: Trail
    cheap: tuple[float, float]
    strong: tuple[float, float]
    perfect: tuple[Doubles, Doubles]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shape:
    """One signal over n tested queries, of which quality.n have it. auroc, usefulness, brier : as in `quality`, with intervals.

    gap : mean score less mean quality, above 0 = too sure. chance : the calibration error that chance gives a calibrated confidence on so
    many queries. price_per_1k : of asking for it, 0 = it comes with the call. low, high : (B,) the interval of each bin's mean quality.
    risk : mean loss of the surest share of the answers; it and `deferral` are None under 100 tested queries, `deferral` also where the
    price is not known.
    """

    signal: str
    n: int
    quality: ConfidenceQuality
    auroc: Interval
    usefulness: Interval
    brier: Interval
    gap: Interval
    chance: float
    price_per_1k: float
    low: Doubles
    high: Doubles
    risk: Trail | None
    deferral: Deferral | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairSignals:
    """All signals of a cheap model: their shapes, and their worth for asking a strong one.

    shapes : the highest net gain first; the highest usefulness where no gain is known. worth : None where it cannot be said, `why` then.
    accuracy : the cheap model's mean quality on the tested queries.
    """

    cheap: str
    strong: str
    n: int
    cost_unit: str
    accuracy: float
    shapes: tuple[Shape, ...]
    worth: SignalWorth | None
    why: str = ""
    left_out: tuple[tuple[str, str], ...] = ()

    def shape(self, signal: str) -> Shape | None:
        """Return the shape of one signal."""
        return next((each for each in self.shapes if each.signal == signal), None)


def pair_signals(study: Study, cheap: str, strong: str) -> PairSignals:
    """Return what every signal of the cheap model shows on the tested queries, and its worth where that can be said."""
    looks = looked(study, cheap, strong)
    worth, why = _worth(study, looks)
    shapes = {name: shape(name, seen, drawable=study.drawable) for name, seen in looks.seen.items()}
    order = [row.signal for row in worth.rows] if worth is not None else sorted(shapes, key=lambda name: _rank(shapes[name]))
    quality = study.tested.column("quality", study.tested.index(cheap))
    return PairSignals(
        cheap=cheap, strong=strong, n=len(study.rows), cost_unit=study.table.cost_unit, accuracy=float(quality.mean(dtype=np.float64)),
        shapes=tuple(shapes[name] for name in order), worth=worth, why=why, left_out=looks.left_out,
    )  # fmt: skip


def _worth(study: Study, looks: Looks) -> tuple[SignalWorth | None, str]:
    try:
        return signal_worth(study, looks.cheap, looks.strong, looks=looks), ""
    except ProblemError as problem:
        return None, problem.problems[0].what


def _rank(one: Shape) -> tuple[bool, float]:
    return bool(np.isnan(one.usefulness.mean)), -one.usefulness.mean


def shape(name: str, seen: Looked, *, drawable: bool = True) -> Shape:
    """Return everything drawn of one signal. drawable : whether there are queries enough for curves and their intervals."""
    found = confidence_quality(seen.score, *seen.quality)
    known = ~np.isnan(seen.score)
    off = seen.score[known].astype(np.float64) - seen.quality[0][known]
    low, high = _bin_ends(seen, found)
    ranked = _ranks(seen) if drawable else {}
    return Shape(
        signal=name, n=len(seen.score), quality=found, auroc=_moved(found.auroc, ranked.get("auroc"), found.n),
        usefulness=_moved(found.usefulness, ranked.get("usefulness"), found.n),
        brier=interval(off**2), gap=interval(off), chance=chance_error(seen.score),
        price_per_1k=float(seen.price.mean() * 1000), low=low, high=high, risk=_risk(seen, found) if drawable and found.n else None,
        deferral=None if not drawable or np.isnan(seen.price).any() else _deferral(seen),
    )  # fmt: skip


def _moved(own: float, drawn: Doubles | None, n: int, level: float = 0.95) -> Interval:
    """Return the interval of a figure from (1 + R,) of it on coarser steps: its own value, the spread of the others."""
    if np.isnan(own) or drawn is None or np.isnan(drawn[0]):
        return Interval(own, float("nan"), float("nan"), n, "unknown")
    low, high = np.nanquantile(drawn[1:], tails(level)) - drawn[0] + own
    return Interval(own, float(max(low, 0.0)), float(min(high, 1.0)), n, "bootstrap")


def _bin_ends(seen: Looked, found: ConfidenceQuality) -> tuple[Doubles, Doubles]:
    """Return (B,) ends of the interval of each bin's mean quality; NaN in an empty one."""
    bins = found.reliability
    known = ~np.isnan(seen.score)
    # The bins hold (low, high], as `reliability` says; the ends are those of the score's own precision.
    place = np.searchsorted(bins.high[:-1].astype(seen.score.dtype), seen.score[known])
    quality = seen.quality[0][known]
    ends = [share_of(quality[place == b]) if bins.count[b] else None for b in range(len(bins.count))]
    return (
        np.array([np.nan if each is None else each.low for each in ends]),
        np.array([np.nan if each is None else each.high for each in ends]),
    )


def _ranks(seen: Looked) -> dict[str, Doubles]:
    """Return (1 + R,) of AUROC and usefulness, on the queries and on each resample of them, over coarse steps of the score."""
    known = ~np.isnan(seen.score)
    found = resamples(int(known.sum()))
    if found is None:
        return {}
    group, drawn = found
    step = steps(seen.score[known])
    worse, better = (quality[known].astype(np.float64) for quality in seen.quality)
    labels: dict[str, Doubles] = {
        "auroc": worse,
        "usefulness": np.where(better > worse, 0.0, 1.0),
    }  # of a low score for "the strong model is better": turned round
    return {name: _areas(label, step, group, drawn) for name, label in labels.items()}


def _areas(label: Doubles, step: Ints, group: Ints, drawn: Doubles) -> Doubles:
    """Return (R,) AUROCs of steps for (n,) labels in [0, 1], ties by half; NaN where one class is missing."""
    right = _table(label, step, group, drawn)
    wrong = _table(1.0 - label, step, group, drawn)
    before = np.cumsum(wrong, axis=1) - wrong
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((right * (before + 0.5 * wrong)).sum(axis=1) / (right.sum(axis=1) * wrong.sum(axis=1)))


def _table(values: Doubles, step: Ints, group: Ints, drawn: Doubles) -> Doubles:
    """Return (R, K) sums of (n,) values by step, in each resample."""
    groups, last = drawn.shape[1], int(step.max()) + 1
    return np.asarray(drawn @ np.bincount(group * last + step, values, minlength=groups * last).reshape(groups, last))


def _risk(seen: Looked, found: ConfidenceQuality) -> Trail:
    """Return the risk of the surest share of the answers that have a score, with its band."""
    curve = found.risk_coverage
    known = ~np.isnan(seen.score)
    least = min(max(_LEAST, 10 / int(known.sum())), 1.0)
    at = np.linspace(least, 1.0, POINTS)
    low, high = _risk_band(seen, known, at)
    # Of equal scores a random part is kept: between two points the loss grows evenly, and the risk, loss by share kept, does not.
    x = np.union1d(at, curve.coverage[_thinned(np.flatnonzero(curve.coverage >= least))])
    y = np.interp(x, np.append(0.0, curve.coverage), np.append(0.0, curve.coverage * curve.risk)) / x
    return Trail(x=x, y=y, at=at, low=low, high=high)


def _risk_band(seen: Looked, known: Bools, at: Doubles) -> tuple[Doubles, Doubles]:
    """Return (L,) ends of the risk at these coverages, from each resample's own curve; a part of a step is a random part of it."""
    drawn = resamples(int(known.sum()))
    if drawn is None:
        return np.full(len(at), np.nan), np.full(len(at), np.nan)
    step, loss = steps(seen.score[known]), 1.0 - seen.quality[0][known].astype(np.float64)
    lost, kept = (np.cumsum(_table(each, step, *drawn)[:, ::-1], axis=1) for each in (loss, np.ones_like(loss)))
    risks = [np.interp(at * k[-1], np.append(0.0, k), np.append(0.0, x)) / (at * k[-1]) for k, x in zip(kept[1:], lost[1:], strict=True)]
    low, high = np.quantile(np.stack(risks), tails(0.95), axis=0)
    return low, high


def _deferral(seen: Looked) -> Deferral:
    """Return the curve from the cheap to the strong model, its price billed, with the band of its quality at equal cost."""
    n = len(seen.score)
    own = paths(seen, seen.price, steps(seen.score, n), np.zeros(n, dtype=np.intp), np.ones((1, 1)))
    cost, quality = own.cost[0], own.quality[0]
    (start, alone), (end, better) = ((float(c[0]), float(q[0])) for c, q in (own.cheap, own.strong))
    at = np.linspace(cost[0], cost[-1], POINTS)
    low = high = np.full(POINTS, np.nan)
    found = resamples(n)
    if found is not None:
        drawn = paths(seen, seen.price, steps(seen.score), *found)
        each = np.stack([np.interp(at, c, q) for c, q in zip(drawn.cost, drawn.quality, strict=True)])
        low, high = np.quantile(each[1:], tails(0.95), axis=0)
    shown = _thinned(np.arange(len(cost)))
    curve = Trail(x=cost[shown], y=quality[shown], at=at, low=low, high=high)
    return Deferral(curve=curve, cheap=(start, alone), strong=(end, better), perfect=_perfect(seen, start, alone))


def _perfect(seen: Looked, start: float, alone: float) -> tuple[Doubles, Doubles]:
    """Return cost and quality if exactly those were sent on whom the strong model helps, the most gain for the money first."""
    gain = seen.quality[1].astype(np.float64) - seen.quality[0]
    helped = np.flatnonzero(gain > 0)
    with np.errstate(divide="ignore"):
        order = helped[np.argsort(-(gain[helped] / seen.cost[1][helped]), kind="stable")]
    n = len(gain)
    cost, quality = (np.append(0.0, np.cumsum(each[order])) / n for each in (seen.cost[1], gain))
    shown = _thinned(np.arange(len(cost)))
    return start + cost[shown], alone + quality[shown]


def _thinned(places: Ints) -> Ints:
    """Return at most so many of the places as a curve is drawn with, both ends kept."""
    if len(places) <= DRAWN:
        return places
    return places[np.unique(np.linspace(0, len(places) - 1, DRAWN).round().astype(np.int64))]
