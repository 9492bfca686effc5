"""A model that does not answer: whoever is next answers in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.samples import Samples
from data.splits import shuffled
from data.texts import Texts

_SALT = 0x0DD5


def down(table: OutcomeTable, share: float) -> NDArray[np.bool_]:
    """Return (n,) the queries that come while a model is down: a share of them, by each query's own key, so that subsets agree.

    A larger share adds queries and takes none away. Raises ProblemError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise refuse(f"a share of {share:g} is none.", "Give a share from 0 to 1.")
    unit = (shuffled(table.queries.keys, _SALT) >> np.uint64(11)) / 2.0**53
    return np.asarray(unit < share)


def failed_over(table: OutcomeTable, model: str, to: str, *, share: float = 1.0, lost_s: float = 0.0) -> OutcomeTable:
    """Return the table in which another model answers where one is down: its answer, its bill, its signals, its time and the time lost.

    share : of the queries that meet the outage (`down`). lost_s : seconds until the failure is noticed. Nothing that the failed model
    would have said, cost or taken there is left in the table. Its name stays, so that a policy that calls it goes on working.
    Raises ProblemError if both are the same model.
    """
    x, y = table.index(model), table.index(to)
    if x == y:
        raise refuse(f"{model} cannot stand in for itself.", "Name another model.")
    rows = down(table, share)
    numbers = {name: _moved(values, rows, x, y) for name, values in table.numbers.items()}
    if "latency_s" in numbers and lost_s:
        numbers["latency_s"][rows, x] += np.float32(lost_s)
    made = replace(
        table, numbers=numbers, signals={name: _moved(values, rows, x, y) for name, values in table.signals.items()},
        responses=_texts(table.responses, rows, model, to), answers=_texts(table.answers, rows, model, to),
        samples=_samples(table.samples, rows, x, y), stored_fingerprint="",
    )  # fmt: skip
    late = f", {lost_s:g} s later" if lost_s else ""
    return made.noted("assumed", f"{model} is down for {share:.0%} of the queries: {to} answers in its place{late}")


def _moved(values: NDArray[np.float32], rows: NDArray[np.bool_], x: int, y: int) -> NDArray[np.float32]:
    out = np.array(values, order="F")
    out[rows, x] = values[rows, y]
    return out


def _texts(columns: Mapping[str, Texts], rows: NDArray[np.bool_], model: str, to: str) -> dict[str, Texts]:
    if model not in columns and to not in columns:
        return dict(columns)
    nothing = pa.nulls(len(rows), pa.large_string())
    mine, theirs = (_whole(columns[name].arrow()) if name in columns else nothing for name in (model, to))
    return {**columns, model: Texts(pc.if_else(pa.array(rows), theirs, mine))}


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    one = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return one.cast(pa.large_string())


def _samples(samples: Samples | None, rows: NDArray[np.bool_], x: int, y: int) -> Samples | None:
    if samples is None:
        return None
    kept = np.flatnonzero(~((samples.model == x) & rows[samples.query]))
    lent = np.flatnonzero((samples.model == y) & rows[samples.query])
    at = np.concatenate([kept, lent])
    model = samples.model[at].copy()
    model[len(kept) :] = x
    by = np.lexsort((model, samples.query[at]))
    at = at[by]
    return Samples(query=samples.query[at], model=model[by], quality=samples.quality[at], code=samples.code[at])
