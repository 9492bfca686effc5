"""What metrics are computed from: the pool's outcomes, a policy's run over them, its curve; arrays by reference, nothing copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.engines.run import Run
from strategies.frontiers.curve import Frontier
from strategies.protocol import Bools, Doubles, Floats, Ints

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Pool:
    """Outcomes of M models on n queries: quality, cost, latency, tokens (n, M), NaN = unknown; tasks (n,) codes or None.

    cost_unit : what cost is counted in. tokens : prompt and completion together.
    """

    models: tuple[str, ...]
    quality: Floats
    cost: Floats
    latency: Floats
    tokens: Floats
    tasks: Ints | None = None
    cost_unit: str = "USD"

    def __len__(self) -> int:
        return len(self.quality)

    def take(self, rows: Ints) -> Pool:
        """Return the pool at (k,) positions, repeats allowed: a resample."""
        return replace(
            self, quality=self.quality[rows], cost=self.cost[rows], latency=self.latency[rows], tokens=self.tokens[rows],
            tasks=None if self.tasks is None else self.tasks[rows],
        )  # fmt: skip

    @cached_property
    def mean_quality(self) -> Doubles:
        """(M,) mean quality of each model over the queries it ran, NaN where it ran on none."""
        return known_means(self.quality)

    @cached_property
    def mean_cost(self) -> Doubles:
        """(M,) mean cost of each model over the queries for which it is known."""
        return known_means(self.cost)

    @cached_property
    def mean_latency(self) -> Doubles:
        """(M,) mean seconds of each model over the queries for which they are known."""
        return known_means(self.latency)

    @cached_property
    def best_seen(self) -> Doubles:
        """(n,) the best recorded quality of each query: the oracle of what was seen; NaN where no model ran."""
        seen = np.where(np.isnan(self.quality), -np.inf, self.quality).max(axis=1)
        return np.where(np.isinf(seen), np.nan, seen).astype(np.float64)

    @cached_property
    def best_cost(self) -> Doubles:
        """(n,) cost of the cheapest among the best seen answers, what the oracle pays; NaN where none of them has a known cost."""
        best = self.quality >= self.best_seen[:, None]
        cost = np.where(best & ~np.isnan(self.cost), self.cost, np.inf).min(axis=1)
        return np.where(np.isinf(cost), np.nan, cost).astype(np.float64)

    @cached_property
    def best(self) -> int:
        """Position of the best single model by mean quality, the cheaper among equals, then the first."""
        quality = np.where(np.isnan(self.mean_quality), -np.inf, self.mean_quality)
        cost = np.where(np.isnan(self.mean_cost), np.inf, self.mean_cost)
        return int(np.lexsort((cost, -quality))[0])

    @cached_property
    def ends(self) -> tuple[int, int]:
        """Positions of the cheapest and the priciest model by mean cost; without any cost the worst and the best."""
        known = ~np.isnan(self.mean_cost)
        by = self.mean_cost if known.any() else self.mean_quality
        if np.isnan(by).all():
            return 0, len(self.models) - 1
        return int(np.nanargmin(by)), int(np.nanargmax(by))

    def pair(self, weak: str = "", strong: str = "") -> tuple[int, int]:
        """Return positions of the weak and the strong model; "" = the cheapest, and the priciest. ProblemError for an unknown name."""
        return tuple(self.position(name) if name else end for name, end in zip((weak, strong), self.ends, strict=True))  # type: ignore[return-value]

    def position(self, model: str) -> int:
        """Return a model's position; ProblemError for an unknown name."""
        if model not in self.models:
            raise refuse(f"there is no model {model!r} in this pool.", f"Models: {', '.join(self.models[:8])}.")
        return self.models.index(model)


@dataclass(frozen=True, eq=False)
class Done:
    """A policy's run: quality, cost, latency, tokens (n,), NaN = unknown; answer (n,) model, -1 = none; called (n, M)."""

    pool: Pool
    quality: Floats
    cost: Floats
    latency: Floats
    answer: Ints
    called: Bools

    def take(self, rows: Ints) -> Done:
        """Return the run at (k,) positions, repeats allowed: a resample."""
        return Done(
            self.pool.take(rows), self.quality[rows], self.cost[rows], self.latency[rows], self.answer[rows], self.called[rows]
        )  # fmt: skip

    def summed(self, values: Floats | Doubles) -> Doubles:
        """Return (n,) a resource of (n, M) or (M,) summed over the models that each query called; an uncalled hole does not count."""
        return np.asarray(np.where(self.called, values, 0.0).sum(axis=1, dtype=np.float64))

    def of_answer(self, values: Floats | Doubles, none: float = NAN) -> Doubles:
        """Return (n,) a field of (n, M) of the model whose answer is returned; `none` where nobody's is."""
        chosen = np.take_along_axis(values, np.maximum(self.answer, 0).astype(np.intp)[:, None], axis=1)[:, 0]
        return np.where(self.answer < 0, none, chosen).astype(np.float64)

    @cached_property
    def tokens(self) -> Doubles:
        """(n,) tokens of every call, prompt and completion."""
        return self.summed(self.pool.tokens)


@dataclass(frozen=True, eq=False)
class Curve:
    """A policy at K settings: mean cost, quality, latency (K,), NaN = unknown; answered, called (M, K) shares of queries."""

    pool: Pool
    cost: Doubles
    quality: Doubles
    latency: Doubles
    answered: Floats
    called: Floats


def pool_of(table: OutcomeTable) -> Pool:
    """Return a table's outcomes as the metrics read them; a field that was not recorded is all NaN."""
    shape = (len(table), len(table.models))
    nothing = np.broadcast_to(np.float32(np.nan), shape)
    quality, cost, latency = (table.numbers.get(name, nothing) for name in ("quality", "cost_usd", "latency_s"))
    tokens = table.numbers.get("tokens_total", nothing)
    if "tokens_in" in table.numbers and "tokens_out" in table.numbers:
        tokens = table.numbers["tokens_in"] + table.numbers["tokens_out"]
    return Pool(table.models, quality, cost, latency, tokens, table.queries.tasks, table.cost_unit)


def done_of(run: Run, table: OutcomeTable) -> Done:
    """Return a run's arrays; ProblemError if it is not a run over this table's queries and models."""
    if run.n != len(table) or run.models != table.models:
        raise refuse(
            f"the run has {run.n:,} queries and {len(run.models)} models, the table {len(table):,} and {len(table.models)}.",
            "Measure a run on the table that it was replayed on.",
        )
    return Done(pool_of(table), run.quality, run.cost_usd, run.latency_s, run.answer, run.called)


def curve_of(frontier: Frontier, table: OutcomeTable) -> Curve:
    """Return a frontier's arrays; ProblemError if it is not one of this table's queries and models."""
    if frontier.n != len(table) or frontier.models != table.models:
        raise refuse(
            f"the curve is of {frontier.n:,} queries and {len(frontier.models)} models, the table has {len(table):,} and "
            f"{len(table.models)}.",
            "Measure a curve on the table that it was drawn from.",
        )
    return Curve(
        pool_of(table), frontier.cost_usd, frontier.quality, frontier.latency_s, frontier.answered, frontier.called
    )  # fmt: skip


def known_means(values: Floats | Doubles) -> Doubles:
    """Return (M,) means of (n, M) over the known values of each column, NaN where none is known."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0, dtype=np.float64)
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))


def mean(values: Sequence[float] | Doubles | Floats | Any) -> float:
    """Return the mean summed in float64; NaN if any value is unknown or there is none."""
    array = np.asarray(values)
    return float(array.sum(dtype=np.float64) / len(array)) if len(array) else NAN
