"""`data.load` of a CSV and a JSONL of 1,000,000 rows, with and without prompts, against DuckDB making a table of the same files.

DuckDB only parses; ours also finds the roles of the columns, makes the outcome table and checks every cell. The ratio is that of the
slowest kind of file against its own reference; peak memory of a fresh process that loads one file is printed beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from data import load
from tests.benchmarks import in_turns
from tests.benchmarks._long import MODELS, QUERIES, table, write_csv, write_jsonl

GOAL = 3.0
PEAK_GOAL_MB = 2_000
_THREADS = 2
_READ = {".csv": "read_csv", ".jsonl": "read_json"}
_CHILD = """
import json, sys
from data import load
from tests.memory import megabytes
table = load(sys.argv[1])
print(json.dumps({"rows": len(table), "peak_mb": megabytes()}))
"""


def measure() -> tuple[float, float]:
    """Return seconds of the reference and of ours for the file of the worst ratio; a line for each file is printed."""
    with tempfile.TemporaryDirectory() as folder:
        took = [_file(path) for path in _files(Path(folder))]
    return max(took, key=lambda pair: pair[1] / pair[0])


def _files(folder: Path) -> list[Path]:
    files = []
    for prompts in (False, True):
        rows = table(prompts=prompts)
        name = "prompts" if prompts else "numbers"
        files += [write_csv(rows, folder / f"{name}.csv"), write_jsonl(rows, folder / f"{name}.jsonl")]
    return files


def _file(path: Path) -> tuple[float, float]:
    peak = _peak_mb(path)
    reference, ours = in_turns(lambda: _duckdb(path), lambda: _ours(path), rounds=5)
    over = "" if peak <= PEAK_GOAL_MB else f", above {PEAK_GOAL_MB:,} MB"
    size = path.stat().st_size / 2**20
    speed = f"{ours:.2f} s, DuckDB {reference:.2f} s, ratio {ours / reference:.2f}"
    print(f"  {path.name:<15} {size:>4.0f} MB: {speed}, peak {peak:,.0f} MB{over}", flush=True)
    return reference, ours


def _ours(path: Path) -> None:
    assert len(load(path)) == QUERIES


def _duckdb(path: Path) -> None:
    with duckdb.connect(config={"threads": _THREADS}) as base:
        base.execute(f"CREATE TABLE t AS SELECT * FROM {_READ[path.suffix]}('{path}')")  # noqa: S608
        assert base.execute("SELECT count(*) FROM t").fetchall() == [(QUERIES * MODELS,)]


def _peak_mb(path: Path) -> float:
    """Return the largest resident memory of a process that loads one file and nothing else."""
    done = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["rows"] == QUERIES
    return float(said["peak_mb"])
