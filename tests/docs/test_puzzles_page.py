"""What docs/puzzles.md says of the bundled puzzles is what they show, and it is what was promised of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from data.ladder.measure import read
from docs.puzzles import FILE, HERE, ROUTERS, measured, page

WRITTEN = json.loads(FILE.read_text(encoding="utf-8"))


def leaves(found: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield (path, number) of everything in nested mappings and lists."""
    if isinstance(found, dict | list):
        items = found.items() if isinstance(found, dict) else enumerate(found)
        for key, value in items:
            yield from leaves(value, f"{path}/{key}")
    else:
        yield path, float(found)


def test_the_figures_are_found_again() -> None:
    """Measured again, every figure is the written one within half a point: other processors round otherwise, and may turn an answer."""
    assert dict(leaves(measured())) == pytest.approx(dict(leaves(WRITTEN)), abs=0.005)


def test_the_page_is_written_from_the_figures() -> None:
    """The page is what the figures make of it, to the letter."""
    assert (HERE / "puzzles.md").read_text(encoding="utf-8") == page(WRITTEN, read())


@pytest.mark.parametrize("name", ROUTERS)
def test_a_router_beats_the_single_arm_of_its_price(name: str) -> None:
    """As dear as R2 or R3 within a twentieth, and better by more than chance."""
    for model in ("r2", "r3"):
        row = WRITTEN["routed"][name][model]
        assert row["difference"][1] > 0, model
        assert row["cost"][0] < 1.05, model


def test_a_cascade_keeps_the_quality_for_less() -> None:
    """More than 95 % of R4's quality for less than 75 % of its cost, ends of both intervals."""
    row = WRITTEN["kept"]["0.99"]
    assert row["quality"][1] > 0.95
    assert row["cost"][2] < 0.75
