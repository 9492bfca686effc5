"""Pieces one after the other in this process: for little work, and what every other pool is measured against."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from strategies.work.pool import Began, Done, Event, P, Progress, R, Stop, Task, gathered, performed


class Here:
    """The pool of this process. A stop is seen between two pieces: the one under way is not ended."""

    def run(
        self, function: Callable[[Any, P], R], pieces: Sequence[P], *, shared: Any = None, opened: Callable[[Any], Any] | None = None,
        progress: Progress | None = None, stop: Stop | None = None,
    ) -> Done[R]:  # fmt: skip
        """Return the results in the order of the pieces (`Pool.run`)."""
        return gathered(self._events(Task(function, pieces, shared, opened), stop), len(pieces), progress)

    @staticmethod
    def _events(task: Task, stop: Stop | None) -> Generator[Event]:
        if not task.pieces:
            return
        context = task.shared if task.opened is None else task.opened(task.shared)
        for at, piece in enumerate(task.pieces):
            if stop is not None and stop.is_set():
                return
            yield Began(at)
            yield performed(task, context, at, piece)
