"""Home in a real browser: drag, keyboard, link, phone, accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.state import Slot, View, decode, encode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
HANDLE = "[role=slider][aria-valuetext*=quality]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    home: Path = tmp_path_factory.mktemp("home")
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(home)}) as url:
        yield url


def opened(tab: Page, url: str) -> None:
    """Open a page and wait until the plane is drawn and nothing runs."""
    tab.goto(url)
    tab.wait_for_selector(HANDLE, timeout=60_000)
    settled(tab)


def drag(tab: Page, dx: float) -> None:
    """Drag the handle by dx pixels in steps, as a hand does."""
    box = tab.locator(HANDLE).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    for step in range(1, 21):
        tab.mouse.move(x + dx * step / 20, y)
    tab.mouse.up()


def value_text(tab: Page) -> str:
    """Return what a screen reader hears of the handle."""
    return tab.locator(HANDLE).first.get_attribute("aria-valuetext") or ""


def view_of(tab: Page) -> object:
    """Return the view in the page's address."""
    return decode(tab.url.split("v=", 1)[1].split("&", 1)[0])


def test_home_opens_on_a_plane_that_can_be_dragged(address: str) -> None:
    """The first screen has a plane, a finding in words and no error; dragging changes the figures and the address."""
    with page() as tab:
        opened(tab, address)
        before, url = value_text(tab), tab.url
        drag(tab, 160)
        tab.wait_for_function("before => location.href !== before", arg=url)
        settled(tab)
        assert value_text(tab) != before
        assert tab.locator("[data-testid=stException]").count() == 0
        assert not [line for line in errors(tab) if "ERR_NAME_NOT_RESOLVED" not in line]


def test_a_link_in_a_fresh_browser_shows_the_same_numbers(address: str) -> None:
    """What one browser dragged to, another opens from the address: the same setting, the same figures, to the digit."""
    with page() as tab:
        opened(tab, address)
        url = tab.url
        drag(tab, 120)
        tab.wait_for_function("before => location.href !== before", arg=url)
        settled(tab)
        link, text, view = tab.url, value_text(tab), view_of(tab)
    with page() as fresh:
        opened(fresh, link)
        assert value_text(fresh) == text
        assert view_of(fresh) == view


def test_the_slider_beside_follows_the_drag(address: str) -> None:
    """After release the ordinary slider in the sidebar shows the dragged setting, rounded to its step."""
    with page() as tab:
        opened(tab, address)
        url = tab.url
        drag(tab, 140)
        tab.wait_for_function("before => location.href !== before", arg=url)
        settled(tab)
        ((knob, exact),) = view_of(tab).slot("a").knobs.items()  # type: ignore[attr-defined]
        place = int(knob.removeprefix("t")) - 1
        shown = tab.locator("[data-testid=stSidebar] [data-testid=stSlider] input").nth(place).input_value()
        assert float(shown or "nan") == pytest.approx(exact, abs=0.0051)


def test_a_setting_stays_when_another_strategy_is_in_hand_for_a_while(address: str) -> None:
    """Selecting another strategy and coming back shows the dragged setting, not the tuned one."""
    with page() as tab:
        opened(tab, address)
        url = tab.url
        drag(tab, 140)
        tab.wait_for_function("before => location.href !== before", arg=url)
        settled(tab)
        text = value_text(tab)
        for letter in "ba":
            tab.locator(f".st-key-select-{letter} button").first.click()
            tab.wait_for_timeout(300)
            settled(tab)
        assert value_text(tab) == text


def test_arrow_keys_move_the_handle(address: str) -> None:
    """The handle is reached and moved by keyboard, and undo takes the move back."""
    with page() as tab:
        opened(tab, address)
        before, url = value_text(tab), tab.url
        tab.locator(HANDLE).first.focus()
        for _ in range(5):
            tab.keyboard.press("ArrowRight")
        tab.wait_for_function("before => location.href !== before", arg=url)
        settled(tab)
        assert value_text(tab) != before
        tab.get_by_role("button", name="Undo").click()
        settled(tab)


def test_the_policy_can_be_taken_away(address: str) -> None:
    """The dialog shows the policy as Python and YAML, with interval and split."""
    with page() as tab:
        opened(tab, address)
        tab.get_by_role("button", name="Use this").click()
        expect(tab.get_by_role("dialog")).to_contain_text("find(")
        tab.get_by_role("tab", name="YAML").click()
        expect(tab.get_by_role("dialog")).to_contain_text("expected:")
        expect(tab.get_by_role("dialog")).to_contain_text("low:")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_home_is_accessible(address: str, scheme: str) -> None:
    """Axe finds no serious fault of ours on home, in both themes."""
    with page(color_scheme=scheme) as tab:
        opened(tab, address)
        found = Axe().run(tab)
        serious = [v for v in found.response["violations"] if v["impact"] in {"serious", "critical"}]
        assert not serious, [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in serious]


def test_home_fits_a_phone(address: str) -> None:
    """At 390 px the plane comes first, nothing is wider than the screen, and the controls are in a sheet."""
    with page(viewport={"width": 390, "height": 844}) as tab:
        opened(tab, address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        box = tab.locator(HANDLE).first.bounding_box()
        assert box is not None
        assert box["y"] < 844
        assert tab.locator("[data-testid=stSidebar][aria-expanded=true]").count() == 0


def test_a_warning_is_read_put_away_and_brought_back(address: str) -> None:
    """Under the finding: sign, word, sentence, what to do; on a phone the rest is one press away; a dismissed one can be seen again."""
    picked = Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5}, picked=("t1",))
    with page(viewport={"width": 390, "height": 844}) as tab:
        opened(tab, f"{address}?v={encode(View(data='puzzles', slots=(picked,)))}")
        strip = tab.locator(".stage .cautions")
        expect(strip.locator("> ul > li")).to_have_count(1)
        expect(strip.locator("> ul")).to_contain_text("▲ Serious Threshold 1 was set by looking at the 1\u202f600 queries")
        strip.get_by_text("1 more").click()
        expect(strip.get_by_text("The costs of all 4 models are assumed")).to_be_visible()
        strip.get_by_role("button", name="Dismiss: Threshold 1").click()
        expect(strip).not_to_contain_text("Serious")
        strip.get_by_text("1 dismissed: show it").click()
        expect(strip).to_contain_text("Serious")
