"""The What-if page in a real browser: a price is moved with the keyboard, the link keeps it; phone, dark, accessibility."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.state import View, decode, encode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
PATIENCE = 60_000


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def violations(tab: Page) -> list[tuple[str, str]]:
    """Return the serious accessibility violations."""
    found = Axe().run(tab).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}]


def test_a_price_is_moved_and_its_link_reopened(tmp_path: Path) -> None:
    """One step of the slider changes the bill in words and figures; the link shows the same on a phone in the dark, and resets."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as address, page() as tab:
        tab.set_default_timeout(PATIENCE)
        tab.goto(f"{address}/what-if?v={encode(View(data='everyday-2k'))}", wait_until="commit")
        expect(tab.get_by_text("It hangs most on")).to_be_visible(timeout=PATIENCE)
        slider = tab.get_by_role("slider", name="Whole bill, times")
        slider.focus()
        slider.press("ArrowRight")
        expect(tab.get_by_text("the bill rises by 10")).to_be_visible()
        expect(tab.get_by_role("button", name="All models: price × 1.1")).to_be_visible()
        settled(tab)
        assert violations(tab) == []
        link = tab.url
        assert decode(link.split("v=", 1)[1]).whatif == "bill::1.1"
        tab.emulate_media(color_scheme="dark")
        tab.set_viewport_size({"width": 390, "height": 844})
        tab.goto(link, wait_until="commit")
        expect(tab.get_by_text(re.compile("Now that is"))).to_be_visible(timeout=PATIENCE)
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(tab) == []
        tab.get_by_role("button", name="Reset").click()
        expect(tab.get_by_text("Nothing is assumed")).to_be_visible()
        settled(tab)
        assert decode(tab.url.split("v=", 1)[1]).whatif == ""
        assert faults(tab) == []
