"""The Decisions page in a real browser: choose a row, read the trace, turn a threshold, share the link, phone, accessibility."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.state import Slot, View, decode, encode
from strategies.registry import find
from strategies.study.curves import fitted, shown
from strategies.study.decisions import Decisions
from strategies.study.prepare import prepare
from tests.browser import app, errors, page, settled
from tests.traced import MODELS, traced

pytestmark = pytest.mark.e2e
CASCADE = Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5, "t2": 0.6}, options={"chain": MODELS})
ROUTER = Slot(letter="b", strategy="knn-router", knobs={"lam": 30.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The app's address, a view of a made-up set, and the ids of queries that escalate all the way and that stop at once."""

    url: str
    view: View
    long: str
    short: str

    def link(self, **changed: object) -> str:
        """Return the address of the page with a changed view."""
        return f"{self.url}/decisions?v={encode(replace(self.view, **changed))}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The real app beside a home folder with one made-up set."""
    from data.stores import home

    folder: Path = tmp_path_factory.mktemp("home")
    table, before = traced(), os.environ.get("ROUTESCOPE_HOME")
    os.environ["ROUTESCOPE_HOME"] = str(folder)
    try:
        entry = home.add(table)
    finally:
        os.environ.pop("ROUTESCOPE_HOME") if before is None else os.environ.update(ROUTESCOPE_HOME=before)
    fit = fitted(prepare(table), find("margin-cascade")(chain=MODELS)).set(dict(CASCADE.knobs))
    found = Decisions(shown=shown(fit))
    ids, calls = fit.study.tested.queries.ids, found.shown.called.sum(axis=1)
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(folder)}) as url:
        yield Place(
            url=url, view=View(data=entry.id, slots=(CASCADE, ROUTER)), long=str(ids[int((calls == 3).argmax())]),
            short=str(ids[int((calls == 1).argmax())]),
        )  # fmt: skip


def opened(tab: Page, address: str, *, trace: bool = True) -> None:
    """Open a link and wait until the table, and the trace if there is to be one, stand still."""
    tab.goto(address)
    tab.wait_for_selector("[data-testid=stDataFrame] canvas", timeout=60_000)
    if trace:
        tab.wait_for_selector(".trace .station", timeout=60_000)
    settled(tab)


def faults(tab: Page) -> list[str]:
    """Return the console's errors without what Streamlit itself asks for in vain below a page's path."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def view_of(tab: Page) -> View:
    """Return the view in the page's address."""
    return decode(tab.url.split("v=", 1)[1].split("&", 1)[0])


def test_a_row_opens_its_trace_and_a_fresh_browser_shows_the_same(place: Place) -> None:
    """A click on a row's box opens the trace; its address opens the same trace elsewhere; next and back work."""
    with page() as tab:
        opened(tab, place.link(), trace=False)
        grid = tab.locator("[data-testid=stDataFrame]")
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        assert box is not None
        tab.mouse.click(box["x"] + 18, box["y"] + 52 + 35)
        tab.wait_for_selector(".trace .station")
        settled(tab)
        query, address = view_of(tab).query, tab.url
        expect(tab.locator(".trace h2")).to_have_text(f"Query {query}")
        said = tab.locator(".trace .line").inner_text()
        tab.get_by_role("button", name="Next").click()
        expect(tab.locator(".trace h2")).not_to_have_text(f"Query {query}")
        tab.get_by_role("button", name="Back to the list").click()
        expect(tab.locator(".trace")).to_have_count(0)
        assert faults(tab) == []
    with page() as other:
        opened(other, address)
        assert other.locator(".trace .line").inner_text() == said


def test_a_trace_shows_each_step_and_runs_nothing_that_a_text_says(place: Place) -> None:
    """Three calls, their confidence against the threshold, the stop and the bill are there; markup in answers stays text."""
    with page() as tab:
        opened(tab, place.link(query=place.long))
        assert tab.locator(".station.call").count() == 3
        expect(tab.locator(".station.stop")).to_contain_text("answer of large")
        expect(tab.locator(".station.call").first).to_contain_text("below the threshold 0.500: asks on")
        expect(tab.locator(".station.call").last).to_contain_text("kept without a look")
        assert tab.evaluate("window.struck") is None
        expect(tab.locator(".trace .asked")).to_contain_text("<b>apples</b> & pears")
        assert faults(tab) == []


def test_long_answers_unfold(place: Place) -> None:
    """A long answer is folded to a few lines; its button shows all of it and says so to assistive technology."""
    with page() as tab:
        opened(tab, place.link(query=place.long))
        fold = tab.locator(".station.call").last.locator(".fold")
        before = fold.locator(".text").bounding_box()
        button = fold.locator("button")
        assert button.get_attribute("aria-expanded") == "false"
        button.click()
        after = fold.locator(".text").bounding_box()
        assert button.get_attribute("aria-expanded") == "true"
        assert before is not None
        assert after is not None
        assert after["height"] > before["height"]


def test_turning_the_slider_shows_the_other_way_before_python_hears_of_it(place: Place) -> None:
    """Keys move the query to its other way at once; only the button changes the policy and the address."""
    with page() as tab:
        opened(tab, place.link(query=place.short))
        knob, address = tab.locator(".trace .knob").first, tab.url
        assert knob.locator(".way:visible .path").inner_text().strip() == "tiny"
        expect(knob.locator(".use")).to_be_disabled()
        knob.locator("input").focus()
        tab.keyboard.press("End")
        assert "middle" in knob.locator(".way:visible .path").inner_text()
        assert knob.locator("output").inner_text() == "1.01"
        assert tab.url == address
        knob.locator(".use").click()
        expect(tab.locator(".station.call")).not_to_have_count(1)
        settled(tab)
        slot = view_of(tab).slot("a")
        assert slot is not None
        assert slot.knobs["t1"] == 1.01
        assert view_of(tab).query == place.short
        assert faults(tab) == []


def test_a_router_shows_what_it_weighed_and_whom_it_asked(place: Place) -> None:
    """The router's expectations stand before its call with the winner marked, and the nearest fit queries below."""
    with page() as tab:
        opened(tab, place.link(query=place.short, selected="b"))
        assert tab.locator(".station.scores .weights li").count() == 3
        assert tab.locator(".station.scores .won").count() == 1
        assert tab.locator(".nearest tbody tr").count() == 6
        expect(tab.locator(".others")).to_contain_text("not seen by the strategy")


def test_a_query_that_is_not_there_has_a_page_of_its_own(place: Place) -> None:
    """A link to an unknown query says so beside the list that is there."""
    with page() as tab:
        opened(tab, place.link(query="nobody"), trace=False)
        expect(tab.get_by_text("There is no query nobody in this data.")).to_be_visible()
        tab.get_by_role("button", name="Back to the list").click()
        expect(tab.get_by_text("There is no query nobody in this data.")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_trace_is_accessible_in_both_themes(place: Place, scheme: str) -> None:
    """Nothing that axe calls serious is in table and trace, and its colours are those of the theme."""
    with page(color_scheme=scheme, reduced_motion="reduce", viewport={"width": 1440, "height": 1800}) as tab:
        opened(tab, place.link(query=place.short, selected="b"))
        assert tab.locator(".trace").get_attribute("data-mode") == scheme
        found = Axe().run(tab).response["violations"]
        grave = [v for v in found if v["impact"] in {"serious", "critical"}]
        assert grave == []


def test_on_a_phone_the_stations_stand_below_each_other(place: Place) -> None:
    """At 390 px nothing is wider than the screen, and each station is below the one before."""
    with page(viewport={"width": 390, "height": 844}) as tab:
        opened(tab, place.link(query=place.long))
        boxes = [station.bounding_box() for station in tab.locator(".station").all()]
        assert all(box is not None for box in boxes)
        tops = [box["y"] for box in boxes if box is not None]
        assert tops == sorted(set(tops))
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        assert tab.locator(".trace").evaluate("e => e.scrollWidth <= e.clientWidth + 1")
