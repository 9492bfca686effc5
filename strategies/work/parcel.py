"""A value on its way to other processes: one flat run of bytes, whose arrays are read where they lie.

Made by the standard library's pickling with its buffers beside it (protocol 5): arrays and Arrow columns are not copied when a parcel
that is mapped from a file, or lies in a cluster's store, is opened; all workers of a computer see the same memory. Parcels pass between
a program and the processes it started itself, never from a file or an address that a person gives.
"""

from __future__ import annotations

import io
import mmap
import pickle
from collections.abc import Callable, Iterator
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.texts import Texts
from strategies.persist import built, plain
from strategies.protocol import Strategy
from strategies.registry import is_own

_ALIGN = 64  # of each array: what SIMD loads like best, and a whole number of items of any type
_WORD = np.dtype("<u8")


class _Packer(pickle.Pickler):
    """Pickles texts that wait on this computer's disk as what they hold, where the reader may be another computer.

    A person's own strategies travel by the id of their card: their modules cannot be imported by name, the registry finds them.
    """

    def __init__(self, file: io.BytesIO, beside: Callable[[pickle.PickleBuffer], None], *, whole: bool) -> None:
        super().__init__(file, protocol=5, buffer_callback=beside)
        self._whole = whole

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Texts) and (self._whole or value.loaded):
            return Texts, (value.arrow(),)
        if isinstance(value, Strategy) and is_own(type(value)):
            return _found, (value.card.id, plain(value), value.seed, dict(value.state))
        return NotImplemented


def _found(identity: str, knobs: dict[str, Any], seed: int, state: dict[str, Any]) -> Strategy:
    return built(identity, knobs, seed=seed, state=state)


def parts_of(value: Any, *, whole: bool = False) -> Iterator[bytes | memoryview]:
    """Yield a parcel's bytes part by part, without a copy of the arrays. whole : texts still on disk are loaded and sent along.

    Layout: the count of parts and each one's length in bytes (little-endian uint64), then the parts, each from a multiple of 64 on.
    """
    file, beside = io.BytesIO(), list[pickle.PickleBuffer]()
    _Packer(file, beside.append, whole=whole).dump(value)
    parts = [file.getbuffer(), *(each.raw() for each in beside)]
    head = memoryview(np.array([len(parts), *(part.nbytes for part in parts)], dtype=_WORD).tobytes())
    for part in (head, *parts):
        yield part
        yield bytes(-part.nbytes % _ALIGN)


def packed(value: Any, *, whole: bool = False) -> bytes:
    """Return a value as one parcel."""
    return b"".join(parts_of(value, whole=whole))


def unpacked(parcel: bytes | bytearray | memoryview | NDArray[np.uint8]) -> Any:
    """Return the value in a parcel; its arrays are windows on it, read-only where it is."""
    data = memoryview(parcel).cast("B")  # type: ignore[arg-type]
    count = int(np.frombuffer(data, _WORD, 1)[0])
    lengths = np.frombuffer(data, _WORD, count, offset=_WORD.itemsize).tolist()
    at, parts = _WORD.itemsize * (1 + count), []
    for length in lengths:
        at += -at % _ALIGN
        parts.append(data[at : at + length])
        at += length
    return ForkingPickler.loads(parts[0], buffers=parts[1:])


def written(value: Any, path: Path, *, whole: bool = False) -> Path:
    """Write a parcel to a file and return its path. whole : as for `parts_of`."""
    with path.open("wb") as file:
        for part in parts_of(value, whole=whole):
            file.write(part)
    return path


def mapped(path: Path) -> memoryview:
    """Return a parcel in a file as read-only memory, which all processes that map it share."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
