"""A fitted strategy replayed in a scenario: on its tested queries, as it is or learnt and tuned again. No model is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from data.outcomes import OutcomeTable, Parts
from data.whatif.failing import down
from strategies.engines.loop import replay
from strategies.engines.run import Run
from strategies.frontiers.tune import Goal
from strategies.knobs import declared
from strategies.protocol import Bools, Doubles, Floats, Strategy
from strategies.study.curves import Fitted, fitted, started
from strategies.study.prepare import Study
from strategies.whatif.conditions import Load, Outage
from strategies.whatif.measure import Effect, Outcome
from strategies.whatif.queue import Queue, queue
from strategies.whatif.scenario import Scenario, apply, said

KEEP = Goal(keep=0.97)
Part: TypeAlias = Literal["test", "calibrate"]


def outcome(fit: Fitted, scenario: Scenario, *, goal: Goal = KEEP, part: Part = "test") -> Outcome:
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
    return _told(known, scenario, [_Replayed(scenario, b, t, r) for b, t, r in zip(before, tables, runs, strict=True)])


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


@dataclass(frozen=True, eq=False)
class _Replayed:
    """One split's run in a scenario: who really answered each call, and what that comes to."""

    scenario: Scenario
    before: OutcomeTable
    table: OutcomeTable
    run: Run

    @cached_property
    def moved(self) -> list[tuple[int, int, Bools]]:
        """(down, stand-in, (n,) queries) of every outage, positions in the changed table."""
        found = [each for each in self.scenario.active if isinstance(each, Outage)]
        place = self.table.models.index
        return [
            (place(o.model), place(o.stand_in(self.before, self.scenario)), down(self.before, o.share))
            for o in found
            if o.model in self.table.models
        ]

    @cached_property
    def up(self) -> OutcomeTable:
        """The changed table as if nobody were down: what the reference would cost by itself."""
        if not self.moved:
            return self.table
        calm = [change for change in self.scenario.changes if not isinstance(change, Outage)]
        return apply(replace(self.scenario, changes=tuple(calm)), self.before)

    @cached_property
    def stages(self) -> dict[int, Floats]:
        """Called model -> (n,) the round of its call, -1 = none."""
        found = {}
        for m in np.unique(self.run.rounds[self.run.rounds >= 0]):
            hit = self.run.rounds == m
            found[int(m)] = np.where(hit.any(axis=1), np.where(hit, self.run.stages, -1).max(axis=1), -1)
        return found

    @cached_property
    def called(self) -> Bools:
        """(n, M) who answered: calls of a model that is down are calls of its stand-in."""
        called = np.array(self.run.called)
        for x, y, rows in self.moved:
            called[:, y] |= rows & called[:, x]
            called[rows, x] = False
        return called

    def twice(self) -> tuple[Doubles, Doubles]:
        """Return (n,) cost and (n,) seconds that were billed for one answer more than once: by the stand-in's name and by another.

        Who has answered already is not asked again: its answer is there, at no cost and at once.
        """
        cost, latency = np.zeros(len(self.table)), np.zeros(len(self.table))
        for y in {to for _, to, _ in self.moved}:
            same = [(y, np.ones(len(self.table), dtype=np.bool_)), *((x, rows) for x, to, rows in self.moved if to == y)]
            stages = np.stack([np.where(rows, self.stages.get(m, -1), -1) for m, rows in same])
            calls = (stages >= 0).sum(axis=0)
            order = np.sort(stages, axis=0)
            rounds = (order[0] >= 0).astype(np.intp) + ((np.diff(order, axis=0) > 0) & (order[1:] >= 0)).sum(axis=0)
            cost += np.where(calls > 1, np.maximum(calls - 1, 0) * self.table.cost_usd(y).astype(np.float64), 0.0)
            latency += np.where(rounds > 1, np.maximum(rounds - 1, 0) * self.table.latency_s(y).astype(np.float64), 0.0)
        return cost, latency

    def waiting(self, waits: dict[int, float]) -> Floats:
        """Return (n,) seconds with these waits before every call, by a second replay whose columns have them."""
        latency = np.array(self.table.numbers["latency_s"], order="F")
        late = np.zeros_like(latency)
        for m, wait in waits.items():
            late[:, m] = wait
        for x, y, rows in self.moved:
            late[rows, x] = late[rows, y]
        table = replace(self.table, numbers={**self.table.numbers, "latency_s": latency + late}, stored_fingerprint="")
        return replay(self.run.policy, table).latency_s


def _told(study: Study, scenario: Scenario, runs: Sequence[_Replayed]) -> Outcome:
    def joined(parts: Sequence[Any]) -> Any:
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    table = runs[0].table
    reference = study.best if study.best in table.models else changed(study, scenario).best
    weights = [found for run in runs if (found := scenario.weights(run.before)) is not None]
    each = joined(weights) if weights else None
    called = joined([run.called for run in runs])
    queues = _queues(scenario, runs, called, each)
    waits = {table.index(name): found.wait_s for name, found in queues.items()}
    cost, latency = [run.run.cost_usd for run in runs], [run.waiting(waits) if waits else run.run.latency_s for run in runs]
    if any(run.moved for run in runs):
        spared = [run.twice() for run in runs]
        cost = [np.asarray(a - s[0], dtype=np.float32) for a, s in zip(cost, spared, strict=True)]
        latency = [np.asarray(a - s[1], dtype=np.float32) for a, s in zip(latency, spared, strict=True)]
    return Outcome(
        quality=joined([run.run.quality for run in runs]), cost=joined(cost), latency=joined(latency), reference=reference,
        reference_cost=joined([run.up.cost_usd(reference) for run in runs]), models=table.models, called=called,
        cost_unit=table.cost_unit, weights=each, queues=queues, said=said(runs[0].before, table), refitted=scenario.refits,
    )  # fmt: skip


def _queues(scenario: Scenario, runs: Sequence[_Replayed], called: Bools, weights: Doubles | None) -> dict[str, Queue]:
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
