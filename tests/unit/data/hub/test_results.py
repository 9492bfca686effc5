"""LLMRouterBench's archive: which runs make a set, what is kept of them, and archives that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import load
from data.hub.results import Choice, unpacked
from data.problems import Problem, ProblemError
from data.readers.base import Upload
from data.readers.detect import inspect
from tests.benchmarks_small import archive, tarred
from tests.published import as_json, llmrouterbench_run

CHOICE = Choice(datasets=("aime", "hle"), models=("claude-sonnet-4", "gpt-5"), splits=("hybrid", "test"))


def put(folder: Path, data: bytes) -> Path:
    """Return the path of an archive."""
    path = folder / "bench-release.tar.gz"
    path.write_bytes(data)
    return path


def test_the_newest_run_of_each_folder_counts(tmp_path: Path) -> None:
    """Older and trial runs, other datasets, splits and models are left out; scores are those of the newest run."""
    files = list(unpacked(put(tmp_path, archive()), choice=CHOICE))
    assert [file.name for file in files] == [
        "aime-hybrid-claude-sonnet-4.json", "aime-hybrid-gpt-5.json", "hle-test-claude-sonnet-4.json", "hle-test-gpt-5.json",
    ]  # fmt: skip
    table = load(files)
    assert table.quality("gpt-5").tolist()[:2] == [1.0, 1.0]
    assert table.queries.prompts is not None
    assert list(table.queries.prompts) == [f"{task} asks {i}?" for task, n in (("aime", 3), ("hle", 2)) for i in range(1, n + 1)]


def test_a_text_stands_once_and_long_answers_are_left_out(tmp_path: Path) -> None:
    """Of two runs of a dataset one has the queries' texts; raw outputs and long predictions are in none."""
    runs = {model: llmrouterbench_run(model, "aime", (1, 0), split="hybrid") for model in CHOICE.models}
    runs["gpt-5"]["records"][0]["prediction"] = "long " * 100
    path = put(tmp_path, tarred({f"x/aime/hybrid/{model}/{model}-20250101_000000.json": as_json(run) for model, run in runs.items()}))
    first, second = (json.loads(file.data)["records"] for file in unpacked(path, choice=CHOICE))
    assert [record["origin_query"] for record in first] == ["aime asks 1?", "aime asks 2?"]
    assert all("origin_query" not in record for record in second)
    assert "prediction" not in second[0]
    assert second[1]["prediction"] == "2"
    assert not any("raw_output" in record for record in (*first, *second))


def made_of(folder: Path, runs: Mapping[str, Any]) -> tuple[list[Upload], list[Problem]]:
    """Return the files of an archive of runs (folder and name -> value or bytes), and what was noted."""
    members = {f"x/{name}.json": run if isinstance(run, bytes) else as_json(run) for name, run in runs.items()}
    notes: list[Problem] = []
    return list(unpacked(put(folder, tarred(members)), notes.append, choice=CHOICE)), notes


def test_a_text_under_the_same_index_is_compared_though_it_stands_once(tmp_path: Path) -> None:
    """A run whose query is another than that of its index elsewhere is not joined to it; the text of a run that is not taken counts not."""
    runs = {model: llmrouterbench_run(model, "aime", (1, 0), split="hybrid") for model in CHOICE.models}
    runs["gpt-5"]["records"][1]["origin_query"] = "another"
    stale = llmrouterbench_run("gpt-5", "aime", (0, 0), split="hybrid")
    stale["records"][0]["origin_query"] = "older"
    files, notes = made_of(
        tmp_path,
        {"aime/hybrid/gpt-5/a-20240101_000000": stale, **{f"aime/hybrid/{model}/a-20250101_000000": run for model, run in runs.items()}},
    )
    assert not notes
    reading = inspect(files)
    assert reading.table is not None
    assert reading.table.quality("claude-sonnet-4").tolist() == [1.0, 0.0]
    assert np.isnan(reading.table.quality("gpt-5")).tolist() == [False, True]
    assert reading.table.queries.prompts is not None
    assert list(reading.table.queries.prompts) == ["aime asks 1?", "aime asks 2?"]
    assert "1 answer is left out, of 1 query" in reading.warnings[0].what
    assert "aime-hybrid-2 of gpt-5 (aime-hybrid-gpt-5.json, record 2)" in reading.warnings[0].what


@pytest.mark.parametrize("damaged", [None, "x", {}, {"index": 1, "prompt_tokens": 3}, {"index": 1, "score": "good", "prompt_tokens": 3}])
def test_a_damaged_record_costs_no_run(tmp_path: Path, damaged: object) -> None:
    """Of a run with a record that is none all others are kept, and the reader names the one with its file and row."""
    runs = {model: llmrouterbench_run(model, "aime", (1, 0, 1), split="hybrid") for model in CHOICE.models}
    runs["gpt-5"]["records"][1] = damaged
    files, notes = made_of(tmp_path, {f"aime/hybrid/{model}/a-20250101_000000": run for model, run in runs.items()})
    assert not notes
    reading = inspect(files)
    [problem] = reading.problems
    assert (problem.file, problem.row) == ("aime-hybrid-gpt-5.json", 2)
    assert "the record is not as in other files of this kind" in problem.what
    assert reading.table is not None
    assert np.isnan(reading.table.quality("gpt-5")).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "JSONDecodeError"), (b"\xff", "UnicodeDecodeError"), (b"[" * 100_000, "RecursionError"), (b"[]", "no JSON object"),
        (b"{}", "no list of records"), (b'{"records": {"index": 1}}', "no list of records"),
    ],
)  # fmt: skip
def test_a_run_that_can_not_be_read_is_noted(tmp_path: Path, data: bytes, why: str) -> None:
    """What is no run is named with its path and the reason, and an older run of its folder stays."""
    older = llmrouterbench_run("gpt-5", "aime", (1, 0), split="hybrid")
    files, [note] = made_of(tmp_path, {"aime/hybrid/gpt-5/a-20240101_000000": older, "aime/hybrid/gpt-5/a-20250101_000000": data})
    assert note.file == "x/aime/hybrid/gpt-5/a-20250101_000000.json"
    assert note.what.startswith("this run is left out: it can't be read (")
    assert why in note.what
    assert load(files).quality("gpt-5").tolist() == [1.0, 0.0]


def test_a_run_that_is_too_large_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member over the limit is not read, and that is said."""
    runs = {model: as_json(llmrouterbench_run(model, "aime", (1,), split="hybrid")) for model in CHOICE.models}
    runs["gpt-5"] += b" " * 10_000
    monkeypatch.setattr("data.hub.results._MEMBER_MOST", 10_000)
    files, [note] = made_of(tmp_path, {f"aime/hybrid/{model}/a-20250101_000000": run for model, run in runs.items()})
    assert [file.name for file in files] == ["aime-hybrid-claude-sonnet-4.json"]
    assert note.what == "this run is left out: it is larger than 0 MB."


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"no archive", "can't be read"), (archive()[:-300], "can't be read"), (tarred({"a/b.json": b"{}"}), "none of the results")],
)
def test_archives_that_are_none(tmp_path: Path, data: bytes, why: str) -> None:
    """Noise, a cut archive and one with other files are refused in words."""
    with pytest.raises(ProblemError, match=why):
        list(unpacked(put(tmp_path, data), choice=CHOICE))


def test_nothing_is_written_whatever_the_members_are_called(tmp_path: Path) -> None:
    """Members with paths that climb, or that are links, leave the folder as it was."""
    import io
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in ("../../aime/hybrid/gpt-5/evil.json", "/aime/hybrid/gpt-5/evil.json"):
            data = as_json(llmrouterbench_run("gpt-5", "aime", (1,), split="hybrid"))
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("aime/hybrid/gpt-5/link.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    path = put(tmp_path, out.getvalue())
    assert len(list(unpacked(path, choice=CHOICE))) == 1
    assert list(tmp_path.iterdir()) == [path]
