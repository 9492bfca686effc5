"""What a strategy of the family "online" must do on top (for `strategies.conformance`): it learns from what it saw, and from no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies.conformance import hold, same_run
from strategies.engines.loop import LoopView, State
from strategies.engines.online import arrivals, stream
from strategies.engines.recorded import Columns
from strategies.frontiers.curve import frontier
from strategies.knobs import turns
from strategies.protocol import Feedback, Strategy

if TYPE_CHECKING:
    from data.outcomes import OutcomeTable
    from strategies.conformance import Ground

_FEW = 60  # a stream by hand is as slow as learning in copies is


def _later_arrivals_change_nothing(ground: Ground) -> None:
    for table in (ground.test, ground.holed):
        run, order = replayed(ground.policy, table)
        for count in (1, len(table) // 3, len(table) - 1):
            first = np.sort(order[:count])
            part, _ = replayed(ground.policy, table.take(first))
            hold(same_run(run, part, first), f"the first {count} arrivals are decided otherwise when nobody comes after them")


def _order_of_rows_does_not_matter(ground: Ground) -> None:
    rows = np.random.default_rng(4).permutation(len(ground.test))
    one, other = (replayed(ground.policy, table)[0] for table in (ground.test, ground.test.take(rows)))
    hold(same_run(one, other, rows), "the table's order of rows changes the decisions: only the order of arrival may")


def _observes_in_a_copy(ground: Ground) -> None:
    policy, before = ground.policy, {name: np.array(values) for name, values in ground.policy.state.items()}
    learnt = policy.observe(feedback(ground.test))
    same = all(np.array_equal(policy.state[name], values) for name, values in before.items())
    hold(learnt is not policy and same and replace(policy, state=before) == policy, "observe changes the policy that it was called on")


def _a_stream_is_observing_in_turn(ground: Ground) -> None:
    table = ground.test.take(np.arange(_FEW))
    streamed, now = stream(ground.policy, table), ground.policy
    for row in arrivals(table, ground.policy.seed):
        one = stream(now, table.take(np.array([row])))
        hold(same_run(streamed.run, one.run, np.array([row])), "a query of the stream is decided otherwise than alone in its turn")
        now = one.policy
    hold(now == streamed.policy, "what is learnt in a stream is not what `observe` learns query by query")


def _it_learns(ground: Ground) -> None:
    streamed = stream(ground.policy, ground.test)
    hold(streamed.policy.key != ground.policy.key, "nothing is learnt from a stream: its family is not online")
    before, after = ground.policy.state, streamed.policy.state
    same = before.keys() == after.keys() and all((before[k].shape, before[k].dtype) == (after[k].shape, after[k].dtype) for k in before)
    hold(same, "learning changes the names, shapes or types of the state")


def _copes_with_silence(ground: Ground) -> None:
    silent = replace(ground.test, numbers={**ground.test.numbers, "quality": np.full_like(ground.test.numbers["quality"], np.nan)})
    run, _ = replayed(ground.policy, silent)
    hold((run.answer >= 0).all(), "where nobody says what was right, a query is left without an answer")
    state = stream(ground.policy, silent).policy.state
    known = [name for name, values in ground.policy.state.items() if values.dtype.kind == "f" and not np.isnan(values).any()]
    hold(not any(np.isnan(state[name]).any() for name in known), "an unknown reward is learnt as a number that is none")


def _no_knob_cuts(ground: Ground) -> None:
    hold(all(each.cuts is None for each in turns(ground.kind())), "a knob of an online strategy cuts nothing: it changes what is learnt")
    if turns(ground.policy):
        each = turns(ground.policy)[0]
        top = each.knob.low + 1 if each.knob.high == "data" else each.knob.high
        curve = frontier(ground.policy, ground.test, each.name, np.array([each.knob.low, top], dtype=np.float64))
        hold(not curve.exact and len(curve.setting) == 2, f"the curve of {each.name} is called exact")


def replayed(policy: Strategy, table: OutcomeTable) -> tuple[Any, Any]:
    """Return a stream's run and its order of arrival."""
    found = stream(policy, table)
    return found.run, found.order


def feedback(table: OutcomeTable) -> Feedback:
    """Return what is known when the first query was answered by the first and the second model, the second's answer being returned."""
    state = State(Columns(table.take(np.array([0]))), everyone=[0, 1], stage=1, last=1, cost=np.full(1, 0.01, np.float32))
    called = np.arange(len(table.models)) < 2
    quality = np.where(called, [table.quality(m)[0] for m in range(len(table.models))], np.nan)
    return Feedback(view=LoopView(state, 0), called=called, answer=1, quality=quality, cost=0.01)


RULES: tuple[Callable[[Ground], None], ...] = (
    _later_arrivals_change_nothing,
    _order_of_rows_does_not_matter,
    _observes_in_a_copy,
    _a_stream_is_observing_in_turn,
    _it_learns,
    _copes_with_silence,
    _no_knob_cuts,
)
