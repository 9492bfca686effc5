"""The search: every line that the data allows, on the search half of calibrate, within a given time and until it is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import RouteScopeError
from strategies.baselines.random_mix import RandomMix
from strategies.cascades.margin import MarginCascade
from strategies.protocol import Floats, Strategy
from strategies.solver import families
from strategies.solver.lines import Line, Singles
from strategies.solver.parts import Roles, roles
from strategies.study.prepare import Study

_LEAST_S, _MOST_S, _CELLS_A_SECOND = 0.9, 7.0, 50_000
_ALWAYS, _GRACE_S = 3, 0.5  # single models, their mixtures and chains are always begun
_SAMPLE = 512  # queries on which a strategy of unknown cost is fitted first, to tell how long it would take on all


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was done about one family of candidates.

    status "searched": lines, settings and seconds say how much; "not tried": stopped, or no time left; "cannot run": the data lacks
    something; "failed": it broke. said : in words, where it was not searched.
    """

    id: str
    title: str
    status: Literal["searched", "not tried", "cannot run", "failed"]
    lines: int = 0
    settings: int = 0
    seconds: float = 0.0
    said: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Searched:
    """The lines found on a study; a question about them is answered by `strategies.solver.answer`.

    energy_unit : what energies are in, "" where none is known. stopped : it was stopped by hand.
    """

    study: Study
    roles: Roles
    lines: tuple[Line, ...]
    tried: tuple[Tried, ...]
    seconds: float
    seed: int
    energy_unit: str = ""
    stopped: bool = False

    @property
    def settings(self) -> int:
        """How many policies were searched."""
        return sum(len(line) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far the search is: `done` of `total` families; `doing` is the one that is on now. settings : policies searched so far."""

    done: int
    total: int
    doing: str
    settings: int


def usual_seconds(study: Study) -> float:
    """Return how long a search may take so that an answer is there within 2 s on a small set and 20 s on 36,000 queries x 11 models.

    What is begun is ended, and reporting on test takes its time too; so it is less than half of that.
    """
    return min(_LEAST_S + study.table.numbers["quality"].size / _CELLS_A_SECOND, _MOST_S)


_Family = tuple[str, str, Callable[[], Iterable[Line]], "type[Strategy] | None"]


def search(
    study: Study, *, seconds: float | None = None, seed: int = 0, energy: Floats | None = None, energy_unit: str = "",
    progress: Callable[[Step], None] | None = None, stop: threading.Event | None = None,
) -> Searched:  # fmt: skip
    """Return every line that the data allows, searched in `seconds`: single models and chains first, the others while time is left.

    seconds : by default `usual_seconds`; what is begun in time is ended.
    energy : (n, M) energies of the study's table in `energy_unit`, NaN = unknown. progress : called before every family. stop : set,
    the search ends after the family that is on. The order is fixed; which families fit into the time depends on the computer, and
    `tried` says what was left out.
    """
    tell = progress or (lambda _: None)
    seconds = usual_seconds(study) if seconds is None else seconds
    parts = roles(study, energy=energy, seed=seed)
    lines: list[Line] = []
    tried: list[Tried] = []
    everything, begun = list(_families(parts)), time.monotonic()
    for done, family in enumerate(everything):
        left = seconds - (time.monotonic() - begun)
        left = max(left, _GRACE_S) if done < _ALWAYS else left
        tell(Step(done=done, total=len(everything), doing=family[1], settings=sum(map(len, lines))))
        now, found = _try(family, parts, study.table, left, stop)
        lines += found
        tried.append(now)
    tell(Step(done=len(everything), total=len(everything), doing="", settings=sum(map(len, lines))))
    return Searched(
        study=study, roles=parts, lines=tuple(lines), tried=tuple(tried), seconds=time.monotonic() - begun, seed=seed,
        energy_unit=energy_unit if energy is not None else "", stopped=stop is not None and stop.is_set(),
    )  # fmt: skip


def _families(parts: Roles) -> Iterator[_Family]:
    fit, half = parts.fit, parts.search
    singles = Singles(half)
    yield singles.id, singles.title, lambda: [singles], None
    yield RandomMix.card.id, RandomMix.card.title, lambda: families.mixes(fit, half), None
    card = MarginCascade.card
    yield card.id, card.title, lambda: families.Chains(fit, half), MarginCascade
    for kind in families.kinds():
        yield kind.card.id, kind.card.title, partial(families.curves, kind, fit, half), kind


def _try(family: _Family, parts: Roles, table: OutcomeTable, left: float, stop: threading.Event | None) -> tuple[Tried, list[Line]]:
    """Return what became of a family, and its lines."""
    name, title, make, kind = family
    now = Tried(id=name, title=title, status="not tried")
    begun, found = time.monotonic(), list[Line]()
    try:
        if stop is not None and stop.is_set():
            now = replace(now, said="The search was stopped.")
        elif kind is not None and (lacks := kind().missing(table)):
            now = replace(now, status="cannot run", said=lacks)
        elif said := _too_long(kind, parts, left):
            now = replace(now, said=said)
        else:
            found, said = _within(make(), left)
            now = replace(now, status="searched" if found else "cannot run", said=said if found else "It has no knob to turn.")
    except RouteScopeError as error:
        now = replace(now, status="cannot run", said=str(error).splitlines()[0])
    except Exception as error:  # noqa: BLE001 - one's own strategy may fail in any way; the others are searched
        now = replace(now, status="failed", said=f"{type(error).__name__}: {error}")
    return replace(now, lines=len(found), settings=sum(map(len, found)), seconds=time.monotonic() - begun), found


def _too_long(kind: type[Strategy] | None, parts: Roles, left: float) -> str:
    """Return in words why a family is not begun, or an empty string."""
    if left <= 0:
        return "The time was up."
    known = kind is None or kind is MarginCascade or families.quick(kind)
    wait = 0.0 if known or kind is None else _would_take(kind, parts)
    return f"Fitting it would take about {max(wait, 1):.0f} s, more than was left." if wait > left else ""


def _within(lines: Iterable[Line], left: float) -> tuple[list[Line], str]:
    """Return the lines that are made in time, and in words that some are lacking; one is always made."""
    end, found = time.monotonic() + left, list[Line]()
    for line in lines:
        if found and time.monotonic() > end:
            return found, "The time was up before all of it was searched."
        found.append(line)
    return found, ""


def _would_take(kind: type[Strategy], parts: Roles) -> float:
    """Return how long a strategy's fit would take, from one on a few queries; in proportion to their number."""
    if len(parts.fit) <= _SAMPLE:
        return 0.0
    rows = np.sort(np.random.default_rng(0).permutation(len(parts.fit))[:_SAMPLE])
    begun = time.monotonic()
    kind().fit(parts.fit.take(rows, "fit"))
    return (time.monotonic() - begun) * len(parts.fit) / _SAMPLE
