"""How sure an answer is: a recorded signal on the scale of a probability, the best one where none is named, else a predicted one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.signals import known, scaled
from strategies.predictors.calibrated import learn_predictor, predict, predictable
from strategies.predictors.recorded import RECORDED, best_recorded, in_range
from strategies.protocol import Floats, Training, View

OPTIONS = ("auto", *RECORDED, "predicted")
LACKING = (
    "It needs a confidence signal (a column such as margin, mean_logprob or confidence, or a live run with log-probabilities), "
    "repeated answers whose agreement stands in for it (a sample column, or a live run with several samples a question), "
    "or prompts or answers to predict one from."
)


def learn_confidence(training: Training, models: tuple[int, ...], wanted: str) -> dict[str, NDArray[Any]]:
    """Return the state of a confidence for each of these models: the name of its signal, and the predictor where one is used.

    wanted : a signal's name, "predicted", or "auto" for the best one recorded for each model. ProblemError where it leaves 0 to 1.
    """
    signals = [_resolved(training, model, wanted) for model in models]
    state: dict[str, NDArray[Any]] = {"signals": np.array(signals)}
    return state | (learn_predictor(training, models) if "predicted" in signals else {})


def confidence(state: Mapping[str, NDArray[Any]], source: View | Training, model: int, stage: int) -> Floats:
    """Return (n,) confidences in [0, 1] in a called model's answers; `stage` is its place among the fitted models. NaN = unknown."""
    name = str(state["signals"][stage])
    return predict(state, source, model, stage) if name == "predicted" else scaled(name, source.signal(name, model))


def confident(table: OutcomeTable) -> bool:
    """Whether there is a recorded confidence or anything to predict one from."""
    return any(known(table, name) for name in RECORDED) or predictable(table)


def _resolved(training: Training, model: int, wanted: str) -> str:
    if wanted in {"auto", "predicted"}:
        best = best_recorded(training, model) if wanted == "auto" else ""
        if best or wanted == "predicted" or predictable(training.table):
            return best or "predicted"
        # Only what has a price is left: it is taken where nothing else tells a sure answer from an unsure one.
        return next((name for name in RECORDED if known(training.table, name)), "predicted")
    ran = ~np.isnan(training.quality(model))
    if not in_range(scaled(wanted, training.signal(wanted, model)[ran])):
        raise refuse(f"the signal {wanted!r} leaves the range 0 to 1.", "Rescale it on the Data page, or choose another.")
    return wanted
