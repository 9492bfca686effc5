"""From the rows of a long sheet to cells (query, model): repeats become samples, policies are merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.problems import refuse
from data.readers import kept
from data.readers.base import CELLS_MOST
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.values import texts
from data.readers.watch import step
from data.samples import Samples
from data.texts import Texts


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Grid:
    """r rows of n queries and M models; order of queries and models is that of the file.

    ids : (n,) texts. query, model : (r,) positions. first_of_query : (n,) and first_of_cell : (n, M) rows, -1 = none.
    single : no cell has a second row.
    repeated : rows of one cell are samples of it. by_outcome : (n, M) 1 = the cell rests on rows chosen by outcome only.
    propensity : (n, M) with which probability the policies of the log called the model, NaN = not known, or no row.
    """

    ids: pa.Array
    models: tuple[str, ...]
    query: NDArray[np.int64]
    model: NDArray[np.int64]
    first_of_query: NDArray[np.int64]
    first_of_cell: NDArray[np.int64]
    repeated: bool
    single: bool = False
    by_outcome: NDArray[np.float32] | None = None
    propensity: NDArray[np.float32] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Return (n, M)."""
        return len(self.ids), len(self.models)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return (n, M) means of (r,) values over the rows of a cell that have one; NaN where none has."""
        step()
        size = len(self.ids) * len(self.models)
        cell = self.query * len(self.models) + self.model
        if self.single:
            out = np.full(size, np.nan, dtype=np.float32)
            out[cell] = values
            return out.reshape(self.shape)
        known = ~np.isnan(values)
        cell = cell[known]
        count = np.bincount(cell, minlength=size)
        mean = np.full(size, np.nan)
        np.divide(np.bincount(cell, weights=values[known], minlength=size), count, out=mean, where=count > 0)
        return mean.reshape(self.shape).astype(np.float32)

    def texts(self, column: pa.Array | None) -> dict[str, Texts]:
        """Return model -> n texts: of the first row of each cell."""
        if column is None:
            return {}
        out = {}
        for m, model in enumerate(self.models):
            step(m, len(self.models))
            at = self.first_of_cell[:, m]
            out[model] = Texts(column.take(pa.array(np.where(at < 0, 0, at), mask=at < 0)))
        return out

    def samples(self, quality: NDArray[np.float64], answers: pa.Array | None) -> Samples | None:
        """Return the repeats as a table of their own, sorted by (query, model); None if there are none."""
        if not self.repeated:
            return None
        code = np.full(len(self.query), -1, dtype=np.int32)
        if answers is not None:
            code = kept.codes(answers).astype(np.int32)
        order = np.lexsort((self.model, self.query))
        return Samples(
            query=self.query[order].astype(np.int32),
            model=self.model[order].astype(np.int32),
            quality=quality[order].astype(np.float32),
            code=code[order],
        )


def cells_of_rows(notes: Notes, mapping: Mapping) -> Grid:
    """Return the grid of a long sheet; `notes.sheet` loses the rows that were chosen by outcome.

    Rows without an id or a model, and repeats that nothing explains, are noted as problems.
    """
    mine = _policies(notes, mapping)
    sheet = notes.sheet
    key = mapping.query.get("query_id") or mapping.query["prompt"]
    ids, query = _coded(notes, key, "id")
    named, model = _coded(notes, mapping.query["model"], "model")
    check_cells(len(ids), len(named), sheet.file, mapping.query["model"])
    models = tuple(str(name) for name in named.to_pylist())
    step()
    cell = query * len(models) + model
    order = np.arange(len(sheet))[::-1]
    first_cell = np.full(len(ids) * len(models), -1, dtype=np.int64)
    first_cell[cell[::-1]] = order
    first_query = np.zeros(len(ids), dtype=np.int64)
    first_query[query[::-1]] = order
    repeated = _repeats(notes, mapping, cell, first_cell)
    return Grid(
        ids=ids if "query_id" in mapping.query else pa.array(np.arange(1, len(ids) + 1)).cast(pa.large_string()),
        models=models,
        query=query,
        model=model,
        first_of_query=first_query,
        first_of_cell=first_cell.reshape(len(ids), len(models)),
        repeated=repeated,
        single=int(np.count_nonzero(first_cell >= 0)) == len(cell),
        by_outcome=None if mine is None else _marked(cell, mine, (len(ids), len(models))),
        propensity=_propensity(notes, mapping, cell, (len(ids), len(models))),
    )


def _marked(cell: NDArray[np.int64], mine: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, M) whether a cell rests on rows chosen by outcome alone, NaN = no rows."""
    marks = np.full(shape[0] * shape[1], np.nan, dtype=np.float32)
    marks[cell[mine]] = 1.0
    marks[cell[~mine]] = 0.0
    return marks.reshape(shape)


def check_cells(queries: int, models: int, file: str, column: str = "") -> None:
    """Raise ProblemError if so many queries and models would be more cells than are held: before a matrix is made."""
    if queries * models > CELLS_MOST:
        what = f"{queries:,} queries x {models:,} models are {queries * models:,} cells; {CELLS_MOST:,} are the most."
        raise refuse(
            what, "Keep the rows of the models that you compare, or check that the model column is the right one.", file=file, column=column
        )


def _coded(notes: Notes, column: str, what: str) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the distinct texts of a column in the order of the file, and (r,) positions among them; empty ones are noted."""
    filled = texts(notes.sheet.columns[column])
    if filled.null_count:
        empty = np.asarray(filled.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
        notes.rows(empty, (f"the {what} is empty." for _ in range(len(empty))), f"Give every row its {what}.", column)
        filled = filled.fill_null("(none)")
    return kept.encoded(filled).dictionary, kept.codes(filled)


def _repeats(notes: Notes, mapping: Mapping, cell: NDArray[np.int64], first: NDArray[np.int64]) -> bool:
    """Return whether several rows of a cell are samples of it; note the repeats that nothing explains."""
    again = first[cell] != np.arange(len(cell))
    if "policy" in mapping.query:
        return False
    if "sample" in mapping.query:
        _same_samples(notes, mapping.query["sample"], cell)
        return bool(again.any())
    if again.sum() >= 0.3 * len(cell):
        notes.warn("most queries have several rows of the same model: taken as repeated samples.", "Map a sample column if there is one.")
        return True
    notes.rows(again, _words(notes, cell, first, again), "Keep one row a query and model, or map a sample column.", mapping.query["model"])
    return False


def _same_samples(notes: Notes, column: str, cell: NDArray[np.int64]) -> None:
    """Note the rows whose sample number their cell has already."""
    import pandas as pd

    names, code = _named(notes, column)
    twice = pd.Series(cell * len(names) + code).duplicated().to_numpy(dtype=np.bool_)
    what = (f"sample {names[code[i]]!r} of this query and model is there already." for i in np.flatnonzero(twice).tolist())
    notes.rows(twice, what, "Number the samples of a query and model.", column)


def _named(notes: Notes, column: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return the distinct texts of a column and "" for nothing, and (r,) positions among them."""
    filled = texts(notes.sheet.columns[column])
    names = [*kept.encoded(filled).dictionary.to_pylist(), ""]
    code = kept.codes(filled)
    return names, np.where(code < 0, len(names) - 1, code)


def _words(notes: Notes, cell: NDArray[np.int64], first: NDArray[np.int64], again: NDArray[np.bool_]) -> Iterator[str]:
    for row in np.flatnonzero(again).tolist():
        yield f"this query and model are there already, in row {notes.sheet.place(int(first[cell[row]]))[1]:,}."


def _policies(notes: Notes, mapping: Mapping) -> NDArray[np.bool_] | None:
    """Leave out the rows of policies that chose by outcome; return (r,) which of the rows left are such."""
    if "policy" not in mapping.query:
        return None
    names, code = _named(notes, mapping.query["policy"])
    chosen = np.isin(code, [i for i, name in enumerate(names) if name in mapping.outcome_policies])
    _note_propensity(notes, mapping)
    if not chosen.any():
        return None
    values: dict[str, object] = {
        "policies": list(mapping.outcome_policies),
        "rows": int(chosen.sum()),
        "queries": _count(notes, mapping, chosen),
    }
    if mapping.keep_outcome_rows:
        notes.history.append(("chosen by outcome", f"{int(chosen.sum()):,} rows chosen by outcome were kept", {**values, "kept": True}))
        return chosen
    detail = f"{int(chosen.sum()):,} rows of {', '.join(mapping.outcome_policies)} left out: they were chosen by their outcome"
    notes.history.append(("chosen by outcome", detail, {**values, "kept": False}))
    notes.narrow(~chosen)
    return None


def _count(notes: Notes, mapping: Mapping, rows: NDArray[np.bool_]) -> int:
    key = mapping.query.get("query_id") or mapping.query["prompt"]
    return len(np.unique(_named(notes, key)[1][rows]))


def _note_propensity(notes: Notes, mapping: Mapping) -> None:
    """Note with which probability a random policy picked a model: what off-policy estimates rest on."""
    for policy, share in _shares(notes, mapping).items():
        if share < 1.0:
            detail = f"rows of {policy} picked a model with probability {share:.3g} each"
            notes.history.append(("propensity", detail, {"policy": policy, "propensity": share}))


def _shares(notes: Notes, mapping: Mapping) -> dict[str, float]:
    """Return policy -> probability with which it picks a model: 1 over its models if it says random, 1 if it always takes the same."""
    names, policy = _named(notes, mapping.query["policy"])
    models, model = _named(notes, mapping.query["model"])
    pairs = np.unique(policy * len(models) + model)
    count = np.bincount(pairs // len(models), minlength=len(names))
    known = {name: int(count[i]) for i, name in enumerate(names) if count[i] and name not in mapping.outcome_policies}
    return {name: 1.0 / several for name, several in known.items() if "random" in name.lower() or several == 1}


def _propensity(notes: Notes, mapping: Mapping, cell: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """Return (n, M) the largest probability among the policies that called the model: with one that always does, it is certain."""
    if "policy" not in mapping.query:
        return None
    share = _shares(notes, mapping)
    names, policy = _named(notes, mapping.query["policy"])
    row = np.array([share.get(name, -np.inf) for name in names], dtype=np.float32)[policy]
    out = np.full(shape[0] * shape[1], -np.inf, dtype=np.float32)
    np.maximum.at(out, cell, row)
    return np.where(np.isfinite(out), out, np.float32(np.nan)).reshape(shape)
