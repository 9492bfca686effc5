"""Every metric, declared beside its formula in a module of this folder, and the ways to measure one.

`measure("arena_score", run, table)` on a run, `measure_curve("aiq", curve, table)` on a frontier, `measure_pool("oracle_quality", table)`
on a table alone. Undefined is NaN, never 0.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

import strategies.metrics as home
from data.outcomes import OutcomeTable
from data.problems import listed, refuse
from strategies.engines.run import Run
from strategies.frontiers.curve import Frontier
from strategies.metrics.base import Group, Metric, Option
from strategies.metrics.facts import curve_of, done_of, mean, pool_of
from strategies.metrics.signals import Told
from strategies.protocol import Doubles

__all__ = ["METRICS", "Metric", "Option", "measure", "measure_curve", "measure_pool", "measure_signal", "metric", "missing", "per_query"]
_WORDS = {
    "cost": "prices, or assumed relative prices", "usd": "prices in USD", "latency": "latencies", "tokens": "token counts",
    "tasks": "a task of each query", "prompts": "prompts", "energy": "energy of each call", "memory": "memory of each model",
    "compute": "compute of each call", "confidence": "a confidence signal",
}  # fmt: skip


def _found() -> Iterator[Metric]:
    """Yield what the modules of this folder list in METRICS."""
    for found in sorted(pkgutil.iter_modules(home.__path__), key=lambda each: each.name):
        if found.name != "declared":
            yield from getattr(importlib.import_module(f"{home.__name__}.{found.name}"), "METRICS", ())


def _gathered() -> dict[str, Metric]:
    order = get_args(Group)
    gathered: dict[str, Metric] = {}
    for each in sorted(_found(), key=lambda m: order.index(m.group)):
        if each.id in gathered:
            raise refuse(f"two metrics are called {each.id!r}.", "Give each its own id.")
        gathered[each.id] = each
    return gathered


METRICS: Mapping[str, Metric] = _gathered()


def metric(name: str) -> Metric:
    """Return the metric of this id, or of a name it has elsewhere (`also`: "mu", "AvgAcc"); ProblemError if there is none."""
    if name in METRICS:
        return METRICS[name]
    for each in METRICS.values():
        if name.casefold() in (other.casefold() for other in each.also):
            return each
    raise refuse(f"there is no metric {name!r}.", f"Metrics: {listed(sorted(METRICS), 80)}.")


def measure(metric_id: str, run: Run, table: OutcomeTable, **options: Any) -> float:
    """Return one figure of a policy's run on the table it was replayed on; NaN where it is undefined or rests on something unknown.

    options : the metric's declared ones. A figure of the pool is the table's, whatever the run. ProblemError for an unknown metric or
    option, a value out of range, another table, or a metric of a curve.
    """
    chosen = metric(metric_id)
    values = chosen.chosen(options)
    if chosen.of in ("curve", "signal"):
        raise refuse(f"{chosen.id} is measured on a {chosen.of}, not on one run.", f"Use measure_{chosen.of}.")
    if chosen.of == "policy":
        return float(chosen.compute(run.policy, table, **values))
    return _one(chosen, pool_of(table) if chosen.of == "pool" else done_of(run, table), values)


def measure_curve(metric_id: str, frontier: Frontier, table: OutcomeTable, **options: Any) -> float:
    """Return one figure of a policy's curve on the table it was drawn from; NaN and errors as for `measure`."""
    chosen = metric(metric_id)
    if chosen.of not in ("curve", "pool"):
        raise refuse(f"{chosen.id} is measured on a {chosen.of}, not on a curve.", "Replay one setting and use measure, or measure_signal.")
    return _one(chosen, pool_of(table) if chosen.of == "pool" else curve_of(frontier, table), chosen.chosen(options))


def measure_pool(metric_id: str, table: OutcomeTable, **options: Any) -> float:
    """Return one figure of a table's models alone; NaN and errors as for `measure`."""
    chosen = metric(metric_id)
    if chosen.of != "pool":
        raise refuse(f"{chosen.id} is measured on a {chosen.of}, not on a table alone.", "Replay a policy, or draw its frontier, first.")
    return _one(chosen, pool_of(table), chosen.chosen(options))


def measure_signal(metric_id: str, score: ArrayLike, quality: ArrayLike, strong: ArrayLike | None = None, **options: Any) -> float:
    """Return one figure of a confidence signal.

    score, quality : (n,) the signal and the quality of one model's answers, NaN = not known, left out. strong : (n,) quality of the model
    that would be asked next. NaN where undefined; errors as for `measure`, and for a score outside [0, 1] where it has to be a probability.
    """
    chosen = metric(metric_id)
    if chosen.of != "signal":
        raise refuse(f"{chosen.id} is measured on a {chosen.of}, not on a signal.", "Replay a policy, or draw its frontier.")
    next_one = None if strong is None else np.asarray(strong, dtype=np.float64)
    told = Told(np.asarray(score, dtype=np.float64), np.asarray(quality, dtype=np.float64), next_one)
    return _one(chosen, told, chosen.chosen(options))


def per_query(metric_id: str, run: Run, table: OutcomeTable, **options: Any) -> Doubles:
    """Return (n,) values whose mean is the metric: what a bootstrap resamples and a paired comparison subtracts.

    NaN = unknown for that query. ProblemError for a metric that is no mean over queries (`Metric.mean`), else as for `measure`.
    """
    chosen = metric(metric_id)
    if not chosen.mean:
        raise refuse(f"{chosen.id} is no mean over queries.", "Resample the queries and measure it anew.")
    facts = pool_of(table) if chosen.of == "pool" else done_of(run, table)
    return np.asarray(chosen.compute(facts, **chosen.chosen(options)), dtype=np.float64)


def missing(metric_id: str, table: OutcomeTable, **options: Any) -> str:
    """Return in words what a table lacks for a metric, "" if nothing; what options may bring (energy) is asked of them."""
    needs = metric(metric_id).needs
    lacks = {
        "cost": not table.has("cost_usd"), "usd": not table.has("cost_usd") or table.cost_unit != "USD",
        "latency": not table.has("latency_s"), "tokens": not (table.has("tokens_total") or table.has("tokens_out")),
        "tasks": table.queries.tasks is None, "prompts": table.queries.prompts is None, "confidence": not table.signals,
        **{name: options.get(name) is None for name in ("energy", "memory", "compute")},
    }  # fmt: skip
    said = [_WORDS[need] for need in sorted(needs) if lacks[need]]
    return f"It needs {' and '.join(said)}." if said else ""


def _one(chosen: Metric, facts: Any, values: Mapping[str, Any]) -> float:
    found = chosen.compute(facts, **values)
    return mean(found) if chosen.mean else float(found)
