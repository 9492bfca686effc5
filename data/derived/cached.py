"""A model behind a completion cache: a query near one that was answered before gets that answer, for nothing (FrugalGPT)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.derived.base import Derived, with_arms
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.scoring import scorers

FROM = "cached_from"  # signal: the row, from 0, whose answer was given again; NaN where the model was called


def cached(table: OutcomeTable, model: str, similarity: float = 1.0) -> OutcomeTable:
    """Return the table with an arm that calls a model only for queries without a like one before, in the table's order.

    arXiv 2305.05176, section 3 (completion cache). similarity : least cosine of the embeddings at which an earlier answer is given
    again; at 1 only a repeat of the same prompt is served, and no embeddings are needed. Only answers of calls are kept in the cache.
    A served answer costs nothing and takes no time. Its quality is what this very answer is worth on this query: that of any model
    that gave it here; else, in a task whose recorded answers are right exactly where they equal the reference, whether it does; else
    the scorer's verdict; else unknown. That of a repeated prompt is the first one's.
    """
    if not 0 < similarity <= 1:
        raise refuse(f"a similarity of {similarity:g} is none.", "Give a cosine above 0, up to 1 for repeats of the same prompt only.")
    m = table.index(model)
    source = _sources(table, m, similarity)
    hit = source >= 0
    quality = table.quality(m).copy()
    quality[hit] = _worth(table, m, source)[hit]
    free = {name: np.where(hit, np.float32(0), table.column(name, m)) for name in ("cost_usd", "latency_s", "tokens_in", "tokens_out")}
    known = {name: values for name, values in free.items() if not np.isnan(values[~hit]).all()}
    how = f"{model} behind a cache that serves {hit.mean():.1%} of the queries, " + (
        "repeats of the same prompt" if similarity == 1 else f"those with an answered one at a cosine of {similarity:g} or more"
    )
    signals = {FROM: np.where(hit, source, np.nan).astype(np.float32)}
    arm = Derived(name=f"{model} cached at {similarity:g}", how=how, numbers={"quality": quality, **known}, signals=signals)
    return with_arms(table, [arm], model=model, similarity=similarity)


def _sources(table: OutcomeTable, m: int, similarity: float) -> NDArray[np.intp]:
    """Return (n,) the earlier row whose answer is served, -1 = the model is called; a query that was never run serves nobody."""
    ran = table.ran[:, m]
    source = np.full(len(table), -1, dtype=np.intp)
    if similarity == 1:
        _, first, which = np.unique(np.where(ran, table.queries.groups, table.queries.keys), return_index=True, return_inverse=True)
        earlier = first[which]
        repeats = ran & (earlier < np.arange(len(table)))
        source[repeats] = earlier[repeats]
        return source
    if "embedding" not in table.features:
        way = "Compute the embeddings first, or serve repeats of the same prompt only (similarity 1)."
        raise refuse(f"{table.origin.name!r} has no embeddings to tell like queries by.", way)
    vectors = np.asarray(table.features["embedding"], dtype=np.float32)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    kept: list[int] = []
    store = np.empty_like(unit)
    for row in np.flatnonzero(ran):
        near = store[: len(kept)] @ unit[row]
        best = int(near.argmax()) if kept else -1
        if kept and near[best] >= similarity:
            source[row] = kept[best]
        else:
            store[len(kept)] = unit[row]
            kept.append(int(row))
    return source


def _worth(table: OutcomeTable, m: int, source: NDArray[np.intp]) -> Floats:
    """Return (n,) the quality of each served answer on the query that it is served to; NaN = not known."""
    worth = np.full(len(table), np.nan, dtype=np.float32)
    rows = np.flatnonzero(source >= 0)
    groups, codes = table.queries.groups, table.answer_codes
    texts = table.answers[table.models[m]].to_list() if table.models[m] in table.answers else None
    references = None if table.queries.references is None else table.queries.references.to_list()
    scorer, literal = scorers().get(table.origin.scorer), _literal(table)
    for row, earlier in zip(rows, source[rows], strict=True):
        same = np.flatnonzero((codes[row] == codes[earlier, m]) & (codes[row] >= 0))
        said = [float(table.quality(int(k))[row]) for k in same]
        known = [value for value in said if not np.isnan(value)]
        answer = None if texts is None else texts[earlier]
        reference = None if references is None else references[row]
        if groups[row] == groups[earlier]:
            worth[row] = table.quality(m)[earlier]
        elif known:
            worth[row] = known[0]
        elif reference is not None and answer is not None and literal[row]:
            worth[row] = float(answer == reference)
        elif reference is not None and answer is not None and scorer is not None:
            worth[row] = scorer.score(answer, reference)
    return worth


def _literal(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (n,) whether all recorded answers of a query's task are right exactly where they equal the reference."""
    if table.queries.references is None or not table.answers:
        return np.zeros(len(table), dtype=np.bool_)
    tasks = np.zeros(len(table), dtype=np.intp) if table.queries.tasks is None else table.queries.tasks.astype(np.intp)
    references = np.array([text or "" for text in table.queries.references.to_list()], dtype=object)
    against, seen = np.zeros(tasks.max(initial=0) + 1), np.zeros(tasks.max(initial=0) + 1)
    for m, name in enumerate(table.models):
        if name in table.answers:
            quality = table.quality(m)
            ran = ~np.isnan(quality)
            equal = np.array([text or "" for text in table.answers[name].to_list()], dtype=object) == references
            against += np.bincount(tasks[ran], (equal != (quality == 1))[ran], minlength=len(against))
            seen += np.bincount(tasks[ran], minlength=len(seen))
    literal: NDArray[np.bool_] = (against == 0) & (seen > 0)
    return literal[tasks]
