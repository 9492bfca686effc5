"""The curve of a knob without an exact one, setting by setting, by whatever runs heavy work: this process, others beside it, a cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import Stopped, refuse
from strategies.batch import BatchRouter
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.engines.run import Run, Summary
from strategies.frontiers.curve import Frontier, sweep_settings
from strategies.knobs import Turn, turn, turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Doubles, Floats, Strategy
from strategies.work.here import Here
from strategies.work.pool import Pool, Progress, Stop

_FIELD = {"quality": "quality", "cost": "cost_usd", "latency": "latency_s"}


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting replayed. each : field -> (n,) values of every query, where they are too dear to be made again."""

    facts: Summary
    each: dict[str, Floats]


def has_exact_curve(policy: Strategy, knob: str | None = None) -> bool:
    """Whether `frontier` has every setting of a knob (the first by default) at once, so that nothing need be swept.

    Raises ProblemError if there is no such knob.
    """
    chosen = _chosen(policy, knob)
    if isinstance(policy, BatchRouter):
        return policy.stepwise if chosen.name == policy.drags else chosen.knob.high == "data"
    return chosen.cuts is not None or isinstance(policy, Blend) or (isinstance(policy, LambdaRouter) and chosen.name == "lam")


def sweep(
    policy: Strategy, data: OutcomeTable, knob: str | None = None, settings: Doubles | None = None, *, pool: Pool | None = None,
    progress: Progress | None = None, stop: Stop | None = None,
) -> Frontier:  # fmt: skip
    """Return the curve of one knob (the first by default) over K settings, each replayed on its own, the other knobs held.

    policy : fitted where it learns. settings : (K,) any order; None = evenly over the knob's declared range, in whose scale, or what the
    plan of a batch method says. pool : None = this process; all give the same curve to the bit. progress, stop : as for `Pool.run`; a
    stopped sweep is the curve of the settings that were done. Its `per_query` replays here, or has kept what is dear to make.
    Raises ProblemError where there is no knob or no range, Stopped where no setting was done, and what the pool raises.
    """
    chosen = _chosen(policy, knob)
    at = np.unique(np.asarray(sweep_settings(policy, data, chosen) if settings is None else settings, dtype=np.float64))
    if not len(at):
        raise refuse(f"there is no setting of {chosen.name} to sweep.", "Give one or more.")
    dear = policy.card.family == "online" or policy.card.batch
    shared = (replace(policy), data, chosen.name, dear)  # a fresh copy: what a policy has cached stays here
    done = (pool or Here()).run(_replayed, at.tolist(), shared=shared, progress=progress, stop=stop)
    if not done.results:
        raise Stopped("the sweep was stopped before its first setting was done.")
    return _curve(policy, data, chosen, at[list(done.at)], done.results)


def _chosen(policy: Strategy, knob: str | None) -> Turn:
    if not turns(policy):
        raise refuse(f"{policy.card.id} has no knob to turn.", "Replay it: it is one point.")
    return turn(policy, knob or turns(policy)[0].name)


def _replayed(shared: tuple[Strategy, OutcomeTable, str, bool], setting: float) -> _Setting:
    """Replay one setting: a piece of work."""
    policy, data, knob, dear = shared
    run = replay(turned(policy, knob, setting), data)
    return _Setting(run.summary(), {name: np.array(getattr(run, field)) for name, field in _FIELD.items()} if dear else {})


def _curve(policy: Strategy, data: OutcomeTable, chosen: Turn, at: Doubles, done: tuple[_Setting, ...]) -> Frontier:
    facts = [each.facts for each in done]
    kept = {setting: each.each for setting, each in zip(at.tolist(), done, strict=True) if each.each}

    def run_at(setting: float) -> Run:
        return replay(turned(policy, chosen.name, setting), data)

    def per_query(settings: Doubles, name: str) -> Floats:
        found = (kept[s][name] if s in kept else getattr(run_at(s), _FIELD[name]) for s in np.asarray(settings, dtype=np.float64).tolist())
        return np.stack(list(found), axis=1)

    return Frontier(
        knob=chosen.name, models=data.models, n=len(data), setting=at, quality=np.array([f.quality for f in facts]),
        cost_usd=np.array([f.cost_usd for f in facts]), latency_s=np.array([f.latency_s for f in facts]),
        answered=np.array([[f.answered[m] for f in facts] for m in data.models], dtype=np.float32),
        called=np.array([[f.called[m] for f in facts] for m in data.models], dtype=np.float32), exact=False,
        edges=np.asarray((at[:-1] + at[1:]) / 2), per_query=per_query,
    )  # fmt: skip
