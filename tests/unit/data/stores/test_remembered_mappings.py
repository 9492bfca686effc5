"""Corrections of a mapping are kept for the next file of the shape, and what is damaged there harms nothing."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.stores import mappings

LINES = "id,topic,a_score,b_score\n" + "".join(f"q{i},t{i % 3},{i % 2},1\n" for i in range(30))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Keep every test's memory in a folder of its own."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))


def _reading(text=LINES, name="t.csv"):
    return inspect([Upload(name, text.encode())])


def _told(reading):
    return replace(reading.mapping, query={"query_id": "id", "task": "topic"}, missing=("-1",), scale=(0.0, 2.0), right=("ja",))


def test_corrections_come_back_for_the_next_file_of_the_shape():
    """The same columns in another order, with other rows and another name, get the corrected mapping; it is offered, not applied."""
    first = _reading()
    kept = mappings.remember(first, _told(first), file="t.csv")
    assert kept is not None
    assert set(kept.fields) >= {"missing", "scale", "right"}
    rows = [line.split(",") for line in LINES.splitlines()[:20]]
    later = _reading("\n".join(",".join(row[::-1]) for row in rows), "later.csv")
    recalled = mappings.recall(later)
    assert recalled.found is not None
    assert (recalled.found.file, recalled.note) == ("t.csv", "")
    applied = recalled.found.applied(later.mapping)
    assert (applied.scale, applied.missing, applied.right) == ((0.0, 2.0), ("-1",), ("ja",))
    assert finish(later, applied).mean("quality")["b"] == pytest.approx(0.5)
    assert later.mapping.scale is None


def test_whether_scores_are_only_0_and_1_is_no_part_of_the_shape():
    """A file whose scores happen to be graded has the shape of one whose scores are all 0 or 1; other columns are another shape."""
    key = mappings.shape_key(_reading())
    assert mappings.shape_key(_reading(LINES.replace(",1\n", ",0.5\n"))) == key
    assert mappings.shape_key(_reading(LINES.replace("topic", "subject"))) != key


def test_an_untouched_guess_is_not_remembered():
    """Saving a file as it was understood keeps nothing; a forgotten correction is gone."""
    reading = _reading()
    assert mappings.remember(reading, reading.mapping, file="t.csv") is None
    kept = mappings.remember(reading, _told(reading), file="t.csv")
    assert kept is not None
    mappings.forget(kept.key)
    assert mappings.recall(reading) == mappings.Recalled()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "5", '{"version": 2}', '{"version": 1, "file": "x", "date": "y", "fields": {"query": 5}}',
     '{"version": 1, "file": "x", "date": "y", "fields": {"scorer": "os.system"}}',
     '{"version": 1, "file": "x", "date": "y", "fields": {"scale": [5, 1]}}',
     '{"version": 1, "file": "x", "date": "y", "fields": {"__class__": "x"}}',
     '{"version": 1, "file": 7, "date": "y", "fields": {"missing": ["x"]}}', "[" * 100_000, " " * (mappings.LARGEST_BYTES + 1)],
)  # fmt: skip
def test_what_is_damaged_is_noted_and_not_used(content):
    """A kept file that was cut, edited or blown up leads to a note, never to an error or to a mapping."""
    reading = _reading()
    path = mappings._path(mappings.shape_key(reading))
    path.parent.mkdir(parents=True)
    path.write_text(content)
    recalled = mappings.recall(reading)
    assert recalled.found is None
    assert recalled.note


@given(st.dictionaries(st.sampled_from(mappings.FIELDS), st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=4),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)), min_size=1))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_fields_hold_recall_never_raises(fields):
    """Any JSON in the kept fields gives a usable mapping or a note."""
    reading = _reading()
    path = mappings._path(mappings.shape_key(reading))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "file": "x", "date": "y", "fields": fields}))
    recalled = mappings.recall(reading)
    assert (recalled.found is None) == bool(recalled.note)


def test_the_oldest_go_beyond_the_bound(monkeypatch):
    """Not more than so many shapes are kept."""
    monkeypatch.setattr(mappings, "MOST", 3)
    for i in range(5):
        reading = _reading(LINES.replace("topic", f"topic{i}"))
        mappings.remember(reading, _told(_reading()), file=f"{i}.csv")
    assert len(list(mappings._path("x").parent.glob("*.json"))) == 3


def test_what_is_too_large_is_not_kept(monkeypatch):
    """A correction beyond the size bound is not written."""
    monkeypatch.setattr(mappings, "LARGEST_BYTES", 100)
    reading = _reading()
    assert mappings.remember(reading, _told(reading), file="t.csv") is None
    assert mappings.recall(reading) == mappings.Recalled()
