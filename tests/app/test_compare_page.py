"""The Compare page in process: before, while and after strategies are compared in real worker processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import comparison, compute, jobs, pairs
from dashboard.components.compare import picture
from dashboard.state import View, encode
from strategies.study.curves import shown
from tests.data_page import texts
from tests.unit.dashboard.test_compare import made


def _page() -> None:
    from dashboard.pages import compare

    compare.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of the user's own, nothing compared yet; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    yield visited
    for prefix in (comparison.PREFIX, pairs.PREFIX):
        for job in jobs.ALL.starting(prefix):
            jobs.ALL.drop(job.key)


def _opened(**values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    app.query_params["v"] = encode(View(data="everyday-2k", **values))
    app.run()
    assert not app.exception
    return app


def _finished(app: AppTest) -> AppTest:
    for job in jobs.ALL.starting(comparison.PREFIX):
        jobs.wait(job, 60)
    app.run()
    assert not app.exception
    return app


def test_before_anything_is_compared_the_page_shows_what_has_to_be_beaten(gone: list[str]) -> None:
    """A button, how many strategies can run and how many cannot, the best single model in words, a picture; no table."""
    app = _opened()
    assert app.button(key="compare.start").label == "Compare all"
    assert re.search(r"\d+ strategies can run on this data; \d+ cannot", texts(app))
    assert "Best single model: **SmolLM2 135M**" in texts(app)
    assert len(app.get("plotly_chart")) == 1
    assert len(app.dataframe) == 0
    app.button_group(key="compare.families").set_value(["cascade"]).run()
    assert app.session_state["view"].families == ("cascade",)
    assert app.button(key="compare.start").label.startswith("Compare ")
    assert app.button(key="compare.start").label != "Compare all"


def test_a_press_compares_in_worker_processes_and_coming_back_shows_it(gone: list[str]) -> None:
    """Progress and a stop while it runs, then finding, table and downloads; the operating point is the one Trade-offs opens with."""
    app = _opened(families=("baseline",))
    app.button(key="compare.start").click().run()
    assert app.button(key="compare.stop").label == "Stop"
    assert not any(button.key == "compare.start" for button in app.button)
    _finished(app)
    data = app.dataframe[0].value
    assert sorted(data["strategy"]) == ["Random mix of two", "Zero router"]
    assert "blind mixing" in texts(app)
    assert {"compare.csv", "compare.json"} <= {button.key for button in app.get("download_button")}
    view = View(data="everyday-2k")
    from dashboard.state import Slot

    fit = compute.in_play(compute.study(view), Slot(letter="a", strategy="zero-router"))
    on_home = compute.knob_curves(fit, "budget").shown
    row = next(i for i, name in enumerate(data["strategy"]) if name == "Zero router")
    at = on_home.at(fit.policy.budget)
    assert data["quality"][row] == pytest.approx(100 * on_home.quality[at])
    assert data["cost"][row] == pytest.approx(1000 * on_home.cost_usd[at])
    assert len(shown(fit).quality) == 800
    back = _opened(families=("baseline",))
    assert len(back.dataframe) == 1
    back.button(key="compare.anew").click().run()
    assert back.button(key="compare.stop")
    back.button(key="compare.stop").click().run()
    _finished(back)
    assert "Stopped after" in texts(back)
    assert back.button(key="compare.go-on")


def test_two_stand_against_each_other(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The best and the next at first; a single model can be chosen, whose cost is met by a fit of its own; the pair is in the address."""

    def quick(study, kinds, *, progress, **_):
        from dataclasses import replace

        from strategies.study.compare import begun
        from strategies.study.compare_row import row

        now = replace(begun(study, kinds), rows=tuple(row(study, kind, keep=0.97) for kind in kinds))
        progress(now)
        return now

    monkeypatch.setattr(comparison, "compare", quick)
    app = _opened(families=("baseline",))
    app.button(key="compare.start").click().run()
    _finished(app)
    assert (app.selectbox(key="compare.a").value, app.selectbox(key="compare.b").value) == ("zero-router", "random-mix")
    assert "equally good on every one of these 800 queries" in texts(app)  # at that cost both are the best single model
    assert "leads with an AIQ" in texts(app)
    cheap = compute.study(View(data="everyday-2k")).pool[0]
    app.selectbox(key="compare.b").set_value(f"model:{cheap}").run()
    for job in jobs.ALL.starting(pairs.PREFIX):
        jobs.wait(job, 60)
    app.run()
    assert not app.exception
    assert app.session_state["view"].pair == ("zero-router", f"model:{cheap}")
    assert "cost no more than tool" in texts(app)
    assert "**Zero router** and **tool** are equally good" in texts(app)
    assert [job.phase for job in jobs.ALL.starting(pairs.PREFIX)] == ["done"]
    app.selectbox(key="compare.at").set_value("at").run()
    assert app.session_state["view"].pair_at == "at"
    app.selectbox(key="compare.b").set_value("zero-router").run()
    assert "Choose two different ones" in "".join(each.value for each in app.info)
    again = _opened(families=("baseline",), pair=("random-mix", "zero-router"), pair_at="equal_quality")
    assert again.selectbox(key="compare.a").value == "random-mix"
    assert again.selectbox(key="compare.at").value == "equal_quality"


def test_highlights_live_in_the_address(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the link are chosen; what is chosen is written into the view; what broke is below the table with its reason."""

    def fake(study, kinds, *, progress, **_):
        from dataclasses import replace

        from strategies.study.compare import begun

        rows = [made(kind.card.id, 0.8, 0.1, title=kind.card.title, family=kind.card.family) for kind in kinds[1:]]
        broken = replace(rows[0], id=kinds[0].card.id, title=kinds[0].card.title, status="failed", said="KeyError: 'x'")
        now = replace(begun(study, kinds), rows=(*rows, broken))
        progress(now)
        return now

    monkeypatch.setattr(comparison, "compare", fake)
    app = _opened(families=("cascade",), compare=("margin-cascade", "nobody"))
    app.button(key="compare.start").click().run()
    _finished(app)
    assert app.multiselect(key=picture._LIT).value == ["margin-cascade"]
    assert "Broke: KeyError" in "".join(element.proto.body for element in app.get("html"))
    app.multiselect(key=picture._LIT).set_value(["margin-cascade", "frugalgpt"]).run()
    assert app.session_state["view"].compare == ("margin-cascade", "frugalgpt")
    app.multiselect(key=picture._LIT).set_value([]).run()
    assert len(app.multiselect(key=picture._LIT).value) == comparison.MOST_LIT
