"""Tokens, prices and latency of a twin, from what a table recorded of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.simulator.normal import Doubles
from data.simulator.world import SimModel, World

_EXACT = 0.02  # prices explain a bill if they miss it by no more
_CALLS = 10


def bills(world: World, table: OutcomeTable, notes: list[str]) -> World:
    """Return the world with the table's tokens, prices and latencies; what the table doesn't have is said in `notes`."""
    priced = [_prices(table, m) for m in range(len(table.models))]
    by_token = table.cost_unit == "USD" and all(pair is not None for pair in priced)
    read = np.array([_mean(table.column("tokens_in", m)) for m in range(len(table.models))])
    words = float(np.nanmean(read)) if by_token else 0.0
    models = []
    for m, model in enumerate(world.models):
        made = _counted(model, table, m, words, priced[m]) if by_token else _flat(model, table, m)
        models.append(_timed(made, table, m))
    if not table.has("cost_usd"):
        notes.append("no cost is known: every call is taken to cost 0")
    elif not by_token:
        notes.append(f"costs are drawn per call, in {table.cost_unit}: tokens and prices that explain them were not recorded")
    if not table.has("latency_s"):
        notes.append("no latency was recorded: the twin's is an assumption")
    topics = tuple(replace(topic, length=length) for topic, length in zip(world.topics, _lengths(world, table), strict=True))
    changed: dict[str, Any] = {"models": tuple(models), "topics": topics, "cost_unit": table.cost_unit}
    if by_token:
        changed |= {"tokens_in": float(np.clip(words, 1, 1e6)), "tokens_in_spread": _spread(table.column("tokens_in", 0), table)}
    return replace(world, **changed)


def _prices(table: OutcomeTable, m: int) -> tuple[float, float] | None:
    """Return USD per million tokens in and out that explain a model's bills: its card's, else those that fit; None if none do."""
    read, written, cost = (table.column(name, m).astype(np.float64) for name in ("tokens_in", "tokens_out", "cost_usd"))
    known = ~(np.isnan(read) | np.isnan(written) | np.isnan(cost))
    if known.sum() < _CALLS or np.isnan(cost[~np.isnan(table.quality(m))]).any():
        return None
    tokens = np.stack([read[known], written[known]], axis=1) * 1e-6
    card = table.cards[m]
    pairs = [np.array([card.price_in_usd_per_mtok, card.price_out_usd_per_mtok])]
    if np.linalg.matrix_rank(tokens) == 2:
        pairs.append(np.linalg.lstsq(tokens, cost[known], rcond=None)[0])
    for pair in pairs:
        missed = np.abs(tokens @ pair - cost[known]).sum() / max(float(cost[known].sum()), 1e-12)
        if missed <= _EXACT and (pair >= 0).all() and (pair <= 1000).all():
            return float(pair[0]), float(pair[1])
    return None


def _counted(model: SimModel, table: OutcomeTable, m: int, words: float, pair: tuple[float, float] | None) -> SimModel:
    read, written = table.column("tokens_in", m), table.column("tokens_out", m)
    prices = pair or (0.0, 0.0)
    return replace(
        model, price_in_usd_per_mtok=prices[0], price_out_usd_per_mtok=prices[1], tokens_in_factor=_mean(read) / words,
        tokens_out=float(np.clip(_mean(written), 1, 100_000)), tokens_spread=_spread(written, table),
    )  # fmt: skip


def _flat(model: SimModel, table: OutcomeTable, m: int) -> SimModel:
    cost, written = table.cost_usd(m), table.column("tokens_out", m)
    mean = _mean(cost)
    tokens = _mean(written)
    return replace(
        model, price_usd_per_query=0.0 if np.isnan(mean) else float(min(mean, 1000)),
        # Without counts a long answer, so that rounding to whole tokens doesn't show in the cost.
        tokens_out=10_000.0 if np.isnan(tokens) else float(np.clip(tokens, 1, 100_000)), tokens_spread=_spread(cost, table),
    )  # fmt: skip


def _timed(model: SimModel, table: OutcomeTable, m: int) -> SimModel:
    """Return the model with a start and a speed that explain its latencies."""
    took = table.latency_s(m).astype(np.float64)
    known = took > 0
    if known.sum() < _CALLS:
        return replace(model, latency_spread=0.0)
    written = table.column("tokens_out", m).astype(np.float64)
    both = known & ~np.isnan(written)
    mean, start, speed = float(took[known].mean()), 0.0, model.tokens_out / float(took[known].mean())
    if both.sum() >= _CALLS and written[both].std() > 0:
        slope = float(np.polyfit(written[both], took[both], 1)[0])
        if slope > 0:
            slope = min(slope, mean / model.tokens_out)
            start, speed = mean - slope * model.tokens_out, 1 / slope
    if both.sum() >= _CALLS:
        said = start + written[both] / speed
        left = np.log(took[both][said > 0] / said[said > 0])  # an answer of no tokens says nothing where there is no start
    else:
        left = np.log(took[known] / mean)
    return replace(
        model, first_token_s=float(np.clip(start, 0, 600)), speed_tok_per_s=float(np.clip(speed, 0.1, 100_000)),
        latency_spread=float(np.clip(left.std() if len(left) else 0.0, 0, 3)),
    )  # fmt: skip


def _lengths(world: World, table: OutcomeTable) -> list[float]:
    """Return how costly each topic's calls are relative to the mean: the geometric mean over models."""
    tasks, names = table.queries.tasks, table.queries.task_names
    if tasks is None or len(world.topics) == 1:
        return [1.0] * len(world.topics)
    found = []
    for topic in world.topics:
        rows = np.asarray([(names[int(k)] or "unnamed") == topic.name for k in range(len(names))])[tasks]
        ratios = [
            _mean(table.cost_usd(m)[rows]) / _mean(table.cost_usd(m)) for m in range(len(table.models)) if _mean(table.cost_usd(m)) > 0
        ]
        known = [ratio for ratio in ratios if ratio > 0]
        found.append(float(np.clip(np.exp(np.mean(np.log(known))), 0.01, 100)) if known else 1.0)
    return found


def _spread(values: Any, table: OutcomeTable) -> float:
    """Return the standard deviation of the logarithm of positive values within topics."""
    plain = np.asarray(values, np.float64)
    known = plain > 0
    if known.sum() < 2:
        return 0.0
    height = np.log(plain[known])
    if table.queries.tasks is not None:
        codes = table.queries.tasks[known]
        size = np.maximum(np.bincount(codes), 1)
        height = height - (np.bincount(codes, height) / size)[codes]
    return float(np.clip(height.std(), 0, 3))


def _mean(values: Any) -> float:
    known: Doubles = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")
