"""The Find page in process: questions are asked, changed and answered; nothing qualifies; into play; progress, stop and failure."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, jobs, solving
from dashboard.components.find import ask
from dashboard.state import View, encode
from strategies.solver import families
from strategies.solver.goals import parse
from tests.data_page import texts


def _page() -> None:
    from dashboard.pages import find

    find.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of the user's own, quick families only; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    quick = tuple(kind for kind in families.kinds() if kind.card.id in {"knn-router", "agreement-cascade", "cascade-routing"})
    monkeypatch.setattr(families, "kinds", lambda: quick)
    monkeypatch.setattr("strategies.solver.search._would_take", lambda *_: 30.0)
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    yield visited
    for job in jobs.ALL.starting(solving.PREFIX):
        jobs.ALL.drop(job.key)


def _opened(**values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    app.query_params["v"] = encode(View(data="everyday-2k", **values))
    return _ended(app.run())


def _ended(app: AppTest) -> AppTest:
    for job in jobs.ALL.starting(solving.PREFIX):
        jobs.wait(job, 60)
    app.run()
    assert not app.exception
    return app


def _asked(app: AppTest):
    return parse(app.session_state["view"].find.partition("~")[0])


def test_a_first_visit_has_an_answer(gone: list[str]) -> None:
    """Four ready questions as sentences; the first is answered in a sentence with interval, price and proof, a picture beside it."""
    app = _opened()
    options = app.radio(key=ask.MODE).options
    assert options[0] == "The cheapest way to keep 97 % of the best model's quality"
    assert re.match(r"The best quality under .* per 1,000 queries, 95 % of the answers within ", options[1])
    assert options[2].startswith("The lowest energy at a quality of ")
    said = texts(app)
    assert re.search(r"keeps [\d.]+.% \([\d.]+ to [\d.]+.%\) of SmolLM2 135M's quality at [\d.]+.% of its cost\. Certified at 95.%\.", said)
    assert re.search(r"\d+ policies were tested one after the other on 200 queries", said)
    assert app.selectbox(key="claim.option-figure").value == "kept"
    assert len(app.get("plotly_chart")) == 1
    table = "".join(element.proto.body for element in app.get("html"))
    assert "Nearest-neighbour router" in table
    assert "Fitting it would take about" in table
    app.radio(key=ask.MODE).set_value("budget").run()
    assert [limit.kind for limit in _asked(app).limits] == ["cost", "p95"]


def test_numbers_and_confidence_change_the_question(gone: list[str]) -> None:
    """A typed share and another confidence go into the address and the answer follows; half of the quality is cheaper than all of it."""
    app = _opened()
    before = re.search(r"quality at ([\d.]+).% of its cost", texts(app))
    app.number_input(key=ask.KEEP).set_value(60.0).run()
    assert _asked(app).limit("keep") == 0.6
    after = re.search(r"quality at ([\d.]+).% of its cost", texts(app))
    assert float(after.group(1)) < float(before.group(1))
    app.segmented_control(key=ask.SURE).set_value(0.8).run()
    assert _asked(app).delta == pytest.approx(0.2)
    assert "Certified at 80" in texts(app)
    back = _opened(find=app.session_state["view"].find)
    assert back.number_input(key=ask.KEEP).value == 60.0


def test_nothing_qualifies_in_words(gone: list[str]) -> None:
    """A budget below the cheapest model: what comes closest, and that more queries would not help; without limits nothing is proved."""
    app = _opened(find="quality_c1e-09_d0.05")
    assert "**Nothing qualifies** at 95" in texts(app)
    assert "Closest comes this: Send every query to **tool**" in texts(app)
    assert "more queries would not help" in texts(app)
    app.number_input(key=ask.BUDGET).set_value(None).run()
    assert _asked(app).limits == ()
    assert "nothing to prove" in texts(app)


def test_the_lever_snaps(gone: list[str]) -> None:
    """The slider's stops are policies: the next stop is another answer, its price is in the address; the line of equal worth is drawn."""
    app = _opened(find="worth_v2e-05_d0.05")
    slider = app.select_slider(key=ask.LEVER)
    first = slider.value
    assert "that is worth" in texts(app)
    assert "stays the same from" in texts(app)
    slider.set_value(first - 1).run()
    value = _asked(app).value
    assert value < 2e-05
    lever = solving.the_lever(next(iter(jobs.ALL.starting(solving.PREFIX))))
    assert lever.value[lever.at(value)] < value
    traces = app.get("plotly_chart")[0].proto.spec
    assert '"dash":"dot"' in traces.replace(" ", "")


def test_energy_is_assumed_only_where_somebody_says_so(gone: list[str]) -> None:
    """The bundled set ran on a core, whose watts are named; with no device the question becomes the shortest wait."""
    app = _opened(find="energy_q0.4_d0.05")
    assert "Energy assumed: cloud-core" in texts(app)
    assert "Wh per 1,000 queries" in texts(app)
    app.selectbox(key=ask.DEVICE).set_value("").run()
    _ended(app)
    assert "Nothing is known of the energy" in texts(app)
    assert app.radio(key=ask.MODE).options[2].startswith("The shortest wait")
    assert "a query on average at a quality of" in texts(app)


def test_the_answer_goes_into_play_as_it_is(gone: list[str]) -> None:
    """On Trade-offs the policy does on the test queries exactly what the sentence says; from then on the page leads there."""
    app = _opened()
    found = solving.answered(jobs.ALL.starting(solving.PREFIX)[0], parse("cost_k0.97_d0.05"))
    app.button(key="find.put").click().run()
    view = app.session_state["view"]
    slot = view.slot(view.selected)
    fit = compute.in_play(compute.study(view), slot)
    assert float(np.mean(compute.decided(fit).quality, dtype=np.float64)) == pytest.approx(found.chosen.report.quality.mean)
    assert float(np.mean(compute.decided(fit).cost, dtype=np.float64)) == pytest.approx(found.chosen.report.cost.mean, rel=1e-6)
    app.button(key="find.show").click().run()
    assert gone == ["tradeoffs"]


def test_a_search_can_be_watched_and_stopped(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs the page says what is searched and has a stop; what was searched until then is answered from."""
    going, real = threading.Event(), families.mixes

    def slow(fit, half):
        going.set()
        next(iter(jobs.ALL.starting(solving.PREFIX))).stop.wait(30)
        yield from real(fit, half)

    monkeypatch.setattr(families, "mixes", slow)
    monkeypatch.setattr("dashboard.pages.find.PATIENCE_S", 0.1)
    app = AppTest.from_function(_page, default_timeout=120)
    app.query_params["v"] = encode(View(data="everyday-2k"))
    app.run()
    assert going.wait(30)
    app.run()
    app.button(key="find.stop").click().run()
    _ended(app)
    assert "The search was stopped" in texts(app)
    assert "Certified at" in texts(app) or "Nothing has to be proved" in texts(app)


def test_a_broken_search_is_said_and_tried_again(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is on the page, and a press searches anew."""
    real = solving.search
    monkeypatch.setattr(solving, "search", lambda *_, **__: 1 / 0)
    app = _opened()
    assert "The search broke: ZeroDivisionError" in app.error[0].value
    monkeypatch.setattr(solving, "search", real)
    app.button(key="find.again").click().run()
    assert "Certified at 95" in texts(_ended(app))


def test_a_longer_search_tries_what_was_left_out(gone: list[str]) -> None:
    """What had no time is offered to be searched longer; both searches are kept and the longer one is answered from."""
    app = _opened()
    app.button(key="find.longer").click().run()
    _ended(app)
    both = jobs.ALL.starting(solving.PREFIX)
    assert [job.key.rsplit(".", 1)[1] for job in both] == ["usual", "longer"]
    status = [{each.id: each.status for each in job.result.tried}["cascade-routing"] for job in both]
    assert status == ["not tried", "searched"]
    assert "policies of 6 kinds were searched" in texts(app)
    assert not any(button.key == "find.longer" for button in app.button)
