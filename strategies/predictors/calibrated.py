"""The *predicted* signal: a calibrated P(answer is right) from what is known of the query and the answer.

Many outcome files have no log-probabilities. A logistic regression on the query's features, and on what can be read off
the answer once it is there, is a confidence that anyone can have. Fitted on fit only. Source: Platt scaling of
linear predictors; arXiv 2502.03261 (CARROT) and 2605.18796 (UCCI) for prediction and calibration in routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.predictors.text import RESPONSE_FEATURES
from strategies.protocol import Floats, Training, View

RIDGE = 1.0  # inverse strength (scikit-learn's C); features have unit norm, so one value suits embeddings and hashed words


def query_feature(training: Training) -> str:
    """Return the best feature of the query that is there without long work: embedding, else text, else none ("")."""
    return next((name for name in ("embedding", "text") if training.has_feature(name)), "")


def predictable(table: OutcomeTable) -> bool:
    """Whether there is anything to predict from: prompts, embeddings, response texts or token counts."""
    return table.queries.prompts is not None or "embedding" in table.features or bool(table.responses) or table.has("tokens_out")


def learn_predictor(training: Training, models: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    """Return the state of one logistic regression a model: coefficients (d + 1, k), feature names.

    Graded quality is learnt as soft labels: each query counts q as right and 1 - q as wrong.
    """
    name = query_feature(training)
    answer_features = _answer_features(training, models)
    if not name and not answer_features:
        raise refuse(
            "there is nothing to predict from: no prompts, no embeddings, no answers.",
            "Add a prompt column, or a recorded confidence signal.",
        )
    rows = [_fit_one(_matrix(training, name, answer_features, m), training.quality(m)) for m in models]
    return {
        "coefficients": np.stack(rows, axis=1),
        "query_feature": np.array(name),
        "answer_features": np.array(answer_features, dtype=np.str_),
        "models": np.array([training.models[m] for m in models]),
    }


def predict(state: Mapping[str, NDArray[Any]], view: View | Training, model: int, column: int) -> Floats:
    """Return (n,) P(right) of a called model's answers; `column` is the model's place in the fitted chain."""
    matrix = _matrix(view, str(state["query_feature"]), [str(f) for f in state["answer_features"]], model)
    coefficients = state["coefficients"][:, column].astype(np.float32)
    # Row by row on purpose: a matrix product rounds differently with the number of rows, and a threshold may equal a score.
    logit = np.vecdot(matrix, coefficients[:-1]) + coefficients[-1]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -30, 30))), dtype=np.float32)


def _answer_features(training: Training, models: tuple[int, ...]) -> list[str]:
    """Features of the answer that are recorded for every model of the chain: what the text looks like, how long it was."""
    table = training.table
    found = list(RESPONSE_FEATURES) if all(training.models[m] in table.responses for m in models) else []
    if all(not np.isnan(table.column("tokens_out", m)).all() for m in models):
        found.append("response_tokens")
    return found


def _matrix(source: View | Training, feature: str, answer_features: list[str], model: int) -> Floats:
    parts = [source.feature(feature)] if feature else []
    for name in answer_features:
        values = source.signal(name, model)
        # An answer without text tells nothing: it sits at the middle of the scale, never at a made-up length.
        parts.append((np.nan_to_num(values, nan=3.0) / 4.0)[:, None])
    return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.float32)


def _fit_one(matrix: Floats, quality: Floats) -> NDArray[np.float32]:
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(quality)
    x, q = matrix[known], quality[known].astype(np.float64)
    constant = np.zeros(matrix.shape[1] + 1, dtype=np.float32)
    if not len(q) or q.min() == q.max():
        # Always (or never) right on fit: the best guess is that constant, kept off 0 and 1 by one imagined query.
        rate = (q.sum() + 0.5) / (len(q) + 1)
        constant[-1] = np.log(rate / (1 - rate))
        return constant
    both = np.concatenate([x, x])
    label = np.repeat([1, 0], len(q))
    weight = np.concatenate([q, 1 - q])
    used = weight > 0
    with np.errstate(invalid="ignore"):  # some BLAS kernels raise the flag on lanes that hold no number of ours
        fitted = LogisticRegression(C=RIDGE, max_iter=500).fit(both[used], label[used], sample_weight=weight[used])
    return np.concatenate([fitted.coef_[0], fitted.intercept_]).astype(np.float32)
