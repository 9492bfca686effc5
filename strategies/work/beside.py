"""What the pools of other processes have in common: a crew for each run, and children that are kept between runs."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from data.problems import refuse
from strategies.work.crew import Child, Crew, Launch
from strategies.work.parcel import packed
from strategies.work.pool import Done, Event, P, Progress, R, Stop, Task, gathered


class Beside(ABC):
    """A pool whose pieces run in processes beside this one.

    As a context (`with Processes() as pool:`) it keeps its processes from one run to the next, which saves their start; else they end
    with each run. One run at a time.
    """

    def __init__(self, size: int, tries: int) -> None:
        if tries < 1:
            raise refuse(f"a piece cannot be begun {tries} times.", "Give 1 or more.")
        self.tries = tries
        self._size = size
        self._kept: list[Child] | None = None

    def run(
        self, function: Callable[[Any, P], R], pieces: Sequence[P], *, shared: Any = None, opened: Callable[[Any], Any] | None = None,
        progress: Progress | None = None, stop: Stop | None = None,
    ) -> Done[R]:  # fmt: skip
        """Return the results in the order of the pieces (`Pool.run`)."""
        return gathered(self.events(Task(function, pieces, shared, opened), stop), len(pieces), progress)

    def events(self, task: Task, stop: Stop | None = None) -> Generator[Event]:
        """Yield what happens to each piece until all are done or `stop` is set; a piece's own error does not end the others."""
        if not task.pieces:
            return
        with tempfile.TemporaryDirectory(prefix="routescope-work-") as scratch:
            yield from self._crew(task, Path(scratch), stop).events()

    def _crew(self, task: Task, folder: Path, stop: Stop | None = None) -> Crew:
        return Crew(task, self._launch(task, folder), size=self._size, tries=self.tries, stop=stop, kept=self._kept)

    @abstractmethod
    def _launch(self, task: Task, folder: Path) -> Launch:
        """Return how a child is started for a task; what all pieces read is written into the folder."""

    def __enter__(self) -> Self:
        self._kept = []
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None) -> None:
        kept, self._kept = self._kept or [], None
        for child in kept:
            child.end()


def name_of(task: Task) -> str:
    """Return what a task's function is called, with its module."""
    return f"{task.function.__module__}:{task.function.__qualname__}"


def sendable(task: Task) -> bytes:
    """Return a parcel of a task's functions; ProblemError if workers could not import them."""
    for function in (task.function, task.opened):
        if function is None:
            continue
        module, name = getattr(function, "__module__", "__main__"), getattr(function, "__qualname__", "<none>")
        if module == "__main__" or "<" in name:
            raise refuse(
                f"worker processes cannot import {module}:{name}.", "Define the function at the top level of a module, not of a script."
            )
    return packed((task.function, task.opened))
