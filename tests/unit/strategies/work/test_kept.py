"""Where heavy work runs, as it was chosen: kept and read back, damaged files, what the environment variable decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.problems import ProblemError
from strategies.work.choose import CLUSTER_VARIABLE, address_fixed, address_set, pool_at, workers_set
from strategies.work.cluster import Cluster
from strategies.work.kept import MOST_WORKERS, Worksite, choose, chosen
from strategies.work.processes import Processes, usual_workers


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of the user's own, no variable set; Ray counts as installed."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path / "mine"))
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    return tmp_path / "mine"


def test_what_is_chosen_is_kept_and_decides_the_pool(folder: Path) -> None:
    """Nothing: this computer, as many processes as suit; then a cluster, then three processes; one file, no half-written one beside it."""
    assert chosen().site == Worksite()
    assert (address_set(), workers_set()) == ("", usual_workers())
    choose(Worksite(address="head:6379", workers=2))
    assert chosen().site == Worksite(address="head:6379", workers=2)
    there = pool_at()
    assert isinstance(there, Cluster)
    assert there.address == "head:6379"
    assert isinstance(pool_at(""), Processes)  # asked for by name, it is this computer
    choose(Worksite(workers=3))
    here = pool_at()
    assert isinstance(here, Processes)
    assert here.workers == workers_set() == 3
    assert pool_at(workers=1).workers == 1
    assert [path.name for path in folder.iterdir()] == ["worksite.json"]


def test_the_variable_decides_before_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set, its address is used whatever was chosen; empty, it is as if it were not set."""
    choose(Worksite(address="auto"))
    monkeypatch.setenv(CLUSTER_VARIABLE, " other:1 ")
    assert (address_fixed(), address_set(), pool_at().address) == ("other:1", "other:1", "other:1")
    monkeypatch.setenv(CLUSTER_VARIABLE, " ")
    assert (address_fixed(), address_set()) == ("", "auto")


GOOD = {"version": 1, "address": "head:6379", "workers": 2}
DAMAGED = [
    b"", b"{", b"\xff\xfe", b"[" * 4000, b"[1]", b'"auto"', b" " * 5000 + json.dumps(GOOD).encode(),
    *(json.dumps(GOOD | changed).encode() for changed in (
        {"version": 2}, {"more": 1}, {"address": "http://head"}, {"address": None}, {"address": "a:1\n"}, {"workers": -1},
        {"workers": True}, {"workers": 1.0}, {"workers": MOST_WORKERS + 1},
    )),
    *(json.dumps({name: value for name, value in GOOD.items() if name != left}).encode() for left in GOOD),
]  # fmt: skip


def test_a_damaged_file_is_told_and_ignored(folder: Path) -> None:
    """Whatever it holds, work runs on this computer, the note says why, and the file is left as it is; choosing anew mends it."""
    path = folder / "worksite.json"
    folder.mkdir()
    for text in DAMAGED:
        path.write_bytes(text)
        found = chosen()
        assert found.site == Worksite(), text
        assert "runs on this computer: " in found.note, text
        assert address_set() == ""
        assert path.read_bytes() == text
    choose(Worksite(address="auto"))
    assert chosen().site == Worksite(address="auto")
    assert chosen().note == ""
    path.unlink()
    path.mkdir()
    assert "runs on this computer: " in chosen().note


@pytest.mark.parametrize("wrong", [{"address": "head"}, {"address": "a b:1"}, {"workers": -1}, {"workers": 2.5}])
def test_what_cannot_be_meant_is_never_kept(wrong: dict[str, object], folder: Path) -> None:
    """It is refused in words, and nothing is written."""
    with pytest.raises(ProblemError, match=r"no address of a Ray cluster|no number of worker processes"):
        choose(Worksite(**wrong))
    assert not folder.exists()
