"""The benchmarks' machinery; nothing is timed here."""

import importlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from strategies.registry import discover
from tests.benchmarks import __main__ as command
from tests.benchmarks import cascade_routing, decide, fit, in_turns


@pytest.mark.parametrize("name", command.names())
def test_a_row_is_a_file_with_a_goal(name):
    """Every row says what is compared, how much is good enough, and can be measured."""
    row = importlib.import_module(f"tests.benchmarks.{name}")
    assert row.__doc__
    assert row.GOAL > 0
    assert callable(row.measure)


def test_the_promised_rows_are_there():
    """At least those of the decisions page."""
    assert {"replay_cascade", "frontier_cut", "drag", "first_chart", "slider", "cascade_routing", "decide", "fit"} <= set(command.names())


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


def test_a_decision_of_cascade_routing_is_compared_with_a_whole_search(capsys):
    """The row's small variant: both searches agree on what a set is worth, both curves have an area."""
    reference, ours = cascade_routing.measure(queries=4, drawn=20, rounds=1)
    assert min(reference, ours) > 0
    said = capsys.readouterr().out
    assert "a decision: search" in said
    assert "area under the curve of 20 queries" in said


def test_the_search_of_the_benchmark_is_the_strategys_own_but_for_its_draws():
    """What 100 draws of every set say of its worth lies near the integral's, with answers there or none."""
    floor, mean, spread, price, run = cascade_routing.states(12)
    _, worth = cascade_routing.best_set(floor, mean, spread, price, run, any_set=True)
    drawn = [cascade_routing.searched(floor[i], mean[i], spread, price[i], run[i])[1] for i in range(12)]
    assert worth == pytest.approx(np.array(drawn), abs=0.08)


def test_routers_are_timed_on_a_table_of_eleven_models(capsys):
    """The row's small variant: a line for each router, and one for the search of neighbours; what is slow by nature does not count."""
    pair = decide.measure(queries=60, fit=50, rounds=1, only=("ridge-router", "knn-router", "task-router"))
    assert min(pair) > 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == ["neighbours,", "knn-router", "ridge-router", "task-router"]
    assert set(decide.REASONS) | set(decide.KINDS) <= set(discover()[0])


def test_fits_are_timed_in_processes_of_their_own(capsys):
    """The row's small variant: seconds, CPU and memory of a fit, and what a strategy lacks is said."""
    reference, ours = fit.measure(queries=80, fewer=40, only=("single",))
    assert min(reference, ours) > 0
    assert "CPU" in capsys.readouterr().out
