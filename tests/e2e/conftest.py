"""One Chromium for the tests of a file: starting one for each page is what most of their time went into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium


@pytest.fixture(scope="module", autouse=True)
def _one_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep a browser open while a file's tests run, where they open pages."""
    if not hasattr(request.module, "page"):
        yield
        return
    with chromium():
        yield
