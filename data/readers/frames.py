"""A table of pandas in what a pickle says (`data.readers.pickled`): its blocks of columns, as pandas 0.25 to 3 and NumPy write them.

Nothing of pandas takes part: the arrays are read from their bytes and lists. A column may hold texts, numbers and true or false.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from data.problems import refuse
from data.readers import nested
from data.readers.base import MAX_COLUMNS, Sheet, sheet_of
from data.readers.pickled import Made, Named, refused, said
from data.readers.unpack import too_big
from data.readers.watch import step

_NUMBERS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
_SCALARS = (str, int, float, bool, type(None))
_INT64_MOST = 2**63 - 1
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError)


class _NotThisError(Exception):
    """What the pickle holds is not what a table of pandas has in that place."""


class _TooBigError(Exception):
    """The texts of the table, written out, are over the limit."""


def read(data: bytes, file: str, limit_bytes: int) -> Sheet:
    """Return the sheet of a table in a pickle; nothing in the pickle is run.

    limit_bytes : for its texts written out, which a pickle may name again and again; of the memory of all its values see `said`.
    Raises ProblemError for anything but a table of texts and numbers, with the way out.
    """
    try:
        names, columns = _frame(said(data, file, limit_bytes), limit_bytes)
    except _NotThisError as error:
        raise refused(str(error), file) from None
    except _TooBigError:
        raise too_big(file, limit_bytes) from None
    except _BROKEN as error:
        raise refused(f"its table is damaged ({type(error).__name__})", file) from None
    if len(names) > MAX_COLUMNS:
        raise refuse(f"there are {len(names):,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row a model.", file=file)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise refuse("the column occurs more than once.", "Give each column its own name.", file=file, row=0, column=twice)
    if not columns or not len(columns[0]):
        raise refuse("the table has no rows.", "Choose a file with at least one row.", file=file)
    return sheet_of(file, "pickle", dict(zip(names, columns, strict=True)))


def _frame(value: Any, limit_bytes: int) -> tuple[list[str], list[pa.Array]]:
    """Return the names and the columns of a DataFrame."""
    state = value.state if isinstance(value, Made) and value.name == "DataFrame" else None
    if not isinstance(state, dict):
        raise _NotThisError("it holds something else than a table of pandas")
    axes, blocks = _manager(state.get("_mgr", state.get("_data")))
    if len(axes) != 2:
        raise _NotThisError("it holds something else than a table of pandas")
    names, rows = _labels(axes[0]), _length(axes[1])
    columns: list[pa.Array | None] = [None] * len(names)
    size = 0
    for done, (values, said_places) in enumerate(blocks):
        step(done, len(blocks))
        array, places = _array(values), _places(said_places)  # one block at a time: many may name the same positions
        if array.shape != (len(places), rows):
            raise ValueError
        for line, place in enumerate(places):
            if place < 0 or columns[place] is not None:
                raise ValueError
            columns[place], bytes_ = _column(array, line, names[place], limit_bytes - size)
            size += bytes_
    if any(column is None for column in columns):
        raise ValueError
    return names, [column for column in columns if column is not None]


def _manager(value: Any) -> tuple[Sequence[Any], list[tuple[Any, Any]]]:
    """Return the axes, and for each block its values and the columns that they are, both as the pickle says them."""
    if not isinstance(value, Made) or value.name != "BlockManager":
        raise _NotThisError("it holds something else than a table of pandas")
    if value.args:  # pandas 1.3 and later
        blocks, axes = value.args
        return axes, [(block.args[0], block.args[1]) for block in blocks if _is_block(block)]
    whole = value.state[3]["0.14.1"]  # the name of this form within pandas, which wrote it until 1.2
    return whole["axes"], [(block["values"], block["mgr_locs"]) for block in whole["blocks"]]


def _is_block(value: Any) -> bool:
    if not isinstance(value, Made) or value.name not in ("_unpickle_block", "new_block"):
        raise _NotThisError("it has a column of a kind that is not read")
    return True


def _places(value: Any) -> Sequence[int]:
    """Return which columns a block holds: a slice, or an array of positions."""
    if isinstance(value, Made) and value.name == "slice":
        return range(*(_whole(part) for part in value.args))[: MAX_COLUMNS + 1]
    array = _array(value)
    if math.prod(array.shape) > MAX_COLUMNS:
        raise ValueError
    return [int(place) for place in array.numbers()]


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _labels(index: Any) -> list[str]:
    """Return the names of the columns."""
    if isinstance(index, Made) and index.name == "_new_Index":
        kind, state = index.args
        if kind.name == "RangeIndex":
            return [str(i) for i in range(*(_whole(state[name]) for name in ("start", "stop", "step")))[: MAX_COLUMNS + 1]]
        array = _array(state["data"])
        labels = array.items if array.items is not None else array.numbers().tolist()
        if all(type(label) in (str, int) for label in labels):
            written = {label: nested.plain(str(label)) for label in labels}  # one copy of a name, however often it is named
            return [written[label] for label in labels]
    raise _NotThisError("the names of its columns are no plain texts")


def _length(index: Any) -> int:
    """Return how many rows an index of rows has."""
    kind, state = index.args
    if kind.name == "RangeIndex":
        return len(range(*(_whole(state[name]) for name in ("start", "stop", "step"))))
    return math.prod(_array(state["data"]).shape)


@dataclass(frozen=True, slots=True)
class _Array:
    """An array of NumPy as the pickle says it: numbers as bytes of a dtype, or a list of objects, row by row.

    fortran : whether the numbers lie column by column. Objects never do: NumPy lists them row by row, whatever it says of the array
    (`_getlist_pkl` in numpy/_core/src/multiarray/methods.c).
    """

    shape: tuple[int, ...]
    fortran: bool
    dtype: str = ""
    data: bytes = b""
    items: Sequence[Any] | None = None

    def numbers(self) -> np.ndarray[Any, Any]:
        """Return the numbers in the array's shape."""
        return np.frombuffer(self.data, dtype=np.dtype(self.dtype)).reshape(self.shape, order="F" if self.fortran else "C")

    def line(self, at: int) -> Sequence[Any]:
        """Return one row of a two-dimensional array of objects."""
        _, width = self.shape
        return (self.items or ())[at * width : (at + 1) * width]


def _array(value: Any) -> _Array:
    if not isinstance(value, Made) or not isinstance(value.of, Named) or not value.of.module.startswith("numpy."):
        raise _NotThisError("it has a column of a kind that is not read")
    if value.name == "_frombuffer":
        buffer, dtype, shape, order = value.args
        return _numbers(_bytes(buffer), _dtype(dtype), _shape(shape), fortran=order == "F")
    if value.name != "_reconstruct" or value.state is None:
        raise ValueError
    _, shape, dtype, fortran, content = value.state
    if _code(dtype).startswith("O"):
        if type(content) is not list or len(content) != math.prod(_shape(shape)):
            raise ValueError
        return _Array(_shape(shape), fortran=False, items=content)
    return _numbers(_bytes(content), _dtype(dtype), _shape(shape), fortran=bool(fortran))


def _numbers(data: bytes, dtype: str, shape: tuple[int, ...], *, fortran: bool) -> _Array:
    if len(data) != math.prod(shape) * np.dtype(dtype).itemsize:  # what it says of its size is not believed
        raise ValueError
    return _Array(shape, fortran, dtype=dtype, data=data)


def _shape(value: Any) -> tuple[int, ...]:
    if type(value) is not tuple or len(value) > 2 or not all(type(n) is int and n >= 0 for n in value):
        raise ValueError
    return value


def _code(dtype: Any) -> str:
    if not isinstance(dtype, Made) or dtype.name != "dtype" or type(dtype.args[0]) is not str:
        raise ValueError
    return str(dtype.args[0])


def _dtype(dtype: Any) -> str:
    """Return a NumPy dtype of numbers as a text: byte order and code."""
    code, state = _code(dtype), dtype.state
    if code not in _NUMBERS:
        raise _NotThisError(f"it has a column of a kind that is not read ({code[:20]!r})")
    order = state[1] if isinstance(state, tuple) and len(state) > 1 else "|"
    return f"{order}{code}" if order in ("<", ">") else code


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, Made) and value.name == "encode":  # how protocol 2 writes bytes: as text, to be encoded
        text, encoding = value.args
        if type(text) is str and encoding == "latin1":
            return text.encode("latin-1")
    raise ValueError


def _column(array: _Array, at: int, name: str, left: int) -> tuple[pa.Array, int]:
    """Return one line of a block as an Arrow column, and the bytes that it takes."""
    if array.items is None:
        numbers = np.ascontiguousarray(array.numbers()[at])
        if numbers.dtype.kind == "u" and int(numbers.max(initial=0)) > _INT64_MOST:
            return nested.column_of(numbers.tolist()), int(numbers.nbytes)
        wide = numbers.astype({"b": bool, "f": np.float64}.get(numbers.dtype.kind, np.int64))
        return pa.array(wide), int(wide.nbytes)
    values = list(_cells(array.line(at), name))
    size = sum(map(_size, values))  # a text may be named by every row
    if size > left:
        raise _TooBigError
    return nested.column_of(values), size


def _size(value: Any) -> int:
    """Return about how many bytes a value takes; a whole number may have thousands of digits, and is written as text then."""
    if type(value) is str:
        return len(value)
    return max(8, value.bit_length() // 3) if type(value) is int else 8


def _cells(values: Sequence[Any], name: str) -> Iterator[Any]:
    for value in values:
        if type(value) in _SCALARS:
            yield value
        elif isinstance(value, Made) and value.name == "scalar":
            dtype, content = value.args
            yield _scalar(content, np.dtype(_dtype(dtype)))
        else:
            raise _NotThisError(f"its column {name[:60]!r} holds objects, not texts and numbers")


def _scalar(content: Any, dtype: np.dtype[Any]) -> Any:
    """Return the one number in some bytes; what is longer is not copied first, as every row may name it."""
    said_bytes = content.args[0] if isinstance(content, Made) else content
    if len(said_bytes) != dtype.itemsize:
        raise ValueError
    return np.frombuffer(_bytes(content), dtype=dtype)[0].item()
