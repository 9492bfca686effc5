"""A fitted policy's curves: chosen on calibrate, shown on test, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from strategies.batch import drags
from strategies.engines.loop import replay
from strategies.engines.run import Run
from strategies.frontiers.curve import MOST, Frontier, frontier, own_curves, pooled
from strategies.frontiers.tune import Goal, pick, tune_each
from strategies.knobs import setting, turn, turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Bools, Doubles, Floats, Ints, Strategy
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import intervals, weights

BANDS_AT = 96
RESAMPLES = 400


@dataclass(frozen=True, eq=False, kw_only=True)
class Fitted:
    """One strategy fitted on a study: a policy for each split, all with the same knobs."""

    study: Study
    policies: tuple[Strategy, ...]

    @property
    def policy(self) -> Strategy:
        """The policy of the first split: what is exported."""
        return self.policies[0]

    def turned(self, name: str, value: float) -> Fitted:
        """Return the same fit with one knob moved."""
        return replace(self, policies=tuple(turned(policy, name, value) for policy in self.policies))

    def set(self, values: dict[str, float]) -> Fitted:
        """Return the same fit with several knobs moved; names that it does not have are left alone."""
        known = {t.name for t in turns(self.policy)}
        moved = self
        for name, value in values.items():
            if name in known:
                moved = moved.turned(name, value)
        return moved


@dataclass(frozen=True, eq=False, kw_only=True)
class Curves:
    """One knob of a fitted strategy at common settings: `chosen` on calibrate, `shown` on test."""

    chosen: Frontier
    shown: Frontier


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """95 % intervals along a test curve, (B,) settings: quality, cost, mean latency (s), gap to the best model; p95 (not of mixtures)."""

    setting: Doubles
    quality_low: Doubles
    quality_high: Doubles
    cost_low: Doubles
    cost_high: Doubles
    latency_low: Doubles
    latency_high: Doubles
    gap: Doubles
    gap_low: Doubles
    gap_high: Doubles
    latency_p95_s: Doubles


def fitted(study: Study, strategy: Strategy) -> Fitted:
    """Return a strategy fitted on every split's fit part."""
    policies = tuple(strategy.fit(parts.fit) for parts in study.parts)
    if len({tuple(_resolved(policy).items()) for policy in policies}) > 1:
        # What `fit` resolved by itself (a chain, a signal) has to be one policy: the first split's choices count for all.
        policies = tuple(replace(strategy, **_resolved(policies[0])).fit(parts.fit) for parts in study.parts)
    return Fitted(study=study, policies=policies)


def _resolved(policy: Strategy) -> dict[str, Any]:
    """Return a fitted policy's settings; its signal by name, where all stages use the same one."""
    settings, signals = policy.settings(), getattr(policy, "signals", None)
    used = tuple(signals()) if callable(signals) else ()
    return settings | {"signal": used[0]} if "signal" in settings and len(set(used)) == 1 else settings


def sweepable(policy: Strategy) -> tuple[str, ...]:
    """Return the knobs that have a curve to drag along."""
    return tuple(
        t.name
        for t in turns(policy)
        if t.cuts is not None
        or (isinstance(policy, LambdaRouter) and t.name == "lam")
        or t.knob.unit.startswith("share")
        or t.name == drags(policy)
    )


def curves(fit: Fitted, knob: str) -> Curves:
    """Return both curves of a knob, exact at every setting that changes anything on calibrate."""
    own = own_curves(fit.policies, [parts.calibrate for parts in fit.study.parts], knob)
    settings = np.unique(np.concatenate([curve.setting for curve in own]))
    most = MOST if own[0].exact else max(len(curve.setting) for curve in own)  # a swept setting is solved anew on every part
    if len(settings) > most:
        settings = settings[np.unique(np.linspace(0, len(settings) - 1, most).round().astype(np.intp))]
    settings = np.unique(settings.astype(np.float32).astype(np.float64)) if turn(fit.policy, knob).cuts is not None else settings
    parts = list(zip(fit.policies, fit.study.parts, strict=True))
    chosen = own if len(own) == 1 and len(settings) == len(own[0].setting) else [frontier(p, s.calibrate, knob, settings) for p, s in parts]
    shown = [frontier(p, s.test, knob, settings) for p, s in parts]
    return Curves(chosen=chosen[0] if len(chosen) == 1 else pooled(chosen), shown=shown[0] if len(shown) == 1 else pooled(shown))


def started(fit: Fitted, goal: Goal) -> Fitted:
    """Return the fit with its knobs at a sensible first place: the goal met on calibrate."""
    return started_each(fit, (goal,))[0]


def started_each(fit: Fitted, goals: Sequence[Goal]) -> tuple[Fitted, ...]:
    """Return the fit started for each of several goals."""
    names = sweepable(fit.policy)
    if not names:
        return (fit,) * len(goals)
    tuned = tune_each(fit.policy, fit.study.parts[0].calibrate, goals)
    moved = [fit.set({name: setting(each, name) for name in names}) for each in tuned]
    if not fit.study.crossed:
        return tuple(moved)
    both = [curves(each, names[-1]) for each in moved]
    at = [pick(each.chosen, fit.study.table, goal) for each, goal in zip(both, goals, strict=True)]
    return tuple(each.turned(names[-1], float(curve.chosen.setting[k])) for each, curve, k in zip(moved, both, at, strict=True))


def band(study: Study, curve: Frontier) -> Band:
    """Return bootstrap intervals over the tested queries at up to BANDS_AT settings of a test curve."""
    count = len(curve.setting)
    settings = curve.setting[np.unique(np.linspace(0, count - 1, BANDS_AT).round().astype(np.intp))]
    quality, cost, latency = (curve.per_query(settings, name) for name in ("quality", "cost", "latency"))
    reference = study.tested.quality(study.best)
    resampled = weights(len(reference), resamples=RESAMPLES, strata=study.strata)
    quality_low, quality_high = intervals(quality, w=resampled, strata=study.strata)
    cost_low, cost_high = intervals(cost, w=resampled, strata=study.strata)
    latency_low, latency_high = intervals(latency, w=resampled, strata=study.strata)
    gap_low, gap_high = intervals(quality - reference[:, None], w=resampled, strata=study.strata)
    no_p95 = curve.mixed or bool(np.isnan(latency).any())
    # By nearest rank, as the metric has it.
    p95 = np.full(len(settings), np.nan) if no_p95 else np.quantile(latency, 0.95, axis=0, method="inverted_cdf").astype(np.float64)
    return Band(
        setting=settings, quality_low=quality_low, quality_high=quality_high, cost_low=cost_low, cost_high=cost_high,
        latency_low=latency_low, latency_high=latency_high,
        gap=quality.mean(axis=0, dtype=np.float64) - reference.mean(dtype=np.float64), gap_low=gap_low,
        gap_high=gap_high, latency_p95_s=p95,
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """A policy's decisions on the tested queries (N,), the folds one after the other, in the study's row order."""

    study: Study
    runs: tuple[Run, ...]

    @cached_property
    def quality(self) -> Floats:
        """(N,) quality of the returned answers."""
        return np.concatenate([run.quality for run in self.runs])

    @cached_property
    def cost(self) -> Floats:
        """(N,) cost of every call made."""
        return np.concatenate([run.cost_usd for run in self.runs])

    @cached_property
    def latency(self) -> Floats:
        """(N,) seconds."""
        return np.concatenate([run.latency_s for run in self.runs])

    @cached_property
    def answer(self) -> Ints:
        """(N,) position of the answering model."""
        return np.concatenate([run.answer for run in self.runs])

    @cached_property
    def called(self) -> Bools:
        """(N, M) who was paid."""
        return np.concatenate([run.called for run in self.runs])

    @cached_property
    def rounds(self) -> Ints:
        """(N, R) the models in the order in which they were called, -1 = none."""
        return _beside([run.rounds for run in self.runs])

    @cached_property
    def stages(self) -> Ints:
        """(N, R) the round of each of these calls, from 0: equal = at once; -1 = none."""
        return _beside([run.stages for run in self.runs])

    def score(self, stage: int) -> Floats:
        """(N,) the confidence compared at a stage, NaN where the query never came there."""
        return np.concatenate([run.score(stage) for run in self.runs])


def _beside(parts: list[Ints]) -> Ints:
    """Return the parts one under the other, filled up with -1 to the widest."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=-1) for part in parts])


def shown(fit: Fitted) -> Shown:
    """Return what the policy does on every tested query."""
    return Shown(
        study=fit.study, runs=tuple(replay(policy, parts.test) for policy, parts in zip(fit.policies, fit.study.parts, strict=True))
    )
