"""`python -m data fetch`: what it lists, what it says before it fetches, what it keeps, and its exit codes."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from data.cli import main
from data.hub import command
from data.hub.base import sources
from data.stores import home
from tests.benchmarks_small import files
from tests.fake_hub import FakeHub

DECLARED = dict(sources())


def test_without_a_name_it_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Every benchmark with its size and licence, "not stated" where none is, and nothing is fetched."""
    assert main(["fetch"]) == 0
    said = capsys.readouterr().out
    for source in DECLARED.values():
        assert source.id in said
        assert source.title in said
    assert "about 275 MB" in said
    assert "1.28 GB" in said
    assert "not stated" in said


def test_one_is_described_fetched_and_kept(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> None:
    """Licence, size and page come first, on stderr; the sentence on stdout names the set, which other commands take."""
    hub.put(DECLARED["routellm-gsm8k"], files("routellm-gsm8k"))
    assert main(["fetch", "routellm-gsm8k"]) == 0
    got = capsys.readouterr()
    order = ["Licence: Apache-2.0", "asking github.com", "downloading", "checking", "reading", "keeping the set"]
    assert [got.err.index(part) for part in order] == sorted(got.err.index(part) for part in order)
    assert "https://github.com/lm-sys/RouteLLM/tree/0b64fdafe049e596a3f5657c219329f24af24198" in got.err
    [entry] = home.entries()
    assert got.out.startswith("Kept as RouteLLM, GSM8K: 6 queries, 2 models, commit 0b64fdafe049e596a3f5657c219329f24af24198.")
    assert main(["read", entry.id]) == 0
    assert "6 queries, 2 models" in capsys.readouterr().out
    assert main(["fetch"]) == 0
    assert entry.id in capsys.readouterr().out


def test_files_by_hand(hub: FakeHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--from` takes a file that was downloaded by hand and says so; a folder without it is an error with exit code 2."""
    hub.put(DECLARED["omnisbench"], files("omnisbench"))
    (tmp_path / "results.json").write_bytes(files("omnisbench")["runs/2026-08-19/results.json"])
    assert main(["fetch", "omnisbench", "--from", str(tmp_path)]) == 0
    assert "from files that were put there by hand" in capsys.readouterr().out
    assert not hub.calls
    assert main(["fetch", "omnisbench", "--from", str(tmp_path / "no")]) == 2
    assert "does not hold all files" in capsys.readouterr().err


def test_another_version_by_hand(hub: FakeHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not the published one ends with 2, both checksums and the way to go on; so read, that is said again."""
    source = hub.put(DECLARED["omnisbench"], files("omnisbench"))
    file = tmp_path / "results.json"
    file.write_bytes(files("omnisbench")["runs/2026-08-19/results.json"] + b" ")
    mine = hashlib.sha256(file.read_bytes()).hexdigest()
    said = f"results.json: this is another version than the published one: its SHA-256 is {mine}, not {source.files[0].sha256}."
    assert main(["fetch", "omnisbench", "--from", str(file)]) == 2
    assert f"{said} Get the published one from {source.page}, or say --any-version to read it as it is." in capsys.readouterr().err
    assert main(["fetch", "omnisbench", "--from", str(file), "--any-version"]) == 0
    out = capsys.readouterr().out
    assert "a revision that is not known" in out
    assert f"Note: {said} It was read as it is.\n" in out


def test_errors_are_sentences(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown name, and files larger than was said, end with 2 and a sentence; with --any-size the latter are fetched."""
    hub.put(DECLARED["embedllm"], files("embedllm"), about_bytes=100)
    assert main(["fetch", "nothing"]) == 2
    assert "there is no published benchmark 'nothing'" in capsys.readouterr().err
    assert main(["fetch", "embedllm"]) == 2
    assert "Say --any-size" in capsys.readouterr().err
    assert main(["fetch", "embedllm", "--any-size"]) == 0


def test_a_terminal_sees_bytes_on_one_line(hub: FakeHub) -> None:
    """On a terminal progress stays on one line and counts bytes."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    hub.put(DECLARED["routerbench"], files("routerbench"))
    out = Terminal()
    command.brought("routerbench", out=out)
    shown = [line.strip() for line in out.getvalue().split("\r")[1:]]
    assert any(line.startswith("downloading ") and " of " in line and line.endswith("kB") for line in shown)
    assert shown[-1] == "keeping the set"
