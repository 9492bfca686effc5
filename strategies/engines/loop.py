"""The one loop: ask `decide`, bill what it calls, narrow the open queries. Replay and live differ only in the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import LeakError, NotCalledError, refuse
from strategies.engines.fees import NOBODY, SAMPLES, require_drawn
from strategies.engines.recorded import columns
from strategies.engines.run import Event, Returned, Run
from strategies.engines.source import Judge, Rows, Source
from strategies.engines.state import State
from strategies.protocol import Bools, Decision, Floats, Ints, Strategy

__all__ = ["MOST_STAGES", "BoundLoopView", "Force", "Forced", "JudgedLoopView", "LoopView", "State", "play", "replay", "view_for"]
MOST_STAGES = 64
_ONE_EACH = "Return one value a query, or one for all."


class LoopView:
    """What is known now about the open queries (strategies.protocol.View)."""

    def __init__(self, state: State, seed: int) -> None:
        self._state, self._seed = state, seed

    @property
    def stage(self) -> int:
        """Rounds of calls already made."""
        return self._state.stage

    @property
    def last(self) -> Ints | int:
        """The model that answered last."""
        last = self._state.last
        return last if isinstance(last, int) else np.asarray(self._state.pick(last))

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """Static cards of the models."""
        return self._state.source.models

    @property
    def called(self) -> Bools:
        """(n, M) who was called so far."""
        state = self._state
        mask = np.zeros((len(self), len(self.models)), dtype=np.bool_) if state.matrix is None else np.array(state.pick(state.matrix))
        mask[:, state.everyone] = True
        return mask

    @property
    def bill(self) -> Floats:
        """(n,) spent so far."""
        if self._state.cost is None:
            return np.zeros(len(self), dtype=np.float32)
        return np.array(self._state.pick(self._state.cost))  # a copy: the loop goes on billing in place

    @property
    def texts(self) -> Sequence[str]:
        """The prompts of the open queries."""
        return self._state.source.texts(self._state.rows)

    def __len__(self) -> int:
        return self._state.open

    def feature(self, name: str) -> Floats:
        """(n, d) of something known before any call; one that has a price is billed to these queries."""
        values = self._state.source.feature(name)  # first: a live price is known once it was asked for
        self._state.pay(name, NOBODY)
        return np.asarray(self._state.pick(values))

    def signal(self, name: str, model: int) -> Floats:
        """(n,) of something visible after a call; one that has a price is billed to these queries."""
        self._require(model, f"the signal {name!r}")
        self._state.pay(name, model)
        return np.asarray(self._state.pick(self._state.source.signal(name, model)))

    def answer(self, model: int) -> Ints:
        """(n,) codes of a called model's answers."""
        self._require(model, "the answer")
        return np.asarray(self._state.pick(self._state.source.answers(model)))

    def samples(self, model: int, count: int) -> Ints:
        """(n, count) codes of a called model's repeated answers, billed to these queries."""
        self._require(model, "a further answer")
        self._state.pay(f"{SAMPLES}{count}", model)
        codes = np.asarray(self._state.pick(self._state.source.samples(model)[0]))[:, :count]
        return np.pad(codes, ((0, 0), (0, count - codes.shape[1])), constant_values=-1)

    def uniform(self, tag: str) -> Floats:
        """(n,) seeded draws in [0, 1)."""
        return np.asarray(self._state.pick(self._state.source.uniform(tag, self._seed)), dtype=np.float32)

    def arms(self, names: Sequence[str]) -> tuple[int, ...]:
        """Positions of models given by name."""
        known = {name: m for m, name in enumerate(self._state.source.names)}
        strange = [name for name in names if name not in known]
        if strange:
            raise refuse(f"there is no model {strange[0]!r} in this data.", f"Models: {', '.join(known)}.")
        return tuple(known[name] for name in names)

    def where(self, mask: Bools) -> LoopView:
        """Return the same view of a part of the open queries."""
        state = self._state
        rows = np.flatnonzero(mask) if state.rows is None else state.rows[mask]
        state.begun()  # the part is a copy: what is asked in it has to be billed to the whole
        narrowed = replace(state, rows=rows, mask=None)
        return type(self)(narrowed, self._seed)

    def _require(self, model: int, what: str) -> None:
        state = self._state
        if model in state.everyone:
            return
        if state.matrix is None or not bool(np.all(state.pick(state.matrix[:, model]))):
            name = state.source.names[model]
            raise NotCalledError(f"{what} of {name} was asked for, but {name} was not called on every open query: call it first.")


class BoundLoopView(LoopView):
    """A view for declared oracles only: it may also see quality."""

    def quality(self, model: int) -> Floats:
        """(n,) quality of any model, called or not."""
        return np.asarray(self._state.pick(self._state.source.quality(model)))

    def price(self, model: int) -> Floats:
        """(n,) what a call of any model would cost."""
        return np.asarray(self._state.pick(self._state.source.cost(model)))


class JudgedLoopView(LoopView):
    """A view for strategies that declare a simulated judge: it may also ask that judge about called models' answers."""

    def verdict(self, model: int, judge: Judge) -> Floats:
        """(n,) 1 where the judge accepts a called model's answer, 0 where not, NaN where there is none; not billed."""
        self._require(model, "the judge's verdict")
        return np.asarray(self._state.pick(self._state.source.verdict(model, judge, self._seed)))


def view_for(policy: Strategy, state: State) -> LoopView:
    """Return what a policy may see of the state's open queries: truth and a simulated judge only where its card declares them."""
    kind = BoundLoopView if policy.card.bound else JudgedLoopView if policy.card.judged else LoopView
    return kind(state, policy.seed)


@dataclass(frozen=True, slots=True)
class Force:
    """What the exact frontier does to one stage: stop everywhere, or go on everywhere; the score is kept."""

    stage: int
    stop: bool


Forced: TypeAlias = "Force | tuple[Force, ...] | None"


def replay(policy: Strategy, data: OutcomeTable | Source, *, force: Forced = None) -> Run:
    """Return what a policy does on recorded queries: the whole truth per query, as arrays.

    A policy of the family "online" meets them one at a time, in its seeded order of arrival (strategies.engines.online).
    Raises NotCalledError where the policy looks at what it has not paid for, and ProblemError for a decision of the
    wrong shape or without end.
    """
    source: Source = columns(data)
    if policy.card.family == "online":
        from strategies.engines.online import stream

        return stream(policy, source, force=force).run
    state = State(source)
    answers, scores = play(policy, state, force)
    return Run(
        policy=policy, source=source, cost=state.cost, latency=state.latency, events=tuple(state.events), answers=tuple(answers),
        scores=scores, fees=tuple(state.fees),
    )  # fmt: skip


def play(policy: Strategy, state: State, force: Forced = None) -> tuple[list[Returned], dict[int, tuple[Rows, Floats]]]:
    """Take the state's open queries to their ends; return whose answers they get, and the scores by stage."""
    answers: list[Returned] = []
    scores: dict[int, tuple[Rows, Floats]] = {}
    forced = {each.stage: each.stop for each in (force if isinstance(force, tuple) else () if force is None else (force,))}
    while state.open:
        if state.stage > MOST_STAGES:
            raise refuse(f"{policy.card.id} made {MOST_STAGES} rounds of calls without an end.", "Let decide stop after the last model.")
        decision = policy.decide(view_for(policy, state))
        stop = _stop(decision, state, policy)
        if decision.score is not None:
            scores[state.stage] = (state.rows, np.asarray(decision.score))
        if state.stage in forced and decision.score is not None:
            stop = forced[state.stage]
        if stop is not False:
            require_drawn(decision, stop, state.rows, state.fees, state.source)
            answers.append(Returned(state.place, _answered(decision, stop, state, policy), decision.sample))
        _advance(state, stop, decision, policy)
    return answers, scores


def _stop(decision: Decision, state: State, policy: Strategy) -> Bools | bool:
    stop: Any = np.asarray(decision.stop)
    if stop.dtype != np.bool_:
        raise refuse(f"{policy.card.id} gives {stop.dtype} as Decision.stop.", "Give booleans.")
    if stop.ndim == 0:
        return bool(stop)
    if stop.shape != (state.open,):
        raise refuse(f"{policy.card.id} decided for {stop.shape} of {state.open:,} open queries.", _ONE_EACH)
    return np.asarray(stop)


def _answered(decision: Decision, stop: Bools | bool, state: State, policy: Strategy) -> Ints | int:
    """Return whose answer the open queries get if they stop: later rounds overwrite those that go on."""
    if decision.answer is None:
        raise refuse(f"{policy.card.id} stops without saying whose answer to return.", "Set Decision.answer.")
    answer: Any = np.asarray(decision.answer)
    if answer.ndim and answer.shape != (state.open,):
        raise refuse(f"{policy.card.id} answers for {answer.shape} of {state.open:,} open queries.", _ONE_EACH)
    one = answer.ndim == 0
    if not (one and int(answer) in state.everyone):
        _require_paid(answer if one or stop is True else answer[stop], stop, state, policy)
    return int(answer) if one else answer


def _require_paid(who: Ints, stop: Bools | bool, state: State, policy: Strategy) -> None:
    """Raise LeakError if any query that stops returns an answer that was never called for it."""
    _in_range(who, state, policy)
    rows = np.arange(state.source.size) if state.rows is None else state.rows
    rows = rows if stop is True else rows[stop]
    paid = np.isin(who, state.everyone)
    if state.matrix is not None:
        paid = paid | state.matrix[rows, who]
    if not np.all(paid) and len(rows):
        name = state.source.names[int(np.broadcast_to(who, rows.shape)[~np.broadcast_to(paid, rows.shape)][0])]
        raise LeakError(f"{policy.card.id} returns the answer of {name} to a query on which it never called {name}.")


def _in_range(who: Ints, state: State, policy: Strategy) -> None:
    count = len(state.source.names)
    if who.size and (int(who.min()) < 0 or int(who.max()) >= count):
        raise refuse(
            f"{policy.card.id} names model {int(who.min())} or {int(who.max())} of {count}.", "Positions count from 0: use view.arms."
        )


def _advance(state: State, stop: Bools | bool, decision: Decision, policy: Strategy) -> None:
    """Narrow to the queries that go on, call for them, and bill."""
    if stop is True:
        state.close()
        return
    call = _wanted(decision, state, policy)
    if isinstance(stop, np.ndarray):
        going = state.narrow(~stop, rows=_differs(call))
        call = call[going] if _differs(call) else call
    if state.open:
        _call(state, call, policy)
    state.stage += 1


def _wanted(decision: Decision, state: State, policy: Strategy) -> Any:
    """Return whom to call, as an array: 0-d or (M,) booleans for all alike, else one row for each open query."""
    if decision.call is None:
        raise refuse(f"{policy.card.id} goes on without saying whom to call.", "Set Decision.call.")
    call = np.asarray(decision.call)
    fits = (len(state.source.names),) if call.dtype == np.bool_ else ()
    if call.shape not in {fits, (state.open, *fits)}:
        raise refuse(f"{policy.card.id} calls for {call.shape} of {state.open:,} open queries.", _ONE_EACH)
    return call


def _differs(call: Any) -> bool:
    """Whether queries differ in whom they call."""
    return bool(call.ndim == (2 if call.dtype == np.bool_ else 1))


def _call(state: State, call: Any, policy: Strategy) -> None:
    if call.dtype == np.bool_:
        if not call.any(axis=-1).all():
            raise refuse(f"{policy.card.id} goes on without calling anybody.", "Set at least one model in Decision.call.")
    else:
        _in_range(call, state, policy)
        call = call[0] if call.ndim and state.open == 1 else call  # one query differs from nobody
    if _differs(call):
        _call_each(state, call)
        return
    together = [int(m) for m in np.flatnonzero(call)] if call.dtype == np.bool_ else [int(call)]
    _call_all(state, together)
    state.last = together[-1]


def _call_all(state: State, together: list[int]) -> None:
    """Every open query calls the same models: cost adds up, latency is the slowest of those called together."""
    source = state.source
    source.call(state.place, together)
    cost, latency = source.cost(together[0]), source.latency(together[0])
    for m in together[1:]:
        cost, latency = cost + source.cost(m), np.maximum(latency, source.latency(m))
    state.everyone = [*state.everyone, *(m for m in together if m not in state.everyone)]
    state.events.append(Event(stage=state.stage, rows=state.place, models=tuple(together)))
    state.bill(cost, latency, whole=all(source.whole(m) for m in together))


def _call_each(state: State, call: Ints | Bools) -> None:
    """Call where queries differ in whom they call: model by model, latency is the slowest of each query."""
    source, size = state.source, state.source.size
    where = np.arange(size) if state.rows is None else state.rows
    spent, waited = state.begun()
    if state.matrix is None:
        state.matrix = np.zeros((size, len(source.names)), dtype=np.bool_)
    last = np.full(size, -1, dtype=np.int32) if isinstance(state.last, int) else state.last.astype(np.int32)
    slowest = np.zeros(len(where), dtype=np.float32)
    for m in range(len(source.names)):
        chosen = call == m if call.dtype != np.bool_ else call[:, m]
        if not chosen.any():
            continue
        rows = where[chosen]
        source.call(rows, [m])
        spent[rows] += source.cost(m)[rows]
        slowest[chosen] = np.maximum(slowest[chosen], source.latency(m)[rows])
        state.matrix[rows, m] = True
        last[rows] = m
        state.events.append(Event(stage=state.stage, rows=rows, models=(m,)))
    waited[where] += slowest
    state.last = last
