"""docs/performance.md has every row of the benchmarks, and is what its script writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs import performance
from tests.benchmarks.__main__ import names


def test_the_page_is_up_to_date() -> None:
    """The page is what `python -m docs.performance` writes from the rows and the figures that are kept."""
    assert performance.PAGE.read_text(encoding="utf-8") == performance.page(performance.known())


@pytest.mark.parametrize("name", names())
def test_every_row_is_described(name: str) -> None:
    """Each row stands in the table with its goal, and below it with what it compares."""
    text = performance.PAGE.read_text(encoding="utf-8")
    assert f"| `{name}` |" in text
    assert f"**`{name}`** " in text


def test_new_figures_take_the_place_of_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that was measured again has its new figures and date, others keep theirs; above its goal is said; MB and slopes are no ms."""
    for name in ("PAGE", "FIGURES"):
        monkeypatch.setattr(performance, name, tmp_path / name)
    old = {"ratio": 1.5, "reference": 0.01, "ours": 0.015, "machine": "one", "date": "2000-01-01"}
    (tmp_path / "FIGURES").write_text(json.dumps({"simulate": old, "drag": old, "gone": old}), encoding="utf-8")
    rows = [
        {"name": "drag", "ratio": 3.0, "reference": 0.5, "ours": 1.5, "machine": "two"},
        {"name": "memory_long", "ratio": 2.0, "reference": 0.25, "ours": 0.5, "machine": "two"},
        {"name": "scaling", "ratio": 0.98, "reference": 1.0, "ours": 0.98, "machine": "two"},
    ]
    (tmp_path / "rows.json").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    performance.main([str(tmp_path / "rows.json")])
    text = (tmp_path / "PAGE").read_text(encoding="utf-8")
    assert "| `drag` | 3.00 (above) | 1.15 | 500 ms | 1,500 ms | 20" in text
    assert "| `simulate` | 1.50 | 2.5 | 10 ms | 15 ms | 2000-01-01 |" in text
    assert "| `memory_long` | 2.00 | 3 | 256 MB | 512 MB |" in text
    assert "| `scaling` | 0.98 | 1.05 | 1 slope | 0.98 slope |" in text
    assert "| `slider` | | 2 | | | not yet |" in text
    assert "Measured on: one; two." in text
    assert set(json.loads((tmp_path / "FIGURES").read_text(encoding="utf-8"))) == {"simulate", "drag", "memory_long", "scaling"}
