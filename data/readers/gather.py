"""From the rows of a long sheet to cells (query, model): repeats become samples, policies are merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.outcomes import Samples
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.values import labels, texts
from data.texts import Texts


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Grid:
    """r rows of n queries and M models; order of queries and models is that of the file.

    query, model : (r,) positions. first_of_query : (n,) and first_of_cell : (n, M) rows, -1 = none.
    repeated : rows of one cell are samples of it. by_outcome : (n, M) 1 = the cell rests on rows chosen by outcome only.
    """

    ids: tuple[str, ...]
    models: tuple[str, ...]
    query: NDArray[np.int64]
    model: NDArray[np.int64]
    first_of_query: NDArray[np.int64]
    first_of_cell: NDArray[np.int64]
    repeated: bool
    by_outcome: NDArray[np.float32] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Return (n, M)."""
        return len(self.ids), len(self.models)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return (n, M) means of (r,) values over the rows of a cell that have one; NaN where none has."""
        known = ~np.isnan(values)
        cell = (self.query * len(self.models) + self.model)[known]
        size = len(self.ids) * len(self.models)
        count = np.bincount(cell, minlength=size)
        with np.errstate(invalid="ignore"):
            mean = np.bincount(cell, weights=values[known], minlength=size) / count
        return mean.reshape(self.shape).astype(np.float32)

    def texts(self, column: pa.Array | None) -> dict[str, Texts]:
        """Return model -> n texts: of the first row of each cell."""
        if column is None:
            return {}
        out = {}
        for m, model in enumerate(self.models):
            at = self.first_of_cell[:, m]
            out[model] = Texts(column.take(pa.array(np.where(at < 0, 0, at), mask=at < 0)))
        return out

    def samples(self, quality: NDArray[np.float64], answers: pa.Array | None) -> Samples | None:
        """Return the repeats as a table of their own, sorted by (query, model); None if there are none."""
        if not self.repeated:
            return None
        code = np.full(len(self.query), -1, dtype=np.int32)
        if answers is not None:
            code = answers.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
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
    models, model = _coded(notes, mapping.query["model"], "model")
    cell = query * len(models) + model
    order = np.arange(len(sheet))[::-1]
    first_cell = np.full(len(ids) * len(models), -1, dtype=np.int64)
    first_cell[cell[::-1]] = order
    first_query = np.zeros(len(ids), dtype=np.int64)
    first_query[query[::-1]] = order
    repeated = _repeats(notes, mapping, cell, first_cell)
    return Grid(
        ids=ids if "query_id" in mapping.query else tuple(str(i + 1) for i in range(len(ids))),
        models=models,
        query=query,
        model=model,
        first_of_query=first_query,
        first_of_cell=first_cell.reshape(len(ids), len(models)),
        repeated=repeated,
        by_outcome=None if mine is None else _marked(cell, mine, (len(ids), len(models))),
    )


def _marked(cell: NDArray[np.int64], mine: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return (n, M) whether a cell rests on rows chosen by outcome alone, NaN = no rows."""
    marks = np.full(shape[0] * shape[1], np.nan, dtype=np.float32)
    marks[cell[mine]] = 1.0
    marks[cell[~mine]] = 0.0
    return marks.reshape(shape)


def _coded(notes: Notes, column: str, what: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    filled = texts(notes.sheet.columns[column])
    empty = filled.is_null().to_numpy(zero_copy_only=False)
    notes.rows(
        np.asarray(empty, dtype=np.bool_), (f"the {what} is empty." for _ in range(len(empty))), f"Give every row its {what}.", column
    )
    encoded = filled.fill_null("(none)").dictionary_encode()
    names = tuple(str(name) for name in encoded.dictionary.to_pylist())
    return names, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _repeats(notes: Notes, mapping: Mapping, cell: NDArray[np.int64], first: NDArray[np.int64]) -> bool:
    """Return whether several rows of a cell are samples of it; note the repeats that nothing explains."""
    again = first[cell] != np.arange(len(cell))
    if "policy" in mapping.query:
        return False
    if "sample" in mapping.query:
        number = labels(notes.sheet.columns[mapping.query["sample"]])
        first_with: dict[tuple[int, str], int] = {}
        keys = zip(cell.tolist(), number, strict=True)
        twice = np.array([first_with.setdefault(key, row) != row for row, key in enumerate(keys)], dtype=np.bool_)
        what = (f"sample {number[i]!r} of this query and model is there already." for i in np.flatnonzero(twice).tolist())
        notes.rows(twice, what, "Number the samples of a query and model.", mapping.query["sample"])
        return bool(again.any())
    if again.sum() >= 0.3 * len(cell):
        notes.warn("most queries have several rows of the same model: taken as repeated samples.", "Map a sample column if there is one.")
        return True
    notes.rows(again, _words(notes, cell, first, again), "Keep one row a query and model, or map a sample column.", mapping.query["model"])
    return False


def _words(notes: Notes, cell: NDArray[np.int64], first: NDArray[np.int64], again: NDArray[np.bool_]) -> Iterator[str]:
    for row in np.flatnonzero(again).tolist():
        yield f"this query and model are there already, in row {notes.sheet.place(int(first[cell[row]]))[1]:,}."


def _policies(notes: Notes, mapping: Mapping) -> NDArray[np.bool_] | None:
    """Leave out the rows of policies that chose by outcome; return (r,) which of the rows left are such."""
    if "policy" not in mapping.query:
        return None
    sheet = notes.sheet
    names = labels(sheet.columns[mapping.query["policy"]])
    chosen = np.array([name in mapping.outcome_policies for name in names], dtype=np.bool_)
    _note_propensity(notes, mapping, names)
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
    return len({text for text, mine in zip(labels(notes.sheet.columns[key]), rows, strict=True) if mine})


def _note_propensity(notes: Notes, mapping: Mapping, names: list[str]) -> None:
    """Note with which probability a random policy picked a model: what off-policy estimates rest on."""
    models = labels(notes.sheet.columns[mapping.query["model"]])
    for policy in dict.fromkeys(names):
        if "random" in policy.lower():
            share = 1.0 / len({m for m, p in zip(models, names, strict=True) if p == policy})
            detail = f"rows of {policy} picked a model with probability {share:.3g} each"
            notes.history.append(("propensity", detail, {"policy": policy, "propensity": share}))
