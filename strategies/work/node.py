"""What a worker of a Ray cluster does with one piece."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from strategies.registry import OWN_VARIABLE
from strategies.work.parcel import packed
from strategies.work.pipes import Piece
from strategies.work.pool import Broke, Failure, Task
from strategies.work.same import differing
from strategies.work.worker import opening, packed_result


@dataclass(frozen=True, slots=True)
class Run:
    """Whose pieces these are. id : of the run; versions : of the program's packages; own : its ROUTESCOPE_STRATEGIES."""

    id: bytes
    versions: dict[str, str] = field(hash=False)
    own: str


_OPEN: dict[bytes, tuple[Task, Any]] = {}  # run -> what is opened, of one run at a time


def on_node(run: Run, task: bytes, shared: Any, piece: Piece) -> bytes:
    """Run one piece and return its message as a parcel. What is shared is opened once in each worker, and stays until another run comes.

    Refuses, as the piece's own error, to reckon with other versions of the packages than the program has.
    """
    if run.id not in _OPEN:
        if other := differing(run.versions):
            return packed(Broke(piece.at, Failure.of(other)))
        os.environ[OWN_VARIABLE] = run.own
        _OPEN.clear()
        try:
            _OPEN[run.id] = opening(task, shared)
        except Exception as error:  # noqa: BLE001 - as in a worker of this computer: whatever it is, it is told
            return packed(Broke(piece.at, Failure.of(error)))
    opened, context = _OPEN[run.id]
    return packed_result(opened, context, piece)
