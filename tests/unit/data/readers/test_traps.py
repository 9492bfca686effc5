"""Bombs and traps: files that unpack to more than they look like, or that break readers, are refused in words before they cost anything."""

from __future__ import annotations

import gzip
import io
import json
import re
import struct
import time
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import load
from data.problems import ProblemError
from data.readers import base
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from tests.memory import megabytes
from tests.seeds import litellm, zipped

DEEP = ("[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000)


def refused(name: str, data: bytes, **options) -> str:
    """Return the words with which a file is refused."""
    with pytest.raises(ProblemError) as caught:
        inspect([Upload(name, data)], **options)
    return str(caught.value)


def archive_that_lies() -> bytes:
    """Return a zip archive whose member says that it holds 10 bytes."""
    data = bytearray(zipped({"a.csv": b"id,a\n" + b"1,1\n" * 100_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = data[22:26] = struct.pack("<I", 10)
    return bytes(data)


def zipped_link() -> bytes:
    """Return a zip archive with a symbolic link to a file of the machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def parquet(table: pa.Table, **options) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **options)
    return out.getvalue()


def varint(value: int, size: int = 0) -> bytes:
    """Return a whole number as Thrift writes it, padded to a size."""
    value, out = value << 1, bytearray()
    while value or not out or len(out) < size:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out[-1] &= 0x7F
    return bytes(out)


def lying(data: bytes, numbers: dict[int, int]) -> bytes:
    """Return a Parquet file whose footer says other numbers."""
    length = struct.unpack("<I", data[-8:-4])[0]
    foot = data[-8 - length : -8]
    for true, said in numbers.items():
        assert varint(true) in foot
        foot = foot.replace(varint(true), varint(said, len(varint(true))))
    return data[: -8 - length] + foot + data[-8:]


class TestBombs:
    """Files that unpack to more than they look like."""

    LIMIT = 4_000_000

    @pytest.mark.parametrize(
        ("name", "data", "what"),
        [
            ("a.zip", zipped({"a.csv": b"0" * 30_000_000}), "larger than 4 MB"),
            ("a.zip", zipped({f"{i}.csv": b"id,a\n1,1\n" * 80_000 for i in range(8)}), "larger than 4 MB"),
            ("a.zip", zipped({"b.zip": zipped({"c.zip": zipped({"a.csv": b"0" * 1000})})}), "holds no table"),
            ("a.zip", zipped({f"f{i}.csv": b"id,a\n1,1\n" for i in range(2_000)}), "2,000 files; 500 are the most"),
            ("a.zip", archive_that_lies(), "can't be opened"),
            ("a.zip", zipped_link(), "no row"),
            ("a.csv.gz", gzip.compress(b"0" * 50_000_000), "larger than 4 MB"),
            ("a.csv.gz", gzip.compress(gzip.compress(b"0" * 50_000_000)), "null byte"),
            ("a.csv.gz", gzip.compress(b"x") * 150_000, "more than 100,000 parts"),
            ("a.parquet", parquet(pa.table({"a": np.zeros(10_000_000, dtype=np.int64)})), "larger than 4 MB"),
            ("a.parquet", parquet(pa.table({"a": pa.ListArray.from_arrays([0, 9_000_000], pa.nulls(9_000_000))})), "larger than 4"),
        ],
        ids=["zip", "zip of many", "nested", "files", "lying", "link", "gzip", "gzip in gzip", "members", "rows", "list"],
    )  # fmt: skip
    def test_bombs_are_refused_in_words(self, name, data, what):
        """Each is refused by what it would take, soon, and without taking it."""
        memory, begun = megabytes(), time.thread_time()
        assert what in refused(name, data, limit_bytes=self.LIMIT)
        assert time.thread_time() - begun < 3
        assert megabytes() - memory < 200

    def test_one_text_that_is_repeated_is_counted_as_written(self):
        """A dictionary of one megabyte and a million codes would be a terabyte of text."""
        codes = pa.array(np.zeros(1_000_000, dtype=np.int32))
        bomb = parquet(pa.table({"id": pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 1_000_000]))}))
        assert len(bomb) < 100_000
        assert "larger than 200 MB" in refused("a.parquet", bomb)

    def test_sizes_that_a_parquet_file_says_are_not_believed(self):
        """A footer that says ten bytes, or a thousand rows, of fifty million gets neither memory nor time."""
        data = parquet(pa.table({"a": np.zeros(20_000_000, dtype=np.int64)}), row_group_size=20_000_000)
        meta = pq.read_metadata(io.BytesIO(data))
        size, rows = meta.row_group(0).total_byte_size, meta.num_rows
        memory = megabytes()
        assert "larger than 4 MB" in refused("a.parquet", lying(data, {size: 10}), limit_bytes=self.LIMIT)
        assert len(inspect([Upload("a.parquet", lying(data, {rows: 1000}))]).sheet) == 1000
        assert megabytes() - memory < 200

    def test_names_in_an_archive_are_only_names(self, tmp_path, monkeypatch):
        """Paths that lead out of an archive, absolute ones and drives write nothing; the rows are read."""
        monkeypatch.chdir(tmp_path)
        names = ("../../../x.csv", "/abs.csv", "C:\\w.csv")
        reading = inspect([Upload("a.zip", zipped({n: b"id,a,b\n%d,1,0\n" % i for i, n in enumerate(names)}))])
        assert reading.sheet.files == ("/abs.csv", "C:\\w.csv")  # `..` is taken for a hidden file
        assert list(tmp_path.iterdir()) == []

    def test_an_archive_in_itself_ends(self):
        """An archive that holds a copy of its own bytes is opened once."""
        inner = zipped({"a.csv": b"id,a,b\n1,1,0\n"})
        assert len(inspect([Upload("a.zip", zipped({"a.zip": inner, "b.csv": b"id,a,b\n2,1,0\n"}))]).sheet) == 1

    def test_members_of_gzip_are_one_text(self):
        """Thousands of members follow one another; what comes after the last is left."""
        data = gzip.compress(b"id,a,b\n") + b"".join(gzip.compress(b"%d,1,0\n" % i) for i in range(5_000)) + b"rest"
        assert len(load(Upload("a.csv.gz", data))) == 5_000


class TestTraps:
    """Files that break readers."""

    @pytest.mark.parametrize("deep", DEEP, ids=["lists", "objects"])
    def test_a_hundred_thousand_levels(self, deep):
        """Nesting in a document, in a value, in a late line, and in a text that a format opens is refused or passed over."""
        assert "nested too deeply" in refused("a.json", deep.encode())
        assert "nested too deeply" in refused("a.json", b'[{"id":1,"a":%s}]' % deep.encode())
        late = inspect([Upload("a.jsonl", b'{"id":1,"a":1}\n' * 2000 + b'{"id":2,"a":%s}\n' % deep.encode())])
        assert [(p.row, "nested too deeply" in p.what) for p in late.problems[:1]] == [(2001, True)]
        record = json.loads(litellm()[0].data.splitlines()[0])
        texts_inside = dict.fromkeys(("messages", "metadata", "response"), deep)
        lines = [json.dumps(record | texts_inside), json.dumps(record | {"request_id": "x"})]
        assert len(load(Upload("a.jsonl", "\n".join(lines).encode()))) >= 1
        assert "YAML" in refused("a.yaml", deep[:100_000].encode())

    @pytest.mark.parametrize(
        ("data", "queries"),
        [
            (b"id,a,b\n" + b"\n" * 1_000_000 + b"1,1,0\n2,0,1\n", 2),
            (b"\n" * 100_000 + b"id,a,b\n1,1,0\n", 1),
            (b"id,a,b\r" + b"".join(b"%d,1,0\r" % i for i in range(1000)), 1000),
            (b"id,a,b\n1,1," + b"0" * 10_000_000 + b"\n2,1,0\n", 2),
            (b"id,__class__,constructor\n1,1,0\n2,0,1\n", 2),
            (b'id,a,b,"__proto__"\n1,1,0,x\n', 1),
        ],
        ids=["empty lines", "empty lines first", "returns", "long line", "class", "proto"],
    )
    def test_odd_tables_that_are_read(self, data, queries):
        """A million empty lines, carriage returns for line ends, a line of 10 MB, and names that are words of a language."""
        assert len(load(Upload("a.csv", data))) == queries

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (b"x" * 20_000_000, "header cannot be read"),
            (b"," * 20_000_000, "columns; 2,000 are the most"),
            (b"\n" * 1_000_000, "the file is empty"),
            (b"id,a,b\n" + b'"' * 10_000_000, "no model column|cells, the header"),
            (b"id,a,b\n" + b"1,1\n" * 100_000, "row 1: the row has 2 cells, the header 3"),
            (b"id,a\n1,\x00\n", "null byte"),
            ("id,prompt,a\n1,é,1\n".encode() + b"2,\x81,1\n", "row 2: the encoding is unknown"),
        ],
        ids=["long line", "commas", "lines", "quotes", "uneven", "null", "mixed"],
    )
    def test_odd_tables_that_are_refused(self, data, what):
        """What can't be a table is refused, with the row where it can be told."""
        with pytest.raises(ProblemError) as caught:
            load(Upload("a.csv", data))
        assert re.search(what, str(caught.value))

    def test_a_file_of_nothing_but_problems_stays_small(self):
        """The first thousand rows that can't be read are told one by one, the others as a number."""
        with pytest.raises(ProblemError) as caught:
            load(Upload("a.csv", b"id,a,b\n" + b"1,1\n" * 100_000))
        problems = [problem for problem in caught.value.problems if problem.row or "more rows" in problem.what]
        assert len(problems) == base.PROBLEMS_MOST + 1
        assert problems[-1].what == "99,000 more rows can't be read."

    def test_a_quote_that_never_closes(self):
        """It is named with its row; the rows before it can be had, those that it swallowed can't."""
        data = b'id,a,b\n1,1,0\n2,0,"1\n' + b"3,1,0\n" * 10
        reading = inspect([Upload("a.csv", data)])
        assert [(p.row, p.what) for p in reading.problems] == [(2, "a quote opens in the row and never closes.")]
        assert len(finish(reading, drop_bad_rows=True)) == 1
        closed = load(Upload("a.csv", b'id,prompt,a,b\n1,"x\ny",1,0\n2,"z\nw",0,1'))
        assert closed.queries.prompts.to_list() == ["x\ny", "z\nw"]

    def test_names_that_are_no_text(self):
        """A file name that isn't Unicode is read with question marks, also where it becomes a part of the ids."""
        reading = inspect([Upload(name, b"prompt,a,b\nx%d,1,0\n" % i) for i, name in enumerate(("\udce9.csv", "b\ud800.csv"))])
        assert reading.sheet.files == ("?.csv", "b?.csv")
        assert finish(reading).queries.ids.to_list() == ["?-1", "b?-1"]

    @pytest.mark.parametrize("text", ["a: 2025-13-45", "? [1, 2]\n: x", "a: " + "1" * 5000, "2025-01-01: {input: 1}"])
    def test_yaml_that_is_no_table(self, text):
        """Dates with a 13th month, lists and dates for keys, and numbers of 5,000 digits are refused in words."""
        assert "a.yaml: " in refused("a.yaml", text.encode())

    def test_formulas_are_text(self):
        """Cells that a spreadsheet would run stay what they are."""
        table = load(Upload("a.csv", b"id,prompt,a,b\n1,=cmd|' /C calc'!A0,1,0\n2,@SUM(1),0,1\n"))
        assert table.queries.prompts.to_list() == ["=cmd|' /C calc'!A0", "@SUM(1)"]

    def test_numbers_that_no_table_can_hold(self):
        """inf, 1e309 and what float32 can't hold are problems of their cells, NaN and nothing are holes; ids may have any size."""
        rows = ["1,1,0.1", "2,inf,0.1", "3,1e309,0.1", "4,NaN,0.1", "5,,0.1", "6,0,1e39", f"{2**70},0,0.1"]
        reading = inspect([Upload("a.csv", "\n".join(["id,m_score,m_cost", *rows]).encode())])
        assert [p.row for p in reading.problems] == [2, 3, 6]
        documents = [{"id": 2**60 + i, "m": value} for i, value in enumerate((1, 0.5, 10**400, float("nan"), float("inf")))]
        reading = inspect([Upload("a.json", json.dumps(documents).encode())])
        assert {p.row for p in reading.problems} == {3, 5}

    def test_a_million_models_are_no_matrix(self):
        """Queries times models over the limit are refused before a matrix is made, also where a person maps them so."""
        data = b"id,model,score\n" + b"".join(b"q%d,m%d,1\n" % (i, i) for i in range(100_000))
        reading = inspect([Upload("a.csv", data)])
        mapping = reading.mapping.with_roles({"query_id": "id", "model": "model", "quality": "score"})
        memory = megabytes()
        with pytest.raises(ProblemError, match="100,000 queries x 100,000 models are 10,000,000,000 cells; 50,000,000 are the most"):
            finish(reading, mapping)
        assert megabytes() - memory < 200

    def test_ten_thousand_different_keys(self):
        """Lines that each bring a key of their own are refused once there are too many columns."""
        assert "more than 2,000 columns" in refused("a.jsonl", b"".join(b'{"k%d":1}\n' % i for i in range(10_000)))
