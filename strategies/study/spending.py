"""Energy and CO2 of a fitted policy on the tested queries: a range with its tier, and where each model's figure comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.energy import Device, Energies, Grid, Origin, Range, Tier, energies, worst_of
from data.outcomes import OutcomeTable
from strategies.blend import Blend
from strategies.protocol import Doubles
from strategies.study.curves import Fitted, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpending:
    """One model. kwh : mean of its call over the tested queries; origin : who says so; called : share of the queries that call it."""

    model: str
    origin: Origin
    kwh: Range
    called: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a policy takes. kwh : mean a query, low, mid, high, NaN = not known; tier : the worst of the models that are called.

    best : the same of the best single model alone, with its own tier. models : all in play, cheap to dear. grid : for CO2.
    """

    kwh: Range
    tier: Tier
    best: Range
    best_tier: Tier
    models: tuple[ModelSpending, ...]
    grid: Grid

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return bool(np.isfinite(self.kwh.mid))

    @property
    def co2e_kg(self) -> Range:
        """Mean kg of CO2-equivalent a query: the electricity's, nothing for making the machines."""
        return self.kwh.times(self.grid.kg_co2e_per_kwh)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the models that are called and of whose energy nothing is known, or not for every call."""
        return tuple(each.model for each in self.models if each.called > 0 and not np.isfinite(each.kwh.mid))


def spending(
    shown: Shown, fit: Fitted, *, device: Device | str | Mapping[str, Device | str] | None = None, zone: Grid | str = "WOR"
) -> Spending:
    """Return what a policy takes on the tested queries. shown : its decisions. device, zone and errors as for data.energy.energies.

    Of a query-blind mixture the expectation, not one draw.
    """
    study = fit.study
    every = energies(study.tested, device=device, zone=zone)
    own = [_mean(every.of_model(m)) for m in range(len(study.pool))]
    if isinstance(fit.policy, Blend):
        called = _weights(fit)
        kwh = Range(*(float(sum(share * each[end] for share, each in zip(called, own, strict=True) if share > 0)) for end in range(3)))
        tier = worst_of([every.tiers[m] for m in np.flatnonzero(called > 0)])
    else:
        called = shown.called.mean(axis=0, dtype=np.float64)
        kwh, tier = _of_runs(shown, [part.test for part in study.parts], every, device, zone)
    best = study.pool.index(study.best)
    models = [
        ModelSpending(model=name, origin=every.origins[m], kwh=own[m], called=float(called[m])) for m, name in enumerate(study.pool)
    ]  # fmt: skip
    return Spending(kwh=kwh, tier=tier, best=own[best], best_tier=every.tiers[best], models=tuple(models), grid=every.grid)


def _of_runs(
    shown: Shown, tables: list[OutcomeTable], every: Energies, device: Device | str | Mapping[str, Device | str] | None, zone: Grid | str
) -> tuple[Range, Tier]:
    """Return the mean a query over all splits and the worst tier; one split's energies are those that are there already."""
    spent = [
        (every if len(tables) == 1 else energies(table, device=device, zone=zone)).of(run)
        for table, run in zip(tables, shown.runs, strict=True)
    ]
    ends = (np.concatenate([each.kwh[end] for each in spent]) for end in range(3))
    return Range(*(float(values.mean(dtype=np.float64)) for values in ends)), worst_of([each.tier for each in spent])


def _mean(kwh: Range) -> Range:
    return Range(*(float(np.mean(values, dtype=np.float64)) if len(values) else float("nan") for values in kwh))


def _weights(fit: Fitted) -> Doubles:
    """Return (M,) probabilities of the models, over all splits by their tested queries."""
    sizes = [len(part.test) for part in fit.study.parts]
    each = [policy.weights(fit.study.pool) for policy in fit.policies if isinstance(policy, Blend)]
    return np.asarray(np.average(each, axis=0, weights=sizes), dtype=np.float64)
