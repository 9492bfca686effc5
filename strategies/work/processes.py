"""Pieces in worker processes of this computer."""

from __future__ import annotations

import os
from pathlib import Path

from data.problems import refuse
from strategies.work.beside import Beside, name_of, sendable
from strategies.work.crew import Launch
from strategies.work.parcel import written
from strategies.work.pipes import Told
from strategies.work.pool import TRIES, Task

MOST_WORKERS = 4  # each holds what a fit needs


def usual_workers() -> int:
    """Return how many workers suit this computer: one core is left to the app where there are more than two."""
    return max(1, min(MOST_WORKERS, max(2, (os.cpu_count() or 2) - 1), os.cpu_count() or 1))


class Processes(Beside):
    """The pool of worker processes beside this one; they read what is shared from the same memory-mapped file."""

    def __init__(self, workers: int = 0, *, tries: int = TRIES) -> None:
        """Take the number of workers, 0 = as many as suit this computer, and how often a piece is begun. ProblemError below those."""
        if workers < 0:
            raise refuse(f"{workers} workers are fewer than none.", "Give 1 or more, or 0 for as many as suit this computer.")
        super().__init__(workers or usual_workers(), tries)

    @property
    def workers(self) -> int:
        """How many processes at most."""
        return self._size

    def _launch(self, task: Task, folder: Path) -> Launch:
        told = Told(sendable(task), str(written(task.shared, folder / "shared")))
        return Launch(module="strategies.work.worker", label=name_of(task), told=told, folder=folder)
