"""CONTRIBUTING.md shows a reader, a sample and a test: all three run as they stand there."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import data.readers.formats
from data.readers.base import Upload
from data.readers.detect import Reading, inspect
from data.readers.formats.base import formats

ROOT = Path(__file__).resolve().parents[2]
LINES_MOST = 79


def block(name: str) -> str:
    """Return the code that stands under a mark of CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found.group(1)


@pytest.fixture
def sample() -> bytes:
    """Return the sample of the page."""
    return block("reader sample").encode()


@pytest.fixture(autouse=True)
def tollgate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the page's reader where formats are found, and take it away again."""
    (tmp_path / "tollgate.py").write_text(block("reader"), encoding="utf-8")
    monkeypatch.setattr(data.readers.formats, "__path__", [*data.readers.formats.__path__, str(tmp_path)])
    formats.cache_clear()
    yield
    formats.cache_clear()
    sys.modules.pop("data.readers.formats.tollgate", None)
    vars(data.readers.formats).pop("tollgate", None)


def shown() -> ModuleType:
    """Return the page's test as a module."""
    spec = importlib.util.spec_from_loader("shown_test", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    code = compile(block("reader test"), "CONTRIBUTING.md", "exec")
    exec(code, vars(module))  # noqa: S102  # what is documented is what runs
    return module


def test_the_shown_reader_is_found_and_reads_the_shown_lines(sample: bytes) -> None:
    """The reader of the page is a format like the others as soon as its file is there, and the sample is its own."""
    assert "tollgate" in formats()
    reading: Reading = inspect([Upload("anything.txt", sample)])
    assert (reading.reader, reading.title, reading.problems) == ("tollgate", "Tollgate log", ())
    assert reading.table is not None
    assert reading.table.origin.note == formats()["tollgate"].about


@pytest.mark.parametrize("name", ["test_a_tollgate_log", "test_order_and_names_play_no_part", "test_an_odd_line_is_named"])
def test_the_shown_tests_pass(name: str, sample: bytes) -> None:
    """Each test of the page passes with its reader."""
    getattr(shown(), name)(sample)


def test_the_page_shows_every_test_that_is_run_here() -> None:
    """No test of the page is left out above."""
    assert {name for name in vars(shown()) if name.startswith("test_")} == {
        "test_a_tollgate_log", "test_order_and_names_play_no_part", "test_an_odd_line_is_named"
    }  # fmt: skip


def test_a_shown_test_can_fail(sample: bytes) -> None:
    """A changed sample makes the page's test fail: it isn't true of anything."""
    with pytest.raises(AssertionError):
        shown().test_a_tollgate_log(sample.replace(b'"pass"', b'"fail"'))


def test_readers_are_short() -> None:
    """The shown reader and every file of the folder have fewer than 80 lines."""
    folder = ROOT / "data" / "readers" / "formats"
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.glob("*.py") if path.stem != "base"}
    lengths["tollgate.py"] = len(block("reader").splitlines())
    assert {name: length for name, length in lengths.items() if length > LINES_MOST} == {}


def test_the_shown_code_is_formatted(tmp_path: Path) -> None:
    """The reader of the page passes ruff, as the project's own files do."""
    import subprocess

    path = tmp_path / "shown.py"
    path.write_text(block("reader"), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--ignore", "INP001", str(path)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout
