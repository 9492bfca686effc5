"""Votes among repeated answers of a query."""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable
from strategies.protocol import Doubles, Ints

_USUAL = 0.1  # as many samples as nine in ten of the sampled queries have


def vote(answers: Ints) -> tuple[Doubles, Ints, Ints]:
    """Return (n,) share of the K answers behind the commonest one, which of them gave it first, and its code.

    answers : (n, K) codes, -1 = no answer, which agrees with nothing but counts among the K. A tie goes to the answer seen first.
    """
    count = np.stack([(answers == answers[:, [k]]).sum(axis=1) * (answers[:, k] >= 0) for k in range(answers.shape[1])], axis=1)
    first = count.argmax(axis=1)
    rows = np.arange(len(answers))
    return count[rows, first] / answers.shape[1], first, np.where(count[rows, first] > 0, answers[rows, first], -1)


def recorded_samples(table: OutcomeTable) -> dict[str, int]:
    """Return model -> how many repeated answers it has on nine in ten of the queries that have any; models with one are left out."""
    if table.samples is None:
        return {}
    found = {}
    for m, name in enumerate(table.models):
        count = np.bincount(table.samples.query[table.samples.model == m])
        usual = int(np.quantile(count[count > 0], _USUAL, method="lower")) if count.any() else 0
        if usual > 1:
            found[name] = usual
    return found
