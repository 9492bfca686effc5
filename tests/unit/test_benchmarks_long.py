"""The rows on long tables, each on a short one: what they compare agrees, and both sides run."""

import pyarrow.parquet as pq
import pytest

from tests.benchmarks import frontier_grid, frontier_two_stage, grid_bins, memory_long, replay_totals, scaling


@pytest.mark.parametrize("row", [frontier_two_stage, frontier_grid, grid_bins, replay_totals])
def test_both_sides_agree_on_a_short_table(row):
    """Each row checks its own figures against a replay or the reference before it is timed."""
    assert min(row.measure(queries=3000, rounds=1)) > 0


def test_the_slope_is_that_of_all_sizes(capsys):
    """The reference is 1, and every size's time is printed."""
    reference, slope = scaling.measure(sizes=(100, 1000), rounds=2)
    assert reference == 1
    assert -1 < slope < 3
    assert "100: " in capsys.readouterr().out


def test_the_long_file_has_an_outcome_a_row(tmp_path):
    """Every query and model once, with the columns that the row's size is reckoned from."""
    rows = pq.read_table(memory_long.write(tmp_path / "long.parquet", outcomes=240)).to_pandas()
    assert len(rows) == 240
    assert not rows.duplicated(["id", "model"]).any()
    assert set(memory_long.FIELDS) < set(rows.columns)
