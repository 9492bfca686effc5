"""The What-if page in process: levers write a scenario into the view, figures follow, and everything can be taken back."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.components.whatif import work
from dashboard.state import Slot, View, encode
from data.stores.home import add
from strategies.whatif.conditions import Latency, Outage, Removal
from tests.data_page import texts
from tests.worlds import by_hand

FIRST, LAST = "tool", "smollm2-135m"


def _page() -> None:
    from dashboard.pages import whatif

    whatif.show()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of the user's own, and nothing left of the page's work."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    yield
    for job in jobs.ALL.starting(work.PREFIX):
        jobs.ALL.drop(job.key)


def _opened(code: str = "", **values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    app.query_params["v"] = encode(View(**{"data": "everyday-2k", "whatif": code, **values}))
    return _whole(app.run())


def _whole(app: AppTest) -> AppTest:
    """Run until no work of the page is left."""
    for _ in range(5):
        running = [job for job in jobs.ALL.starting(work.PREFIX) if job.phase == "running"]
        if not running:
            break
        for job in running:
            jobs.wait(job, 30)
        app.run()
    assert not app.exception
    return app


def _code(app: AppTest) -> str:
    return app.session_state["view"].whatif


def _cards(app: AppTest) -> str:
    return re.sub(r"<[^>]+>", " ", " ".join(each.proto.body for each in app.get("html")))


def test_a_fresh_page_shows_what_is_recorded() -> None:
    """Nothing assumed: figures with intervals, no change, what it hangs on, where the recommendation flips."""
    app = _opened()
    assert _code(app) == ""
    said = texts(app)
    assert "As it is, **Margin cascade** answers" in said
    assert "Nothing is assumed" in said
    assert "the cheapest that keeps 97" in said
    assert app.selectbox(key="claim.figure").value == "quality"
    assert "It hangs most on" in said
    assert re.search(r"Now that is \*\*.+\*\*\.", said)
    assert "no change" not in _cards(app)
    assert "points (" not in _cards(app)
    assert len(app.get("plotly_chart")) == 1
    assert not any(button.key == "whatif.reset" for button in app.button)


def test_a_price_is_moved_and_taken_back() -> None:
    """The slider of a model writes its price into the view, the cards say before and after, the cross takes it back."""
    app = _opened()
    app.selectbox(key="whatif.about").set_value(FIRST).run()
    app.select_slider(key=f"whatif.bill.{FIRST}.factor").set_value(5.0)
    _whole(app.run())
    assert _code(app) == f"bill:{FIRST}:5"
    assert "the bill **rises by" in texts(app)
    assert "quality stays at" in texts(app)
    assert "a month instead of" in texts(app)
    assert "→" in _cards(app)
    button = app.button(key="whatif.drop.0")
    assert button.label == "tool: price × 5"
    button.click()
    _whole(app.run())
    assert _code(app) == ""


def test_a_link_brings_its_scenario_and_reset_ends_it() -> None:
    """What a link assumes is assumed, its levers stand there, and one press takes all of it back."""
    app = _opened(f"lat:{LAST}:2;down:{LAST}:0.5;mix:arithmetic:3")
    assert app.selectbox(key="whatif.about").value == LAST
    assert app.select_slider(key=f"whatif.lat.{LAST}.factor").value == 2.0
    assert app.slider(key=f"whatif.down.{LAST}.share").value == 50
    assert "is down for 50%" in texts(app)
    assert "equally weighted queries" in texts(app)
    app.button(key="whatif.reset").click()
    _whole(app.run())
    assert _code(app) == ""


@pytest.mark.parametrize("code", ["nonsense:1", "bill:r1:minus"])
def test_a_link_that_is_none_is_said(code: str) -> None:
    """A scenario that cannot be read is left out, with the reason; the page works."""
    app = _opened(code)
    assert "was left out" in " ".join(each.value for each in app.warning)
    assert _code(app) == ""
    assert "As it is" in texts(app)


def test_an_assumption_that_the_data_cannot_bear_is_said() -> None:
    """A link about a model that is not here says so, and can be reset."""
    app = _opened("bill:gpt-9:2")
    assert "gpt-9" in " ".join(each.value for each in app.warning)
    app.button(key="whatif.reset").click()
    assert not _whole(app.run()).warning


def test_a_model_fails_or_goes() -> None:
    """Down keeps the strategy and lets the next answer; gone fits and tunes it again; up is neither."""
    app = _opened()
    app.selectbox(key="whatif.about").set_value(LAST).run()
    app.button_group(key=f"whatif.fails.{LAST}").set_value("down")
    _whole(app.run())
    assert work.parsed(_code(app)).find(Outage, LAST) is not None
    assert "The strategy is kept as it is." in texts(app)
    app.button_group(key=f"whatif.fails.{LAST}").set_value("gone")
    _whole(app.run())
    now = work.parsed(_code(app))
    assert now.find(Removal, LAST) is not None
    assert now.find(Outage, LAST) is None
    assert "fitted and tuned again" in texts(app)
    app.button_group(key=f"whatif.fails.{LAST}").set_value("up")
    assert _code(_whole(app.run())) == ""


def test_times_load_and_judges() -> None:
    """Seconds, a queue that never keeps up, a judge that errs: each is a lever with its sentence."""
    app = _opened()
    app.selectbox(key="whatif.about").set_value(LAST).run()
    app.number_input(key=f"whatif.lat.{LAST}.seconds").set_value(2.0).run()
    app.number_input(key=f"whatif.load.{LAST}.per_hour").set_value(1e6)
    _whole(app.run())
    assert work.parsed(_code(app)).find(Latency, LAST).seconds == 2
    assert "never keeps up" in texts(app)
    assert "never keeps up" in _cards(app)
    app.number_input(key=f"whatif.load.{LAST}.per_hour").set_value(None).run()
    app.slider(key="whatif.err..error").set_value(40)
    _whole(app.run())
    assert _code(app) == f"lat:{LAST}::2;err:0.4"
    assert "never keeps up" not in texts(app)
    assert "tells nothing on 40% of the answers (simulated)" in texts(app)


def test_few_labels_of_a_new_model() -> None:
    """Counts are judged with an exact interval; more right than labelled is refused in words."""
    app = _opened("new:40:30:0.001")
    said = texts(app)
    assert "30 of 40 right is 75.0" in said
    assert "labels would settle it" in said or "It is better than" in said
    app.number_input(key="whatif.new..right").set_value(41)
    _whole(app.run())
    assert "cannot be" in " ".join(each.value for each in app.warning)
    assert _code(app) == "new:40:30:0.001"


def test_another_conclusion_another_price() -> None:
    """The chart and the table follow what they are asked for, and the difference of two strategies."""
    app = _opened()
    app.button_group(key="whatif.hangs.measure").set_value("quality")
    _whole(app.run())
    assert re.search(r"It hangs most on \*\*(?!Price).+\*\*", texts(app))
    app.selectbox(key="whatif.hangs.against").set_value("Nearest-neighbour router")
    _whole(app.run())
    assert app.get("plotly_chart")[0].proto.spec.count("Quality: difference") == 1


def test_the_chosen_strategy_is_the_selected_one_everywhere() -> None:
    """Choosing another strategy here selects it in the view."""
    app = _opened(slots=(Slot(letter="a", strategy="random-mix"), Slot(letter="b", strategy="zero-router")))
    app.selectbox(key="whatif.strategy").set_value("Zero router")
    _whole(app.run())
    assert app.session_state["view"].selected == "b"
    assert "**Zero router**" in texts(app)


def test_a_price_list_of_one_s_own_is_kept() -> None:
    """A CSV of prices is kept on disk, used at its newest day, and found again by a link; what is none is refused."""
    app = _opened()
    app.file_uploader(key="whatif.book").set_value([("mine.csv", b"model,date,usd_per_hour\nsmollm2-135m,2026-01-01,2\n", "text/csv")])
    _whole(app.run())
    code = _code(app)
    assert re.fullmatch(r"day:2026-01-01:mine\.[0-9a-f]{8}", code)
    assert "prices of 2026-01-01 by mine" in texts(app)
    assert "prices of 2026-01-01 by mine" in texts(_opened(code))
    app.file_uploader(key="whatif.book").set_value([("bad.csv", b"a,b\n1,2\n", "text/csv")])
    _whole(app.run())
    assert "no price list" in " ".join(each.value for each in app.warning)


def test_data_without_money_has_its_own_words() -> None:
    """Where no price is known there is no monthly bill, no day and no token price; whole costs can still be scaled."""
    rng = np.random.default_rng(0)
    quality = (rng.random((200, 2)) < [0.5, 0.9]).astype(float)
    entry = add(by_hand(quality, models=["weak", "strong"]))
    app = _opened("bill:strong:2", data=entry.id, slots=(Slot(letter="a", strategy="random-mix"),))
    assert "sent to the strong model" in texts(app)
    assert "A month" not in _cards(app)
    assert {each.label for each in app.expander} >= {"Price", "Failures"}
    assert not {"Prices of a day", "Monthly volume"} & {each.label for each in app.expander}
