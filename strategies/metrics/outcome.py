"""Figures of a run that need no reference: quality, cost per 1,000 queries, latency and its tail."""

from __future__ import annotations

from functools import partial

import numpy as np

from strategies.metrics.base import Metric
from strategies.metrics.facts import NAN, Done, mean
from strategies.protocol import Floats


def latency_quantile(latency_s: Floats, level: float) -> float:
    """Return the least recorded latency, seconds, that at least `level` of (n,) queries do not exceed; NaN if any is unknown.

    Nearest rank: an observed value, and the same when every query is doubled. Source: none, a definition (inverse of the distribution).
    """
    if len(latency_s) == 0 or np.isnan(latency_s).any():
        return NAN
    return float(np.quantile(latency_s, level, method="inverted_cdf"))


def _tail(done: Done, *, level: float) -> float:
    return latency_quantile(done.latency, level)


def _overhead(done: Done) -> float:
    total = mean(done.cost)
    return 1 - mean(done.of_answer(done.pool.cost, none=0.0)) / total if total > 0 else NAN


METRICS = (
    Metric(
        id="quality", title="Quality", group="Quality", of="run", better="higher", mean=True, low=0, high=1,
        formula="mean_i q[i, π(i)]", source="RouterEval, arXiv 2503.10657 (μ); LLMRouterBench (AvgAcc)",
        also=("mu", "AvgAcc", "accuracy"), compute=lambda done: done.quality,
    ),
    Metric(
        id="cost_per_1k", title="Cost per 1,000 queries", group="Cost", of="run", better="lower", mean=True, low=0, prices="scales",
        unit="USD per 1,000 queries", formula="1000 mean_i C_i; C_i = every call, failed steps and paid signals included",
        source="arXiv 2510.00202 (unit); accounting as in arXiv 2310.12963", needs=frozenset({"cost"}),
        caution="In the table's own cost unit where no price in USD is known.", compute=lambda done: 1000.0 * done.cost.astype(np.float64),
    ),
    Metric(
        id="latency", title="Mean latency", group="Latency", of="run", better="lower", mean=True, low=0, unit="s",
        formula="mean_i T_i; calls in a row add up, calls at once count with the slowest", source="arXiv 2506.06579 (latency)",
        needs=frozenset({"latency"}), caution="A mean hides the tail, where a cascade is slow: show p95 beside it.",
        compute=lambda done: done.latency,
    ),
    Metric(
        id="calls", title="Calls per query", group="Cost", of="run", better="neither", mean=True, low=0, unit="models per query",
        formula="mean_i number of models that query i called", source="accounting as in arXiv 2310.12963",
        compute=lambda done: done.called.sum(axis=1),
    ),
    Metric(
        id="overhead_share", title="Bill beside the answer", group="Cost", of="run", better="lower", high=1, unit="share of the cost",
        formula="1 - sum_i c[i, π(i)] / sum_i C_i", source="accounting as in arXiv 2310.12963 (failed steps and verifiers are paid for)",
        needs=frozenset({"cost"}), caution="Failed steps, votes and paid signals; 0 for a router that asks one model.",
        compute=_overhead,
    ),
    *(
        Metric(
            id=f"latency_p{level}", title=f"Latency, {level}th percentile", group="Latency", of="run", better="lower", low=0,
            unit="s", formula=f"least t with T_i <= t for {level} % of queries", source="nearest rank, the inverse distribution function",
            needs=frozenset({"latency"}), compute=partial(_tail, level=level / 100),
        )
        for level in (50, 95, 99)
    ),
)  # fmt: skip
