"""Memory-mapped folders: the same table, and one that is larger than the memory there is."""

import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.load import load
from data.outcomes import outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.stores.columns import open_table, save
from data.stores.mapped import convert
from strategies.proving import proving_ground
from tests.benchmarks._long import table as long_table

# What may still be allocated is limited after everything is imported and warm: less than the table's numbers, more than a few columns.
CHILD = """
import json, resource, sys
from data.stores.columns import open_table
from strategies import find, frontier
from strategies.engines.totals import totals
from strategies.proving import proving_ground

def explored(table):
    cheap, mid, dear = table.models[0], table.models[5], table.models[-1]
    means = table.mean("quality")
    curve = frontier(find("margin-cascade")(chain=(cheap, dear), signal="margin"), table)
    found = totals(find("margin-cascade")(chain=(cheap, mid, dear), signal="margin", thresholds=(0.5, 0.5)), table)
    return {"mean": means[dear], "last": float(curve.quality[-1]), "points": len(curve.setting), "cost": found.cost_usd}

explored(proving_ground(500, 8))
open_table(sys.argv[2])
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
limit = int(status["VmData"].split()[0]) * 1024 + int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
print(json.dumps(explored(open_table(sys.argv[1]))))
"""


def test_a_mapped_folder_is_the_same_table(tmp_path):
    """Values, signals, samples, features and fingerprint; numbers are read-only views of files, and nothing is read before."""
    table = proving_ground(80, 4).with_signal("of/any name", np.ones((80, 4), dtype=np.float32))
    stored = open_table(save(table, tmp_path / "mapped", mapped=True))
    plain = open_table(save(table, tmp_path / "plain"))
    assert stored.fingerprint == plain.fingerprint == table.fingerprint
    for name, values in {**table.numbers, **table.signals}.items():
        found = {**stored.numbers, **stored.signals}[name]
        assert np.array_equal(found, values, equal_nan=True)
        assert isinstance(found.base, np.memmap) or isinstance(found.base.base, np.memmap)
        assert not found.flags.writeable
    assert stored.take(np.arange(80)).fingerprint == table.fingerprint, "what is stored is what was hashed"
    assert save(stored, tmp_path / "mapped", mapped=True), "a folder can be written over from its own table"
    assert open_table(tmp_path / "mapped").fingerprint == table.fingerprint


def test_a_long_file_becomes_a_mapped_folder(tmp_path):
    """What is converted in parts is what is loaded at once, texts and tasks too."""
    pq.write_table(long_table(prompts=True, queries=60), tmp_path / "long.parquet")
    made, whole = convert(tmp_path / "long.parquet", tmp_path / "set", name="mine"), load(tmp_path / "long.parquet", name="mine")
    assert made.fingerprint == whole.fingerprint
    assert made.queries.task_names == whole.queries.task_names
    assert load(tmp_path / "set").origin == whole.origin
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_cannot_be_converted_is_refused(tmp_path):
    """A file with repeats, one that isn't there, and a damaged folder: in words, and nothing is left behind."""
    rows = long_table(prompts=False, queries=20)
    pq.write_table(pa.concat_tables([rows, rows]), tmp_path / "twice.parquet")
    with pytest.raises(ProblemError, match="read in parts"):
        convert(tmp_path / "twice.parquet", tmp_path / "set")
    with pytest.raises(ProblemError, match="there is no file"):
        convert(tmp_path / "none.parquet", tmp_path / "set")
    assert [path.name for path in tmp_path.iterdir()] == ["twice.parquet"]
    folder = save(proving_ground(20, 2), tmp_path / "set", mapped=True)
    np.save(folder / "numbers" / "quality.npy", np.ones((3, 2), dtype=np.float32))
    with pytest.raises(ProblemError, match="damaged"):
        open_table(folder)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits what a process allocates")
def test_a_table_larger_than_memory_still_explores(tmp_path):
    """Under a limit of allocations that the numbers do not fit into, the mapped folder has means, a curve and totals; the other fails."""
    rng, shape = np.random.default_rng(0), (24, 100_000)
    table = outcome_table(
        [f"m{m}" for m in range(24)], (rng.random(shape, np.float32) < 0.5).T, cost_usd=rng.random(shape, np.float32).T,
        latency_s=rng.random(shape, np.float32).T, signals={"margin": rng.random(shape, np.float32).T}, check=False,
        queries=QuerySet.build(pa.array(np.arange(shape[1])).cast(pa.large_string())),
    )  # fmt: skip
    numbers, room = 4 * table.numbers["quality"].nbytes, 24 * 2**20
    assert numbers > 1.5 * room
    warm = save(proving_ground(20, 2), tmp_path / "warm")
    plain, done = (
        subprocess.run(
            [sys.executable, "-c", CHILD, str(save(table, tmp_path / f"set-{mapped}", mapped=mapped)), str(warm), str(room)],
            capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        for mapped in (False, True)
    )  # fmt: skip
    assert plain.returncode
    assert "larger than the memory that is free" in plain.stderr
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["mean"] == pytest.approx(table.mean("quality")["m23"])
    assert said["last"] == pytest.approx(said["mean"])
    assert said["points"] == 8192
    assert 0.5 < said["cost"] < 1.5
