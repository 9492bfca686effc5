"""What every call of a table takes: kWh low, mid and high, and of which tier; what a run takes; CO2-equivalent on a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.energy.devices import Device, device_of
from data.energy.estimates import Grid, Known, grid_of, known
from data.outcomes import OutcomeTable
from data.problems import refuse

Tier: TypeAlias = Literal["measured", "estimated", "assumed", "unknown"]
TIERS: tuple[Tier, ...] = ("measured", "estimated", "assumed", "unknown")  # the best first: a sum is only as good as its worst part
RECORDED = "energy_wh"  # the signal that holds measured watt-hours of a call
DRAWN = "samples:"  # and how many: what the engine bills repeated answers as (strategies.engines.fees)


class Range(NamedTuple):
    """Low, mid and high of one thing, (n,) or (n, M) each, or numbers; NaN = not known. Measured: all three are the same."""

    low: Any
    mid: Any
    high: Any

    def times(self, factor: float) -> Range:
        """Return the range in another unit."""
        return Range(self.low * factor, self.mid * factor, self.high * factor)


class Ran(Protocol):
    """What is read of a run (strategies.engines.run.Run): who was called on which queries, and what was paid for beside it."""

    @property
    def n(self) -> int:
        """How many queries."""

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""

    @property
    def events(self) -> Sequence[Any]:
        """Calls: `rows` (None = all) called `models`."""

    @property
    def fees(self) -> Sequence[Any]:
        """What `asked` (model, signal) cost some `rows`."""

    @property
    def source(self) -> Any:
        """Tells the (n,) cost of a model's calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model's energy comes from: its tier, in words who says so, and what they warn of."""

    tier: Tier
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spent:
    """What a run took: kwh (n,) a query, NaN = not known. tier : the worst of the models that it called; grid : for CO2."""

    kwh: Range
    tier: Tier
    grid: Grid

    @property
    def co2e_kg(self) -> Range:
        """(n,) kg of CO2-equivalent of the electricity; nothing for making the machines."""
        return self.kwh.times(self.grid.kg_co2e_per_kwh)

    def mean(self) -> Range:
        """Return the mean kWh a query; NaN if any query's is unknown, never a smaller n."""
        return Range(*(float(values.mean(dtype=np.float64)) if len(values) else float("nan") for values in self.kwh))


@dataclass(frozen=True, eq=False, kw_only=True)
class Energies:
    """Energy of every call of a table of n queries and M models.

    origins : (M,) where each model's comes from; one model's calls are all of one tier, and one that its source says nothing of is
    NaN, never 0. grid : what a kWh emits.
    """

    table: OutcomeTable
    origins: tuple[Origin, ...]
    laws: tuple[Known | Device | None, ...]
    grid: Grid

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """(M,) how each model's energy is known."""
        return tuple(origin.tier for origin in self.origins)

    @cached_property
    def kwh(self) -> Range:
        """(n, M) kWh of each call, float32. For many queries ask model by model."""
        columns = [self.of_model(m) for m in range(len(self.table.models))]
        return Range(*(np.stack([column[end] for column in columns], axis=1) for end in range(3)))

    @property
    def co2e_kg(self) -> Range:
        """(n, M) kg of CO2-equivalent of the electricity of each call; nothing for making the machines."""
        return self.kwh.times(self.grid.kg_co2e_per_kwh)

    def of_model(self, model: str | int) -> Range:
        """Return (n,) kWh of one model's calls."""
        m = self.table.index(model)
        law, seconds = self.laws[m], self.table.latency_s(m)
        if self.tiers[m] == "measured":
            values = self.table.signals[RECORDED][:, m] * np.float32(1e-3)
            return Range(values, values, values)
        if isinstance(law, Known):
            tokens = self.table.column("tokens_out", m)
            low, high = law.low.kwh(tokens, seconds), law.high.kwh(tokens, seconds)
            return Range(low, (low + high) / 2, high)
        factors = (np.nan,) * 3 if law is None else law.kwh_per_second()
        return Range(*((seconds * factor).astype(np.float32) for factor in factors))

    def of(self, run: Ran) -> Spent:
        """Return what a run on this table took: every call made, failed steps and repeated answers included.

        A draw more of a model counts as one more call; what else was paid for (a self-check, a judge) as as many calls as it cost, NaN
        where that is not known, or no call of this table. ProblemError for a run on another table.
        """
        if tuple(run.models) != self.table.models or run.n != len(self.table):
            raise refuse(
                f"the run has {run.n:,} queries and {len(run.models)} models, its energies {len(self.table):,} and {len(self.origins)}.",
                "Work out the energies of the table that was replayed.",
            )
        calls: list[tuple[Any, int, Any]] = [(event.rows, m, None) for event in run.events for m in event.models]
        calls += [(fee.rows, fee.asked.model, _calls(fee, run.source)) for fee in run.fees]
        total = [np.zeros(run.n, dtype=np.float64) for _ in range(3)]
        each = {m: self.of_model(m) for m in {m for _, m, _ in calls} if m >= 0}
        for rows, m, times in calls:
            at = slice(None) if rows is None else rows
            for end, values in zip(total, each.get(m, (np.full(run.n, np.nan),) * 3), strict=True):
                end[at] += values[at] if times is None else values[at] * times
        tier = worst_of(["unknown" if m < 0 else self.tiers[m] for _, m, _ in calls])
        return Spent(kwh=Range(*total), tier=tier, grid=self.grid)


def energies(table: OutcomeTable, *, device: Device | str | Mapping[str, Device | str] | None = None, zone: Grid | str = "WOR") -> Energies:
    """Return the energy of every call of a table, by the best that is known of each model.

    Recorded watt-hours (the signal "energy_wh") are *measured*. Else a device that `device` names for that very model, its watts times
    the recorded seconds, is *assumed*. Else what `ecologits` says of a model it knows, from the recorded answer tokens, is *estimated*.
    Else `device`, where one is given for all others. Else it is unknown. zone : whose electricity, three letters or a Grid.
    ProblemError for a device, a zone or a model that doesn't exist.
    """
    own = dict(device) if isinstance(device, Mapping) else {}
    for name in own:
        table.index(name)
    every = None if device is None or isinstance(device, Mapping) else device_of(device)
    found = [_known(table, m, device_of(own[name]) if name in own else None, every) for m, name in enumerate(table.models)]
    return Energies(table=table, origins=tuple(o for o, _ in found), laws=tuple(law for _, law in found), grid=grid_of(zone))


def _known(table: OutcomeTable, m: int, own: Device | None, every: Device | None) -> tuple[Origin, Known | Device | None]:
    timed = not np.isnan(table.latency_s(m)).all()
    if table.has(RECORDED) and not np.isnan(table.signals[RECORDED][:, m]).all():
        return Origin(tier="measured", source=f"recorded with the data ({RECORDED})"), None
    if own is not None and timed:
        return _assumed(own)
    law = None if np.isnan(table.column("tokens_out", m)).all() else known(table.models[m])
    if law is not None:
        return Origin(tier="estimated", source=law.source, note=law.note), law
    return _assumed(every) if every is not None and timed else (Origin(tier="unknown"), None)


def _assumed(device: Device) -> tuple[Origin, Device]:
    return Origin(tier="assumed", source=f"{device.name} x recorded seconds; {device.source}", note=device.note), device


def _calls(fee: Any, source: Any) -> NDArray[np.float64] | float:
    """Return as how many calls of its model something counts that was paid for; (k,) or one number."""
    name, model = fee.asked.signal, fee.asked.model
    if name.startswith(DRAWN):
        return float(name.removeprefix(DRAWN)) - 1.0
    if model < 0:
        return float("nan")
    call = np.asarray(source.cost(model)[fee.rows], dtype=np.float64)
    return np.asarray(np.divide(fee.cost, call, out=np.full(call.shape, np.nan), where=call > 0))


def worst_of(tiers: Sequence[Tier]) -> Tier:
    """Return the tier of a sum of parts: that of its worst one; "unknown" without any."""
    return max(tiers, key=TIERS.index, default="unknown")
