"""Any bytes: a file of any format, changed in any way, is a table, a reading, or one of our own errors, in little time and memory.

`ROUTESCOPE_FUZZ` says how many files a reader are tried (30 by default); a failure names the seed that makes its file again.
"""

from __future__ import annotations

import os
import time
from functools import cache
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.problems import ProblemError, RouteScopeError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.formats.base import formats
from tests.conftest import SHARED_DATA
from tests.memory import megabytes
from tests.mutations import mutated, odd_value
from tests.published import as_json
from tests.seeds import FORMATS, SEEDS, recorded

COUNT = int(os.environ.get("ROUTESCOPE_FUZZ", "30"))
SECONDS, MEGABYTES = 5.0, 300
FUZZ = settings(max_examples=COUNT, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@cache
def seeds(name: str) -> list[list[Upload]]:
    """Return the sets of files that changes to a format begin with."""
    return [SEEDS[name](), *recorded(name, SHARED_DATA)]


def outcome(uploads: list[Upload]) -> str:
    """Read files as the page does, with and without rows that have problems; return what came of it."""
    try:
        reading = inspect(uploads)
    except RouteScopeError as error:
        assert_said(error)
        return "refused"
    result = "read"
    for drop in (False, True):
        try:
            table = finish(reading, drop_bad_rows=drop)
        except RouteScopeError as error:
            assert_said(error)
        else:
            assert table.fingerprint
            result = "table"
    return result


def assert_said(error: RouteScopeError) -> None:
    """Every problem says what is wrong and what to do."""
    assert isinstance(error, ProblemError)
    assert error.problems
    assert all(problem.what and problem.fix for problem in error.problems)


def survives(uploads: list[Upload]) -> str:
    """Return what came of some files, which took no more time and memory than a file may."""
    memory, begun = megabytes(), time.thread_time()
    result = outcome(uploads)
    assert time.thread_time() - begun < SECONDS
    assert megabytes() - memory < MEGABYTES
    return result


def test_every_format_has_a_seed():
    """A new format adds a file of its own to the seeds."""
    assert set(FORMATS) == set(formats())


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_are_what_they_say(name):
    """A seed is read by the format that it is of, and makes a table."""
    reading = inspect(SEEDS[name]())
    assert finish(reading, drop_bad_rows=True)
    if name in FORMATS:
        assert reading.reader == name


@pytest.mark.parametrize("name", SEEDS)
@FUZZ
@given(seed=st.integers(0, 2**64 - 1))
def test_changed_files_are_a_table_or_our_own_error(name, seed):
    """One to four changes to a valid file (or a recorded sample) end in a table or in words, never in anything else."""
    rng = Random(seed)
    survives(mutated(rng.choice(seeds(name)), rng))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)


def keys_of(value: object) -> set[str]:
    """Return all keys of a JSON value."""
    if isinstance(value, dict):
        return {str(key) for key in value} | {key for inner in value.values() for key in keys_of(inner)}
    return {key for inner in value for key in keys_of(inner)} if isinstance(value, list) else set()


@pytest.mark.parametrize("name", [name for name in SEEDS if SEEDS[name]()[0].suffix in (".json", ".jsonl")])
@FUZZ
@given(data=st.data())
def test_documents_of_the_same_keys_are_a_table_or_our_own_error(name, data):
    """JSON that was made up from the keys of a format, values of any kind under them, is a table or refused in words."""
    import json

    upload = data.draw(st.sampled_from(SEEDS[name]()))
    lines = upload.suffix == ".jsonl"
    whole = [json.loads(line) for line in upload.data.splitlines()] if lines else json.loads(upload.data)
    keys = sorted(keys_of(whole))
    shape = st.recursive(
        VALUES,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(keys), inner, max_size=len(keys))),
        max_leaves=12,
    )
    made = data.draw(shape)
    first = whole[0] if isinstance(whole, list) else whole
    if isinstance(first, dict) and isinstance(made, dict):
        made = {**first, **made}
    body = b"\n".join(json.dumps(each).encode() for each in (made, first, made)) if lines else as_json(made)
    survives([Upload(upload.name, body)])


@FUZZ
@given(
    data=st.binary(max_size=300),
    name=st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.parquet", "a.yaml", "a.xlsx", "a.zip", "a.gz", "a"]),
)
def test_bytes_of_no_kind_are_a_table_or_our_own_error(data, name):
    """Any bytes under any extension are a table or refused in words."""
    survives([Upload(name, data)])


@FUZZ
@given(seed=st.integers(0, 2**64 - 1), text=st.text(max_size=200))
def test_any_text_is_a_table_or_our_own_error(seed, text):
    """Any text as a table, a list or lines of odd values is a table or refused in words."""
    rng = Random(seed)
    survives([Upload(rng.choice(("a.csv", "a.txt", "a.json", "a.yaml")), text.encode("utf-8", "surrogatepass"))])
    survives([Upload("a.json", as_json([odd_value(rng) for _ in range(3)]))])
