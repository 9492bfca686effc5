"""The frontier of any strategy: its cost, quality, latency and shares at every setting of one knob."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.batch import BatchRouter
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.frontiers.breakpoints import lambda_moves, lambda_settings
from strategies.frontiers.cut import cut_moves, cut_settings
from strategies.frontiers.moves import Moves
from strategies.frontiers.planned import plan_of, planned_moves
from strategies.frontiers.refine import refined
from strategies.knobs import Turn, turn, turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Doubles, Floats, Strategy

MOST = 8192
_GRID = 41
_REFINED = 33  # settings where they are sought out
_STREAMED, _STREAMED_LONG, _LONG = 9, 7, 2000  # settings of a policy that learns online: each is a stream, query by query
_SOLVED = 13  # settings of a batch method that solves each anew
_LEAST = 1e-4  # of a log knob's high end, where its range begins at zero
PerQuery = Callable[[Doubles, str], Floats]


@dataclass(frozen=True, eq=False, kw_only=True)
class Frontier:
    """One knob's curve over n queries, the other knobs held; K settings, ascending.

    setting, quality, cost_usd, latency_s : (K,) float64, NaN = unknown. answered, called : (M, K) shares of queries.
    exact : every setting that changes anything is here (up to thinning to MOST, each kept one still exact).
    edges : (K - 1,) the last value that still acts like each setting; above it the next one holds.
    per_query(settings, field) -> (n, K') values of each query, field "quality", "cost" or "latency".
    mixed : a random mixture, so these values are expectations: their means are exact, their spread and quantiles are not a run's.
    """

    knob: str
    models: tuple[str, ...]
    n: int
    setting: Doubles
    quality: Doubles
    cost_usd: Doubles
    latency_s: Doubles
    answered: Floats
    called: Floats
    exact: bool
    edges: Doubles
    per_query: PerQuery
    mixed: bool = False

    def at(self, value: float) -> int:
        """Return the position of the setting that acts like `value`."""
        return int(np.searchsorted(self.edges, value, side="left"))


def frontier(policy: Strategy, data: OutcomeTable, knob: str | None = None, settings: Doubles | None = None) -> Frontier:
    """Return the curve of one knob (the first by default), at its own breakpoints or at given settings.

    Exact for cutting knobs, for lambda, for mixtures and for batch methods that follow a plan; any other knob is swept over its
    declared range (a share most closely where most decisions change), or its plan's.
    """
    if not turns(policy):
        raise refuse(f"{policy.card.id} has no knob to turn.", "Replay it: it is one point.")
    chosen = turn(policy, knob or turns(policy)[0].name)
    if chosen.cuts is not None:
        cut = cut_moves(policy, data, chosen.cuts)
        return _moved(data, chosen, cut, cut_settings(cut) if settings is None else settings, thin=settings is None)
    if isinstance(policy, LambdaRouter) and chosen.name == "lam":
        moves = lambda_moves(policy, data)
        return _moved(data, chosen, moves, lambda_settings(moves) if settings is None else settings, thin=settings is None)
    if isinstance(policy, Blend):
        return _blended(policy, data, chosen, settings)
    if isinstance(policy, BatchRouter) and chosen.name == policy.drags and policy.stepwise:
        plan = plan_of(policy, data)
        return _moved(data, chosen, planned_moves(plan, data), plan.settings if settings is None else settings, thin=settings is None)
    return _swept(policy, data, chosen, settings)


def _moved(data: OutcomeTable, chosen: Turn, moves: Moves, settings: Doubles, *, thin: bool) -> Frontier:
    if thin:
        settings = _thinned(inside(settings, chosen.knob.low, np.inf if chosen.knob.high == "data" else chosen.knob.high))
    settings = np.asarray(settings, dtype=np.float64)
    single = chosen.cuts is not None
    acts = as_compared(settings) if single else settings
    edges = np.minimum(_next_point(moves.breakpoints, acts[:-1]), acts[1:])
    if single:  # every value up to half way to the next float32 acts like the edge
        edges = (edges + np.nextafter(edges.astype(np.float32), np.float32(np.inf))) / 2
    means = moves.sums(acts)
    answered, called = moves.shares(acts)

    def per_query(at: Doubles, name: str) -> Floats:
        return moves.per_query(as_compared(at) if single else at, name)

    return Frontier(
        knob=chosen.name, models=data.models, n=len(data), setting=settings, quality=means["quality"], cost_usd=means["cost"],
        latency_s=means["latency"], answered=answered, called=called, exact=True, edges=edges, per_query=per_query,
    )  # fmt: skip


def inside(settings: Doubles, low: float, high: float) -> Doubles:
    """Return ascending settings within a range; those past an end act like that end, which stands for them."""
    first, last = np.searchsorted(settings, low, side="right"), np.searchsorted(settings, high, side="left")
    return np.concatenate([[low] * bool(first), settings[first:last], [high] * bool(last < len(settings))])


def _next_point(points: Doubles | Floats, at: Doubles) -> Doubles:
    """Return for each of (K,) values the first breakpoint that is not below it, inf behind the last."""
    place = np.searchsorted(points, at.astype(points.dtype) if points.dtype == np.float32 else at)
    if not len(points):
        return np.full(len(at), np.inf)
    return np.where(place < len(points), points[np.minimum(place, len(points) - 1)].astype(np.float64), np.inf)


def as_compared(settings: Doubles) -> Doubles:
    """Return settings as a policy compares them: scores are float32, and so is a threshold beside them."""
    return np.asarray(settings, dtype=np.float32).astype(np.float64)


def _thinned(settings: Doubles) -> Doubles:
    if len(settings) <= MOST:
        return settings
    return settings[np.linspace(0, len(settings) - 1, MOST).round().astype(np.intp)]


def _blended(policy: Blend, data: OutcomeTable, chosen: Turn, settings: Doubles | None) -> Frontier:
    settings = _range(chosen, 101) if settings is None else np.asarray(settings, dtype=np.float64)

    def weights(at: Doubles) -> Doubles:
        return np.stack([turned(policy, chosen.name, float(s)).weights(data.models) for s in at], axis=1)

    def per_query(at: Doubles, name: str) -> Floats:
        mix = weights(at)
        used = np.flatnonzero(mix.any(axis=1))
        field = {"quality": "quality", "cost": "cost_usd", "latency": "latency_s"}[name]
        columns = np.stack([data.column(field, int(m)) for m in used], axis=1).astype(np.float64)
        # A hole of a model that gets no share at a setting is no hole there.
        known = np.where(np.isnan(columns), 0.0, columns) @ mix[used]
        holes = np.isnan(columns).astype(np.float64) @ (mix[used] > 0) > 0
        return np.where(holes, np.nan, known).astype(np.float32)

    points = [turned(policy, chosen.name, float(s)).expected(data) for s in settings]
    shares = weights(settings).astype(np.float32)
    return Frontier(
        knob=chosen.name, models=data.models, n=len(data), setting=settings, quality=np.array([p.quality for p in points]),
        cost_usd=np.array([p.cost_usd for p in points]), latency_s=np.array([p.latency_s for p in points]),
        answered=shares, called=shares, exact=True, edges=_middles(settings), per_query=per_query, mixed=True,
    )  # fmt: skip


def _swept(policy: Strategy, data: OutcomeTable, chosen: Turn, settings: Doubles | None) -> Frontier:
    dear = policy.card.family == "online" or policy.card.batch
    low, high = chosen.knob.low, chosen.knob.high
    if settings is None and not dear and chosen.knob.unit.startswith("share") and chosen.knob.scale == "linear" and high != "data":
        found = refined(lambda at: replay(turned(policy, chosen.name, at), data), low, float(high), _REFINED)
        settings, runs = np.array(list(found)), list(found.values())
    else:
        settings = sweep_settings(policy, data, chosen) if settings is None else np.asarray(settings, dtype=np.float64)
        runs = [replay(turned(policy, chosen.name, float(s)), data) for s in settings]
    facts = [run.summary() for run in runs]
    kept = dict(zip(settings.tolist(), runs, strict=True)) if dear else {}  # dear to make, and few enough to keep

    def per_query(at: Doubles, name: str) -> Floats:
        field = {"quality": "quality", "cost": "cost_usd", "latency": "latency_s"}[name]
        found = (kept.get(float(s)) or replay(turned(policy, chosen.name, float(s)), data) for s in at)
        return np.stack([getattr(run, field) for run in found], axis=1)

    return Frontier(
        knob=chosen.name, models=data.models, n=len(data), setting=settings, quality=np.array([f.quality for f in facts]),
        cost_usd=np.array([f.cost_usd for f in facts]), latency_s=np.array([f.latency_s for f in facts]),
        answered=np.array([[f.answered[m] for f in facts] for m in data.models], dtype=np.float32),
        called=np.array([[f.called[m] for f in facts] for m in data.models], dtype=np.float32), exact=False, edges=_middles(settings),
        per_query=per_query,
    )  # fmt: skip


def sweep_settings(policy: Strategy, data: OutcomeTable, chosen: Turn) -> Doubles:
    """Return the (K,) settings, ascending, at which a knob is swept: over its range, in its scale; of a batch method its plan's.

    Fewer for a policy that learns online, which goes through all queries one by one at each. ProblemError where the data ends the range.
    """
    if isinstance(policy, BatchRouter) and chosen.name == policy.drags:
        plan = plan_of(policy, data)
        return plan.settings if policy.stepwise else plan.spread(_SOLVED)
    if isinstance(policy, BatchRouter) and chosen.knob.high == "data":
        return np.zeros(1)  # another knob is the objective's: this one moves nobody
    online = policy.card.family == "online"
    return _range(chosen, _GRID if not online else _STREAMED if len(data) <= _LONG else _STREAMED_LONG)


def _middles(settings: Doubles) -> Doubles:
    return np.asarray((settings[:-1] + settings[1:]) / 2)


def _range(chosen: Turn, count: int) -> Doubles:
    knob = chosen.knob
    if knob.high == "data":
        raise refuse(f"{chosen.name} ends where the data ends, and its strategy does not say where.", "Give the settings to sweep.")
    if knob.whole:
        return np.unique(np.geomspace(max(knob.low, 1), knob.high, count).round())
    if knob.scale == "log":  # zero is a notch of its own, as on a slider
        zero = [knob.low] if knob.low <= 0 else []
        return np.append(zero, np.geomspace(knob.low or knob.high * _LEAST, knob.high, count - len(zero)))
    return np.linspace(knob.low, knob.high, count)


def own_curves(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], knob: str) -> list[Frontier]:
    """Return each split's curve at its own settings; a swept one at those of the first, for its choice of them stands for any."""
    first = frontier(policies[0], parts[0], knob)
    at = None if first.exact else first.setting
    return [first, *(frontier(policy, part, knob, at) for policy, part in zip(policies[1:], parts[1:], strict=True))]


def pooled(parts: list[Frontier]) -> Frontier:
    """Return the curve over all queries of several folds at their common settings: cross-fitting, each query counted once."""
    total = sum(f.n for f in parts)
    share = [f.n / total for f in parts]

    def mixed(name: str) -> Doubles:
        return np.asarray(sum(w * getattr(f, name) for w, f in zip(share, parts, strict=True)))

    def per_query(at: Doubles, name: str) -> Floats:
        return np.concatenate([f.per_query(at, name) for f in parts])

    return replace(
        parts[0], n=total, quality=mixed("quality"), cost_usd=mixed("cost_usd"), latency_s=mixed("latency_s"),
        answered=mixed("answered").astype(np.float32), called=mixed("called").astype(np.float32), per_query=per_query,
        edges=np.min([f.edges for f in parts], axis=0),
    )  # fmt: skip
