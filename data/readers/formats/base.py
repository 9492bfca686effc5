"""What a format is: one file that knows a shape by its content, and turns it into rows with the project's own names."""

from __future__ import annotations

import importlib
import json
import pkgutil
from abc import ABC
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeAlias

from data.problems import refuse
from data.readers.base import Guess, Question, Sheet
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.names import file_names
from data.readers.profile import Profile

Row: TypeAlias = dict[str, Any]
# What code that reads a file's values raises where they aren't what it expects. A generator's StopIteration is a RuntimeError.
NOT_AS_EXPECTED = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RuntimeError, StopIteration)
FILE, NUMBER = "@file", "@row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as parsed: its JSON value; for JSONL (`lines`) the list of its objects, `numbers` their rows in the file."""

    file: str
    value: Any
    lines: bool = False
    numbers: Sequence[int] = ()


class Format(ABC):
    """One format. Names of files play no part in what a format knows: a renamed copy gives the same table.

    A document (JSON, JSONL) is known by `knows` and read by `records`, `rows` and `together`, called in this order:
    `records` once a file, `rows` once a record, `together` once for the rows of all files of the format in a set.
    A table (CSV, Parquet, JSON without a reader of its own) is known by `guess`, which says what its columns are.

    A row is a dict whose keys are roles of `data.readers.mapping`: query_id and model (both needed), prompt, reference, task, split,
    timestamp, sample, policy, quality, answer, response, cost_usd (USD), latency_s (seconds), tokens_in, tokens_out, tokens_total,
    tokens_reasoning, tokens_cached, propensity; `signal.NAME` is a confidence signal; any other key is kept as a column without a role,
    but for one that starts with @: that is a note from `rows` to `together`.
    A value that isn't recorded is None or left out, never 0.

    id : the name of the file. title : what it is, for a person. about : the data card's text: origin, what a score means, what to mind.
    tables : its records may come as a table too, a row a record (an export as CSV); `knows` is then asked with the first rows as objects.
    by_position : role -> column of a companion table whose data row, counted from 0, is a query's id.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    tables: ClassVar[bool] = False
    by_position: ClassVar[Mapping[str, str]] = {}

    def knows(self, document: Document) -> bool:  # noqa: ARG002  # the arguments are for those who override it
        """Whether a document has this shape; cheap, as it is asked for every file."""
        return False

    def records(self, document: Document) -> Sequence[Any]:
        """Return the records of a document: the list that it is, or a list within it."""
        return document.value if isinstance(document.value, list) else [document.value]

    def rows(self, record: Any, document: Document) -> Iterable[Row]:
        """Yield the rows of one record. KeyError, TypeError and the like become a problem with file and row."""
        raise NotImplementedError

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows of all files of the set, joined or corrected where that needs to see all of them.

        Each row says where it came from: `@file` and `@row`.
        """
        return rows

    def remarks(self, rows: Sequence[Row]) -> Iterable[tuple[str, str]]:  # noqa: ARG002  # as above
        """Yield (what, fix) of what a person should know of these rows, as they are after `together`: shown as warnings."""
        return ()

    def questions(self, sheet: Sheet, mapping: ColumnMapping) -> tuple[Question, ...]:  # noqa: ARG002  # as above
        """Return what the gathered rows of a set leave open, such as which of several scores counts: field "cells", other cells.

        A column without a role is what such a question may choose instead of the default.
        """
        return ()

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:  # noqa: ARG002  # as above
        """Return what the columns of a table are, or None if it isn't of this format."""
        return None


@cache
def formats() -> dict[str, Format]:
    """Return id -> format for every file of this folder, in the order of their ids."""
    package = importlib.import_module("data.readers.formats")
    found: dict[str, Format] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name != "base":
            module = importlib.import_module(f"data.readers.formats.{info.name}")
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Format) and value.__module__ == module.__name__:
                    found[value.id] = value()
    return dict(sorted(found.items()))


def known(document: Document, *, table: bool = False) -> Format | None:
    """Return the format that knows a document, or None; what a file holds is data, so a check that fails on it says no.

    table : the document is the rows of a table; only formats that say that they come as tables are asked.
    """
    for each in formats().values():
        if table and not each.tables:
            continue
        try:
            if each.knows(document):
                return each
        except NOT_AS_EXPECTED:
            continue
    return None


def first(document: Document) -> Mapping[str, Any]:
    """Return the first record of a document that is a list of objects, the object that it is, or an empty one."""
    value = document.value
    if isinstance(value, list):
        value = value[0] if value else {}
    return value if isinstance(value, dict) else {}


def agreed(rows: list[Row], *roles: str) -> list[Row]:
    """Return the rows with the text of a query that most of its rows have: files of one set may differ in spaces or wording."""
    for role in roles:
        said: dict[str, Counter[str]] = {}
        for row in rows:
            if isinstance(row.get(role), str):
                said.setdefault(row["query_id"], Counter())[row[role]] += 1
        most = {query: min(texts, key=lambda text: (-texts[text], text)) for query, texts in said.items()}
        rows = [{**row, role: most.get(row["query_id"])} for row in rows] if most else rows
    return rows


def named_by_file(rows: list[Row], cut: str = "") -> list[Row]:
    """Return the rows with the model that they lack: the name of their file, without what the pattern `cut` finds at its end."""
    files = list(dict.fromkeys(row[FILE] for row in rows))
    names = dict(zip(files, file_names(files, cut), strict=True))
    return [{**row, "model": row.get("model") or names[row[FILE]]} for row in rows]


def dig(value: Any, path: str) -> Any:
    """Return what lies at a dotted path within nested objects (and lists, by number), None where there is nothing."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.lstrip("-").isdigit() and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def opened(value: Any) -> Any:
    """Return JSON that was written into a text as what it holds; any other value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def whole(value: Any, what: str, document: Document) -> Mapping[str, Any]:
    """Return a value that has to be an object; raises ProblemError if it isn't."""
    if isinstance(value, Mapping):
        return value
    raise refuse(f"{what} is no JSON object.", "Choose the file as it was written.", file=document.file)


def written(value: Any) -> str | None:
    """Return a text as it is, nothing as None, and any other value as JSON."""
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)


def sampled(rows: Sequence[Row]) -> list[Row]:
    """Return rows with the repeats of a query and model numbered from 1 as `sample`; without numbers where nothing is repeated."""
    seen: Counter[tuple[Any, Any]] = Counter()
    out: list[Row] = []
    for row in rows:
        seen[row["query_id"], row["model"]] += 1
        out.append({**row, "sample": seen[row["query_id"], row["model"]]})
    return out if any(count > 1 for count in seen.values()) else [{**row, "sample": None} for row in out]
