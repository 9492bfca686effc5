"""Does a running app show its first screen? `python -m tests.first_screen URL` exits non-zero if not."""

from __future__ import annotations

import sys

from tests.browser import page


def check(url: str) -> None:
    """Open the first page in headless Chromium and wait until the plane is drawn and no error is shown."""
    with page() as tab:
        tab.goto(url)
        tab.wait_for_selector("svg [data-curve], svg path", timeout=120_000)
        tab.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=60_000)
        errors = tab.locator("[data-testid=stException]").count()
        if errors:
            sys.exit(f"the first screen shows {errors} error(s)")
    print("the first screen is drawn")


if __name__ == "__main__":
    check(sys.argv[1])
