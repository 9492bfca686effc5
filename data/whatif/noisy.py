"""Confidence that errs more than it was recorded: a simulated signal, and called so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.simulator.world import marked
from data.splits import shuffled

_FACTS = ("cost_usd:", "latency_s:")  # what a signal cost is no confidence
_SURE = frozenset({"answered"})  # nor is whether there was an answer at all
_LUCK, _OTHER = 0x5EED, 0xBEEF


def disturbed(table: OutcomeTable, error: float) -> OutcomeTable:
    """Return the table whose confidence signals tell nothing on a share of the answers: there each is that of another, random answer.

    error : share of the answers, drawn by each query's own key and model; a larger one disturbs the same answers and some more. How
    often a signal takes which value stays as it was, so that thresholds keep their meaning. A signal computed from answers
    (agreement) is not touched unless it was recorded. Raises ProblemError for a share outside [0, 1], or where nothing is recorded.
    """
    if not 0 <= error <= 1:
        raise refuse(f"a share of {error:g} is none.", "Give a share from 0 to 1.")
    named = confidences(table)
    if not named:
        raise refuse(f"{table.origin.name!r} has no confidence signal that could err.", "Add one on the Data page, or a judge.")
    keys = table.queries.keys
    signals = {**table.signals, **{name: np.array(table.signals[name], order="F") for name in named}}
    for m in range(len(table.models)):
        hit = _unit(keys, _LUCK + m) < error
        other = _unit(keys, _OTHER + m)
        for name in named:
            signals[name][:, m] = _replaced(table.signals[name][:, m], hit, other)
    origin = replace(table.origin, name=marked(table.origin.name), kind="simulated")
    made = replace(table, signals=signals, origin=origin, stored_fingerprint="")
    return made.noted("assumed", f"confidence tells nothing on {error:.0%} of the answers (simulated)")


def confidences(table: OutcomeTable) -> tuple[str, ...]:
    """Return the recorded signals that say how sure an answer is."""
    return tuple(name for name in table.signals if name not in _SURE and not name.startswith(_FACTS))


def _replaced(values: Floats, hit: np.ndarray, other: np.ndarray) -> Floats:
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return values
    drawn = known[np.minimum((other * len(known)).astype(np.intp), len(known) - 1)]
    return np.where(hit & ~np.isnan(values), drawn, values).astype(np.float32)


def _unit(keys: np.ndarray, salt: int) -> np.ndarray:
    return np.asarray((shuffled(keys, salt) >> np.uint64(11)) / 2.0**53)
