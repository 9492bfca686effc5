"""The benchmarks' machinery; nothing is timed here."""

import importlib
import json
from types import SimpleNamespace

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import in_turns


@pytest.mark.parametrize("name", command.names())
def test_a_row_is_a_file_with_a_goal(name):
    """Every row says what is compared, how much is good enough, and can be measured."""
    row = importlib.import_module(f"tests.benchmarks.{name}")
    assert row.__doc__
    assert row.GOAL > 0
    assert callable(row.measure)


def test_the_promised_rows_are_there():
    """At least those of the decisions page."""
    assert {"replay_cascade", "frontier_cut", "drag", "first_chart", "slider"} <= set(command.names())


def test_both_sides_are_run_in_turns():
    """One warm-up and then as many rounds of each, alternating."""
    order = []
    reference, ours = in_turns(lambda: order.append("r"), lambda: order.append("o"), rounds=3)
    assert order == ["r", "o"] * 4
    assert min(reference, ours) >= 0


def test_rows_are_printed_and_written_one_object_a_line(tmp_path, monkeypatch, capsys):
    """A row that cannot be measured is said and the others are kept."""

    def imported(name):
        seconds = {"tests.benchmarks.drag": lambda: (2.0, 3.0), "tests.benchmarks.slider": lambda: 1 / 0}
        return SimpleNamespace(GOAL=1.2, measure=seconds[name])

    monkeypatch.setattr(command.importlib, "import_module", imported)
    path = tmp_path / "rows.json"
    assert command.main(["--json", str(path), "--only", "slider", "--only", "drag"]) == 1
    (row,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert (row["name"], row["ratio"], row["reference"], row["ours"]) == ("drag", 1.5, 2.0, 3.0)
    assert set(row) == {"name", "ratio", "reference", "ours", "machine"}
    said = capsys.readouterr().out
    assert "above its goal" in said
    assert "slider             could not be measured: ZeroDivisionError" in said
