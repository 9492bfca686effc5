"""What is worked out of a column once, and kept as long as the column is: its distinct texts, and its numbers."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

T = TypeVar("T")
_FEW = 64
MOST = float(np.finfo(np.float32).max)  # tables hold float32: more would be infinite there
# By identity: a column is never changed, and comparing or hashing its cells would cost more than what is kept.
_KEPT: dict[tuple[int, str], tuple[weakref.ref[Any], Any]] = {}


def kept(column: pa.Array, what: str, make: Callable[[pa.Array], T]) -> T:
    """Return `make(column)`, worked out once; the result must not hold the column itself."""
    key = (id(column), what)
    found = _KEPT.get(key)
    if found is not None and found[0]() is column:
        value: T = found[1]
        return value
    made = make(column)
    _KEPT[key] = (weakref.ref(column, lambda _gone: _KEPT.pop(key, None)), made)
    return made


def encoded(column: pa.Array) -> pa.DictionaryArray:
    """Return the column as codes into its distinct values, in the order in which they first occur; null stays null."""
    return kept(column, "encoded", lambda each: each.dictionary_encode())


def codes(column: pa.Array) -> NDArray[np.int64]:
    """Return (n,) codes into `encoded(column).dictionary`, -1 where nothing is recorded."""
    return np.asarray(encoded(column).indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def numbers(column: pa.Array) -> NDArray[np.float64] | None:
    """Return (n,) read-only numbers of a text column of which every cell is a finite one, or empty (NaN); None for any other."""
    return kept(column, "numbers", _numbers)


def _numbers(column: pa.Array) -> NDArray[np.float64] | None:
    if len(column) > 2 * _FEW and _numbers(pa.concat_arrays([column.slice(0, _FEW), column.slice(len(column) - _FEW)])) is None:
        return None  # a cast that fails takes the time of all cells, and a message for each
    if len(column) and pc.min(pc.binary_length(column)).as_py() == 0:
        column = pc.if_else(pc.equal(column, ""), None, column)
    try:
        values = np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        return None
    known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    if not np.all(np.abs(values[known]) <= MOST):  # "inf" and "nan" are texts, whatever a parser makes of them
        return None
    values.flags.writeable = False
    return values
