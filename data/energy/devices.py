"""What a device draws while it answers: a declared table, with who says so. An assumption wherever it is used; edit it with `replace`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from data.problems import listed, refuse

# Of its limit of 700 W an H200 draws 137 to 300 W while it writes (arXiv 2605.11999); other GPUs are assumed to behave alike.
_WRITING = (137 / 700, 300 / 700)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What answers run on. watts_low, watts, watts_high : drawn while answering, low to high.

    at_once : how many queries share it, each then pays its part. source, date : who says so and of when; `note` says what of it is
    assumed. ProblemError for watts that do not rise or are not above 0, or a device shared by less than one query.
    """

    name: str
    watts_low: float
    watts: float
    watts_high: float
    at_once: float = 1.0
    source: str = ""
    date: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.watts_low <= self.watts <= self.watts_high < math.inf:
            said = f"{self.watts_low:g}, {self.watts:g}, {self.watts_high:g}"
            raise refuse(f"{self.name} draws {said} W, which do not rise from above 0.", "Give the lowest, the usual and the highest.")
        if not 1 <= self.at_once < math.inf:
            raise refuse(f"{self.name} is shared by {self.at_once:g} queries.", "Give 1 or more.")

    def kwh_per_second(self) -> tuple[float, float, float]:
        """Return low, usual and high kWh that a query takes for each second."""
        low, usual, high = (watts / 3.6e6 / self.at_once for watts in (self.watts_low, self.watts, self.watts_high))
        return low, usual, high


def _gpu(name: str, limit: float, source: str, date: str, note: str = "") -> Device:
    return Device(
        name=name, watts_low=_WRITING[0] * limit, watts=_WRITING[1] * limit, watts_high=limit, source=source, date=date,
        note=note or "Low and usual assumed: the parts of its limit that an H200 draws while writing. The card alone, one query at a time.",
    )  # fmt: skip


_DEVICES = (
    _gpu(
        "gpu-h200", 700.0, "arXiv 2605.11999 (137 to 300 W while writing); NVIDIA H200 SXM, up to 700 W", "2026-05",
        "Low and usual measured, high its limit. The card alone, one query at a time.",
    ),
    _gpu("gpu-h100-pcie", 350.0, "NVIDIA H100 PCIe product brief PB-11133-001: 350 W", "2022-11"),
    Device(
        name="cloud-core", watts_low=1.9, watts=3.75, watts_high=7.5, source="AMD EPYC 9654: 360 W for 96 cores", date="2022-11",
        note="Usual: the core's part of the chip's limit. Low assumed half of it, high twice it: memory, board and cooling.",
    ),
    Device(
        name="laptop-cpu", watts_low=22.0, watts=45.0, watts_high=115.0, source="Intel Core i9-12900HK: 45 W base, 115 W at most",
        date="2022-01", note="The chip alone. Low assumed half of its base power.",
    ),
    Device(
        name="raspberry-pi-5", watts_low=3.0, watts=8.0, watts_high=27.0, source="Raspberry Pi 5: supply of 27 W", date="2023-10",
        note="Low: idle as users measured it, usual: a busy one; high: all that its supply gives.",
    ),
)  # fmt: skip
DEVICES: Mapping[str, Device] = {device.name: device for device in _DEVICES}


def device_of(device: Device | str) -> Device:
    """Return a declared device by name, or the one given; raises ProblemError with the declared ones for an unknown name."""
    if isinstance(device, Device):
        return device
    if device not in DEVICES:
        raise refuse(f"there is no device {device!r}.", f"Devices: {listed(list(DEVICES))}; or give a Device with watts of its own.")
    return DEVICES[device]
