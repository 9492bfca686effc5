"""A made-up table with everything that a trace can show, untrusted texts included; and the same without most of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.models import ModelCard
from data.outcomes import Origin, OutcomeTable, outcome_table
from data.queries import QuerySet

MODELS = ("tiny", "middle", "large")
SCRIPT = "<script>window.struck = true</script><img src=x onerror='window.struck = true'>"


def traced(count: int = 1200, *, bare: bool = False) -> OutcomeTable:
    """Return `count` queries x 3 models with prices, margins, latencies, embeddings and texts; `bare` has only quality and prompts."""
    draw = np.random.default_rng(7)
    hard = draw.random(count)
    quality = (draw.random((count, 3)) < np.clip(np.array([0.5, 0.75, 0.95]) + 0.4 * (0.5 - hard[:, None]), 0, 1)).astype(np.float32)
    tasks = [("sums", "facts")[i % 2] for i in range(count)]
    prompts = [f"How many <b>apples</b> & pears are left in basket {i}? {SCRIPT}{' More words.' * (i % 60)}" for i in range(count)]
    queries = QuerySet.build(
        [f"q{i:04d}" for i in range(count)],
        prompts=prompts,
        references=None if bare else [str(i % 9) for i in range(count)],
        tasks=None if bare else tasks,
    )
    origin = Origin(name="Made up for tests", kind="simulated")
    if bare:
        return outcome_table(MODELS, quality, queries=queries, origin=origin).relatively_priced({"tiny": 1.0, "middle": 4.0, "large": 30.0})
    return outcome_table(MODELS, quality, queries=queries, origin=origin, **_rest(draw, quality, hard, tasks))


def _rest(draw: np.random.Generator, quality: Any, hard: Any, tasks: list[str]) -> dict[str, Any]:
    count = len(quality)
    answers = {m: [str(i % 9) if quality[i, j] else "no idea" for i in range(count)] for j, m in enumerate(MODELS)}
    texts = {
        m: [f"{SCRIPT} I think so. {'Because of this and that. ' * (40 * j)}It is {a}." for a in answers[m]] for j, m in enumerate(MODELS)
    }
    embedding = np.stack([np.array([t == "sums" for t in tasks]), hard, draw.random(count), draw.random(count)], axis=1)
    tiers: list[Any] = ["assumed", "list", "list"]
    return {
        "cost_usd": np.array([2e-6, 3e-4, 3e-3]) * draw.uniform(0.7, 1.4, (count, 3)),
        "latency_s": np.array([0.01, 0.5, 2.0]) * draw.uniform(0.7, 1.4, (count, 3)),
        "signals": {"margin": np.clip(0.5 * quality + 0.5 * draw.random((count, 3)), 0, 1).astype(np.float32)},
        "features": {"embedding": embedding.astype(np.float32)},
        "answers": {m: _texts(a) for m, a in answers.items()},
        "responses": {m: _texts(t) for m, t in texts.items()},
        "cards": tuple(ModelCard(name=m, tier=t) for m, t in zip(MODELS, tiers, strict=True)),
    }


def _texts(texts: list[str]) -> Any:
    from data.texts import Texts

    return Texts(texts)
