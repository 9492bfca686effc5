"""Fitting every strategy on 30,000 queries x 11 models, each in a process of its own, against scikit-learn's Ridge of the same shape.

Reference: Ridge from the embeddings to qualities and costs, 22 targets, in the same process just before. A line for each strategy is
printed: seconds, the ratio, CPU seconds, and how far resident memory rose above what the process held with its table loaded. What takes
more than two minutes of CPU is fitted on 5,000 queries too, for which two minutes are the limit. The ratio is that of the slowest.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from typing import Any

from strategies.registry import discover

GOAL = 300.0  # the slowest grows 880 trees; a Ridge is one solve
QUERIES, FEWER, CPU_LIMIT_S = 30_000, 5_000, 120
_CHILD = """
import contextlib, gc, json, sys, time
from pathlib import Path
import numpy as np
from sklearn.linear_model import Ridge
from data.problems import RouteScopeError
from strategies import find
from tests.benchmarks._eleven import eleven
from tests.memory import megabytes

table = eleven(int(sys.argv[2])).take(np.arange(int(sys.argv[2])), role="fit")
policy = find(sys.argv[1])()
said = {"lacks": policy.missing(table)}
if not said["lacks"]:
    x = table.features["embedding"]
    y = np.stack([table.column(field, m) for field in ("quality", "cost_usd") for m in range(len(table.models))], axis=1)
    begun = time.perf_counter()
    Ridge().fit(x, y)
    said["reference"] = time.perf_counter() - begun
    gc.collect()
    with contextlib.suppress(OSError):  # only Linux forgets a peak
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, used, begun = megabytes(), time.process_time(), time.perf_counter()
    try:
        policy.fit(table)
    except RouteScopeError as error:
        said["lacks"] = str(error).splitlines()[0]
    said |= {"ours": time.perf_counter() - begun, "cpu": time.process_time() - used, "peak": megabytes() - before}
print(json.dumps(said))
"""


def measure(queries: int = QUERIES, fewer: int = FEWER, only: Collection[str] = ()) -> tuple[float, float]:
    """Return seconds of the reference and of the strategy that takes longest; only : these strategies' ids."""
    took = []
    for name in discover()[0]:
        if only and name not in only:
            continue
        said = _fitted(name, queries)
        if said["lacks"]:
            print(f"  {name}: {said['lacks']}", flush=True)
            continue
        ratio = said["ours"] / said["reference"]
        again = f"; on {fewer:,} queries {_fitted(name, fewer)['cpu']:.1f} s of CPU" if said["cpu"] > CPU_LIMIT_S else ""
        print(f"  {name:<24}{said['ours']:>8.2f} s, {ratio:>7.2f} x, CPU {said['cpu']:>7.2f} s, {said['peak']:>5.0f} MB{again}", flush=True)
        took.append((said["reference"], said["ours"]))
    return max(took, key=lambda pair: pair[1])


def _fitted(name: str, queries: int) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _CHILD, name, str(queries)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
