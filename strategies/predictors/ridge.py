"""Ridge regression, its strength chosen by leaving one query out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.expected import patterns
from strategies.predictors.rowwise import product
from strategies.protocol import Doubles, Floats

STRENGTHS = tuple(10.0**k for k in range(-3, 4))


def learn_ridge(x: Floats, y: Doubles) -> dict[str, NDArray[Any]]:
    """Return coefficients (k, d) and intercept (k,) of (n, k) targets, NaN = unknown, each with its own strength of STRENGTHS."""
    from sklearn.linear_model import RidgeCV

    coefficients, intercept = np.full((y.shape[1], x.shape[1]), np.nan), np.full(y.shape[1], np.nan)
    for rows, columns in patterns(~np.isnan(y)):
        if rows.sum() < 3:  # nothing to leave out: the mean is all that can be said
            coefficients[columns], intercept[columns] = 0.0, y[rows][:, columns].mean(axis=0)
            continue
        fitted = RidgeCV(alphas=STRENGTHS, alpha_per_target=len(columns) > 1).fit(x[rows].astype(np.float64), y[rows][:, columns])
        coefficients[columns], intercept[columns] = np.atleast_2d(fitted.coef_), np.atleast_1d(fitted.intercept_)
    return {"coefficients": coefficients, "intercept": intercept}


def ridge(state: Mapping[str, NDArray[Any]], x: Floats) -> Doubles:
    """Return (n, k) predictions of (n, d) rows."""
    return np.asarray(product(x, state["coefficients"]) + state["intercept"])
