"""The Methods page in process: cards, filters in the address, what is in play, the survey's table, strategies of one's own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute
from dashboard.state import LETTERS, MOST_SLOTS, Slot, View, encode
from strategies.proving import bare, proving_ground
from strategies.registry import discover
from tests.data_page import texts

OWN = '''
from dataclasses import dataclass
from strategies.protocol import Card, Decision, Strategy

@dataclass(frozen=True, eq=False)
class Mine(Strategy):
    """Always the first model."""
    card = Card(id="mine", title="Mine <b>own</b>", family="router", source="a note", rule="answer = 0", idea="The first model.")

    def decide(self, view):
        """Ask the first."""
        return Decision(stop=view.stage > 0, answer=0, call=0)

    def missing(self, table):
        """Fail where it can."""
        {missing}
'''


def _page() -> None:
    from dashboard.pages import methods

    methods.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path / "home"))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.components.methods.card.pages.go", visited.append)
    return visited


@pytest.fixture
def own(gone: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own strategies."""
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(folder))
    discover.cache_clear()
    yield folder
    discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("routescope_own.")]:
        del sys.modules[name]


def _opened(**values) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=120)
    if values:
        app.query_params["v"] = encode(View(**{"data": "everyday-2k", **values}))
    app.run()
    assert not app.exception
    return app


def _cards(app: AppTest) -> dict[str, str]:
    """Return id -> HTML of every card on the page."""
    bodies = [element.proto.body for element in app.get("html")]
    return {found[1]: body for body in bodies if (found := re.search(r'<article class="method" id="method-([^"]+)"', body))}


def _view(app: AppTest) -> View:
    return app.session_state["view"]


def test_every_registered_method_has_a_card_below_its_family(gone: list[str]) -> None:
    """Each strategy has one card with picture, rule and folded facts; the headings count them."""
    app, (found, _) = _opened(), discover()
    assert sorted(_cards(app)) == sorted(found)
    body = _cards(app)["hybrid-llm"]
    assert 'alt="Before any call a score is compared with the threshold' in body
    assert 'href="https://arxiv.org/abs/2404.14618"' in body
    assert "0 to 1.01, chance" in body
    assert "Higher sends more to the large model" in body
    assert "Up to 40 % fewer calls" in body
    assert "p(x) ≥ τ" in body
    routers = sum(kind.card.family == "router" for kind in found.values())
    assert app.subheader[0].value == f"Routing ({routers})"


def test_what_is_put_in_play_says_so_and_leads_there(gone: list[str]) -> None:
    """A press adds the method to those that a fresh visit has in play; its card then leads to Trade-offs, selected."""
    app = _opened()
    before = [slot.strategy for slot in _view(app).slots]
    assert before
    assert {f"look.{name}" for name in before} <= {button.key for button in app.button}
    app.button(key="put.hybrid-llm").click().run()
    assert [slot.strategy for slot in _view(app).slots] == [*before, "hybrid-llm"]
    assert not any(button.key == "put.hybrid-llm" for button in app.button)
    app.session_state["view"] = _with(_view(app), selected="a")
    app.button(key="look.hybrid-llm").click().run()
    assert gone == ["tradeoffs"]
    assert _view(app).slot(_view(app).selected).strategy == "hybrid-llm"


def _with(view: View, **values) -> View:
    from dataclasses import replace

    return replace(view, **values)


def test_with_eight_in_play_no_more_can_be_added(gone: list[str]) -> None:
    """Every button is off and says why; yardsticks have none at all."""
    app = _opened(slots=tuple(Slot(letter=letter, strategy="random-mix") for letter in LETTERS[:MOST_SLOTS]))
    put = [button for button in app.button if str(button.key).startswith("put.")]
    assert put
    assert all(button.disabled and "Take one out" in button.help for button in put)
    assert not any(button.key in {"put.oracle", "look.oracle"} for button in app.button)


def test_filters_live_in_the_address(gone: list[str]) -> None:
    """A link opens filtered; a pill changes the view; names that nobody knows filter nothing; all can be taken back."""
    app, (found, _) = _opened(methods=("cascade", "logprobs", "no such filter")), discover()
    wanted = {name for name, kind in found.items() if kind.card.family == "cascade" and kind.card.needs & {"logprobs", "margin"}}
    assert wanted
    assert set(_cards(app)) == wanted
    assert f"{len(wanted)} of {len(found)} methods." in texts(app)
    app.pills(key="methods.trait").set_value(["untrained"]).run()
    assert _view(app).methods == ("cascade", "untrained")
    app.button(key="methods.clear").click().run()
    assert _view(app).methods == ()
    assert set(_cards(app)) == set(found)


def test_a_choice_that_leaves_nothing_says_so(gone: list[str]) -> None:
    """No method is an untrained baseline with log-probs: the page says it and offers the way back."""
    app = _opened(methods=("baseline", "logprobs"))
    assert _cards(app) == {}
    assert "No method is all of that" in texts(app)
    assert any(button.key == "methods.clear" for button in app.button)


def test_what_cannot_run_on_this_data_says_why(gone: list[str]) -> None:
    """With scores only, routers that read prompts and cascades that compare answers say what is missing; their buttons are off."""
    key = compute.save(bare(proving_ground()), name="scores only")
    app = _opened(data=key)
    body = _cards(app)["agreement-cascade"]
    assert "<b>Cannot run here.</b> It needs three models" in body
    assert app.button(key="put.agreement-cascade").disabled
    assert "Cannot run here" in _cards(app)["knn-router"]
    assert "Cannot run here" not in _cards(app)["random-mix"]
    app = _opened(data=key, methods=("here",))
    assert "random-mix" in _cards(app)
    assert "knn-router" not in _cards(app)


def test_the_surveys_table_leads_to_our_cards(gone: list[str]) -> None:
    """A row links the strategies of its paper, and names those that a filter hides."""
    app = _opened()
    table = next(element.proto.body for element in app.get("html") if "<table>" in element.proto.body)
    row = next(part for part in table.split("<tr>") if ">RouteLLM<" in part)
    assert re.findall(r'href="#method-([^"]+)"', row) == [f"routellm-{kind}" for kind in ("causal", "classifier", "mf", "sw")]
    assert "random-mix" not in table  # quotes the paper as its source, but is a yardstick
    unread = next(part for part in table.split("<tr>") if ">Efficient Hybrid Decoding<" in part)
    assert "#method-hybrid-decoding" in unread
    assert unread.count(">unknown<") == 5
    assert unread.count(">not addressed<") == 2
    hidden = next(element.proto.body for element in _opened(methods=("cascade",)).get("html") if "<table>" in element.proto.body)
    assert "hidden by the filters" in hidden
    assert "#method-routellm-mf" not in hidden
    assert "2506.06579" in texts(app)


def test_a_strategy_of_ones_own_shows_up_like_all_others(own: Path) -> None:
    """It has a card, marked, its texts escaped, and can be put in play; the page says that its code is trusted."""
    (own / "mine.py").write_text(OWN.format(missing='return ""'))
    app = _opened()
    assert "Mine &lt;b&gt;own&lt;/b&gt;" in _cards(app)["mine"]
    assert '<span class="tag">yours</span>' in _cards(app)["mine"]
    assert "keep only files there that you trust" in texts(app)
    app.button(key="put.mine").click().run()
    assert _view(app).slots[-1].strategy == "mine"


def test_a_broken_file_is_reported_and_the_page_stands(own: Path) -> None:
    """One file can't be imported, another fails when it is asked: both are said in words, every other card is there."""
    (own / "broken.py").write_text("import no_such_thing")
    (own / "mine.py").write_text(OWN.format(missing="return 1 / 0"))
    app, (found, _) = _opened(), discover()
    warning = app.warning[0].value
    assert str(own / "broken.py") in warning
    assert "no_such_thing" in warning
    assert "Its own file fails here (ZeroDivisionError: division by zero)." in _cards(app)["mine"]
    assert app.button(key="put.mine").disabled
    assert set(_cards(app)) == set(found)


def test_one_that_fails_in_play_does_not_take_trade_offs_down(own: Path, gone: list[str]) -> None:
    """A link may have it in play already: Trade-offs says why it isn't drawn, and draws the others."""
    (own / "mine.py").write_text(OWN.format(missing='return ""').replace("return Decision(", "raise ValueError('no'); return Decision("))
    app = AppTest.from_function(_tradeoffs, default_timeout=120)
    slots = (Slot(letter="a", strategy="random-mix"), Slot(letter="b", strategy="mine"))
    app.query_params["v"] = encode(View(data="everyday-2k", slots=slots))
    app.run()
    assert not app.exception
    assert any("Its own file fails here (ValueError: no)" in caption.value for caption in app.caption)


def _tradeoffs() -> None:
    from dashboard.pages import tradeoffs

    tradeoffs.show()
