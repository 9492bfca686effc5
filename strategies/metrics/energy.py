"""Energy and CO2 of a run, declared: what its calls took, where data.energy (or anybody else) says what a call takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.problems import refuse
from strategies.metrics.base import Metric, Option
from strategies.metrics.facts import NAN, Done, mean

_CAUTION = (
    "A range, not a number: measure its low, mid and high end, and say the tier (measured, estimated, assumed). Calls of each model are "
    "counted once; data.energy.Energies.of counts repeated answers and paid checks too."
)


def _kwh(done: Done, *, energy: Any) -> float:
    """Return kWh per 1,000 queries; energy : (n, M) or (M,) kWh a call, None or NaN where called = not known."""
    if energy is None:
        return NAN
    values, shape = np.asarray(energy, dtype=np.float64), done.called.shape
    if values.shape not in (shape, shape[1:]):
        raise refuse(
            f"energy of shape {values.shape} does not fit {shape[0]} queries and {shape[1]} models.", "Give (n, M), or (M,) per call."
        )
    return 1000.0 * mean(done.summed(np.broadcast_to(values, shape)))


def _co2e(done: Done, *, energy: Any, grid: float) -> float:
    return grid * _kwh(done, energy=energy)


_ENERGY = Option(name="energy", default=None, kind="array", help="(n, M) or (M,) kWh of a call: one end of data.energy's range.")

METRICS = (
    Metric(
        id="energy_per_1k", title="Energy per 1,000 queries", group="Energy", of="run", better="lower", low=0, unit="kWh per 1,000 queries",
        formula="1000 mean_i E_i; E_i = sum of E[i, m] over the models called", needs=frozenset({"energy"}), options=(_ENERGY,),
        source="arXiv 2506.06579 (energy as a constraint); a call by ecologits, or watts times seconds", caution=_CAUTION, compute=_kwh,
    ),
    Metric(
        id="co2e_per_1k", title="CO2 per 1,000 queries", group="Energy", of="run", better="lower", low=0, unit="kg CO2e per 1,000 queries",
        formula="g 1000 mean_i E_i; g = kg CO2-equivalent a kWh of the grid", needs=frozenset({"energy"}), compute=_co2e,
        source="ecologits (electricity mixes); making the machines is left out", caution=_CAUTION,
        options=(
            _ENERGY,
            Option(
                name="grid", default=0.45829, low=0, high=5, unit="kg CO2e per kWh",
                help="What the grid emits; by default the world's mean as ecologits 0.11.3 has it.",
            ),
        ),
    ),
)  # fmt: skip
