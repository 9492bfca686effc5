"""What every strategy must do, as checks that anybody can run on their own, chosen by what its card declares.

    from strategies.conformance import checks
    for name, check in checks(MyStrategy):
        check()                     # raises ConformanceError with one sentence

The checks run on a small simulated table that has everything: costs, latencies, signals, answers, texts, embeddings, holes.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import numpy as np

from data.outcomes import OutcomeTable, Parts
from data.problems import LeakError, ProblemError
from strategies.batch import drags
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.engines.run import Run, exact_mean
from strategies.engines.trace import trace
from strategies.frontiers.curve import Frontier, frontier
from strategies.frontiers.tune import Goal
from strategies.knobs import Knob, Turn, declared, setting, turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.persist import built, load_policy, save
from strategies.protocol import Card, Family, Floats, Strategy
from strategies.proving import Trap, bare, proving_parts, scrambled, with_holes

Check = Callable[[], None]
_SAMPLED = 7  # settings of a curve that are replayed one by one


class ConformanceError(AssertionError):
    """A strategy breaks a promise; the message says which."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What the checks stand on: a strategy's class, a policy fitted on one part, and a tested part with and without holes."""

    kind: type[Strategy]
    policy: Strategy
    parts: Parts

    @property
    def test(self) -> OutcomeTable:
        """The tested part, everything known."""
        return self.parts.test

    @property
    def holed(self) -> OutcomeTable:
        """The tested part with unknown cells."""
        return with_holes(self.parts.test)


def checks(kind: type[Strategy], parts: Parts | None = None) -> list[tuple[str, Check]]:
    """Return (name, check) for everything that a strategy's card makes it promise; a check raises ConformanceError.

    parts : the split to prove it on; by default that of `proving_ground()`.
    """

    @lru_cache(maxsize=1)
    def ground() -> Ground:
        split = parts or proving_parts(derived="token_shares" in kind.card.needs)
        return Ground(kind=kind, policy=kind().fit(split.fit), parts=split)

    def bound(rule: Callable[[Ground], None]) -> Check:
        return lambda: rule(ground())

    found: list[tuple[str, Check]] = [(_name(rule), bound(rule)) for rule in _rules(kind.card)]
    found += [(f"refuses {name}={value!r}", _refusal(kind, name, value)) for name, value in bad_values(kind)]
    found += [(f"accepts {name}={value!r}", _acceptance(kind, name, value)) for name, value in end_values(kind)]
    found += [(f"curve of {each.name} equals replay", bound(_curve_rule(each))) for each in turns(kind()) if _exact(kind, each)]
    return found


def _rules(card: Card) -> Iterator[Callable[[Ground], None]]:
    yield from (_card_is_complete, _is_frozen, _fit_returns_a_copy, _test_is_refused, _key_is_identity, _survives_a_file)
    yield from (_bills_what_it_calls, _holes_stay_unknown, _needs_are_said, _repeats_itself)
    if not card.bound:
        yield from (_never_touches_quality, _does_not_see_what_it_did_not_call)
    if card.family == "online":
        from strategies.conformance_online import RULES

        yield from (*RULES, _trace_is_the_run)
    else:
        yield from (_trace_is_the_run,) if card.batch else (_rows_are_independent, _trace_is_the_run)


def _name(rule: Callable[[Ground], None]) -> str:
    return rule.__name__.strip("_").replace("_", " ")


def hold(condition: Any, sentence: str) -> None:
    """Raise ConformanceError with the sentence unless the condition holds."""
    if not condition:
        raise ConformanceError(sentence)


# What a declaration promises


def bad_values(kind: type[Strategy]) -> Iterator[tuple[str, Any]]:
    """Yield (field, value) that its declarations forbid: past each end, not a number, a word or a list that is not offered."""
    for item, spec in declared(kind, "knob"):
        wrong: list[Any] = [spec.low - 1, float("nan"), float("inf"), "much", None, True]
        wrong += [spec.high + 1] if spec.high != "data" else []
        wrong += [spec.low + 0.5] if spec.whole else []
        yield from ((item.name, (value,) if spec.vector else value) for value in wrong)
    for item, spec in declared(kind, "choice"):
        yield from ((item.name, "no such word") for _ in range(not spec.free))
    for item, spec in declared(kind, "arms"):
        if isinstance(item.default, tuple):
            few, many = max(spec.least - 1, 1), (spec.most or 2 * spec.least) + 1
            yield from ((item.name, _names(few)) for _ in range(spec.least > 1))
            yield from ((item.name, _names(many)) for _ in range(spec.most is not None))
            yield item.name, ("a",) * max(spec.least, 2)


def end_values(kind: type[Strategy]) -> Iterator[tuple[str, Any]]:
    """Yield (field, value) at both ends of every knob."""
    for item, spec in declared(kind, "knob"):
        for value in (spec.low, spec.low + 1 if spec.high == "data" else spec.high):
            yield item.name, (value,) if spec.vector else value


def _names(count: int) -> tuple[str, ...]:
    return tuple("abcdefghijklmnopqrstuvwxyz"[:count])


def _refusal(kind: type[Strategy], name: str, value: Any) -> Check:
    def check() -> None:
        try:
            kind(**{name: value})
        except ProblemError as error:
            hold(error.problems[0].column and error.problems[0].fix, f"the refusal of {name}={value!r} does not say where or what to do")
        else:
            raise ConformanceError(f"{name}={value!r} is taken although its declaration forbids it")

    return check


def _acceptance(kind: type[Strategy], name: str, value: Any) -> Check:
    return lambda: hold(getattr(kind(**{name: value}), name) == value, f"{name}={value!r} does not stay what it was")


def _card_is_complete(ground: Ground) -> None:
    card = ground.kind.card
    hold(re.fullmatch(r"[a-z][a-z0-9-]*", card.id), f"the id {card.id!r} is not in lower case with hyphens")
    hold(card.family in get_args(Family), f"{card.family!r} is no family")
    for name in ("title", "source", "rule", "idea"):
        hold(getattr(card, name).strip(), f"the card says no {name}")
    hold(ground.kind.__doc__ and ground.kind.decide.__doc__, "the class or its decide has no docstring")
    for kind in ("knob", "choice", "arms"):
        for item, spec in declared(ground.kind, kind):
            hold(spec.help.strip().endswith("."), f"{item.name} has no help sentence")
            hold(not isinstance(spec, Knob) or spec.unit, f"{item.name} has no unit")


def _is_frozen(ground: Ground) -> None:
    for item in fields(ground.policy):
        try:
            setattr(ground.policy, item.name, getattr(ground.policy, item.name))
        except FrozenInstanceError:
            continue
        raise ConformanceError(f"{item.name} can be set: declare the class @dataclass(frozen=True, eq=False)")


def _fit_returns_a_copy(ground: Ground) -> None:
    unfitted = ground.kind()
    before = unfitted.key
    fitted = unfitted.fit(ground.parts.fit)
    hold(unfitted.key == before and not unfitted.state, "fit changes the strategy that it was called on")
    hold(fitted.key == ground.policy.key, "fitting twice on the same part gives two policies")


def _test_is_refused(ground: Ground) -> None:
    for act in (ground.kind().fit, lambda part: ground.policy.calibrate(part, Goal(keep=0.98))):
        try:
            act(ground.test)
        except LeakError:
            continue
        raise ConformanceError("fit or calibrate takes the test part")


def _key_is_identity(ground: Ground) -> None:
    policy = ground.policy
    same = replace(policy)
    hold(same == policy and hash(same) == hash(policy) and same is not policy, "two equal policies are not equal by key")
    others = [replace(policy, seed=policy.seed + 1), policy.with_state(**policy.state, more=np.zeros(1))]
    for each in turns(policy):
        ends = (each.knob.low, each.knob.low + 1 if each.knob.high == "data" else each.knob.high)
        others.append(turned(policy, each.name, next(end for end in ends if end != setting(policy, each.name))))
    keys = {policy.key, *(other.key for other in others)}
    hold(len(keys) == len(others) + 1, "a knob, the seed or the state changes and the key does not")


def _survives_a_file(ground: Ground) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.npz"
        save(ground.policy, path, data=ground.parts.fit.fingerprint)
        again = load_policy(path) if _is_registered(ground.kind) else None
    if again is None:  # an outsider's strategy is in no folder yet
        again = replace(ground.policy, state={name: np.array(values) for name, values in ground.policy.state.items()})
    hold(again == ground.policy, "the policy that comes out of a file is not the one that went in")
    hold(same_run(replay(again, ground.test), replay(ground.policy, ground.test)), "a loaded policy decides otherwise")


def _is_registered(kind: type[Strategy]) -> bool:
    from strategies.registry import discover

    return discover()[0].get(kind.card.id) is kind and type(built(kind.card.id, {})) is kind


# What the decisions promise


def _never_touches_quality(ground: Ground) -> None:
    source = Trap(ground.test)
    run = replay(ground.policy, source)
    source.spring()
    hold(same_run(run, replay(ground.policy, ground.test)), "the run over the trap differs")


def _does_not_see_what_it_did_not_call(ground: Ground) -> None:
    for table in (ground.test, ground.holed):
        run = replay(ground.policy, table)
        again = replay(ground.policy, scrambled(table, ~run.called, seed=1))
        hold(same_run(run, again), "outcomes of models that it did not call change its decisions")


def _rows_are_independent(ground: Ground) -> None:
    for table in (ground.test, ground.holed):
        run = replay(ground.policy, table)
        rng = np.random.default_rng(2)
        for rows in (rng.permutation(len(table)), np.sort(rng.choice(len(table), len(table) // 3, replace=False)), np.array([5])):
            part = replay(ground.policy, table.take(rows))
            hold(same_run(run, part, rows), f"{len(rows)} of {len(table)} queries alone are decided otherwise than among all")


def _repeats_itself(ground: Ground) -> None:
    hold(same_run(replay(ground.policy, ground.test), replay(ground.policy, ground.test)), "two replays differ")


def _bills_what_it_calls(ground: Ground) -> None:
    run, table = replay(ground.policy, ground.test), ground.test
    hold(run.called[np.arange(run.n), run.answer].all(), "an answer is returned that was never called")
    fees, waits = np.zeros(run.n), np.zeros(run.n)
    for fee in run.fees:
        fees[fee.rows] += fee.cost
        waits[fee.rows] += fee.latency
    cost = np.where(run.called, _matrix(table, "cost_usd"), 0.0)
    right = np.allclose(run.cost_usd, cost.sum(axis=1) + fees, rtol=1e-5)
    hold(right, "the bill is not the sum of all calls and paid signals, failed steps included")
    latency = np.where(run.called, _matrix(table, "latency_s"), 0.0)
    low, high = latency.max(axis=1) + waits, latency.sum(axis=1) + waits
    fits = (run.latency_s >= low * (1 - 1e-5)) & (run.latency_s <= high * (1 + 1e-5))
    hold(fits.all(), "the latency lies outside the slowest call and the sum of all")
    hold(np.array_equal(run.quality, _returned(run, table), equal_nan=True), "the quality is not that of the returned answer")


def _holes_stay_unknown(ground: Ground) -> None:
    run, table = replay(ground.policy, ground.holed), ground.holed
    unknown = (run.called & np.isnan(_matrix(table, "cost_usd"))).any(axis=1)
    for fee in run.fees:
        unknown[fee.rows] |= np.isnan(fee.cost)
    hold(np.array_equal(np.isnan(run.cost_usd), unknown), "a call of unknown cost does not make the bill unknown, or a known one does")
    hold(np.array_equal(run.quality, _returned(run, table), equal_nan=True), "a hole in quality is filled")
    hold(np.isnan(run.summary().cost_usd) == unknown.any(), "a mean leaves out the queries that it does not know")


def _needs_are_said(ground: Ground) -> None:
    hold(ground.kind().missing(ground.test) == "", "it says that something is missing where nothing is")
    if ground.kind.card.needs:
        hold(ground.kind().missing(bare(ground.test)), "its card needs something and `missing` does not say so")


def _trace_is_the_run(ground: Ground) -> None:
    run = replay(ground.policy, ground.test)
    for row in (0, 7, run.n - 1):
        one = trace(ground.policy, ground.test, row)
        hold(one.path == tuple(run.models[m] for m in run.path[row]), "the trace of a query goes another way than the run")
        hold(one.answer == run.models[run.answer[row]], "the trace of a query has another answer than the run")
        hold(np.isclose(one.steps[-1].bill, run.cost_usd[row], rtol=1e-5), "the bills of the steps do not add up to the run's")


def _exact(kind: type[Strategy], each: Turn) -> bool:
    weighs = issubclass(kind, LambdaRouter) and each.name == "lam"
    return each.cuts is not None or issubclass(kind, Blend) or weighs or each.name == drags(kind())


def _curve_rule(each: Turn) -> Callable[[Ground], None]:
    def rule(ground: Ground) -> None:
        for table in (ground.test, ground.holed):
            curve = frontier(ground.policy, table, each.name)
            for at in np.unique(np.linspace(0, len(curve.setting) - 1, _SAMPLED).round().astype(int)):
                _equal_at(ground.policy, table, curve, int(at))
            if each.cuts is not None:
                _end_escalates_all(turned(ground.policy, each.name, float(curve.setting[-1])), table, each.cuts)

    return rule


def _equal_at(policy: Strategy, table: OutcomeTable, curve: Frontier, at: int) -> None:
    there = turned(policy, curve.knob, float(curve.setting[at]))
    shown = (curve.quality[at], curve.cost_usd[at], curve.latency_s[at])
    if isinstance(there, Blend):
        facts = there.expected(table)
        wanted, answered, called = (facts.quality, facts.cost_usd, facts.latency_s), facts.weights, facts.weights
    else:
        run = replay(there, table)
        summary = run.summary()
        wanted = (exact_mean(run.quality), exact_mean(run.cost_usd), exact_mean(run.latency_s))
        answered, called = (np.array(list(share.values())) for share in (summary.answered, summary.called))
    where = f"the curve of {curve.knob} at {curve.setting[at]!r}"
    hold(np.allclose(shown, wanted, rtol=1e-9, atol=1e-12, equal_nan=True), f"{where} says {shown}, replay says {wanted}")
    for name, share, truth in (("answered", curve.answered[:, at], answered), ("called", curve.called[:, at], called)):
        hold(np.allclose(share, truth, atol=1e-6), f"{where} has other shares {name} than replay")


def _end_escalates_all(policy: Strategy, table: OutcomeTable, stage: int) -> None:
    run = replay(policy, table)
    rows, scores = run.scores.get(stage, (None, np.zeros(0, np.float32)))
    hold(scores.dtype == np.float32, f"the score at stage {stage} is {scores.dtype}: thresholds are compared as float32")
    came = run.n if rows is None else len(rows)
    went = sum(run.n if event.rows is None else len(event.rows) for event in run.events if event.stage == stage)
    hold(not len(scores) or went >= came, "the end of the curve does not escalate everybody")


def _returned(run: Run, table: OutcomeTable) -> Floats:
    """Return (n,) recorded qualities of what is returned: a model's answer, or one of its repeated ones."""
    found = _matrix(table, "quality")[np.arange(run.n), run.answer]
    for i in np.flatnonzero(run.sample >= 0):
        if table.samples is not None:
            mine = table.samples.quality[(table.samples.query == i) & (table.samples.model == run.answer[i])]
            found[i] = mine[run.sample[i]] if run.sample[i] < len(mine) else np.nan
    return found


def _matrix(table: OutcomeTable, name: str) -> Floats:
    return np.stack([table.column(name, m) for m in range(len(table.models))], axis=1)


def same_run(one: Run, other: Run, rows: Any = slice(None)) -> bool:
    """Whether `other` is, bit by bit, the run `one` at these rows."""
    stages = range(max([0, *one.scores, *other.scores]) + 1)
    pairs = [(one.answer, other.answer), (one.called, other.called), (one.cost_usd, other.cost_usd), (one.latency_s, other.latency_s)]
    pairs += [(one.quality, other.quality), *((one.score(k), other.score(k)) for k in stages)]
    alike = all(np.array_equal(a[rows], b, equal_nan=a.dtype != np.bool_) for a, b in pairs)
    return alike and [one.path[i] for i in np.arange(one.n)[rows]] == other.path
