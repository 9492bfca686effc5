"""The Methods page in a real browser: from the survey's table to a card, into play, to Trade-offs; phone; accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dashboard.state import View, decode, encode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
WIDE, NARROW = 1440, 390
PATIENCE = 40_000


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
    """Open the page and wait until the survey's table, its last part, is there."""
    tab.set_default_timeout(PATIENCE)
    tab.goto(url, wait_until="commit")
    expect(tab.get_by_role("heading", name="What the methods of the survey")).to_be_visible(timeout=2 * PATIENCE)
    settled(tab)


def jumped(link: Locator, wanted: Locator) -> None:
    """Follow a link within the page; once more where the page was drawn again just then."""
    for patience in (8_000, 8_000, PATIENCE):
        link.press("Enter")
        try:
            expect(wanted).to_be_in_viewport(timeout=patience)
        except AssertionError:
            continue
        return
    expect(wanted).to_be_in_viewport()


def test_from_the_survey_into_play_with_the_keyboard(address: str) -> None:
    """A row of the table leads to its card, Enter puts it in play, the card leads to Trade-offs; a link opens filtered."""
    with page() as tab:
        opened(tab, f"{address}/methods")
        link = tab.locator(".survey").get_by_role("link", name="HybridLLM", exact=True)
        card = tab.locator(".st-key-card-hybrid-llm")
        # A jump while cards above still grow their buttons ends elsewhere: first all is drawn.
        expect(card.get_by_role("button", name="Put in play")).to_be_visible(timeout=PATIENCE)
        settled(tab)
        jumped(link, tab.locator("#method-hybrid-llm h4"))
        card.locator("summary").press("Enter")
        expect(card.get_by_text("0 to 1.01, chance")).to_be_visible(timeout=PATIENCE)
        card.get_by_role("button", name="Put in play").press("Enter")
        expect(card.get_by_text("In play on Trade-offs")).to_be_visible(timeout=PATIENCE)
        expect(card.get_by_text("0 to 1.01, chance")).to_be_visible(timeout=PATIENCE)  # what was unfolded stays so
        card.get_by_role("button", name="See it there").click()
        expect(tab.get_by_test_id("stSidebar").get_by_role("button", name="HybridLLM").first).to_be_visible(timeout=2 * PATIENCE)
        opened(tab, f"{address}/methods?v={encode(View(data='everyday-2k', methods=('cascade', 'logprobs')))}")
        expect(tab.get_by_role("heading", name="Routing (")).to_have_count(0, timeout=PATIENCE)
        expect(tab.locator("#method-chow-deferral")).to_be_visible(timeout=PATIENCE)
        tab.get_by_role("button", name="need log-probs").click()
        expect(tab.locator("#method-margin-cascade")).to_be_visible(timeout=PATIENCE)
        settled(tab)
        assert decode(tab.url.split("v=", 1)[1].split("#", 1)[0]).methods == ("cascade",)
        assert faults(tab) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", NARROW), ("dark", WIDE)])
def test_everybody_can_read_it(address: str, scheme: str, width: int) -> None:
    """No serious accessibility violation with a card unfolded, nothing wider than the screen; on a phone and on a desk, light and dark."""
    with page(color_scheme=scheme, viewport={"width": width, "height": 900}) as tab:
        opened(tab, f"{address}/methods")
        tab.locator("#method-automix summary").click()
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(tab).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}] == []
        assert faults(tab) == []
