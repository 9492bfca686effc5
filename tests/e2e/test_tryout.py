"""Try a prompt in a real browser, on a fresh app that reaches no network: every rung answers, by mouse and by keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from data.ladder.endpoint import arms
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
SUM = "What is 82 plus 42?"
NOWHERE = "http://127.0.0.1:9"
RUNGS = [arm.card.title for arm in arms() if re.fullmatch(r"r\d", arm.name)]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own and every way out of the machine closed."""
    closed = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    env = {"ROUTESCOPE_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "NO_PROXY": "", **closed}
    with app("streamlit_app.py", env=env) as url:
        yield url


def opened(tab: Page, address: str) -> list[str]:
    """Open the page; return the list of what the browser asks other machines for, which are stopped."""
    asked: list[str] = []

    def stop(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    tab.route(lambda url: not url.startswith((address, "data:", "blob:")), stop)
    tab.goto(f"{address}/models")
    expect(tab.get_by_role("button", name="Ask", exact=True)).to_be_visible(timeout=60_000)
    settled(tab)
    return asked


def station(tab: Page, name: str) -> object:
    """Return one arm's row."""
    return tab.locator(".tryout li").filter(has=tab.get_by_role("heading", name=name, exact=True))


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def test_a_typed_puzzle_is_answered_by_every_rung(address: str) -> None:
    """Each rung shows its answer with tokens and confidence; nothing leaves the machine. Prints the time from click to answers."""
    with page() as tab:
        asked = opened(tab, address)
        tab.get_by_role("textbox", name="Prompt").fill(SUM)
        tab.get_by_role("textbox", name="Prompt").press("Tab")
        for again in ("first", "second"):
            start = time.perf_counter()
            tab.get_by_role("button", name="Ask", exact=True).click()
            for rung in RUNGS:
                expect(station(tab, rung).locator("dl")).to_be_visible(timeout=20_000)
            print(f"click to the last of {len(RUNGS)} rungs, {again} time: {time.perf_counter() - start:.2f} s")
            if again == "first":
                tab.get_by_role("button", name="Random puzzle").click()
                expect(tab.locator(".tryout li")).to_have_count(0)
        for rung in RUNGS:
            row = station(tab, rung)
            expect(row.locator("dl")).to_contain_text(re.compile(r"confidence\s*(< 0\.1|\d+\.\d) %"))
            assert row.locator(".t[title]").count() >= 2
        expect(tab.get_by_text("Right answer:")).to_be_visible()
        assert not asked
        assert not faults(tab)


def test_the_keyboard_is_enough(address: str) -> None:
    """Ctrl+Enter in the box asks; the answer is right; the address says nothing of the prompt."""
    with page() as tab:
        opened(tab, address)
        box = tab.get_by_role("textbox", name="Prompt")
        box.fill(SUM)
        box.press("Control+Enter")
        expect(station(tab, "R1").locator(".answer")).to_contain_text("124", timeout=20_000)
        settled(tab)
        assert "82" not in tab.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_answers_can_be_read_by_everyone(address: str, scheme: str) -> None:
    """At phone width nothing sticks out to the side, and axe finds no fault in the answers, in light and dark."""
    with page(viewport={"width": 390, "height": 2000}, color_scheme=scheme) as tab:
        opened(tab, address)
        tab.get_by_role("textbox", name="Prompt").fill("Maria has 87 stamps. Then Maria gets 6 more. How many stamps does Maria have now?")
        tab.get_by_role("textbox", name="Prompt").press("Control+Enter")
        expect(station(tab, RUNGS[-1]).locator("dl")).to_be_visible(timeout=20_000)
        settled(tab)
        assert tab.evaluate("Math.max(...[...document.querySelectorAll('.tryout *')].map(e => e.getBoundingClientRect().right))") <= 390
        found = Axe().run(tab, context=".tryout")
        assert not found.response["violations"], found.generate_report()
