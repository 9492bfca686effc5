"""The data card's facts: means over all rows at full precision, coverage, what is known and what is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.models import ModelCard
from data.outcomes import OutcomeTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model over all rows; means are float64 over the queries for which a value is known, NaN where none is."""

    card: ModelCard
    known: int
    missing: int
    mean_quality: float
    mean_cost_usd: float
    mean_latency_s: float
    mean_tokens_in: float
    mean_tokens_out: float

    @property
    def coverage(self) -> float:
        """Return the share of queries whose quality is known."""
        total = self.known + self.missing
        return self.known / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """A table in figures; `oracle` = mean over queries of the best known quality."""

    queries: int
    models: tuple[ModelFacts, ...]
    oracle: float
    missing_cells: int
    tasks: tuple[tuple[str, int], ...]
    sentence: str


def facts(table: OutcomeTable) -> TableFacts:
    """Return the figures of a table over all its rows."""
    means = {name: table.mean(name) for name in ("quality", "cost_usd", "latency_s", "tokens_in", "tokens_out")}
    known = {model: int(np.sum(~np.isnan(table.quality(m)))) for m, model in enumerate(table.models)}
    models = tuple(
        ModelFacts(
            card=table.cards[m],
            known=known[model],
            missing=len(table) - known[model],
            mean_quality=means["quality"][model],
            mean_cost_usd=means["cost_usd"][model],
            mean_latency_s=means["latency_s"][model],
            mean_tokens_in=means["tokens_in"][model],
            mean_tokens_out=means["tokens_out"][model],
        )
        for m, model in enumerate(table.models)
    )
    return TableFacts(
        queries=len(table),
        models=models,
        oracle=_oracle(table),
        missing_cells=sum(each.missing for each in models),
        tasks=_tasks(table),
        sentence=understood(table),
    )


def understood(table: OutcomeTable) -> str:
    """Return what was understood as one line: `1,319 queries, 2 models, quality known for all, answers recorded, ...`."""
    parts = [
        f"{len(table):,} {'query' if len(table) == 1 else 'queries'}",
        f"{len(table.models)} model{'' if len(table.models) == 1 else 's'}",
    ]
    if table.queries.tasks is not None:
        parts.append(f"{len(table.queries.task_names)} task{'' if len(table.queries.task_names) == 1 else 's'}")
    share = float(np.mean(~np.isnan(table.numbers["quality"]))) if len(table) else 0.0
    some = f"quality known for {_percent(share)} of the cells" if share else "quality not recorded"
    parts.append("quality known for all" if share == 1.0 else some)
    if table.samples is not None:
        parts.append(f"{len(table.samples.query):,} samples")
    if table.responses or table.answers:
        parts.append("answers recorded")
    if table.has("cost_usd"):
        parts.append("costs recorded")
    parts.append("tokens recorded" if table.has("tokens_in") or table.has("tokens_out") else "no tokens")
    if table.has("latency_s"):
        parts.append("latency recorded")
    if table.signals:
        parts.append(f"signals: {', '.join(sorted(table.signals))}")
    priced = sum(card.priced for card in table.cards)
    prices = "no prices" if not priced else ("prices known" if priced == len(table.models) else f"prices of {priced} models")
    return ", ".join([*parts, *([] if prices == "no prices" and table.has("cost_usd") else [prices])])


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0.001 <= share < 0.999 else f"{share:.3%}"


def _oracle(table: OutcomeTable) -> float:
    quality = table.numbers["quality"].astype(np.float64)
    best = np.where(np.isnan(quality), -np.inf, quality).max(axis=1, initial=-np.inf)
    return float(best[np.isfinite(best)].mean()) if np.isfinite(best).any() else float("nan")


def _tasks(table: OutcomeTable) -> tuple[tuple[str, int], ...]:
    if table.queries.tasks is None:
        return ()
    counts = np.bincount(table.queries.tasks, minlength=len(table.queries.task_names))
    return tuple(zip(table.queries.task_names, (int(count) for count in counts), strict=True))
