"""Worker processes of a comparison: each opens the set once from disk and measures one strategy after the other.

Plain child processes that speak JSON lines, not a `ProcessPoolExecutor`: a worker that dies (out of memory, a crash in a native
library) would break the whole pool, a running one could not be ended through its public face, and its spawn method runs the
caller's main script again, which under Streamlit is the app. A worker ends as soon as its standard input does, so none outlives
the app, however that ends.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from data.problems import Problem, ProblemError
from strategies.registry import find, is_own
from strategies.study.compare_values import Row

ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip
LOOK_AGAIN_S = 0.1
_END_S = 0.5
_KIND = 5  # so that the app stays as quick as it was
_TAIL = 400  # characters of a dead worker's last words
TABLE = "table"
_USUAL = ("scipy.optimize", "sklearn.cluster", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neural_network")


@dataclass(frozen=True, slots=True)
class Started:
    """A worker begins with a strategy."""

    id: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A worker has measured a strategy, or told why it could not."""

    row: Row


@dataclass(frozen=True, slots=True)
class Died:
    """A worker ended by itself while it measured a strategy; said : how, in words."""

    id: str
    said: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What every worker is told. folder : holds the table, and what workers say; models, seed : of the study; keep : of its first goal."""

    folder: Path
    models: tuple[str, ...]
    seed: int
    keep: float


class _Worker:
    """One child process and the thread that listens to it. busy : the id it works on; ready : it has opened the set."""

    def __init__(self, number: int, plan: Plan, heard: queue.Queue[tuple[_Worker, str | None]]) -> None:
        self.log = plan.folder / f"worker-{number}.log"
        self.busy, self.ready = "", False
        with self.log.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "strategies.study.compare_workers"], env=_around(), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8",
            )  # fmt: skip
        self.tell({"folder": str(plan.folder / TABLE), "models": plan.models, "seed": plan.seed, "keep": plan.keep})
        threading.Thread(target=self._listen, args=(heard,), daemon=True, name=f"compare-worker-{number}").start()

    def tell(self, message: dict[str, Any]) -> None:
        """Send a line; a worker that is gone is noticed by its silence."""
        with contextlib.suppress(OSError, ValueError):
            print(json.dumps(message), file=self._pipe(self.process.stdin), flush=True)

    def _listen(self, heard: queue.Queue[tuple[_Worker, str | None]]) -> None:
        with self._pipe(self.process.stdout) as said:
            for line in said:
                heard.put((self, line))
        heard.put((self, None))

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            msg = "a worker has no pipe"
            raise RuntimeError(msg)
        return pipe

    def end(self) -> None:
        """End it if it still runs: ask, then insist."""
        self.process.terminate()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            self._pipe(self.process.stdin).close()

    def last_words(self) -> str:
        """Return how it ended, and the end of what it wrote."""
        code = self.process.wait()
        tail = self.log.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL:]
        how = f"signal {-code}, often a lack of memory" if code < 0 else f"code {code}"
        return f"{how}{f': {tail}' if tail else ''}"


def measured(plan: Plan, ids: Sequence[str], *, workers: int, stop: threading.Event | None = None) -> Iterator[Started | Measured | Died]:
    """Yield what happens until every strategy is measured, or until `stop` is set; all processes have then ended.

    Raises ProblemError if a worker cannot even open the set.
    """
    heard: queue.Queue[tuple[_Worker, str | None]] = queue.Queue()
    waiting, left, number = list(ids), len(ids), 0
    crew: list[_Worker] = []
    try:
        while left:
            while len(crew) < min(workers, left):
                crew.append(_Worker(number, plan, heard))
                number += 1
            if stop is not None and stop.is_set():
                return
            try:
                worker, line = heard.get(timeout=LOOK_AGAIN_S)
            except queue.Empty:
                continue
            if line is None:
                crew.remove(worker)
                yield _gone(worker)
                left -= 1
                continue
            if worker.busy:
                left -= 1
                worker.busy = ""
                yield Measured(Row.from_json(json.loads(line)))
            worker.ready = True
            if waiting:
                worker.busy = waiting.pop(0)
                worker.tell({"id": worker.busy})
                yield Started(worker.busy)
    finally:
        for worker in crew:
            worker.end()


def _gone(worker: _Worker) -> Died:
    said = worker.last_words()
    worker.end()
    if not worker.ready or not worker.busy:
        raise ProblemError(
            Problem(what=f"a worker process could not open the set ({said}).", fix="Try again; if it stays, open the set anew.")
        )
    return Died(worker.busy, said)


def _around() -> dict[str, str]:
    """Return a worker's environment: the caller's modules are found, and every library keeps to one thread."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {**os.environ, "PYTHONPATH": path, **dict.fromkeys(ONE_THREAD, "1")}


def main() -> None:
    """Serve as a worker: the first line says what to open, each further one which strategy to measure."""
    heard: queue.Queue[str] = queue.Queue()
    # What a strategy prints must not end up between the lines that are results.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_read, args=(heard,), daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_KIND)
    serve = _opened(json.loads(heard.get()))
    print(json.dumps({"ready": True}), file=told, flush=True)
    while True:
        row = serve(json.loads(heard.get())["id"])
        print(json.dumps(row.to_json()), file=told, flush=True)


def _read(heard: queue.Queue[str]) -> None:
    for line in sys.stdin:
        heard.put(line)
    os._exit(0)  # whoever asked is gone: nobody waits for what is under way


def _opened(told: dict[str, Any]) -> Any:
    """Return what measures one strategy of the set, by id."""
    from data.stores.columns import open_table
    from strategies.study.compare_row import row
    from strategies.study.prepare import prepare

    study = prepare(open_table(told["folder"]), pool=told["models"], seed=told["seed"])
    _warm()

    def serve(identity: str) -> Row:
        try:
            return row(study, find(identity), keep=told["keep"])
        except Exception as error:  # noqa: BLE001 - one broken strategy is a row of its own, whatever it raises
            return failed(identity, error)

    return serve


def _warm() -> None:
    """Import what most strategies fit with, so that the first of them is not timed with it."""
    for name in _USUAL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def failed(identity: str, error: BaseException) -> Row:
    """Return the row of a strategy that broke: what it said, in one line."""
    said = str(error) if isinstance(error, ProblemError) else f"{type(error).__name__}: {error}"
    said = " ".join(said.split())
    try:
        kind = find(identity)
    except ProblemError:
        return Row(id=identity, title=identity, family="", status="failed", said=said)
    return Row(id=identity, title=kind.card.title, family=kind.card.family, status="failed", own=is_own(kind), said=said)


if __name__ == "__main__":
    main()
