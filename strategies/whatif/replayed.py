"""A fitted strategy replayed in a scenario: on its tested queries, as it is or learnt and tuned again. No model is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np

from data.outcomes import Parts
from strategies.engines.loop import replay
from strategies.frontiers.tune import Goal
from strategies.knobs import declared
from strategies.protocol import Bools, Doubles, Strategy
from strategies.study.curves import Fitted, fitted, started
from strategies.study.prepare import Study
from strategies.whatif.conditions import Load
from strategies.whatif.measure import Effect, Outcome
from strategies.whatif.queue import Queue, queue
from strategies.whatif.scenario import Scenario, apply, said
from strategies.whatif.split import Split

KEEP = Goal(keep=0.97)
Role: TypeAlias = Literal["test", "calibrate"]


def outcome(fit: Fitted, scenario: Scenario, *, goal: Goal = KEEP, part: Role = "test") -> Outcome:
    """Return what a fitted strategy does on the tested queries in a scenario; part : or on those of calibrate, where one chooses.

    The policy stays as it is, and its thresholds, unless the scenario refits: then it is learnt on the changed fit parts and tuned on the
    changed calibrate parts for `goal`. Whatever it would have done at a model that is gone or down, no value of that model is used.
    Raises ProblemError as `apply` does, or where the strategy cannot do without what is gone.
    """
    known = fit.study
    if scenario.refits:
        fit = refitted(fit, scenario, goal)
    before = [getattr(parts, part) for parts in known.parts]
    tables = [getattr(parts, part) for parts in fit.study.parts] if scenario.refits else [apply(scenario, table) for table in before]
    runs = [replay(scenario.adapted(policy), table) for policy, table in zip(fit.policies, tables, strict=True)]
    return _told(known, scenario, [Split(scenario, b, t, r) for b, t, r in zip(before, tables, runs, strict=True)])


def effect(fit: Fitted, scenario: Scenario, *, goal: Goal = KEEP) -> Effect:
    """Return what a scenario changes for a fitted strategy."""
    return Effect(before=outcome(fit, Scenario()), after=outcome(fit, scenario, goal=goal))


def changed(study: Study, scenario: Scenario) -> Study:
    """Return a study under a scenario: the same queries, splits and order of models; the study itself where nothing changes."""
    table = apply(scenario, study.table)
    if table is study.table:
        return study
    parts = tuple(Parts(**{role: apply(scenario, getattr(p, role)) for role in ("fit", "calibrate", "test")}) for p in study.parts)
    return replace(study, whole=table, table=table, pool=table.models, parts=parts)


def refitted(fit: Fitted, scenario: Scenario, goal: Goal = KEEP) -> Fitted:
    """Return a strategy learnt on the changed fit parts and tuned on the changed calibrate parts for a goal.

    Models that are gone leave its chain; a chain of fewer than two, and a signal or a pair that named them, is chosen anew.
    """
    study = changed(fit.study, scenario)
    return started(fitted(study, _unfitted(scenario.adapted(fit.policy), study.pool)), goal)


def _unfitted(policy: Strategy, pool: Sequence[str]) -> Strategy:
    """Return a policy as before `fit`, with what named models that are gone left open; thresholds of stages that are gone leave too."""
    settings: dict[str, Any] = {}
    for item, spec in declared(policy, "arms"):
        named = getattr(policy, item.name)
        settings[item.name] = _left(named, pool, spec.least) if isinstance(named, tuple) else named if named in pool else ""
    chain, left = policy.settings().get("chain", ()), settings.get("chain", ())
    if "thresholds" in policy.settings() and len(left) != len(chain):
        kept = [t for t, model in zip(policy.settings()["thresholds"], chain, strict=False) if model in left]
        settings["thresholds"] = tuple(kept[: max(len(left) - 1, 0)]) or type(policy)().settings()["thresholds"]
    return replace(policy, state={}, **settings)


def _left(names: tuple[str, ...], pool: Sequence[str], least: int) -> tuple[str, ...]:
    kept = tuple(name for name in names if name in pool)
    return kept if len(kept) >= least or len(kept) == len(names) else ()


def _told(study: Study, scenario: Scenario, runs: Sequence[Split]) -> Outcome:
    def joined(parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    table = runs[0].table
    reference = study.best if study.best in table.models else changed(study, scenario).best
    weights = [found for run in runs if (found := scenario.weights(run.before)) is not None]
    each = joined(weights) if weights else None
    called = joined([run.called for run in runs])
    queues = _queues(scenario, runs, called, each)
    waits = {table.index(name): found.wait_s for name, found in queues.items()}
    return Outcome(
        quality=joined([run.quality for run in runs]), cost=joined([run.cost for run in runs]),
        latency=joined([run.latency(waits) for run in runs]), reference=reference,
        reference_cost=joined([run.up.cost_usd(reference) for run in runs]), models=table.models, called=called,
        cost_unit=table.cost_unit, weights=each, queues=queues, said=said(runs[0].before, table), refitted=scenario.refits,
    )  # fmt: skip


def _queues(scenario: Scenario, runs: Sequence[Split], called: Bools, weights: Doubles | None) -> dict[str, Queue]:
    """Return model -> its queue: calls come as often as the policy makes them, and take what calls of these queries took.

    Repeated samples and paid checks are not counted as calls.
    """
    found = {}
    w = np.ones(len(called)) if weights is None else weights
    for load in scenario.active:
        if not isinstance(load, Load) or load.model not in runs[0].table.models:
            continue
        m = runs[0].table.index(load.model)
        seconds = np.concatenate([run.table.latency_s(m) for run in runs]).astype(np.float64)
        calls = w * called[:, m]
        per_s, total = load.per_hour / 3600 * float(calls.sum() / w.sum()), float(calls.sum())
        if total == 0:
            found[load.model] = Queue(utilisation=0.0, waits=0.0, wait_s=0.0)
            continue
        known = np.where(calls > 0, seconds, 0.0)
        mean = float(calls @ known / total)
        spread = float(np.sqrt(calls @ np.where(calls > 0, (seconds - mean) ** 2, 0.0) / total)) / mean if mean > 0 else 0.0
        found[load.model] = queue(per_s, mean, spread, load.servers)
    return found
