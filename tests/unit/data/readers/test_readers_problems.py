"""Every refusal names file, row and column, and says what to do."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import load
from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import finish, inspect


def refused(data: str | bytes, name: str = "made.csv", **options):
    """Return the problems with which an upload is refused."""
    with pytest.raises(ProblemError) as caught:
        load(Upload(name, data.encode() if isinstance(data, str) else data), **options)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "row", "column", "what", "fix"),
    [
        ("id,gpt,cl\n1,1,0\n1,0,1\n", 2, "id", "'1' is there already, in row 1", "own id"),
        ("id,gpt,cl\n1,1,0\n2,1,7\n3,0,0.5\n", 2, "cl", "the score is 7, outside 0 to 1", "Rescale 0..10"),
        ("id,gpt,cl\n1,55,80\n2,12,90\n", 1, "gpt", "the score is 55", "Rescale 0..100 to 0..1"),
        ("id,gpt,cl\n1,-1,1\n2,0,1\n3,1,0\n", 1, "gpt", "the score is -1", "missing = -1"),
        ("id,a_score,a_cost\n1,1,0.1\n2,0,-0.5\n", 2, "a_cost", "the cost is -0.5, below 0", "Leave the cell empty"),
        ("id,a_score,a_cost\n1,1,0.1\n2,0,$0.02\n", 2, "a_cost", "'$0.02' is not a number", "Remove the currency sign"),
        ("id,a_score,a_cost\n1,1,0.1\n2,0,2%\n", 2, "a_cost", "'2%' is not a number", "Remove the percent sign"),
        ('id,a_score,a_cost\n1,1,0.1\n2,0,"0,02"\n', 2, "a_cost", "'0,02' is not a number", "decimal comma"),
        ("id,a_score,a_cost\n1,1,0.1\n2,0,cheap\n", 2, "a_cost", "'cheap' is not a number", "Write a number"),
        ("id,gpt,cl\n1,1,0\n2,banana,1\n3,0,1\n", 2, "gpt", "'banana' is not a score", "Write a number"),
        ("id,gpt,cl\n1,1,0\n,1,1\n3,0,1\n", 2, "id", "the id is empty", "Give every row an id"),
        ("id,gpt,cl\n1,1,0\n2,1\n3,0,1\n", 2, "", "the row has 2 cells, the header 3", "Quote cells"),
        ("id,gpt,gpt\n1,1,0\n", 0, "gpt", "occurs more than once", "its own name"),
        ("id,gpt,cl\n1,1,0\n2,\x00,1\n", 2, "", "null byte", "UTF-8"),
    ],
)
def test_a_bad_cell_is_named_with_its_place(text, row, column, what, fix):
    """The first problem of a file with one bad cell has the right row, column, sentence and way out."""
    problem = refused(text)[0]
    assert (problem.file, problem.row, problem.column) == ("made.csv", row, column)
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"  \n", "empty"),
        ("a.csv.gz", gzip.compress(b"\n", mtime=0), "empty once decompressed"),
        ("a.csv", b"id,gpt\n", "header but no row"),
        ("a.csv", b"id,question\n1,hello\n2,why\n", "no model column"),
        ("a.csv", b"id,gpt,\x81\x8d\n1,1,0\n", "encoding is unknown"),
        ("a.csv", b"\xff\xfeab\x00\xd8", "says it is utf-16"),
        ("a.csv", "id,gpt\n1,\x00\n".encode("utf-16"), "null byte"),
        ("a.bin", pickle.dumps({"a": 1}), "pickle"),
        ("a.pkl", b"anything", "pickle"),
        ("a.csv.gz", gzip.compress(pickle.dumps([1]), mtime=0), "pickle"),
        ("a.xlsx", b"PK\x03\x04rest", "spreadsheet"),
        ("a.zip", b"PK\x03\x04rest", "archive can't be opened"),
        ("a.csv.gz", gzip.compress(b"PK\x03\x04rest", mtime=0), "archive within another"),
        ("a.csv.gz", gzip.compress(b"id,gpt\n1,1\n", mtime=0)[:-12], "damaged or cut"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00garbage in here", "damaged or cut"),
        ("a.json", b'[{"a": 1},', "no valid JSON (line 1, character 11"),
        ("a.json", b"[1, 2]", "no JSON object"),
        ("a.json", b"[]", "list of records is empty"),
        ("a.json", b'{"a": 1}', "no records"),
        ("a.json", b"{}", "no records"),
        ("a.jsonl", b'{"id": 1, "a": 1}\n[2]\n', "no JSON object"),
        ("a.jsonl", b"[1]\n", "no JSON object"),
        ("a.yaml", b"a: [1", "no valid YAML"),
        ("a.yaml", b"a: &x 1\nb: *x\n", "anchors"),
        ("a.yaml", b"a: " + b"b" * (1 << 20), "larger than 1 MB"),
        ("a.parquet", b"PAR1 and then nothing", "Parquet file can't be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(name, data, what):
    """Empty, binary, broken and refused files each get a sentence of their own."""
    assert what in str(refused(data, name)[0])


def test_a_pickle_is_told_the_way_out():
    """The refusal of a pickle says why, and how to convert it where it is trusted."""
    problem = refused(pickle.dumps([1]), "outcomes.pkl")[0]
    assert "this is a pickle" in problem.what
    assert "run any code" in problem.fix
    assert "to_parquet" in problem.fix


def test_deep_json_is_a_problem_and_no_recursion_error():
    """100,000 brackets, as a document, as an object or as a line, are refused in words."""
    for name, data in (
        ("a.json", b"[" * 100_000 + b"]" * 100_000),
        ("a.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("a.jsonl", b'{"a":1}\n' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ):
        assert "nested too deeply" in refused(data, name)[0].what


def test_ten_thousand_columns_are_refused():
    """A table with 10,000 columns is refused in any format, with the way to write it instead."""
    names = [f"m{i}" for i in range(10_000)]
    wide = ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"
    assert "10,000 columns" in refused(wide)[0].what
    assert "2,000 columns" in refused(json.dumps([dict.fromkeys(names, 1)]), "a.json")[0].what
    out = io.BytesIO()
    pq.write_table(pa.table({name: [1] for name in names}), out)
    assert "10,000 columns" in refused(out.getvalue(), "a.parquet")[0].what


def test_sizes_are_held_before_and_after_decompressing():
    """A file over the limit, a gzip bomb, a Parquet file that unpacks to more, and several files together are refused."""
    big = b"id,gpt\n" + b"1,1\n" * 1000
    bomb = gzip.compress(b"a" * 30_000_000, mtime=0)
    out = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(100_000)), "gpt": [1.0] * 100_000}), out)
    for name, data, limit in (("a.csv", big, 1000), ("a.csv.gz", bomb, 1_000_000), ("a.parquet", out.getvalue(), 500_000)):
        with pytest.raises(ProblemError, match="larger than"):
            inspect([Upload(name, data)], limit_bytes=limit)
    with pytest.raises(ProblemError, match="files together"):
        inspect([Upload("a.csv", big), Upload("b.csv", big)], limit_bytes=5000)


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip archive of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_archives_without_tables_and_bombs_are_refused(monkeypatch):
    """A zip without tables, with too many files, or that unpacks to more than the limit is refused in words."""
    assert "holds no table" in refused(zipped({"a.exe": b"x", ".hidden.csv": b"x"}), "a.zip")[0].what
    with pytest.raises(ProblemError, match="larger than"):
        inspect([Upload("a.zip", zipped({"a.csv": b"a" * 3_000_000}))], limit_bytes=1_000_000)
    monkeypatch.setattr("data.readers.archive.FILES_MOST", 1)
    assert "2 files; 1 are the most" in refused(zipped({"a.csv": b"x", "b.csv": b"x"}), "a.zip")[0].what


def test_empty_parquet_is_refused():
    """A Parquet file without rows is no data."""
    out = io.BytesIO()
    pq.write_table(pa.table({"id": pa.array([], pa.int64())}), out)
    assert "no rows" in refused(out.getvalue(), "a.parquet")[0].what


def test_up_to_twenty_problems_are_shown_at_once():
    """Fifty bad cells give one error whose text names twenty of them and counts the rest."""
    text = "id,gpt,cl\n" + "".join(f"{i},{1 if i % 2 else 'x'},1\n" for i in range(100))
    with pytest.raises(ProblemError) as caught:
        load(Upload("made.csv", text.encode()))
    assert str(caught.value).count("is not a score") == 20


def test_good_rows_are_usable_knowingly():
    """Bad rows can be dropped: the good ones stay with their ids, and the history says which rows are gone."""
    text = "id,gpt,cl\na,1,0\nb,x,1\nc,1\nd,0,1\na,1,1\nf,1,0\n"
    reading = inspect([Upload("made.csv", text.encode())])
    assert sorted(problem.row for problem in reading.problems) == [2, 3, 5]
    with pytest.raises(ProblemError):
        finish(reading)
    table = finish(reading, drop_bad_rows=True)
    assert table.queries.ids.to_list() == ["a", "d", "f"]
    line = table.history[-1]
    assert line.action == "dropped bad rows"
    assert [row for _, row in line.values["rows"]] == [2, 3, 5]


def test_dropping_is_refused_where_nothing_is_left():
    """A file whose rows are all bad stays refused, and a mapping without models can't be saved by dropping rows."""
    reading = inspect([Upload("made.csv", b"id,a_score,a_cost\n1,1,$1\n2,0,$2\n")])
    assert reading.problems
    with pytest.raises(ProblemError, match="no row is without problems"):
        finish(reading, drop_bad_rows=True)


def test_one_model_is_a_warning():
    """A single model can be looked at, and is said to leave nothing to route."""
    reading = inspect([Upload("made.csv", b"id,gpt\n1,1\n2,0\n")])
    assert not reading.problems
    assert any("one model only" in warning.what for warning in reading.warnings)
    assert finish(reading).models == ("gpt",)


def test_no_file_at_all_is_refused():
    """An empty list of uploads is a problem in words."""
    with pytest.raises(ProblemError, match="no file was chosen"):
        inspect([])


def test_long_rows_without_model_or_twice_are_named():
    """In a long file an empty model, a repeated row and a repeated sample number are each told with their row."""
    rows = "id,model,score\n1,a,1\n1,b,0\n2,a,1\n2,,0\n3,a,0\n3,b,1\n4,a,1\n4,b,0\n4,b,1\n"
    problems = refused(rows)
    assert [(p.row, p.column) for p in problems] == [(4, "model"), (9, "model")]
    assert "already, in row 8" in problems[1].what
    samples = "id,model,sample,score\n1,a,0,1\n1,a,0,0\n1,b,0,0\n1,b,1,0\n2,a,0,1\n2,a,1,1\n2,b,0,1\n"
    assert (refused(samples)[0].row, refused(samples)[0].column) == (2, "sample")


def test_a_mapping_that_cannot_work_is_refused():
    """Unknown columns, unknown roles, a scale upside down, answers without reference: each is said in words."""
    text = "qid,answer,gpt\n1,Paris,Paris\n2,Rome,Rom\n"
    assert "no column 'zzz' for query_id" in refused(text, roles={"query_id": "zzz", "quality": {"g": "gpt"}})[0].what
    assert "no role 'foo'" in refused(text, roles={"foo": "gpt"})[0].what
    assert "is empty" in refused(text, scale=(1, 1))[0].what
    assert "is no scale" in refused(text, scale="low")[0].what
    assert "no scorer" in refused(text, scorer="vibes")[0].what
    assert "need a reference" in refused("qid,gpt\n1,Paris\n2,Rom\n", roles={"answer": {"gpt": "gpt"}}, scorer="exact")[0].what
    assert "got 5" in refused(text, roles={"quality": 5})[0].what
