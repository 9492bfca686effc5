"""JSONL of flat records read in blocks on several threads: what its lines hold is learnt from some of them, and held for all.

Whatever turns out otherwise (a mixed type, a list of objects, an unknown key, a broken line) is left to `nested`, which says where
it is.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.readers.base import MAX_COLUMNS
from data.readers.watch import step

_BLOCK, _PART = 1 << 20, 1 << 24
_HEAD, _SPREAD = 200, 300  # lines from the start, and lines spread over the rest
_LINE = 1 << 16
_SOME = 10_000
_DEPTH = 4  # as `nested` flattens
_EXACT = 2**53  # whole numbers beyond it don't fit a float
_BREAK, _RETURN, _OPEN, _CLOSE = b"\n\r{}"
_NUMBERS = frozenset({int, float})
_TYPES = {str: pa.large_string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
Kinds: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class _Learnt:
    """What sampled lines hold. order : dotted columns in the order of their first line; the first `early` are from the head."""

    kinds: Kinds = field(default_factory=dict)
    order: dict[str, None] = field(default_factory=dict)
    early: int = 0

    def take(self, record: Mapping[str, Any], kinds: Kinds, prefix: str = "", depth: int = 0) -> bool:
        """Take in an object: key -> types of its values, or what an object in it holds; False if it isn't flat."""
        for key, value in record.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict):
                inner = kinds.setdefault(key, {})
                if depth >= _DEPTH or not isinstance(inner, dict) or not self.take(value, inner, f"{name}.", depth + 1):
                    return False
                continue
            known, kind = kinds.setdefault(key, set()), _kind(value)
            if not isinstance(known, set) or kind is None:
                return False
            known |= kind
            self.order.setdefault(name)
        return True


def _kind(value: Any) -> set[Any] | None:
    """Return the type of a value as a set, (list, type) for a list of one type, nothing for null; None for anything else."""
    if value is None:
        return set()
    if not isinstance(value, list):
        return {type(value)} if type(value) in _TYPES else None
    inner = {type(each) for each in value if each is not None}
    return {(list, next(iter(inner), None))} if len(inner) <= 1 and inner <= _TYPES.keys() else None


def quick(data: bytes) -> dict[str, pa.Array] | None:
    """Return the columns of UTF-8 bytes with one flat JSON object a line, those of `nested.columns_of`; None where it has to look.

    A key that occurs late comes where its first value is, not where its first null is.
    """
    end = len(data) - _blank_end(data)
    rows = _lines(data, end) if data.startswith(b"{") else 0
    if not rows or not _is_utf8(data):
        return None
    learnt = _learnt(data, end)
    if learnt is None:
        return None
    table = _read(data, learnt.kinds)
    if table is None or len(table) != rows:
        return None
    names, parts = table.column_names[::-1], table.columns[::-1]
    del table  # a column's blocks go as soon as it is one piece
    return _columns(names, parts, data, learnt)


def _lines(data: bytes, end: int) -> int:
    """Return the number of lines if every line break lies between a closing and an opening brace, else 0.

    Such a break can only lie between records: with as many records as lines, each has a line of its own.
    """
    cells = np.frombuffer(data, dtype=np.uint8, count=end)
    count = 1
    for start in range(0, end, _BLOCK):
        at = np.flatnonzero(cells[start : start + _BLOCK] == _BREAK) + start
        if len(at) and at[-1] + 1 == end:
            return 0
        before = cells[at - 1]
        before = np.where(before == _RETURN, cells[at - 2], before)
        if np.any(before != _CLOSE) or np.any(cells[at + 1] != _OPEN):
            return 0
        count += len(at)
    return count


def _blank_end(data: bytes) -> int:
    tail = data[-_LINE:]
    return len(tail) - len(tail.rstrip(b" \t\r\n"))


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8, without a copy of them as text: Arrow's JSON reader doesn't look."""
    if data.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _learnt(data: bytes, end: int) -> _Learnt | None:
    """Return what the first lines hold, and some of the others; None if one of them isn't flat."""
    learnt = _Learnt()
    for line in _sampled(data, end):
        if line is None:
            learnt.early = len(learnt.order)
            continue
        if len(line) > _LINE:
            return None
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(record, dict) or not learnt.take(record, learnt.kinds):
            return None
    return learnt if 0 < _count(learnt.kinds) <= MAX_COLUMNS else None


def _sampled(data: bytes, end: int) -> Iterator[bytes | None]:
    """Yield the first lines, None, and some of the other lines, in the order of the file."""
    at = 0
    for _ in range(_HEAD):
        stop = data.find(b"\n", at, end)
        yield data[at : stop if stop >= 0 else end]
        if stop < 0:
            yield None
            return
        at = stop + 1
    yield None
    for i in range(_SPREAD):
        start = data.find(b"\n", at + (end - at) * i // _SPREAD, end) + 1
        stop = data.find(b"\n", start, end)
        if start:
            yield data[start : stop if stop >= 0 else end]


def _count(kinds: Kinds) -> int:
    return sum(_count(each) if isinstance(each, dict) else 1 for each in kinds.values())


def _schema(kinds: Kinds, *, whole: bool) -> list[pa.Field] | None:
    """Return the fields that the lines are held to; whole : keys of whole numbers only are int64, else all numbers are floats."""
    fields = []
    for key, types in kinds.items():
        if isinstance(types, dict):
            inner = _schema(types, whole=whole)
            if inner is None:
                return None
            fields.append(pa.field(key, pa.struct(inner)))
            continue
        kind = _type(types, whole=whole)
        if kind is None:
            return None
        fields.append(pa.field(key, kind))
    return fields


def _type(types: set[Any], *, whole: bool) -> pa.DataType | None:
    """Return the type that all values of a key have to be of; None where they differ, or where a list would be written otherwise."""
    inner = {kind[1] for kind in types if isinstance(kind, tuple)}
    if inner:
        known = inner - {None}
        return (
            None if len(known) > 1 or len(inner) < len(types) or (int in known and not whole) else pa.list_(_TYPES[next(iter(known), str)])
        )
    if len(types) > 1 and types != _NUMBERS:
        return None
    return _TYPES[float if float in types or (int in types and not whole) else next(iter(types), str)]


def _read(data: bytes, kinds: Kinds) -> pa.Table | None:
    for whole in (True, False):  # a fraction may turn up after all the lines that were looked at
        try:
            fields = _schema(kinds, whole=whole)
            return None if fields is None else pa.concat_tables(list(_parts(data, pa.schema(fields))))
        except UnicodeEncodeError:  # a key with half of a surrogate pair
            return None
        except pa.ArrowInvalid as error:
            if "to int64" not in str(error):
                return None
    return None


def _parts(data: bytes, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of some megabytes of lines after the other: Arrow reads a whole file before anybody could stop it."""
    from pyarrow import json as arrow_json

    view, start = memoryview(data), 0
    while start < len(data):
        end = data.find(b"\n", start + _PART) + 1 or len(data)
        if end < len(data) or view[start:].tobytes().strip():
            yield arrow_json.read_json(
                pa.BufferReader(pa.py_buffer(view[start:end])),
                read_options=arrow_json.ReadOptions(block_size=_BLOCK),
                parse_options=arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
            )
        start = end
        step(start, len(data))


def _columns(names: list[str], parts: list[pa.ChunkedArray], data: bytes, learnt: _Learnt) -> dict[str, pa.Array] | None:
    columns: dict[str, pa.Array] = {}
    while parts:
        flat = _flat(names.pop(), parts.pop().combine_chunks())
        if flat is None or columns.keys() & flat.keys():
            return None
        columns.update(flat)
        step()
    if columns.keys() != learnt.order.keys() or not all(_sound(column, data) for column in columns.values()):
        return None
    columns = {name: _written(column) if pa.types.is_list(column.type) else column for name, column in columns.items()}
    order = list(learnt.order)
    late = sorted(order[learnt.early :], key=lambda name: _first(columns[name]))
    return {name: columns[name] for name in (*order[: learnt.early], *late)}


def _flat(name: str, column: pa.Array) -> dict[str, pa.Array] | None:
    """Return an object's column as dotted columns; None where it is missing in a row: `nested` knows whether it was null."""
    if not pa.types.is_struct(column.type):
        return {name: column}
    if column.null_count:
        return None
    flat: dict[str, pa.Array] = {}
    for i in range(column.type.num_fields):
        inner = _flat(f"{name}.{column.type.field(i).name}", pc.struct_field(column, [i]))
        if inner is None or flat.keys() & inner.keys():
            return None
        flat.update(inner)
    return flat


def _sound(column: pa.Array, data: bytes) -> bool:
    """Whether numbers are those that Python would have read: Arrow takes `Inf` and `-NaN`, and rounds large whole numbers."""
    if pa.types.is_list(column.type):  # in a list 3 and 3.0 are written as they were, which a float doesn't know
        inner = column.flatten()
        whole = pa.types.is_floating(inner.type) and bool(pc.any(pc.equal(inner, pc.round(inner))).as_py())
        return not whole and _sound(inner, data)
    if not pa.types.is_floating(column.type):
        return True
    values = column.to_numpy(zero_copy_only=False)
    if np.any(np.abs(values) >= _EXACT):
        return False
    return b"-NaN" not in data if bool(pc.any(pc.is_nan(column)).as_py()) else True


def _written(column: pa.Array) -> pa.Array:
    """Return lists as JSON, as `nested` writes them."""
    texts: list[str | None] = []
    for start in range(0, len(column), _SOME):
        several = column.slice(start, _SOME).to_pylist()
        texts.extend(None if each is None else json.dumps(each, ensure_ascii=False) for each in several)
        step(start, len(column))
    return pa.array(texts, type=pa.large_string())


def _first(column: pa.Array) -> int:
    """Return the row of the first value, the number of rows if there is none."""
    known = np.flatnonzero(np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_))
    return int(known[0]) if len(known) else len(column)
