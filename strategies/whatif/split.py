"""One split replayed in a scenario: who really answered, what was paid once and not twice, how long calls waited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.whatif.failing import down
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.engines.run import Run
from strategies.protocol import Bools, Doubles, Floats
from strategies.whatif.conditions import Outage
from strategies.whatif.scenario import Scenario, apply


@dataclass(frozen=True, eq=False)
class Split:
    """One split's run in a scenario: who really answered each call, and what that comes to.

    before, table : the split's queries as recorded, and in the scenario. run : of the policy on the latter. A random mixture is shown by
    its expectation, as everywhere, not by the run's one draw; who is called is then a probability.
    """

    scenario: Scenario
    before: OutcomeTable
    table: OutcomeTable
    run: Run

    @cached_property
    def moved(self) -> list[tuple[int, int, Bools]]:
        """(down, stand-in, (n,) queries) of every outage, positions in the changed table."""
        found = [each for each in self.scenario.active if isinstance(each, Outage)]
        place = self.table.models.index
        return [
            (place(o.model), place(o.stand_in(self.before, self.scenario)), down(self.before, o.share))
            for o in found
            if o.model in self.table.models
        ]

    @cached_property
    def up(self) -> OutcomeTable:
        """The changed table as if nobody were down: what the reference would cost by itself."""
        if not self.moved:
            return self.table
        calm = [change for change in self.scenario.changes if not isinstance(change, Outage)]
        return apply(replace(self.scenario, changes=tuple(calm)), self.before)

    @cached_property
    def stages(self) -> dict[int, Floats]:
        """Called model -> (n,) the round of its call, -1 = none."""
        found = {}
        for m in np.unique(self.run.rounds[self.run.rounds >= 0]):
            hit = self.run.rounds == m
            found[int(m)] = np.where(hit.any(axis=1), np.where(hit, self.run.stages, -1).max(axis=1), -1)
        return found

    @cached_property
    def mix(self) -> Doubles | None:
        """(M,) probabilities of a random mixture, None for any other policy."""
        return self.run.policy.weights(self.table.models) if isinstance(self.run.policy, Blend) else None

    @cached_property
    def called(self) -> NDArray[Any]:
        """(n, M) who answered: calls of a model that is down are calls of its stand-in."""
        called = np.array(self.run.called) if self.mix is None else np.tile(self.mix, (len(self.table), 1))
        for x, y, rows in self.moved:
            lent = np.where(rows, called[:, x], 0).astype(called.dtype)
            called[:, y] = called[:, y] | lent if self.mix is None else called[:, y] + lent
            called[rows, x] = 0
        return called

    @property
    def quality(self) -> Floats:
        """(n,) quality of the returned answers."""
        return self.run.quality if self.mix is None else self._expected(self.table.numbers["quality"])

    @cached_property
    def cost(self) -> Floats:
        """(n,) bills, each answer paid once."""
        if self.mix is not None:
            return self._expected(self._column("cost_usd"))
        return np.asarray(self.run.cost_usd - self.twice[0], dtype=np.float32) if self.moved else self.run.cost_usd

    def latency(self, waits: Mapping[int, float]) -> Floats:
        """Return (n,) seconds, with a wait before every call of some models (by position): by a second replay that has them in it."""
        seconds = self._column("latency_s")
        if waits:
            late = np.zeros_like(seconds)
            for m, wait in waits.items():
                late[:, m] = wait
            for x, y, rows in self.moved:
                late[rows, x] = late[rows, y]
            seconds = seconds + late
        if self.mix is not None:
            return self._expected(seconds)
        found = self.run.latency_s
        if waits:
            table = replace(self.table, numbers={**self.table.numbers, "latency_s": seconds}, stored_fingerprint="")
            found = replay(self.run.policy, table).latency_s
        return np.asarray(found - self.twice[1], dtype=np.float32) if self.moved else found

    def _column(self, name: str) -> Floats:
        return self.table.numbers.get(name, np.full((len(self.table), len(self.table.models)), np.nan, dtype=np.float32))

    def _expected(self, values: Floats) -> Floats:
        """Return (n,) the mixture's expectation of (n, M) values; a hole of a model that gets no share is none."""
        mix = np.zeros(0) if self.mix is None else self.mix
        used = np.flatnonzero(mix)
        return np.asarray(values[:, used].astype(np.float64) @ mix[used], dtype=np.float32)

    @cached_property
    def twice(self) -> tuple[Doubles, Doubles]:
        """Return (n,) cost and (n,) seconds that were billed for one answer more than once: by the stand-in's name and by another.

        Who has answered already is not asked again: its answer is there, at no cost and at once.
        """
        cost, latency = np.zeros(len(self.table)), np.zeros(len(self.table))
        for y in {to for _, to, _ in self.moved}:
            same = [(y, np.ones(len(self.table), dtype=np.bool_)), *((x, rows) for x, to, rows in self.moved if to == y)]
            stages = np.stack([np.where(rows, self.stages.get(m, -1), -1) for m, rows in same])
            calls = (stages >= 0).sum(axis=0)
            order = np.sort(stages, axis=0)
            rounds = (order[0] >= 0).astype(np.intp) + ((np.diff(order, axis=0) > 0) & (order[1:] >= 0)).sum(axis=0)
            cost += np.where(calls > 1, np.maximum(calls - 1, 0) * self.table.cost_usd(y).astype(np.float64), 0.0)
            latency += np.where(rounds > 1, np.maximum(rounds - 1, 0) * self.table.latency_s(y).astype(np.float64), 0.0)
        return cost, latency
