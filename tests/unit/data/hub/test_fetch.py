"""From a source to a kept set, through a hub on loopback: every benchmark, what is here already, offline, by hand, too large, stopped."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

from data import load
from data.audit import audit
from data.history import export, replay
from data.hub import AnotherVersionError, Fetched, LargerError, Step, fetch, find, shelf
from data.hub.base import Source, sources
from data.problems import ProblemError, Stopped
from data.readers.base import Upload
from data.stores import home
from tests.benchmarks_small import files, tarred
from tests.fake_hub import COMMIT, FakeHub, Fault
from tests.published import ROUTERBENCH, as_csv, as_json, llmrouterbench_run

DECLARED = dict(sources())
SHAPES = {
    "routerbench": (3, 2), "routerbench-5shot": (2, 2), "embedllm": (4, 2), "mixinstruct": (2, 2), "omnisbench": (2, 2),
    "routerarena": (4, 3), "routellm-mmlu": (12, 2), "routellm-gsm8k": (6, 2), "llmrouterbench": (5, 2), "llmrouterbench-small": (2, 2),
}  # fmt: skip


def put(hub: FakeHub, source_id: str, **changes: object) -> Source:
    """Serve the small copy of a source."""
    return hub.put(DECLARED[source_id], files(source_id), **changes)


def downloads(hub: FakeHub) -> int:
    """Return how many files were asked for, not counting what the home was asked about them."""
    return sum("/cdn/" in path or "/raw-github/" in path for _, path, _ in hub.calls)


@pytest.mark.parametrize("source_id", DECLARED)
def test_every_benchmark_becomes_a_set_with_origin_and_history(hub: FakeHub, source_id: str) -> None:
    """Fetched, read by the readers of uploads, audited and kept: shape, licence, revision, files and their hashes stand in it."""
    source = put(hub, source_id)
    got = fetch(source_id)
    table = home.get(got.key)
    commit = source.revision or COMMIT
    assert (len(table), len(table.models)) == SHAPES[source_id]
    assert (got.commit, got.licence, got.by_hand, got.left_out) == (commit, source.licence, False, 0)
    assert (table.origin.name, table.origin.kind, table.origin.licence) == (source.title, "recorded", source.licence)
    assert f"{source.repository} on {source.site}, {commit}" in table.origin.source
    assert source.paper in table.origin.source
    line = table.history[-1]
    assert (line.action, line.values["revision"], line.values["repository"]) == ("fetched", commit, source.repository)
    wanted = {path: data for path, data in files(source_id).items() if any(PurePosixPath(path).match(w.path) for w in source.files)}
    said = dict(line.values["files"])
    assert said == {path: hashlib.sha256(data).hexdigest() for path, data in wanted.items() if "/old/" not in path}
    assert {hash_ for _, hash_ in home.entries()[0].files} == set(said.values())
    assert not np.isnan(table.numbers["quality"]).all()
    audit(table)


def test_the_table_is_the_one_that_an_upload_gives(hub: FakeHub) -> None:
    """A fetched RouterBench and the same rows uploaded as CSV have the same figures and texts."""
    put(hub, "routerbench")
    fetched = home.get(fetch("routerbench").key)
    assert fetched.fingerprint == load(Upload("a.csv", as_csv(ROUTERBENCH))).fingerprint


def test_the_history_of_a_fetched_set_is_applied_to_its_files(hub: FakeHub) -> None:
    """An exported history of a fetched set replays on an upload of the same file, and where it was fetched from is no failure."""
    put(hub, "routerbench")
    table = home.get(fetch("routerbench").key)
    done = replay(export(table), Upload("routerbench_0shot.pkl", files("routerbench")["routerbench_0shot.pkl"]))
    assert {step.line.action: step.status for step in done.steps} == {"read": "applied", "fetched": "derived"}


def test_what_is_here_is_not_fetched_again(hub: FakeHub) -> None:
    """A second fetch of a pinned source asks nobody; both sets of one archive take it once; a deleted set is made again from the files."""
    put(hub, "llmrouterbench")
    put(hub, "llmrouterbench-small")
    first = fetch("llmrouterbench")
    before = len(hub.calls)
    assert fetch("llmrouterbench") == first
    assert len(hub.calls) == before
    fetch("llmrouterbench-small")
    assert downloads(hub) == 1
    home.delete(first.key)
    assert shelf.made(find("llmrouterbench")) is None
    assert fetch("llmrouterbench") == first
    assert shelf.made(find("llmrouterbench")) == shelf.Made(key=first.key, commit=first.commit)
    assert shelf.kept(find("llmrouterbench")) == len(files("llmrouterbench")["bench-release.tar.gz"])
    shelf.clear(find("llmrouterbench"))
    assert shelf.kept(find("llmrouterbench")) == 0
    assert home.entries()


def test_a_source_that_is_not_pinned_follows_its_repository(hub: FakeHub) -> None:
    """The newest commit is fetched and recorded; without a connection the last one that is here is taken, and it says which."""
    source = put(hub, "routerarena")
    assert fetch("routerarena").commit == COMMIT
    newer = "9" * 40
    [kept] = [key for key in hub.files if key[1] == source.repository]
    hub.files[source.home, source.repository, newer] = hub.files.pop(kept)
    hub.faults["/commits/main"] = [Fault(body=b'{"sha": "' + newer.encode() + b'"}')]
    assert fetch("routerarena").commit == newer
    hub.faults["/api-github/"] = [Fault(status=503)]
    assert fetch("routerarena").commit == newer


def test_without_a_connection_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Nobody answers: the message says so, what to download from where, and where to put it; nothing is kept."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    for name in ("HF_ENDPOINT", "ROUTESCOPE_GITHUB_API"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(ProblemError) as caught:
        fetch("routerbench")
    said = str(caught.value)
    assert "huggingface.co can't be reached (no connection)" in said
    assert "download routerbench_0shot.pkl from https://huggingface.co/datasets/withmartian/routerbench/tree/7840214" in said
    assert str(home / "hub" / "by-hand" / "routerbench") in said
    assert "Add your own outcomes" in said
    with pytest.raises(ProblemError, match=r"github\.com can't be reached") as caught:
        fetch("routellm-mmlu")
    assert "download *.csv, contaminated_prompts.jsonl from" in str(caught.value)
    with pytest.raises(ProblemError) as caught:
        fetch("llmrouterbench")
    assert "Add your own outcomes" not in str(caught.value)


@pytest.mark.parametrize("source_id", ["routerbench", "routellm-mmlu", "llmrouterbench"])
def test_files_put_there_by_hand(hub: FakeHub, tmp_path: Path, source_id: str) -> None:
    """Files in the folder that the message names, or in one that is given, are taken without asking anybody, and the history says so."""
    source = put(hub, source_id)
    there = [path for path in files(source_id) if any(PurePosixPath(path).match(w.path) for w in source.files) and "/old/" not in path]
    for folder in (shelf.by_hand(source), tmp_path / "mine"):
        folder.mkdir(parents=True)
        for path in there:
            (folder / PurePosixPath(path).name).write_bytes(files(source_id)[path])
    got = fetch(source_id)
    assert (got.by_hand, SHAPES[source_id]) == (True, (got.queries, got.models))
    assert got.commit == (source.revision if source.exact else "")
    assert home.get(got.key).history[-1].detail.endswith("put there by hand")
    assert fetch(source_id, by_hand=tmp_path / "mine").key == got.key
    assert not hub.calls
    with pytest.raises(ProblemError, match="does not hold all files"):
        fetch(source_id, by_hand=tmp_path / "nothing")


def test_one_file_by_hand_may_have_any_name(hub: FakeHub, tmp_path: Path) -> None:
    """A file that is named is taken for the one that is wanted: with its checksum it is the published one, whatever it is called."""
    source = put(hub, "omnisbench")
    file = tmp_path / "downloaded (1).json"
    file.write_bytes(files("omnisbench")["runs/2026-08-19/results.json"])
    got = fetch("omnisbench", by_hand=file)
    assert (got.by_hand, got.commit, got.notes) == (True, source.revision, ())


@pytest.mark.parametrize("folder", ["the one that the message names", "one that is given", "a file that is given"])
def test_another_version_by_hand_is_told_and_read_only_if_it_is_wanted(hub: FakeHub, tmp_path: Path, folder: str) -> None:
    """Both checksums are named; read all the same, the set says that it is another version, and its commit is not known."""
    source = put(hub, "omnisbench")
    data = files("omnisbench")["runs/2026-08-19/results.json"].replace(b"sums", b"adds")
    where = shelf.by_hand(source) if folder.startswith("the one") else tmp_path / "mine"
    where.mkdir(parents=True)
    (where / "results.json").write_bytes(data)
    by_hand = None if folder.startswith("the one") else where / "results.json" if folder.startswith("a file") else where
    mine, published = hashlib.sha256(data).hexdigest(), source.files[0].sha256
    with pytest.raises(AnotherVersionError) as caught:
        fetch("omnisbench", by_hand=by_hand)
    assert caught.value.files == (("results.json", mine, published),)
    assert f"its SHA-256 is {mine}, not {published}" in str(caught.value)
    assert source.page in str(caught.value)
    assert not home.entries()
    got = fetch("omnisbench", by_hand=by_hand, any_version=True)
    assert (got.by_hand, got.commit, len(got.notes)) == (True, "", 1)
    table = home.get(got.key)
    assert "a revision that is not known" in table.origin.source
    assert mine in table.history[-2].detail
    assert published in table.history[-2].detail
    assert table.history[-1].values["another_version"] == [["results.json", mine, published]]
    assert not hub.calls


def test_each_file_by_hand_is_held_against_its_own_checksum(hub: FakeHub) -> None:
    """Of several files the one that differs is named; files whose checksum is not known beforehand are neither right nor wrong."""
    source = put(hub, "routellm-mmlu")
    folder = shelf.by_hand(source)
    folder.mkdir(parents=True)
    for path, data in files("routellm-mmlu").items():
        if "/old/" not in path:
            (folder / PurePosixPath(path).name).write_bytes(data)
    assert fetch("routellm-mmlu").commit == ""
    (folder / "contaminated_prompts.jsonl").write_bytes(files("routellm-mmlu")["routellm/evals/mmlu/contaminated_prompts.jsonl"] + b"\n")
    (folder / "mmlu_law.csv").write_bytes(files("routellm-mmlu")["routellm/evals/mmlu/responses/mmlu_law.csv"].replace(b" - ", b" * "))
    with pytest.raises(AnotherVersionError) as caught:
        fetch("routellm-mmlu")
    assert [name for name, _, _ in caught.value.files] == ["contaminated_prompts.jsonl"]


def test_more_than_was_shown_is_asked_for_first(hub: FakeHub) -> None:
    """Files that are larger than the size that was shown are not fetched without being asked for again."""
    put(hub, "embedllm", about_bytes=100)
    with pytest.raises(LargerError, match=r"the files are \d+ MB now, not about 0 MB") as caught:
        fetch("embedllm")
    assert caught.value.bytes == len(files("embedllm")["test.csv"])
    assert downloads(hub) == 0
    assert fetch("embedllm", any_size=True).queries == 4


def test_a_full_disk_is_said_before_the_download(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the files nothing is downloaded."""
    put(hub, "routerbench")
    usage = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(ProblemError, match="the disk has 0 MB left"):
        fetch("routerbench")
    assert downloads(hub) == 0


def test_room_is_needed_only_for_what_is_still_to_come(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that was stopped goes on where the disk has room for its rest, though not for the whole file."""
    source, data = put(hub, "routerbench"), files("routerbench")["routerbench_0shot.pkl"]
    place = shelf.place(source, source.revision, "routerbench_0shot.pkl")
    place.parent.mkdir(parents=True)
    place.with_name(place.name + ".part").write_bytes(data[:-10])
    usage = type("Usage", (), {"free": 200 * 2**20 + 10})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert fetch("routerbench").queries == 3


def test_progress_counts_bytes_and_ends_with_reading(hub: FakeHub) -> None:
    """Asked, bytes that only grow up to the total, checked, read, kept: in this order."""
    put(hub, "routellm-mmlu")
    steps: list[Step] = []
    fetch("routellm-mmlu", on_step=steps.append)
    order = ("asking", "downloading", "checking", "reading", "keeping")
    assert list(dict.fromkeys(step.phase for step in steps)) == list(order)
    down = [step.done for step in steps if step.phase == "downloading"]
    total = sum(len(data) for path, data in files("routellm-mmlu").items() if path.endswith(("anatomy.csv", "law.csv", ".jsonl")))
    assert down == sorted(down)
    assert {step.total for step in steps if step.phase in order[1:3]} == {total}
    assert down[-1] == total


@pytest.mark.parametrize("phase", ["asking", "downloading", "checking", "reading"])
def test_a_fetch_stops_wherever_it_is(hub: FakeHub, phase: str) -> None:
    """Told to stop in any phase it ends and keeps no set; the next fetch goes on and is the same as without a stop."""
    put(hub, "routerbench")
    seen: list[str] = []
    with pytest.raises(Stopped):
        fetch("routerbench", on_step=lambda step: seen.append(step.phase), stop=lambda: phase in seen)
    assert not home.entries()
    got = fetch("routerbench")
    assert isinstance(got, Fetched)
    assert len(home.get(got.key)) == 3


def test_rows_with_problems_are_left_out_and_counted(hub: FakeHub) -> None:
    """A published file with a bad row gives the good ones; how many are missing is said and stands in the history."""
    data = as_csv(
        [{"prompt": f"{i} + 2?", "gpt-4": "True", "mixtral": "False", "gpt-4_response": "4", "mixtral_response": "5"} for i in range(6)]
    )
    small = files("routellm-gsm8k") | {"routellm/evals/gsm8k/gsm8k_responses.csv": data + b"7 + 2?,True\n"}
    hub.put(DECLARED["routellm-gsm8k"], small)
    got = fetch("routellm-gsm8k")
    assert (got.queries, got.left_out) == (6, 1)
    history = home.get(got.key).history
    assert [line.action for line in history if "row" in line.action] == ["dropped bad rows"]
    assert len(got.notes) == 1
    assert got.notes[0].startswith("gsm8k_responses.csv, row 7")
    assert history[-2].values["notes"] == list(got.notes)


def test_what_an_archive_can_not_give_is_told(hub: FakeHub) -> None:
    """Of an archive with a run that is cut, a record that is none and a query that differs, each is told with its place and reason."""
    runs: dict[str, Any] = {
        model: llmrouterbench_run(model, "aime", (1, 0, 1), split="hybrid") for model in ("gpt-5", "glm-4.6", "intern-s1")
    }
    runs["gpt-5"]["records"][0]["index"] = None
    del runs["gpt-5"]["records"][1]["score"]
    runs["glm-4.6"]["records"][2]["origin_query"] = "another"
    members = {f"x/aime/hybrid/{model}/a-20250101_000000.json": as_json(run) for model, run in runs.items()}
    members["x/aime/hybrid/gpt-5/b-20250201_000000.json"] = members["x/aime/hybrid/gpt-5/a-20250101_000000.json"][:-50]
    hub.put(DECLARED["llmrouterbench"], {"bench-release.tar.gz": tarred(members)})
    got = fetch("llmrouterbench")
    cut, index, record, differs = got.notes
    assert cut.startswith("x/aime/hybrid/gpt-5/b-20250201_000000.json: this run is left out: it can't be read (JSONDecodeError")
    assert index.startswith("aime-hybrid-gpt-5.json, row 1: the record is not as in other files of this kind")
    assert "index is neither a number nor a text" in index
    assert record.startswith("aime-hybrid-gpt-5.json, row 2: the record is not as in other files of this kind")
    assert "1 answer is left out, of 1 query" in differs
    assert "aime-hybrid-3 of glm-4.6 (aime-hybrid-glm-4.6.json, record 3)" in differs
    assert (got.left_out, got.queries) == (2, 3)
    history = home.get(got.key).history
    assert all(part in history[-2].detail for part in ("b-20250201_000000.json", "row 1", "row 2", "and 1 more"))
    assert "aime-hybrid-3 of glm-4.6" in history[0].detail


def test_many_notes_are_cut(hub: FakeHub) -> None:
    """An archive of nothing but damage has no endless history."""
    good = as_json(llmrouterbench_run("gpt-5", "aime", (1, 0), split="hybrid"))
    bad = {f"x/aime/hybrid/gpt-5/b-202502{i:02d}_000000.json": b"{" for i in range(40)}
    hub.put(DECLARED["llmrouterbench"], {"bench-release.tar.gz": tarred({"x/aime/hybrid/gpt-5/a-20240101_000000.json": good, **bad})})
    got = fetch("llmrouterbench")
    assert len(got.notes) == 21
    assert got.notes[-1].startswith("... and 2")
    assert len(home.get(got.key).history[-2].detail) < 1_000


def test_what_is_no_table_any_more_is_refused_in_words(hub: FakeHub) -> None:
    """A file that the readers don't understand is no set: the message says why and where the files are."""
    source = hub.put(DECLARED["omnisbench"], {"runs/2026-08-19/results.json": b'{"note": "moved"}'})
    with pytest.raises(ProblemError) as caught:
        fetch("omnisbench")
    assert "results.json" in str(caught.value)
    assert not home.entries()
    assert shelf.made(source) is None


def test_an_unknown_name_says_which_there_are(hub: FakeHub) -> None:
    """A name that is no source is refused with the names of all."""
    put(hub, "routerbench")
    with pytest.raises(ProblemError, match="There are: routerbench"):
        fetch("routerbrench")


def test_a_name_that_leads_elsewhere_is_no_place(home: Path) -> None:
    """Paths of a home that climb out of the folder, are absolute or hold odd signs are refused; so is what is no commit."""
    source = DECLARED["routerbench"]
    for path in ("../../a.csv", "/etc/passwd", "a/../b", "a\\b", "", "a/./b/..", "con:x", ".."):
        with pytest.raises(ProblemError, match="no file of a published benchmark"):
            shelf.place(source, COMMIT, path)
    with pytest.raises(ProblemError, match="no file of a published benchmark"):
        shelf.place(source, "../x", "a.csv")
    assert shelf.place(source, COMMIT, "a/b.csv").is_relative_to(home / "hub" / "files" / "hub")


def test_a_part_that_becomes_a_file_while_somebody_looks_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is listed and gone a moment later counts nothing, and is no error of the page that shows how much is here."""
    source = DECLARED["routerbench"]
    place = shelf.place(source, COMMIT, "routerbench_0shot.pkl")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"123")
    monkeypatch.setattr(shelf, "_mine", lambda _: [place.with_name(place.name + ".part"), place])
    assert shelf.kept(source) == 3


def test_a_damaged_note_is_no_set(home: Path) -> None:
    """Notes of earlier fetches that are cut or of another form count as nothing."""
    source = replace(DECLARED["routerbench"])
    for text in ("{", "[]", '{"key": "x"}', '{"commit": "../..", "files": {"a": 1}, "licence": ""}'):
        for kind in ("", ".files"):
            path = home / "hub" / "fetched" / f"routerbench{kind}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert shelf.made(source) is None
        assert shelf.completed(source) is None
