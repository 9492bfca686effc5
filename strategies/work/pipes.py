"""What a program and the processes it started say to each other: parcels with their length before them, over standard input and output."""

from __future__ import annotations

import os
import queue
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any

from strategies.work.parcel import unpacked
from strategies.work.pool import Failure

_WORD = 8  # bytes of a length
_KIND = 5  # so that the program stays as quick as it was


@dataclass(frozen=True, slots=True)
class Told:
    """What a process is told first. task : a parcel of function and `opened`; shared : the file that holds what all pieces read.

    address, own : of a driver: the cluster, and what ROUTESCOPE_STRATEGIES is here.
    """

    task: bytes
    shared: str
    address: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece to work on, as a parcel."""

    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """A process can take pieces, `room` of them at a time (0: soon); said again when that changes. nodes, cpus : of a cluster."""

    room: int
    nodes: int = 0
    cpus: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """What had the piece at a position in a cluster is gone."""

    at: int
    said: str


@dataclass(frozen=True, slots=True)
class Unready:
    """A process cannot begin."""

    failure: Failure


def send(pipe: IO[bytes], parcel: bytes) -> None:
    """Write one parcel."""
    pipe.write(len(parcel).to_bytes(_WORD, "little"))
    pipe.write(parcel)
    pipe.flush()


def received(pipe: IO[bytes]) -> Any:
    """Return the next value, whose arrays may be written to; None where the other side is gone."""
    head = pipe.read(_WORD)
    if len(head) < _WORD:
        return None
    data = bytearray(int.from_bytes(head, "little"))
    rest = memoryview(data)
    while rest:
        count = pipe.readinto(rest)  # type: ignore[attr-defined]
        if not count:
            return None
        rest = rest[count:]
    return unpacked(data)


def child() -> tuple[queue.Queue[Any], IO[bytes]]:
    """Return what a child process hears and where it answers. It ends as soon as nobody is there to hear it."""
    heard: queue.Queue[Any] = queue.Queue()
    # What a piece prints must not end up between the parcels.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(_KIND)
    threading.Thread(target=_listen, args=(heard,), daemon=True).start()
    return heard, answers


def _listen(heard: queue.Queue[Any]) -> None:
    while (message := received(sys.stdin.buffer)) is not None:
        heard.put(message)
    os._exit(0)  # whoever asked is gone: nobody waits for what is under way
