"""Which confidence signal is worth its price: each one's curve from a cheap to a strong model, its price billed, against random mixing.

The curve is the two-stage cascade's at every threshold: fitted on fit, shown on test, no threshold chosen. Its gain at a budget is its
quality less that of a random mix of the two models at the same mean cost (RouterBench's Zero router of two, arXiv 2403.12031); the gain
of a signal is the mean over all budgets between the two models' costs (own).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import ProblemError, refuse
from data.signals import known, signals
from strategies.cascades.margin import MarginCascade
from strategies.engines.loop import Force, replay
from strategies.engines.recorded import SELF_CHECK
from strategies.metrics.confidence import auroc, ece, usefulness
from strategies.predictors.calibrated import predictable
from strategies.predictors.recorded import in_range
from strategies.protocol import Doubles, Floats, Ints
from strategies.study.curves import Fitted, fitted
from strategies.study.prepare import CURVES_FROM, Study, hull_models
from strategies.uncertainty.bootstrap import weights
from strategies.uncertainty.interval import Interval, tails

PREDICTED = "predicted"
RESAMPLES = 400
_GROUPS = 2048  # of more queries, random groups of equal size are resampled: the same spread of means, a table that fits the cache
_STEPS = 256  # thresholds of a resampled curve; the curve itself has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """One signal of the cheap model. auroc, usefulness, ece : on test; `missing` tested queries had no score and always go on.

    price_per_1k : in the table's cost unit, of asking 1,000 queries; 0 = it comes with the call, NaN = not known. gross : the gain as
    if it were free. net : the gain with its price billed, and its interval. against : net less that of the best free signal, paired
    over the tested queries. Gains are in quality: 0.02 = two points more than mixing at random, on average over all budgets.
    """

    signal: str
    auroc: float
    usefulness: float
    ece: float
    missing: int
    price_per_1k: float
    gross: float
    net: Interval
    against: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalWorth:
    """All signals between two models over n tested queries, the highest net gain first; those of unknown price last.

    reference : the free signal with the highest gain on calibrate, "" where there is none. left_out : (signal, reason).
    """

    cheap: str
    strong: str
    n: int
    cost_unit: str
    reference: str
    rows: tuple[Worth, ...]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Looked:
    """(n,) of one part: a signal's score (NaN = none) and price, (cheap, strong) quality and cost."""

    score: Floats
    price: Doubles
    quality: tuple[Floats, Floats]
    cost: tuple[Doubles, Doubles]

    @property
    def free(self) -> bool:
        """Whether it comes with the call on every query."""
        return bool((self.price == 0).all())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Paths:
    """R curves of K points, more and more queries sent on: (R, K) mean cost and quality; (R,) each model alone, as (cost, quality)."""

    cost: Doubles
    quality: Doubles
    cheap: tuple[Doubles, Doubles]
    strong: tuple[Doubles, Doubles]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Looks:
    """What every signal of a cheap model shows on the tested queries, by name.

    gains : on calibrate, by which the reference is chosen; of free signals only. left_out : (signal, reason).
    """

    cheap: str
    strong: str
    seen: Mapping[str, Looked]
    gains: Mapping[str, float]
    left_out: tuple[tuple[str, str], ...] = ()


def candidates(table: OutcomeTable) -> tuple[str, ...]:
    """Return the signals that a table records, tells or has at a price, then the one predicted from its texts."""
    priced = [name for name in table.signals if f"cost_usd:{name}" in table.signals or name == SELF_CHECK]
    found = [name for name in signals() if known(table, name)]
    return tuple(dict.fromkeys([*found, *priced, *([PREDICTED] if predictable(table) else [])]))


def worth_along(study: Study, chain: Sequence[str] = (), *, names: Sequence[str] = ()) -> tuple[SignalWorth, ...]:
    """Return what the signals are worth at every step of a chain, cheap to dear; by default that of the study's cascades.

    names : only these signals. Errors as for `signal_worth`.
    """
    steps = itertools.pairwise(tuple(chain) or hull_models(study))
    return tuple(signal_worth(study, cheap, strong, names=names) for cheap, strong in steps)


def signal_worth(
    study: Study, cheap: str, strong: str, *, names: Sequence[str] = (), level: float = 0.95, looks: Looks | None = None
) -> SignalWorth:
    """Return what every signal of the cheap model is worth for deciding when to ask the strong one as well.

    names : only these signals. looks : of the same two models, if at hand. Intervals are percentile bootstraps over the tested queries,
    the same resamples for every signal. ProblemError for fewer tested queries than a curve needs, or a strong model that costs no more
    than the cheap one.
    """
    if not study.drawable:
        raise refuse(f"{len(study.rows)} tested queries are too few to weigh signals.", f"Add queries: {CURVES_FROM} tested ones.")
    tested = study.tested
    low, high = (float(tested.cost_usd(tested.index(model)).mean(dtype=np.float64)) for model in (cheap, strong))
    if not high > low:
        raise refuse(f"{strong} costs no more than {cheap}, so no budget lies between them.", "Choose a dearer model to escalate to.")
    found = looked(study, cheap, strong, names=names) if looks is None else looks
    reference = max(found.gains, key=lambda name: found.gains[name], default="")
    return SignalWorth(
        cheap=cheap, strong=strong, n=len(study.rows), cost_unit=study.table.cost_unit, reference=reference,
        rows=_rows(found.seen, reference, level), left_out=found.left_out,
    )  # fmt: skip


def looked(study: Study, cheap: str, strong: str, *, names: Sequence[str] = ()) -> Looks:
    """Return what every signal of the cheap model (or only those named) shows on the tested queries, each fitted on fit."""
    seen: dict[str, Looked] = {}
    gains: dict[str, float] = {}
    left_out = []
    for name in names or candidates(study.table):
        try:
            seen[name], gain = _weighed(study, cheap, strong, name)
        except ProblemError as problem:
            left_out.append((name, problem.problems[0].what))
        else:
            gains |= {} if np.isnan(gain) else {name: gain}
    return Looks(cheap=cheap, strong=strong, seen=seen, gains=gains, left_out=tuple(left_out))


def _weighed(study: Study, cheap: str, strong: str, name: str) -> tuple[Looked, float]:
    """Return what a signal shows on test, and its gain on calibrate where it is free (else NaN); ProblemError if it says nothing."""
    fit = fitted(study, MarginCascade(chain=(cheap, strong), signal=name))
    before, seen = (_look(fit, [getattr(parts, role) for parts in study.parts]) for role in ("calibrate", "test"))
    if np.isnan(seen.score).all() or not in_range(seen.score):
        raise refuse(f"{cheap} has no {name} from 0 to 1 on the tested queries.", "Map it on the Data page.")
    return seen, _gain(before, before.price) if before.free and seen.free else float("nan")


def _look(fit: Fitted, parts: Sequence[OutcomeTable]) -> Looked:
    """Return what the fitted cascades see of the queries of all parts, and what they pay for seeing it."""
    runs = [replay(policy, part, force=Force(1, stop=True)) for policy, part in zip(fit.policies, parts, strict=True)]
    price = [np.zeros(run.n) for run in runs]
    for paid, run in zip(price, runs, strict=True):
        for fee in run.fees:
            paid[fee.rows] += fee.cost
    first, last = fit.policy.settings()["chain"]

    def column(field: str, model: str) -> Floats:
        return np.concatenate([part.column(field, model) for part in parts])

    return Looked(
        score=np.concatenate([run.score(1) for run in runs]), price=np.concatenate(price),
        quality=(column("quality", first), column("quality", last)),
        cost=(column("cost_usd", first).astype(np.float64), column("cost_usd", last).astype(np.float64)),
    )  # fmt: skip


def _rows(tested: Mapping[str, Looked], reference: str, level: float) -> tuple[Worth, ...]:
    nets = {name: _resampled(seen) for name, seen in tested.items()}
    against = nets.get(reference, np.full(RESAMPLES + 1, np.nan))
    found = [_row(name, seen, (nets[name], nets[name] - against), level) for name, seen in tested.items()]
    return tuple(sorted(found, key=lambda row: (np.isnan(row.net.mean), -row.net.mean, -row.gross)))


def _row(name: str, seen: Looked, gains: tuple[Doubles, Doubles], level: float) -> Worth:
    net, against = (_interval(values, len(seen.score), level) for values in gains)
    return Worth(
        signal=name, auroc=auroc(seen.score, seen.quality[0]), usefulness=usefulness(seen.score, *seen.quality),
        ece=ece(seen.score, seen.quality[0]), missing=int(np.isnan(seen.score).sum()), price_per_1k=float(seen.price.mean() * 1000),
        gross=_gain(seen, np.zeros_like(seen.price)), net=net, against=against,
    )  # fmt: skip


def _interval(values: Doubles, n: int, level: float) -> Interval:
    """Return the interval of a figure from (1 + R,) of it: its own value, then the resampled ones."""
    if np.isnan(values[0]):
        return Interval(float("nan"), float("nan"), float("nan"), n, "unknown")
    low, high = np.nanquantile(values[1:], tails(level))
    return Interval(float(values[0]), float(low), float(high), n, "bootstrap")


def _resampled(seen: Looked) -> Doubles:
    """Return (1 + R,) the net gain on the tested queries, then on each resample of them."""
    own = _gain(seen, seen.price)
    found = resamples(len(seen.score))
    if found is None or np.isnan(own):
        return np.full(RESAMPLES + 1, own)
    coarse = _gains(seen, seen.price, steps(seen.score), *found)
    return np.asarray(coarse - coarse[0] + own)  # the coarse curve tells how the gain spreads, the whole one where it is


def resamples(n: int) -> tuple[Ints, Doubles] | None:
    """Return (n,) groups of queries and (1 + R, G) how often each counts: all once, then in each resample; None without a query.

    Groups of one where there are few queries.
    """
    if n < 1:
        return None
    groups = np.arange(n) if n <= _GROUPS else np.random.default_rng(0).permutation(n) % _GROUPS
    counts = weights(min(n, _GROUPS), resamples=RESAMPLES)
    return None if counts is None else (groups, np.concatenate([np.ones((1, counts.shape[1])), counts]))


def _gain(seen: Looked, price: Doubles) -> float:
    """Return the gain over the random mix, every threshold a point of the curve; NaN where no budget lies between the models."""
    one = _gains(seen, price, steps(seen.score, len(seen.score)), np.zeros(len(seen.score), dtype=np.intp), np.ones((1, 1)))
    return float(one[0])


def steps(score: Floats, most: int = _STEPS) -> Ints:
    """Return (n,) the step of the curve at which each query goes on: 0 where there is no score, then by the score in at most so many."""
    there = score[~np.isnan(score)]
    levels = np.unique(there)
    if len(levels) > most:
        levels = np.unique(np.quantile(there, np.linspace(0, 1, most), method="lower"))
    return np.where(np.isnan(score), 0, np.searchsorted(levels, score, side="left") + 1)


def paths(seen: Looked, price: Doubles, step: Ints, group: Ints, drawn: Doubles) -> Paths:
    """Return R curves whose k-th point sends on every query of a step up to k.

    group : (n,) which group a query belongs to, drawn : (R, G) how often each group counts.
    """
    groups, last = drawn.shape[1], int(step.max()) + 1
    cell = group * last + step

    def mean(values: Floats | Doubles) -> Doubles:  # (R,)
        return np.asarray(drawn @ np.bincount(group, values, minlength=groups) / size)

    def path(values: Floats | Doubles) -> Doubles:  # (R, K): running over the steps
        return np.asarray(
            np.cumsum(drawn @ np.bincount(cell, values, minlength=groups * last).reshape(groups, last), axis=1) / size[:, None]
        )

    size = drawn @ np.bincount(group, minlength=groups)
    (worse, better), (low, dear) = seen.quality, seen.cost
    return Paths(
        cost=mean(low + price)[:, None] + path(dear), quality=mean(worse)[:, None] + path(better.astype(np.float64) - worse),
        cheap=(mean(low), mean(worse)), strong=(mean(dear), mean(better)),
    )  # fmt: skip


def _gains(seen: Looked, price: Doubles, step: Ints, group: Ints, drawn: Doubles) -> Doubles:
    """Return (R,) gains of the curves of `paths`. NaN where no budget lies between the models.

    Below the first point money is left unspent: the cheap model alone, as the mix may leave it beyond the better model.
    """
    found = paths(seen, price, step, group, drawn)
    (start, alone), (end, better) = found.cheap, found.strong
    with np.errstate(invalid="ignore", divide="ignore"):
        area = _area(found.cost, found.quality, found.cheap, end)
        gain = area / (end - start) - 0.5 * (alone + np.maximum(alone, better))
    return np.where(end > start, gain, np.nan)


def _area(cost: Doubles, quality: Doubles, start: tuple[Doubles, Doubles], end: Doubles) -> Doubles:
    """Return (R,) areas under (R, K) curves, cost ascending, from a point (cost, quality) before them to a cost; flat from the point on."""
    first, alone = (values[:, None] for values in start)
    x = np.concatenate([first, cost[:, :1], cost], axis=1)
    y = np.concatenate([alone, alone, quality], axis=1)
    width, rise = np.diff(x, axis=1), np.diff(y, axis=1)
    inside = np.clip((end[:, None] - x[:, :-1]) / np.where(width > 0, width, 1.0), 0.0, 1.0) * (width > 0)
    return np.asarray((inside * width * (y[:, :-1] + 0.5 * inside * rise)).sum(axis=1))
