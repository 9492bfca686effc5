"""One strategy on a study, measured whole: fitted, its frontier, its points for three goals, its times and its memory."""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data.outcomes import OutcomeTable
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.frontiers.curve import frontier, pooled
from strategies.frontiers.tune import Goal
from strategies.knobs import setting, turns
from strategies.metrics.plane import common_range, control
from strategies.protocol import Doubles, Floats, Strategy
from strategies.registry import is_own
from strategies.study.compare_values import NAN, POINTS, Point, Row
from strategies.study.curves import Fitted, fitted, started_each, sweepable
from strategies.study.envelope import envelope_of, spent
from strategies.study.prepare import Study
from strategies.study.scores import Lead, lead_of
from strategies.uncertainty.bootstrap import intervals_of, paired
from strategies.uncertainty.interval import Interval

MOST_KEPT = 200_000  # tested queries whose outcomes a row keeps: 5 MB
REPEATS = 3  # of the replay that is timed: the median
_ROUNDING = 1e-9  # of a goal: sums in another order differ by this much
_MIB = 1024.0


class Outcome(NamedTuple):
    """Per query (N,) quality and cost of a policy on one part of all splits; (M,) shares of the answers and of the calls."""

    quality: Floats
    cost: Floats
    answered: Doubles
    called: Doubles


def row(study: Study, kind: type[Strategy], *, keep: float) -> Row:
    """Return a strategy's row with its own default options; what it raises is the caller's. keep : of the goal of its point `at`."""
    card, before = kind.card, _memory()
    _reset_peak()
    start = time.perf_counter()
    fit = fitted(study, kind())
    fit_s = time.perf_counter() - start
    goals = (Goal(keep=keep), *(goal_beside(study, point, study.best) for point in POINTS[1:]))
    placed = started_each(fit, goals)
    cost, quality = _frontier(fit)
    tested = study.tested
    means = np.array(list(tested.mean("cost_usd").values())), np.array(list(tested.mean("quality").values()))
    area = lead_of(study, cost, quality, common_range(*means)) if study.drawable else None
    done = [outcome(each, "test") for each in placed]
    at, equal_quality, equal_cost = (_point(*each) for each in zip(placed, goals, done, strict=True))
    saving = 1.0 - equal_quality.cost / _best_cost(tested, study) if equal_quality.met and _best_cost(tested, study) > 0 else NAN
    decide_us = _decide_us(placed[0])
    curve = (spent(cost.mean(axis=0, dtype=np.float64)), quality.mean(axis=0, dtype=np.float64)) if study.drawable else ((), ())
    return Row(
        id=card.id, title=card.title, family=card.family, status="compared", own=is_own(kind), cost=tuple(map(float, curve[0])),
        quality=tuple(map(float, curve[1])), **_claimed(area), at=at, equal_quality=equal_quality, equal_cost=equal_cost,
        kept=dict(zip(POINTS, [(each.quality, each.cost) for each in done], strict=True)) if len(study.rows) <= MOST_KEPT else {},
        saving=saving, fit_s=fit_s, decide_us=decide_us, peak_mib=max(_peak() - before, 0.0),
    )  # fmt: skip


def _frontier(fit: Fitted) -> tuple[Floats, Floats]:
    """Return (N, V) cost and quality of each tested query along the strategy's whole frontier; one column where nothing can be swept."""
    if sweepable(fit.policy):
        reached = envelope_of(fit.policies, fit.study.parts)
        return reached.per_query_cost, reached.per_query_quality
    done = outcome(fit, "test")
    return done.cost[:, None], done.quality[:, None]


def _chosen_on(study: Study) -> OutcomeTable:
    """Return the queries on which settings are chosen: the calibrate part, all queries where there are five."""
    return study.table if study.crossed else study.parts[0].calibrate


def goal_beside(study: Study, point: str, model: str) -> Goal:
    """Return the goal "equal_quality" (as good as a single model, whose quality on calibrate need not be the highest) or "equal_cost"."""
    part = _chosen_on(study)
    if point == "equal_cost":
        return Goal(budget=part.mean("cost_usd")[model] * (1 + _ROUNDING))
    quality = part.mean("quality")
    top = max(quality.values())
    return Goal(keep=(quality[model] / top if top > 0 else 1.0) * (1 - _ROUNDING))


def _best_cost(part: OutcomeTable, study: Study) -> float:
    return float(part.mean("cost_usd")[study.best])


def outcome(fit: Fitted, name: str) -> Outcome:
    """Return what a fitted strategy does on the "calibrate" or "test" parts at its settings; of a random mixture the expectation."""
    parts = [getattr(each, name) for each in fit.study.parts]
    pairs = list(zip(fit.policies, parts, strict=True))
    if isinstance(fit.policy, Blend) and sweepable(fit.policy):
        knob = sweepable(fit.policy)[0]
        at = np.array([setting(fit.policy, knob)])
        curve = pooled([frontier(policy, part, knob, at) for policy, part in pairs])
        return Outcome(
            curve.per_query(at, "quality")[:, 0],
            curve.per_query(at, "cost")[:, 0],
            curve.answered[:, 0].astype(np.float64),
            curve.called[:, 0].astype(np.float64),
        )
    runs = [replay(policy, part) for policy, part in pairs]
    answer, count = np.concatenate([run.answer for run in runs]), len(fit.study.pool)
    return Outcome(
        np.concatenate([run.quality for run in runs]),
        np.concatenate([run.cost_usd for run in runs]),
        np.bincount(answer[answer >= 0], minlength=count) / max(len(answer), 1),
        np.concatenate([run.called for run in runs]).mean(axis=0),
    )


def _claimed(area: Lead | None) -> dict[str, Any]:
    """Return a row's fields of its area; nothing where there is none."""
    if area is None:
        return {}
    draws = {"draws": area.errors, "most": area.most, "least": area.least}
    return {"aiq": area.aiq, "lead": area.lead, **{name: tuple(each.tolist()) for name, each in draws.items()}}


def _point(fit: Fitted, goal: Goal, done: Outcome) -> Point:
    """Return the point of a strategy whose knobs were set for a goal on calibrate. done : what it does on test."""
    study = fit.study
    tested = study.tested
    quality, cost, gap = intervals_of(done.quality, done.cost, against=tested.quality(study.best), strata=study.strata)
    random_cost, random = control(
        done.answered, done.called, list(tested.mean("cost_usd").values()), list(tested.mean("quality").values())
    )  # fmt: skip
    over = _over_random(study, done)
    known = over.n > 0
    return Point(
        settings={t.name: float(setting(fit.policy, t.name)) for t in turns(fit.policy)}, met=met(fit, goal),
        quality=quality.mean, quality_low=quality.low, quality_high=quality.high, cost=cost.mean, cost_low=cost.low, cost_high=cost.high,
        gap=gap.mean, gap_low=gap.low, gap_high=gap.high, random=float(random) if known else NAN,
        random_cost=float(random_cost) if known else NAN, over_random=over.mean, over_random_low=over.low, over_random_high=over.high,
    )  # fmt: skip


def _over_random(study: Study, done: Outcome) -> Interval:
    """Return the lead over the same shares dealt at random, paired; n = 0 where an answer is no model's own, or there is none."""
    if abs(float(done.answered.sum()) - 1.0) > 1e-6:
        return Interval(NAN, NAN, NAN, 0, "unknown")
    used = np.flatnonzero(done.answered > 0)
    expected = sum(done.answered[m] * study.tested.quality(int(m)).astype(np.float64) for m in used)
    return paired(done.quality, np.asarray(expected), strata=study.strata)


def met(fit: Fitted, goal: Goal) -> bool:
    """Whether a goal is met on the calibrate part."""
    done = outcome(fit, "calibrate")
    quality, cost = float(done.quality.mean(dtype=np.float64)), float(done.cost.mean(dtype=np.float64))
    if goal.budget is not None:
        return cost <= goal.budget + _ROUNDING * abs(goal.budget)
    top = max(_chosen_on(fit.study).mean("quality").values())
    return quality >= (goal.keep or 0.0) * top - _ROUNDING


def _decide_us(fit: Fitted) -> float:
    """Return microseconds a query of a replay over the first split's test part, features and neighbours at hand: the median of a few."""
    part, taken = fit.study.parts[0].test, []
    for _ in range(REPEATS):
        start = time.perf_counter()
        replay(fit.policy, part)
        taken.append(time.perf_counter() - start)
    return 1e6 * statistics.median(taken) / max(len(part), 1)


_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _reset_peak() -> None:
    """Forget the process's peak memory so far: only Linux can."""
    gc.collect()
    with contextlib.suppress(OSError):
        _CLEAR.write_text("5", encoding="ascii")


def _peak() -> float:
    return _mib("VmHWM:")


def _memory() -> float:
    return _mib("VmRSS:")


def _mib(name: str) -> float:
    """Return a line of the process's status in MiB; NaN where there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(name))) / _MIB
    return NAN
