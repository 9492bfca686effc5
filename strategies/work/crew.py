"""Child processes that do pieces of work, as the program that started them sees it: who has which piece, who is gone, what is tried again.

Plain child processes, not a `ProcessPoolExecutor`: a worker that dies (out of memory, a crash in a native library) would break the whole
pool, a running one could not be ended through its public face, and its spawn method runs the caller's main script again, which under
Streamlit is the app. A child ends as soon as its standard input does, so none outlives the program, however that ends.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from data.problems import Problem
from strategies.work.parcel import packed
from strategies.work.pipes import Lost, Piece, Ready, Told, Unready, received, send
from strategies.work.pool import Began, Broke, Died, Ended, Event, Reached, Stop, Task, WorkError

ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip
LOOK_AGAIN_S = 0.1
_END_S = 0.5
_TAIL = 400  # characters of a dead process's last words


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How children are started. module : what runs in them. label : more of their command line, for whoever lists processes.

    told : their first message. folder : keeps what they write to standard error. wait_s : seconds they may take to get ready, None = as
    long as it takes; late : what is said of one that takes longer.
    """

    module: str
    label: str
    told: Told
    folder: Path
    wait_s: float | None = None
    late: Problem | None = None


class Child:
    """One child process and the thread that listens to it. hands : positions of the pieces it has; room : how many it can have."""

    def __init__(self, number: int, launch: Launch, heard: queue.Queue[tuple[Child, Any]]) -> None:
        self.log, self.heard = launch.folder / f"{number}.log", heard
        with self.log.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", launch.module, launch.label], env=_around(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=said,
            )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True, name=f"{launch.module}-{number}").start()

    def begin(self, launch: Launch, heard: queue.Queue[tuple[Child, Any]]) -> None:
        """Give it the task of a run, whose crew listens at `heard`."""
        self.heard = heard
        self.hands: set[int] = set()
        self.room, self.ready, self.since = 0, False, time.monotonic()
        self.tell(launch.told)

    def tell(self, message: Any) -> None:
        """Send a message; a child that is gone is noticed by its silence."""
        with contextlib.suppress(OSError, ValueError):
            send(_open(self.process.stdin), packed(message))

    def _listen(self) -> None:
        with _open(self.process.stdout) as said:
            while (message := received(said)) is not None:
                self.heard.put((self, message))
        self.heard.put((self, None))

    @property
    def free(self) -> bool:
        """Whether it can be given another task: it runs, and has nothing in hand."""
        return self.ready and not self.hands and self.process.poll() is None

    def end(self) -> None:
        """End it if it still runs: ask, then insist."""
        self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            _open(self.process.stdin).close()

    def last_words(self) -> str:
        """Return how it ended, and the end of what it wrote."""
        code, tail = self.process.wait(), ""
        with contextlib.suppress(OSError):  # the folder of the run that started it may be gone
            tail = self.log.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL:]
        how = f"signal {-code}, often a lack of memory" if code < 0 else f"code {code}"
        return f"{how}{f': {tail}' if tail else ''}"


@dataclass
class Crew:
    """Children at work on a task. size : how many at most; tries : how often a piece is begun before it is given up.

    kept : children that wait for a task, and where those go that a whole run left free; None: all end with it.
    """

    task: Task
    launch: Launch
    size: int
    tries: int
    stop: Stop | None = None
    kept: list[Child] | None = None
    seen: Ready | None = None
    _heard: queue.Queue[tuple[Child, Any]] = field(default_factory=queue.Queue)
    _children: list[Child] = field(default_factory=list)
    _started: int = 0

    def __post_init__(self) -> None:
        self._waiting = deque(range(len(self.task.pieces)))
        self._open = set(self._waiting)
        self._tried = [0] * len(self.task.pieces)

    def events(self) -> Generator[Event]:
        """Yield what happens until every piece is done or given up, or `stop` is set; no child works on then.

        Raises WorkError if a child cannot begin.
        """
        try:
            while self._open:
                self._fill()
                if self.stop is not None and self.stop.is_set():
                    return
                try:
                    child, message = self._heard.get(timeout=LOOK_AGAIN_S)
                except queue.Empty:
                    self._look()
                    continue
                yield from self._gone(child) if message is None else self._said(child, message)
                yield from self._hand_out()
        finally:
            self._part()

    def greeted(self) -> Ready:
        """Begin with one child, wait until it is ready, and return what it said; WorkError if it cannot begin."""
        try:
            self._start()
            while self.seen is None or not self.seen.room:
                try:
                    child, message = self._heard.get(timeout=LOOK_AGAIN_S)
                except queue.Empty:
                    self._look()
                    continue
                list(self._gone(child) if message is None else self._said(child, message))
            return self.seen
        finally:
            self._part()

    def _part(self) -> None:
        for child in self._children:
            if self.kept is not None and not self._open and child.free:
                self.kept.append(child)
            else:
                child.end()

    def _fill(self) -> None:
        while len(self._children) < min(self.size, len(self._open)):
            self._start()

    def _start(self) -> None:
        free = self.kept.pop() if self.kept else None
        if free is not None and not free.free:
            free.end()
            free = None
        child = free or Child(self._started, self.launch, self._heard)
        self._children.append(child)
        self._started += 1
        child.begin(self.launch, self._heard)

    def _look(self) -> None:
        """Give up where a child that has a time to get ready took longer."""
        limit, late = self.launch.wait_s, self.launch.late
        if limit is not None and late is not None and any(not c.ready and time.monotonic() - c.since > limit for c in self._children):
            raise WorkError(late)

    def _said(self, child: Child, message: Any) -> Iterator[Event]:
        if isinstance(message, Unready):
            raise WorkError(*message.failure.problems) if message.failure.problems else message.failure.raised()
        if isinstance(message, Ready):
            before, self.seen, child.ready, child.room = self.seen, message, True, message.room
            if message.nodes and (before is None or (before.nodes, before.cpus) != (message.nodes, message.cpus)):
                yield Reached(message.nodes, message.cpus)
        elif isinstance(message, Lost):
            child.hands.discard(message.at)
            yield from self._lost(message.at, message.said)
        elif isinstance(message, Ended | Broke):
            child.hands.discard(message.at)
            self._open.discard(message.at)
            yield message

    def _hand_out(self) -> Iterator[Event]:
        """Give waiting pieces to whoever has room: after a death that may be another child than the one that was heard."""
        for child in self._children:
            while self._waiting and len(child.hands) < child.room:
                at = self._waiting.popleft()
                child.hands.add(at)
                child.tell(Piece(at, packed(self.task.pieces[at])))
                yield Began(at)

    def _gone(self, child: Child) -> Iterator[Event]:
        said = child.last_words()
        self._children.remove(child)
        child.end()
        if not child.ready:
            what = f"a worker process could not begin ({said})."
            raise WorkError(Problem(what=what, fix="Try again; if it stays, open the set anew."))
        for at in sorted(child.hands, reverse=True):
            yield from self._lost(at, said)

    def _lost(self, at: int, said: str) -> Iterator[Event]:
        self._tried[at] += 1
        again = self._tried[at] < self.tries
        if again:
            self._waiting.appendleft(at)
        else:
            self._open.discard(at)
        yield Died(at, said, again)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        msg = "a child process has no pipe"
        raise RuntimeError(msg)
    return pipe


def _around() -> dict[str, str]:
    """Return a child's environment: the caller's modules are found, and every library keeps to one thread."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**os.environ, "PYTHONPATH": path, **dict.fromkeys(ONE_THREAD, "1")}
