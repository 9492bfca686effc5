"""Where heavy work runs, in process: said, checked without a cluster, kept, taken back, fixed by the environment variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import jobs
from dashboard.components import worksite
from data.problems import refuse
from strategies.work.choose import CLUSTER_VARIABLE
from strategies.work.cluster import Cluster, Seen
from strategies.work.kept import Worksite, choose, chosen
from strategies.work.processes import usual_workers

SIZES = {"head:6379": (3, 24), "auto": (1, 1)}


def _page() -> None:
    from dashboard.components import worksite

    worksite.popover()


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of the user's own, no variable set, and clusters that answer without Ray; the addresses that were asked."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.delenv(CLUSTER_VARIABLE, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    seen: list[str] = []

    def answer(self: Cluster) -> Seen:
        seen.append(self.address)
        if self.address not in SIZES:
            raise refuse(f"the Ray cluster at {self.address!r} did not answer.", "See that its head runs there.")
        return Seen(self.address, *SIZES[self.address])

    monkeypatch.setattr(Cluster, "seen", answer)
    yield seen
    for job in jobs.ALL.starting(worksite.PREFIX):
        jobs.ALL.drop(job.key)


def _opened() -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    return app


def _label(app: AppTest) -> str:
    return app.get("popover")[0].proto.popover.label.removeprefix(":gray[:material/dns: ").removesuffix("]")


def _press(app: AppTest, name: str, address: str | None = None, workers: int | None = None) -> AppTest:
    if address is not None:
        app.text_input[0].set_value(address)
    if workers is not None:
        app.number_input[0].set_value(workers)
    next(button for button in app.button if button.label == name).click()
    app.run()
    assert not app.exception
    return app


def test_an_address_is_checked_used_and_taken_back(asked: list[str]) -> None:
    """Checking says nodes and CPUs and keeps nothing; using keeps it and says it in the line; a press leads back to this computer."""
    app = _opened()
    assert "Comparing strategies" in app.caption[0].value
    assert _label(app) == f"Where heavy work runs: {worksite.place()}"
    assert f"this computer, {usual_workers()} process" in _label(app)
    _press(app, "Check", " head:6379 ", workers=3)
    assert [each.value for each in app.success] == ["head:6379 answers: 3 nodes, 24 CPUs."]
    assert (asked, chosen().site) == (["head:6379"], Worksite())
    _press(app, "Check")
    assert asked == ["head:6379"] * 2, "an address is asked anew"
    _press(app, "Use")
    assert chosen().site == Worksite(address="head:6379", workers=3)
    assert _label(app) == "Where heavy work runs: Ray cluster at head:6379"
    assert not app.success
    assert (app.text_input[0].value, app.number_input[0].value) == ("head:6379", 3)
    _press(app, "Back to this computer")
    assert chosen().site == Worksite(workers=3)
    assert _label(app) == "Where heavy work runs: this computer, 3 processes"
    assert "Back to this computer" not in {button.label for button in app.button}
    assert app.text_input[0].value == ""
    assert len(asked) == 2


def test_what_an_address_does_not_answer_is_said(asked: list[str]) -> None:
    """One without an answer, one that is none, and none at all: each in words; what is no address is not kept."""
    app = _press(_opened(), "Check", "gone:1")
    assert "gone:1" in app.error[0].value
    assert "did not answer. See that its head runs there." in app.error[0].value
    _press(app, "Check", "http://head")
    assert "is no address of a Ray cluster" in app.error[0].value
    _press(app, "Use")
    assert all("is no address of a Ray cluster" in each.value for each in app.error)
    assert chosen().site == Worksite()
    _press(app, "Check", "auto")
    assert "auto answers: 1 node, 1 CPU." in app.success[0].value
    _press(app, "Check", "", workers=2)
    assert "of which 2 would work" in app.success[0].value
    assert asked == ["gone:1", "auto"]


def test_the_variable_decides_and_says_so(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    """Its address stands in the field, which can't be changed; it can be checked, not replaced or left."""
    choose(Worksite(address="other:1"))
    monkeypatch.setenv(CLUSTER_VARIABLE, "head:6379")
    app = _opened()
    assert _label(app) == "Where heavy work runs: Ray cluster at head:6379"
    assert "ROUTESCOPE_CLUSTER decides" in " ".join(each.value for each in app.markdown)
    assert (app.text_input[0].value, app.text_input[0].disabled, app.number_input[0].disabled) == ("head:6379", True, True)
    buttons = {button.label: button.disabled for button in app.button}
    assert buttons == {"Check": False, "Use": True}
    assert "3 nodes, 24 CPUs" in _press(app, "Check").success[0].value
    assert asked == ["head:6379"]
    assert chosen().site == Worksite(address="other:1")


def test_a_damaged_choice_is_told(tmp_path: Path) -> None:
    """Work runs here, the popover says why, and choosing anew mends it."""
    (tmp_path / "worksite.json").write_text("{", encoding="utf-8")
    app = _opened()
    assert "this computer" in _label(app)
    assert "can't be read from worksite.json" in app.warning[0].value
    _press(app, "Use", "auto")
    assert not app.warning
    assert _label(app) == "Where heavy work runs: the Ray cluster that this computer is part of"


def test_where_work_is_and_was_in_words() -> None:
    """Nothing for this computer; nodes counted, what was begun anew said."""
    assert (worksite.underway(0, 0), worksite.ran(0, 0)) == ("", "")
    assert worksite.underway(1, 0) == " on 1 node"
    assert worksite.underway(3, 2) == " on 3 nodes · 2 begun again"
    assert worksite.ran(3, 0) == "Measured on a Ray cluster of 3 nodes."
    assert "One strategy was begun again" in worksite.ran(3, 1)
    assert "2 strategies were begun again" in worksite.ran(3, 2)
