"""Speed against a bare reference: one file a row, `python -m tests.benchmarks` runs them all.

A row's file has the row's name, a docstring that says what is compared, `GOAL` (the highest ratio that is good enough) and
`measure() -> tuple[float, float]`: seconds of the reference and of ours, taken in turns by `in_turns` or in one browser.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def in_turns(reference: Callable[[], object], ours: Callable[[], object], *, rounds: int = 15) -> tuple[float, float]:
    """Return median seconds of both, run alternately after one warm-up, so that a busy machine slows both."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for act, times in zip((reference, ours), took, strict=True):
            start = time.perf_counter()
            act()
            if turn:
                times.append(time.perf_counter() - start)
    return statistics.median(took[0]), statistics.median(took[1])
