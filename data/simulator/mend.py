"""The last step of a twin: what shows only in a simulation is moved until the simulation shows what was recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.simulator import moments
from data.simulator.normal import Doubles
from data.simulator.simulate import FORESIGHT, simulate
from data.simulator.world import World

_QUERIES = 20_000
_SHARES = (0.0, 0.25, 0.5, 0.7, 0.85, 0.95)
_PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_ROUNDS = 2
_STEP = 0.2
_MOST = 1.5


def mended(world: World, table: OutcomeTable, quality: Doubles, after: Doubles, before: Doubles) -> World:
    """Return the world with confidence and foresight that follow topic and difficulty as far as recorded, and costs that do so.

    quality, after, before : (n, M) recorded quality, confidence and foresight, NaN = unknown.
    """
    if len(world.models) < 2:
        return world  # without another model nothing tells a hard query from a wrong answer
    world = _lengthened(world, quality, table.numbers["cost_usd"]) if "cost_usd" in table.numbers else world
    tasks = table.queries.tasks
    codes = np.zeros(len(table), np.int64) if tasks is None else tasks.astype(np.int64)
    wanted = [(moments.leaning(quality, score), moments.topical(score, codes)) for score in (after, before)]
    if np.isnan([each[0] for each in wanted]).all():
        return world
    for _ in range(_ROUNDS if len(world.topics) > 1 else 1):
        world = _scanned(world, "difficulty", _SHARES, [each[0] for each in wanted])
        if len(world.topics) > 1:
            world = _scanned(world, "topic", _PARTS, [each[1] for each in wanted])
    return _shared(world, moments.telling(quality, before))


def _scanned(world: World, what: str, shares: tuple[float, ...], wanted: list[float]) -> World:
    """Return the world with post_hoc_<what> and ex_ante_<what> at which its figures are the wanted ones."""
    names = (f"post_hoc_{what}", f"ex_ante_{what}")
    shown = []
    for share in shares:
        made = _made(replace(world, **dict.fromkeys(names, share)))  # type: ignore[arg-type]
        right, says, ahead = made.numbers["quality"].astype(np.float64), made.signals["confidence"], _foretold(made)
        codes = made.queries.tasks
        if what == "difficulty" or codes is None:
            shown.append([moments.leaning(right, score) for score in (says, ahead)])
        else:
            shown.append([moments.topical(score, codes) for score in (says, ahead)])
    found = [
        _where(np.array(seen), each, shares, getattr(world, name))
        for seen, each, name in zip(np.array(shown).T, wanted, names, strict=True)
    ]
    return replace(world, **dict(zip(names, found, strict=True)))  # type: ignore[arg-type]


def _shared(world: World, wanted: float) -> World:
    """Return the world with errors of foresight shared between models until it tells who is better as well as recorded."""
    shown = []
    for share in _PARTS:
        made = _made(replace(world, ex_ante_shared=share))
        shown.append(moments.telling(made.numbers["quality"].astype(np.float64), _foretold(made)))
    return replace(world, ex_ante_shared=_where(np.array(shown), wanted, _PARTS, 0.0))


def _foretold(made: OutcomeTable) -> Doubles:
    return np.concatenate([made.features[FORESIGHT + name] for name in made.models], axis=1).astype(np.float64)


def _made(world: World) -> OutcomeTable:
    return simulate(replace(world, n=_QUERIES, shifts=()))


def _where(seen: Doubles, wanted: float, shares: tuple[float, ...], otherwise: float) -> float:
    """Return the share at which a rising figure reaches what is wanted; an end where it never does."""
    if np.isnan(wanted) or np.isnan(seen).any():
        return otherwise
    return float(np.interp(wanted, np.maximum.accumulate(seen), shares))


def _lengthened(world: World, quality: Doubles, cost: Any) -> World:
    """Return the world with answers longer where wrong and where hard as recorded: two slopes a model, by one Newton step from 0."""
    wanted = moments.lengthening(quality, cost)
    if not wanted.any():
        return world
    flat = _slopes(_with(world, np.zeros(len(world.models)), np.zeros(len(world.models))))
    steps = np.full(len(world.models), _STEP)
    wrong = (_slopes(_with(world, steps, steps * 0)) - flat) / _STEP
    hard = (_slopes(_with(world, steps * 0, steps)) - flat) / _STEP
    moved = np.zeros((len(world.models), 2))
    for m in range(len(world.models)):
        response = np.stack([wrong[m], hard[m]], axis=1)
        miss = wanted[m, :2] - flat[m]
        # A little ridge: where hard and wrong can't be told apart the smaller change is taken.
        moved[m] = np.linalg.solve(response.T @ response + 1e-3 * np.eye(2), response.T @ miss)
    moved = np.clip(moved, -_MOST, _MOST)
    world = _with(world, moved[:, 0], moved[:, 1])
    left = moments.lengthening(_made(world).numbers["quality"].astype(np.float64), _made(world).numbers["cost_usd"])[:, 2]
    spread = [
        float(np.clip(np.sqrt(max(m.tokens_spread**2 + w**2 - own**2, 0.0)), 0, 3))
        for m, w, own in zip(world.models, wanted[:, 2], left, strict=True)
    ]
    return replace(world, models=tuple(replace(m, tokens_spread=s) for m, s in zip(world.models, spread, strict=True)))


def _slopes(world: World) -> Doubles:
    made = _made(world)
    return moments.lengthening(made.numbers["quality"].astype(np.float64), made.numbers["cost_usd"])[:, :2]


def _with(world: World, wrong: Doubles, hard: Doubles) -> World:
    changed = zip(world.models, wrong.tolist(), hard.tolist(), strict=True)
    return replace(world, models=tuple(replace(m, longer_when_wrong=w, longer_when_hard=h) for m, w, h in changed))
