"""One query's way through a policy, step by step, and where it would have gone the other way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from data.outcomes import OutcomeTable
from strategies.engines.fees import NOBODY, Fee
from strategies.engines.loop import State, replay, view_for
from strategies.engines.online import as_it_was
from strategies.engines.recorded import Columns
from strategies.engines.run import Run
from strategies.frontiers.breakpoints import lambda_moves
from strategies.frontiers.cut import cut_moves
from strategies.knobs import setting, turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Decision, Strategy, View


class Paid(NamedTuple):
    """Something asked for at a price. name : of a signal of a model's answer, or of a feature of the query, where model is empty.

    cost, latency_s : NaN = not known.
    """

    name: str
    model: str
    cost: float
    latency_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision. called : models asked in it (empty when it stopped). score, threshold : what was compared, NaN = nothing.

    stop : the answer of model `answer` is returned. paid : what it asked for at a price before it decided. cost, latency_s : of this
    step's paid signals, features and calls; bill : spent after them.
    """

    stage: int
    stop: bool
    answer: str
    called: tuple[str, ...]
    score: float
    threshold: float
    cost: float
    latency_s: float
    bill: float
    paid: tuple[Paid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """At which setting of a knob this query takes another way: up to `setting` one, above it the other."""

    knob: str
    setting: float
    current: float
    below: tuple[str, ...]
    above: tuple[str, ...]
    answer_below: str
    answer_above: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything about one query under one policy; quality, NaN = not recorded."""

    steps: tuple[Step, ...]
    path: tuple[str, ...]
    answer: str
    quality: float
    cost: float
    latency_s: float
    flips: tuple[Flip, ...]
    weights: dict[str, tuple[float, float]]  # model -> (expected quality, expected cost), for routers that estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one query gets while a knob lies above `low` (the first: at it) and up to `high`; inf = the data sets no end."""

    low: float
    high: float
    path: tuple[str, ...]
    answer: str
    quality: float
    cost: float
    latency_s: float


class Bill(NamedTuple):
    """What one decision cost: who was called, the price of that and of what it asked for, and the seconds."""

    models: tuple[int, ...]
    cost: float
    latency_s: float
    paid: tuple[Paid, ...]


def trace(policy: Strategy, table: OutcomeTable, row: int) -> Trace:
    """Return the trace of one query (row is its position in the table): the same loop, on a table of one.

    A policy that learns online is taken as it was when the query arrived, with all that came before it learnt; what a batch
    method decides is what it decided of this query among all of the table.
    """
    policy = _among_all(policy, table, row) if policy.card.batch else as_it_was(policy, table, row)
    one = table.take(np.array([row]))
    seen: list[tuple[int, Decision]] = []
    run = replay(_Watched.over(policy, seen), one)
    names = one.models
    bills = _bills(run, len(seen))
    steps = tuple(_step(policy, names, (stage, decision), bills) for stage, decision in seen)
    answer = int(run.answer[0])
    return Trace(
        steps=steps,
        path=tuple(names[m] for m in run.path[0]),
        answer=names[answer],
        quality=float(run.quality[0]),
        cost=float(run.cost_usd[0]),
        latency_s=float(run.latency_s[0]),
        flips=flips(policy, one),
        weights=_weights(policy, one),
    )


def flips(policy: Strategy, one: OutcomeTable) -> tuple[Flip, ...]:
    """Return the settings at which a single query changes its way, for every cutting knob and for lambda."""
    found: list[Flip] = []
    for each in turns(policy):
        if each.cuts is not None:
            moves = cut_moves(policy, one, each.cuts)
        elif isinstance(policy, LambdaRouter) and each.name == "lam":
            moves = lambda_moves(policy, one)
        else:
            continue
        for j in np.argsort(moves.at):
            before, after = (tuple(one.models[m] for m in np.flatnonzero(o.called[j])) for o in (moves.before, moves.after))
            answers = [one.models[int(o.answer[j])] for o in (moves.before, moves.after)]
            found.append(
                Flip(
                    knob=each.name,
                    setting=float(moves.at[j]),
                    current=setting(policy, each.name),
                    below=before,
                    above=after,
                    answer_below=answers[0],
                    answer_above=answers[1],
                )
            )
    return tuple(found)


def ways(policy: Strategy, table: OutcomeTable, row: int) -> dict[str, tuple[Way, ...]]:
    """Return for every knob that can turn this query its ways from the knob's low end to its high end; the other knobs held."""
    one = table.take(np.array([row]))
    cuts: dict[str, list[float]] = {}
    for flip in flips(policy, one):
        cuts.setdefault(flip.knob, []).append(flip.setting)
    found: dict[str, tuple[Way, ...]] = {}
    for each in turns(policy):
        low, high = float(each.knob.low), np.inf if each.knob.high == "data" else float(each.knob.high)
        at = sorted({cut for cut in cuts.get(each.name, ()) if low <= cut < high})
        if at:
            ends = list(zip([low, *at], [*at, high], strict=True))
            found[each.name] = tuple(_way(turned(policy, each.name, _within(a, b)), one, (a, b)) for a, b in ends)
    return found


def _within(low: float, high: float) -> float:
    """Return a setting above low and below (or at) high."""
    return low * 2.0 + 1.0 if np.isinf(high) else high if high == low else (low + high) / 2.0


def _way(policy: Strategy, one: OutcomeTable, ends: tuple[float, float]) -> Way:
    run = replay(policy, one)
    return Way(
        low=ends[0], high=ends[1], path=tuple(one.models[m] for m in run.path[0]), answer=one.models[int(run.answer[0])],
        quality=float(run.quality[0]), cost=float(run.cost_usd[0]), latency_s=float(run.latency_s[0]),
    )  # fmt: skip


def _among_all(policy: Strategy, table: OutcomeTable, row: int) -> Strategy:
    """Return a policy that decides on this query alone as the given one did among all queries."""
    seen: list[tuple[int, Decision]] = []
    run = replay(_Watched.over(policy, seen), table)
    told: list[Decision] = []
    rows = np.arange(run.n)
    for stage, decision in seen:
        place = np.flatnonzero(rows == row)
        if not len(place):
            break
        told.append(_narrowed(decision, int(place[0]), len(rows)))
        onward = [rows if event.rows is None else event.rows for event in run.events if event.stage == stage]
        rows = np.unique(np.concatenate(onward)) if onward else rows[:0]

    class Told(type(policy)):  # type: ignore[misc] # the class is known only now
        def decide(self, view: View) -> Decision:
            return told[view.stage]

    copy = object.__new__(Told)
    copy.__dict__.update(policy.__dict__)
    return copy


def _narrowed(decision: Decision, place: int, count: int) -> Decision:
    """Return what a decision on `count` queries says of one of them."""

    def own(values: Any, *, each: int = 1) -> Any:
        array = np.asarray(values)
        return array[place : place + 1] if array.ndim == each and len(array) == count else values

    call = None if decision.call is None else own(decision.call, each=2 if np.asarray(decision.call).dtype == np.bool_ else 1)
    return replace(
        decision, stop=own(decision.stop), answer=own(decision.answer), call=call, score=own(decision.score), sample=own(decision.sample)
    )


class _Watched:
    """A policy that notes its decisions; everything else is the policy itself."""

    @staticmethod
    def over(policy: Strategy, seen: list[tuple[int, Decision]]) -> Strategy:
        """Return a copy of the policy whose `decide` also writes to `seen`."""

        class Watched(type(policy)):  # type: ignore[misc] # the class is known only now
            def decide(self, view: View) -> Decision:
                decision: Decision = super().decide(view)
                seen.append((view.stage, decision))
                return decision

        copy = object.__new__(Watched)
        copy.__dict__.update(policy.__dict__)
        return copy


def _bills(run: Run, rounds: int) -> list[Bill]:
    """Return what each decision cost: the signals and features it paid for and the calls it made, those at once as one."""
    called: list[list[int]] = [[] for _ in range(rounds)]
    for event in run.events:
        called[event.stage] += event.models
    found = []
    for stage, models in enumerate(called):
        paid = tuple(_paid(run, fee) for fee in run.fees if fee.asked.stage == stage)
        cost = sum(float(run.source.cost(m)[0]) for m in models) + sum(each.cost for each in paid)
        slowest = float(np.max([run.source.latency(m)[0] for m in models])) if models else 0.0
        found.append(Bill(tuple(models), cost, slowest + sum(each.latency_s for each in paid), paid))
    return found


def _paid(run: Run, fee: Fee) -> Paid:
    _, model, name = fee.asked
    return Paid(name, "" if model == NOBODY else run.models[model], float(fee.cost[0]), float(fee.latency[0]))


def _step(policy: Strategy, names: tuple[str, ...], seen: tuple[int, Decision], bills: list[Bill]) -> Step:
    stage, decision = seen
    own = bills[stage]
    knob = next((t for t in turns(policy) if t.cuts == stage), None)
    stop = bool(np.all(decision.stop))
    answer = "" if not stop or decision.answer is None else names[int(np.asarray(decision.answer).ravel()[0])]
    score = float("nan") if decision.score is None else float(np.asarray(decision.score).ravel()[0])
    return Step(
        stage=stage, stop=stop, answer=answer, called=tuple(names[m] for m in own.models), score=score,
        threshold=float("nan") if knob is None else setting(policy, knob.name), cost=own.cost, latency_s=own.latency_s,
        bill=float(sum(b.cost for b in bills[: stage + 1])), paid=own.paid,
    )  # fmt: skip


def _weights(policy: Strategy, one: OutcomeTable) -> dict[str, tuple[float, float]]:
    if not isinstance(policy, LambdaRouter):
        return {}
    quality, cost = policy.estimate(view_for(policy, State(Columns(one))))
    return {name: (float(quality[0, m]), float(cost[0, m])) for m, name in enumerate(one.models)}
