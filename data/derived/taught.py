"""A weak model that is shown the most like question that was solved before (EcoAssistant's demonstrations), as an assumed lift."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.derived.base import Derived, with_arms
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse

SHOWN = "shown_from"  # signal: the row, from 0, of the solved query that was shown; NaN where none was like enough


def taught(
    table: OutcomeTable, weak: str, strong: str, *, similarity: float = 0.8, lift: float = 0.3, longer: float = 0.0, right: float = 0.5
) -> OutcomeTable:
    """Return the table with an arm: the weak model, shown a solved query that lies at this cosine or nearer, in the table's order.

    arXiv 2310.03046 (EcoAssistant): each success, of the weak model or of the strong one that was asked where it failed, is stored, and
    the most like one is added to later prompts. What that does to an answer was not recorded: quality q becomes q + lift (1 - q), and
    the cost that times (1 + longer) for the longer prompt; both are the caller's assumptions. A query is solved at a quality of at
    least `right`; by the weak model as it was recorded, not as it is lifted, so that an assumed success never teaches.
    Raises ProblemError without embeddings to tell like queries by.
    """
    if not (0 < similarity <= 1 and 0 <= lift <= 1 and longer >= 0):
        way = "Give a cosine above 0 up to 1, a lift from 0 to 1, and a share of 0 or more by which prompts get dearer."
        raise refuse(f"a similarity of {similarity:g} with a lift of {lift:g} and prompts dearer by {longer:g} is none.", way)
    if "embedding" not in table.features:
        raise refuse(f"{table.origin.name!r} has no embeddings to tell like queries by.", "Compute the embeddings first.")
    quality, cost = table.quality(weak), table.cost_usd(weak)
    solved = (quality >= right) | (table.quality(strong) >= right)
    source = _nearest_before(np.asarray(table.features["embedding"], dtype=np.float32), solved, similarity)
    shown = source >= 0
    numbers = {
        "quality": np.where(shown, quality + np.float32(lift) * (1 - quality), quality),
        "cost_usd": np.where(shown, cost * np.float32(1 + longer), cost),
        "latency_s": table.latency_s(weak),
    }
    how = (
        f"{weak}, shown a query solved by it or by {strong} before at a cosine of {similarity:g} or more ({shown.mean():.1%} of the "
        f"queries); its quality moved by {lift:g} of what lacked and its cost by {longer:.0%} there, both assumed"
    )
    signals = {SHOWN: np.where(shown, source, np.nan).astype(np.float32)}
    arm = Derived(name=f"{weak} taught by {strong}", how=how, numbers=numbers, signals=signals)
    return with_arms(table, [arm], weak=weak, strong=strong, similarity=similarity, lift=lift, longer=longer, right=right)


def _nearest_before(vectors: Floats, solved: NDArray[np.bool_], similarity: float) -> NDArray[np.intp]:
    """Return (n,) the most like solved row before each, -1 where none reaches the similarity."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    source, rows = np.full(len(vectors), -1, dtype=np.intp), np.flatnonzero(solved)
    store, before = unit[rows], np.searchsorted(rows, np.arange(len(vectors)))  # how many were solved before each row
    for row in np.flatnonzero(before):
        near = store[: before[row]] @ unit[row]
        best = int(near.argmax())
        if near[best] >= similarity:
            source[row] = rows[best]
    return source
