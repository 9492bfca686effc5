"""What a person corrected in the mapping of a file, kept for the next file of the same shape.

One small JSON file a shape under the person's own folder; what is damaged there is passed over and said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.problems import ProblemError
from data.readers.base import Reading
from data.readers.mapping import ROLES
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.units import Per
from data.stores.home import home

VERSION = 1
FIELDS = (
    "shape", "query", "cells", "signals", "factors", "cost_per", "scale", "scorer", "empty_answer_means", "missing", "right", "wrong",
    "keep_outcome_rows",
)  # fmt: skip
LARGEST_BYTES = 512 * 1024
MOST = 200
_NUMBERS = {"flag", "unit", "number"}
_PER: tuple[Per, ...] = ("query", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What was corrected in a file of some shape. key : the shape. fields : parts of the mapping as JSON values. date : ISO 8601."""

    key: str
    file: str
    date: str
    fields: Mapping[str, Any]

    def applied(self, mapping: ColumnMapping) -> ColumnMapping:
        """Return a guess with the corrected parts in place of its own."""
        return ColumnMapping.from_json({**mapping.to_json(), **self.fields})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What is known of a shape: the correction, or None; note : why one that is there can't be used, "" = nothing to say."""

    found: Remembered | None = None
    note: str = ""


def shape_key(reading: Reading) -> str:
    """Return what files of one shape share, 16 hex digits: reader, names of columns in any order, numbers or texts."""
    columns = sorted((column.name, _kind(column.kind)) for column in reading.columns)
    return hashlib.blake2b(json.dumps([reading.reader, columns]).encode(), digest_size=8).hexdigest()


def corrected(reading: Reading, mapping: ColumnMapping) -> dict[str, Any]:
    """Return the parts of a mapping that differ from the reader's guess, as JSON values; prices are no part of it."""
    before, after = reading.mapping.to_json(), mapping.to_json()
    return {name: after[name] for name in FIELDS if after[name] != before[name]}


def remember(reading: Reading, mapping: ColumnMapping, *, file: str) -> Remembered | None:
    """Keep what was corrected in a file for the next one of its shape; None where nothing was. The oldest beyond MOST go."""
    fields = corrected(reading, mapping)
    if not fields:
        return None
    kept = Remembered(key=shape_key(reading), file=file[:200], date=datetime.now(tz=UTC).isoformat(timespec="seconds"), fields=fields)
    text = json.dumps({"version": VERSION, "file": kept.file, "date": kept.date, "fields": fields}, ensure_ascii=False)
    if len(text.encode()) > LARGEST_BYTES:
        return None
    path = _path(kept.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
    _prune(path.parent)
    return kept


def recall(reading: Reading) -> Recalled:
    """Return what was corrected in the last file of this shape; never applied by itself. What is damaged is noted and left alone."""
    path = _path(shape_key(reading))
    if not path.is_file():
        return Recalled()
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return Recalled(note="What was corrected in an earlier file of this shape is too large to be used.")
        values = json.loads(path.read_text(encoding="utf-8"))
        found = Remembered(key=path.stem, file=_text(values["file"]), date=_text(values["date"]), fields=_fields(values))
        found.applied(reading.mapping)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, ProblemError):
        return Recalled(note="What was corrected in an earlier file of this shape can't be read, so nothing of it is used.")
    return Recalled(found=found)


def forget(key: str) -> None:
    """Remove what is kept for a shape."""
    _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    return home() / "mappings" / f"{key}.json"


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST:]:
        path.unlink(missing_ok=True)


def _kind(kind: str) -> str:
    """Return number, text or empty: whether numbers are 0 / 1 only depends on the file, not on its shape."""
    return "number" if kind in _NUMBERS else kind


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a kept file; raises where one is unknown or not what its name says: the file may have been edited."""
    fields = values["fields"]
    if values["version"] != VERSION or not isinstance(fields, dict) or not fields or set(fields) - set(FIELDS):
        raise ValueError(values["version"])
    for name, value in fields.items():
        if not _CHECKS[name](value):
            raise ValueError(name)
    return fields


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 400:
        raise ValueError(value)
    return value


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _named(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) and isinstance(each, str) for name, each in value.items())


def _grouped(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) and _named(each) for name, each in value.items())


def _factors(value: Any) -> bool:
    return isinstance(value, dict) and all(type(each) in (int, float) and 0 < each < 1e12 for each in value.values())


def _scorer(value: Any) -> bool:
    from data.scoring import scorers

    return value == "" or value in scorers()


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "shape": lambda value: value in ("wide", "long"),
    "query": lambda value: _named(value) and set(value) <= set(ROLES),
    "cells": lambda value: _grouped(value) and set(value) <= set(ROLES),
    "signals": _grouped,
    "factors": _factors,
    "cost_per": lambda value: value in _PER,
    "scale": lambda value: value is None or (isinstance(value, list) and len(value) == 2),
    "scorer": _scorer,
    "empty_answer_means": lambda value: value in ("wrong", "not run"),
    "missing": _texts,
    "right": _texts,
    "wrong": _texts,
    "keep_outcome_rows": lambda value: isinstance(value, bool),
}
