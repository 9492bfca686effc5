"""What is known by the kind of a query: means of each model's outcomes by task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Doubles, Floats

LABEL = "task:"  # and a task's name: the feature, (n, 1), that is 1 where a query is labelled so


def means_by_task(columns: Sequence[Floats], place: NDArray[np.intp], kinds: int) -> Doubles:
    """Return (T, M) means over known cells by task, the model's overall mean where it never ran on a task; NaN where it never ran.

    columns : M arrays of (n,). place : (n,) the task of each query, 0 to T - 1.
    """
    out = np.full((kinds, len(columns)), np.nan)
    for m, column in enumerate(columns):
        known = ~np.isnan(column)
        count = np.bincount(place[known], minlength=kinds)
        total = np.bincount(place[known], column[known].astype(np.float64), kinds)
        overall = float(column[known].astype(np.float64).mean()) if known.any() else np.nan
        out[:, m] = np.where(count > 0, total / np.maximum(count, 1), overall)
    return out
