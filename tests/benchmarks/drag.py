"""A drag on the plane (36,000 queries x 11 models): pointer event to repaint, against an SVG with one circle."""

from __future__ import annotations

from tests.benchmarks._browser import APPS, HANDLE, dragged, product
from tests.browser import app

GOAL = 1.15
HANDLER_S = 0.002


def measure() -> tuple[float, float]:
    """Return median seconds from a pointer event to after its repaint, of the circle and of ours; prints our handler's time."""
    with product() as (_, url):
        ours, handler = dragged(url, HANDLE)
    with app(f"{APPS}/circle.py") as url:
        reference, _ = dragged(url, "svg circle")
    print(f"  drag: a frame's handlers take {handler * 1e3:.2f} ms (goal {HANDLER_S * 1e3:.0f} ms)")
    return reference, ours
