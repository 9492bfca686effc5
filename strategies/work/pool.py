"""What runs pieces of work: the one interface, what it gives back, and how a piece is run wherever that is."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from data.ladder.threads import one_thread
from data.problems import Problem, ProblemError

P = TypeVar("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Progress: TypeAlias = Callable[[int, int], None]
TRIES = 3


class Stop(Protocol):
    """What tells work to end: a `threading.Event`, or anything with its `is_set`."""

    def is_set(self) -> bool:
        """Whether somebody wants the work to end."""


@dataclass(frozen=True, slots=True)
class Done(Generic[R_co]):
    """What became of a run over `total` pieces.

    results : those of the finished pieces, in the order of the pieces. at : their positions, ascending.
    again : how many times a piece was run anew because its worker or its node had died.
    """

    results: tuple[R_co, ...]
    at: tuple[int, ...]
    total: int
    again: int = 0

    @property
    def complete(self) -> bool:
        """Whether every piece is done: nobody stopped it."""
        return len(self.at) == self.total


class Pool(Protocol):
    """Where pieces run. All implementations give the same results to the bit."""

    def run(
        self, function: Callable[[Any, P], R], pieces: Sequence[P], *, shared: Any = None, opened: Callable[[Any], Any] | None = None,
        progress: Progress | None = None, stop: Stop | None = None,
    ) -> Done[R]:  # fmt: skip
        """Return `function(shared, piece)` of every piece, in the order of the pieces.

        function : defined at the top of a module, for workers import it. It must not change `shared`, and draw only from seeds it is
        given. pieces : small; each is sent to one worker. shared : what all pieces read (tables, arrays): sent once, not with every
        piece; workers see its arrays read-only. opened : made of `shared` once in every worker; `function` then gets what it returns.
        progress : called in the caller's thread with (done, total) after every finished piece; what it raises ends all work.
        stop : set, all running work ends within about a second, in this process after the piece under way; what was finished is
        returned. A piece whose worker or node dies is run again. Raises what `function` raises, and WorkError, which has what was
        finished, where workers cannot begin or a piece ended its worker each of several times.
        """


class WorkError(ProblemError):
    """Workers could not begin, or a piece ended its worker each time it was tried. done : what was finished until then."""

    def __init__(self, *problems: Problem, done: Done[Any] | None = None) -> None:
        super().__init__(*problems)
        self.done: Done[Any] = done or Done((), (), 0)


@dataclass(frozen=True, slots=True)
class Task:
    """What a pool is asked to do; see `Pool.run`."""

    function: Callable[[Any, Any], Any]
    pieces: Sequence[Any]
    shared: Any = None
    opened: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A cluster answered, or has other nodes than before: how many nodes are alive, and how many CPUs they have."""

    nodes: int
    cpus: int


@dataclass(frozen=True, slots=True)
class Began:
    """The piece at a position was handed to a worker."""

    at: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The piece at a position is done."""

    at: int
    result: Any


@dataclass(frozen=True, slots=True)
class Died:
    """The worker or node that had the piece at a position is gone. said : how. again : the piece will be run once more."""

    at: int
    said: str
    again: bool


@dataclass(frozen=True, slots=True)
class Broke:
    """The function raised on the piece at a position (-1: before any piece)."""

    at: int
    failure: Failure


Event: TypeAlias = Reached | Began | Ended | Died | Broke


@dataclass(frozen=True, slots=True)
class Failure:
    """An error on its way between processes. problems : of a ProblemError; error : any other one, None if it cannot travel."""

    problems: tuple[Problem, ...]
    error: Exception | None
    said: str

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Return what is to be sent of an error, with the place where it was raised."""
        from strategies.work.parcel import packed, unpacked

        if isinstance(error, ProblemError):
            return cls(error.problems, None, str(error))
        said = "".join(traceback.format_exception(error)).strip()
        error.add_note(f"in a worker:\n{said}")
        try:
            unpacked(packed(error))
        except Exception:  # noqa: BLE001 - an error of any library may refuse to travel in any way
            return cls((), None, said)
        return cls((), error, said)

    def raised(self) -> Exception:
        """Return the error for the caller to raise."""
        return ProblemError(*self.problems) if self.problems else self.error or RuntimeError(self.said)


@contextmanager
def steady() -> Iterator[None]:
    """Keep to one thread of BLAS and OpenMP: two of them add in another order than one, and the last bits differ."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with one_thread(), threadpool_limits(limits=1, user_api="openmp"):
        yield


def performed(task: Task, context: Any, at: int, piece: Any) -> Ended | Broke:
    """Run one piece as every pool does; context : what its function gets first."""
    try:
        with steady():
            return Ended(at, task.function(context, piece))
    except Exception as error:  # noqa: BLE001 - whatever a piece raises is its caller's
        return Broke(at, Failure.of(error))


def gathered(events: Generator[Event], total: int, progress: Progress | None) -> Done[Any]:
    """Return the results of events in the order of the pieces; raises as `Pool.run` does, and ends the events then."""
    found: dict[int, Any] = {}
    again = 0

    def done() -> Done[Any]:
        at = sorted(found)
        return Done(tuple(found[i] for i in at), tuple(at), total, again)

    try:
        with closing(events):
            for event in events:
                if isinstance(event, Ended):
                    found[event.at] = event.result
                    if progress is not None:
                        progress(len(found), total)
                elif isinstance(event, Broke):
                    raise event.failure.raised()
                elif isinstance(event, Died):
                    again += event.again
                    _bear(event, total)
    except WorkError as error:
        error.done = done()
        raise
    return done()


def _bear(event: Died, total: int) -> None:
    """Raise WorkError for a piece that is not tried again."""
    if event.again:
        return
    problem = Problem(
        what=f"piece {event.at + 1:,} of {total:,} ended its worker process every time ({event.said}).",
        fix="Often that is a lack of memory: try fewer workers, or a smaller table.",
    )
    raise WorkError(problem)
