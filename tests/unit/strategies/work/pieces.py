"""Pieces of work that workers import: some write where they are, sleep, break or end their process."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from data.problems import refuse


def drawn(shared: np.ndarray, seed: int) -> np.ndarray:
    """Return something whose last bits would show a difference: a float32 product of seeded draws."""
    random = np.random.default_rng(seed)
    print("a piece may print")
    return random.random((len(shared), 3), dtype=np.float32).T @ shared


def lent(shared: dict[str, Any], _: int) -> tuple[bool, bool, str]:
    """Return whether a shared array may be written to, whether it owns its memory, and one of the texts."""
    values = shared["values"]
    return bool(values.flags.writeable), bool(values.flags.owndata), str(shared["texts"][1])


def doubled(shared: int) -> tuple[int, int]:
    """Open what is shared: say so with the process's id."""
    return 2 * shared, os.getpid()


def of_opened(opened: tuple[int, int], piece: int) -> tuple[int, int]:
    """Return what was opened, and which process did it."""
    return opened[0] + piece, opened[1]


def dies_once(folder: str, piece: int) -> int:
    """End the process the first time that piece 2 is tried."""
    tried = Path(folder) / f"{piece}"
    if piece == 2 and not tried.exists():
        tried.touch()
        os._exit(9)
    return piece * piece


def dies(deadly: int, piece: int) -> int:
    """End the process on one piece, each time."""
    if piece == deadly:
        time.sleep(0.3)  # the others are done by then
        os._exit(9)
    return piece


def refuses(words: str, piece: int) -> int:
    """Raise a problem on piece 1."""
    if piece == 1:
        raise refuse(words, "Do something else.", row=7)
    return piece


class UnsendableError(Exception):
    """An error that cannot be made again from its message alone."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def breaks(_: None, kind: str) -> Any:
    """Raise an error of another kind, or return what cannot be sent."""
    if kind == "key":
        raise KeyError("no such column")
    if kind == "unsendable":
        raise UnsendableError("one", "other")
    return lambda: kind


def beats(folder: str, piece: int) -> int:
    """Piece 0 is done at once; any other goes on for a minute and shows that it does."""
    for beat in range(1200 * bool(piece)):
        (Path(folder) / f"beat-{piece}").write_text(str(beat))
        time.sleep(0.05)
    return piece


class Shut:
    """A piece that cannot be opened."""

    def __reduce__(self) -> Any:
        return _shut, ()


def _shut() -> None:
    msg = "it is shut"
    raise OSError(msg)
