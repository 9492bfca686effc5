"""Scores as ranks: which share of the fit part's scores lies below one. A threshold on a rank is a share of queries, on any scale."""

from __future__ import annotations

import numpy as np

from strategies.protocol import Doubles, Floats


def levels(values: Floats) -> tuple[Floats, Doubles]:
    """Return (k,) the distinct known values, ascending, and (k,) the share of the known values that lies below each."""
    known = values[~np.isnan(values)]
    distinct, count = np.unique(known, return_counts=True)
    return distinct.astype(np.float32), (np.cumsum(count) - count) / max(len(known), 1)


def ranked(values: Floats, distinct: Floats, below: Doubles) -> Floats:
    """Return (n,) ranks in [0, 1) of values among `levels`, straight lines between them; NaN stays NaN.

    On the values of the fit part themselves, the share with a rank below r is r wherever r is a rank, and the next one above elsewhere.
    """
    return np.asarray(np.interp(values.astype(np.float64), distinct.astype(np.float64), below), dtype=np.float32)
