"""A table as one file that other programs read, and this one too: a row a query and model, as CSV or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.outcomes import FIELDS, OutcomeTable
from data.problems import refuse
from data.texts import Texts

SUFFIXES = (".csv", ".parquet")


def rows(table: OutcomeTable) -> pa.Table:
    """Return a row for each call that was made, in the order of the queries, under the names that the long reader knows.

    What is not recorded for any call has no column; a value that isn't known is null. Cards, history, features and single samples
    are not in it: a stored folder (`data.stores.columns`) keeps those.
    """
    query, model = np.nonzero(table.ran)
    columns: dict[str, Any] = {"query_id": _texts(table.queries.ids, query)}
    columns["model"] = pa.array(list(table.models), type=pa.large_string()).take(pa.array(model))
    for name, texts in (("prompt", table.queries.prompts), ("reference", table.queries.references), ("split", table.queries.splits)):
        if texts is not None:
            columns[name] = _texts(texts, query)
    if table.queries.tasks is not None:
        columns["task"] = pa.array(list(table.queries.task_names), type=pa.large_string()).take(pa.array(table.queries.tasks[query]))
    for name in (*FIELDS, *table.signals):
        if table.has(name):
            values = (table.numbers if name in table.numbers else table.signals)[name]
            columns[name] = pa.array(values[query, model], from_pandas=True)  # NaN becomes null
    for name, said in (("response", table.responses), ("answer", table.answers)):
        if said:
            columns[name] = _said(table, {**said}, query, model)
    columns.update({name: _texts(texts, query) for name, texts in table.queries.meta.items() if name not in columns})
    return pa.table(columns)


def write(table: OutcomeTable, path: Path) -> Path:
    """Write a table as `.csv` (UTF-8) or `.parquet`, by the name of the file; raises ProblemError for another name."""
    if path.suffix.lower() not in SUFFIXES:
        raise refuse(f"{path.name!r} is neither .csv nor .parquet.", "Choose one of the two, or a folder.")
    made = rows(table)
    if path.suffix.lower() == ".csv":
        from pyarrow import csv

        csv.write_csv(made, path)
    else:
        import pyarrow.parquet as pq

        pq.write_table(made, path, compression="zstd")
    return path


def _texts(texts: Texts, at: NDArray[np.int64]) -> pa.Array:
    return texts.arrow().cast(pa.large_string()).take(pa.array(at))


def _said(table: OutcomeTable, said: dict[str, Texts], query: NDArray[np.int64], model: NDArray[np.int64]) -> pa.Array:
    """Return the text of each call, null where none was recorded."""
    count = len(table)
    columns = [said[name].arrow().cast(pa.large_string()) if name in said else pa.nulls(count, pa.large_string()) for name in table.models]
    whole = pa.chunked_array([chunk for each in columns for chunk in (each.chunks if isinstance(each, pa.ChunkedArray) else [each])])
    return whole.take(pa.array(model * count + query))
