"""Changes to files that nobody asked for: bytes, JSON values, cells, members of archives, names. A file and a seed give one file."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zipfile
import zlib
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.readers.base import Upload
from tests.seeds import parquet_bytes

# What JSON can hold and Python's own writer would not write: put in for a text that stands for it.
RAW = {
    "@@huge": "1e309", "@@minus": "-1e309", "@@nan": "NaN", "@@inf": "Infinity", "@@tiny": "1e-400", "@@int": "9223372036854775808",
    "@@digits": "1" * 5000, "@@zero": "-0", "@@deep": "[" * 3000 + "]" * 3000, "@@deeper": '{"a":' * 900 + "1" + "}" * 900,
    "@@half": '"\\ud800"', "@@null": '"\\u0000"', "@@twice": '{"a":1,"a":2}', "@@float": "1.7976931348623157e308", "@@big": "16777217.5",
}  # fmt: skip
ODD_KEYS = (
    "__class__",
    "__proto__",
    "constructor",
    "@file",
    "@row",
    "@key",
    "",
    " ",
    "a.b",
    "\ud800",
    "id",
    "model",
    "quality",
    "\x00",
    "é",
)
ODD_TEXTS = (
    "", " ", "\x00", "\ud800", "x" * 20_000, "=cmd|' /C calc'!A0", "@SUM(1+1)", "NaN", "inf", "1e309", "-1", "0x10", "1_000", "١", "1,5",
    "$3", "null", "{", "[1", '{"a": 1}', "[]", "2025-13-45T99:99:99Z", "true", "\u202e", "a\nb", "a\rb", '"', "<script>",
    "../../etc/passwd", "####",
)  # fmt: skip
ODD_BYTES = (
    b'"', b"\n", b"\r", b"\r\n", b",", b";", b"\t", b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]",
    b"NaN", b"1e999", b"null", b"\xc3", b"\xed\xa0\x80", b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\x80\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\\u0000", b"'", b"=1+1", b"\x1a", b"\x85", "\u2028".encode(), b"-", b"&a", b"*a", b": ", b"!!python/object:os.system",
)  # fmt: skip
ODD_NAMES = ("", ".csv", "a", "../../etc/passwd", "a\x00b.json", "x" * 300 + ".csv", "a.yaml", "a.jsonl", "a.csv", "a.json", "é\ud800.csv",
             "a.eval", "a.xlsx", "a.gz", "results_2024.json", "CON", "a/b/../c.csv", "a.json.gz", "a.pkl")  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "shift_jis")
ZIPS = (".zip", ".xlsx", ".eval")


def mutated(uploads: list[Upload], rng: Random) -> list[Upload]:
    """Return a set of files with one to four changes, most to one file; the set itself may lose, repeat or rename one."""
    files = list(uploads)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        at = rng.randrange(len(files))
        if rng.random() < 0.06:
            files = _other_set(files, at, rng)
        else:
            files[at] = Upload(files[at].name, _changed(files[at].name, files[at].data, rng))
    return files


def _other_set(files: list[Upload], at: int, rng: Random) -> list[Upload]:
    chosen = files[at]
    return rng.choice((
        lambda: files if len(files) == 1 else files[:at] + files[at + 1 :],
        lambda: [*files, Upload(f"copy of {chosen.name}", chosen.data)],
        lambda: [*files, chosen],
        lambda: [*files[:at], Upload(rng.choice(ODD_NAMES), chosen.data), *files[at + 1 :]],
    ))()  # fmt: skip


# What a file that was spoiled before meets on its way into its kind.
_UNKNOWN = (ValueError, OSError, LookupError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error, pa.ArrowException, OverflowError)


def _changed(name: str, data: bytes, rng: Random, depth: int = 0) -> bytes:
    """Return a file with one change, as its kind allows, or one to its bare bytes."""
    if rng.random() < 0.25 or depth > 2:
        return spoiled(data, rng)
    suffix = "." + name.rsplit(".", 1)[-1]
    try:
        if suffix in ZIPS:
            return _other_archive(data, rng, depth)
        return {
            ".gz": lambda: gzip.compress(_changed(name[:-3], gzip.decompress(data), rng, depth + 1), 1),
            ".parquet": lambda: _other_parquet(data, rng),
            ".csv": lambda: _other_cells(data, ",", rng),
            ".tsv": lambda: _other_cells(data, "\t", rng),
            ".json": lambda: _other_json(data, False, rng),
            ".jsonl": lambda: _other_json(data, True, rng),
        }.get(suffix, lambda: spoiled(data, rng))()
    except _UNKNOWN:
        return spoiled(data, rng)


def spoiled(data: bytes, rng: Random) -> bytes:
    """Return bytes of which some are flipped, cut, repeated, moved, put in, or in another encoding."""
    at = rng.randrange(len(data) + 1)
    size = rng.choice((0, 1, 1, 2, 8, 64, 512))
    return rng.choice((
        lambda: data[:at] + bytes(byte ^ (1 << rng.randrange(8)) for byte in data[at : at + max(1, size)]) + data[at + max(1, size) :],
        lambda: data[:at],
        lambda: data[at:],
        lambda: data[:at] + data[at + size :],
        lambda: data[:at] + data[at : at + size] * rng.choice((2, 3, 50)) + data[at + size :],
        lambda: data[:at] + rng.choice(ODD_BYTES) + data[at + size :],
        lambda: data[:at] + rng.randbytes(size) + data[at + size :],
        lambda: data.replace(rng.choice((b",", b'"', b"\n", b"1", b"e", b":", b"{")), rng.choice(ODD_BYTES), rng.choice((1, 2, -1))),
        lambda: rng.choice((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE)) + data,
        lambda: data.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace"),
        lambda: data[:at] + data[at:].decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace"),
        lambda: data + data,
        lambda: b"\n" * rng.choice((1, 1000)) + data,
    ))()  # fmt: skip


def odd_value(rng: Random) -> Any:
    """Return a JSON value that does not belong there; texts that begin with `@@` stand for what `RAW` holds."""
    return rng.choice((
        lambda: None, list, dict, lambda: rng.choice((True, False, 0, 1, -1, 0.5, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 10**18, 1e300)),
        lambda: rng.choice(ODD_TEXTS), lambda: rng.choice(list(RAW)), lambda: [odd_value(rng) for _ in range(rng.randrange(4))],
        lambda: {rng.choice(ODD_KEYS): odd_value(rng) for _ in range(rng.randrange(4))}, lambda: [{"a": 1}, None, "x"],
        lambda: [[[[["x"]]]]],
    ))()  # fmt: skip


def _other_json(data: bytes, lines: bool, rng: Random) -> bytes:
    if not lines:
        return _written(_other_value(json.loads(data), rng))
    records = [json.loads(line) for line in data.decode().splitlines() if line.strip()]
    kind = rng.randrange(6)
    if kind == 0:
        return b"[" + b",".join(map(_written, records)) + b"]"
    if kind == 1:
        records.insert(rng.randrange(len(records) + 1), odd_value(rng))
    else:
        records = _other_value(records, rng)
        records = records if isinstance(records, list) else [records]
    return rng.choice((b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b" ")).join(map(_written, records)) + rng.choice((b"", b"\n"))


def _written(value: Any) -> bytes:
    text = json.dumps(value)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        _places(inner, found)
    return found


def _other_value(document: Any, rng: Random) -> Any:
    """Return a document with one value changed, in place."""
    places = _places(document, [])
    if not places or rng.random() < 0.02:
        return odd_value(rng)
    holder, key = rng.choice(places)
    if rng.random() < 0.5:  # often where several records have the same key
        holder, key = rng.choice([place for place in places if place[1] == key])
    value = holder[key]
    if isinstance(value, str) and value[:1] in ("{", "[") and rng.random() < 0.7:
        holder[key] = _other_text(value, rng)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and rng.random() < 0.2:
        holder[key] = rng.choice((-value, value * 1e6, value + 0.5, value * -1e40, 10**30))
    else:
        rng.choice((_replace, _replace, _replace, _delete, _copy, _rename, _repeat, _wrap, _add))(holder, key, places, rng)
    return document


def _other_text(value: str, rng: Random) -> str:
    """Return JSON inside a text with a value of its own changed."""
    try:
        return _written(_other_value(json.loads(value), rng)).decode("utf-8", "replace")
    except ValueError:
        return value[: len(value) // 2]


def _replace(holder: Any, key: Any, _places: Any, rng: Random) -> None:
    holder[key] = odd_value(rng)


def _delete(holder: Any, key: Any, _places: Any, _rng: Random) -> None:
    del holder[key]


def _copy(holder: Any, key: Any, places: list[tuple[Any, Any]], rng: Random) -> None:
    other, place = rng.choice(places)
    holder[key] = json.loads(json.dumps(other[place]))


def _rename(holder: Any, key: Any, _places: Any, rng: Random) -> None:
    if isinstance(holder, dict):
        holder[rng.choice(ODD_KEYS)] = holder.pop(key)


def _repeat(holder: Any, key: Any, _places: Any, rng: Random) -> None:
    if isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), json.loads(json.dumps(holder[key])))


def _wrap(holder: Any, key: Any, _places: Any, rng: Random) -> None:
    value = holder[key]
    holder[key] = rng.choice((lambda: str(value), lambda: [value], lambda: {"x": value}, lambda: json.dumps(value)))()


def _add(holder: Any, _key: Any, _places: Any, rng: Random) -> None:
    if isinstance(holder, dict):
        holder[rng.choice(ODD_KEYS)] = odd_value(rng)


def _other_cells(data: bytes, delimiter: str, rng: Random) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    at, column = rng.randrange(len(rows)), rng.randrange(max(1, len(rows[0])))
    row = rows[at]
    kind = rng.randrange(10)
    if kind <= 3 and row:
        row[column % len(row)] = rng.choice(ODD_TEXTS)
    elif kind == 4 and rows[0]:
        rows[0][column] = rng.choice((*ODD_KEYS, *rows[0], "model", "score", "sample", "policy", "split"))
    elif kind == 5:
        order = list(range(len(rows[0])))
        rng.shuffle(order)
        rows = [[each[i] for i in order if i < len(each)] for each in rows]
    elif kind == 6:
        rows.insert(at, row * rng.choice((0, 1, 2)))
    elif kind == 7 and row:
        del row[column % len(row)]
    elif kind == 8:
        word = rng.choice(ODD_TEXTS)
        rows = [rows[0], *([word if i == column else cell for i, cell in enumerate(each)] for each in rows[1:])]
    else:
        rows = [*rows, *rows[1:]]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=rng.choice(("\n", "\r\n", "\r")), escapechar="\\")
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _other_archive(data: bytes, rng: Random, depth: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {each.filename: archive.read(each) for each in archive.infolist()}
    name = rng.choice(list(members))
    kind = rng.randrange(10)
    if kind <= 5:
        members[name] = _changed(name, members[name], rng, depth + 1)
    elif kind == 6:
        del members[name]
    elif kind == 7:
        members[rng.choice((*ODD_NAMES[3:8], "a/../../b.csv", "/abs.csv", "C:\\x.csv", "x.zip", "a.csv.gz")).replace("\x00", "")] = members[
            name
        ]
    elif kind == 8:
        members["inner.zip"] = data
    else:
        members = dict(reversed(members.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as made:
        for member, content in members.items():
            made.writestr(member, content)
    return out.getvalue() if rng.random() < 0.8 else spoiled(out.getvalue(), rng)


def _other_parquet(data: bytes, rng: Random) -> bytes:
    table = pq.read_table(io.BytesIO(data))
    at = rng.randrange(table.num_columns)
    name = table.column_names[at]
    kind = rng.randrange(5)
    if kind <= 2:
        table = table.set_column(at, rng.choice((name, name, *ODD_KEYS[:9], "model", "score")), _odd_column(len(table), rng))
    elif kind == 3:
        table = rng.choice((lambda: table.slice(0, 0), lambda: pa.concat_tables([table, table]), lambda: table.remove_column(at)))()
    else:
        table = table.append_column(rng.choice((name, "model", "score", "x.y")), _odd_column(len(table), rng))
    return parquet_bytes(table)


def _odd_column(rows: int, rng: Random) -> pa.Array:
    """Return a column of a type that a table of outcomes hasn't, or of odd values."""
    moment = rng.choice((pa.date32(), pa.time64("us"), pa.duration("us"), pa.timestamp("ns"), pa.timestamp("s", "Europe/Rome")))
    values, kind = rng.choice((
        ([str(odd_value(rng)).encode("utf-8", "replace").decode() for _ in range(9)], pa.string()),
        ([None, -1.5, float("nan"), float("inf"), 1e300], pa.float64()),
        ([None, 2**64 - 1, 0], pa.uint64()),
        ([None, b"\xff\x00", b"a"], pa.binary()),
        ([None, {}, {"a": 1, "b": [{"c": "x"}]}], None),
        ([[[1, None]], None, []], None),
        ([0, None, 1], moment),
        ([None], pa.null()),
        ([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    ))  # fmt: skip
    return pa.array([rng.choice(values) for _ in range(rows)], kind)
