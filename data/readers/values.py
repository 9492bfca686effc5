"""From cells to numbers: by whole columns; only what isn't a number is looked at text by text, each distinct one once."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MISSING = frozenset({"", "nan", "null", "none", "n/a", "na", "-", "<na>"})
WORDS = {
    "true": 1.0, "pass": 1.0, "passed": 1.0, "correct": 1.0, "right": 1.0, "yes": 1.0, "y": 1.0,
    "false": 0.0, "fail": 0.0, "failed": 0.0, "incorrect": 0.0, "wrong": 0.0, "no": 0.0, "n": 0.0,
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def is_text(column: pa.Array) -> bool:
    """Whether an Arrow column holds text."""
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def parsed(column: pa.Array, *, words: bool = False, missing: Sequence[str] = ()) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return (n,) values, NaN where there is none, and (n,) whether the cell holds something that is no number.

    words : True / False, pass / fail, correct / wrong, yes / no count as 1 and 0.
    missing : further words for "not recorded"; numbers in it match by value.
    """
    if not is_text(column):
        return _typed(column, missing)
    column = pc.utf8_trim_whitespace(column)
    plain = pc.match_substring_regex(column, f"^{_NUMBER.pattern}$").fill_null(False)
    values, bad = _typed(pc.cast(pc.if_else(plain, column, None), pa.float64()), missing)
    rest = np.flatnonzero(~np.asarray(plain.to_numpy(zero_copy_only=False), dtype=np.bool_))
    if len(rest):
        values[rest], bad[rest] = _in_words(column.take(pa.array(rest)), words, {*missing, *MISSING})
    return values, bad


def _in_words(column: pa.Array, words: bool, missing: set[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return values and badness of trimmed texts that are no numbers; only short ones can mean anything else."""
    long = pc.greater(pc.utf8_length(column), max(len(word) for word in {*missing, *WORDS})).fill_null(False)
    encoded = pc.if_else(long, "(long)", column).dictionary_encode()
    read = [_read(str(text).lower(), words, missing) for text in encoded.dictionary.to_pylist()]
    values = np.array([*(value for value, _ in read), math.nan], dtype=np.float64)
    bad = np.array([*(wrong for _, wrong in read), False], dtype=np.bool_)
    codes = encoded.indices.fill_null(len(read)).to_numpy(zero_copy_only=False)
    return values[codes], bad[codes]


def texts(column: pa.Array) -> pa.Array:
    """Return the column as large_string with empty texts as null; whole numbers are written without a point."""
    if not is_text(column):
        if pa.types.is_floating(column.type):
            whole = pc.all(pc.equal(column, pc.round(column)), min_count=0).as_py()
            column = column.cast(pa.int64()) if whole and _fits(column) else column
        column = column.cast(pa.string())
    column = column.cast(pa.large_string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.large_string()), column)


def labels(column: pa.Array) -> list[str]:
    """Return the column as Python strings, "" where nothing is recorded."""
    return [text or "" for text in texts(column).to_pylist()]


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


def _read(key: str, words: bool, missing: set[str]) -> tuple[float, bool]:
    if key in missing:
        return math.nan, False
    return (WORDS[key], False) if words and key in WORDS else (math.nan, True)


def _typed(column: pa.Array, missing: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_null(column.type):
        return np.full(len(column), math.nan), np.zeros(len(column), dtype=np.bool_)
    values = np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    for word in missing:
        if _NUMBER.fullmatch(word):
            values[values == float(word)] = math.nan
    infinite = np.isinf(values)
    values[infinite] = math.nan
    return values, infinite


def _fits(column: pa.Array) -> bool:
    bounds: Any = pc.min_max(column).as_py()
    return all(bound is not None and abs(bound) < 2**53 for bound in bounds.values())
