"""Tables whose queries are points of a plane, for routers on embeddings: who is right follows from where a query lies."""

import numpy as np

from strategies.engines.loop import LoopView, State
from strategies.engines.recorded import Columns
from tests.worlds import by_hand


def at_points(vectors, quality, **fields):
    """Return the table of these (n, M) qualities (and cost, latency ... by keyword) whose embeddings are the (n, d) vectors."""
    table = by_hand(quality, **fields)
    return table.with_feature("embedding", np.asarray(vectors, dtype=np.float32))


def view_of(table, seed=0):
    """Return the loop's view of all queries before any call."""
    return LoopView(State(Columns(table)), seed)


def scattered(n, seed, dimensions=2):
    """Return (n, d) points, uniform in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, (n, dimensions))


def drawn_right(chance, seed):
    """Return 0/1 qualities drawn with these chances of being right; the draws are not those of the points of the same seed."""
    return (np.random.default_rng(seed + 1000).random(np.shape(chance)) < chance).astype(float)


def halves(make, n=1200):
    """Return (fit, test) tables of n queries each; `make(points, seed)` gives a table."""
    return make(scattered(n, 1), 1), make(scattered(n, 2), 2)
