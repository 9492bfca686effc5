"""Energy, CO2-equivalent, memory and compute of calls: measured, estimated or assumed, always as a range, never zero for unknown."""

from __future__ import annotations

from data.energy.calls import RECORDED, TIERS, Energies, Origin, Range, Spent, Tier, energies, worst_of
from data.energy.devices import DEVICES, Device, device_of
from data.energy.estimates import Grid, grid_of
from data.energy.size import Compute, compute

__all__ = [
    "DEVICES", "RECORDED", "TIERS", "Compute", "Device", "Energies", "Grid", "Origin", "Range", "Spent", "Tier", "compute", "device_of",
    "energies", "grid_of", "worst_of",
]  # fmt: skip
