"""Every recorded set and every sample of a log through the browser: by folder, as files, as a zip; understood and saved."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Waited

from tests.browser import app, errors, page, settled

pytestmark = pytest.mark.e2e
FOLDERS = {
    "aider_swebench_cascade": "300 queries, 3 models, 12 tasks",
    "llmrouter_9models": "5,608 queries, 9 models, 14 tasks",
    "misguided_attention": "52 queries, 36 models",
    "omnisbench": "364 queries, 4 models, 2 tasks",
    "planbench_blocksworld": "500 queries, 8 models",
    "reflexion_humaneval": "164 queries, 5 models",
    "routellm_gsm8k": "1,319 queries, 2 models",
    "routellm_mmlu": "14,042 queries, 2 models, 57 tasks",
    "tot_game24": "100 queries, 3 models",
    "zeroeval_crux": "800 queries, 51 models",
    "log_formats/inspect_ai": "14 queries, 2 models",
    "log_formats/langfuse": "9 queries, 6 models",
    "log_formats/litellm": "1 query, 1 model",
    "log_formats/mini_swe_agent": "1 query, 1 model",
    "log_formats/openai_batch": "3 queries, 1 model",
    "log_formats/otel_genai": "1 query, 1 model",
}
UPLOADER = "[data-testid=stFileUploader]"
FIELD = f"{UPLOADER} input[type=file]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app with an empty folder of the user's own; one for all sets, a session each."""
    with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(tmp_path_factory.mktemp("home"))}) as url:
        yield url


def opened(tab: Page, address: str, *, folder: bool = False) -> None:
    """Open the Data page with the drop zone for files, or for a folder."""
    tab.goto(f"{address}/data")
    tab.wait_for_selector(UPLOADER, timeout=60_000)
    if folder:
        tab.get_by_text("A folder", exact=True).click()
        expect(tab.locator(UPLOADER).first).to_contain_text("A folder whose files make one set")
    settled(tab)


def dropped(tab: Page, place: Path, sentence: str) -> None:
    """Give a folder and wait for the sentence; once more where the drop zone was drawn again just then, which lets go of what it got."""
    for patience in (45_000, 90_000):
        tab.set_input_files(FIELD, str(place))
        try:
            tab.get_by_text(sentence).first.wait_for(timeout=patience)
        except Waited:
            continue
        return


def understood(tab: Page, sentence: str) -> None:
    """Wait for the sentence, and look that nothing on the page is an error."""
    tab.get_by_text(sentence).first.wait_for(timeout=90_000)
    expect(tab.get_by_role("button", name=re.compile("^Save")).first).to_be_visible(timeout=60_000)
    settled(tab)
    assert tab.locator("[data-testid=stAlert]").count() == 0
    assert tab.locator("[data-testid=stException]").count() == 0
    assert not [line for line in errors(tab) if "Failed to load resource" not in line]


@pytest.mark.parametrize("folder", FOLDERS)
def test_by_folder(address: str, shared_data: Path, folder: str) -> None:
    """The unmodified folder is understood by itself, with its licence and scripts left out."""
    with page() as tab:
        opened(tab, address, folder=True)
        dropped(tab, shared_data / folder, FOLDERS[folder])
        understood(tab, FOLDERS[folder])
        expect(tab.get_by_label("Name of the set")).to_have_value(folder.rsplit("/", 1)[-1])


@pytest.mark.parametrize("folder", ["aider_swebench_cascade", "planbench_blocksworld", "misguided_attention", "log_formats/inspect_ai"])
def test_by_zip(address: str, shared_data: Path, folder: str, tmp_path: Path) -> None:
    """A zip of the folder is understood like the folder."""
    root = shared_data / folder
    archive = tmp_path / "set.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            out.write(file, file.relative_to(root))
    with page() as tab:
        opened(tab, address)
        tab.set_input_files(FIELD, str(archive))
        understood(tab, FOLDERS[folder])


def test_one_eval_log(address: str, shared_data: Path) -> None:
    """A single .eval file of inspect_ai, which is a zip itself, is a log and not an archive of tables."""
    file = min((shared_data / "log_formats" / "inspect_ai").rglob("*.eval"))
    with page() as tab:
        opened(tab, address)
        tab.set_input_files(FIELD, str(file))
        tab.get_by_text("Understood:").wait_for(timeout=60_000)
        assert tab.locator("[data-testid=stAlert]").count() == 0


def test_a_spreadsheet(address: str, tmp_path: Path) -> None:
    """An Excel file with a sheet of scores is a set like its CSV."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "prompt", "small_score", "large_score"])
    for i in range(40):
        sheet.append([f"q{i}", f"question {i}", i % 2, int(i % 5 > 0)])
    file = tmp_path / "scores.xlsx"
    book.save(file)
    with page() as tab:
        opened(tab, address)
        tab.set_input_files(FIELD, str(file))
        understood(tab, "40 queries, 2 models, quality known for all")


def test_a_log_without_scores_on_every_page(address: str, shared_data: Path) -> None:
    """A log that nobody scored is saved, has a data card, and the pages that compare say what is missing and lead back."""
    with page() as tab:
        opened(tab, address, folder=True)
        tab.set_input_files(FIELD, str(shared_data / "log_formats" / "openai_batch"))
        understood(tab, FOLDERS["log_formats/openai_batch"])
        tab.get_by_role("button", name="Save", exact=True).click()
        expect(tab.get_by_role("heading", name="About openai_batch")).to_be_visible(timeout=60_000)
        expect(tab.get_by_text("Nothing says which answers were right.")).to_be_visible()
        for name in ("Trade-offs", "Decisions"):
            tab.get_by_role("link", name=name, exact=True).click()
            expect(tab.get_by_text("Nothing says which answers were right, so no strategy can be compared.")).to_be_visible(timeout=60_000)
            expect(tab.get_by_text("1 model, quality not recorded").first).to_be_visible()
        tab.get_by_role("button", name="Go to the Data page").click()
        expect(tab.get_by_role("heading", name="About openai_batch")).to_be_visible(timeout=60_000)
        assert tab.locator("[data-testid=stException]").count() == 0
