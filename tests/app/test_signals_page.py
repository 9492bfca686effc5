"""The Signals page in process: findings, table, pictures, choices in the address, the ways on, and sets with nothing to tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, jobs, signals
from dashboard.state import View, encode
from data.outcomes import Origin
from data.stores import home
from strategies.study.prepare import hull_models
from tests.data_page import texts
from tests.unit.strategies.study.test_signal_worth import priced, world
from tests.worlds import by_hand, unpriced


def _page() -> None:
    from dashboard.pages import signals as page

    page.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of the user's own; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    yield visited
    for job in jobs.ALL.starting(signals.PREFIX):
        jobs.ALL.drop(job.key)


def _opened(**values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    app.query_params["v"] = encode(View(**values))
    return _finished(app.run())


def _finished(app: AppTest) -> AppTest:
    running = [job for job in jobs.ALL.starting(signals.PREFIX) if job.phase == "running"]
    for job in running:
        jobs.wait(job, 60)
    if running:
        app.run()
    assert not app.exception
    return app


def _kept(table) -> str:
    return home.add(replace(table, origin=Origin(name="mine")), title="mine").id


def _tables(app: AppTest) -> str:
    return "".join(each.proto.body for each in app.get("html"))


def test_the_page_opens_on_the_last_step_of_the_studys_chain(gone: list[str]) -> None:
    """A finding with the AUROC and the gain, a row a signal, five pictures, the split's counts; the signal of most worth is drawn."""
    app = _opened(data="everyday-2k")
    cheap, strong = hull_models(compute.study(View(data="everyday-2k")))[-2:]
    assert (app.selectbox(key="signals.cheap").value, app.selectbox(key="signals.strong").value) == (cheap, strong)
    found = jobs.ALL.starting(signals.PREFIX)[0].result
    lead = found.worth.rows[0]
    assert f"**{signals.spoken(lead.signal)}**" in texts(app)
    assert f"(AUROC {lead.auroc:.2f}) and is free".replace("0.", ".") in texts(app)
    assert f"**{100 * lead.net.mean:.1f} points**" in texts(app)
    table = _tables(app)
    assert table.count("<tr><td") == len(found.shapes)
    assert all(signals.name(each.signal) in table for each in found.shapes)
    assert "800 of 800" in table.replace("\u202f", "")
    assert "Not weighed:" in texts(app)
    assert app.selectbox(key="claim.signal").value == "auroc"
    assert len(app.get("plotly_chart")) == 5
    assert app.button_group(key="signals.signal").value == lead.signal
    for kind in ("Easy", "Helpable", "Hopeless", "Hurt"):
        assert f"<b>{kind} " in table


def test_a_choice_goes_into_the_address_and_another_pair_is_weighed(gone: list[str]) -> None:
    """Signal and models; a dearer model than the cheap one is always offered, and a signal that is not there falls back."""
    app = _opened(data="everyday-2k")
    app.button_group(key="signals.signal").set_value("margin").run()
    assert app.session_state["view"].signals[2] == "margin"
    app.selectbox(key="signals.cheap").set_value("tool").run()
    _finished(app)
    assert app.session_state["view"].signals == ("tool", "smollm2-135m", "margin")
    assert app.selectbox(key="signals.strong").options == ["prototype", "SmolLM2 135M"]
    again = _opened(data="everyday-2k", signals=("tool", "prototype-minilm", "nothing"))
    assert again.selectbox(key="signals.strong").value == "prototype-minilm"
    names = {each.signal for each in jobs.ALL.starting(signals.PREFIX)[-1].result.shapes}
    assert again.button_group(key="signals.signal").value in names


def test_a_paid_signal_is_told_beside_the_best_free_one(gone: list[str]) -> None:
    """Its price, what it brings, and by how much less; the ways on put the pair's cascade in play by the chosen signal."""
    random = np.random.default_rng(5)
    app = _opened(data=_kept(priced(world(1200, self_check=random.random(1200)), "self_check", 0.002)))
    assert "The self-check costs \\$2.00 per 1k and brings less" in texts(app)
    app.button_group(key="signals.signal").set_value("margin").run()
    app.button(key="signals.queries").click().run()
    assert not app.exception
    assert gone == ["decisions"]
    view = app.session_state["view"]
    slot = view.slot(view.selected)
    assert (slot.strategy, slot.options["signal"], slot.options["chain"]) == ("margin-cascade", "margin", ("cheap", "strong"))
    assert len(view.slots) > 1
    app.button(key="signals.play").click().run()
    assert gone == ["decisions", "tradeoffs"]
    assert len(app.session_state["view"].slots) == len(view.slots)  # the same cascade is in play once


def test_few_queries_are_counted_and_prices_are_not_needed(gone: list[str]) -> None:
    """60 queries: no gain and the reason, bins only, exact intervals. Without prices: the share sent on instead."""
    few = _opened(data=_kept(world(60)))
    assert "What it is worth cannot be said: 60 tested queries are too few" in texts(few)
    assert "the bins are counts, with exact intervals" in texts(few)
    assert len(few.get("plotly_chart")) == 3
    assert "Net gain" not in _tables(few)
    shared = _opened(data=_kept(unpriced(world(1200))))
    assert "points** over mixing the two at random" in texts(shared)
    assert len(shared.get("plotly_chart")) == 5


@pytest.mark.parametrize(
    ("quality", "fields", "said"),
    [
        ([[1, 1]] * 40, {"margin": [[0.2, 0.5], [0.7, 0.5]] * 20}, "Every tested answer of a is right"),
        ([[0, 1]] * 40, {"margin": [[0.2, 0.5], [0.7, 0.5]] * 20}, "Every tested answer of a is wrong"),
        ([[0, 1], [1, 1]] * 20, {}, "Nothing says how sure a is on this data"),
    ],
)
def test_where_nothing_can_be_told_the_page_says_so(gone: list[str], quality, fields, said: str) -> None:
    """One class, or no signal: a sentence with the way out; who covers whom and the split are there all the same."""
    app = _opened(data=_kept(by_hand(quality, cost=[[1, 2]] * 40, **fields)))
    assert any(said in each.value for each in app.info)
    assert len(app.get("plotly_chart")) == 2
    if not fields:
        next(button for button in app.button if button.label == "Go to the Data page").click().run()
        assert gone == ["sets"]
