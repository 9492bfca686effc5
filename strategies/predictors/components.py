"""Few numbers in the place of many: principal components of what is known of a query, with a constant beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.predictors.calibrated import query_feature
from strategies.protocol import Doubles, Training, View

LACKING = "It needs embeddings of the prompts, or the prompts themselves."
OPTIONS = ("8", "16", "32", "64")


def learn_components(training: Training, most: int) -> dict[str, NDArray[Any]]:
    """Return the state of up to `most` components of the fit queries' embeddings, or of their words where there are none.

    One scale for all: over the fit part the squared lengths of what is kept are 1 on average. ProblemError where there is neither.
    """
    name = query_feature(training)
    if not name:
        raise refuse("nothing is known of a query before it is asked: no prompts, no embeddings.", LACKING)
    x = training.feature(name).astype(np.float64)
    centre = x.mean(axis=0)
    spread, axes = np.linalg.eigh((x - centre).T @ (x - centre) / len(x))
    kept = np.flatnonzero(spread > 1e-9 * max(spread[-1], 1e-12))[-most:][::-1]
    length = np.sqrt(spread[kept].sum()) or 1.0
    return {"component_of": np.array(name), "centre": centre, "components": np.ascontiguousarray(axes[:, kept].T) / length}


def projected(state: Mapping[str, NDArray[Any]], source: View | Training) -> Doubles:
    """Return (n, 1 + d): a constant 1, then the components of each query, row by row the same whatever stands beside it."""
    x = source.feature(str(state["component_of"])).astype(np.float64) - state["centre"]
    found = np.ones((len(x), 1 + len(state["components"])))
    found[:, 1:] = np.vecdot(x[:, None, :], state["components"])
    return found


def width(state: Mapping[str, NDArray[Any]]) -> int:
    """Return 1 + d, the width of `projected`."""
    return 1 + len(state["components"])


def describable(table: OutcomeTable) -> bool:
    """Whether anything is known of the queries: embeddings or prompts."""
    return "embedding" in table.features or table.queries.prompts is not None
