"""A key press on the sidebar's slider to updated cards (36,000 queries x 11 models), against one slider and one chart."""

from __future__ import annotations

from tests.benchmarks._browser import APPS, CHART, HANDLE, heard, moved, pressed, product
from tests.browser import app

GOAL = 2.0


def measure() -> tuple[float, float]:
    """Return median seconds of both pages, each with its server alone on the machine."""
    with app(f"{APPS}/empty.py") as url:
        reference = pressed(url, CHART, "[data-testid=stSlider] input", moved)
    with product() as (_, url):
        ours = pressed(url, HANDLE, "[data-testid=stSidebar] [data-testid=stSlider] input", heard)
    return reference, ours
