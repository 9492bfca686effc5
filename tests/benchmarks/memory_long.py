"""Peak memory of loading and exploring a long file of 10,000,000 outcomes, against its numeric columns in float32.

A Parquet file with a row a query and model (1,250,000 x 8; id, model, score, cost, latency, margin) is read in a process of its own, which
then computes all means, a two-stage frontier and totals of a cascade of three. What the process held after its imports is taken off.
Both sides are memory, not time: what is printed as ms is MB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GOAL, UNIT = 3.0, "MB"
OUTCOMES, MODELS = 10_000_000, 8
FIELDS = ("score", "cost_usd", "latency_s", "margin")
_BLOCK = 50_000
_CHILD = """
import json, sys
import numpy as np, pandas, pyarrow.parquet
from data import load
from data.readers import detect, streamed
from strategies import find, frontier
from strategies.engines.totals import totals
from strategies.registry import discover
from tests.memory import megabytes

discover()
before = megabytes()
table = load(sys.argv[1])
loaded = megabytes()
means = {name: table.mean(name) for name in ("quality", "cost_usd", "latency_s")}
cheap, mid, dear = table.models[0], table.models[3], table.models[7]
curve = frontier(find("margin-cascade")(chain=(cheap, dear), signal="margin"), table)
found = totals(find("margin-cascade")(chain=(cheap, mid, dear), signal="margin", thresholds=(0.5, 0.5)), table)
said = {"cells": len(table) * len(table.models), "points": len(curve.setting), "quality": found.quality, "best": means["quality"][dear]}
print(json.dumps({**said, "loaded_mb": loaded - before, "peak_mb": megabytes() - before}))
"""


def write(path: Path, outcomes: int = OUTCOMES, models: int = MODELS, seed: int = 0) -> Path:
    """Write a long Parquet file block by block, and return its path."""
    rng = np.random.default_rng(seed)
    names, writer = pa.array([f"org/model-{m}" for m in range(models)]), None
    queries = outcomes // models
    for start in range(0, queries, _BLOCK):
        count = min(_BLOCK, queries - start)
        query, model = np.repeat(np.arange(start, start + count), models), np.tile(np.arange(models, dtype=np.int32), count)
        drawn = rng.random((4, len(query)), np.float32)
        columns = {
            "id": pa.array(query).cast(pa.string()),
            "model": pa.DictionaryArray.from_arrays(pa.array(model), names),
            "score": pa.array((drawn[0] < 0.5 + 0.05 * model).astype(np.float32)),
            "cost_usd": pa.array(drawn[1] * np.float32(1e-5) * (2.0**model).astype(np.float32)),
            "latency_s": pa.array(drawn[2]),
            "margin": pa.array(drawn[3]),
        }
        block = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, block.schema, compression="snappy")
        writer.write_table(block)
    if writer is not None:
        writer.close()
    return path


def measure(outcomes: int = OUTCOMES) -> tuple[float, float]:
    """Return GB of the numeric columns in float32, and of the peak; what the process said is checked."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "long.parquet", outcomes)
        done = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True)
        size = path.stat().st_size / 2**20
    said = json.loads(done.stdout)
    assert said["cells"] == outcomes
    print(f"  a file of {size:,.0f} MB: {said['loaded_mb']:,.0f} MB once loaded, {said['peak_mb']:,.0f} MB at the peak", flush=True)
    return outcomes * len(FIELDS) * 4 / 2**30, float(said["peak_mb"]) / 2**10
