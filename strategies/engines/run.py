"""What a policy did: per query cost, quality, latency, whose answer, and the way there. Plain arrays, made when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from strategies.engines.fees import Fee
from strategies.protocol import Bools, Floats, Ints, Strategy


@dataclass(frozen=True, slots=True)
class Event:
    """Calls made at a stage: these queries (None = all; positions, or a mask of all) called these models at once."""

    stage: int
    rows: Ints | Bools | None
    models: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """Who answers if it ends now: these queries (None = all; positions, or a mask of all) get this answer; later rounds overwrite it.

    sample : which of its repeated answers, -1 = its main one; None = the main one for all.
    """

    rows: Ints | Bools | None
    model: Ints | int
    sample: Ints | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Means over n queries; NaN = not known (a call of a hole, an unknown price), never a smaller n.

    cost_usd is in `cost_unit` where no price is known. answered, called : model -> share of queries.
    """

    n: int
    quality: float
    cost_usd: float
    latency_s: float
    cost_unit: str
    answered: Mapping[str, float]
    called: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Totals):
    """Totals, and what only the whole distribution tells: the 95 % quantile of latency (s)."""

    latency_p95_s: float


class Sums(NamedTuple):
    """What adds up over parts of the queries: how many, float64 sums (NaN = one is not known), (M,) counts of answers and callers."""

    n: int
    quality: float
    cost: float
    latency: float
    answered: Ints
    called: Ints

    def and_those_of(self, other: Sums) -> Sums:
        """Return the sums over both parts."""
        return Sums(
            self.n + other.n, self.quality + other.quality, self.cost + other.cost, self.latency + other.latency,
            self.answered + other.answered, self.called + other.called,
        )  # fmt: skip

    def totals(self, models: Sequence[str], cost_unit: str) -> Totals:
        """Return the means."""
        count = max(self.n, 1)
        quality, cost, latency = (value / self.n if self.n else float("nan") for value in (self.quality, self.cost, self.latency))
        answered, called = (dict(zip(models, (each / count).tolist(), strict=True)) for each in (self.answered, self.called))
        return Totals(
            n=self.n, quality=quality, cost_usd=cost, latency_s=latency, cost_unit=cost_unit, answered=answered, called=called,
        )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """The outcome of one policy on N queries."""

    policy: Strategy
    source: Any
    cost: Floats | None
    latency: Floats | None
    events: tuple[Event, ...]
    answers: tuple[Returned, ...]
    scores: Mapping[int, tuple[Ints | None, Floats]] = field(default_factory=dict)
    fees: tuple[Fee, ...] = ()

    @property
    def n(self) -> int:
        """How many queries."""
        return int(self.source.size)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.source.names)

    @property
    def cost_usd(self) -> Floats:
        """(n,) cost of every call and every paid signal, failed steps included, in the source's cost unit."""
        return np.zeros(self.n, dtype=np.float32) if self.cost is None else self.cost

    @property
    def latency_s(self) -> Floats:
        """(n,) seconds: calls and paid signals one after the other add up, calls at once count with the slowest."""
        return np.zeros(self.n, dtype=np.float32) if self.latency is None else self.latency

    @property
    def uniform(self) -> tuple[int, frozenset[int]] | None:
        """The answering model and the called ones, where they are the same for all queries; None where queries differ, or there is none."""
        last = self.answers[-1] if self.answers else None
        if last is None or last.rows is not None or not isinstance(last.model, int) or any(event.rows is not None for event in self.events):
            return None
        return last.model, frozenset(m for event in self.events for m in event.models)

    @cached_property
    def answer(self) -> Ints:
        """(n,) position of the model whose answer is returned."""
        answer = np.full(self.n, -1, dtype=np.int16)
        for part in self.answers:
            answer[slice(None) if part.rows is None else part.rows] = part.model
        return answer

    @cached_property
    def sample(self) -> Ints:
        """(n,) which of the model's repeated answers is returned, -1 = its main one."""
        sample = np.full(self.n, -1, dtype=np.int16)
        for part in self.answers:
            sample[slice(None) if part.rows is None else part.rows] = -1 if part.sample is None else part.sample
        return sample

    @cached_property
    def quality(self) -> Floats:
        """(n,) quality of the returned answer, NaN where it was not recorded."""
        quality: Floats | None = None
        for part in self.answers:
            values = self.source.quality(part.model) if isinstance(part.model, int) else self._chosen(_positions(part.rows), part.model)
            values = values if part.sample is None else self._drawn(part, values)
            if part.rows is None or quality is None:
                quality = np.array(values)
            else:
                quality[part.rows] = values[part.rows]
        return np.full(self.n, np.nan, dtype=np.float32) if quality is None else quality

    def _drawn(self, part: Returned, values: Floats) -> Floats:
        """Return (n,) qualities with those of the repeated answers where one is returned."""
        where = np.arange(self.n) if part.rows is None else _positions(part.rows)
        model, sample = (np.broadcast_to(np.asarray(given), where.shape) for given in (part.model, part.sample))
        values = np.array(values)
        for m in np.unique(model[sample >= 0]):
            mine = (model == m) & (sample >= 0)
            quality = self.source.samples(int(m))[1][where[mine]]
            quality = np.pad(quality, ((0, 0), (0, 1)), constant_values=np.nan)  # one that was not recorded
            values[where[mine]] = quality[np.arange(len(quality)), np.minimum(sample[mine], quality.shape[1] - 1)]
        return values

    def _chosen(self, rows: Ints | None, model: Ints) -> Floats:
        values = np.full(self.n, np.nan, dtype=np.float32)
        where = np.arange(self.n) if rows is None else rows
        for m in np.unique(model):
            at = where[model == m]
            values[at] = self.source.quality(int(m))[at]
        return values

    @cached_property
    def called(self) -> Any:
        """(n, M) booleans: who was called and paid."""
        called = np.zeros((self.n, len(self.models)), dtype=np.bool_, order="F")  # written and read model by model
        for event in self.events:
            for m in event.models:
                called[slice(None) if event.rows is None else event.rows, m] = True
        return called

    @cached_property
    def path(self) -> list[tuple[int, ...]]:
        """For every query the models it called, in order."""
        rounds = self.rounds
        return [tuple(int(m) for m in row if m >= 0) for row in rounds]

    @property
    def rounds(self) -> Ints:
        """(n, R) the called models in order, -1 = no further call."""
        return self._laid[0]

    @property
    def stages(self) -> Ints:
        """(n, R) the round in which each of `rounds` was called, from 0: equal = at once; -1 = no further call."""
        return self._laid[1]

    @cached_property
    def _laid(self) -> tuple[Ints, Ints]:
        width = sum(len(event.models) for event in self.events)
        models, stages = (np.full((self.n, max(width, 1)), -1, dtype=np.int16) for _ in range(2))
        depth = np.zeros(self.n, dtype=np.intp)
        for event in self.events:
            rows = np.arange(self.n) if event.rows is None else _positions(event.rows)
            for m in event.models:
                models[rows, depth[rows]] = m
                stages[rows, depth[rows]] = event.stage
                depth[rows] += 1
        used = max(int(depth.max(initial=0)), 1)
        return models[:, :used], stages[:, :used]

    def score(self, stage: int) -> Floats:
        """(n,) the score shown at a stage, NaN where the query never came there."""
        full = np.full(self.n, np.nan, dtype=np.float32)
        if stage in self.scores:
            rows, score = self.scores[stage]
            full[slice(None) if rows is None else rows] = score
        return full

    @property
    def sums(self) -> Sums:
        """Exact sums in float64, and counts: what `summary` divides by n."""
        quality, cost, latency = (float(values.sum(dtype=np.float64)) for values in (self._weighed(), self.cost_usd, self.latency_s))
        if np.isnan(quality):  # one that does not count may be unknown, too
            quality = float(self.quality.sum(dtype=np.float64))
        return Sums(self.n, quality, cost, latency, self._answers(), self._callers())

    def _weighed(self) -> Floats:
        """Return (n,) qualities; from masks by products, which is quicker than gathering, but spoilt by any that is unknown."""
        masks = [part.rows for part in self.answers[1:] if part.rows is not None and part.rows.dtype == np.bool_]
        nested = len(self.answers) == len(masks) + 1 > 1 and self.answers[0].rows is None
        if not nested or not all(isinstance(part.model, int) and part.sample is None for part in self.answers):
            return self.quality
        total: Floats = np.multiply(self.source.quality(self.answers[0].model), (~masks[0]).astype(np.float32))
        for part, own, later in zip(self.answers[1:], masks, [*masks[1:], None], strict=True):
            weight = (own if later is None else own & ~later).astype(np.float32)
            total += np.multiply(self.source.quality(part.model), weight, out=weight)
        return total

    def _answers(self) -> Ints:
        """Return (M,) how many queries each model answers."""
        counts = np.zeros(len(self.models), dtype=np.int64)
        if any(not isinstance(part.model, int) for part in self.answers):
            return counts + np.bincount(self.answer[self.answer >= 0], minlength=len(self.models))
        # Later rounds overwrite a part of the earlier ones: each keeps those that the next does not have.
        sizes = [*(self._size(part.rows) for part in self.answers), 0]
        for part, own, later in zip(self.answers, sizes[:-1], sizes[1:], strict=True):
            counts[part.model] += own - later
        return counts

    def _callers(self) -> Ints:
        """Return (M,) how many queries call each model; one that is called in several rounds counts once a query."""
        counts = np.zeros(len(self.models), dtype=np.int64)
        for m in {m for event in self.events for m in event.models}:
            rounds = [event for event in self.events if m in event.models]
            counts[m] = self._size(rounds[0].rows) if len(rounds) == 1 else int(self.called[:, m].sum())
        return counts

    def _size(self, rows: Ints | Bools | None) -> int:
        if rows is None:
            return self.n
        return int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)

    def summary(self) -> Summary:
        """Return the means, exact sums in float64, and the 95th percentile by nearest rank, as the metric latency_p95 has it."""
        means = self.sums.totals(self.models, self.source.cost_unit)
        known = self.n and not np.isnan(means.latency_s)
        p95 = float(np.quantile(self.latency_s, 0.95, method="inverted_cdf")) if known else float("nan")
        return Summary(**{each.name: getattr(means, each.name) for each in fields(means)}, latency_p95_s=p95)


def _positions(rows: Ints | Bools | None) -> Any:
    """Return positions for a mask, and the rest as it is."""
    return np.flatnonzero(rows) if rows is not None and rows.dtype == np.bool_ else rows


def exact_mean(values: Floats) -> float:
    """Return the mean summed in float64; NaN if any value is unknown."""
    return float(values.sum(dtype=np.float64) / len(values)) if len(values) else float("nan")
