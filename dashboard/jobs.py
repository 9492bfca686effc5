"""Long work beside the pages: start, progress, stop. A job outlives reruns and page switches; one of a kind and key at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from data.problems import RouteScopeError

_LOOK_AGAIN_S = 0.02
Phase: TypeAlias = Literal["running", "done", "failed", "stopped"]


@dataclass
class Job:
    """One piece of work in a thread. said : what it does now; done, total : its own units; partial : what can be used before the end."""

    key: str
    title: str
    said: str = ""
    done: int = 0
    total: int = 0
    phase: Phase = "running"
    result: Any = None
    partial: Any = None
    error: str = ""
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """Part of the work that is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds left at the pace so far, or None before there is a pace."""
        if not self.done or self.phase != "running":
            return None
        return (time.monotonic() - self.started) * (self.total - self.done) / self.done

    def progress(self, done: int, total: int, said: str = "") -> None:
        """Say how far it is; called by the work."""
        self.done, self.total, self.said = done, total, said or self.said


class Jobs:
    """All jobs of the process, by key."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(self, key: str, title: str, work: Callable[[Job], Any]) -> Job:
        """Start work unless the same key is running or done; failed and stopped work is started anew."""
        with self._lock:
            found = self._jobs.get(key)
            if found is not None and found.phase in {"running", "done"}:
                return found
            job = self._jobs[key] = Job(key=key, title=title)
        threading.Thread(target=self._run, args=(job, work), daemon=True, name=f"job-{key}").start()
        return job

    def get(self, key: str) -> Job | None:
        """Return a job by key."""
        return self._jobs.get(key)

    def starting(self, start: str) -> tuple[Job, ...]:
        """Return every job whose key starts so, oldest first."""
        with self._lock:
            return tuple(job for key, job in self._jobs.items() if key.startswith(start))

    def drop(self, key: str) -> None:
        """Stop and forget a job."""
        with self._lock:
            job = self._jobs.pop(key, None)
        if job is not None:
            job.stop.set()

    def trim(self, start: str, most: int) -> None:
        """Forget the oldest jobs whose key starts so, beyond the number of those that are kept; none that runs."""
        with self._lock:
            mine = [key for key, job in self._jobs.items() if key.startswith(start) and job.phase != "running"]
            for key in mine[: max(0, len(mine) - most)]:
                del self._jobs[key]

    @staticmethod
    def _run(job: Job, work: Callable[[Job], Any]) -> None:
        try:
            job.result = work(job)
            job.phase = "stopped" if job.stop.is_set() else "done"
        except RouteScopeError as error:
            job.error, job.phase = str(error), "stopped" if job.stop.is_set() else "failed"
        except Exception as error:  # noqa: BLE001 - a thread's mistake must reach the page
            job.error, job.phase = f"{type(error).__name__}: {error}", "failed"
        finally:
            job.ended = time.monotonic()


ALL = Jobs()


def watched(job: Job, work: Callable[[], Any]) -> Any:
    """Return what reading work gives; its steps are the job's progress, and its stop ends it."""
    from data.problems import Stopped
    from data.readers.watch import watching

    def tell(done: int, total: int, said: str) -> None:
        if job.stop.is_set():
            raise Stopped
        job.progress(done, total, said)

    with watching(tell):
        return work()


def wait(job: Job, seconds: float) -> None:
    """Wait a moment for a job: most are done before anybody would look at a progress bar."""
    end = time.monotonic() + seconds
    while job.phase == "running" and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_S)
