"""From an upload to its sheet: CSV, TSV, JSONL, JSON, YAML price lists, Parquet, and gzip of these."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.problems import Problem, refuse
from data.readers import delimited, nested
from data.readers.base import LIMIT_BYTES, MAX_COLUMNS, Sheet, Upload, sheet_of
from data.readers.unpack import decoded, too_big, unpacked

_PARQUET = b"PAR1"
_YAML_BYTES = 1 << 20


def decode(upload: Upload, *, limit_bytes: int = LIMIT_BYTES) -> Sheet:
    """Return the rows of one file, its format found by content first and by extension second.

    Raises ProblemError if the file is empty, over the limit, refused, or can't be read at all.
    """
    data = unpacked(upload, limit_bytes)
    if data.startswith(_PARQUET):
        return _parquet(data, upload.name, limit_bytes)
    text, encoding = decoded(data, upload.name)
    text = text.lstrip("\ufeff")
    sheet = replace(_text_sheet(text, upload), encoding=encoding)
    if encoding not in ("utf-8", "utf-8-sig"):
        note = Problem(what=f"read as {encoding}, because it isn't UTF-8.", fix="Check accents and signs in the preview.", file=upload.name)
        sheet = replace(sheet, warnings=(*sheet.warnings, note))
    return sheet


def _text_sheet(text: str, upload: Upload) -> Sheet:
    if upload.suffix in (".yaml", ".yml"):
        return _yaml(text, upload.name)
    if text.lstrip()[:1] in ("{", "[") and upload.suffix not in (".csv", ".tsv"):
        lines = upload.suffix in (".jsonl", ".ndjson") or nested.looks_like_lines(text)
        return nested.read_jsonl(text, upload.name) if lines else nested.read_json(text, upload.name)
    return delimited.read(text, upload.name)


def _yaml(text: str, file: str) -> Sheet:
    import json

    import yaml

    if len(text) > _YAML_BYTES:
        raise too_big(file, _YAML_BYTES)
    if "*" in text and "&" in text:
        raise refuse("the YAML uses anchors.", "Write the values out.", file=file)
    try:
        return nested.read_json(json.dumps(yaml.safe_load(text), default=str), file)
    except (yaml.YAMLError, RecursionError) as error:
        raise refuse(f"this is no valid YAML: {str(error).splitlines()[0][:120]}.", "Mend it, or use JSON.", file=file) from None


def _parquet(data: bytes, file: str, limit_bytes: int) -> Sheet:
    import pyarrow.parquet as pq

    try:
        meta = pq.read_metadata(io.BytesIO(data))
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if size > limit_bytes:
            raise too_big(file, limit_bytes)
        if meta.num_columns > MAX_COLUMNS:
            raise refuse(f"there are {meta.num_columns:,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row a model.", file=file)
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowInvalid, OSError) as error:
        first = str(error).split("\n", 1)[0][:160]
        raise refuse(f"the Parquet file can't be read: {first}.", "Write it again; it may be cut.", file=file) from None
    if not len(table):
        raise refuse("the table has no rows.", "Choose a file with at least one row.", file=file)
    columns: dict[str, Any] = {}
    for name in table.column_names:
        columns.update(_plain(name, table.column(name).combine_chunks(), 0))
    return sheet_of(file, "Parquet", columns)


def _plain(name: str, column: pa.Array, depth: int) -> Mapping[str, pa.Array]:
    """Return an Arrow column as text, number or boolean columns: objects become dotted columns, lists JSON."""
    kind = column.type
    if pa.types.is_struct(kind) and depth < 4:
        fields: dict[str, pa.Array] = {}
        for i in range(kind.num_fields):
            fields.update(_plain(f"{name}.{kind.field(i).name}", pc.struct_field(column, [i]), depth + 1))
        return fields
    if pa.types.is_dictionary(kind):
        return _plain(name, column.dictionary_decode(), depth)
    return {name: _simple(column)}


def _simple(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_nested(kind):
        return nested.column_of(column.to_pylist())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return nested.column_of([None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()])
    if pa.types.is_integer(kind):
        return column.cast(pa.int64(), safe=False)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    return column if pa.types.is_boolean(kind) else column.cast(pa.large_string())
