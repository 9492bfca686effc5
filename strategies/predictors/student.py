"""A student that learns from a teacher's answers, and when it asks: the selection policies of neural caching.

Source: arXiv 2310.13561, section 3. The student's own answer is that of a cheap model; what is learnt is the chance p that the teacher
would say the same, by logistic regression on components of the query (strategies.predictors.components).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.logistic import chances, learn_logistic
from strategies.predictors.memory import empty_memory, most_like, recalled, remember
from strategies.predictors.neighbours import normed
from strategies.protocol import Doubles, Ints

FRONT, RANDOM, MARGIN, ENTROPY, COMMITTEE, CORESET = "front-loading", "random", "margin", "entropy", "committee", "coreset"
POLICIES = (MARGIN, ENTROPY, COMMITTEE, CORESET, RANDOM, FRONT)
SNAPSHOTS = 4  # earlier students that sit on the committee
State = Mapping[str, NDArray[Any]]


def empty_student(lessons: int, width: int) -> dict[str, NDArray[Any]]:
    """Return the state of a student that has had no lesson and remembers so many: the present one's weights, then earlier ones'."""
    return empty_memory(lessons, width) | {"students": np.zeros((1 + SNAPSHOTS, width))}


def schooled(state: State, x: Doubles, own: Ints, said: Ints) -> None:
    """Learn in place from (n, d) components and the codes of both models' answers, all at once; earlier students are the same.

    Where the teacher gave no answer there is no lesson; where only the student gave none, the teacher did not say the same.
    """
    for i in np.flatnonzero(said >= 0):
        remember(state, x[i], float(own[i] == said[i]))
    state["students"][:] = _trained(state)


def lesson(state: State, x: Doubles, own: Ints, said: Ints, period: int) -> None:
    """Learn in place from one query, (1, d) and (1,); after every `period` lessons the student is trained again."""
    if said[0] < 0:
        return
    remember(state, x[0], float(own[0] == said[0]))
    if state["remembered"] % period == 0:
        students = state["students"]
        students[1:] = students[:-1].copy()
        students[0] = _trained(state)


def sureness(policy: str, state: State, x: Doubles) -> Doubles:
    """Return (n,) how sure the student is of its answer, by a policy that looks at it; the teacher is asked where this lies below h.

    margin : p - (1 - p), the student's answer against all others. entropy : 1 - H(max(p, 1/2)) in bits, so that an answer that is rather
    not shared counts as wholly unsure. committee : share of the earlier students with p > 1/2. coreset : the greatest cosine to a query
    that the teacher answered, among components.
    """
    if policy == CORESET:
        seen = recalled(state)[0]
        return most_like(normed(seen[:, 1:]), normed(x[:, 1:].astype(np.float32)))[0].astype(np.float64)
    p = chances(state["students"], x)
    if policy == COMMITTEE:
        return np.asarray((p[:, 1:] > 0.5).mean(axis=1))
    if policy == MARGIN:
        return np.asarray(2 * p[:, 0] - 1)
    high = np.clip(p[:, 0], 0.5, 1 - 1e-12)
    return np.asarray(1 + high * np.log2(high) + (1 - high) * np.log2(1 - high))


def _trained(state: State) -> Doubles:
    x, same = recalled(state)
    return learn_logistic(x.astype(np.float64), same)
