"""Home to its first drawn curve on the first visit after a server's start, against an empty page with one chart."""

from __future__ import annotations

import tempfile

from tests.benchmarks._browser import APPS, CHART, HANDLE, visits
from tests.browser import app

GOAL = 1.5


def measure() -> tuple[float, float]:
    """Return seconds to the first non-empty curve of both pages."""
    with app(f"{APPS}/empty.py") as url:
        reference = visits(url, CHART)[0]
    with tempfile.TemporaryDirectory() as folder, app("streamlit_app.py", env={"ROUTESCOPE_HOME": folder}) as url:
        ours = visits(url, HANDLE)[0]
    return reference, ours
