"""From cells to numbers: by whole columns; only what isn't a number is looked at text by text, each distinct one once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.readers import kept

_FEW = 1000  # below it, the distinct texts aren't worth looking for
MISSING = frozenset({"", "nan", "null", "none", "n/a", "na", "-", "<na>"})
WORDS = {
    "true": 1.0, "pass": 1.0, "passed": 1.0, "correct": 1.0, "right": 1.0, "yes": 1.0, "y": 1.0,
    "false": 0.0, "fail": 0.0, "failed": 0.0, "incorrect": 0.0, "wrong": 0.0, "no": 0.0, "n": 0.0,
}  # fmt: skip
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def is_text(column: pa.Array) -> bool:
    """Whether an Arrow column holds text."""
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def parsed(
    column: pa.Array, *, words: bool | Mapping[str, float] = False, missing: Sequence[str] = ()
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return (n,) values, NaN where there is none, and (n,) whether the cell holds something that is no number.

    words : whether True / False, pass / fail, correct / wrong, yes / no count as 1 and 0; or further words -> value, in lower case.
    missing : further words for "not recorded"; numbers in it match by value.
    """
    if not is_text(column):
        return _typed(column, missing)
    plain = kept.numbers(column)
    if plain is not None:
        return _without(plain.copy(), missing), np.zeros(len(column), dtype=np.bool_)
    known = {**WORDS, **words} if isinstance(words, Mapping) else WORDS if words else {}
    values, bad = _distinct(kept.encoded(column).dictionary, known, missing)
    codes = kept.codes(column)  # -1, nothing recorded, is the one at the end
    return np.append(values, math.nan)[codes], np.append(bad, False)[codes]


def _distinct(column: pa.Array, words: Mapping[str, float], missing: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return values and badness of distinct texts: numbers first, words for what is none."""
    column = pc.utf8_trim_whitespace(column)
    plain = pc.match_substring_regex(column, f"^{NUMBER.pattern}$")
    values, bad = _typed(pc.cast(pc.if_else(plain, column, None), pa.float64()), missing)
    rest = np.flatnonzero(~np.asarray(plain.to_numpy(zero_copy_only=False), dtype=np.bool_))
    if len(rest):
        values[rest], bad[rest] = _in_words(column.take(pa.array(rest)), words, {*missing, *MISSING})
    return values, bad


def _in_words(column: pa.Array, words: Mapping[str, float], missing: set[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return values and badness of trimmed texts that are no numbers."""
    meaning = {**words, **dict.fromkeys(missing, math.nan)}
    at = pc.index_in(pc.utf8_lower(column.cast(pa.large_string())), value_set=pa.array(list(meaning), type=pa.large_string()))
    codes = np.asarray(at.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.array([*meaning.values(), math.nan], dtype=np.float64)[codes], codes < 0


def texts(column: pa.Array) -> pa.Array:
    """Return the column as large_string with empty texts as null; whole numbers are written without a point."""
    as_it_is = pa.types.is_large_string(column.type) and not _has_empty(column)
    return column if as_it_is else kept.kept(column, "texts", _texts)


def _texts(column: pa.Array) -> pa.Array:
    if not is_text(column):
        if pa.types.is_floating(column.type):
            whole = pc.all(pc.equal(column, pc.round(column)), min_count=0).as_py()
            column = column.cast(pa.int64()) if whole and _fits(column) else column
        return column.cast(pa.large_string())
    column = column.cast(pa.large_string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.large_string()), column) if _has_empty(column) else column


def _has_empty(column: pa.Array) -> bool:
    return bool(pc.min(pc.binary_length(column)).as_py() == 0)


def distinct(column: pa.Array) -> pa.Array:
    """Return the distinct texts of a column in the order of the file, without nothing."""
    return kept.encoded(texts(column)).dictionary


def labels(column: pa.Array) -> list[str]:
    """Return the column as Python strings, "" where nothing is recorded; one object a distinct text."""
    filled = texts(column)
    if len(filled) < _FEW:
        return [text or "" for text in filled.to_pylist()]
    names = np.array([*kept.encoded(filled).dictionary.to_pylist(), ""], dtype=object)
    named: list[str] = names[kept.codes(filled)].tolist()
    return named


def number_fix(text: str) -> str:
    """Return what to do about a text that should have been a number."""
    stripped = text.strip()
    if stripped[:1] in "$€£¥" or stripped[-1:] in "$€£¥" or stripped[:3].upper() in {"USD", "EUR"}:
        return "Remove the currency sign, or map the column as text."
    if stripped.endswith("%"):
        return "Remove the percent sign and rescale from 0..100."
    if re.fullmatch(r"[+-]?\d+,\d+", stripped):
        return "Write the decimal comma as a point, and thousands without a separator."
    return "Write a number, or leave the cell empty if it isn't known."


def _typed(column: pa.Array, missing: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_null(column.type):
        return np.full(len(column), math.nan), np.zeros(len(column), dtype=np.bool_)
    values = np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    values = _without(values, missing)
    infinite = np.abs(values) > kept.MOST
    values[infinite] = math.nan
    return values, infinite


def _without(values: NDArray[np.float64], missing: Sequence[str]) -> NDArray[np.float64]:
    """Set what means "not recorded" to NaN, in place."""
    for word in missing:
        if NUMBER.fullmatch(word):
            values[values == float(word)] = math.nan
    return values


def _fits(column: pa.Array) -> bool:
    bounds: Any = pc.min_max(column).as_py()
    return all(bound is not None and abs(bound) < 2**53 for bound in bounds.values())
