"""The Find page in a real browser: a new user asks the three questions and reads the answers; phone; accessibility."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dashboard.state import decode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
PATIENCE = 90_000


def violations(tab: Page) -> list[tuple[str, str]]:
    """Return the serious accessibility violations."""
    found = Axe().run(tab).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}]


def answer(tab: Page, said: str) -> Locator:
    """Return the answer once it says so."""
    place = tab.locator(".st-key-find-answer")
    expect(place).to_contain_text(re.compile(said), timeout=PATIENCE)
    return place


def typed(tab: Page, label: str, value: str) -> None:
    """Type a number into a field of the question."""
    field = tab.get_by_label(label)
    field.fill(value)
    field.press("Enter")


def test_a_new_user_asks_the_three_questions(tmp_path: Path) -> None:
    """Cheapest, best within limits, least energy: each is asked by a press, answered in a sentence; into play; then a phone in the dark."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as address, page() as tab:
        tab.set_default_timeout(PATIENCE)
        tab.goto(address, wait_until="commit")
        expect(tab.locator(".st-key-stage-place")).to_be_visible(timeout=PATIENCE)
        tab.get_by_role("link", name="Find").click()
        answer(tab, r"keeps [\d.]+.% \([\d.]+ to [\d.]+.%\) of R4's quality at [\d.]+.% of its cost\. Certified at 95.%\.")
        tab.get_by_text("The best quality under").click()
        typed(tab, "Budget, $ per 1,000 queries", "0.1")
        typed(tab, "95 % of answers within, s", "4")
        place = answer(tab, r"a quality of [\d.]+.% .* at \$0\.[\d]+ per 1,000 queries, 95 % of the answers within .*Certified at 95.%")
        assert float(re.search(r"at \$([\d.]+) per 1,000", place.inner_text()).group(1)) < 0.11  # proved elsewhere, shown on test
        tab.get_by_text("The lowest energy at a quality of").click()
        typed(tab, "Quality, % at least", "80")
        answer(tab, r"[\d.]+ Wh per 1,000 queries \([\d.]+ to [\d.]+\) at a quality of [\d.]+.% .*Certified at 95.%")
        settled(tab)
        assert "energy_q0.8" in decode(tab.url.split("v=", 1)[1]).find
        assert violations(tab) == []
        tab.get_by_text("The best quality under").click()
        typed(tab, "Budget, $ per 1,000 queries", "0.0000001")
        answer(tab, r"Nothing qualifies at 95.% confidence\. Closest comes this: Send every query to R1")
        tab.get_by_text("One lever").click()
        answer(tab, r"with a wrong answer at \$[\d.]+ that is worth \$[\d.]+ per 1,000 queries more than R4 alone")
        tab.get_by_role("slider").press("ArrowLeft")
        settled(tab)
        tab.emulate_media(color_scheme="dark")
        tab.set_viewport_size({"width": 390, "height": 844})
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        tab.get_by_text("What was tried").click()
        settled(tab)
        assert violations(tab) == []
        tab.get_by_role("button", name="Put in play").click()
        expect(tab.get_by_role("button", name="Show on Trade-offs")).to_be_visible(timeout=PATIENCE)
        settled(tab)
        assert len(decode(tab.url.split("v=", 1)[1]).slots) == 4  # three are in play on a fresh visit
        tab.get_by_role("button", name="Show on Trade-offs").click()
        expect(tab.locator(".st-key-stage-place")).to_be_visible(timeout=PATIENCE)
        assert [line for line in errors(tab) if "Failed to load resource" not in line] == []
