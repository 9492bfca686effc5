"""Energy of a call of a known model, as `ecologits` estimates it: a law in tokens and seconds, read off a few of its answers.

For one model the estimate of ecologits is E(n, T) = a n + min(b T, c n + d) for n answer tokens in T seconds: the GPUs' share grows with
the tokens, the server's with the time, which counts no longer than the model is thought to write. Both ends of its range have a law of
their own. So four calls a model say it all, and a million queries are one expression. The prompt costs nothing there: a low estimate
for long prompts. Nothing is fetched: models and grids come with the package.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.prices import aliases, listing
from data.problems import refuse

_LONG = 10_000  # tokens that no model writes within one second
_MAKERS = ("openai", "anthropic", "google_genai", "mistralai", "cohere", "huggingface_hub")  # a maker's own figures before open weights


@dataclass(frozen=True, slots=True)
class Law:
    """kWh of a call: per_token n + min(per_second T, writing n + first)."""

    per_token: float
    per_second: float
    writing: float
    first: float

    def kwh(self, tokens: NDArray[np.float32], seconds: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) kWh of calls that wrote `tokens` in `seconds`, (n,) each; unknown seconds: as long as is thought to be written."""
        server = np.fmin(self.per_second * seconds, self.writing * tokens + self.first)
        return np.asarray(self.per_token * tokens + server, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What ecologits says of a model. parameters, active : (low, high) counts; source names its entry, note what it warns of."""

    low: Law
    high: Law
    parameters: tuple[float, float]
    active: tuple[float, float]
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """How much CO2-equivalent a kWh of a place brings about; `source` says who says so. ProblemError if it is negative or unknown."""

    zone: str
    kg_co2e_per_kwh: float
    source: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.kg_co2e_per_kwh < math.inf:
            raise refuse(f"the grid {self.zone!r} emits {self.kg_co2e_per_kwh:g} kg a kWh.", "Give 0 or more.")


def grid_of(zone: Grid | str) -> Grid:
    """Return the grid of a zone (three letters of ISO 3166-1, "WOR" = the world's mean), or the one given.

    Raises ProblemError for a zone that ecologits doesn't have.
    """
    if isinstance(zone, Grid):
        return zone
    found = _ecologits().grids.find_electricity_mix(zone)
    if found is None:
        raise refuse(f"there is no electricity mix of {zone!r}.", "Give three letters (FRA, DEU, USA), WOR for the world, or a Grid.")
    return Grid(zone=zone, kg_co2e_per_kwh=float(found.gwp), source=f"ecologits {_ecologits().version}, electricity mix {zone}")


@cache
def known(name: str) -> Known | None:
    """Return what ecologits knows of the model that a name means, None if it doesn't know it.

    Tried as written, then under the price list's own name, then by the aliases that prices are matched by.
    """
    found = _entry(name)
    if found is None:
        return None
    package = _ecologits()
    model = package.models.find_model(provider=found[0], model_name=found[1])
    parameters = model.architecture.parameters
    total, active = (getattr(parameters, "total", parameters), getattr(parameters, "active", parameters))
    low, high = _laws(*found)
    return Known(
        low=low, high=high, parameters=_billions(total), active=_billions(active),
        source=f"ecologits {package.version}, {found[0]}/{found[1]}", note=" ".join(warning.message for warning in model.warnings),
    )  # fmt: skip


def _laws(provider: str, name: str) -> tuple[Law, Law]:
    """Return the laws of both ends of a model's range, from four answers: nothing written, and much, at once or as slowly as it may be."""

    def ask(tokens: int, seconds: float) -> NDArray[np.float64]:
        energy = _ecologits().impacts(provider, name, tokens, seconds, "WOR").energy.value
        return np.array(_ends(energy))

    first, at_once, in_a_second, slowly = ask(0, math.inf), ask(_LONG, 0.0), ask(_LONG, 1.0), ask(_LONG, math.inf)
    writing = (slowly - at_once - first) / _LONG
    rows = np.stack([at_once / _LONG, in_a_second - at_once, writing, first])
    return Law(*rows[:, 0].tolist()), Law(*rows[:, 1].tolist())


def _entry(name: str) -> tuple[str, str] | None:
    """Return (provider, name) of the entry of ecologits that a name means."""
    return next((_index()[alias] for alias in _tried(name) if alias in _index()), None)


def _tried(name: str) -> Iterator[str]:
    forms = aliases(name)
    yield from forms[:1]
    # Before the looser forms: "gpt-4-1106-preview" is gpt-4-turbo, which the price list knows, and not gpt-4 of another date.
    listed = listing(name)
    if listed is not None:
        yield from aliases(listed[1].id)[:1]
    yield from forms[1:]


@cache
def _index() -> dict[str, tuple[str, str]]:
    """Return name in lower case -> (provider, name), also without an open model's publisher and "meta-"."""
    entries = sorted(_ecologits().models.list_models(), key=lambda model: _MAKERS.index(model.provider.value))
    found: dict[str, tuple[str, str]] = {}
    for model in entries:
        whole = model.name.lower()
        short = whole.rsplit("/", 1)[-1]
        for form in (whole, short, short.removeprefix("meta-")):
            found.setdefault(form, (model.provider.value, model.name))
    return found


def _ends(value: Any) -> tuple[float, float]:
    return float(getattr(value, "min", value)), float(getattr(value, "max", value))


def _billions(value: Any) -> tuple[float, float]:
    low, high = _ends(value)
    return round(low * 1e9), round(high * 1e9)


@dataclass(frozen=True, slots=True)
class _Package:
    impacts: Any
    models: Any
    grids: Any
    version: str


@cache
def _ecologits() -> _Package:
    """Return the parts of ecologits that are used: imported when first asked (law 8), and quiet, for its warnings are kept as notes."""
    loggers = logging.getLoggerClass()
    try:
        from ecologits import __version__
        from ecologits.electricity_mix_repository import electricity_mixes
        from ecologits.model_repository import models
        from ecologits.tracers.utils import llm_impacts
    finally:
        logging.setLoggerClass(loggers)  # it puts its own class in place for every logger of the program
    logging.getLogger("ecologits").setLevel(logging.ERROR)
    return _Package(llm_impacts, models, electricity_mixes, __version__)
