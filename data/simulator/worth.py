"""What confidence and foresight are worth: as a world asks for it, and as measured against the verdicts of a drawn table.

Neither knows of judge noise, of drift or of another mix of topics: with these the two differ, and only the measured figures hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.simulator.moments import auroc, calibration_error, chance_error
from data.simulator.promise import Promise, promise
from data.simulator.simulate import FORESIGHT, SIGNAL
from data.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How far one model's confidence and foresight can be trusted; NaN = not known.

    foresight, confidence : AUROC before and after a call. gap : mean confidence less share right. ece : expected calibration error of
    the confidence; chance : what a calibrated one would show on so few queries, 0 where none are drawn.
    """

    model: str
    foresight: float
    confidence: float
    gap: float
    ece: float
    chance: float


def asked(world: World, solved: Promise | None = None) -> tuple[Worth, ...]:
    """Return what the world asks for, one a model: before judge noise and before anything changes. solved : its promise, if at hand."""
    solved = promise(world) if solved is None else solved
    return tuple(
        Worth(model=model.name, foresight=before.auroc, confidence=after.auroc, gap=after.gap, ece=after.ece, chance=0.0)
        for model, before, after in zip(world.models, solved.foresight, solved.confidence, strict=True)
    )


def measured(table: OutcomeTable) -> tuple[Worth, ...]:
    """Return what a simulated table shows, one a model, against its verdicts as they were recorded."""
    return tuple(_measured(table, m, name) for m, name in enumerate(table.models))


def _measured(table: OutcomeTable, m: int, name: str) -> Worth:
    right = table.quality(m).astype(np.float64)
    says: NDArray[Any] = table.signal(SIGNAL, m).astype(np.float64)
    ahead = table.features[FORESIGHT + name][:, 0]
    known = ~(np.isnan(right) | np.isnan(says))
    return Worth(
        model=name, foresight=auroc(right, ahead), confidence=auroc(right, says),
        gap=float(says[known].mean() - right[known].mean()) if known.any() else float("nan"), ece=calibration_error(right, says),
        chance=chance_error(says[known]),
    )  # fmt: skip


def overall(worths: tuple[Worth, ...]) -> Worth:
    """Return the mean over models, of what is known; model "" = all."""
    figures = {}
    for name in ("foresight", "confidence", "gap", "ece", "chance"):
        values = np.array([getattr(each, name) for each in worths])
        figures[name] = float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")
    return Worth(model="", **figures)
