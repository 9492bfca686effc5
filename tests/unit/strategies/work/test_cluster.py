"""Heavy work on a real Ray cluster of two nodes on this computer, one of which is killed while it works."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from strategies.frontiers.sweep import sweep
from strategies.registry import discover, find
from strategies.work.bootstrap_blocks import bootstrap_blocks
from strategies.work.cluster import Cluster
from strategies.work.fits import fits
from strategies.work.here import Here
from strategies.work.node import Run, on_node
from strategies.work.parcel import packed, unpacked
from strategies.work.pipes import Piece
from strategies.work.pool import Ended, WorkError
from strategies.work.same import differing, versions
from tests.unit.strategies.study.test_study import world
from tests.unit.strategies.work import pieces

ROOT = Path(__file__).parents[4]
NODES = 2
OWN = """
import os, time
from dataclasses import dataclass
from pathlib import Path
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy

@dataclass(frozen=True, eq=False)
class Slow(Strategy):
    card = Card(id="slow-share", title="Slow", family="router", source="a note", rule="draw < share", idea="Slow at will.")
    share: float = knob(0.5, low=0, high=1, unit="chance", help="How many.")

    def decide(self, view):
        place = Path(__file__).parent / "slow"
        if view.stage == 0 and place.exists():
            (place / f"{self.share}-{os.getppid()}").touch()  # who started this process: the node
            time.sleep(0.3)
        dear = view.uniform("slow") < self.share
        return Decision(stop=view.stage > 0, answer=dear.astype(int) * 2, call=dear.astype(int) * 2)
"""


needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None and not os.environ.get("CI"), reason="Ray is not installed (pip install '.[cluster]')"
)  # in CI they fail without it


@dataclass
class Nodes:
    """A cluster under test: its address, and the process of the node that can be killed."""

    address: str
    victim: int
    told: IO[str]
    said: IO[str]

    def kill(self) -> None:
        """Kill that node."""
        print("kill", file=self.told, flush=True)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """One cluster for all tests of this file."""
    settings = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])  # its workers find the tests' own pieces
    with pytest.MonkeyPatch.context() as patch, subprocess.Popen(
        [sys.executable, "-m", "tests.ray_cluster"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=ROOT, env={**os.environ, **settings, "PYTHONPATH": path},
    ) as cluster:  # fmt: skip
        for name, value in settings.items():
            patch.setenv(name, value)
        assert cluster.stdin is not None
        assert cluster.stdout is not None
        address, victim = cluster.stdout.readline().split()
        yield Nodes(address, int(victim), cluster.stdin, cluster.stdout)
        cluster.stdin.close()


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own strategy, which is slow as long as the folder `slow` is in it."""
    folder = tmp_path / "mine"
    (folder / "slow").mkdir(parents=True)
    (folder / "mine.py").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(folder))
    discover.cache_clear()
    yield folder / "slow"
    monkeypatch.undo()
    discover.cache_clear()


@pytest.fixture(scope="module")
def cluster(nodes: Nodes) -> Iterator[Cluster]:
    """One connection to it for all tests."""
    with Cluster(nodes.address) as pool:
        yield pool


@needs_ray
def test_the_cluster_works_as_this_process_does(nodes: Nodes, cluster: Cluster, slow: Path, tmp_path: Path) -> None:
    """Bootstraps, fits, and a sweep whose node is killed under it: complete, the same to the bit; then a stop, which ends what runs.

    One test, for the node is gone after it.
    """
    seen = cluster.seen()
    assert seen.nodes == seen.cpus == NODES
    check_bootstraps(cluster)
    check_fits(cluster)
    check_sweep_under_attack(nodes, cluster, slow)
    check_stop(cluster, tmp_path)


def check_bootstraps(cluster: Cluster) -> None:
    """Resampled means."""
    values = np.random.default_rng(0).random((2000, 5), dtype=np.float32)
    assert np.array_equal(bootstrap_blocks(values, resamples=300, pool=cluster).noise, bootstrap_blocks(values, resamples=300).noise)


def check_fits(cluster: Cluster) -> None:
    """Fitted states."""
    table = world(300)
    part = table.with_feature("embedding", np.random.default_rng(1).random((300, 8), dtype=np.float32)).split(seed=0).fit
    candidates = [find("hybrid-llm")(seed=seed) for seed in (0, 1)]
    assert [each.key for each in fits(candidates, part, pool=cluster).results] == [each.key for each in fits(candidates, part).results]


def check_sweep_under_attack(nodes: Nodes, cluster: Cluster, slow: Path) -> None:
    """What the killed node had is run by another; nothing is lost, and every value is the same to the bit."""
    table, policy, settings = world(300), find("slow-share")(), np.linspace(0, 1, 9)
    ended = threading.Event()

    def kill() -> None:
        while not ended.is_set() and not list(slow.glob(f"*-{nodes.victim}")):
            time.sleep(0.02)
        nodes.kill()

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    told: list[tuple[int, int]] = []
    there = sweep(policy, table, settings=settings, pool=cluster, progress=lambda *now: told.append(now))
    ended.set()
    thread.join()
    assert told == [(i, 9) for i in range(1, 10)]
    tries = [place.name.rsplit("-", 1) for place in slow.iterdir()]
    lost = {setting for setting, node in tries if int(node) == nodes.victim}
    assert any(setting in lost and int(node) != nodes.victim for setting, node in tries)
    assert len({node for _, node in tries}) == NODES
    for place in slow.iterdir():
        place.unlink()
    slow.rmdir()
    here = sweep(policy, table, settings=settings)
    assert all(np.array_equal(getattr(there, name), getattr(here, name)) for name in ("setting", "quality", "cost_usd", "called"))


def check_stop(cluster: Cluster, folder: Path) -> None:
    """The run returns within about a second with what was done, and no piece goes on."""
    stop, since = threading.Event(), [0.0]

    def progress(done: int, total: int) -> None:
        stop.set()
        since[0] = time.monotonic()

    done = cluster.run(pieces.beats, [0, 1, 2], shared=str(folder), progress=progress, stop=stop)
    assert time.monotonic() - since[0] < 30  # a piece takes a minute
    assert (done.results, done.at) == ((0,), (0,))
    time.sleep(1)
    beat = {each: each.read_text() for each in folder.glob("beat-*")}
    time.sleep(0.3)
    assert beat == {each: each.read_text() for each in folder.glob("beat-*")}


@needs_ray
def test_an_address_that_does_not_answer_is_said_in_time() -> None:
    """One where nobody listens is told at once; one that takes the connection and stays silent after the time it was given."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(WorkError, match="did not answer within 1 seconds"):
            Cluster(address, wait_s=1).run(pieces.drawn, [1])
        assert time.monotonic() - begun < 30
    with pytest.raises(WorkError, match=r"cannot be used .*refused"):
        Cluster(address).seen()


def test_a_node_with_other_versions_is_refused() -> None:
    """A piece is not run where NumPy is another one: the error names the computer and both versions; with the same it is run."""
    assert differing(versions()) is None
    task, piece = packed((pieces.doubled, None)), Piece(0, packed(1))
    other = on_node(Run(b"a", {**versions(), "numpy": "1.0", "of-old": "2"}, ""), task, packed(None), piece)
    said = str(unpacked(other).failure.raised())
    assert "instead of 1.0" in said
    assert "of-old missing instead of 2" in said
    task = packed((pieces.drawn, None))
    same = unpacked(on_node(Run(b"b", versions(), ""), task, packed(np.ones((4, 2), dtype=np.float32)), piece))
    assert isinstance(same, Ended)
    assert np.array_equal(same.result, Here().run(pieces.drawn, [1], shared=np.ones((4, 2), dtype=np.float32)).results[0])
