"""Tables of simulated worlds to compare strategies on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.outcomes import OutcomeTable
from data.simulator import World, simulate
from data.texts import Texts
from strategies.study.prepare import Study, prepare

PAST = 0.6  # share of the queries that are fitted and calibrated on, as in every split
_PARTS = ("fit", "calibrate", "test")


def simulated(world: World) -> OutcomeTable:
    """Return a table of the world; where something changes on the way it is split in order, so that the test is the future."""
    table = simulate(world)
    return in_order(table) if world.shifts else table


def studied(world: World) -> Study:
    """Return the study of a draw with every model of the world in play, also one that didn't answer for a while."""
    return prepare(simulated(world), pool=[model.name for model in world.models])


def in_order(table: OutcomeTable) -> OutcomeTable:
    """Return the table split by the order of its queries: fit, calibrate, and the last 40 % as test.

    A split at random would let thresholds be chosen after the change that they have to stand.
    """
    place = np.arange(len(table)) / len(table)
    words = np.array(_PARTS)[np.searchsorted([PAST * 2 / 3, PAST], place, side="right")]
    return replace(table, queries=replace(table.queries, splits=Texts(words.tolist())), stored_fingerprint="")
