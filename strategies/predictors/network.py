"""A small network in NumPy: none or one hidden layer, any loss by its slope, trained by Adam; the state is its weights.

scikit-learn's own knows neither holes in its targets nor soft labels, and both are the rule here. Source: Adam, arXiv 1412.6980;
decay of the weights apart from the slope, arXiv 1711.05101.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.rowwise import product
from strategies.protocol import Doubles, Floats, Ints

Slope = Callable[[Doubles, Ints], Doubles]  # (b, k) outputs and the (b,) rows that they belong to -> (b, k) slope of the loss
Weights = dict[str, NDArray[Any]]
BATCH = 64
STEPS = 600  # at least so many, however few rows there are
EPOCHS = 30
_BETAS, _TINY = (0.9, 0.999), 1e-8


def train(x: Floats, outputs: int, slope: Slope, *, seed: int, hidden: int = 0, rate: float = 0.01, decay: float = 0.01) -> Weights:
    """Return the weights of a network (n, d) -> (n, outputs) after max(STEPS, EPOCHS passes) steps; the same seed, the same bits."""
    rng = np.random.default_rng(seed)
    mean, spread = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (x - mean) / spread
    weights = _fresh(rng, x.shape[1], hidden, outputs)
    adam = Adam(weights, rate=rate, decay=decay)
    batch = min(BATCH, len(x))
    steps = max(STEPS, EPOCHS * -(-len(x) // batch))
    order = np.empty(0, dtype=np.intp)
    for step in range(steps):
        if len(order) < batch:
            order = np.concatenate([order, rng.permutation(len(x))])
        rows, order = order[:batch], order[batch:]
        adam.step(_slopes(weights, scaled[rows], rows, slope), left=1.0 - step / steps)
    return {**weights, "input_mean": mean, "input_spread": spread}


def outputs(state: Mapping[str, NDArray[Any]], x: Floats) -> Doubles:
    """Return (n, k) outputs of a trained network, row by row independent.

    The inputs are scaled within the first layer's weights: a pass over all inputs takes longer than the products.
    """
    weights, bias = (state["w1"], state["b1"]) if "w1" in state else (state["w2"], state["b2"])
    scaled = weights / state["input_spread"]
    inner = product(x, scaled) + (bias - scaled @ state["input_mean"])
    return np.asarray(product(np.maximum(inner, 0.0), state["w2"]) + state["b2"] if "w1" in state else inner)


def softmax(scores: Doubles) -> Doubles:
    """Return (n, k) shares that sum to one; -inf has none."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def sigmoid(scores: Doubles) -> Doubles:
    """Return 1 / (1 + exp(-scores)), without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -500, 500))))


class Adam:
    """Steps of Adam on named arrays, in place; arrays of two dimensions decay."""

    def __init__(self, weights: Weights, *, rate: float, decay: float) -> None:
        self._weights, self._rate, self._decay, self._done = weights, rate, decay, 0
        self._first = {name: np.zeros_like(values) for name, values in weights.items()}
        self._second = {name: np.zeros_like(values) for name, values in weights.items()}

    def step(self, slopes: Mapping[str, NDArray[Any]], *, left: float = 1.0) -> None:
        """Go one step down; `left` scales the rate, so that the last steps are small."""
        self._done += 1
        rate = self._rate * left
        for name, slope in slopes.items():
            first, second, values = self._first[name], self._second[name], self._weights[name]
            first += (1 - _BETAS[0]) * (slope - first)
            second += (1 - _BETAS[1]) * (slope**2 - second)
            size = np.sqrt(second / (1 - _BETAS[1] ** self._done)) + _TINY
            if values.ndim > 1:
                values *= 1 - rate * self._decay
            values -= rate * first / (1 - _BETAS[0] ** self._done) / size


def _fresh(rng: np.random.Generator, width: int, hidden: int, outputs: int) -> Weights:
    if not hidden:
        return {"w2": np.zeros((outputs, width)), "b2": np.zeros(outputs)}
    return {
        "w1": rng.normal(scale=np.sqrt(2.0 / width), size=(hidden, width)),
        "b1": np.zeros(hidden),
        "w2": rng.normal(scale=np.sqrt(1.0 / hidden), size=(outputs, hidden)),
        "b2": np.zeros(outputs),
    }


def _slopes(weights: Weights, x: Doubles, rows: Ints, slope: Slope) -> Weights:
    if "w1" not in weights:
        down = slope(x @ weights["w2"].T + weights["b2"], rows) / len(rows)
        return {"w2": down.T @ x, "b2": down.sum(axis=0)}
    inner = np.maximum(x @ weights["w1"].T + weights["b1"], 0.0)
    down = slope(inner @ weights["w2"].T + weights["b2"], rows) / len(rows)
    back = (down @ weights["w2"]) * (inner > 0)
    return {"w1": back.T @ x, "b1": back.sum(axis=0), "w2": down.T @ inner, "b2": down.sum(axis=0)}
