"""Every declared metric of one policy at its settings on the tested queries: value, interval, or why there is none.

Means: the bootstrap over queries that the cards have. Latency quantiles: on the same resamples. Ratios and other smooth functions of
means: measured anew on each of them (`resampled`), which takes longer and may be done beside the page. AIQ: what it is at least. Another
maximum, hull or count of bins has no interval: such a one would be too narrow or beside the mark (strategies.uncertainty.areas, winner).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from data.problems import ProblemError
from strategies.claims.sides import Side
from strategies.frontiers.curve import Frontier
from strategies.metrics.base import Metric
from strategies.metrics.declared import METRICS, missing
from strategies.metrics.facts import NAN, Done, curve_of, mean, pool_of
from strategies.metrics.plane import common_range
from strategies.metrics.signals import Told
from strategies.study.curves import Fitted, Shown
from strategies.study.spending import Spending
from strategies.uncertainty.areas import aiq_bound
from strategies.uncertainty.bootstrap import FEW, intervals_of
from strategies.uncertainty.resample import Weights, weights
from strategies.uncertainty.statistics import quantile

RESAMPLES = 400  # those of the cards
# Smooth functions of means, for which a percentile bootstrap holds.
SMOOTH = frozenset({
    "overhead_share", "saving", "pgr", "npgr", "ibc", "ibc_lift", "arena_score", "optimal_cost", "optimal_accuracy", "v_b", "ies", "ait",
    "choice_entropy", "recall_helpable", "best_single_quality", "auroc", "usefulness", "brier", "risk_coverage",
})  # fmt: skip
RESAMPLED = SMOOTH | {"aiq"}
SETTINGS = 32  # of a curve, for the bound of its area
# What holds of a random mixture's expectations: these are linear in quality, cost and time.
_OF_MIXTURES = frozenset({"quality", "cost_per_1k", "latency", "calls", "gain_at_random", "gain_at_best_single", "oracle_regret"})
Why: TypeAlias = Literal["", "data", "mixture", "no curve", "no confidence", "few", "later", "no probability", "energy", "undefined"]
Spread: TypeAlias = Literal["", "interval", "range", "bound"]
Options: TypeAlias = Mapping[str, Mapping[str, Any]]
Ends: TypeAlias = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. low, high : a 95 % interval, an estimate's range, or what it is at least; NaN where there is none (`spread` says which).

    why : where the value is NaN, the kind of the reason; lacks : what the data lacks, in words, for "data".
    options : those that it was measured with, beside the declared defaults.
    """

    metric: Metric
    value: float = NAN
    low: float = NAN
    high: float = NAN
    spread: Spread = ""
    why: Why = ""
    lacks: str = ""
    options: Mapping[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Point:
    """What figures are measured on. done : the run on the tested queries, of a mixture its expectation (`mixed`).

    curve : of the knob in hand, others held, None where there is none or too few queries are tested. told : the first confidence that
    the policy compares, None where it compares none.
    """

    fit: Fitted
    done: Done
    mixed: bool
    curve: Frontier | None
    told: Told | None


def point(fit: Fitted, shown: Shown, curve: Frontier | None) -> Point:
    """Return what the figures of a policy are measured on. shown : its decisions; curve : the test curve of the knob in hand."""
    side = Side(fit.study, fit)
    pool = pool_of(fit.study.tested)
    done = side.done if side.mixed else Done(pool, shown.quality, shown.cost, shown.latency, shown.answer, shown.called)
    return Point(fit=fit, done=done, mixed=side.mixed, curve=curve if fit.study.drawable else None, told=_told(fit, shown))


def _told(fit: Fitted, shown: Shown) -> Told | None:
    """Return the confidence of the first stage and what came of it, where a chain compares one on every query."""
    chain, pool = tuple(getattr(fit.policy, "chain", ())), fit.study.pool
    if len(chain) < 2 or not callable(getattr(fit.policy, "signals", None)):
        return None
    score = np.asarray(shown.score(1), dtype=np.float64)
    first, second = (np.asarray(fit.study.tested.quality(pool.index(name)), dtype=np.float64) for name in chain[:2])
    return None if np.isnan(score).all() else Told(score, first, second)


def figures(at: Point, options: Options, spent: Spending | None = None, *, groups: Collection[str] = ()) -> tuple[Figure, ...]:
    """Return every declared metric in the order of docs/metrics.md, with the intervals that cost next to nothing.

    options : metric id -> its options, where they are not the defaults. spent : energy, None = not asked for. What has to run the policy
    anew (robustness, the time to decide) is said to come later: `measure` it when somebody asks. groups : only those, () = all.
    """
    found = {name: _figure(at, each, options.get(name, {}), spent) for name, each in METRICS.items() if not groups or each.group in groups}
    return completed(tuple(found.values()), _quick(at, found))


def _figure(at: Point, chosen: Metric, options: Mapping[str, Any], spent: Spending | None) -> Figure:
    study = at.fit.study
    if chosen.group == "Energy":
        return _energy(chosen, spent)
    lacks = "" if chosen.of == "signal" else missing(chosen.id, study.tested)
    why: Why = "data" if lacks else _absent(at, chosen)
    if why:
        return Figure(metric=chosen, why=why, lacks=lacks, options=options)
    try:
        value = _value(_facts(at, chosen), chosen, options)
    except ProblemError as error:  # a signal that is no probability, an option that this data does not have
        no_share: Why = "no probability" if chosen.of == "signal" else "undefined"
        return Figure(metric=chosen, why=no_share, lacks=str(error), options=options)
    return Figure(metric=chosen, value=value, why="" if math.isfinite(value) else "undefined", options=options)


def _absent(at: Point, chosen: Metric) -> Why:
    """Return why a metric cannot be measured here, "" if it can."""
    if chosen.of == "policy":
        return "later"
    if chosen.of == "curve" and at.curve is None:
        return "no curve" if at.fit.study.drawable else "few"
    if chosen.of == "signal" and at.told is None:
        return "no confidence"
    return "mixture" if chosen.of == "run" and at.mixed and chosen.id not in _OF_MIXTURES else ""


def _facts(at: Point, chosen: Metric) -> Any:
    if chosen.of == "curve" and at.curve is not None:
        return curve_of(at.curve, at.fit.study.tested)
    return at.told if chosen.of == "signal" else at.done.pool if chosen.of == "pool" else at.done


def _value(facts: Any, chosen: Metric, options: Mapping[str, Any]) -> float:
    found = chosen.compute(facts, **chosen.chosen(options))
    return mean(found) if chosen.mean else float(found)


def _energy(chosen: Metric, spent: Spending | None) -> Figure:
    if spent is None or not spent.known:
        return Figure(metric=chosen, why="energy", options={})
    low, mid, high = (1000.0 * end for end in (spent.kwh if chosen.id == "energy_per_1k" else spent.co2e_kg))
    return Figure(metric=chosen, value=mid, low=low, high=high, spread="range", options={})


def _quick(at: Point, found: Mapping[str, Figure]) -> Ends:
    """Return the ends of means and of latency quantiles, all on the same resamples, which keep the mix of tasks."""
    study = at.fit.study
    means = [each for each in found.values() if each.metric.mean and not each.why]
    columns = [each.metric.compute(_facts(at, each.metric), **each.metric.chosen(each.options)) for each in means]
    spans = intervals_of(*columns, strata=study.strata) if columns else ()
    ends = {each.metric.id: (span.low, span.high) for each, span in zip(means, spans, strict=True)}
    n = len(at.done.quality)
    drawn = weights(n, resamples=RESAMPLES, strata=study.strata) if n >= FEW else None  # of few the order statistics, which say "no end"
    for name in (name for name, each in found.items() if name.startswith("latency_p") and not each.why):
        tail = quantile(at.done.latency, int(name.removeprefix("latency_p")) / 100, w=drawn)
        ends[name] = tail.low, tail.high
    return ends


def _with(figure: Figure, ends: tuple[float, float] | None) -> Figure:
    if ends is None or figure.why or not math.isfinite(ends[0]) or math.isnan(ends[1]):
        return figure
    if figure.metric.id == "aiq":
        return replace(figure, low=ends[0], spread="bound")
    return replace(figure, low=ends[0], high=ends[1], spread="interval") if math.isfinite(ends[1]) else figure


def completed(found: tuple[Figure, ...], ends: Ends) -> tuple[Figure, ...]:
    """Return the figures with the intervals that `resampled` found."""
    return tuple(_with(each, ends.get(each.metric.id)) for each in found)


def resampled(
    at: Point, options: Options, *, only: Collection[str] = RESAMPLED, resamples: int = RESAMPLES,
    progress: Callable[[int, int], None] | None = None, stop: threading.Event | None = None,
) -> Ends:  # fmt: skip
    """Return the 95 % intervals of smooth functions of means, each measured anew on every resample, by percentiles; (bound, inf) of AIQ.

    Models that an option leaves open (the cheapest, the priciest) are chosen on each resample too. A figure that is undefined in more
    than one resample of forty has none; nothing has above 50,000 queries, or where `stop` is set before the end.
    """
    wanted = [each for name, each in METRICS.items() if name in only and name != "aiq" and not _absent(at, each)]
    drawn = weights(len(at.done.quality), resamples=resamples, strata=at.fit.study.strata)
    if drawn is None:
        return {}
    rows, values = np.arange(len(at.done.quality)), np.full((len(drawn), len(wanted)), np.nan)
    for b, counts in enumerate(drawn):
        if stop is not None and stop.is_set():
            return {}
        values[b] = list(_once(at, np.repeat(rows, counts), wanted, options))
        if progress is not None:
            progress(b + 1, len(drawn))
    found = {each.id: _ends(column) for each, column in zip(wanted, values.T, strict=True)}
    return found if "aiq" not in only or at.curve is None else {**found, "aiq": (_least_area(at, at.curve, drawn), math.inf)}


def _least_area(at: Point, curve: Frontier, drawn: Weights) -> float:
    """Return what the AIQ of a curve is at least, with 95 %: that of some of its settings, which is no larger than its own."""
    pool, tested = at.done.pool, at.fit.study.tested
    shared = common_range(pool.mean_cost, pool.mean_quality)
    if not shared.high > shared.low:
        return NAN
    some = curve.setting[np.unique(np.linspace(0, len(curve.setting) - 1, SETTINGS).round().astype(np.intp))]
    cost, quality = (curve.per_query(some, name) for name in ("cost", "quality"))
    cheapest = tested.quality(int(np.argmin(pool.mean_cost)))
    return aiq_bound(cost, quality, low=shared.low, high=shared.high, cheapest=cheapest, w=drawn).bound


def _once(at: Point, rows: Any, wanted: list[Metric], options: Options) -> Iterator[float]:
    done = at.done.take(rows)
    told = None if at.told is None else at.told.take(rows)
    for each in wanted:
        facts = told if each.of == "signal" else done.pool if each.of == "pool" else done
        try:
            yield _value(facts, each, options.get(each.id, {}))
        except ProblemError:
            yield NAN


def _ends(values: Any) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if len(known) < 0.975 * len(values):
        return NAN, NAN
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
