"""JSON and JSONL: records wherever they are, objects within them flattened to dotted columns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from data.problems import Problem, ProblemError, refuse
from data.readers.base import MAX_COLUMNS, Sheet, sheet_of

KEY_COLUMN = "@key"
_DEPTH = 4
_MODEL_KEYS = ("model", "name", "model_name", "llm", "model_id")
_DEEP = "Flatten it: one object a query, with one object a model inside."


def read_json(text: str, file: str) -> Sheet:
    """Return the sheet of a JSON document: its list of records, a record a key, or a list a column.

    Raises ProblemError for broken JSON, for nesting too deep, and where no records are found.
    """
    records, facts = _records(_loaded(text, file), file)
    columns = _columns(records, file)
    return sheet_of(file, "JSON", columns, facts=facts, document=bool(facts))


def read_jsonl(text: str, file: str) -> Sheet:
    """Return the sheet of a text with one JSON object a line; broken lines become problems with their row."""
    records: list[Mapping[str, Any]] = []
    rows: list[int] = []
    problems: list[Problem] = []
    for number, line in enumerate((line for line in text.split("\n") if line.strip()), start=1):
        try:
            record = _loaded(line, file, row=number)
            if not isinstance(record, dict):
                raise refuse("the line is no JSON object.", 'Write one object a line: {"question": ...}.', file=file, row=number)
        except ProblemError as error:
            problems.extend(error.problems)
            continue
        records.append(record)
        rows.append(number)
    if not records:
        raise ProblemError(*problems)
    return sheet_of(file, "JSONL", _columns(records, file), rows=rows, problems=tuple(problems))


def looks_like_lines(text: str) -> bool:
    """Whether the first line alone is a JSON object and another line follows."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.strip() or not first.startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def column_of(values: Sequence[Any]) -> pa.Array:
    """Return plain values as an Arrow column: booleans, whole numbers, numbers, or text for anything mixed."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, type=pa.bool_())
    if kinds and kinds <= {int, float}:
        try:
            return pa.array(values, type=pa.int64() if kinds == {int} else pa.float64())
        except (OverflowError, pa.ArrowInvalid, TypeError):
            pass
    written = [_text(value) for value in values]
    try:
        return pa.array(written, type=pa.large_string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and UTF-8 may not
        return pa.array([None if t is None else t.encode("utf-8", "replace").decode() for t in written], type=pa.large_string())


def _loaded(text: str, file: str, row: int | None = None) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise refuse("the JSON is nested too deeply.", _DEEP, file=file, row=row) from None
    except ValueError as error:
        where = f"line {error.lineno}, " if isinstance(error, json.JSONDecodeError) and row is None else ""
        what = getattr(error, "msg", str(error))
        place = getattr(error, "colno", 0)
        raise refuse(
            f"this is no valid JSON ({where}character {place}: {what}).", "Mend it there, or write JSONL.", file=file, row=row
        ) from None


def _records(document: Any, file: str) -> tuple[Sequence[Mapping[str, Any]], dict[str, Any]]:
    if isinstance(document, list):
        return _checked(document, file), {}
    if isinstance(document, dict):
        lists = {key: value for key, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)}
        if lists:
            longest = max(lists, key=lambda key: len(lists[key]))
            return _checked(lists[longest], file), {key: value for key, value in document.items() if key != longest}
        if document and all(isinstance(value, dict) for value in document.values()):
            return [{KEY_COLUMN: key, **value} for key, value in document.items()], {}
        lengths = {len(value) if isinstance(value, list) else 0 for value in document.values()}
        if len(lengths) == 1 and 0 not in lengths:
            return [dict(zip(document, row, strict=True)) for row in zip(*document.values(), strict=True)], {}
        return _keyed(document, file)
    raise refuse("the JSON holds no records.", 'Write a list of objects: [{"question": ..., "scores": {"gpt": 1}}].', file=file)


def _keyed(document: Mapping[str, Any], file: str) -> tuple[Sequence[Mapping[str, Any]], dict[str, Any]]:
    """Return a document such as {"snapshot_date": ..., "models": {name: {...}}} as a record a name."""
    groups = {k: v for k, v in document.items() if isinstance(v, dict) and v and all(isinstance(each, dict) for each in v.values())}
    if not groups:
        raise refuse("the JSON holds no records.", 'Write a list of objects: [{"question": ..., "scores": {"gpt": 1}}].', file=file)
    largest = max(groups, key=lambda key: len(groups[key]))
    facts = {key: value for key, value in document.items() if key != largest}
    return [{KEY_COLUMN: key, **value} for key, value in groups[largest].items()], facts


def _checked(records: Sequence[Any], file: str) -> Sequence[Mapping[str, Any]]:
    if not records:
        raise refuse("the list of records is empty.", "Choose a file with at least one record.", file=file)
    problems = [
        Problem(what="the record is no JSON object.", fix='Write an object: {"question": ...}.', file=file, row=row)
        for row, record in enumerate(records, start=1)
        if not isinstance(record, dict)
    ]
    if problems:
        raise ProblemError(*problems)
    return records


def _columns(records: Sequence[Mapping[str, Any]], file: str) -> dict[str, pa.Array]:
    values: dict[str, list[Any]] = {}
    for i, record in enumerate(records):
        for name, value in _flat(record, "", 0):
            column = values.setdefault(name, [])
            column.extend([None] * (i - len(column)))
            column.append(value)
        if len(values) > MAX_COLUMNS:
            raise refuse(f"there are more than {MAX_COLUMNS:,} columns.", "Write a row per query and model.", file=file, row=i + 1)
    for column in values.values():
        column.extend([None] * (len(records) - len(column)))
    return {name: column_of(column) for name, column in values.items()}


def _flat(record: Mapping[str, Any], prefix: str, depth: int) -> list[tuple[str, Any]]:
    cells: dict[str, Any] = {}
    for key, value in record.items():
        name, inner = f"{prefix}{key}", _by_model(value)
        if isinstance(inner, dict) and depth < _DEPTH:
            cells.update(_flat(inner, f"{name}.", depth + 1))
        else:
            cells[name] = value
    return list(cells.items())


def _by_model(value: Any) -> Any:
    """Return a list of objects that each name their model as an object model -> the rest; anything else as it is."""
    if not (isinstance(value, list) and value and all(isinstance(each, dict) for each in value)):
        return value
    key = next((key for key in _MODEL_KEYS if all(isinstance(each.get(key), str) for each in value)), None)
    if key is None or len({each[key] for each in value}) < len(value):
        return value
    return {each[key]: {k: v for k, v in each.items() if k != key} for each in value}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else repr(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply)"
