"""What the rows that need a browser share: the app with a big table, drags, key presses, visits."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.state import Slot, View, encode
from data.outcomes import Origin, OutcomeTable, outcome_table
from tests.browser import app, page, settled

HANDLE = "[role=slider][aria-valuetext*=quality]"
APPS = "tests/benchmarks/apps"
CHART = "[data-testid=stPlotlyChart] .scatterlayer path"
# From outside, so that both pages are measured alike: how long each frame callback runs, and the time from a pointer
# event to after the repaint that follows it.
PROBE = """
window.__handler = []; window.__latency = [];
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (f) => ask((t) => { const a = performance.now(); f(t); window.__handler.push(performance.now() - a); });
addEventListener('pointermove', (e) => {
  ask(() => {
    const c = new MessageChannel();
    c.port1.onmessage = () => window.__latency.push(performance.now() - e.timeStamp);
    c.port2.postMessage(0);
  });
}, true);
"""


def big_table(n: int = 36_000, models: int = 11) -> OutcomeTable:
    """Return a world of 36,000 queries and 11 models with margins, costs and latencies."""
    random = np.random.default_rng(0)
    hard = random.random(n)
    strength = np.linspace(1.0, 0.1, models)
    return outcome_table(
        [f"model-{i}" for i in range(models)],
        (random.random((n, models)) < 1 - hard[:, None] * strength).astype(np.float32),
        cost_usd=np.tile(np.geomspace(1e-5, 1e-2, models), (n, 1)) * random.lognormal(0, 0.3, (n, models)),
        latency_s=np.tile(np.geomspace(0.05, 2, models), (n, 1)),
        signals={"margin": np.clip(1 - hard[:, None] + 0.2 * random.normal(size=(n, models)), 0, 1)},
        origin=Origin(name="benchmark", kind="simulated"),
    )


@contextmanager
def product() -> Iterator[tuple[str, str]]:
    """Yield (address, address of the big table) of the real app."""
    from data.stores import home

    with tempfile.TemporaryDirectory() as folder:
        import os

        os.environ["ROUTESCOPE_HOME"] = folder
        key = home.add(big_table()).id
        view = View(data=key, slots=(Slot(letter="a", strategy="margin-cascade", options={"chain": ("model-0", "model-10")}),))
        with app("streamlit_app.py", env={"ROUTESCOPE_HOME": str(Path(folder))}) as url:
            yield url, f"{url}/?v={encode(view)}"


def dragged(url: str, target: str) -> tuple[float, float]:
    """Return median seconds from a pointer event to after its repaint, and of one frame's callbacks, over 180 moves."""
    with page() as tab:
        tab.add_init_script(PROBE)
        tab.goto(url)
        tab.wait_for_selector(target, timeout=120_000)
        settled(tab)
        box = tab.locator(target).first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.evaluate("window.__handler.length = 0; window.__latency.length = 0")
        for step in range(180):
            tab.mouse.move(x - 150 + abs(step % 60 - 30) * 8, y + step % 7)
        latency = tab.evaluate("window.__latency")
        handler = tab.evaluate("window.__handler")
        tab.mouse.up()
        return statistics.median(latency) / 1000, statistics.median(handler) / 1000


def heard(tab: Any) -> str:
    """Return what the plane's handle says: it changes with the cards."""
    return str(tab.locator(HANDLE).first.get_attribute("aria-valuetext"))


def moved(tab: Any) -> str:
    """Return where the reference chart's marker is."""
    return str(tab.locator("[data-testid=stPlotlyChart] .scatterlayer .trace .point").first.get_attribute("transform"))


def pressed(url: str, drawn: str, target: str, read: Callable[[Any], str]) -> float:
    """Return median seconds from an arrow key on a slider (`target`) until `read` says something new, over 21 presses."""
    times = []
    with page() as tab:
        tab.goto(url)
        tab.wait_for_selector(drawn, timeout=120_000)
        settled(tab)
        tab.wait_for_timeout(1500)
        tab.locator(target).first.focus()
        for turn in range(24):
            before, start = read(tab), time.perf_counter()
            tab.keyboard.press("ArrowLeft" if turn < 12 else "ArrowRight")
            while read(tab) == before and time.perf_counter() - start < 10:
                pass
            times.append(time.perf_counter() - start)
            settled(tab)
    return statistics.median(times[3:])


def visits(url: str, target: str) -> tuple[float, float]:
    """Return seconds to the first non-empty curve: of the first visit after a server's start, and the median of five more."""
    times = []
    for _ in range(6):
        with page() as tab:
            start = time.perf_counter()
            tab.goto(url)
            tab.wait_for_selector(target, timeout=120_000)
            times.append(time.perf_counter() - start)
    return times[0], statistics.median(times[1:])
