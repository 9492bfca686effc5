"""What a confidence signal is, how the signals of this folder are found, and which of them a set has or can be given."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from abc import ABC
from collections import OrderedDict
from functools import cache
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.outcomes import Floats, OutcomeTable
from data.problems import listed, refuse

_KEPT = 32  # computed signals that are kept, by content


class Price(NamedTuple):
    """(n, M) cost in the table's unit and (n, M) seconds of what has to be asked for beside the call; NaN = not known."""

    cost: Floats
    latency_s: Floats


class Signal(ABC):
    """Something visible after a call that says how sure the answer is.

    id : the name in tables, knobs and links. title, help : words for people. rank : place among equals, low first.
    aliases : how else a column that holds it is called. logarithm : natural logarithm of a probability, else itself in [0, 1].
    column, live : what provides it, as a column of a file and as an option of a live run ("" = none does).
    substitutes : ids of signals that may stand in for it, the nearest first.
    exact : what is computed is the very signal, and needs no choice of a person's to be used.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    rank: ClassVar[int]
    aliases: ClassVar[tuple[str, ...]] = ()
    logarithm: ClassVar[bool] = False
    column: ClassVar[str]
    live: ClassVar[str] = ""
    substitutes: ClassVar[tuple[str, ...]] = ()
    exact: ClassVar[bool] = False

    def told(self, table: OutcomeTable) -> bool:  # noqa: ARG002 - most signals can only be recorded
        """Whether a table has what it is computed from; cheap."""
        return False

    def derive(self, table: OutcomeTable) -> Floats:
        """Return (n, M) of it, computed from what else a table has, NaN = not known; asked only where that is told."""
        raise NotImplementedError

    def price(self, table: OutcomeTable) -> Price | None:  # noqa: ARG002 - most signals come with the call
        """Return what asking for the computed signal costs beside the call, None where it comes with it."""
        return None

    def scaled(self, values: Floats) -> Floats:
        """Return values as a confidence in [0, 1]: a log-probability as the probability, a mean of them as that of a typical token."""
        return np.exp(values) if self.logarithm else values


@cache
def signals() -> dict[str, Signal]:
    """Return id -> signal for every signal of this folder, by rank."""
    found: list[Signal] = []
    package = importlib.import_module("data.signals")
    for info in pkgutil.iter_modules(package.__path__):
        if info.name != "base":
            module = importlib.import_module(f"data.signals.{info.name}")
            mine = (value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__)
            found += [value() for value in mine if issubclass(value, Signal)]
    return {signal.id: signal for signal in sorted(found, key=lambda signal: signal.rank)}


def find(signal_id: str) -> Signal:
    """Return the signal of that id; raises ProblemError with the known ones if there is none."""
    try:
        return signals()[signal_id]
    except KeyError:
        raise refuse(f"there is no signal {signal_id!r}.", f"Signals: {listed(list(signals()))}.") from None


def scaled(name: str, values: Floats) -> Floats:
    """Return a signal's values as a confidence in [0, 1]; a signal that is not in this folder is taken as it is."""
    known = signals().get(name)
    return values if known is None else known.scaled(values)


def derived(table: OutcomeTable, name: str) -> Floats | None:
    """Return (n, M) of a signal that a table does not record but tells, computed once for its content; None where it doesn't.

    What is recorded is never computed again: ask `table.signal` for it.
    """
    signal = signals().get(name)
    if signal is None or table.has(name) or not signal.told(table):
        return None
    # What derives reads answers, samples, tokens and other signals: all of it is in the fingerprint.
    key = (table.fingerprint, name)
    with _LOCK:
        if key in _COMPUTED:
            _COMPUTED.move_to_end(key)
            return _COMPUTED[key]
    made = signal.derive(table)
    made.flags.writeable = False
    values = None if np.isnan(made).all() else made
    with _LOCK:
        _COMPUTED[key] = values
        while len(_COMPUTED) > _KEPT:
            _COMPUTED.popitem(last=False)
    return values


def known(table: OutcomeTable, name: str) -> bool:
    """Whether a table records a signal or tells it."""
    return table.has(name) or derived(table, name) is not None


def given(table: OutcomeTable, name: str) -> bool:
    """Whether a table records a signal, or something that is the same: what is taken without a person's choice."""
    signal = signals().get(name)
    return table.has(name) or (signal is not None and signal.exact and derived(table, name) is not None)


def lacking(table: OutcomeTable, name: str) -> str:
    """Return in words what a table lacks for a signal, what would provide it and what could stand in, or an empty string."""
    if known(table, name):
        return ""
    signal = find(name)
    ways = [f"a column {signal.column} (mapped on the Data page)", *([signal.live] if signal.live else [])]
    return f"It needs {signal.title}: {', or '.join(ways)}.{instead(table, name)}"


def instead(table: OutcomeTable, name: str) -> str:
    """Return a sentence, with a space before it, on what a table has that may stand in for a signal; "" where there is nothing."""
    here = [find(other).title for other in find(name).substitutes if known(table, other)]
    return f" A cascade that takes any confidence can use what is here: {listed(here)}." if here else ""


_COMPUTED: OrderedDict[tuple[str, str], NDArray[np.float32] | None] = OrderedDict()
_LOCK = threading.Lock()
