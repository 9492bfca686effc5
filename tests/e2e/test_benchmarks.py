"""Published benchmarks in a real browser: recorded files from a hub on loopback become a set with one press, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from data.hub.base import sources
from tests.browser import app, errors, page, settled
from tests.fake_hub import FakeHub

pytestmark = pytest.mark.e2e
HANDLE = "[role=slider][aria-valuetext*=quality]"


@pytest.fixture
def hub(shared_data: Path) -> Iterator[FakeHub]:
    """A GitHub that serves the recorded files under their real paths; the Hugging Face hub knows nothing."""
    gsm8k = sources()["routellm-gsm8k"]
    folder = shared_data / "routellm_gsm8k"
    with FakeHub() as made:
        there = {wanted.path: (folder / wanted.path.rpartition("/")[2]).read_bytes() for wanted in gsm8k.files}
        made.files["github", gsm8k.repository, gsm8k.revision] = there
        yield made


@pytest.fixture
def address(hub: FakeHub, tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own, asking the hub on loopback."""
    around = {"ROUTESCOPE_HOME": str(tmp_path), "HF_HOME": str(tmp_path / "no-token"), "NO_PROXY": "127.0.0.1", **hub.addresses}
    with app("streamlit_app.py", env=around) as url:
        yield url


def box(tab: Page, address: str) -> None:
    """Open the Data page, and the box of benchmarks."""
    tab.goto(f"{address}/data")
    tab.wait_for_selector("[data-testid=stFileUploader]", timeout=60_000)
    tab.get_by_text("Published benchmarks").click()
    expect(row(tab, "routerbench").get_by_role("button", name="Fetch")).to_be_visible(timeout=30_000)
    settled(tab)


def row(tab: Page, source_id: str) -> Locator:
    """Return the row of a benchmark."""
    return tab.locator(f".st-key-benchmark-{source_id}")


def test_the_recorded_gsm8k_is_fetched_stopped_resumed_and_opened(hub: FakeHub, address: str) -> None:
    """The real files with their real checksums: bytes count up, a stop keeps them, Go on asks for the rest, Open draws the curve."""
    hub.block_s = 0.15
    with page() as tab:
        box(tab, address)
        mine = row(tab, "routellm-gsm8k")
        expect(mine.get_by_text("Licence: Apache-2.0 · 2.0 MB")).to_be_visible()
        mine.get_by_role("button", name="Fetch").click()
        expect(mine.get_by_text("of 2.0 MB")).to_be_visible(timeout=20_000)
        mine.get_by_role("button", name="Stop").click()
        expect(mine.get_by_role("button", name="Go on")).to_be_visible(timeout=20_000)
        hub.block_s = 0.0
        before = len(hub.calls)
        mine.get_by_role("button", name="Go on").click()
        expect(mine.get_by_text("commit 0b64fda")).to_be_visible(timeout=120_000)
        assert any("range" in headers for _, path, headers in hub.calls[before:] if path.endswith(".csv"))
        settled(tab)
        mine.get_by_role("button", name="Open").click()
        tab.wait_for_selector(HANDLE, timeout=90_000)
        expect(tab.get_by_text("RouteLLM, GSM8K").first).to_be_visible()
        assert not [line for line in errors(tab) if "Failed to load resource" not in line]


def test_what_cannot_be_reached_is_told_on_a_phone(address: str) -> None:
    """At 390 pixels nothing is wider than the screen, the way by hand can be read, and the accessibility checks find nothing."""
    with page(viewport={"width": 390, "height": 844}) as tab:
        box(tab, address)
        mine = row(tab, "routerbench")
        mine.get_by_role("button", name="Fetch").click()
        expect(mine.get_by_text("By hand: download routerbench_0shot.pkl")).to_be_visible(timeout=30_000)
        expect(mine.get_by_role("button", name="Try again")).to_be_visible()
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        wide = tab.evaluate(
            "[...document.querySelectorAll('[class*=st-key-benchmark-]')].filter(e => e.getBoundingClientRect().right > 390).length"
        )
        assert wide == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rows_can_be_read_by_everybody(address: str, scheme: str) -> None:
    """Contrast, names and order of the opened box pass the accessibility checks in both themes."""
    with page(color_scheme=scheme) as tab:
        box(tab, address)
        found = Axe().run(tab, context=".st-key-benchmark-routerbench")
        assert not found.response["violations"], found.generate_report()
