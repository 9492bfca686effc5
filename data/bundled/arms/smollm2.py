"""SmolLM2-135M-Instruct on this machine: asked once, and asked five times with a vote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.bundled.items import SCORERS
from data.live import local
from data.live.budget import Budget
from data.live.collect import Collected, collect
from data.live.endpoints import Endpoint
from data.live.report import Progress
from data.queries import QuerySet

ZERO_SHOT, SC5 = "smollm2-135m", "smollm2-135m-sc5"
SAMPLES = 5
TEMPERATURE = 0.7
MAX_TOKENS = 20
# One sentence is enough for a short answer, and what a model this small says after it is noise that costs time.
STOP = (".", "\n")


def zero_shot(queries: QuerySet, folder: Path, on_progress: Callable[[Progress], None] | None = None) -> Collected:
    """Return one greedy answer a query, one call at a time so that the latency is the model's own; resumes from folder."""
    return _collected(_endpoint(ZERO_SHOT, 0.0), queries, folder, on_progress, samples=1)


def sampled(queries: QuerySet, folder: Path, on_progress: Callable[[Progress], None] | None = None) -> Collected:
    """Return five answers a query drawn at temperature 0.7; resumes from folder."""
    return _collected(_endpoint(SC5, TEMPERATURE), queries, folder, on_progress, samples=SAMPLES)


def _endpoint(name: str, temperature: float) -> Endpoint:
    return local.endpoint(name, temperature=temperature, max_tokens=MAX_TOKENS, extra={"stop": list(STOP)})


def _collected(
    endpoint: Endpoint, queries: QuerySet, folder: Path, on_progress: Callable[[Progress], None] | None, *, samples: int
) -> Collected:
    return collect(
        queries, [endpoint], SCORERS, Budget(10.0), concurrency=1, samples=samples, folder=folder / endpoint.name, on_progress=on_progress
    )
