"""A table survives its folder, and a person's own sets survive a restart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from data import load
from data.models import ModelCard
from data.outcomes import OutcomeTable, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.readers.base import Upload
from data.samples import Samples
from data.stores import home
from data.stores.columns import is_stored, open_table, save
from data.texts import Texts


@pytest.fixture
def table() -> OutcomeTable:
    """Return a small table with something in every corner."""
    quality = np.array([[1, 0], [0.5, np.nan], [0, 1]])
    return outcome_table(
        ("org/a", "b|c"),
        quality,
        cost_usd=quality + 0.25,
        queries=QuerySet.build(
            ["x", "y", "z"],
            prompts=["one", None, "three"],
            references=["1", "2", None],
            tasks=["t", "s", "t"],
            splits=["fit", "test", "calibrate"],
            meta={"odd|name": ["1", None, "3"]},
        ),
        signals={"margin": quality / 2},
        features={"embedding": np.arange(12, dtype=np.float32).reshape(3, 4) / 8},
        responses={"org/a": Texts(["r1", "r2", None])},
        answers={"b|c": Texts(["4", None, "5"])},
        samples=Samples(
            query=np.array([0, 0], np.int32),
            model=np.array([0, 1], np.int32),
            quality=np.array([1, 0], np.float32),
            code=np.array([0, -1], np.int32),
        ),
        cards=(ModelCard(name="org/a", price_usd_per_query=0.5, tier="typed"),),
    ).noted("made", "by hand", rows=np.int64(3), places=np.array([1, 2]), odd={1})


def test_a_stored_table_is_the_same(table, tmp_path):
    """Everything comes back: numbers, texts, samples, cards, history, and the fingerprint as it was."""
    again = open_table(save(table, tmp_path / "t"))
    assert again.fingerprint == again.stored_fingerprint == table.fingerprint
    assert replace(again, stored_fingerprint="").fingerprint == table.fingerprint
    for name, values in {**table.numbers, **table.signals}.items():
        assert np.array_equal({**again.numbers, **again.signals}[name], values, equal_nan=True)
    assert again.models == table.models
    assert again.queries.prompts is not None
    assert again.queries.prompts.to_list() == ["one", None, "three"]
    assert again.queries.meta["odd|name"].to_list() == ["1", None, "3"]
    assert [again.queries.task_of(i) for i in range(3)] == ["t", "s", "t"]
    assert again.responses["org/a"].to_list() == ["r1", "r2", None]
    assert again.answers["b|c"][2] == "5"
    assert again.samples is not None
    assert again.samples.code.tolist() == [0, -1]
    assert again.cards == table.cards
    assert again.origin == table.origin
    assert again.history[-1].values == {"rows": 3, "places": [1, 2], "odd": "{1}"}


def test_texts_stay_on_disk_until_looked_at(table, tmp_path):
    """Opening reads no text; looking at one column reads that one; rows narrow without reading."""
    again = open_table(save(table, tmp_path / "t"))
    assert not again.responses["org/a"].loaded
    part = again.take(np.array([2, 0]))
    assert not part.responses["org/a"].loaded
    assert part.responses["org/a"].to_list() == [None, "r1"]
    assert not again.queries.prompts.loaded


def test_features_are_mapped_or_halved(table, tmp_path):
    """float32 features are memory-mapped, float16 ones half the size and read as float32."""
    mapped = open_table(save(table, tmp_path / "a")).features["embedding"]
    halved = open_table(save(table, tmp_path / "b", features="float16")).features["embedding"]
    assert isinstance(mapped.base, np.memmap)  # a view of it: nothing was read into memory
    assert mapped.dtype == halved.dtype == np.float32
    assert np.array_equal(halved, table.features["embedding"])


def test_saving_again_replaces(table, tmp_path):
    """A second save into the same folder leaves the second table, and no scraps beside it."""
    save(table, tmp_path / "t")
    save(table.select(["b|c"]), tmp_path / "t")
    assert open_table(tmp_path / "t").models == ("b|c",)
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_a_stored_folder_loads_by_path(table, tmp_path):
    """`load` opens a stored folder, renames and prices it on request, and takes no roles for it."""
    folder = save(table, tmp_path / "t")
    assert load(folder).fingerprint == table.fingerprint
    assert load(folder, name="mine").origin.name == "mine"
    priced = load(folder, prices=[ModelCard(name="b|c", price_usd_per_query=2.0, tier="typed")])
    assert priced.cost_usd("b|c")[0] == 2.0
    with pytest.raises(ProblemError, match="has its roles already"):
        load(folder, scale=(0, 10))


def test_damaged_and_foreign_folders_are_refused(table, tmp_path):
    """No table, another version, broken JSON and missing files are each a problem in words."""
    with pytest.raises(ProblemError, match="holds no stored table"):
        open_table(tmp_path)
    folder = save(table, tmp_path / "t")
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "version": 99}))
    with pytest.raises(ProblemError, match="has version 99"):
        open_table(folder)
    (folder / "meta.json").write_text("{")
    with pytest.raises(ProblemError, match="is damaged"):
        open_table(folder)
    (folder / "meta.json").write_text(json.dumps(meta))
    (folder / "numbers.parquet").unlink()
    assert is_stored(folder)
    with pytest.raises(ProblemError, match="is damaged"):
        open_table(folder)


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """Return a fresh home folder."""
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def test_own_sets_are_kept_listed_renamed_and_deleted(table, own_home):
    """A set is kept with its files' names and hashes, found by them, renamed, and gone when deleted."""
    assert home.entries() == ()
    file = Upload("mine.csv", b"id,a\n")
    entry = home.add(table, [file], title="Mine")
    assert home.home() == own_home
    assert home.entries() == (entry,)
    assert entry.files == (("mine.csv", file.sha256),)
    assert home.get(entry.id).fingerprint == table.fingerprint
    assert home.find_file(file.sha256) == entry
    assert home.find_file("0" * 64) is None
    assert home.rename(entry.id, " Better ").title == "Better"
    assert home.entries()[0].title == "Better"
    with pytest.raises(ProblemError, match="name is empty"):
        home.rename(entry.id, " ")
    assert home.add(table).title == table.origin.name
    assert len(home.entries()) == 1
    home.delete(entry.id)
    assert home.entries() == ()
    with pytest.raises(ProblemError, match="isn't on this computer"):
        home.get(entry.id)


@pytest.mark.parametrize("entry_id", ["../../etc", "", "0123456789abcdeg", "0" * 17])
def test_only_fingerprints_become_paths(own_home, entry_id):
    """An id from a link that is no fingerprint never touches the disk."""
    with pytest.raises(ProblemError, match="no id of a set"):
        home.delete(entry_id)


def test_a_broken_entry_is_passed_over(table, own_home):
    """One unreadable entry doesn't hide the others."""
    entry = home.add(table)
    broken = own_home / "sets" / ("0" * 16)
    broken.mkdir(parents=True)
    (broken / "entry.json").write_text("{")
    assert home.entries() == (entry,)


def test_home_is_the_systems_place_by_default(monkeypatch):
    """Without the variable the folder is the one that the system has for such data."""
    monkeypatch.delenv(home.HOME_VARIABLE)
    assert home.home().name == "routescope"
