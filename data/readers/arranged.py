"""JSON documents whose rows stand elsewhere than in one list: a list a model, a column an object, columns and data apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.readers.vocabulary import CELL_WORDS, QUERY_WORDS, ROW_WORDS, flat, role_by_name
from data.splits import _WORDS as SPLIT_WORDS

_NUMBERED = re.compile(r"(.*?)\d+")
_FIELDS = frozenset(word for words in (*CELL_WORDS.values(), *QUERY_WORDS.values(), *ROW_WORDS.values()) for word in words)
_PRICED = re.compile(r"price|cost|input|output|prompt|completion")


def of_lists(document: Mapping[str, Any]) -> list[Any]:
    """Return the records of a document that is a list a model (or a split, or a task) and nothing else, each with that name; else nothing.

    The names are models where the lists are about the same queries.
    """
    lists = list(document.values())
    if len(lists) < 2 or not all(isinstance(each, list) and each and isinstance(each[0], dict) for each in lists):
        return []
    keys = set(lists[0][0])
    if any(set(each[0]) != keys for each in lists):
        return []
    column = _named_by(document, [str(key) for key in keys], lists)
    if column is None:
        return [record for each in lists for record in each]
    return [{column: name, **record} if isinstance(record, dict) else record for name, each in document.items() for record in each]


def _named_by(document: Mapping[str, Any], keys: list[str], lists: Sequence[Sequence[Any]]) -> str | None:
    """Return what the names of lists stand for: the role, as the name of a column; None where the records say it themselves."""
    if {name.lower() for name in document} <= set(SPLIT_WORDS):
        return None if "split" in keys else "split"
    if role_by_name(keys, ROW_WORDS["model"]):
        return None
    key = role_by_name(keys, (*QUERY_WORDS["query_id"], *QUERY_WORDS["prompt"]))
    first, second = ({str(each.get(key)) for each in some if isinstance(each, dict)} for some in lists[:2])
    if key and 2 * len(first & second) >= min(len(first), len(second)):
        return "model"
    return None if "task" in keys else "task"


def of_split(document: Mapping[str, Any]) -> list[Any]:
    """Return the records of a document with its columns' names and its data apart (pandas, orient="split"); else nothing."""
    columns, data = document.get("columns"), document.get("data")
    if (
        not isinstance(columns, list)
        or not isinstance(data, list)
        or len({each for each in columns if isinstance(each, str)}) < len(columns)
    ):
        return []
    if not data or not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return []
    return [dict(zip(columns, row, strict=True)) for row in data]


def by_row(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return objects that are columns (pandas' `to_json`), or a model's scores by query, as objects that are rows; any other as it is."""
    if not document or not all(isinstance(each, dict) and each for each in document.values()):
        return document
    rows = list(dict.fromkeys(key for each in document.values() for key in each))
    if _counted(list(document)) or not (_counted(rows) or _scores_by_query(document, rows)):
        return document
    return {row: {name: each.get(row) for name, each in document.items()} for row in rows}


def _scores_by_query(document: Mapping[str, Mapping[str, Any]], rows: list[str]) -> bool:
    """Whether the objects are models, each with its scores by query: by names with numbers, else because queries are more than models."""
    if len(document) < 2 or any(flat(row) in _FIELDS or _PRICED.search(row.lower()) for row in rows):
        return False
    if not all(value is None or isinstance(value, (bool, int, float)) for each in document.values() for value in each.values()):
        return False
    outer, inner = _alike(list(document)), _alike(rows)
    return inner if inner != outer else len(rows) > len(document)


def _counted(names: list[str]) -> bool:
    """Whether names are 0, 1, 2 and so on."""
    return names == [str(i) for i in range(len(names))]


def _alike(names: list[str]) -> bool:
    """Whether names differ in their numbers only: q1, q2."""
    found = [_NUMBERED.fullmatch(name) for name in names]
    return all(found) and len({each.group(1) for each in found if each}) == 1
