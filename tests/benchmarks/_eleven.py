"""A simulated table of 11 models as large as RouterBench, for the rows that time routers: who is right can be told from the embedding."""

from __future__ import annotations

import numpy as np

from data.models import ModelCard
from data.outcomes import Origin, OutcomeTable, outcome_table
from data.queries import QuerySet
from data.texts import Texts
from strategies.predictors.estimates import FORESEEN

MODELS, WIDTH = 11, 384
_TASKS, _TOPICS, _CHOICES = 8, 40, 4


def eleven(queries: int, *, foreseen: bool = False, seed: int = 0) -> OutcomeTable:
    """Return a table of so many queries: quality 0 or 1, costs over two decades, latency, confidence, answers, tasks, prompts, embeddings.

    Embeddings are unit vectors around one of 40 topics. foreseen : forecasts come with the data, a model's chance on the topic.
    """
    rng = np.random.default_rng(seed)
    topics, topic = rng.standard_normal((_TOPICS, WIDTH)), rng.integers(0, _TOPICS, queries)
    embedding = topics[topic] + rng.standard_normal((queries, WIDTH))
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    chance = np.clip(np.linspace(0.45, 0.8, MODELS) + rng.normal(0, 0.2, (_TOPICS, MODELS)), 0.05, 0.95)[topic]
    quality = rng.random((queries, MODELS)) < chance
    names = [f"m{m}" for m in range(MODELS)]
    margin = np.clip(0.5 * quality + 0.5 * rng.random((queries, MODELS)), 0, 1).astype(np.float32)
    said = np.where(quality, 0, rng.integers(1, _CHOICES, (queries, MODELS)))
    table = outcome_table(
        names,
        quality,
        queries=QuerySet.build(
            [f"q{i}" for i in range(queries)],
            prompts=[f"question {i} on topic {at}" for i, at in enumerate(topic)],
            tasks=[f"task {at % _TASKS}" for at in topic],
        ),
        cost_usd=10.0 ** np.linspace(-4, -2, MODELS) * rng.lognormal(0, 0.3, (queries, MODELS)),
        latency_s=rng.lognormal(0, 0.3, (queries, MODELS)),
        signals={"margin": margin, "mean_logprob": np.log(np.maximum(margin, np.float32(1e-3)))},
        answers={name: Texts([f"choice {code}" for code in said[:, m]]) for m, name in enumerate(names)},
        cards=tuple(ModelCard(name=name) for name in names),
        origin=Origin(name="eleven models", kind="simulated"),
    ).with_feature("embedding", embedding.astype(np.float32))
    for m, name in enumerate(names if foreseen else ()):
        table = table.with_feature(f"{FORESEEN}{name}", chance[:, m : m + 1].astype(np.float32))
    return table
