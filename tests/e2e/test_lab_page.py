"""The Lab in a real browser: a cell is pressed, a slider turned, the link reopened, the draw opened on Trade-offs; phone; accessibility."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.state import View, decode, encode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
MEASURED = 90_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    home: Path = tmp_path_factory.mktemp("home")
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(home)}) as url:
        yield url


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def opened(tab: Page, url: str) -> None:
    """Open the page and wait until the map is measured and nothing runs."""
    tab.goto(url)
    expect(tab.get_by_text("With what this router can know")).to_be_visible(timeout=60_000)
    expect(tab.get_by_text("With what this router can know")).not_to_contain_text("Still measuring", timeout=MEASURED)
    expect(tab.get_by_text("over 8 draws")).to_be_visible(timeout=MEASURED)
    settled(tab)


def view_of(tab: Page) -> View:
    """Return the view in the page's address."""
    return decode(tab.url.split("v=", 1)[1].split("&", 1)[0])


def dials_of(tab: Page, so: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """Return what the address says was turned, once it is so: the address follows at the end of a run."""
    for _ in range(100):
        if so(view_of(tab).lab.get("dials", {})):
            break
        tab.wait_for_timeout(200)
    settled(tab)
    return view_of(tab).lab["dials"]


def press_cell(tab: Page, across: float, up: float) -> None:
    """Press the map at shares of its width and height."""
    box = tab.locator(".st-key-lab-cells .nsewdrag").first.bounding_box()
    assert box is not None
    x, y = box["x"] + across * box["width"], box["y"] + (1 - up) * box["height"]
    tab.mouse.move(x, y)
    tab.wait_for_timeout(300)  # a press counts where the pointer already rests
    tab.mouse.click(x, y)
    settled(tab)


def test_a_class_can_find_who_wins_where(address: str) -> None:
    """Pressing the map moves world, sliders and finding; the link brings all of it back; the draw opens on Trade-offs as simulated."""
    with page() as tab:
        opened(tab, f"{address}/lab")
        expect(tab.get_by_test_id("stMain").get_by_text("simulated", exact=True).first).to_be_visible()
        press_cell(tab, 0.88, 0.12)
        expect(tab.get_by_text(re.compile(r"router can know \(\.9.*routing wins by"))).to_be_visible(timeout=20_000)
        pressed = dials_of(tab, bool)
        assert pressed["ex_ante"] > 0.85
        assert pressed["post_hoc"] < 0.65
        slider = tab.get_by_role("slider", name="What a router can know")
        assert float(slider.input_value()) == pytest.approx(pressed["ex_ante"], abs=0.006)
        sees = tab.get_by_role("slider", name="What a cascade can see")
        sees.press("End")
        expect(tab.get_by_text("this cascade can see (1.00)")).to_be_visible(timeout=20_000)
        assert dials_of(tab, lambda dials: dials["post_hoc"] == 1.0)["post_hoc"] == 1.0
        link, said = tab.url, tab.get_by_text("With what this router can know").inner_text()
        opened(tab, link)
        assert tab.get_by_text("With what this router can know").inner_text() == said
        tab.get_by_role("button", name="Open on Trade-offs").click()
        expect(tab.get_by_text("queries ·").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_text("(simulated)").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_text("Router on given predictions").first).to_be_visible(timeout=60_000)
        assert faults(tab) == []


def test_the_open_set_gets_a_twin_that_is_judged(address: str) -> None:
    """The twin of the open set is fitted beside the page, says how good it is, and the set is marked on its map."""
    with page() as tab:
        tab.goto(f"{address}/lab?v={encode(View(data='everyday-2k', lab={'world': 'twin'}))}")
        expect(tab.get_by_role("heading", name="How good the twin is")).to_be_visible(timeout=MEASURED)
        expect(tab.get_by_text("95 % band").first).to_be_visible()
        expect(tab.get_by_text("measured, not simulated")).to_be_visible(timeout=MEASURED)
        expect(tab.locator(".st-key-lab-cells").get_by_text("Everyday 2k")).to_be_visible(timeout=MEASURED)
        assert faults(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_everybody_can_read_it(address: str, scheme: str, width: int) -> None:
    """No serious accessibility violation, nothing wider than the screen, five pages in sight; on a phone and on a desk, light and dark."""
    with page(color_scheme=scheme, viewport={"width": width, "height": 900}) as tab:
        opened(tab, f"{address}/lab")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        if width > 1000:
            expect(tab.get_by_role("link", name="Models")).to_be_visible()
            for name in ("More about the queries", "Models", "Something changes on the way"):
                tab.get_by_test_id("stSidebar").get_by_text(name, exact=True).click()
            settled(tab)
        found = Axe().run(tab).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}] == []
        assert faults(tab) == []
