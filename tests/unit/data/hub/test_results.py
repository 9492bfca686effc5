"""LLMRouterBench's archive: which runs make a set, what is kept of them, and archives that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data import load
from data.hub.results import Choice, unpacked
from data.problems import ProblemError
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
