"""How the cost of a totals replay grows from 10^4 to 10^7 queries: the slope of log CPU time over log queries, against 1 (linear).

The ratio is the slope, so the reference is one second and ours as many seconds as the slope; the times themselves are printed. All sizes
are windows of one table of 10^7, each run on rows that were not read just before: else the small ones would come from cache.
"""

from __future__ import annotations

import time

import numpy as np

from strategies.engines.recorded import Columns
from strategies.engines.totals import blocks, totals
from tests.benchmarks._three import three

GOAL, UNIT = 1.05, "slope"
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def measure(sizes: tuple[int, ...] = SIZES, rounds: int = 9) -> tuple[float, float]:
    """Return 1 and the slope through the least CPU times of all sizes: in wall time a busy machine stops long runs more often."""
    table, policy = three(max(sizes))
    source = Columns(table)
    windows = [list(blocks(source, size)) for size in sizes]
    took = np.full((rounds, len(sizes)), np.inf)
    for turn in range(rounds):
        for k, window in enumerate(windows):
            start = time.process_time()
            totals(policy, window[(turn * 7919) % len(window)])
            took[turn, k] = time.process_time() - start
    least = took.min(axis=0)
    print("  " + ", ".join(f"{size:,}: {each * 1e3:.2f} ms" for size, each in zip(sizes, least, strict=True)), flush=True)
    return 1.0, float(np.polyfit(np.log(sizes), np.log(least), 1)[0])
