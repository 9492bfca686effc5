"""The whole main job in one sitting: a file in, two prices, a drag, one query's trace, a policy to take away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import app, page, settled

pytestmark = pytest.mark.e2e
HANDLE = "[role=slider][aria-valuetext*=quality]"
MIXTRAL, GPT4 = "Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as url:
        yield url


def _bring(tab: Page, file: Path) -> None:
    tab.set_input_files("[data-testid=stFileUploader] input[type=file]", str(file))
    expect(tab.get_by_text("Understood:")).to_be_visible(timeout=60_000)
    tab.get_by_label(f"{MIXTRAL}: $ per 1,000 queries").fill("0.25")
    tab.get_by_label(f"{GPT4}: $ per 1,000 queries").fill("12")
    tab.get_by_role("button", name="Save and open").click()
    tab.wait_for_selector(HANDLE, timeout=90_000)
    settled(tab)


def _drag(tab: Page) -> str:
    box = tab.locator(HANDLE).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    for step in range(20):
        tab.mouse.move(x - 6 * step, y)
    url = tab.url
    tab.mouse.up()
    tab.wait_for_function("before => location.href !== before", arg=url)
    settled(tab)
    return tab.locator(HANDLE).first.get_attribute("aria-valuetext") or ""


def test_from_the_gsm8k_file_to_a_policy_in_hand(address: str, shared_data: Path) -> None:
    """Upload, two prices, drag; why one query went where it went; the policy as Python and YAML with its interval."""
    with page() as tab:
        tab.goto(address)
        tab.wait_for_selector(HANDLE, timeout=60_000)
        tab.get_by_role("link", name="Data", exact=True).click()
        tab.wait_for_selector("[data-testid=stFileUploader]", timeout=60_000)
        _bring(tab, shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
        assert tab.locator("path.band").count() >= 1
        said = _drag(tab)
        assert "$" in said

        tab.get_by_role("link", name="Decisions", exact=True).click()
        table = tab.locator("[data-testid=stDataFrame]").first
        table.wait_for(timeout=60_000)
        settled(tab)
        box = table.bounding_box()
        assert box is not None
        tab.mouse.click(box["x"] + 15, box["y"] + 52)
        expect(tab.get_by_text("The way, step by step")).to_be_visible(timeout=30_000)
        expect(tab.get_by_text("Where this query turns")).to_be_visible()
        expect(tab.get_by_text("Spent so far").first).to_be_visible()

        tab.get_by_role("link", name="Trade-offs", exact=True).click()
        tab.wait_for_selector(HANDLE, timeout=60_000)
        settled(tab)
        assert tab.locator(HANDLE).first.get_attribute("aria-valuetext") == said
        tab.get_by_role("button", name="Use this").click()
        dialog = tab.get_by_role("dialog")
        expect(dialog).to_contain_text('find("margin-cascade")')
        dialog.get_by_role("tab", name="YAML").click()
        expect(dialog).to_contain_text("quality:")
        expect(dialog).to_contain_text("low:")
