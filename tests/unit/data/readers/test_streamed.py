"""A long Parquet file read in parts gives the table that the careful way gives, or leaves the file to it."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.load import load, uploads
from data.problems import ProblemError
from data.readers import streamed as parts
from data.readers.detect import finish, inspect
from data.readers.streamed import streamed
from tests.benchmarks._long import table as long_table

ROWS = long_table(prompts=True, queries=120)


def written(tmp_path, rows, **options):
    """Return the path of a Parquet file with these rows."""
    path = tmp_path / "long.parquet"
    pq.write_table(rows, path, **options)
    return path


def mixed(rows, seed):
    """Return rows in another order, some left out."""
    rng = np.random.default_rng(seed)
    return rows.take(pa.array(rng.permutation(rows.num_rows)[: rows.num_rows * 3 // 4]))


def with_column(rows, name, values):
    """Return the table with a column replaced or added."""
    at = rows.schema.get_field_index(name)
    return rows.append_column(name, values) if at < 0 else rows.set_column(at, name, values)


@pytest.mark.parametrize("seed", [None, 0, 1])
@pytest.mark.parametrize("dictionary", [True, False])
def test_parts_give_the_same_table(tmp_path, monkeypatch, seed, dictionary):
    """Whatever the order of rows, groups and dictionaries: values, order of queries and models, texts, history and origin."""
    monkeypatch.setattr(parts, "_CHUNK", 70)
    rows = ROWS if seed is None else mixed(ROWS, seed)
    if seed == 1:  # signals, holes, a split, references that end in the answer, flags as scores, whole numbers as ids
        cells = np.random.default_rng(1).random(rows.num_rows)
        number = pa.array([int(text[2:]) for text in rows["id"].to_pylist()])
        rows = with_column(rows, "margin", pa.array(cells, mask=cells < 0.1))
        rows = with_column(rows, "reference", pa.array([f"so #### {i % 9}" for i in number.to_pylist()]))
        rows = with_column(rows, "split", pa.array(["test" if i % 2 else "train" for i in number.to_pylist()]))
        rows = with_column(with_column(rows, "id", number), "score", pa.array(cells > 0.5))
    path = written(tmp_path, rows, row_group_size=101, use_dictionary=dictionary)
    quick, careful = streamed(path, least_rows=1), finish(inspect(uploads(path)))
    assert quick is not None
    assert quick.fingerprint == careful.fingerprint
    assert (quick.history, quick.origin, quick.models) == (careful.history, careful.origin, careful.models)
    assert quick.queries.task_names == careful.queries.task_names
    assert quick.queries.ids.to_list() == careful.queries.ids.to_list()
    assert list(quick.numbers) == list(careful.numbers)


@pytest.mark.parametrize(("column", "values"), [
    ("score", pa.array(np.arange(600) % 7)),  # on a scale that has to be asked for
    ("score", pa.array(["good"] * 600)),
    ("cost_usd", pa.array(np.where(np.arange(600) == 599, -1.0, 0.5))),
    ("id", pa.array(["q"] * 600)),  # repeats
    ("id", pa.array([None, *[str(i) for i in range(599)]])),
    ("model", pa.array(["", *["a", "b"] * 300][:600])),
    ("policy", pa.array(["random", "oracle"] * 300)),
    ("response", pa.array(["something long"] * 600)),
    ("contaminated", pa.array([False] * 600)),
    ("notes", pa.array([None] * 600, pa.string())),
    ("more", pa.array([{"a": 1}] * 600)),
])  # fmt: skip
def test_what_needs_care_is_left_to_the_careful_way(tmp_path, column, values):
    """Scales, words, negative costs, repeats, empty ids, policies, texts of models, nested columns: None."""
    assert streamed(written(tmp_path, with_column(ROWS, column, values)), least_rows=1) is None


def test_short_files_and_others_are_read_as_before(tmp_path):
    """A file of few rows, or that is no Parquet, or is cut: None; `load` says what is wrong."""
    path = written(tmp_path, ROWS)
    assert streamed(path) is None
    (tmp_path / "cut.parquet").write_bytes(path.read_bytes()[:2000])
    (tmp_path / "words.parquet").write_bytes(b"words")
    assert streamed(tmp_path / "cut.parquet", least_rows=1) is None
    assert streamed(tmp_path / "words.parquet", least_rows=1) is None
    with pytest.raises(ProblemError, match="can't be read"):
        load(tmp_path / "cut.parquet")


def test_load_reads_a_long_file_in_parts(tmp_path, monkeypatch):
    """A file of many rows never comes as bytes; with roles or prices said, it is read with care."""
    path = written(tmp_path, ROWS)
    careful = load(path)
    monkeypatch.setattr(parts, "LEAST_ROWS", 1)
    monkeypatch.setattr("data.readers.detect.inspect", None)
    assert load(path, name="mine").origin.name == "mine"
    assert load(path).fingerprint == careful.fingerprint
    with pytest.raises(TypeError, match="not callable"):
        load(path, prices={"org/model-0": (1.0, 2.0)})


def test_too_many_cells_are_refused_before_a_matrix_is_made(tmp_path, monkeypatch):
    """The limit of queries x models holds for a file that is read in parts, too."""
    monkeypatch.setattr("data.readers.gather.CELLS_MOST", 100)
    with pytest.raises(ProblemError, match="are the most"):
        streamed(written(tmp_path, ROWS), least_rows=1)
