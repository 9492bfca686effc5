"""Pieces of work in this process and in worker processes: the same results in order, progress, stop, errors, deaths."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.problems import ProblemError, Stopped
from data.texts import Texts
from strategies.work.choose import CLUSTER_VARIABLE, pool_at
from strategies.work.cluster import Cluster
from strategies.work.here import Here
from strategies.work.parcel import packed, unpacked, written
from strategies.work.pipes import Told, received, send
from strategies.work.pool import Broke, Pool, Task, WorkError
from strategies.work.processes import Processes, usual_workers
from tests.unit.strategies.work import pieces

ROOT = str(Path(__file__).parents[4])


@pytest.fixture(scope="module")
def pool() -> Iterator[Processes]:
    """Two worker processes for whatever does not end them."""
    with Processes(2) as kept:
        yield kept


def test_results_come_in_order_and_are_the_same_to_the_bit(pool: Processes) -> None:
    """Here, in one worker, in two: the same float32 products, in the order of the pieces; progress counts up to the total."""
    shared = np.random.default_rng(0).random((5000, 7), dtype=np.float32)
    told: list[tuple[int, int]] = []
    seeds = [5, 3, 9, 1, 4, 8]
    here = Here().run(pieces.drawn, seeds, shared=shared)
    for each in (Processes(1), pool):
        there = each.run(pieces.drawn, seeds, shared=shared, progress=lambda done, total: told.append((done, total)))
        assert all(np.array_equal(a, b) for a, b in zip(here.results, there.results, strict=True))
        assert there.complete
        assert there.at == tuple(range(6))
    assert told == [(i, 6) for i in range(1, 7)] * 2
    assert Here().run(pieces.drawn, [], shared=shared).complete
    assert Processes().run(pieces.drawn, [], shared=shared).results == ()


def test_what_is_shared_is_one_memory_and_opened_once(pool: Processes) -> None:
    """A shared array is a read-only window on a mapped file, texts on disk arrive, and `opened` runs once in a worker and run."""
    shared = {"values": np.arange(10.0), "texts": Texts(_two, 2)}
    assert pool.run(pieces.lent, [0], shared=shared).results == ((False, False, "b"),)
    opened = [pool.run(pieces.of_opened, range(6), shared=value, opened=pieces.doubled).results for value in (21, 22)]
    assert [[value for value, _ in run] for run in opened] == [[42, 43, 44, 45, 46, 47], [44, 45, 46, 47, 48, 49]]
    assert len({place for run in opened for _, place in run}) <= 2  # as many openings as workers: each says its process
    assert Here().run(pieces.of_opened, [1], shared=21, opened=pieces.doubled).results == ((43, os.getpid()),)


def test_a_parcel_holds_what_was_put_in(tmp_path: Path) -> None:
    """Arrays of any order, texts, nothing; arrays begin at multiples of 64 bytes; texts still on disk are loaded where that is wanted."""
    values = {"c": np.arange(6.0).reshape(2, 3), "f": np.asfortranarray(np.eye(3, dtype=np.float32)), "none": None, "empty": np.zeros(0)}
    again = unpacked(packed(values))
    assert again["f"].flags.f_contiguous
    assert all(np.array_equal(again[name], values[name]) for name in ("c", "f", "empty"))
    lazy = Texts(_two, 2)
    assert not unpacked(packed(lazy)).loaded
    assert unpacked(packed(lazy, whole=True)).loaded
    assert written(values, tmp_path / "parcel").stat().st_size == len(packed(values))


def _two() -> Any:
    return Texts(["a", "b"]).arrow()


def test_a_worker_that_dies_costs_nothing(tmp_path: Path) -> None:
    """The piece it had is run again by another one, and counted; nothing else is lost."""
    done = Processes(1).run(pieces.dies_once, range(5), shared=str(tmp_path))
    assert done.results == (0, 1, 4, 9, 16)
    assert done.again == 1


def test_a_piece_that_ends_its_worker_each_time_is_said() -> None:
    """After two tries there is an error in words, which has all that was finished."""
    with pytest.raises(WorkError, match=r"piece 3 of 3 ended its worker process every time \(code 9") as caught:
        Processes(1, tries=2).run(pieces.dies, [0, 1, 2], shared=2)
    assert caught.value.done.at == (0, 1)
    assert caught.value.done.again == 1


@pytest.mark.parametrize("where", [Here(), Processes(1)])
def test_what_a_piece_raises_is_raised(where: Pool) -> None:
    """A problem keeps its parts, wherever the piece ran; the other pieces end."""
    with pytest.raises(ProblemError, match="Do something else") as caught:
        where.run(pieces.refuses, [0, 1, 2], shared="It is wrong.")
    assert caught.value.problems[0].row == 7


def test_errors_of_any_kind_come_back() -> None:
    """One keeps its kind and the place in the worker; one that cannot travel, and a piece or result that cannot, are errors in words."""
    events = Processes(1).events(Task(pieces.breaks, ["key", "unsendable", "result", pieces.Shut()]))
    broke = [event.failure.raised() for event in events if isinstance(event, Broke)]
    assert [type(each) for each in broke] == [KeyError, RuntimeError, ProblemError, OSError]
    assert "in breaks" in broke[0].__notes__[0]
    assert "UnsendableError: one and other" in str(broke[1])
    assert "cannot be sent between processes" in str(broke[2])


def test_stop_keeps_what_is_done(tmp_path: Path) -> None:
    """Set, running work ends within about a second; finished pieces are returned with their places. Here it ends between pieces."""
    stop, since = threading.Event(), [0.0]

    def progress(done: int, total: int) -> None:
        stop.set()
        since[0] = time.monotonic()

    done = Processes(2).run(pieces.beats, [1, 0, 2], shared=str(tmp_path), progress=progress, stop=stop)
    assert time.monotonic() - since[0] < 30  # a piece takes a minute
    assert (done.results, done.at, done.complete) == ((0,), (1,), False)
    beat = {each: each.read_text() for each in tmp_path.glob("beat-*")}
    time.sleep(0.2)
    assert beat == {each: each.read_text() for each in tmp_path.glob("beat-*")}
    stop.clear()
    assert Here().run(pieces.beats, [0, 0], progress=progress, stop=stop).at == (0,)


def test_progress_may_end_the_work() -> None:
    """What `progress` raises is raised, and no worker stays."""

    def enough(done: int, total: int) -> None:
        raise Stopped("enough")

    with pytest.raises(Stopped):
        Processes(1).run(pieces.dies, [0, 1], shared=5, progress=enough)
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False).stdout
    assert "pieces:dies" not in children


def test_a_worker_ends_with_whoever_asked(tmp_path: Path) -> None:
    """A worker in the midst of its work ends as soon as its standard input does: no orphan when the app is killed."""
    path = os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "strategies.work.worker", "test"]
    told = Told(packed((pieces.beats, None)), str(written(str(tmp_path), tmp_path / "shared")))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        send(worker.stdin, packed(told))
        assert received(worker.stdout).room == 1
        worker.stdin.close()
        assert worker.wait(5) == 0


def test_functions_that_workers_cannot_import_are_refused() -> None:
    """A function within a function, or of a script, is told before anything starts."""
    with pytest.raises(ProblemError, match="top level of a module"):
        Processes(1).run(lambda shared, piece: piece, [1])


def test_what_workers_cannot_open_is_said() -> None:
    """An error of `opened` comes as such, before any piece."""
    with pytest.raises(TypeError):
        Processes(1).run(pieces.of_opened, [1], shared=None, opened=pieces.doubled)


def test_an_address_chooses_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing: this computer; host and port, or "auto": that cluster; anything else, and Ray where there is none, are refused in words."""
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    there = pool_at()
    assert isinstance(there, Processes)
    assert there.workers == usual_workers() >= 1
    for wrong in ("head", "head:", "http://head:1", "a b:1"):
        with pytest.raises(ProblemError, match="no address of a Ray cluster"):
            pool_at(wrong)
    for count in ({"workers": -1}, {"tries": 0}):
        with pytest.raises(ProblemError):
            pool_at("", **count)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setenv(CLUSTER_VARIABLE, " head:6379 ")
    assert isinstance(pool_at(), Cluster)
    assert pool_at().address == "head:6379"
    assert isinstance(pool_at("auto"), Cluster)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProblemError, match="Ray is not installed"):
        pool_at()
