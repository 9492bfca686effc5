"""Try a prompt in process: typed and random puzzles, whom to ask, what is shown, errors in words."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.components import tryout
from dashboard.components.tryout.arms import Try
from data.ladder.endpoint import arms
from data.live import local, saved
from data.problems import EndpointTimeoutError
from tests.stub_endpoint import Reply, StubEndpoint

SUM = "What is 82 plus 42?"


def _page() -> None:
    from dashboard.components import tryout

    tryout.panel()


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder of the user's own, no SmolLM2, and no models loading beside the test."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(local, "find", lambda: None)
    monkeypatch.setattr(tryout, "_warm", lambda _found: None)


def _opened() -> AppTest:
    return AppTest.from_function(_page, default_timeout=60).run()


def _press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def _ask(app: AppTest, prompt: str | None = None, chosen: list[str] | None = None) -> str:
    """Ask, wait for the last answer, and return what is drawn."""
    if prompt is not None:
        app.text_area(key=tryout.TEXT).set_value(prompt)
    if chosen is not None:
        app.button_group(key=tryout.ARMS).set_value(chosen)
    _press(app, "Ask")
    end = time.monotonic() + 30
    while jobs.ALL.get(app.session_state[tryout.JOB]).phase == "running" and time.monotonic() < end:
        time.sleep(0.02)
    return _drawn(app.run())


def _drawn(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def _stations(html: str) -> dict[str, str]:
    return {re.search(r"</i>(.*?)</h4>", each).group(1): each for each in re.findall(r"<li>.*?</li>", html, flags=re.DOTALL)}


def test_a_typed_puzzle_is_answered_by_every_rung_and_the_tool(alone: None) -> None:
    """Each shows answer, tokens with their probabilities, confidence, tokens in and out, cost and time; the tool its answer."""
    stations = _stations(_ask(_opened(), SUM))
    rungs = [arm.card.title for arm in arms() if re.fullmatch(r"r\d", arm.name)]
    assert list(stations) == [*rungs, "Calculator and SQL"]
    assert "<b>124</b>" in stations["R1"]
    assert "<b>124</b>" in stations["Calculator and SQL"]
    for rung in rungs:
        assert len(re.findall(r'class="t( gap)?"', stations[rung])) >= 2
        assert re.search(r"<dt>confidence</dt><dd>(&lt; 0\.1|\d+\.\d) %</dd>", stations[rung])
        assert re.search(r"<dd>9 / \d+</dd>", stations[rung])
        assert re.search(r"<dt>cost per 1,000</dt><dd>\$0\.\d+</dd>", stations[rung])
        assert "token 1 of" in stations[rung]
    assert "right" not in re.sub(r"<style.*?</style>", "", "".join(stations.values()))  # nobody said what is right


def test_any_arm_can_be_asked(alone: None) -> None:
    """Whatever is offered answers when chosen: rungs, specialists, R4 without its working, the tool."""
    app = _opened()
    options = list(app.button_group(key=tryout.ARMS).options)
    everyone = [arm.name for arm in arms()]
    assert [arm.card.title for arm in arms()] == [option if isinstance(option, str) else option.content for option in options][:-1]
    stations = _stations(_ask(app, SUM, everyone))
    assert len(stations) == len(everyone)
    assert all("<dt>confidence</dt><dd>–" not in station for station in stations.values())


def test_a_random_puzzle_knows_its_answer(alone: None) -> None:
    """A drawn puzzle fits the choice, was held out, and its answer is shown with verdicts only after the models have answered."""
    app = _opened()
    app.selectbox(key=tryout.KIND).set_value("sort").run()
    app.button_group(key=tryout.LEVEL).set_value("2").run()
    app = _press(app, "Random puzzle")
    puzzle = app.session_state[tryout.PUZZLE]
    assert (puzzle.category, puzzle.level, puzzle.held_out) == ("sort", 2, True)
    assert app.text_area(key=tryout.TEXT).value == puzzle.text
    assert "sorting, level 2" in [caption.value for caption in app.caption]
    assert puzzle.answer not in _drawn(app)
    html = _ask(app, chosen=["r1", "tool"])
    assert f"Right answer: <b>{puzzle.answer}</b>" in html
    assert "✓" in _stations(html)["Calculator and SQL"] or "knows no form" in html
    assert re.search("[✓✗]", _stations(html)["R1"])


def test_a_changed_puzzle_has_no_known_answer(alone: None) -> None:
    """Once the text was changed nobody knows what is right, so no verdict is given; a new draw clears the old answers."""
    app = _press(_opened(), "Random puzzle")
    html = _ask(app, SUM, ["r1"])
    assert "Right answer" not in html
    assert not re.search("[✓✗]", html)
    assert not _drawn(_press(app, "Random puzzle"))


def test_nothing_to_ask_is_said(alone: None) -> None:
    """Without a prompt, or without a model, the panel says what is missing and asks nobody."""
    app = _press(_opened(), "Ask")
    assert "Type a prompt" in app.warning[0].value
    app.text_area(key=tryout.TEXT).set_value(SUM)
    app.button_group(key=tryout.ARMS).set_value([])
    app = _press(app, "Ask")
    assert "Choose at least one model" in app.warning[0].value
    assert tryout.JOB not in app.session_state


def test_own_endpoints_are_asked_too_and_fail_in_words(alone: None) -> None:
    """An endpoint of the user's answers beside the ladder; one that refuses says so in its row; the prompt is in no address."""
    with StubEndpoint(Reply(text="It is 124.", margin=0.5)) as good, StubEndpoint(Reply(status=404)) as gone:
        saved.keep([good.endpoint("good"), gone.endpoint("gone")])
        app = _opened()
        stations = _stations(_ask(app, SUM, ["r1", "good", "gone"]))
    assert "It is 124." in stations["good"]
    assert "<dt>" not in stations["gone"]
    assert "404" in stations["gone"]
    assert "<b>124</b>" in stations["R1"]
    assert not app.query_params


def test_a_slow_endpoint_does_not_hold_up_the_ladder(alone: None) -> None:
    """After the first draw the ladder's answers are there while a slow endpoint is still asked."""
    with StubEndpoint(Reply(text="late", delay_s=3)) as slow:
        saved.keep([slow.endpoint("slow")])
        app = _opened()
        app.text_area(key=tryout.TEXT).set_value(SUM)
        app.button_group(key=tryout.ARMS).set_value(["r1", "slow"])
        stations = _stations(_drawn(_press(app, "Ask")))
        assert "<b>124</b>" in stations["R1"]
        assert "asking" in stations["slow"]
        assert "late" in _stations(_ask(app, SUM, ["r1", "slow"]))["slow"]


def test_a_mistake_in_the_job_reaches_the_page(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If asking itself breaks, the page says so instead of waiting for ever."""

    def broken(*_: object) -> None:
        raise EndpointTimeoutError("the loop could not start")

    monkeypatch.setattr(Try, "ask", broken)
    app = _opened()
    app.text_area(key=tryout.TEXT).set_value(SUM)
    app = _press(app, "Ask")
    assert "the loop could not start" in app.error[0].value


def test_the_models_are_loaded_before_anybody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing the panel loads the client and the models once a process, in a thread beside the page."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(local, "find", lambda: None)
    jobs.ALL.drop(tryout.WARM)
    _opened()
    job = jobs.ALL.get(tryout.WARM)
    jobs.wait(job, 60)
    assert (job.phase, job.error) == ("done", "")
    _opened()
    assert jobs.ALL.get(tryout.WARM) is job
