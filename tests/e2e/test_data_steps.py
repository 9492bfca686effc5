"""What is touched on the Data page in a real browser: the list of models, the audit's badge and its way, versions, memory, files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser import app, page, settled

pytestmark = pytest.mark.e2e
UPLOADER = "[data-testid=stFileUploader]"
BADGE = ".st-key-audit-badge button:visible"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real app with an empty folder of the user's own."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path / "home")}) as url:
        yield url


def upload(tab: Page, address: str, *files: Path) -> None:
    """Open the Data page and wait until files are understood and their audit has ended."""
    tab.goto(f"{address}/data")
    tab.wait_for_selector(UPLOADER, timeout=60_000)
    tab.set_input_files(f"{UPLOADER} input[type=file]", [str(file) for file in files])
    expect(tab.get_by_text("Understood:")).to_be_visible(timeout=60_000)
    expect(tab.get_by_text("Audit:").first).to_be_visible(timeout=60_000)
    settled(tab)


def section(tab: Page, name: str) -> None:
    """Open a section of the data card."""
    tab.locator("[data-testid=stButtonGroup] button", has_text=name).last.click()
    settled(tab)


def save(tab: Page) -> None:
    """Save the set and wait for Trade-offs."""
    tab.get_by_role("button", name="Save and open").click()
    expect(tab.get_by_text("models in play").first).to_be_visible(timeout=90_000)
    settled(tab)


def written(tab: Page, grid: Locator, across: float, text: str, seen: Locator) -> None:
    """Type into the first row of a grid until what follows from it is seen: a grid that is drawn again swallows clicks and keys.

    across : the cell's place as a share of the grid's width.
    """
    editor = tab.locator("#portal input, #portal textarea").first
    for _ in range(8):
        box = grid.bounding_box()
        assert box is not None
        tab.mouse.dblclick(box["x"] + box["width"] * across, box["y"] + 52)
        try:
            expect(editor).to_be_focused(timeout=3_000)
            tab.keyboard.press("Control+A")
            tab.keyboard.type(text)
            expect(editor).to_have_value(text, timeout=2_000)
            tab.keyboard.press("Enter")
            expect(seen).to_be_attached(timeout=8_000)
        except AssertionError:
            tab.keyboard.press("Escape")
        else:
            settled(tab)
            return
    expect(seen).to_be_attached()


def serious(tab: Page) -> list[str]:
    """Return the serious accessibility faults of the page."""
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in Axe().run(tab).response["violations"] if v["impact"] in {"serious", "critical"}
    ]


def priced(folder: Path) -> Path:
    """Write a file of 150 queries and three models with costs, one of which is billed at zero on ten rows in spite of its tokens."""
    head = "id,prompt,small_score,mid_score,large_score,small_cost,mid_cost,large_cost,small_tokens_in,small_tokens_out"
    rows = []
    for i in range(150):
        tokens_in, tokens_out = 400 + 7 * i, 800 + 11 * i
        bills = [0 if i < 10 else 1e-7 * (tokens_in + 4 * tokens_out), 0.002 + 1e-5 * (i % 13), 0.01 + 1e-4 * (i % 17)]
        cells = [i % 2, int(i % 3 > 0), int(i % 7 > 0), *(f"{bill:.9f}" for bill in bills), tokens_in, tokens_out]
        rows.append(",".join(map(str, [f"q{i}", f"question number {i} of the list", *cells])))
    file = folder / "priced.csv"
    file.write_text("\n".join([head, *rows]))
    return file


def test_a_name_is_typed_and_a_place_is_given(address: str, tmp_path: Path) -> None:
    """In the list of models a cell takes another name and another place; the saved set has both."""
    with page() as tab:
        upload(tab, address, priced(tmp_path))
        tab.get_by_text("Models: choose, rename, merge or reorder the 3").click()
        tab.wait_for_timeout(600)
        models = tab.locator("[data-testid=stDataFrame]").first
        models.scroll_into_view_if_needed()
        settled(tab)
        written(tab, models, 0.3, "tiny", tab.get_by_role("button", name="Undo all"))
        written(tab, models, 0.97, "3", tab.get_by_text("your own", exact=True))
        save(tab)
        tab.get_by_role("link", name="Data", exact=True).click()
        settled(tab)
        section(tab, "History")
        expect(tab.get_by_role("cell", name="small is now tiny")).to_be_visible(timeout=30_000)
        expect(tab.get_by_role("cell", name="models in the order mid, large, small")).to_be_visible()


def test_the_badge_leads_to_the_audit_and_a_decision_to_a_version(address: str, tmp_path: Path) -> None:
    """Every page with figures has the badge; it shows the findings, leads to them, and what is decided there is a new version."""
    with page() as tab:
        upload(tab, address, priced(tmp_path))
        save(tab)
        for name in ("Decisions", "Trade-offs"):
            tab.get_by_role("link", name=name, exact=True).click()
            expect(tab.locator(BADGE)).to_contain_text("audit: 1 error", timeout=60_000)
        settled(tab)
        tab.locator(BADGE).click()
        expect(tab.get_by_text("Zero cost with tokens")).to_be_visible()
        assert serious(tab) == []
        tab.get_by_role("button", name="Look and decide on the Data page").click()
        expect(tab.get_by_role("heading", name="About priced")).to_be_in_viewport(timeout=30_000)
        expect(tab.get_by_text("Zero cost with tokens")).to_be_visible()
        tab.get_by_role("button", name="Exclude", exact=True).first.or_(tab.get_by_role("radio", name="Exclude").first).first.click()
        settled(tab)
        tab.get_by_role("button", name="Decide and save").click()
        expect(tab.get_by_role("heading", name="About priced (version 2)")).to_be_visible(timeout=60_000)
        expect(tab.get_by_text("140 queries, 3 models").first).to_be_visible()


def test_reports_and_history_are_files(address: str, tmp_path: Path) -> None:
    """The audit report comes as a page and as Markdown, the history as JSON, each with the set's name."""
    with page() as tab:
        upload(tab, address, priced(tmp_path))
        save(tab)
        tab.get_by_role("link", name="Data", exact=True).click()
        settled(tab)
        section(tab, "Audit")
        for label, name, start in (
            ("Audit report (HTML)", "priced-audit.html", "<!doctype html"),
            ("Audit report (Markdown)", "priced-audit.md", "# Audit of priced"),
        ):
            with tab.expect_download() as caught:
                tab.get_by_role("button", name=label).click()
            assert caught.value.suggested_filename == name
            assert Path(caught.value.path()).read_text(encoding="utf-8").lower().startswith(start.lower())
        section(tab, "History")
        with tab.expect_download() as caught:
            tab.get_by_role("button", name="Save the history (JSON)").click()
        assert '"routescope_history"' in Path(caught.value.path()).read_text(encoding="utf-8")


def test_what_was_corrected_is_said_for_the_next_file(address: str, tmp_path: Path) -> None:
    """Words for right and wrong are asked once; the next file says that it is mapped as last time, and can be undone."""
    for name, rows in (("first.csv", 40), ("second.csv", 50)):
        lines = ["id,prompt,a_score,b_score", *(f"q{i},item {i},{'gut' if i % 2 else 'schlecht'},gut" for i in range(rows))]
        (tmp_path / name).write_text("\n".join(lines))
    with page() as tab:
        tab.goto(f"{address}/data")
        tab.wait_for_selector(UPLOADER, timeout=60_000)
        tab.set_input_files(f"{UPLOADER} input[type=file]", str(tmp_path / "first.csv"))
        expect(tab.get_by_text("The scores hold words that are not known")).to_be_visible(timeout=60_000)
        settled(tab)
        for word, means in (("gut", "right (1)"), ("schlecht", "wrong (0)")):
            tab.locator("[data-testid=stButtonGroup]", has=tab.get_by_text(word, exact=True)).get_by_text(means).click()
            settled(tab)
        expect(tab.get_by_text("40 queries, 2 models, quality known for all")).to_be_visible(timeout=30_000)
        save(tab)
        upload(tab, address, tmp_path / "second.csv")
        expect(tab.get_by_text("Mapped as last time")).to_be_visible()
        expect(tab.get_by_text("50 queries, 2 models, quality known for all")).to_be_visible()
        tab.get_by_role("button", name="Undo", exact=True).click()
        expect(tab.get_by_text("The scores hold words that are not known")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("look", [{}, {"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}])
def test_two_of_fifty_one_in_one_press(address: str, shared_data: Path, look: dict[str, object]) -> None:
    """With 51 models one press keeps two, on a screen and on a phone; the page stays as wide as it is and without serious faults."""
    with page(**look) as tab:
        upload(tab, address, shared_data / "zeroeval_crux" / "crux_correct.csv")
        tab.get_by_text("Models: choose, rename, merge or reorder the 51").click()
        tab.wait_for_timeout(600)
        tab.get_by_role("button", name="Cheapest and best").click()
        expect(tab.get_by_text("Models: 2 of 51 stay")).to_be_visible(timeout=30_000)
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert serious(tab) == []
        save(tab)
        expect(tab.get_by_text("2 models in play").first).to_be_visible()
