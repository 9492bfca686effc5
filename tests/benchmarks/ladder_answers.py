"""Answers of the embedded ladder, one thread, 64 at a time, against the bare matrix products that its tokens need.

Reference: for every rung the products of its weight matrices with as many rows as it reads and writes tokens, in batches of its own
size, by `np.matmul` on arrays that lie ready; attention, norms, sampling and texts are left out. The rates are printed beside it.
"""

from __future__ import annotations

import time

import numpy as np

from data.ladder.measure import puzzles
from data.ladder.model import BATCH, Model, load, names

GOAL = 4.0
COUNT = 640
WANTED = {"r1": 3000, "r2": 1000, "r3": 400, "r4": 150}  # answers a second


def measure() -> tuple[float, float]:
    """Return seconds of the products and of the answers, over all rungs that are here."""
    asked = [puzzle.text for puzzle in puzzles(COUNT, seed=3)]
    reference = ours = 0.0
    for name in (name for name in WANTED if name in names()):
        model = load(name)
        model.generate(asked[:BATCH])
        begun = time.perf_counter()
        said = model.generate(asked)
        took = time.perf_counter() - begun
        products = _products(model, sum(each.tokens_in for each in said), sum(each.tokens_out - 1 for each in said))
        print(f"  {name}: {COUNT / took:,.0f} answers a second (wanted {WANTED[name]:,}), bare products {COUNT / products:,.0f}")
        reference, ours = reference + products, ours + took
    return reference, ours


def _products(model: Model, read: int, written: int) -> float:
    """Return the seconds of the bare products for so many tokens read (in batches of whole prompts) and written (a row each)."""
    shape = model.config.shape
    rng = np.random.default_rng(0)
    sizes = ((1, 3), (1, 1), (1, 4), (4, 1))
    matrices = [rng.standard_normal((a * shape.width, b * shape.width), np.float32) for a, b in sizes] * shape.layers
    head = rng.standard_normal((shape.width, shape.vocabulary), np.float32)
    prompt = max(read // COUNT, 1) * BATCH
    total = 0.0
    for rows, times in ((prompt, COUNT // BATCH), (BATCH, max(written // BATCH, 1))):
        inputs = {a: rng.standard_normal((rows, a * shape.width), np.float32) for a in (1, 4)}
        begun = time.perf_counter()
        for _ in range(times):
            for matrix in matrices:
                np.matmul(inputs[matrix.shape[0] // shape.width], matrix)
            np.matmul(inputs[1][:BATCH], head)
        total += time.perf_counter() - begun
    return total
