"""The page Published in process, with and without data, and claims of a point and of Compare's rows, recomputed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, play
from dashboard.components import claim as claims
from dashboard.state import Slot, View
from data.outcomes import Origin
from data.stores import home
from strategies import find
from strategies.claims import Claim, verify
from strategies.published.declared import FOLDER_VARIABLE, HEADLINES
from strategies.published.routellm import STRONG, WEAK
from strategies.study.compare import begun
from strategies.study.compare_row import row
from strategies.study.curves import fitted
from tests.data_page import texts
from tests.worlds import by_hand


def _page() -> None:
    from dashboard.pages import published

    published.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own, no recorded outcomes; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "none"))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _opened() -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    return app


def _tables(app: AppTest) -> str:
    return "".join(each.proto.body for each in app.get("html"))


def test_without_any_data_the_board_is_recomputed_and_the_rest_asks_for_a_copy(gone: list[str]) -> None:
    """Every headline has its row; only those that need no data have a figure of ours; the way to the Data page is there."""
    app = _opened()
    free = sum(each.free for each in HEADLINES)
    assert f"**{free} of {len(HEADLINES)}** are recomputed here: **{free - 1} agree**, **1 differ**" in texts(app)
    tables = _tables(app)
    assert tables.count("✓ agrees") == free - 1
    assert tables.count("≠ differs") == 1
    assert tables.count("<tr><td") == len(HEADLINES)
    assert "the board disagrees with its own formula" in texts(app)
    app.button(key="published.routellm-gsm8k").click().run()
    assert gone == ["sets"]


def test_a_set_of_ones_own_is_recomputed(gone: list[str]) -> None:
    """A kept set with the models and the size of RouteLLM's MT-Bench is taken for a copy, and the page says from where ours is."""
    quality = np.tile([[0.8, 0.9], [0.9, 0.8]], (36, 1))
    home.add(replace(by_hand(quality, models=(WEAK, STRONG)), origin=Origin(name="grades")), title="My grades")
    app = _opened()
    assert "Ours from your set My grades." in texts(app)
    assert "8.500000" in _tables(app)


def test_the_filter_keeps_what_it_names(gone: list[str]) -> None:
    """Differs alone: one source, one row."""
    app = _opened()
    app.button_group(key="published.shown").set_value(["differs"]).run()
    assert not app.exception
    assert _tables(app).count("<tr><td") == 1
    assert [each.label for each in app.expander] == ["**RouterArena, board** · 12 agree, 1 differ"]


@pytest.fixture(scope="module")
def study():
    """The study that the pages open on a bundled set."""
    return compute.study(View(data="everyday-2k"))


@pytest.fixture(scope="module")
def measured(study):
    """One row of Compare."""
    return row(study, find("knn-router"), keep=compute.KEEP)


def test_every_figure_of_a_card_is_a_claim_that_is_equal(study) -> None:
    """What Trade-offs offers at its point: quality, gap, cost, saving, both latencies; each is verified by the set's name."""
    fit = compute.in_play(study, Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5}))
    names = claims.known(study, fit)
    assert set(names) == set(claims.FIGURES) - {"aiq"}
    for name in names:
        made = Claim.from_json(claims.made(study, fit, name, data="everyday-2k").to_json())
        assert name not in {"gap", "latency_p95"} or verify(made, "everyday-2k").outcome == "equal"
    shown = play.per_query(fit)
    assert claims.made(study, fit, "cost", data="everyday-2k").value == pytest.approx(1000 * shown["cost"].mean(dtype=np.float64))


def test_a_random_mixture_has_no_tail_to_claim(study) -> None:
    """Its latencies are expectations: the mean may be claimed, the percentile not."""
    names = claims.known(study, fitted(study, find("random-mix")()))
    assert "latency" in names
    assert "latency_p95" not in names


def test_the_figures_of_compares_row_are_claims_that_are_equal(study, measured) -> None:
    """AIQ along the whole frontier and the points of its goals: the claims have the row's own figures."""
    values = {"aiq": measured.aiq, "quality": measured.at.quality, "saving": measured.saving, "gap": measured.equal_cost.gap}
    assert set(values) <= set(claims.of_row(measured)) <= {*values, "cost"}
    for name, value in values.items():
        made = claims.made(study, claims.at_goal(study, measured, name), name, data="everyday-2k")
        assert made.value == pytest.approx(value, abs=1e-6), name
        assert name == "quality" or verify(made, "everyday-2k").outcome == "equal", name


def test_the_command_names_the_set_or_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundled set by its name, a kept one by the files that it came from, quoted for a shell."""
    from data.readers.base import Upload

    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    kept = home.add(by_hand([[1, 0]] * 3), [Upload("my scores.csv", b"x")])
    assert claims.command("puzzles", "c.json") == "python -m strategies verify c.json puzzles"
    assert claims.command(kept.id, "c.json") == "python -m strategies verify c.json 'my scores.csv'"


def test_compare_offers_claims_of_its_rows(monkeypatch: pytest.MonkeyPatch, study, measured) -> None:
    """Under the table; the choice is of what is known there."""
    now = replace(begun(study, [find("knn-router")], keep=compute.KEEP), rows=(measured,))
    monkeypatch.setattr("tests.app.test_published_page._NOW", (study, now), raising=False)
    rows = AppTest.from_function(_rows, default_timeout=60).run()
    assert not rows.exception
    assert rows.selectbox(key="claim.row").options == ["Nearest-neighbour router"]
    assert any("--" not in each.value and "verify" in each.value for each in rows.code)


def _rows() -> None:
    from dashboard import state
    from dashboard.components import claim
    from tests.app import test_published_page as here

    state.change(data="everyday-2k")
    claim.offer_rows(*here._NOW)
