"""From an upload to its sheet: CSV, TSV, JSONL, JSON, YAML price lists, Parquet, XLSX, tables in pickles, and gzip of these."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import replace

from data.problems import Problem, refuse
from data.readers import commas, delimited, frames, inspect_log, jsonlines, nested, parquet, spreadsheet
from data.readers.base import LIMIT_BYTES, YAML_BYTES, Sheet, Upload, sheet_of
from data.readers.formats import base as formats
from data.readers.pickled import is_pickle
from data.readers.records import Records, records
from data.readers.unpack import decoded, too_big, unpacked

_YAML = (".yaml", ".yml")
_JSONL = (".jsonl", ".ndjson")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_START = 1 << 16
_BINARY: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, str, int], Sheet]], ...] = (
    (lambda data: data.startswith(parquet.MAGIC), parquet.read),
    (lambda data: data.startswith(spreadsheet.ZIP), spreadsheet.read),
    (is_pickle, frames.read),
)


def decode(upload: Upload, *, limit_bytes: int = LIMIT_BYTES) -> Sheet | Records:
    """Return the rows of one file, its format found by content first and by extension second.

    A JSON document that a format of `data.readers.formats` knows comes as its records, anything else as a sheet.

    Raises ProblemError if the file is empty, over the limit, refused, or can't be read at all.
    """
    log = inspect_log.document(upload, limit_bytes)
    if log is not None:
        return _document(log, upload.name)
    data = unpacked(upload, limit_bytes)
    for is_one, reader in _BINARY:
        if is_one(data):
            return reader(data, upload.name, limit_bytes)
    quick = _quick(data, upload)
    if quick is not None:
        return quick
    text, encoding = decoded(data, upload.name)
    text = text.lstrip("\ufeff")
    read = _text_sheet(text, upload)
    if isinstance(read, Records):
        return read
    sheet = replace(read, encoding=encoding)
    if encoding not in ("utf-8", "utf-8-sig"):
        note = Problem(what=f"read as {encoding}, because it isn't UTF-8.", fix="Check accents and signs in the preview.", file=upload.name)
        sheet = replace(sheet, warnings=(*sheet.warnings, note))
    return sheet


def _quick(data: bytes, upload: Upload) -> Sheet | None:
    """Return the sheet of a clean UTF-8 table, or None for anything that has to be read with care."""
    marked = data.startswith(codecs.BOM_UTF8)
    body = data.removeprefix(codecs.BOM_UTF8)
    start = body[:_START].lstrip()[:1]
    if upload.suffix in _YAML or not start or b"\x00" in body or body.startswith((codecs.BOM_UTF8, *_WIDE)):
        return None
    encoding = "utf-8-sig" if marked else "utf-8"
    if start not in (b"{", b"[") and upload.suffix in _JSONL and b"\n{" in body[:_START]:
        return None
    if start not in (b"{", b"[") or upload.suffix in (".csv", ".tsv"):
        sheet = delimited.quick(body, upload.name)
        return None if sheet is None else replace(commas.points(sheet), encoding=encoding)
    lines = upload.suffix in _JSONL or b"}\n{" in body[:_START] or b"}\r\n{" in body[:_START]
    if not lines or formats.known(formats.Document(file=upload.name, value=nested.head(_first_lines(body)), lines=True)) is not None:
        return None
    columns = jsonlines.quick(body)
    return None if columns is None else sheet_of(upload.name, "JSONL", columns, encoding=encoding)


def _first_lines(data: bytes, count: int = 20) -> str:
    """Return at least the first `count` lines, cut between lines."""
    at = 0
    for _ in range(count):
        at = data.find(b"\n", at) + 1
        if not at:
            return data.decode("utf-8", "replace")
    return data[:at].decode("utf-8", "replace")


def _text_sheet(text: str, upload: Upload) -> Sheet | Records:
    if upload.suffix in _YAML:
        return _yaml(text, upload.name)
    spoilt = upload.suffix in _JSONL and "\n{" in text[:_START]  # its first line alone is no object
    if (spoilt or text.lstrip()[:1] in ("{", "[")) and upload.suffix not in (".csv", ".tsv"):
        lines = upload.suffix in _JSONL or nested.looks_like_lines(text)
        return _lines(text, upload.name) if lines else _document(text, upload.name)
    return commas.points(delimited.read(text, upload.name))


def _lines(text: str, file: str) -> Sheet | Records:
    """Return a JSONL file: its first lines say whether a format knows it."""
    known = formats.known(formats.Document(file=file, value=nested.head(text), lines=True))
    if known is None:
        return nested.read_jsonl(text, file)
    objects, numbers, problems = nested.lines(text, file)
    read = records(formats.Document(file=file, value=objects, lines=True, numbers=numbers), known)
    return replace(read, problems=(*problems, *read.problems))


def _document(text: str, file: str) -> Sheet | Records:
    document = formats.Document(file=file, value=nested.loaded(text, file))
    known = formats.known(document)
    return nested.sheet_of_document(document.value, file) if known is None else records(document, known)


def _yaml(text: str, file: str) -> Sheet:
    import json

    import yaml

    if len(text) > YAML_BYTES:
        raise too_big(file, YAML_BYTES)
    if "*" in text and "&" in text:
        raise refuse("the YAML uses anchors.", "Write the values out.", file=file)
    try:
        return nested.read_json(json.dumps(yaml.safe_load(text), default=str), file)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, ArithmeticError) as error:  # a 13th month; a list for a key
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise refuse(f"this is no valid YAML: {first}.", "Mend it, or use JSON.", file=file) from None
