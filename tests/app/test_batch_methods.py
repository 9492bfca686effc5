"""Batch methods on the pages: the slider of what is sought, and a query's trace among all the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.trace.build import built
from dashboard.state import Slot, View, encode
from data.stores import home
from strategies import find
from strategies.frontiers.tune import Goal
from strategies.study.curves import fitted, shown, started
from strategies.study.prepare import prepare
from tests.traced import traced

APP = Path(__file__).parents[2] / "streamlit_app.py"
BATCH = Slot(letter="a", strategy="forc-batch", options={"learner": "ridge"})


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """A view of a set that is kept in a home folder of this test's own."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    return View(data=home.add(traced(400)).id, slots=(BATCH,), selected="a")


@pytest.mark.parametrize(
    ("options", "data_ended"),
    [({}, ["a.budget"]), ({"objective": "weighed"}, []), ({"assignment": "first come"}, ["a.budget"]), ({"assignment": "likeliest"}, [])],
)
def test_the_budget_has_a_slider_where_it_limits_something(opened: View, options: dict[str, str], data_ended: list[str]) -> None:
    """What is sought says which knob is in sight; nothing is drawn for a budget that moves nobody, and no page fails over it."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    slot = replace(BATCH, options={**BATCH.options, **options})
    app.query_params["v"] = encode(replace(opened, slots=(slot,)))
    app.run()
    assert not app.exception
    assert [slider.key for slider in app.select_slider] == data_ended
    assert {"a.floor", "a.alpha"} <= {slider.key for slider in app.slider}


def test_a_querys_trace_is_what_was_decided_among_all() -> None:
    """Opened alone, a query stands at the model that it got in its batch, which is not where one query with the budget would go."""
    fit = started(fitted(prepare(traced(400)), find("forc-batch")(learner="ridge")), Goal(keep=0.97))
    decided = shown(fit)
    names = [fit.study.pool[m] for m in decided.answer]
    rows = [names.index(name) for name in sorted(set(names))]
    assert len(rows) > 1
    for row in [*rows, 5, 399]:
        scene = built(fit, row)
        assert scene.stations[-1].said[0].arm.name == names[row]
        assert scene.cost == pytest.approx(float(decided.cost[row]))
        assert scene.what_ifs == ()
