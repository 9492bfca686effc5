"""Make the pictures of the documentation: every page, light and dark, home, trace and data also at phone width.

Run from the repository's root with the test extra installed: `python -m docs.pictures [FOLDER]`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from tests.browser import app, page

PAGES = {
    "home": "", "decisions": "decisions", "methods": "methods", "compare": "compare", "find": "find", "what-if": "what-if", "data": "data",
    "models": "models", "signals": "signals", "published": "published", "lab": "lab",
}  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def settled(tab: Any) -> None:
    """Wait until no script runs, what the page is for is drawn, and transitions have ended."""
    tab.wait_for_selector("[role=slider][aria-valuetext*=quality], [data-testid=stDataFrame], h1", timeout=60_000)
    tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=60_000)
    tab.wait_for_timeout(1200)


def open_first_query(tab: Any) -> None:
    """Select the first row of the decision table: canvas, so by coordinates."""
    table = tab.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    tab.mouse.click(box["x"] + 15, box["y"] + 52)
    settled(tab)


def compared(tab: Any) -> None:
    """Compare all strategies, where the app has not done so before."""
    begin, stop = (tab.get_by_role("button", name=name) for name in ("Compare all", "Stop"))
    if begin.count():
        begin.click()
        stop.wait_for()
        stop.wait_for(state="hidden", timeout=600_000)
    settled(tab)


def answered(tab: Any) -> None:
    """Wait for what is worked out beside the page."""
    tab.get_by_text(re.compile("Certified at|separates right from wrong|are recomputed here")).first.wait_for(timeout=120_000)
    settled(tab)


def open_section(tab: Any, name: str) -> None:
    """Open a section of the data card, with its heading at the top."""
    tab.locator("[data-testid=stButtonGroup] button", has_text=name).last.click()
    settled(tab)
    tab.locator("#about").evaluate("heading => heading.scrollIntoView({block: 'start'})")
    settled(tab)


READY = {"compare": compared, "find": answered, "signals": answered, "published": answered}  # pages that work beside the page


def make(folder: Path) -> None:
    """Write all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with app("streamlit_app.py") as address:
        for scheme in ("light", "dark"):
            for name, path in PAGES.items():
                with page(viewport=WIDE, color_scheme=scheme) as tab:
                    tab.goto(f"{address}/{path}")
                    settled(tab)
                    READY.get(name, settled)(tab)
                    tab.screenshot(path=folder / f"{name}-{scheme}.png")
                    if name == "decisions":
                        open_first_query(tab)
                        tab.screenshot(path=folder / f"trace-{scheme}.png")
                    if name == "data":
                        for section in ("Audit", "Models"):
                            open_section(tab, section)
                            tab.screenshot(path=folder / f"data-{section.lower()}-{scheme}.png")
        for name, path in {"home": "", "trace": "decisions", "data": "data"}.items():
            with page(viewport=PHONE, color_scheme="light") as tab:
                tab.goto(f"{address}/{path}")
                settled(tab)
                if name == "trace":
                    open_first_query(tab)
                if name == "data":
                    open_section(tab, "Audit")
                tab.screenshot(path=folder / f"{name}-phone.png")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures")
