"""The Models page in a real browser: models are added, tested and asked over real HTTP; the answers are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import app, errors, page, settled
from tests.stub_endpoint import Reply, StubEndpoint

pytestmark = pytest.mark.e2e
KEY = "sk-very-secret-123"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path)}) as url:
        yield url


def faults(tab: Page) -> list[str]:
    """Return what the console complains about; a page opened below the root asks for the server's own files there first."""
    return [line for line in errors(tab) if "Failed to load resource" not in line]


def opened(tab: Page, address: str) -> None:
    """Open the page."""
    tab.goto(f"{address}/models")
    expect(tab.get_by_role("button", name="Start")).to_be_visible(timeout=60_000)  # the page's last part: before it, boxes may still move
    settled(tab)


def add(tab: Page, name: str, url: str) -> None:
    """Add a model through the form, the key typed and left by keyboard."""
    if not tab.get_by_role("textbox", name="Model id").is_visible():
        tab.get_by_text("Add a model", exact=True).click()
    tab.get_by_role("textbox", name="Model id").fill(name)
    tab.get_by_role("textbox", name="Model id").press("Tab")
    expect(tab.get_by_text("No list price is known for this id.")).to_be_visible()
    settled(tab)
    tab.get_by_role("textbox", name="Base URL").fill(url)
    tab.get_by_role("textbox", name="Base URL").press("Tab")
    tab.get_by_role("spinbutton", name="$ per million tokens in").fill("1")
    tab.get_by_role("spinbutton", name="$ per million tokens out").fill("2")
    tab.get_by_role("textbox", name="API key").fill(KEY)
    tab.get_by_role("textbox", name="API key").press("Tab")
    settled(tab)
    tab.get_by_role("button", name="Add model").click()
    expect(tab.get_by_text(name, exact=True).first).to_be_visible()
    expect(tab.get_by_text("No list price is known for this id.")).to_be_hidden()
    settled(tab)


def paste(tab: Page, lines: list[str]) -> None:
    """Paste questions into the box."""
    tab.get_by_role("button", name="Paste questions").click()
    box = tab.get_by_role("textbox", name="Questions")
    box.fill("\n".join(lines))
    box.press("Control+Enter")
    settled(tab)
    tab.get_by_role("button", name="Ask models these questions").click()
    # The estimate stood there before, for other questions: the choice of questions says when these are taken over.
    expect(tab.get_by_role("combobox", name="Questions")).to_have_value(f"Pasted questions ({len(lines)})", timeout=30_000)
    settled(tab)


def test_pasted_questions_are_asked_and_drawn(address: str) -> None:
    """Two models at a stub are tested and asked 120 pasted questions; the set opens on Trade-offs; no key is in any address."""

    def answer(prompt: str, model: str) -> Reply:
        right = prompt.rsplit(maxsplit=1)[-1]
        if not right.isdigit():  # the connection test's own question
            return Reply(text="ready", margin=0.9)
        return Reply(text=right if model == "strong" or int(right) % 3 else "0", margin=0.9 if int(right) % 3 else 0.1)

    with StubEndpoint(answer=answer, shuffle_s=0.02, key=KEY) as stub, page() as tab:
        opened(tab, address)
        add(tab, "weak", stub.base_url)
        add(tab, "strong", stub.base_url)
        tab.get_by_role("button", name="Test connection").last.click()
        expect(tab.get_by_text("gives log-probs")).to_be_visible(timeout=30_000)
        paste(tab, [f"Repeat the number {i}\t{i}" for i in range(1, 121)])
        tab.get_by_role("slider").first.press("End")
        settled(tab)
        expect(tab.get_by_text("240 calls")).to_be_visible()
        tab.get_by_role("button", name="Start").click()
        tab.get_by_role("button", name="Open on Trade-offs").click(timeout=60_000)
        tab.wait_for_selector("[role=slider][aria-valuetext*=quality]", timeout=90_000)
        assert KEY not in tab.url
        assert not faults(tab)
        assert len({call.prompt for call in stub.calls}) >= 120


def test_a_run_goes_on_while_other_pages_are_looked_at_and_stops_on_request(address: str) -> None:
    """The bar shows money against the cap; leaving the page does not end the run; a stop keeps what has arrived."""
    with StubEndpoint(answer=Reply(text="1", delay_s=0.3), key=KEY) as stub, page() as tab:
        opened(tab, address)
        add(tab, "slow", stub.base_url)
        paste(tab, [f"question {i}\t1" for i in range(50)])
        tab.get_by_role("button", name="Start").click()
        expect(tab.get_by_text("of $1.00 spent")).to_be_visible(timeout=30_000)
        tab.get_by_role("link", name="Data", exact=True).click()
        expect(tab.get_by_role("heading", name="Data", exact=True)).to_be_visible()
        tab.get_by_role("link", name="Models", exact=True).click()
        tab.get_by_role("button", name="Stop and keep what has arrived").click(timeout=30_000)
        expect(tab.get_by_text("Stopped:")).to_be_visible(timeout=30_000)
        expect(tab.get_by_text("Saved as")).to_be_visible()


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
def test_it_fits_and_reads_well(address: str, look: dict[str, object]) -> None:
    """In the dark and on a phone nothing is wider than the page, and no serious accessibility rule is broken."""
    with page(**look) as tab:
        opened(tab, address)
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        found = Axe().run(tab).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in {"serious", "critical"}] == []
