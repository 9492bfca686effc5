"""The exact frontier of lambda: each query walks down the upper envelope of its models' (cost, quality) estimates."""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable
from strategies.engines.loop import State, view_for
from strategies.engines.recorded import columns
from strategies.engines.source import Source
from strategies.frontiers.moves import Moves, Outcomes
from strategies.lagrangian import LambdaRouter, best
from strategies.protocol import Doubles, Ints

_SAME = 1e-9  # breakpoints closer than this (relative) are one: rounding must not decide who moves first


def lambda_moves(policy: LambdaRouter, data: OutcomeTable | Source) -> Moves:
    """Return who changes model at which lambda; 0 starts with the best estimate, the end is the cheapest for all."""
    source: Source = columns(data)
    quality, cost = policy.estimate(view_for(policy, State(source)))
    now = best(quality - 0.0 * cost, cost)  # as `decide` does at 0: a model of unknown cost is no choice
    start = now.copy()
    rows, ats, before, after = [], [], [], []
    open_rows = np.arange(len(now))
    while len(open_rows):
        at, to = _next(quality[open_rows], cost[open_rows], now[open_rows])
        moving = np.isfinite(at)
        open_rows, at, to = open_rows[moving], at[moving], to[moving]
        rows.append(open_rows)
        ats.append(at)
        before.append(now[open_rows])
        after.append(to)
        now[open_rows] = to
    row = np.concatenate(rows)
    return Moves(
        start=called_alone(source, np.arange(len(start)), start),
        row=row,
        at=_merged(np.concatenate(ats)),
        before=called_alone(source, row, np.concatenate(before)),
        after=called_alone(source, row, np.concatenate(after)),
    )


def lambda_settings(moves: Moves) -> Doubles:
    """Return one setting between each pair of neighbouring breakpoints: 0, the middles, and one above all."""
    points = moves.breakpoints[moves.breakpoints > 0]
    if not len(points):
        return np.zeros(1)
    middles = np.sqrt(points[:-1] * points[1:])
    return np.concatenate([[0.0], middles, [points[-1] * 2.0]])


def _next(quality: Doubles, cost: Doubles, now: Ints) -> tuple[Doubles, Ints]:
    """Return (n,) the lambda at which each query leaves its model, and the cheaper model it goes to; inf = never."""
    index = np.arange(len(now))
    dearer = cost[index, now][:, None] - cost
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(dearer > 0, (quality[index, now][:, None] - quality) / dearer, np.inf)
    at = np.where(np.isnan(at), np.inf, at)
    first = at.min(axis=1, initial=np.inf)
    # Several models on one line: go straight to the cheapest of them.
    tied = at <= first[:, None] * (1 + _SAME)
    return first, np.where(tied, np.where(np.isnan(cost), np.inf, cost), np.inf).argmin(axis=1).astype(now.dtype)


def _merged(at: Doubles) -> Doubles:
    """Return the breakpoints with those that differ by rounding only made equal."""
    if not len(at):
        return at
    order = np.argsort(at)
    ordered = at[order]
    fresh = np.concatenate([[True], np.diff(ordered) > _SAME * np.maximum(np.abs(ordered[1:]), 1e-300)])
    merged = np.empty_like(at)
    merged[order] = ordered[np.flatnonzero(fresh)][np.cumsum(fresh) - 1]
    return np.maximum(merged, 0.0)


def called_alone(source: Source, rows: Ints, model: Ints) -> Outcomes:
    """Return the outcomes of (k,) queries that each call one model."""
    quality, cost, latency = (np.empty(len(rows), dtype=np.float32) for _ in range(3))
    called = np.zeros((len(rows), len(source.names)), dtype=np.bool_)
    called[np.arange(len(rows)), model] = True
    for m in np.unique(model):
        at = model == m
        quality[at], cost[at], latency[at] = (c[rows[at]] for c in (source.quality(int(m)), source.cost(int(m)), source.latency(int(m))))
    return Outcomes(quality=quality, cost=cost, latency=latency, answer=model, called=called)
