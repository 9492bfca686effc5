"""The Lab in process: the world from the address, its sliders, the map beside it, the way to the other pages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, jobs, lab
from dashboard.charts import lab as charts
from dashboard.components.lab import pictures
from dashboard.state import View, decode, encode
from data.simulator.worth import overall
from data.stores import home
from strategies.study import phase as module
from tests.data_page import texts


def _page() -> None:
    from dashboard.pages import lab as page

    page.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own, a map of few cells; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "STEPS", ((3, 2),))
    monkeypatch.setattr(pictures, "PATIENCE_S", 60.0)
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _opened(**values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    if values:
        app.query_params["v"] = encode(View(data="everyday-2k", lab=values))
    app.run()
    assert not app.exception
    return app


def _view(app: AppTest) -> View:
    return app.session_state["view"]


def test_it_opens_with_a_finding_and_says_that_it_is_simulated(gone: list[str]) -> None:
    """A first visit shows the badge, who wins by how much with its interval, and three sliders in sight."""
    app = _opened()
    assert "simulated" in app.markdown[0].value
    assert "With what this router can know" in texts(app)
    assert "95 % interval" in texts(app)
    assert "2026-11-09" in texts(app)  # the date of the price list
    assert [slider.label for slider in app.sidebar.slider][:3] == [
        "What a router can know",
        "What a cascade can see",
        "How alike the errors are",
    ]


def test_what_a_preset_leaves_out_is_in_sight(gone: list[str]) -> None:
    """That hidden reasoning is not in a cost is said beside the world's choice, unfolded, and with the published figures."""
    app = _opened(world="openai-crux")
    note = next(iter(lab.presets()["openai-crux"].world.notes))
    assert note in [caption.value for caption in app.sidebar.caption]
    assert [caption.value for caption in app.caption].count(note) == 2
    assert "its cost leaves out hidden reasoning" in texts(app)


def test_what_noise_and_drift_make_of_confidence_is_measured_and_said(gone: list[str]) -> None:
    """With judge noise and drift the page says what confidence is worth on the draw, beside what was asked for; without, it doesn't."""
    assert "asked for: .80" not in texts(_opened(dials={"n": 2000}))
    drift = {"kind": "drift", "at": 0.6, "until": 0.6, "size": -2.0, "model": ""}
    app = _opened(dials={"n": 2000, "judge_noise": 0.1}, shifts=[drift])
    said = next(caption.value for caption in app.caption if caption.value.startswith("Judge noise and drift"))
    world = lab.world_of(next(iter(lab.presets().values())).world, _view(app).lab)
    seen, wanted = overall(lab.worth_of(world)), overall(lab.asked_of(world))
    assert "a cascade sees .6" in said or "a cascade sees .7" in said
    assert "asked for: .80" in said
    assert f"the calibration error {charts.auroc(seen.ece)} (asked for: .00;" in said
    assert seen.ece > wanted.ece + 0.05
    assert "(.80)" in texts(app)  # in the models' table, beside what is measured


def test_a_slider_moves_the_world_and_the_address(gone: list[str]) -> None:
    """What is turned is in the view by its path, the finding follows, and "as it was" takes all of it back."""
    app = _opened()
    before = texts(app)
    app.slider(key="lab.post_hoc").set_value(0.95).run()
    assert not app.exception
    assert _view(app).lab["dials"] == {"post_hoc": 0.95}
    assert "this cascade can see (.95)" in texts(app)
    assert texts(app) != before
    assert decode(app.query_params["v"][0] if isinstance(app.query_params["v"], list) else app.query_params["v"]) == _view(app)
    next(button for button in app.button if button.label == "As it was").click().run()
    assert _view(app).lab == {}
    assert "this cascade can see (.95)" not in texts(app)


def test_a_link_reopens_the_world(gone: list[str]) -> None:
    """Dials, changes on the way and the budget come from the address; with a change the last queries are the test."""
    shift = {"kind": "price", "at": 0.6, "until": 1.0, "size": 4.0, "model": ""}
    app = _opened(dials={"ex_ante": 0.71, "n": 2000, "judge_noise": 0.05}, shifts=[shift], share="0.25")
    assert app.slider(key="lab.ex_ante").value == pytest.approx(0.71)
    assert app.slider(key="lab.judge_noise").value == pytest.approx(0.05)
    assert app.slider(key="lab.shift.0.size").value == pytest.approx(4.0)
    assert "shown on the last 800 queries" in app.markdown[0].value
    assert "at a quarter of the cost" in texts(app)


def test_a_pressed_cell_sets_both_sliders(gone: list[str]) -> None:
    """The map hands the cell's two predictabilities to the sliders; pressing nothing changes nothing."""

    def pressed() -> None:
        from dashboard import state
        from dashboard.components.lab import pictures as drawn

        state.put(drawn.MAP, {"selection": {"points": [{"x": 0.725, "y": 0.9}]}})
        drawn._pressed()
        state.put(drawn.MAP, {"selection": {"points": []}})
        drawn._pressed()

    app = AppTest.from_function(pressed).run()
    assert not app.exception
    assert _view(app).lab["dials"] == {"ex_ante": 0.725, "post_hoc": 0.9}


def test_changes_are_added_edited_and_taken_out(gone: list[str]) -> None:
    """A price shock is added with one choice, sized with its slider, and taken out again."""
    app = _opened(dials={"n": 2000})
    app.selectbox(key="lab.add").set_value("price").run()
    assert not app.exception
    assert [shift["kind"] for shift in _view(app).lab["shifts"]] == ["price"]
    app.slider(key="lab.shift.0.size").set_value(5.0).run()
    app.slider(key="lab.shift.0.when").set_range(0.6, 0.9).run()
    assert _view(app).lab["shifts"][0] | {"model": ""} == {"kind": "price", "at": 0.6, "until": 0.9, "size": 5.0, "model": ""}
    app.button(key="lab.out.0").click().run()
    assert "shifts" not in _view(app).lab


def test_an_outage_leaves_out_what_was_not_answered_and_says_so(gone: list[str]) -> None:
    """Queries that a model did not answer are not compared, and how many those are is said."""
    first = next(iter(lab.presets().values())).world.models[0].name
    app = _opened(dials={"n": 2000}, shifts=[{"kind": "outage", "at": 0.6, "until": 0.8, "model": first}])
    assert "Rests on 1\u202f600 of 2\u202f000 queries" in texts(app)
    assert "shown on the last 400 queries" in texts(app)


def test_a_world_that_cannot_be_says_why_and_leads_back(gone: list[str]) -> None:
    """A link with a number out of range is an error in words with a button back to the preset."""
    app = _opened(dials={"judge_noise": 9})
    assert "outside 0 to 0.5" in app.error[0].value
    next(button for button in app.button if button.label == "Back to the world as it was").click().run()
    assert not app.error
    assert "With what this router can know" in texts(app)


def test_an_unknown_world_is_said_and_another_shown(gone: list[str]) -> None:
    """A link to a preset that isn't here shows the first one and says so."""
    app = _opened(world="atlantis")
    assert "atlantis" in app.warning[0].value
    assert "With what this router can know" in texts(app)


def test_the_draw_opens_on_trade_offs_as_a_simulated_set(gone: list[str]) -> None:
    """Opening keeps the draw under the user's folder, still marked simulated, with the Lab's cascade and router in play."""
    app = _opened(dials={"n": 2000})
    next(button for button in app.button if button.label == "Open on Trade-offs").click().run()
    assert not app.exception
    assert gone == ["tradeoffs"]
    kept = home.entries()[0]
    assert (kept.kind, kept.queries, _view(app).data) == ("simulated", 2000, kept.id)
    assert home.get(kept.id).origin.kind == "simulated"
    assert [slot.strategy for slot in _view(app).slots] == ["margin-cascade", "foreseen-router"]
    assert next(entry for entry in compute.gallery() if entry.key == kept.id).kind == "simulated"


def test_the_open_set_has_its_place_beside_the_map(gone: list[str]) -> None:
    """Where the open set's own router and cascade stand, and who wins on it, is told as measured."""
    app = _opened()
    job = lab.place(compute.study(_view(app)))
    jobs.wait(job, 60)
    assert job.phase == "done", job.error
    app.run()
    assert "Puzzles" in texts(app)
    assert "measured, not simulated" in texts(app)


def test_a_twin_that_cannot_be_fitted_says_why(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed fit is an error with its reason and a way to try again, and the choice of other worlds stays."""
    failed = SimpleNamespace(phase="failed", error="a twin needs 20 scored queries.", key="lab.twin.none")
    monkeypatch.setattr(lab, "likeness", lambda _: failed)
    app = _opened(world="twin")
    assert "has no twin: a twin needs 20 scored queries" in app.error[0].value
    assert app.selectbox(key="lab.world").value == "twin"


def test_a_widget_that_was_replaced_has_no_say(gone: list[str]) -> None:
    """What a widget sends late, after the page set it to something else, changes nothing; the one in its place does."""

    def late() -> None:
        import streamlit as st

        from dashboard import state
        from dashboard.components.lab import dials

        old = dials.hold("lab.ex_ante", 0.65)
        new = dials.hold("lab.ex_ante", 0.9)
        state.put(old, 0.6)
        dials._moved("ex_ante", old)
        st.text(repr(dials.now()))
        state.put(new, 0.8)
        dials._moved("ex_ante", new)
        st.text(repr(dials.now()))

    app = AppTest.from_function(late).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["{}", "{'dials': {'ex_ante': 0.8}}"]
