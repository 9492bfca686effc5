"""From a fitted strategy and one tested query to what the trace shows. Pure: no streamlit, no session."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard.components.trace import amounts
from dashboard.components.trace.scene import Arm, Gauge, Neighbour, Said, Station, TraceScene, Turned, Weighed, WhatIf
from dashboard.words import decisions as words
from dashboard.words import scene as shared
from data.outcomes import OutcomeTable
from data.texts import Texts
from strategies.blend import Blend
from strategies.engines.trace import Step, Trace, Way, trace, ways
from strategies.knobs import setting, turn, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Strategy
from strategies.study.curves import Fitted
from strategies.study.decisions import RIGHT, policy_at

NEIGHBOURS = 6
LONGEST = 20_000
_PROMPT_START = 140


def built(fit: Fitted, position: int) -> TraceScene:
    """Return the trace of the tested query at a position, under the policy that did not see it."""
    policy, parts, row = policy_at(fit, position)
    tested = parts.test
    found = trace(policy, tested, row)
    arms = _arms(tested)
    said = {arm.name: _said(tested, row, arm) for arm in arms}
    queries = tested.queries
    neighbours, asked = _neighbours(policy, parts.fit, tested, row)
    return TraceScene(
        query=str(queries.ids[row]), task=queries.task_of(row), strategy=policy.card.title, unit=tested.cost_unit,
        prompt=_text(queries.prompts, row), reference=_text(queries.references, row), arms=arms,
        stations=tuple(_stations(policy, found, said, tested.cost_unit)),
        others=tuple(s for name, s in said.items() if name not in found.path),
        what_ifs=tuple(_what_ifs(policy, tested, row, arms)), dice=isinstance(policy, Blend), neighbours=neighbours, asked=asked,
        cost=found.cost, latency_s=found.latency_s,
    )  # fmt: skip


def _arms(table: OutcomeTable) -> tuple[Arm, ...]:
    last = max(len(table.models) - 1, 1)
    return tuple(
        Arm(name=name, short=card.short, rank=m / last) for m, (name, card) in enumerate(zip(table.models, table.cards, strict=True))
    )


def _said(table: OutcomeTable, row: int, arm: Arm) -> Said:
    m = table.index(arm.name)
    quality = float(table.quality(m)[row])
    return Said(
        arm=arm, text=_text(table.responses.get(arm.name), row), answer=_text(table.answers.get(arm.name), row), right=_right(quality),
        quality=quality, cost=float(table.cost_usd(m)[row]), latency_s=float(table.latency_s(m)[row]),
        assumed=table.cost_unit == "USD" and table.cards[m].tier == "assumed",
    )  # fmt: skip


def _right(quality: float) -> bool | None:
    return None if math.isnan(quality) else quality >= RIGHT


def _text(column: Texts | None, row: int) -> str | None:
    text = None if column is None else column[row]
    if text is None or len(text) <= LONGEST:
        return text
    return text[:LONGEST] + words.CUT_TEXT.format(n=amounts.grouped(len(text)))


# --- the way -----------------------------------------------------------------------------------------------------------


def _stations(policy: Strategy, found: Trace, said: Mapping[str, Said], unit: str) -> list[Station]:
    """Return what was weighed before any call, where something was, every round of calls, and the stop."""
    stations: list[Station] = []
    gate = _gate(policy, found.steps[0], said)
    if gate is not None:
        first = found.steps[0]
        stations.append(Station(kind="gate", bill=float(sum(p.cost for p in first.paid)), gauge=gate, note=_asked_first(first, unit)))
    if found.weights:
        stations.append(_scores(policy, found, said))
    calls = [step for step in found.steps if step.called]
    for number, step in enumerate(calls, start=1):
        after = next((s for s in found.steps if s.stage == step.stage + 1), None)
        gauge = None if after is None else _gauge(policy, after)
        asked = tuple(said[name] for name in step.called)
        note = "" if gauge is not None else words.ROUTED if found.weights or len(calls) == 1 else words.LAST
        stations.append(Station(kind="call", bill=step.bill, number=number, said=asked, gauge=gauge, note=note))
    stations.append(Station(kind="stop", bill=found.cost, said=(said[found.answer],)))
    return stations


def _gauge(policy: Strategy, after: Step) -> Gauge | None:
    """Return what was compared after a call; None where the strategy compares nothing there."""
    if math.isnan(after.threshold):
        return None
    names: Any = getattr(policy, "signals", None)
    if callable(names) and after.stage - 1 < len(names()):
        signal = names()[after.stage - 1]
    else:
        signal = next(t.knob.unit for t in turns(policy) if t.cuts == after.stage)
    return Gauge(score=after.score, threshold=after.threshold, signal=shared.SIGNALS.get(signal, signal), kept=after.stop)


def _gate(policy: Strategy, first: Step, said: Mapping[str, Said]) -> Gauge | None:
    """Return what was compared before any call; None where no threshold cuts there."""
    each = next((t for t in turns(policy) if t.cuts == 0), None)
    if each is None or not first.called:
        return None
    asks = ", ".join(said[name].arm.short for name in first.called)
    reached = first.score >= np.float32(first.threshold)
    return Gauge(score=first.score, threshold=first.threshold, signal=each.knob.unit, kept=bool(reached), asks=asks)


def _asked_first(first: Step, unit: str) -> str:
    """Return in words who was asked at a price about the question before any call, and that price; empty where nobody was."""
    lines = (
        words.GATE_PAID.format(what=words.PAID.get(p.name, p.name), cost=amounts.price(p.cost, unit), latency=amounts.seconds(p.latency_s))
        for p in first.paid
    )
    return " ".join(lines)


def _scores(policy: Strategy, found: Trace, said: Mapping[str, Said]) -> Station:
    lam = policy.lam if isinstance(policy, LambdaRouter) else 0.0
    weighed = tuple(
        Weighed(arm=said[name].arm, quality=quality, cost=cost, worth=quality - lam * cost, chosen=name in found.path[:1])
        for name, (quality, cost) in found.weights.items()
    )
    return Station(kind="scores", bill=0.0, weighed=weighed, lam=lam)


# --- the other way -----------------------------------------------------------------------------------------------------


def _what_ifs(policy: Strategy, table: OutcomeTable, row: int, arms: tuple[Arm, ...]) -> list[WhatIf]:
    by_name = {arm.name: arm for arm in arms}
    found = []
    for name, line in ways(policy, table, row).items():
        each = turn(policy, name)
        title = each.title.lower()
        log = each.knob.scale == "log"
        now = setting(policy, name)
        high = line[-1].high if math.isfinite(line[-1].high) else 10.0 * max(line[-1].low, now, 1e-12)
        found.append(
            WhatIf(
                knob=name, title=title, low=line[0].low, high=high, current=now, log=log,
                ways=tuple(_turned(way, by_name) for way in line),
                flips=tuple(_flip(a, b, title, by_name, table.cost_unit) for a, b in itertools.pairwise(line)),
            )
        )  # fmt: skip
    return found


def _turned(way: Way, arms: Mapping[str, Arm]) -> Turned:
    return Turned(
        low=way.low, high=way.high, path=tuple(arms[m] for m in way.path), answer=arms[way.answer], right=_right(way.quality),
        cost=way.cost, latency_s=way.latency_s,
    )  # fmt: skip


def _flip(below: Way, above: Way, title: str, arms: Mapping[str, Arm], unit: str) -> str:
    """Return in words what happens when the setting goes above the place where the query turns."""
    more = [arms[m].short for m in above.path if m not in below.path]
    less = [arms[m].short for m in below.path if m not in above.path]
    if more and not less:
        change = (words.FLIP_ASKED if len(more) == 1 else words.FLIP_ASKED_MANY).format(models=", ".join(more))
    elif less and not more:
        change = words.FLIP_SPARED.format(models=", ".join(less))
    else:
        change = words.FLIP_REPLACED.format(model=arms[above.answer].short, other=arms[below.answer].short)
    outcome = verdict(_right(above.quality))
    whole = words.FLIP_OUTCOME.format(change=change, outcome=outcome, delta=amounts.delta(above.cost - below.cost, unit))
    return words.FLIP.format(knob=title, setting=amounts.setting(above.low), change=whole)


def verdict(right: bool | None) -> str:
    """Return right, wrong or not known in words."""
    return words.UNKNOWN if right is None else words.RIGHT if right else words.WRONG


# --- whom the router asked ---------------------------------------------------------------------------------------------


def _neighbours(policy: Strategy, fit: OutcomeTable, tested: OutcomeTable, row: int) -> tuple[tuple[Neighbour, ...], int]:
    """Return the nearest fit queries and how many the router asks in all."""
    ask: Any = getattr(policy, "neighbours", None)
    if not callable(ask) or "embedding" not in tested.features:
        return (), 0
    near = np.asarray(ask(tested.features["embedding"][row : row + 1]))[0]
    shown = []
    for at in near[:NEIGHBOURS].tolist():
        prompt = _text(fit.queries.prompts, at)
        start = prompt if prompt is None or len(prompt) <= _PROMPT_START else prompt[:_PROMPT_START] + "…"
        right = tuple(_right(float(fit.quality(m)[at])) for m in range(len(fit.models)))
        shown.append(Neighbour(query=str(fit.queries.ids[at]), prompt=start, right=right))
    return tuple(shown), len(near)
