"""Pickles: a table of pandas is read out of one without running it; anything else is refused, and nothing in it ever happens."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas._libs.internals import _unpickle_block
from pandas.core.internals.managers import BlockManager

from data import load
from data.problems import ProblemError
from data.readers import frames, pickled
from data.readers.base import Upload
from data.readers.detect import inspect
from tests import pickles
from tests.published import ROUTERBENCH, as_csv

ROOT = Path(__file__).resolve().parents[4]
LIMIT = 10**8
SHAPES = {
    "protocol 5": pickles.published(ROUTERBENCH),
    "protocol 4": pickles.published(ROUTERBENCH, 4),
    "protocol 2": pickles.published(ROUTERBENCH, 2),
    "pandas 0.25": pickles.oldest(ROUTERBENCH),
    "this pandas": pickle.dumps(pickles.frame(ROUTERBENCH)),
}


@pytest.mark.parametrize("data", SHAPES.values(), ids=SHAPES)
def test_routerbench_as_it_is_published(data: bytes) -> None:
    """The pickle gives the same table as the same rows written as CSV, whichever pandas wrote it."""
    mine, theirs = load(Upload("routerbench_0shot.pkl", data)), load(Upload("routerbench_0shot.csv", as_csv(ROUTERBENCH)))
    assert (mine.models, list(mine.queries.ids)) == (theirs.models, list(theirs.queries.ids))
    for name, values in theirs.numbers.items():
        assert np.array_equal(mine.numbers[name], values, equal_nan=True), name
    assert {m: list(t) for m, t in mine.responses.items()} == {m: list(t) for m, t in theirs.responses.items()}
    assert mine.fingerprint == theirs.fingerprint


@pytest.mark.parametrize("order", ["C", "F"])
def test_every_kind_of_column(order: str) -> None:
    """Numbers of all sizes, truth values, texts with holes and numbers among texts come out as pandas itself holds them."""
    made = pd.DataFrame({
        "f8": [1.5, np.nan], "f4": np.array([0.25, 2], np.float32), "i8": [-(2**62), 7], "i1": np.array([-3, 4], np.int8),
        "u8": np.array([2**64 - 1, 0], np.uint64), "u4": np.array([2**32 - 1, 1], np.uint32), "b1": [True, False],
        "text": pd.Series(["a\ud800", None], dtype=object), "nan": pd.Series(["é", np.nan], dtype=object),
        "mixed": pd.Series([1, "x"], dtype=object), "scalar": pd.Series([np.float64(0.5), np.int32(2)], dtype=object),
    })  # fmt: skip
    two = pd.DataFrame(np.asarray([[1.0, 2.0], [3.0, 4.0]], order=order), columns=pd.Index(["x", "y"], dtype=object))
    made.columns = pd.Index(list(made.columns), dtype=object)
    got = frames.read(pickle.dumps(made), "a.pkl", LIMIT).columns
    found = {name: column.to_pylist() for name, column in got.items()}
    assert np.isnan(found.pop("f8")[1])
    assert found == {
        "f4": [0.25, 2.0], "i8": [-(2**62), 7], "i1": [-3, 4], "u8": [str(2**64 - 1), "0"], "u4": [2**32 - 1, 1], "b1": [True, False],
        "text": ["a?", None], "nan": ["é", None], "mixed": ["1", "x"], "scalar": [0.5, 2.0],
    }  # fmt: skip
    assert {n: c.to_pylist() for n, c in frames.read(pickle.dumps(two), "a.pkl", LIMIT).columns.items()} == {"x": [1, 3], "y": [2, 4]}


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("kind", [object, float])
def test_a_table_made_of_rows_keeps_its_cells_in_place(kind: type, protocol: int) -> None:
    """Columns that lie across memory, as in a table made of an array of rows, are read as pandas holds them: texts and numbers."""
    rows: np.ndarray[Any, Any] = np.array([[11, 12], [21, 22], [31, 32]]).astype(str if kind is object else float).astype(kind)
    made = pd.DataFrame(rows, columns=pd.Index(["a", "b"], dtype=object), dtype=kind, copy=False)
    assert made.to_numpy().flags["C_CONTIGUOUS"]  # pandas keeps it turned: as columns it is not
    got = frames.read(pickle.dumps(made, protocol=protocol), "a.pkl", LIMIT).columns
    assert {name: column.to_pylist() for name, column in got.items()} == {name: list(made[name]) for name in made}


def test_a_pickle_in_gzip_and_among_other_files() -> None:
    """A compressed pickle is read, and one beside a table that it has nothing to do with is named as not used."""
    data = SHAPES["protocol 5"]
    assert len(load(Upload("a.pkl.gz", gzip.compress(data)))) == 3
    reading = inspect([Upload("a.csv", as_csv(ROUTERBENCH)), Upload("model.pkl", pickle.dumps({"weights": [1, 2]}))])
    assert {note.name: note.use for note in reading.files} == {"a.csv": "rows", "model.pkl": "not used"}


@pytest.mark.parametrize("name", pickles.hostile("x"))
def test_hostile_pickles_are_refused_and_nothing_happens(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls, chains of names, instances, huge memos, texts and nests are refused with the way out; no file is written."""
    monkeypatch.setattr(pickled, "OBJECTS_MOST", 100_000)  # what counts four million counts these
    mark = tmp_path / "mark"
    with pytest.raises(ProblemError) as caught:
        load(Upload("bad file';.pkl", pickles.hostile(str(mark))[name]))
    assert "this is a pickle" in str(caught.value)
    assert "read_pickle('bad file.pkl').to_parquet('outcomes.parquet')" in str(caught.value)
    assert not mark.exists()


def test_the_marks_would_be_written_if_a_pickle_were_opened(tmp_path: Path) -> None:
    """The hostile pickles of the tests do what they threaten when Python opens them, so the tests above can fail."""
    for name in ("os.system", "eval", "a call in a cell"):
        mark = tmp_path / "mark"
        pickle.loads(pickles.hostile(str(mark))[name])  # noqa: S301 - that is the point
        assert mark.read_text().strip() == "run", name
        mark.unlink()


WATCHED = """
import sys
from data.readers import frames, pickled
from data.problems import ProblemError
from tests import pickles
pickled.OBJECTS_MOST = 100_000
from tests.published import ROUTERBENCH
bad, good = pickles.hostile("mark"), pickles.published(ROUTERBENCH)
frames.read(good, "a.pkl", 10**8)
for data in bad.values():
    try:
        frames.read(data, "a.pkl", 10**8)
    except ProblemError:
        pass
seen, watching = [], True
def hook(event, args):
    if watching and event.split(".")[0] in {"pickle", "os", "exec", "compile", "subprocess", "open", "import", "socket", "ctypes"}:
        seen.append(event)
sys.addaudithook(hook)
for data in (good, *bad.values()):
    try:
        frames.read(data, "a.pkl", 10**8)
    except ProblemError:
        pass
watching = False
print(*seen)
"""


def test_python_itself_sees_no_import_call_or_file() -> None:
    """With Python's audit hooks listening, reading good and hostile pickles raises no event of imports, code, files or processes."""
    done = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True, timeout=120, cwd=ROOT)
    assert done.stdout.split() == []


def test_one_text_named_by_every_row_is_too_big() -> None:
    """A text that a small pickle names again and again counts as often as it would be written."""
    long = "x" * 1_000_000
    data = pickle.dumps(pickles.frame([{"a": long, "b": 1.0}] * 500))
    assert len(data) < 2_000_000
    with pytest.raises(ProblemError, match="larger than"):
        frames.read(data, "a.pkl", LIMIT)


def _memory_mb(data: bytes) -> float:
    """Return the most memory, in MB, that it takes to refuse a pickle."""
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError):
            frames.read(data, "a.pkl", LIMIT)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


FLAT = {
    "texts": b"(" + b"\x8c\x02ab" * 60_000 + b"t",
    "whole numbers": b"(" + b"M\x00\x02" * 60_000 + b"t",
    "nothing": b"(" + b"N" * 200_000 + b"t",
    "marks in the memo": b"N" + b"\x94" * 200_000,
    "named again": b"\x8c\x02ab\x94(" + b"h\x00" * 200_000 + b"t",
    "texts that are let go": (b"X" + struct.pack("<I", 300_000) + b"x" * 300_000 + b"0") * 6 + b"N",
    "wide texts": b"(" + (b"X" + struct.pack("<I", 30_004) + "\U0001f600".encode() + b"x" * 30_000) * 12 + b"t",
    "a list that grows": b"](" + b"N" * 200_000 + b"e",
    "short dicts": b"\x8c\x01a\x94(" + b"}h\x00Ns" * 6_000 + b"t",
}


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
@pytest.mark.parametrize("name", FLAT)
def test_flat_values_count_by_the_memory_that_they_take(name: str) -> None:
    """Texts, numbers and places without end, which are no objects of their own, are refused before they take more than was allowed."""
    data, limit_bytes = b"\x80\x04" + FLAT[name] + b".", 200_000
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError, match=r"its values would take more than 1 MB of memory, so it is not opened.*to_parquet"):
            pickled.said(data, "a.pkl", limit_bytes)
        assert tracemalloc.get_traced_memory()[1] < 1.5 * pickled.MEMORY_TIMES * limit_bytes
    finally:
        tracemalloc.stop()


def test_a_table_of_texts_as_large_as_a_file_may_be_is_within_its_memory() -> None:
    """What is allowed is enough for the largest file: of texts of a few words, and with signs that take four bytes."""
    for text in ("a text of words {} {}", "\U0001f600 wide {} {}" * 9):
        data = pickle.dumps(pickles.frame([{f"c{j}": text.format(i, j, *range(16)) for j in range(10)} | {"x": 1.0} for i in range(500)]))
        assert isinstance(pickled.said(data, "a.pkl", len(data)), pickled.Made)
    with pytest.raises(ProblemError, match="its values would take more than 2 MB"):
        frames.read(data, "a.pkl", len(data) // 2)


def test_a_name_of_a_column_that_is_named_again_and_again_is_kept_once() -> None:
    """Two hundred columns of one name of a million letters take no two hundred million letters before they are refused."""
    made = pd.DataFrame(np.zeros((1, 200)))
    made.columns = pd.Index(["n" * 1_000_000] * 200, dtype=object)
    assert _memory_mb(pickle.dumps(made)) < 20


def test_a_whole_number_of_thousands_of_digits_counts_as_it_is_written() -> None:
    """A number that a small pickle names in every row is counted by its digits."""
    few = frames.read(pickles.of_one_number(7, 3), "a.pkl", LIMIT)
    assert [column.to_pylist() for column in few.columns.values()] == [[7, 7, 7]]
    data = pickles.of_one_number(10**4000, 30_000)
    assert len(data) < 200_000
    with pytest.raises(ProblemError, match="larger than"):
        frames.read(data, "a.pkl", LIMIT)


def test_a_number_has_the_bytes_of_one() -> None:
    """A number among texts that brings the bytes of several is damaged: its first is not taken for it, and nothing long is copied."""
    made = pickles.frame([{"a": "x"}, {"a": "y"}])
    made.iloc[0, 0] = pickles.Call(np._core.multiarray.scalar, np.dtype("f8"), bytes(16))
    with pytest.raises(ProblemError, match="damaged"):
        frames.read(pickle.dumps(made), "a.pkl", LIMIT)


def test_many_blocks_of_the_same_positions_take_the_memory_of_one() -> None:
    """Positions of columns are read a block at a time, and never more than a table may have columns."""
    block = pickles.Call(_unpickle_block, np.zeros((1, 1)), np.zeros(200_000, np.int8), 2)
    made = pickles.Table(pickles.Call(BlockManager, (block,) * 50, [pd.Index(["a"], dtype=object), pd.RangeIndex(1)]))
    assert _memory_mb(pickle.dumps(made)) < 20


def test_an_array_is_no_larger_than_its_bytes() -> None:
    """A shape that promises more than the bytes hold asks for no memory and is refused."""
    data = pickle.dumps(pickles.frame([{"a": 1.0}] * 3), protocol=4)
    assert data.count(b"K\x01K\x03\x86") == 1
    huge = data.replace(b"K\x01K\x03\x86", b"K\x01J\xff\xff\xff\x7f\x86")
    with pytest.raises(ProblemError, match="this is a pickle"):
        frames.read(huge, "a.pkl", LIMIT)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"a": 1}, "something else than a table"),
        (pd.DataFrame({"a": pd.Categorical(["x", "y"])}, index=None), "kind that is not read|asks for"),
        (pickles.frame([{"a": "x"}]).assign(a=[["list"]]), "holds objects"),
        (pickles.frame([{"a": "x", "b": 1.0}]).set_axis(pd.MultiIndex.from_tuples([("a", "b"), ("c", "d")]), axis=1), "asks for"),
    ],
)  # fmt: skip
def test_other_pickles_are_refused_with_the_way_out(value: object, why: str) -> None:
    """A dict, a category, a cell that holds a list and names in two levels: each says why, and how to convert it."""
    if isinstance(value, pd.DataFrame) and not isinstance(value.columns, pd.MultiIndex):
        value.columns = pd.Index(list(value.columns), dtype=object)
    with pytest.raises(ProblemError, match=why) as caught:
        load(Upload("a.pkl", pickle.dumps(value)))
    assert "to_parquet" in str(caught.value)


def test_bytes_changed_at_random_are_a_table_or_a_problem() -> None:
    """Whatever single bytes, cuts and swapped pieces do to a pickle, it is read as a table or refused in words."""
    draw = random.Random(7)
    wholes = [pickles.published(ROUTERBENCH, protocol) for protocol in (2, 4, 5)] + [SHAPES["pandas 0.25"]]
    outcomes = {"table": 0, "problem": 0}
    for _ in range(1_500):
        data = bytearray(draw.choice(wholes))
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(2, len(data))] = draw.randrange(256)
        if draw.random() < 0.2:
            del data[draw.randrange(2, len(data)) :]
        try:
            frames.read(bytes(data), "a.pkl", 10**7)
            outcomes["table"] += 1
        except ProblemError:
            outcomes["problem"] += 1
    assert min(outcomes.values()) > 100


def test_the_reader_of_pickles_does_not_know_pickle() -> None:
    """Neither module imports `pickle` or pandas: there is nothing in them that could open one."""
    for module in (pickled, frames):
        text = Path(module.__file__ or "").read_text(encoding="utf-8")
        assert "import pickle\n" not in text
        assert "import pandas" not in text.replace('"import pandas;', "").replace('\\"import pandas;', "")
        assert "eval(" not in text


def test_a_plain_pickle_is_no_pickle_by_its_name() -> None:
    """A file that only bears the name of a pickle is refused as one that would have to be opened."""
    with pytest.raises(ProblemError, match="this is a pickle"):
        load(Upload("model.pt", b"weights"))
    out = io.BytesIO()
    pickle.dump({"a": 1}, out, protocol=0)
    with pytest.raises(ProblemError, match="this is a pickle"):
        load(Upload("old.pkl", out.getvalue()))
