"""Large files: read in blocks or pieces as with care, and stopped at once."""

from __future__ import annotations

import gzip
import json
import random

import numpy as np
import pyarrow as pa
import pytest

from data import load
from data.problems import ProblemError, RouteScopeError, Stopped
from data.readers import delimited, jsonlines, kept, nested, pieces, tables
from data.readers.base import Sheet, Upload
from data.readers.detect import finish, inspect
from data.readers.values import labels, parsed, texts
from data.readers.watch import chunked, stage, step, watching
from tests.benchmarks._long import table as long_table
from tests.benchmarks._long import write_csv, write_jsonl
from tests.seeds import litellm

ROWS = b"".join(b"q%d,m%d,%d,0.5\n" % (i // 2, i % 2, i % 3 == 0) for i in range(60_000))
DEEP = ("[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000)
LONG = b"id,model,score,cost\n" + ROWS


def same(mine: Sheet | str, theirs: Sheet | str) -> bool:
    """Whether two sheets have the same columns, cells, rows, format and problems, or are refused in the same words."""
    if isinstance(mine, str) or isinstance(theirs, str):
        return mine == theirs
    alike = list(mine.columns) == list(theirs.columns) and all(mine.columns[n].equals(theirs.columns[n]) for n in mine.columns)
    return alike and np.array_equal(mine.rows, theirs.rows) and (mine.format, mine.problems) == (theirs.format, theirs.problems)


class TestBlocks:
    """What is read in blocks is what is read with care."""

    CELLS = ("1", "x", '"q"', '"a,b"', '"n\nl"', '"c\r\nd"', '""', '"d""q"', "", "é", '5" pipe', ' "s"', '"open', "\r", "a;b", "\ud7ff")

    def test_delimited(self, monkeypatch):
        """Random rows with quotes, line ends in cells and uneven lengths: blocks of 48 bytes give the sheet of one block, or nothing."""
        rng = random.Random(0)
        count = 0
        for _ in range(3000):
            width = rng.randint(1, 4)
            end = rng.choice(("\n", "\n", "\r\n"))
            rows = [",".join(rng.choice(self.CELLS) for _ in range(width + (rng.random() < 0.03))) for _ in range(rng.randint(1, 12))]
            text = end.join([",".join("abcd"[:width]), *rows]) + rng.choice(("", end, end + end))
            monkeypatch.setattr(delimited, "_BLOCK", 1 << 20)
            whole = self.tried(text)
            monkeypatch.setattr(delimited, "_BLOCK", 48)
            quick = delimited.quick(text.encode(), "f")
            count += quick is not None
            assert same(self.tried(text), whole)
            assert quick is None or same(quick, whole)
        assert count > 500

    @staticmethod
    def tried(text: str) -> Sheet | str:
        """Return the sheet of a text as it is read with care, or why there is none."""
        try:
            return delimited.read(text, "f")
        except ProblemError as error:
            return str(error)

    def test_lines(self, monkeypatch):
        """Random flat records, some broken, mixed or with keys that come late: columns of blocks are those of Python, or there are none."""
        monkeypatch.setattr(jsonlines, "_HEAD", 4)
        monkeypatch.setattr(jsonlines, "_SPREAD", 3)
        monkeypatch.setattr(jsonlines, "_BLOCK", 200)
        rng = random.Random(0)
        values = {
            "s": ("a", "é", "\x00", "x\ny", 'q"', "2020-01-01"), "i": (1, -9), "f": (0.5, 1e-7, 3.0), "b": (True, False), "n": (None,),
            "m": (1, 0.5), "o": (None, "t"), "s.x": ("u",), "l": ([], ["a", "é", None], None),
            "L": ([1, 2], [-3], []), "F": ([0.5], [1e-7]),
        }  # fmt: skip
        odd = (
            None,
            [1],
            ["x"],
            [1.5],
            [1, 0.5],
            [3.0],
            [[1]],
            [{}],
            [True],
            {"z": 1},
            2**70,
            2**60,
            1.5,
            "x",
            True,
            float("inf"),
            {},
            float("nan"),
            "\ud800",
        )
        count = 0
        for _ in range(2000):
            strange = rng.random() < 0.3
            keys = rng.sample(list(values), rng.randint(1, 5))
            records = [
                {k: rng.choice(odd) if strange and rng.random() < 0.05 else rng.choice(values[k]) for k in keys if rng.random() < 0.9}
                | ({"d": {"i": 1, "s": "x"}} if len(keys) > 3 else {})
                for _ in range(rng.randint(1, 25))
            ]
            lines = [json.dumps(record, ensure_ascii=rng.random() < 0.5) for record in records]
            if strange and rng.random() < 0.2:
                lines[rng.randrange(len(lines))] = rng.choice(("null", "[1]", "{", "{} {}", "", '{"s":1,"s":2}', '{"f":Inf}', ' {"s":"1"}'))
            text = rng.choice(("\n", "\n", "\r\n")).join(lines) + rng.choice(("", "\n", "\n\n"))
            columns = jsonlines.quick(text.encode("utf-8", "surrogatepass"))
            if columns is not None:
                count += 1
                theirs = nested.read_jsonl(text, "f")
                assert (list(columns), theirs.problems) == (list(theirs.columns), ())
                for name, column in columns.items():
                    assert texts(column).to_pylist() == texts(theirs.columns[name]).to_pylist()
        assert count > 500

    def test_numbers_of_a_column_are_those_of_its_cells(self):
        """A column of numbers only, one with words, and distinct cells give what each cell gives by itself; nothing beyond float32."""
        cells = ["1", " 2 ", "", "x", "nan", "+3", "1e309", "1e39", ".5", "5.", "YES", None, "inf", "-1", "1e-400", "0x1"]
        values, bad = parsed(pa.array(cells * 2, pa.large_string()), words=True, missing=("-1",))
        single = [parsed(pa.array([cell], pa.large_string()), words=True, missing=("-1",)) for cell in cells]
        assert np.array_equal(values, np.array([float(v[0]) for v, _ in single] * 2), equal_nan=True)
        assert bad.tolist() == [bool(b[0]) for _, b in single] * 2
        assert [cell for cell, wrong in zip(cells, bad, strict=False) if wrong] == ["x", "1e309", "1e39", "inf", "0x1"]

    def test_what_is_kept_of_a_column_goes_with_it(self):
        """The distinct texts of a column are worked out once, and forgotten with the column."""
        column = pa.array(["a", "b", "a"], pa.large_string())
        assert kept.encoded(column) is kept.encoded(column)
        assert labels(column) == ["a", "b", "a"]
        before = len(kept._KEPT)
        del column
        assert len(kept._KEPT) < before

    @pytest.mark.parametrize("write", [write_csv, write_jsonl])
    def test_a_long_file_is_read_in_blocks(self, tmp_path, monkeypatch, write):
        """The benchmark's files take the quick way, and give the table of the careful way to the bit."""
        path = write(long_table(prompts=True, queries=5_000), tmp_path / f"long.{write.__name__.rsplit('_', 1)[1]}")
        quick = load(path)
        monkeypatch.setattr(tables, "_quick", lambda *_: None)
        careful = load(path)
        assert (quick.fingerprint, quick.queries.meta) == (careful.fingerprint, careful.queries.meta)
        assert len(quick.models) == 5
        assert np.isnan(quick.numbers["cost_usd"]).sum() > 0

    def test_a_long_file_does_not_take_the_careful_way(self, tmp_path, monkeypatch):
        """A million such rows would take minutes with care: the careful readers aren't even called."""
        for module, name in ((delimited, "read"), (nested, "read_jsonl")):
            monkeypatch.setattr(module, name, lambda *_: pytest.fail("read with care"))
        for write, name in ((write_csv, "a.csv"), (write_jsonl, "a.jsonl")):
            assert len(load(write(long_table(prompts=False, queries=1_000), tmp_path / name))) == 1_000


def made_up(rng: random.Random, depth: int = 0) -> object:
    """Return a JSON value."""
    kind = rng.randrange(9 if depth < 5 else 5)
    if kind < 5:
        return rng.choice((None, True, 1, -2.5, 1e300, float("inf"), 2**80, "", "a", "é\n", "\ud800", "\\", '"'))
    if kind < 7:
        return [made_up(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(("a", "b", "", "é")): made_up(rng, depth + 1) for _ in range(rng.randrange(4))}


def tried(parse, text: str) -> str:
    """Return what a parser makes of a text, or what it says."""
    try:
        return repr(parse(text))
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


class TestPieces:
    """Large JSON documents are parsed value by value."""

    def test_pieces_are_the_whole(self):
        """Whole and spoiled documents give what `json.loads` gives, or its very words."""
        rng = random.Random(0)
        for _ in range(5000):
            text = json.dumps(made_up(rng), indent=rng.choice((None, 1)), ensure_ascii=rng.random() < 0.5)
            if rng.random() < 0.5:
                at = rng.randrange(len(text) + 1)
                text = text[:at] + rng.choice(("", ",", "]", "}", "{", "[", '"', ":", " ", "x", "\u2028")) + text[at + rng.randrange(2) :]
            assert tried(pieces.parsed, text) == tried(json.loads, text)
        assert [tried(pieces.parsed, deep)[:14] for deep in DEEP] == ["RecursionError"] * 2

    @pytest.mark.parametrize("wrapped", ["%s", '{"date": "x", "rows": %s}'])
    def test_a_large_document_can_be_stopped_while_it_is_parsed(self, monkeypatch, wrapped):
        """Its parsing has steps of its own."""
        monkeypatch.setattr(pieces, "LARGE", 1000)
        rows = json.dumps([{"id": i, "a": 1, "b": i % 2} for i in range(5_000)])
        steps = []
        with watching(lambda *each: steps.append(each)):
            assert len(tables.decode(Upload("a.json", (wrapped % rows).encode()))) == 5_000
        assert len(steps) > 5


class TestProgress:
    """What is told while a file is read, and how it is stopped."""

    def test_progress_only_grows_and_ends(self):
        """Shares never shrink, words say what is done, and the last call is at the end."""
        told = []
        reading = inspect([Upload("a.csv", LONG), Upload("b.csv", LONG)], progress=lambda *each: told.append(each))
        shares = [done / total for done, total, _ in told]
        assert reading.table is not None
        assert shares == sorted(shares)
        assert (shares[0] < 0.1, 0.8 < shares[-1] <= 1) == (True, True)
        assert {"reading a.csv", "reading b.csv", "making the table"} <= {words for _, _, words in told}

    @pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.csv", LONG),
            ("a.csv", LONG + b"1,2\n"),
            ("a.csv.gz", gzip.compress(LONG, 1)),
            ("a.jsonl", b"".join(b'{"id":%d,"a":1,"b":%d}\n' % (i, i % 2) for i in range(30_000))),
            ("a.jsonl", b"".join(b'{"id":%d,"a":1,"b":[1]}\n' % i for i in range(30_000))),
            ("a.jsonl", b"".join(b'{"id":%d,"a":1,"b":[1,"x"]}\n' % i for i in range(30_000))),
            ("a.json", b"[" + b",".join(b'{"id":%d,"a":1,"b":0}' % i for i in range(30_000)) + b"]"),
            ("log.jsonl", litellm()[0].data * 1_000),
        ],
        ids=["csv", "uneven", "gzip", "jsonl", "lists", "mixed", "json", "format"],
    )
    def test_every_step_can_end_the_work(self, name, data):
        """Whichever of its steps the caller stops at, the work ends there with the caller's own exception."""
        steps = 0

        def count(*_):
            nonlocal steps
            steps += 1

        inspect([Upload(name, data)], progress=count)
        assert steps > 12
        for last in {1, 2, steps // 3, steps // 2, 2 * steps // 3, steps}:
            left = last

            def stop(*_):
                nonlocal left
                left -= 1
                if left <= 0:
                    raise Stopped

            with pytest.raises(Stopped):
                inspect([Upload(name, data)], progress=stop)

    @pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
    def test_the_more_rows_the_more_steps(self):
        """Between two steps there is a bounded piece of work: of every 50,000 rows more there is at least one step more."""

        def steps(rows: int) -> int:
            data = b"id,model,score,cost,prompt\n" + b"".join(
                b"q%d,m%d,%d,0.%d,what is %d\n" % (i // 5, i % 5, i % 3 == 0, i, i // 5) for i in range(rows)
            )
            told = []
            reading = inspect([Upload("a.csv", data)], progress=lambda *each: told.append(each))
            assert len(reading.table) == rows // 5
            return len(told)

        assert steps(300_000) - steps(100_000) >= 4

    def test_finishing_has_steps_too(self):
        """Another mapping over the same rows can be stopped as well."""
        reading = inspect([Upload("a.csv", LONG)])

        def stop(*_):
            raise Stopped

        mapping = reading.mapping.with_roles({"query_id": "id"})
        with pytest.raises(Stopped):
            finish(reading, mapping, progress=stop)
        assert finish(reading, mapping).models == ("m0", "m1")

    def test_without_a_caller_nothing_is_told(self):
        """Steps and stages do nothing where nobody looks, and a stage is told as a part of the one around it."""
        step()
        told = []
        with watching(lambda done, total, words: told.append((done / total, words))), stage("outer", 0.5, 1.0), stage("", 0.5, 1.0):
            assert list(chunked([1, 2, 3], 2)) == [1, 2, 3]
        step()
        assert told == [(0.5, "outer"), (0.75, "outer"), (0.917, "outer"), (1.0, "outer")]
        assert issubclass(Stopped, RouteScopeError)
