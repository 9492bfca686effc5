"""Learners of quality and cost by name, for methods that leave the choice open; the fitted arrays say which one it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.neighbours import means_at, nearest, normed
from strategies.predictors.network import outputs, train
from strategies.predictors.ridge import learn_ridge, ridge
from strategies.protocol import Doubles, Floats, Ints

NEIGHBOURS, RIDGE, NETWORK = "neighbours", "ridge", "network"
LEARNERS = (NEIGHBOURS, RIDGE, NETWORK)
HIDDEN = 64


def learn_by(name: str, x: Floats, y: Doubles, *, seed: int) -> dict[str, NDArray[Any]]:
    """Return the arrays that the named learner fits to (n, k) targets, NaN = unknown, on (n, d) embeddings."""
    if name == NEIGHBOURS:
        return {"base": normed(x), "values": y}
    return learn_ridge(x, y) if name == RIDGE else learn_network(x, y, seed=seed)


def said_by(state: Mapping[str, NDArray[Any]], x: Floats, *, k: int) -> Doubles:
    """Return (n, targets) predictions of the learner whose arrays these are; k : neighbours to ask, where it is theirs."""
    if "base" in state:
        return means_at(state["values"], nearest(x, state["base"], k))
    return ridge(state, x) if "coefficients" in state else outputs(state, x)


def learn_network(x: Floats, y: Doubles, *, seed: int) -> dict[str, NDArray[Any]]:
    """Return a network with one hidden layer; loss: squared error over the known cells, for a hole pulls nowhere."""

    def slope(said: Doubles, rows: Ints) -> Doubles:
        return np.nan_to_num(said - y[rows], nan=0.0)

    return train(x, y.shape[1], slope, seed=seed, hidden=HIDDEN, rate=0.003, decay=0.1)
