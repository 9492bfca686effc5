"""Progress and stop: what long reading says between its steps, and where its caller may end it.

Work that reads doesn't pass a callable through every function: `watching` sets it for the thread, `stage` says which share of
the whole a piece of work is, and `step` is called between blocks, columns and files. Without a caller who looks, all do nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

from data.problems import Stopped

__all__ = ["Progress", "Stopped", "Watch", "Watched", "chunked", "stage", "step", "watch", "watching"]

Progress: TypeAlias = Callable[[int, int, str], None]
T = TypeVar("T")
WHOLE = 1000
_CHUNK = 10_000
_RETURN = 0x0D


@dataclass(slots=True)
class _Said:
    """How far the work was at its last step: what is told never goes back."""

    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told, and the part of the whole (0 to 1) that the present work is."""

    tell: Progress
    words: str = ""
    low: float = 0.0
    high: float = 1.0
    said: _Said = field(default_factory=_Said)

    def step(self, done: float = 0, total: float = 1) -> None:
        """Say how much of the present work is done; raises what the caller raises (`Stopped`) to end it."""
        share = self.low + (self.high - self.low) * min(1.0, done / total if total else 1.0)
        self.said.share = max(self.said.share, share)
        self.tell(round(WHOLE * self.said.share), WHOLE, self.words)


_NOW: ContextVar[Watch | None] = ContextVar("routescope_watch", default=None)


@contextmanager
def watching(progress: Progress | None) -> Iterator[None]:
    """Tell `progress(done, total, words)` of the steps within; what it raises ends the work. None: as before."""
    if progress is None:
        yield
        return
    token = _NOW.set(Watch(progress))
    try:
        yield
    finally:
        _NOW.reset(token)


@contextmanager
def stage(words: str, low: float = 0.0, high: float = 1.0) -> Iterator[None]:
    """Do a part of the present work: from `low` to `high` of it (0 to 1), called `words`."""
    now = _NOW.get()
    if now is None:
        yield
        return
    width = now.high - now.low
    token = _NOW.set(replace(now, words=words or now.words, low=now.low + width * low, high=now.low + width * high))
    try:
        step()
        yield
    finally:
        _NOW.reset(token)


def watch() -> Watch | None:
    """Return who looks now: for threads of Arrow, which don't know of it."""
    return _NOW.get()


def step(done: float = 0, total: float = 1) -> None:
    """Say how much of the present stage is done, and end here if the caller wants that."""
    now = _NOW.get()
    if now is not None:
        now.step(done, total)


def chunked(items: Sequence[T], size: int = _CHUNK) -> Iterable[T]:
    """Yield items with a step after every `size`, so that a long loop can be stopped."""
    total = len(items)
    for start in range(0, total, size):
        yield from items[start : start + size]
        step(min(start + size, total), total)


class Watched(io.RawIOBase):
    """Bytes in memory as a file for Arrow, which reads it block by block: every block is a step."""

    def __init__(self, data: bytes | memoryview) -> None:
        super().__init__()
        self._data, self._at, self._watch = memoryview(data), 0, watch()

    def readable(self) -> bool:
        """Return True: it is there to be read."""
        return True

    def read(self, size: int = -1) -> Any:
        """Return the next bytes."""
        end = len(self._data) if size is None or size < 0 else self._at + size
        block = self._data[self._at : end]
        # Arrow takes a line feed that begins a block for the rest of the line end before it, also within a quoted cell.
        if len(block) > 1 and block[-1] == _RETURN:
            block = block[:-1]
        self._at += len(block)
        if self._watch is not None:
            self._watch.step(self._at, len(self._data))
        return block.tobytes()
