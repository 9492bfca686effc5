"""Checks are silent on clean tables and find exactly the planted rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.audit import apply, audit, checks
from data.models import ModelCard
from data.outcomes import OutcomeTable, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet

N = 40


def clean(**changes) -> OutcomeTable:
    """Return a table of 40 queries and 3 models with everything recorded and nothing wrong."""
    rng = np.random.default_rng(5)
    quality = (rng.random((N, 3)) < [0.4, 0.6, 0.8]).astype(np.float32)
    fields = {
        "cost_usd": rng.uniform(0.001, 0.01, (N, 3)),
        "latency_s": rng.uniform(0.5, 4, (N, 3)),
        "tokens_in": rng.integers(20, 400, (N, 3)),
        "tokens_out": rng.integers(20, 1200, (N, 3)),
        "queries": QuerySet.build([f"q{i}" for i in range(N)], prompts=[f"prompt {i}" for i in range(N)]),
    }
    return outcome_table(("a", "b", "c"), quality, **{**fields, **changes}, check=False)


def planted(field: str, cells: dict[tuple[int, int], float]) -> OutcomeTable:
    """Return the clean table with some cells of a field replaced."""
    table = clean()
    values = np.array(table.numbers[field])
    for (row, model), value in cells.items():
        values[row, model] = value
    return replace(table, numbers={**table.numbers, field: values})


def only(table: OutcomeTable, finding_id: str):
    """Return the finding of that id, which has to be the only one."""
    found = audit(table)
    assert [f.id for f in found] == [finding_id]
    return found[0]


def test_a_clean_table_is_silent():
    """No check finds anything in a table without defects, with or without optional fields."""
    assert audit(clean()) == ()
    assert audit(outcome_table(("a",), np.ones((3, 1)))) == ()
    assert {"sentinels", "missing_cells", "zero_cost_with_tokens"} <= set(checks())


def test_zero_cost_with_tokens_is_found_and_repaired():
    """Exactly the calls at zero with tokens are found; repairing makes them cost what tokens and price say, or unknown."""
    table = planted("cost_usd", {(3, 0): 0.0, (7, 1): 0.0})
    table = replace(table, cards=(ModelCard(name="a", price_in_usd_per_mtok=1.0, price_out_usd_per_mtok=2.0, tier="assumed"),))
    finding = only(table, "zero_cost_with_tokens")
    assert (finding.rows.tolist(), finding.models, finding.severity) == ([3, 7], ("a", "b"), "error")
    repaired = apply(table, finding, "repair")
    expected = (table.column("tokens_in", 0)[3] * 1.0 + table.column("tokens_out", 0)[3] * 2.0) * 1e-6
    assert repaired.cost_usd("a")[3] == pytest.approx(expected)
    assert np.isnan(repaired.cost_usd("b")[7])
    assert [f.id for f in audit(repaired)] == ["unknown_price.calls"]
    assert len(apply(table, finding, "exclude")) == N - 2


@pytest.mark.parametrize(
    "card",
    [
        ModelCard(name="a", price_usd_per_query=0.0, tier="typed"),
        ModelCard(name="a", price_usd_per_hour=0.0, tier="assumed"),
        ModelCard(name="a", price_in_usd_per_mtok=0.0, price_out_usd_per_mtok=0.0, tier="list"),
    ],
)
def test_a_declared_free_arm_is_no_finding(card):
    """A tool or local arm whose card says that it is free may cost nothing."""
    assert audit(replace(planted("cost_usd", dict.fromkeys([(i, 0) for i in range(N)], 0.0)), cards=(card,))) == ()


def test_zero_cost_without_tokens_is_no_finding():
    """Where no tokens were used, zero is a cost like any other."""
    table = planted("cost_usd", {(3, 0): 0.0})
    tokens = np.zeros((N, 3))
    assert audit(replace(table, numbers={**table.numbers, "tokens_in": tokens, "tokens_out": tokens})) == ()


@pytest.mark.parametrize(
    ("field", "cells", "rows"),
    [
        ("quality", {(2, 0): -1.0, (9, 2): 1.5}, [2, 9]),
        ("cost_usd", {(4, 1): -0.5}, [4]),
        ("latency_s", {(5, 1): -1.0, (6, 0): -1.0}, [5, 6]),
        ("latency_s", {(5, 1): 999.0, (6, 0): 999.0}, [5, 6]),
        ("tokens_out", {(1, 1): 99999.0, (3, 1): 99999.0}, [1, 3]),
        ("tokens_in", {(0, 2): -1.0}, [0]),
    ],
)
def test_sentinels_and_impossible_values_are_found(field, cells, rows):
    """Values below zero, scores above one and repeated nines are found in exactly their rows, and repaired to unknown."""
    table = planted(field, cells)
    finding = next(f for f in audit(table) if f.id == f"sentinels.{field}")
    assert finding.rows.tolist() == rows
    repaired = apply(table, finding, "repair")
    assert np.isnan(repaired.numbers[field]).sum() == len(cells)
    assert not any(f.check == "sentinels" for f in audit(repaired))


def test_a_single_large_number_is_no_sentinel():
    """One call of 999 tokens among hundreds is an ordinary number."""
    assert audit(planted("tokens_out", {(1, 1): 999.0, (2, 1): 999.0})) == ()


def test_repeated_prompts_are_found_and_merged():
    """Prompts that differ in case and space only are one; the first row of each is kept, or none."""
    prompts = [f"prompt {i}" for i in range(N)]
    prompts[10], prompts[30], prompts[31] = "Same  here", "same here", " SAME here "
    table = clean(queries=QuerySet.build([f"q{i}" for i in range(N)], prompts=prompts))
    finding = only(table, "duplicate_prompts")
    assert finding.rows.tolist() == [10, 30, 31]
    assert apply(table, finding, "repair").queries.ids.to_list() == [f"q{i}" for i in range(N) if i not in (30, 31)]
    assert len(apply(table, finding, "exclude")) == N - 3
    assert len(apply(table, finding, "keep")) == N


def test_missing_cells_are_found():
    """Rows with holes are found with the models that have them; they can be left out, or count as wrong."""
    table = planted("quality", {(2, 1): np.nan, (3, 1): np.nan, (3, 2): np.nan})
    finding = only(table, "missing_cells")
    assert (finding.rows.tolist(), finding.models, finding.severity) == ([2, 3], ("b", "c"), "warning")
    assert len(apply(table, finding, "exclude")) == N - 2
    assert apply(table, finding, "repair").quality("b")[2] == 0


def test_counting_as_wrong_says_what_it_does_not_mend():
    """A cell that counts as wrong has no cost: where costs are recorded the choice says that such rows stay out of comparisons."""
    table = planted("quality", {(2, 1): np.nan})
    assert only(table, "missing_cells").choices["repair"] == "count them as wrong (0)"
    cost = np.array(table.numbers["cost_usd"])
    cost[2, 1] = np.nan
    unbilled = replace(table, numbers={**table.numbers, "cost_usd": cost})
    assert "cost is not known" in only(unbilled, "missing_cells").choices["repair"]


def test_holes_everywhere_cannot_be_excluded():
    """Where every row has a hole, leaving them out is not offered."""
    finding = only(planted("quality", {(i, 1): np.nan for i in range(N)}), "missing_cells")
    assert "exclude" not in finding.choices


def test_contaminated_rows_come_from_the_companion():
    """Marked rows are found; there is nothing to repair in them."""
    marks = ["yes" if i in (4, 8) else None for i in range(N)]
    table = clean(queries=QuerySet.build([f"q{i}" for i in range(N)], meta={"contaminated": marks}))
    finding = only(table, "contaminated")
    assert finding.rows.tolist() == [4, 8]
    with pytest.raises(ProblemError, match="can't be settled by 'repair'"):
        apply(table, finding, "repair")
    with pytest.raises(ProblemError, match="can't be repaired"):
        checks()["contaminated"].repair(table, finding)


def test_a_model_run_only_where_another_failed_is_found():
    """A model whose holes follow another's outcome is found in exactly the rows on which it was run."""
    table = clean()
    quality = np.array(table.numbers["quality"])
    quality[:, 0] = np.arange(N) % 2
    quality[quality[:, 0] == 1, 2] = np.nan
    found = {f.id: f for f in audit(replace(table, numbers={**table.numbers, "quality": quality}))}
    assert set(found) == {"missing_cells", "chosen_by_outcome.selective"}
    finding = found["chosen_by_outcome.selective"]
    assert (finding.rows.tolist(), finding.models) == (list(range(0, N, 2)), ("c",))


def test_holes_at_random_are_not_called_chosen():
    """Holes that follow a coin and not an outcome are only missing cells, for whatever seed."""
    for seed in range(20):
        table = clean()
        quality = np.array(table.numbers["quality"])
        quality[np.random.default_rng(seed).random(N) < 0.5, 2] = np.nan
        assert [f.id for f in audit(replace(table, numbers={**table.numbers, "quality": quality}))] == ["missing_cells"]


def test_history_holds_every_choice():
    """A choice is a line with finding, choice, count and the first ids; a kept finding stays visible as settled."""
    table = planted("quality", {(2, 1): np.nan})
    finding = only(table, "missing_cells")
    kept = apply(table, finding, "keep")
    line = kept.history[-1]
    assert line.action == "audit"
    assert line.values == {"finding": "missing_cells", "choice": "keep", "rows": 1, "models": ["b"], "first_ids": ["q2"]}
    assert "1 row kept" in line.detail
    assert audit(kept)[0].settled == "keep"


def test_excluding_everything_is_refused():
    """Leaving out all rows is refused in words."""
    table = planted("cost_usd", {(i, 0): 0.0 for i in range(N)})
    finding = only(table, "zero_cost_with_tokens")
    assert "exclude" not in finding.choices
    finding = replace(finding, choices={"exclude": "leave these queries out"})
    with pytest.raises(ProblemError, match="leave nothing"):
        apply(table, finding, "exclude")
