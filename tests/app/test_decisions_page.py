"""The Decisions page in process: what it says and keeps, not how it looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages import decisions
from dashboard.state import Slot, View, decode, encode
from data.stores import home
from tests.traced import MODELS, traced

APP = Path(__file__).parents[2] / "streamlit_app.py"
CASCADE = Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5, "t2": 0.6}, options={"chain": MODELS})
ROUTER = Slot(letter="b", strategy="knn-router", knobs={"lam": 30.0})


def _only_decisions() -> None:
    from dashboard.pages import decisions

    decisions.show()


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """A view of a set that is kept in a home folder of this test's own."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    return View(data=home.add(traced()).id, slots=(CASCADE, ROUTER))


def _app(view: View) -> AppTest:
    app = AppTest.from_function(_only_decisions, default_timeout=60)
    app.query_params["v"] = encode(view)
    return app


def _view(app: AppTest) -> View:
    view = app.session_state["view"]
    assert isinstance(view, View)
    return view


def _shown(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["query"])


def test_it_says_in_one_sentence_what_the_strategy_did(opened: View) -> None:
    """The page opens without an error, names its strategy and lists every tested query."""
    app = _app(opened).run()
    assert not app.exception
    assert any("Margin cascade** decided 480 test queries" in text.value for text in app.markdown)
    assert len(_shown(app)) == 480
    assert app.selectbox(key="claim.figure").value == "quality"


def test_a_quick_set_narrows_the_table_and_says_what_it_is(opened: View) -> None:
    """Choosing a pill shows only its queries with its meaning, and goes into the address."""
    app = _app(opened).run()
    pills = app.button_group(key="quick")
    assert any("Needless escalation" in option.content for option in pills.proto.options)
    pills.set_value("needless").run()
    assert not app.exception
    assert 0 < len(_shown(app)) < 480
    assert any("an earlier answer was as good" in caption.value for caption in app.caption)
    assert decode(app.session_state["view_word"]).quick == "needless"


def test_search_and_task_narrow_together(opened: View) -> None:
    """A text and a task leave the queries that have both; nothing left is said, with a way back."""
    app = _app(opened).run()
    app.text_input(key="find").set_value("basket 11").run()
    app.selectbox(key="task").set_value("sums").run()
    assert not app.exception
    assert _shown(app)
    assert set(app.dataframe[0].value["task"]) == {"sums"}
    app.text_input(key="find").set_value("no such words").run()
    assert not app.dataframe
    next(button for button in app.button if button.label == "Show all queries").click().run()
    assert not app.exception
    assert len(_shown(app)) == 480


def test_a_threshold_moved_here_changes_the_decisions_here(opened: View) -> None:
    """The sidebar's slider moves the policy, and what changed becomes a set of its own."""
    app = _app(opened).run()
    before = app.dataframe[0].value["cost"].sum()
    app.slider(key="a.t1").set_value(1.0).run()
    assert not app.exception
    assert app.dataframe[0].value["cost"].sum() > before
    assert any("Changed by the last move" in option.content for option in app.button_group(key="quick").proto.options)


def test_the_strategy_in_hand_can_be_chosen(opened: View) -> None:
    """The radio selects another strategy in play; a router says where queries went."""
    app = _app(opened).run()
    app.radio(key="in-hand").set_value("b").run()
    assert not app.exception
    assert _view(app).selected == "b"
    assert any("Nearest-neighbour router** decided" in text.value and "went to" in text.value for text in app.markdown)


def test_a_row_opens_its_trace_and_the_buttons_walk_through_the_list(opened: View) -> None:
    """Choosing a row writes the query to the view; next and back move from there without losing the filter."""
    app = _app(replace(opened, quick="wrong")).run()
    ids = _shown(app)
    app.session_state[decisions.TABLE] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.session_state["view"] = replace(_view(app), query=ids[1])
    app.run()
    assert not app.exception
    next(button for button in app.button if button.label == "Next").click().run()
    assert _view(app).query == ids[2]
    next(button for button in app.button if button.label == "Back to the list").click().run()
    assert _view(app).query == ""
    assert _view(app).quick == "wrong"


def test_a_link_opens_the_same_trace(opened: View) -> None:
    """The address alone brings the query back, as part of its list."""
    first = _shown(_app(opened).run())[3]
    app = _app(replace(opened, query=first)).run()
    assert not app.exception
    assert _view(app).query == first
    assert any(caption.value == "4 of 480" for caption in app.caption)


def test_a_query_that_is_not_there_is_said_so(opened: View) -> None:
    """A link to an unknown query, and to one of the fit part, says which of both it is and offers the way back."""
    app = _app(replace(opened, query="nobody `here`")).run()
    assert not app.exception
    assert "no query `nobody here`" in app.warning[0].value
    tested = set(_shown(app))
    fit = next(query for query in traced().queries.ids.to_list() if query not in tested)
    app = _app(replace(opened, query=str(fit))).run()
    assert not app.exception
    assert "used to fit" in app.warning[0].value
    assert any(button.label == "Back to the list" for button in app.button)


def test_strategies_that_cannot_run_are_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing in play can run on this data, the page says why and offers the usual strategies."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    bare = View(data=home.add(traced(bare=True)).id, slots=(ROUTER,), selected="b")
    app = _app(bare).run()
    assert not app.exception
    assert "embeddings" in app.info[0].value
    next(button for button in app.button if button.label == "Put the usual strategies in play").click().run()
    assert not app.exception
    assert app.dataframe


def test_the_page_is_in_the_navigation(opened: View) -> None:
    """The app's own navigation opens it."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["v"] = encode(opened)
    app.run()
    assert not app.exception


def test_a_setting_taken_from_a_tested_query_says_so_here_too(opened: View) -> None:
    """Figures of a threshold that was picked on test carry that remark on this page as well."""
    honest = _app(opened).run()
    assert not any("Picked on test" in caption.value for caption in honest.caption)
    picked = replace(opened, slots=(replace(CASCADE, picked=("t1",)), ROUTER))
    app = _app(picked).run()
    assert not app.exception
    assert any("Picked on test" in caption.value for caption in app.caption)


def test_an_open_trace_can_be_taken_away(opened: View) -> None:
    """Beside an open query there is a download of its trace as one file."""
    app = _app(replace(opened, query=_shown(_app(opened).run())[0])).run()
    assert not app.exception
    assert any("HTML" in button.label for button in app.get("download_button"))
