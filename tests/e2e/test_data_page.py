"""The Data page in a real browser: a file becomes a draggable picture, survives a reload, reads well on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
HANDLE = "[role=slider][aria-valuetext*=quality]"
MIXTRAL, GPT4 = "Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"
PER_1K = "{}: $ per 1,000 queries"
SAVE = "Save and open"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as url:
        yield url


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def upload(tab: Page, address: str, *files: Path) -> None:
    """Open the Data page, choose files, and wait until they are understood."""
    tab.goto(f"{address}/data")
    tab.wait_for_selector("[data-testid=stFileUploader]", timeout=60_000)
    tab.set_input_files("[data-testid=stFileUploader] input[type=file]", [str(file) for file in files])
    expect(tab.get_by_text("Understood:")).to_be_visible(timeout=60_000)
    expect(tab.get_by_role("button", name=SAVE)).to_be_visible(timeout=60_000)
    settled(tab)


def save(tab: Page) -> None:
    """Save the set and wait for the plane with its handle."""
    tab.get_by_role("button", name=SAVE).click()
    tab.wait_for_selector(HANDLE, timeout=90_000)
    settled(tab)


def hovers(tab: Page) -> list[float]:
    """Return the full-precision numbers of the open set's data card."""
    tab.get_by_role("link", name="Data", exact=True).click()
    tab.wait_for_selector(".rs-table td[title]", timeout=60_000)
    settled(tab)
    titles = tab.eval_on_selector_all(".rs-table td[title]", "cells => cells.map(cell => cell.title)")
    return [float(title) for title in titles if re.fullmatch(r"-?[\d.]+(e-?\d+)?", title)]


def test_gsm8k_with_two_prices_becomes_a_draggable_curve(address: str, shared_data: Path) -> None:
    """The unmodified file and two typed prices give a curve with a band in money; the set outlives a reload in a fresh browser."""
    with page() as tab:
        upload(tab, address, shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
        expect(tab.get_by_text("1,319 queries, 2 models, quality known for all")).to_be_visible()
        tab.get_by_label(PER_1K.format(MIXTRAL)).fill("0.25")
        tab.get_by_label(PER_1K.format(GPT4)).fill("12")
        save(tab)
        handle = tab.locator(HANDLE).first
        before = handle.get_attribute("aria-valuetext")
        assert before is not None
        assert "$" in before
        handle.focus()
        for _ in range(8):
            tab.keyboard.press("ArrowLeft")
        expect(handle).not_to_have_attribute("aria-valuetext", before)
        settled(tab)
        link = tab.url
        assert not faults(tab)
        assert {0.638362, 0.85671} <= {round(value, 6) for value in hovers(tab)}
    with page() as other:
        other.goto(link)
        other.wait_for_selector(HANDLE, timeout=90_000)
        expect(other.get_by_text("gsm8k_responses").first).to_be_visible()


@pytest.mark.parametrize(
    ("files", "sentence", "truth"),
    [
        ("routellm_mmlu/responses/*.csv", "14,042 queries, 2 models, 57 tasks", 0.680815),
        ("llmrouter_9models/*.json*", "5,608 queries, 9 models", 0.621323),
        ("omnisbench/2026-08-19_results.json", "364 queries, 4 models", 0.953271),
    ],
)
def test_recorded_sets_are_understood_and_drawn(address: str, shared_data: Path, files: str, sentence: str, truth: float) -> None:
    """Sets of one, many and nested files are understood by themselves, drawn, and their means equal the recorded figures."""
    with page() as tab:
        upload(tab, address, *sorted(shared_data.glob(files)))
        expect(tab.get_by_text(sentence)).to_be_visible()
        save(tab)
        assert any(abs(value - truth) < 1e-6 for value in hovers(tab))
        assert not faults(tab)


def test_a_broken_file_is_explained_and_nothing_is_lost(address: str, tmp_path: Path) -> None:
    """Problems stand in a table with row and column; another page and back, and the files are still there."""
    file = tmp_path / "broken.csv"
    rows = ["id,prompt,a_score,b_score", *(f"q{i},question {i},{i % 2},1" for i in range(120))]
    rows[5] = "q4,question 4,1.7,1"
    file.write_text("\n".join(rows))
    with page() as tab:
        tab.goto(f"{address}/data")
        tab.wait_for_selector("[data-testid=stFileUploader]", timeout=60_000)
        tab.set_input_files("[data-testid=stFileUploader] input[type=file]", str(file))
        expect(tab.get_by_role("cell", name="the score is 1.7, outside 0 to 1.")).to_be_visible(timeout=60_000)
        expect(tab.get_by_role("button", name=SAVE)).to_have_count(0)
        tab.get_by_role("link", name="Models", exact=True).click()
        expect(tab.get_by_role("heading", name="Models", exact=True)).to_be_visible()
        tab.get_by_role("link", name="Data", exact=True).click()
        expect(tab.get_by_role("cell", name="the score is 1.7, outside 0 to 1.")).to_be_visible(timeout=60_000)
        tab.get_by_text("Use the 119 good rows and leave the others out").click()
        save(tab)


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
def test_it_fits_and_reads_well(address: str, shared_data: Path, look: dict[str, object]) -> None:
    """In the dark and on a phone nothing is wider than the page, and no serious accessibility rule is broken."""
    with page(**look) as tab:
        upload(tab, address, shared_data / "omnisbench" / "2026-08-19_results.json")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = Axe().run(tab).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}] == []
