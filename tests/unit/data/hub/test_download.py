"""Bytes that break off, lie, stall or are refused: taken up again, thrown away, told in words."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from data.hub import fetch, shelf
from data.hub.base import Source, sources
from data.problems import ProblemError, Stopped
from tests.benchmarks_small import files
from tests.fake_hub import FakeHub, Fault

DECLARED = dict(sources())
LONG = b"x" * 300_000
LONGEST_S = 60


@pytest.fixture
def source(hub: FakeHub) -> Source:
    """RouterBench with a pickle that is long enough to break off: pickles may be followed by anything."""
    return hub.put(DECLARED["routerbench"], {"routerbench_0shot.pkl": files("routerbench")["routerbench_0shot.pkl"] + LONG})


def at_once(names: Iterable[str]) -> tuple[dict[str, int], dict[str, BaseException]]:
    """Return how many queries each of some sets has, fetched at the same time, and what the others failed with."""
    given_up = threading.Event()
    with ThreadPoolExecutor() as pool:
        work = {name: pool.submit(fetch, name, stop=given_up.is_set) for name in names}
        wait(work.values(), LONGEST_S)
        given_up.set()  # one that takes longer fails as stopped, and is no thread that outlives its test
        failed = {name: error for name, done in work.items() if (error := done.exception(LONGEST_S)) is not None}
        return {name: done.result().queries for name, done in work.items() if name not in failed}, failed


def test_a_transfer_that_breaks_off_goes_on_from_there(hub: FakeHub, source: Source) -> None:
    """Each further request asks for the rest alone, and the whole has the published checksum."""
    hub.faults["/cdn/"] = [Fault(cut=70_000), Fault(cut=70_000)]
    got = fetch("routerbench")
    ranges = [headers.get("range") for headers in hub.asked("/cdn/")]
    assert ranges == [None, "bytes=70000-", "bytes=140000-"]
    file = shelf.place(source, got.commit, "routerbench_0shot.pkl")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == source.files[0].sha256
    assert not list(file.parent.glob("*.part"))


def test_a_home_that_ignores_ranges_starts_over(hub: FakeHub) -> None:
    """A full answer to a question for the rest replaces what was there instead of following it."""
    hub.put(DECLARED["routerbench"], {"routerbench_0shot.pkl": files("routerbench")["routerbench_0shot.pkl"] + LONG})
    hub.faults["/cdn/"] = [Fault(cut=70_000), Fault(ranges=False)]
    assert fetch("routerbench").queries == 3


def test_a_part_of_another_file_is_thrown_away(hub: FakeHub, source: Source) -> None:
    """A part that is longer than the file, or holds other bytes, never becomes the file."""
    place = shelf.place(source, source.revision, "routerbench_0shot.pkl")
    place.parent.mkdir(parents=True)
    part = place.with_name(place.name + ".part")
    part.write_bytes(b"z" * 400_000)
    assert fetch("routerbench").queries == 3
    shelf.clear(source)
    part.write_bytes(b"z" * 100_000)
    with pytest.raises(ProblemError, match="not the file that was published"):
        fetch("routerbench")
    assert not part.exists()
    assert fetch("routerbench").queries == 3


def test_breaks_without_end_are_given_up_and_kept(hub: FakeHub, source: Source) -> None:
    """A connection that brings nothing is tried a few times; what came before is kept for the next fetch."""
    hub.faults["/cdn/"] = [Fault(cut=70_000), *[Fault(cut=0)] * 20]
    with pytest.raises(ProblemError, match=r"broke off again and again, at 0\.1 of 0\.3 MB"):
        fetch("routerbench")
    assert len(hub.asked("/cdn/")) == 6
    hub.faults.clear()
    hub.calls.clear()
    assert fetch("routerbench").queries == 3
    assert [headers.get("range") for headers in hub.asked("/cdn/")] == ["bytes=70000-"]


def test_wrong_bytes_are_thrown_away(hub: FakeHub, source: Source) -> None:
    """Bytes of the right length with another checksum are refused, removed, and the next fetch begins anew."""
    hub.faults["/cdn/"] = [Fault(wrong=True)]
    with pytest.raises(ProblemError, match="not the file that was published"):
        fetch("routerbench")
    assert shelf.kept(source) == 0
    assert fetch("routerbench").queries == 3


def test_wrong_bytes_of_github_are_seen_by_the_blobs_hash(hub: FakeHub) -> None:
    """Files whose checksum was not declared are compared with the hash that the repository's tree says."""
    hub.put(DECLARED["routellm-mmlu"], files("routellm-mmlu"))
    hub.faults["mmlu_law.csv"] = [Fault(wrong=True)]
    with pytest.raises(ProblemError, match=r"mmlu_law\.csv is not the file that was published"):
        fetch("routellm-mmlu")
    assert fetch("routellm-mmlu").queries == 12


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(status=401, headers={"X-Error-Code": "GatedRepo"}), r"only to those who may, or has it no more \(401\).*hf auth login"),
        (Fault(status=403), r"only to those who may"),
        (Fault(status=404, headers={"X-Error-Code": "EntryNotFound"}), "is not there any more"),
        (Fault(status=429, headers={"Retry-After": "3600"}), "asked too often .*in 60 minutes"),
        (Fault(status=418), r"refuses \(418\)"),
    ],
)
def test_refusals_are_told_with_the_way_out(hub: FakeHub, source: Source, fault: Fault, why: str) -> None:
    """Gated, gone, too often and odd answers are not tried again; each says what to do, and how to do it by hand."""
    hub.faults["/resolve/"] = [fault]
    with pytest.raises(ProblemError, match=f"(?s){why}.*By hand: download routerbench_0shot.pkl"):
        fetch("routerbench")
    assert len(hub.asked("/resolve/")) == 1


def test_passing_trouble_is_waited_for(hub: FakeHub, source: Source) -> None:
    """Overload, limits with a short wait and gateways in trouble are tried again, as long as it takes to be served."""
    hub.faults["/cdn/"] = [Fault(status=503), Fault(status=429, headers={"Retry-After": "0"}), Fault(status=502)]
    assert fetch("routerbench").queries == 3
    hub.faults["/cdn/"] = [Fault(status=500)] * 9
    shelf.clear(source)
    with pytest.raises(ProblemError, match=r"trouble of its own \(500\)"):
        fetch("routerbench")


def test_a_token_goes_to_the_hub_and_nowhere_else(hub: FakeHub, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of somebody who logged in is sent to the hub, not to the address that it redirects to, and not to GitHub."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch("routerbench")
    assert all(headers["authorization"] == "Bearer hf_secret" for headers in hub.asked("/resolve/"))
    assert all("authorization" not in headers for headers in hub.asked("/cdn/"))
    hub.put(DECLARED["omnisbench"], files("omnisbench"))
    fetch("omnisbench")
    assert all("authorization" not in headers for headers in hub.asked("github"))
    kept = [path for path in shelf.folder().rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"hf_secret" in path.read_bytes()]


def test_a_stop_ends_a_slow_transfer_and_the_rest_comes_later(hub: FakeHub, source: Source) -> None:
    """Stopped between two blocks, within a second; the next fetch asks for the rest."""
    hub.put(DECLARED["routerbench"], {"routerbench_0shot.pkl": files("routerbench")["routerbench_0shot.pkl"] + b"x" * 5_000_000})
    hub.block_s = 0.02
    seen, stopped = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(fetch, "routerbench", on_step=lambda step: step.phase == "downloading" and seen.set(), stop=stopped.is_set)
        downloading = seen.wait(10)
        stopped.set()
        ended = work.exception(LONGEST_S)
    assert isinstance(ended, Stopped), f"it did not stop, but ended with {ended!r}"
    assert downloading
    assert 0 < shelf.kept(source) < 5_000_000
    hub.block_s = 0.0
    hub.calls.clear()
    assert fetch("routerbench").queries == 3
    assert all(headers.get("range", "").startswith("bytes=") for headers in hub.asked("/cdn/"))


def test_two_at_once_of_one_archive_fetch_it_once(hub: FakeHub) -> None:
    """Two sets of one archive that are fetched at the same time share the download, and both are right."""
    for name in ("llmrouterbench", "llmrouterbench-small"):
        hub.put(DECLARED[name], files(name))
    hub.block_s = 0.05
    got, failed = at_once(hub.sources)
    assert not failed, f"not fetched: {failed}"
    assert got == {"llmrouterbench": 5, "llmrouterbench-small": 2}
    assert len(hub.asked("/cdn/")) == 1


def test_two_at_once_without_a_home_both_say_why(hub: FakeHub) -> None:
    """Where the home refuses, each of two fetches at the same time ends with its own words, and neither waits for the other."""
    for name in ("llmrouterbench", "llmrouterbench-small"):
        hub.put(DECLARED[name], files(name))
    hub.faults["/cdn/"] = [Fault(status=403)] * 9
    got, failed = at_once(hub.sources)
    assert not got
    assert [name for name, error in failed.items() if "gives NPULH/LLMRouterBench only to those who may" in str(error)] == list(hub.sources)


def test_a_disk_that_refuses_is_told(hub: FakeHub, source: Source, home: Path) -> None:
    """Where a file lies in the way of the folder, the message says that it can't be stored."""
    home.mkdir()
    (home / "hub").mkdir()
    (home / "hub" / "files").write_text("in the way")
    with pytest.raises(ProblemError, match="can't be stored"):
        fetch("routerbench")
