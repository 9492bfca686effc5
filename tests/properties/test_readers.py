"""Readers, for any table: formats agree, order doesn't matter, and no bytes get past a ProblemError."""

from __future__ import annotations

import csv
import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import load
from data.problems import Problem, ProblemError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.mapping import Mapping

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs", "Cc")), max_size=20)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def matrices(draw) -> tuple[np.ndarray, list[str]]:
    """Return an (n, M) quality matrix with holes, and n prompts."""
    n, m = draw(st.integers(2, 8)), draw(st.integers(2, 4))
    cell = st.one_of(st.sampled_from([0.0, 1.0, 0.5]), st.floats(0, 1, width=32), st.just(float("nan")))
    quality = np.array(draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n)))
    quality[0] = 1.0  # no model is without any score, which would be no model
    quality[1] = 0.25
    return quality, draw(st.lists(TEXT.map(lambda t: f"why {t}?"), min_size=n, max_size=n))


def names(quality: np.ndarray) -> list[str]:
    """Return the models' names."""
    return [f"org/model-{m}" for m in range(quality.shape[1])]


def records(quality: np.ndarray, prompts: list[str]) -> list[dict]:
    """Return a record a query; holes are None."""
    return [
        {"qid": f"q{i}", "prompt": prompts[i], **{n: None if np.isnan(v) else float(v) for n, v in zip(names(quality), row, strict=True)}}
        for i, row in enumerate(quality)
    ]


def delimited(rows: list[dict], delimiter: str = ",") -> bytes:
    """Return records as a delimited file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def parquet(rows: list[dict]) -> bytes:
    """Return records as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def problems_of(name: str, data: bytes) -> tuple[Problem, ...]:
    """Return the problems with which an upload is refused; none if it makes a table."""
    try:
        load(Upload(name, data))
    except ProblemError as error:
        return error.problems
    return ()


@SLOW
@given(matrices())
def test_all_formats_agree(made):
    """CSV, TSV, JSON, JSONL, Parquet, gzip and the long form give the same models, ids, holes and values."""
    quality, prompts = made
    rows = records(quality, prompts)
    long = [{"qid": r["qid"], "model": n, "score": r[n]} for r in rows for n in names(quality)]
    files = {
        "a.csv": delimited(rows),
        "a.tsv": delimited(rows, "\t"),
        "a.json": json.dumps(rows).encode(),
        "a.jsonl": "\n".join(json.dumps(row) for row in rows).encode(),
        "a.parquet": parquet(rows),
        "a.csv.gz": gzip.compress(delimited(rows)),
        "long.csv": delimited(long),
    }
    for name, data in files.items():
        table = load(Upload(name, data))
        assert list(table.models) == names(quality), name
        assert np.array_equal(table.numbers["quality"], quality.astype(np.float32), equal_nan=True), name
        assert table.queries.ids.to_list() == [row["qid"] for row in rows], name


@SLOW
@given(matrices(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(made, random):
    """Shuffled rows and columns give the same value for each query and model."""
    rows = records(*made)
    columns, turned = list(rows[0]), list(rows)
    random.shuffle(columns)
    random.shuffle(turned)
    mine = load(Upload("b.csv", delimited([{c: row[c] for c in columns} for row in turned])))
    theirs = load(Upload("a.csv", delimited(rows)))
    at = [mine.queries.ids.to_list().index(i) for i in theirs.queries.ids]
    assert set(mine.models) == set(theirs.models)
    for model in theirs.models:
        assert np.array_equal(mine.quality(model)[at], theirs.quality(model), equal_nan=True)


@SLOW
@given(matrices(), st.sampled_from([(0, 100), (1, 10), (-1, 1)]))
def test_a_scale_is_undone(made, scale):
    """Scores written on another scale come back to 0..1 when the scale is said."""
    quality, prompts = made
    low, high = scale
    rows = records(quality, prompts)
    cells = {"quality": {name: name for name in names(quality)}}
    stretched = [{k: v if isinstance(v, str) or v is None else low + v * (high - low) for k, v in row.items()} for row in rows]
    table = load(Upload("a.csv", delimited(stretched)), roles={"query_id": "qid", **cells}, scale=scale)
    assert np.allclose(table.numbers["quality"], quality, atol=1e-6, equal_nan=True)


@SLOW
@given(matrices(), st.data())
def test_bad_rows_are_dropped_and_no_others(made, data):
    """Spoiled cells are named by their rows; dropping them leaves the other rows as they were."""
    quality, prompts = made
    rows = records(quality, prompts)
    bad = data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1, max_size=max(1, len(rows) // 2 - 1)))
    for i in bad:
        rows[i][names(quality)[0]] = "?!"
    reading = inspect([Upload("a.csv", delimited(rows))])
    mapping = reading.mapping.with_roles({"query_id": "qid", "quality": {name: name for name in names(quality)}})
    with pytest.raises(ProblemError) as caught:
        finish(reading, mapping)
    assert {problem.row for problem in caught.value.problems} == {i + 1 for i in bad}
    table = finish(reading, mapping, drop_bad_rows=True)
    kept = [i for i in range(len(rows)) if i not in bad]
    assert np.array_equal(table.numbers["quality"], quality[kept].astype(np.float32), equal_nan=True)


@SLOW
@given(st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl", "a.parquet", "a.yaml", "a.csv.gz", "a"]), st.binary(max_size=300))
def test_no_bytes_get_past_a_problem(name, data):
    """Any bytes under any name end in a table or a ProblemError, never in another exception."""
    assert all(problem.what and problem.fix for problem in problems_of(name, data))


@SLOW
@given(matrices(), st.data())
def test_damaged_files_get_past_no_problem_either(made, data):
    """A good file with a few bytes changed, cut or put in ends in a table or a ProblemError."""
    rows = records(*made)
    name, good = data.draw(
        st.sampled_from([("a.csv", delimited(rows)), ("a.json", json.dumps(rows).encode()), ("a.parquet", parquet(rows))])
    )
    body = bytearray(good)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"{", b"", b"NaN", b"1e999"])
        )
    assert all(problem.what and problem.fix for problem in problems_of(name, bytes(body)))


@given(st.dictionaries(TEXT, TEXT, max_size=4), st.one_of(st.none(), st.tuples(st.floats(-5, 0), st.floats(1, 5))))
def test_mappings_survive_json(cells, scale):
    """Any mapping is the same after being written as JSON and read again."""
    mapping = Mapping(cells={"quality": cells}, scale=scale)
    assert Mapping.from_json(json.loads(json.dumps(mapping.to_json()))).to_json() == mapping.to_json()
