"""What is measured: a fitted strategy or one of the models, on one part of a study, as the metrics read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.splits import assigned, fold_of
from strategies.blend import Blend
from strategies.claims.values import Split
from strategies.engines.loop import replay
from strategies.metrics.facts import Curve, Done, pool_of
from strategies.protocol import Bools, Floats, Ints, Strategy
from strategies.study.curves import Fitted, curves, sweepable
from strategies.study.envelope import envelope_of
from strategies.study.prepare import Study

ENVELOPE = "envelope"


@dataclass(frozen=True, eq=False)
class Side:
    """What is measured: a fitted strategy, or one of the models by name, on one part of a study."""

    study: Study
    who: Fitted | str
    split: Split = "test"

    @cached_property
    def table(self) -> OutcomeTable:
        """The part's queries, in the order of the runs; in cross-fitting every query once."""
        return self.study.tested if self.split == "test" else self.study.table.take(rows_of(self.study, self.split))

    @cached_property
    def done(self) -> Done:
        """What happened to every query of the part: of a random mixture the expectation, not one draw."""
        if isinstance(self.who, str):
            return _of_model(self.table, self.who)
        parts = [getattr(each, self.split) for each in self.study.parts]
        each = [_expected(policy, part) if isinstance(policy, Blend) else _replayed(policy, part) for policy, part in self._pairs(parts)]
        columns = (np.concatenate([getattr(one, name) for one in each]) for name in ("quality", "cost", "latency", "answer", "called"))
        return Done(pool_of(self.table), *columns)

    @property
    def mixed(self) -> bool:
        """Whether it draws models blindly, so that what is known are expectations."""
        return isinstance(self.who, Fitted) and isinstance(self.who.policy, Blend)

    def curve(self, swept: str) -> Curve:
        """Return the policy's curve over one knob, or over all of them together ("envelope")."""
        if isinstance(self.who, str):
            raise refuse("a single model has no curve.", "Name a strategy.")
        if swept == ENVELOPE:
            if self.split != "test":
                raise refuse("an envelope is chosen on calibrate and shown on test.", "Claim it on the test part.")
            found = envelope_of(self.who.policies, self.study.parts)
            unknown = np.full((len(self.study.pool), len(found.cost)), np.nan, dtype=np.float32)
            return Curve(pool_of(self.table), found.cost, found.quality, np.full(len(found.cost), np.nan), unknown, unknown)
        if swept not in sweepable(self.who.policy):
            known = ", ".join(sweepable(self.who.policy))
            raise refuse(f"{self.who.policy.card.id} has no curve of {swept!r}.", f"Knobs with a curve: {known or 'none'}.", column="curve")
        both = curves(self.who, swept)
        line = both.shown if self.split == "test" else both.chosen
        return Curve(pool_of(self.table), line.cost_usd, line.quality, line.latency_s, line.answered, line.called)

    def _pairs(self, parts: list[OutcomeTable]) -> list[tuple[Strategy, OutcomeTable]]:
        return list(zip(self.who.policies, parts, strict=True)) if isinstance(self.who, Fitted) else []


def rows_of(study: Study, split: Split) -> Ints:
    """Return positions in the study's table of the queries of a part, in the order of runs and curves."""
    if not study.crossed:
        return np.flatnonzero(assigned(study.table, seed=study.seed) == ("fit", "calibrate", "test").index(split))
    fold, count = fold_of(study.table, seed=study.seed), len(study.parts)
    at = range(count) if split == "test" else [(j + 1) % count for j in range(count)]
    return np.concatenate([np.flatnonzero(fold == j) for j in at])


def _of_model(table: OutcomeTable, name: str) -> Done:
    """Return what one model did: its own columns."""
    at, called = table.index(name), np.zeros((len(table), len(table.models)), dtype=np.bool_)
    called[:, at] = True
    answer = np.full(len(table), at, dtype=np.int32)
    return Done(pool_of(table), table.quality(at), table.cost_usd(at), table.latency_s(at), answer, called)


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    quality: Floats
    cost: Floats
    latency: Floats
    answer: Ints
    called: Bools


def _replayed(policy: Strategy, part: OutcomeTable) -> _Part:
    run = replay(policy, part)
    return _Part(run.quality, run.cost_usd, run.latency_s, run.answer, run.called)


def _expected(policy: Blend, part: OutcomeTable) -> _Part:
    """Return the expectation of a query-blind mixture for each query; who answers is one seeded draw."""
    shares = policy.weights(part.models)
    used = np.flatnonzero(shares > 0)

    def mixed(name: str) -> Any:
        return np.sum([shares[m] * part.column(name, int(m)).astype(np.float64) for m in used], axis=0)

    run = replay(policy, part)
    return _Part(mixed("quality"), mixed("cost_usd"), mixed("latency_s"), run.answer, run.called)
