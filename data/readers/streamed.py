"""A long Parquet file of numbers, read in parts: codes for queries and models, one float32 matrix a field, and never all rows at once.

A clean file of many rows gives the very table that the careful way gives (`data.readers.detect`), in a fraction of its memory. Whatever
asks for care (texts of models, repeats, empty ids, a cell that is no number, a score beyond 1) is left to that way: None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.outcomes import FIELDS, HistoryLine, Origin, OutcomeTable
from data.readers import cells, parquet
from data.readers.base import ALSO_IN, CONTAMINATED, Guess, Sheet, Upload, sheet_of
from data.readers.build import _queries as queries_of
from data.readers.build import _read_line as read_line
from data.readers.distinct import Distinct
from data.readers.gather import check_cells
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.profile import profiles
from data.readers.values import texts
from data.readers.watch import step

LEAST_ROWS = 500_000  # fewer are read as carefully as any upload
_BATCH = 1 << 16
_CHUNK = 1 << 20
_BUFFER = 1 << 20  # bytes of a column that are read at a time
_TEXTS = ("prompt", "reference", "task", "split")
Room: TypeAlias = Callable[[str, tuple[int, int]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """r rows of n queries and M models in the order of the file. query : (r,) int32, model : (r,) int16; first : (n,) rows."""

    ids: pa.Array
    models: tuple[str, ...]
    query: NDArray[np.int32]
    model: NDArray[np.int16]
    first: NDArray[np.int64]


def streamed(path: Path, *, name: str = "", least_rows: int | None = None, room: Room | None = None) -> OutcomeTable | None:
    """Return the table of a long Parquet file read in parts, or None for any other file, and for one that needs care.

    least_rows : a shorter file is left to the careful way, LEAST_ROWS by default. room : gives the (n, M) matrix that is filled here, for
    "quality" or "signal margin" and the like: in memory by default, or in a mapped file.
    Raises ProblemError where there are more cells than a table holds.
    """
    with path.open("rb") as file:
        if file.read(len(parquet.MAGIC)) != parquet.MAGIC:
            return None
    try:
        source = _opened(path)
        if source.metadata.num_rows < (LEAST_ROWS if least_rows is None else least_rows) or not _flat(source.schema_arrow):
            return None
        guess = _guess(source, path.name)
        rows = None if guess is None else _coded(path, guess.mapping)
        if guess is None or rows is None:
            return None
        check_cells(len(rows.ids), len(rows.models), path.name, guess.mapping.query["model"])
        if not _single(rows):
            return None
        return _table(source, path, guess.mapping, rows, name=name, room=room or _in_memory)
    except (pa.ArrowException, OSError):  # the careful way says what is wrong
        return None


def _opened(path: Path, *as_codes: str) -> Any:
    """Return a Parquet file that is read some rows at a time: neither mapped nor fetched ahead, which would count as memory in use."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, read_dictionary=list(as_codes), buffer_size=_BUFFER, pre_buffer=False)


def _in_memory(_name: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    return np.empty(shape, dtype=np.float32, order="F")


def _flat(schema: pa.Schema) -> bool:
    """Whether all columns are plain texts, numbers or flags of different names, none of them said of whole queries by its name alone."""
    names = schema.names
    plain = all(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or _is_text(kind) for kind in schema.types
    )
    said = any(name.rsplit(".", 1)[-1].lower() in (CONTAMINATED, "contamination") or name.startswith(ALSO_IN) for name in names)
    return plain and not said and len(set(names)) == len(names)


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))


def _guess(source: Any, file: str) -> Guess | None:
    """Return what the first rows are, if it is a long table of scores and numbers about which nothing is to be asked."""
    from data.readers.detect import guessed

    head = _sheet(next(source.iter_batches(batch_size=_BATCH)), file)
    found = profiles(head)
    if any(profile.kind == "empty" for profile in found.values()):  # later rows may tell what it is
        return None
    guess = guessed(head, found)
    if guess is None or guess.reader != "long" or any(question.field != "empty_answer_means" for question in guess.questions):
        return None
    mapping = guess.mapping
    columns = [next(iter(each.values())) for each in (*mapping.cells.values(), *mapping.signals.values())]
    clear = (
        "quality" in mapping.cells and set(mapping.cells) <= set(FIELDS) and not mapping.divided_by and mapping.cost_per == "query"
        and {"query_id", "model"} <= set(mapping.query) <= {"query_id", "model", *_TEXTS}
        and not any(_is_text(source.schema_arrow.field(column).type) for column in columns)
    )  # fmt: skip
    return guess if clear else None


def _sheet(batch: pa.RecordBatch, file: str) -> Sheet:
    columns: dict[str, pa.Array] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        columns.update(parquet.plain(name, column, 0))
    return sheet_of(file, "Parquet", columns)


def _coded(path: Path, mapping: Mapping) -> _Rows | None:
    """Return queries and models as codes in the order of the file; None where one is empty."""
    names, model, _ = _column(path, mapping.query["model"])
    few = model.astype(np.int16)  # what does not fit is refused below
    del model
    ids, query, first = _column(path, mapping.query["query_id"])
    pa.default_memory_pool().release_unused()
    if ids.null_count or names.null_count or len(names) > np.iinfo(np.int16).max:
        return None
    return _Rows(ids=ids, models=tuple(names.to_pylist()), query=query, model=few, first=first)


def _column(path: Path, name: str) -> tuple[pa.Array, NDArray[np.int32], NDArray[np.int64]]:
    """Return a column's distinct texts as they first occur (null = nothing), (r,) codes into them, and (k,) the rows where they do."""
    seen = Distinct()
    codes = np.empty(_opened(path).metadata.num_rows, dtype=np.int32)
    done = 0
    for chunk in _dictionaries(path, name):
        place = seen.codes(chunk.chunk(0).dictionary)
        for each in chunk.chunks:
            np.take(place, each.indices.to_numpy(), out=codes[done : done + len(each)], mode="clip")
            done += len(each)
        pa.default_memory_pool().release_unused()
    values = seen.values
    del seen
    first = np.full(len(values), len(codes), dtype=np.int64)
    for start in range(0, len(codes), _CHUNK)[::-1]:
        part = codes[start : start + _CHUNK]
        first[part[::-1]] = np.arange(start + len(part) - 1, start - 1, -1)  # of equal ones the last written stays: the first row
    used = np.flatnonzero(first < len(codes))
    used = used[np.argsort(first[used])]
    order = np.zeros(len(values), dtype=np.int32)
    order[used] = np.arange(len(used))
    for start in range(0, len(codes), _CHUNK):
        codes[start : start + _CHUNK] = order[codes[start : start + _CHUNK]]
    return texts(values.take(pa.array(used))), codes, first[used]


def _dictionaries(path: Path, name: str) -> Iterator[pa.ChunkedArray]:
    """Yield a column in chunks of some rows, each as codes of a dictionary of its own: no text is written out row by row.

    Raises ArrowInvalid where there is nothing in a row.
    """
    source = _opened(path, name)
    waiting: list[pa.Array] = []
    for batch in source.iter_batches(batch_size=_CHUNK, columns=[name], use_threads=False):
        column = batch.column(0)
        if column.null_count:
            raise pa.ArrowInvalid(name)
        waiting.append(column if pa.types.is_dictionary(column.type) else column.dictionary_encode())
        if sum(len(each) for each in waiting) >= _CHUNK:
            yield pa.chunked_array(waiting).unify_dictionaries()
            waiting = []
        step()
    if waiting:
        yield pa.chunked_array(waiting).unify_dictionaries()


def _single(rows: _Rows) -> bool:
    """Whether no query has two rows of one model."""
    seen = np.zeros(len(rows.ids) * len(rows.models), dtype=np.bool_)
    for start in range(0, len(rows.query), _CHUNK):
        part = slice(start, start + _CHUNK)
        seen[rows.query[part].astype(np.int64) * len(rows.models) + rows.model[part]] = True
    return int(np.count_nonzero(seen)) == len(rows.query)


def _table(source: Any, path: Path, mapping: Mapping, rows: _Rows, *, name: str, room: Room) -> OutcomeTable | None:
    shape = (len(rows.ids), len(rows.models))
    wanted = {role: next(iter(each.values())) for role, each in mapping.cells.items()}
    wanted |= {f"signal {signal}": next(iter(each.values())) for signal, each in mapping.signals.items()}
    matrices = {role: room(role, shape) for role in wanted}
    for matrix in matrices.values():
        matrix.fill(np.nan)
    if not all(_filled(batch, mapping, wanted, matrices) for batch in _placed(source, path.name, list(wanted.values()), rows)):
        return None
    heads = Notes(_heads(path, mapping, rows.first))
    queries = queries_of(heads, mapping, rows.ids)
    lines = [HistoryLine(action=action, detail=detail, values=values) for action, detail, values in heads.history]
    numbers = {role: matrices[role] for role in wanted if not role.startswith("signal ")}
    return OutcomeTable(
        queries=queries,
        models=rows.models,
        numbers=numbers,
        signals={role.removeprefix("signal "): matrices[role] for role in wanted if role not in numbers},
        origin=Origin(name=name or Upload(path.name, b"").stem, source=path.name, empty_answer_means=mapping.empty_answer_means),
        history=(read_line(heads.sheet, mapping), *lines),
    )


def _placed(source: Any, file: str, columns: list[str], rows: _Rows) -> Iterator[tuple[Sheet, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (sheet, queries, models) of one batch after the other."""
    done = 0
    for batch in source.iter_batches(batch_size=_BATCH, columns=list(dict.fromkeys(columns)), use_threads=False):
        part = slice(done, done + len(batch))
        yield _sheet(batch, file), rows.query[part].astype(np.int64), rows.model[part].astype(np.int64)
        done += len(batch)
        step(done, len(rows.query))


def _filled(
    batch: tuple[Sheet, NDArray[np.int64], NDArray[np.int64]],
    mapping: Mapping,
    wanted: dict[str, str],
    matrices: dict[str, NDArray[np.float32]],
) -> bool:
    """Write a batch's numbers to their places; return whether every cell was one."""
    sheet, query, model = batch
    notes = Notes(sheet)
    for role, column in wanted.items():
        values = cells.numbers(notes, mapping, "signal" if role.startswith("signal ") else role, column)
        matrices[role][query, model] = values
    return not notes.problems and not notes.history


def _heads(path: Path, mapping: Mapping, first: NDArray[np.int64]) -> Sheet:
    """Return the sheet of the rows in which queries occur first, with what is said of whole queries."""
    columns: dict[str, pa.Array] = {}
    for role in _TEXTS:
        if column := mapping.query.get(role, ""):
            columns.update(parquet.plain(column, _at(path, column, first), 0))
    sheet = sheet_of(path.name, "Parquet", columns or {"": pa.nulls(len(first))}, rows=first + 1)
    return sheet if columns else replace(sheet, columns={})


def _at(path: Path, name: str, rows: NDArray[np.int64]) -> pa.Array:
    """Return a column at (k,) ascending rows."""
    source, found, done, last = _opened(path), [], 0, 0
    for batch in source.iter_batches(batch_size=_BATCH, columns=[name], use_threads=False):
        done += len(batch)
        upto = int(np.searchsorted(rows, done))
        found.append(batch.column(0).take(pa.array(rows[last:upto] - (done - len(batch)))))
        last = upto
    return pa.concat_arrays(found)
