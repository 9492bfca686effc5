"""The distinct values of a column that comes in parts, numbered as they first come."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_ENDS = 16


@dataclass(slots=True)
class Distinct:
    """The values so far, kept apart by how they end: one hash table of a million texts takes ten times what the texts take."""

    count: int = 0
    _found: list[pa.Array] = field(default_factory=list)
    _by_end: dict[int, tuple[pa.Array, NDArray[np.int32]]] = field(default_factory=dict)

    def codes(self, values: pa.Array) -> NDArray[np.int32]:
        """Return (k,) the number of each of k values without nulls (texts, numbers or flags); new ones are numbered on."""
        out = np.empty(len(values), dtype=np.int32)
        ends = _ends(values)
        for end in np.unique(ends).tolist():
            at = np.flatnonzero(ends == end)
            out[at] = self._of_end(end, values.take(pa.array(at)))
        return out

    @property
    def values(self) -> pa.Array:
        """All distinct values by their numbers."""
        return pa.concat_arrays(self._found)

    def _of_end(self, end: int, values: pa.Array) -> NDArray[np.int32]:
        old, numbers = self._by_end.get(end, (values.slice(0, 0), np.empty(0, dtype=np.int32)))
        encoded = pa.concat_arrays([old, values]).dictionary_encode()
        new = len(encoded.dictionary) - len(old)  # what was there keeps its place: it comes first, each once
        if new:
            numbers = np.append(numbers, np.arange(self.count, self.count + new, dtype=np.int32))
            self._found.append(encoded.dictionary.take(pa.array(np.arange(len(old), len(encoded.dictionary)))))  # a slice would keep it all
            self.count += new
            self._by_end[end] = encoded.dictionary, numbers
        return np.asarray(numbers[encoded.indices.to_numpy()[len(old) :]])


def _ends(values: pa.Array) -> NDArray[np.int64]:
    """Return (k,) the last byte of each text, the last bits of each whole number, 0 for anything else."""
    kind = values.type
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        return np.asarray(values.to_numpy().astype(np.int64) % _ENDS)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)) or not len(values):
        return np.zeros(len(values), dtype=np.int64)
    _, offsets, data = values.buffers()
    if data is None or not data.size:
        return np.zeros(len(values), dtype=np.int64)
    wide = np.int64 if pa.types.is_large_string(kind) else np.int32
    bounds = np.frombuffer(offsets, dtype=wide)[values.offset : values.offset + len(values) + 1]
    letters = np.frombuffer(data, dtype=np.uint8)
    return np.where(np.diff(bounds) > 0, letters[np.maximum(bounds[1:] - 1, 0)], 0).astype(np.int64)
