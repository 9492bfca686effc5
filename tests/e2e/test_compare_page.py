"""The Compare page in a real browser: real worker processes under the real app, into play, to Trade-offs; phone; accessibility."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dashboard.state import View, decode, encode
from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
PATIENCE = 60_000
FIRST_BUTTON = {"x": 290, "y": 38 + 17}  # of the table's first row: the table is a canvas

FIRST_TICK, SECOND_TICK = ({"x": 16, "y": 38 + 17 + 35 * row} for row in range(2))


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def violations(tab: Page) -> list[tuple[str, str]]:
    """Return the serious accessibility violations."""
    found = Axe().run(tab).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}]


def workers() -> int:
    """Return how many worker processes of a comparison of this test's app there are."""
    if not Path("/proc/self").exists():
        return 0
    told = subprocess.run(["ps", "-eo", "pgid=,args="], capture_output=True, text=True, check=True).stdout
    return sum("compare_workers" in line for line in told.splitlines() if line.split()[0] == str(os.getpgrp()))


def told(tab: Page, what: Callable[[View], bool]) -> bool:
    """Wait until the address says something, ten seconds at most; whether it does."""
    for _ in range(40):
        if what(decode(tab.url.split("v=", 1)[1])):
            return True
        tab.wait_for_timeout(250)
    return False


def put_in_play(tab: Page, table: Locator) -> None:
    """Press the first row's button until the address says so: a press while the table is being drawn goes nowhere."""
    for _ in range(3):
        settled(tab)
        table.scroll_into_view_if_needed()
        table.click(position=FIRST_BUTTON)
        if told(tab, lambda view: len(view.slots) == 4):  # three are in play on a fresh visit
            return
    pytest.fail("the row did not come into play")


def test_strategies_are_compared_and_one_is_put_in_play(tmp_path: Path) -> None:
    """From the button to the table with progress, no process left, a row into play, two ticked against each other; a phone in the dark."""
    view = encode(View(data="everyday-2k", families=("baseline",)))
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as address, page() as tab:
        tab.set_default_timeout(PATIENCE)
        tab.goto(f"{address}/compare?v={view}", wait_until="commit")
        tab.get_by_role("button", name="Compare 2").click()
        expect(tab.get_by_role("button", name="Stop", exact=True)).to_be_visible(timeout=PATIENCE)
        expect(tab.get_by_role("button", name="Measure again")).to_be_visible(timeout=PATIENCE)
        assert workers() == 0
        expect(tab.get_by_text("Best single model:")).to_be_visible()
        settled(tab)
        assert violations(tab) == []
        table = tab.get_by_test_id("stDataFrame").first
        put_in_play(tab, table)
        settled(tab)
        for tick in (SECOND_TICK, FIRST_TICK):
            table.click(position=tick)
            tab.wait_for_timeout(1000)  # a tick that comes while the table is being drawn is lost
            settled(tab)
        expect(tab.get_by_text("Permutation p")).to_be_visible()
        assert told(tab, lambda view: view.pair == ("random-mix", "zero-router")), "in the order of the ticks"
        tab.emulate_media(color_scheme="dark")
        tab.set_viewport_size({"width": 390, "height": 844})
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(tab) == []
        table.scroll_into_view_if_needed()
        table.click(position=FIRST_BUTTON)  # now it says "In play"
        expect(tab.locator(".st-key-stage-place")).to_be_visible(timeout=PATIENCE)
        assert faults(tab) == []
