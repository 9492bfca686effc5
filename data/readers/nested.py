"""JSON and JSONL: records wherever they are, objects within them flattened to dotted columns."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from data.problems import Problem, ProblemError, refuse
from data.readers import arranged, pieces
from data.readers.base import MAX_COLUMNS, Problems, Sheet, sheet_of
from data.readers.watch import step

KEY_COLUMN = "@key"
_DEPTH = 4
_MODEL_KEYS = ("model", "name", "model_name", "llm", "model_id")
_OFTEN = 5_000
_DEEP = "Flatten it: one object a query, with one object a model inside."


def read_json(text: str, file: str) -> Sheet:
    """Return the sheet of a JSON document: its list of records, a record a key, or a list a column.

    Raises ProblemError for broken JSON, for nesting too deep, and where no records are found.
    """
    return sheet_of_document(loaded(text, file), file)


def sheet_of_document(document: Any, file: str) -> Sheet:
    """Return the sheet of a parsed JSON document."""
    records, facts = _records(document, file)
    columns = columns_of(records, file)
    return sheet_of(file, "JSON", columns, facts=facts, document=bool(facts))


def read_jsonl(text: str, file: str) -> Sheet:
    """Return the sheet of a text with one JSON object a line; broken lines become problems with their row."""
    rows: list[int] = []
    problems = Problems(file)
    columns = columns_of((record for record in _objects(text, file, rows, problems)), file)
    if not rows:
        raise ProblemError(*problems.all)
    return sheet_of(file, "JSONL", columns, rows=rows, problems=problems.all)


def lines(text: str, file: str) -> tuple[list[Mapping[str, Any]], list[int], list[Problem]]:
    """Return the objects of a text with one a line, their rows from 1, and what is wrong with the other lines.

    Raises ProblemError if no line holds one.
    """
    rows: list[int] = []
    problems = Problems(file)
    records = list(_objects(text, file, rows, problems))
    if not records:
        raise ProblemError(*problems.all)
    return records, rows, list(problems.all)


def _objects(text: str, file: str, rows: list[int], problems: Problems) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a text with one a line, and add their rows and what is wrong with other lines to the lists given."""
    number = 0
    for at, line in _split(text):
        if not line.strip():
            continue
        number += 1
        try:
            record = loaded(line, file, row=number)
            if not isinstance(record, dict):
                raise refuse("the line is no JSON object.", 'Write one object a line: {"question": ...}.', file=file, row=number)
        except ProblemError as error:
            problems.add(error.problems[0])
            continue
        rows.append(number)
        yield record
        if number % _OFTEN == 0:
            step(at, len(text))


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Yield (position, line), without a list of all lines beside the text."""
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        yield at, text[at:end]
        at = end + 1


def head(text: str, count: int = 20) -> list[Any]:
    """Return the first JSON objects of a text with one a line; lines that are none are passed over."""
    found: list[Any] = []
    at = 0
    for _ in range(count):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        with contextlib.suppress(ValueError, RecursionError):
            found.extend([json.loads(line)] if line.strip() else [])
        if end < 0:
            break
        at = end + 1
    return [each for each in found if isinstance(each, dict)]


def looks_like_lines(text: str) -> bool:
    """Whether the first line alone is a JSON object and another line follows."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.strip() or not first.startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def column_of(values: Sequence[Any], *, text: bool = False) -> pa.Array:
    """Return plain values as an Arrow column: booleans, whole numbers, numbers, or text for anything mixed, and with `text`."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool} and not text:
        return pa.array(values, type=pa.bool_())
    if kinds and kinds <= {int, float} and not text:
        try:
            return pa.array(values, type=pa.int64() if kinds == {int} else pa.float64())
        except (OverflowError, pa.ArrowInvalid, TypeError):
            pass
    written = [_text(value) for value in values]
    try:
        return pa.array(written, type=pa.large_string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON may hold and UTF-8 may not
        return pa.array([None if t is None else t.encode("utf-8", "replace").decode() for t in written], type=pa.large_string())


def loaded(text: str, file: str, row: int | None = None) -> Any:
    """Return parsed JSON; raises ProblemError for broken or too deeply nested JSON, with its place."""
    try:
        return pieces.parsed(text) if len(text) > pieces.LARGE else json.loads(text)
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
        several = arranged.of_lists(document) or arranged.of_split(document)
        if several:
            return _checked(several, file), {}
        document = arranged.by_row(document)
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
    problems = Problems(file)
    for row, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            problems.add(Problem(what="the record is no JSON object.", fix='Write an object: {"question": ...}.', file=file, row=row))
    if problems.all:
        raise ProblemError(*problems.all)
    return records


def columns_of(records: Iterable[Mapping[str, Any]], file: str) -> dict[str, pa.Array]:
    """Return records as columns, objects within them as dotted ones; raises ProblemError for too many columns."""
    values: dict[str, list[Any]] = {}
    count = 0
    for i, record in enumerate(records):
        for name, value in _flat(record, "", 0):
            column = values.setdefault(name, [])
            column.extend([None] * (i - len(column)))
            # A list makes its column text anyway; a million of them at once would hold up every thread at each collection of garbage.
            column.append(_text(value) if isinstance(value, (list, dict)) else value)
        if len(values) > MAX_COLUMNS:
            raise refuse(f"there are more than {MAX_COLUMNS:,} columns.", "Write a row per query and model.", file=file, row=i + 1)
        count = i + 1
        if count % _OFTEN == 0:
            step()
    columns: dict[str, pa.Array] = {}
    for name in list(values):
        column = values.pop(name)  # what is a column already needn't stay as objects
        columns[plain(name)] = column_of([*column, *[None] * (count - len(column))])
        step()
    return columns


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
        return json.dumps(value, ensure_ascii=False, default=_said)
    except (RecursionError, TypeError, ValueError):  # a key that is none, or a whole number of 5,000 digits
        return "(can't be written as JSON)"


def _said(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def plain(name: str) -> str:
    """Return a name without halves of surrogate pairs, which JSON may hold and no column name may."""
    return name.encode("utf-8", "replace").decode()
