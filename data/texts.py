"""A column of texts that costs nothing until somebody looks at it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Loader: TypeAlias = Callable[[], pa.Array]


class Texts(Sequence["str | None"]):
    """n texts, None = not recorded; read from disk when first looked at, kept as Arrow (no object per text).

    Rows are narrowed with `take` without loading anything.
    """

    def __init__(self, source: Iterable[str | None] | pa.Array | Loader, length: int | None = None) -> None:
        self._loader: Loader | None = None
        self._array: pa.Array | None = None
        self._rows: NDArray[np.int64] | None = None
        if callable(source):
            if length is None:
                msg = "a lazy column has to say its length"
                raise TypeError(msg)
            self._loader, self._length = source, length
        else:
            self._array = source if isinstance(source, (pa.Array, pa.ChunkedArray)) else pa.array(list(source), type=pa.large_string())
            self._length = len(self._array)

    @property
    def loaded(self) -> bool:
        """Whether the texts are in memory already."""
        return self._array is not None

    def arrow(self) -> pa.Array:
        """Return the column as one Arrow large_string array of length n."""
        if self._array is None:
            if self._loader is None:
                msg = "a column without texts and without a loader"
                raise RuntimeError(msg)
            array = self._loader()
            self._array = array if self._rows is None else array.take(pa.array(self._rows))
        return self._array

    def take(self, rows: NDArray[Any]) -> Texts:
        """Return the column narrowed to rows, (k,) integer positions; loads nothing."""
        rows = np.asarray(rows, dtype=np.int64)
        if self._array is not None:
            return Texts(self._array.take(pa.array(rows)))
        narrowed = Texts(self._loader or self.arrow, len(rows))
        narrowed._rows = rows if self._rows is None else self._rows[rows]
        return narrowed

    def to_list(self) -> list[str | None]:
        """Return all texts as Python strings."""
        return list(self.arrow().to_pylist())

    def filled(self) -> list[str]:
        """Return all texts with the missing ones as empty strings."""
        return [text or "" for text in self.to_list()]

    def known(self) -> NDArray[np.bool_]:
        """Return (n,) whether a text was recorded."""
        array = self.arrow()
        combined = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        return np.asarray(combined.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)

    def digest(self) -> str:
        """Return a content hash of all texts, 16 hex digits."""
        array = self.arrow()
        state = hashlib.blake2b(digest_size=8)
        for chunk in array.chunks if isinstance(array, pa.ChunkedArray) else [array]:
            state.update(_written(chunk.cast(pa.large_string())))
        return state.hexdigest()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str | None]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str | None] | None:
        if isinstance(index, slice):
            return list(self.arrow()[index].to_pylist())
        value = self.arrow()[int(index)].as_py()
        return None if value is None else str(value)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.to_list())

    def __repr__(self) -> str:
        return f"Texts({self._length:,}, {'loaded' if self.loaded else 'on disk'})"


def _written(texts: pa.Array) -> Any:
    """Return all texts as one buffer: `4:text`, `-` for none. Lengths, so that no two columns read the same."""
    lengths = pc.binary_length(texts).cast(pa.large_string())
    joined = pc.fill_null(pc.binary_join_element_wise(lengths, texts, pa.scalar(":", pa.large_string())), "-")
    if not len(joined) or joined.buffers()[2] is None:
        return b""
    offsets = np.frombuffer(joined.buffers()[1], dtype=np.int64)[joined.offset : joined.offset + len(joined) + 1]
    return memoryview(joined.buffers()[2])[offsets[0] : offsets[-1]]
