"""Parquet: read in batches with texts as codes, so that nothing is unpacked before its size is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.problems import refuse
from data.readers import nested
from data.readers.base import MAX_COLUMNS, Sheet, sheet_of
from data.readers.unpack import too_big
from data.readers.watch import step

MAGIC = b"PAR1"
_BATCH = 1 << 16
_DEPTH = 4
_OBJECT = 64  # bytes that a value of a list takes on its way to JSON, at least
# What Arrow raises for bytes that were changed; it checks what it reads, but not in one place.
_BROKEN = (pa.ArrowException, OSError, ValueError, KeyError, IndexError, TypeError, OverflowError, MemoryError, NotImplementedError)


def read(data: bytes, file: str, limit_bytes: int) -> Sheet:
    """Return the sheet of a Parquet file: objects as dotted columns, lists as JSON.

    limit_bytes : for what it unpacks to. What the file says of its own sizes is only believed where it says too much.
    Raises ProblemError for a file that is damaged, empty or over a limit.
    """
    try:
        parts = list(_parts(data, file, limit_bytes))
    except _BROKEN as error:
        first = (str(error).split("\n", 1)[0] or type(error).__name__)[:160]
        raise refuse(f"the Parquet file can't be read: {first}.", "Write it again; it may be cut.", file=file) from None
    if not sum(length for length, _ in parts):
        raise refuse("the table has no rows.", "Choose a file with at least one row.", file=file)
    columns = {name: pa.concat_arrays([columns[name] for _, columns in parts]) for name in parts[0][1]}
    return sheet_of(file, "Parquet", columns)


def _parts(data: bytes, file: str, limit_bytes: int) -> Iterator[tuple[int, Mapping[str, pa.Array]]]:
    """Yield (rows, columns) of one batch after the other; the columns are the same in each."""
    import pyarrow.parquet as pq

    written = pq.ParquetFile(pa.BufferReader(data))
    _check(written, file, limit_bytes)
    texts = [written.schema.column(i).path for i in range(len(written.schema)) if written.schema.column(i).physical_type == "BYTE_ARRAY"]
    source = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
    size, done = 0, 0
    for batch in source.iter_batches(batch_size=_BATCH):
        size += sum(_unpacked(column) for column in batch.columns)
        if size > limit_bytes:
            raise too_big(file, limit_bytes)
        columns: dict[str, pa.Array] = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            columns.update(plain(name, column, 0))
        yield len(batch), columns
        done += len(batch)
        step(done, max(done, source.metadata.num_rows))


def _check(source: Any, file: str, limit_bytes: int) -> None:
    meta = source.metadata
    if meta.num_columns > MAX_COLUMNS:
        raise refuse(f"there are {meta.num_columns:,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row a model.", file=file)
    names = source.schema_arrow.names
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise refuse("the column occurs more than once.", "Give each column its own name.", file=file, row=0, column=twice)
    groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    values = sum(group.column(j).num_values for group in groups for j in range(meta.num_columns))
    if max(size, values) > limit_bytes:  # a byte a value, at the least
        raise too_big(file, limit_bytes)


def _unpacked(column: pa.Array) -> int:
    """Return the bytes that a column takes with its texts written out."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        if not pa.types.is_binary(kind.value_type) and not pa.types.is_string(kind.value_type):
            return int(column.nbytes)
        lengths = np.append(np.asarray(pc.binary_length(column.dictionary).fill_null(0).to_numpy(zero_copy_only=False)), 0).astype(np.int64)
        codes = np.asarray(column.indices.fill_null(len(lengths) - 1).to_numpy(zero_copy_only=False), dtype=np.int64)
        return int(lengths[codes].sum()) + 8 * len(column)
    if pa.types.is_struct(kind):
        return sum(_unpacked(column.field(i)) for i in range(kind.num_fields))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = column.flatten()
        return _unpacked(inner) + _OBJECT * len(inner)
    return int(column.nbytes)


def plain(name: str, column: pa.Array, depth: int) -> Mapping[str, pa.Array]:
    """Return an Arrow column as text, number or boolean columns: objects become dotted columns, lists JSON."""
    kind = column.type
    if pa.types.is_struct(kind) and depth < _DEPTH:
        fields: dict[str, pa.Array] = {}
        for i in range(kind.num_fields):
            fields.update(plain(f"{name}.{kind.field(i).name}", pc.struct_field(column, [i]), depth + 1))
        return fields
    if pa.types.is_dictionary(kind):
        return plain(name, column.dictionary_decode(), depth)
    if isinstance(column, pa.ExtensionArray):
        return plain(name, column.storage, depth)
    return {name: _simple(column)}


def _simple(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_boolean(kind):
        return column
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        return column.cast(pa.int64())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    try:
        column.validate(full=True)  # texts that aren't UTF-8, which Parquet doesn't check
        if not pa.types.is_nested(kind):
            return column.cast(pa.large_string())
    except pa.ArrowException:
        pass
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.cast(pa.large_binary())
    return nested.column_of([None if value is None else _said(value) for value in column.to_pylist()], text=True)


def _said(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
