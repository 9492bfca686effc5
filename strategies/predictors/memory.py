"""The last so many queries of a kind, as vectors in a ring: what a stream remembers, in arrays that keep their shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Doubles, Floats, Ints


def empty_memory(places: int, dimensions: int) -> dict[str, NDArray[Any]]:
    """Return the state of a memory of so many vectors that holds none; `noted` numbers can be kept beside each."""
    return {
        "memory": np.zeros((places, dimensions), dtype=np.float32), "noted": np.zeros(places), "remembered": np.zeros((), dtype=np.int64),
    }  # fmt: skip


def remember(state: Mapping[str, NDArray[Any]], vector: Floats, note: float = 0.0) -> None:
    """Write one (d,) vector and a number into a memory that may be written to; the oldest gives way."""
    at = int(state["remembered"]) % len(state["memory"])
    state["memory"][at], state["noted"][at] = vector, note
    state["remembered"][...] += 1


def recalled(state: Mapping[str, NDArray[Any]]) -> tuple[Floats, Doubles]:
    """Return the (k, d) vectors that are remembered, and the (k,) numbers noted beside them, in no order."""
    filled = min(int(state["remembered"]), len(state["memory"]))
    return state["memory"][:filled], state["noted"][:filled]


def most_like(remembered: Floats, vectors: Floats) -> tuple[Floats, Ints]:
    """Return for (n, d) unit vectors the greatest cosine to (k, d) remembered ones, and its place; -1 and 0 while nothing is."""
    if not len(remembered):
        return np.full(len(vectors), -1.0, dtype=np.float32), np.zeros(len(vectors), dtype=np.intp)
    likeness = vectors @ remembered.T
    place = likeness.argmax(axis=1)
    return likeness[np.arange(len(vectors)), place], place
