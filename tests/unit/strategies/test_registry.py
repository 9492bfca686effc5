"""Finding strategies by walking the folders."""

import sys

import pytest

import strategies
from data.problems import ProblemError
from strategies import registry
from strategies.registry import discover, find, is_own

GOOD = """
from dataclasses import dataclass, replace
from strategies.baselines.single import AlwaysOne
from strategies.protocol import Card

@dataclass(frozen=True, eq=False)
class {name}(AlwaysOne):
    card = Card(id="{id}", title="", family="baseline", source="", rule="")

class NoCard(AlwaysOne):
    pass
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a package of strategies in a temporary folder, walked instead of the real ones."""
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "FOLDERS", ("oddities", "absent"))
    home = tmp_path / "oddities"
    home.mkdir()
    (home / "__init__.py").write_text("")
    discover.cache_clear()
    yield home
    discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("strategies.oddities")]:
        del sys.modules[name]


def test_a_broken_file_is_a_problem_and_the_others_work(folder):
    """Import errors are reported with the file; good files are found, classes without a card of their own are not."""
    (folder / "broken.py").write_text("import no_such_thing")
    (folder / "odd.py").write_text(GOOD.format(name="Odd", id="odd"))
    found, problems = discover()
    assert list(found) == ["odd"]
    assert [(p.file, "no_such_thing" in p.what) for p in problems] == [("strategies.oddities.broken", True)]


def test_two_cards_with_one_id_are_a_problem(folder):
    """The first file keeps the id."""
    (folder / "first.py").write_text(GOOD.format(name="First", id="odd"))
    (folder / "second.py").write_text(GOOD.format(name="Second", id="odd"))
    found, problems = discover()
    assert found["odd"].__name__ == "First"
    assert [(p.file, "first" in p.what) for p in problems] == [("strategies.oddities.second", True)]


@pytest.mark.parametrize("text", ["import no_such_thing", "1 / 0"])
def test_a_broken_folder_is_a_problem_too(folder, text):
    """A package that cannot be imported is not the same as one that is not there yet."""
    (folder / "__init__.py").write_text(text)
    found, problems = discover()
    assert found == {}
    assert [p.file for p in problems] == ["strategies.oddities"]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Name a folder of one's own strategies, beside the real ones."""
    home = tmp_path / "mine"
    home.mkdir()
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(home))
    discover.cache_clear()
    yield home
    discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("routescope_own.")]:
        del sys.modules[name]


def test_a_folder_of_ones_own_is_walked_too(own):
    """Files of the named folder are found like all others and known as one's own; those that begin with _ are helpers."""
    (own / "json.py").write_text(GOOD.format(name="Mine", id="mine"))  # a name that would shadow a module if the folder were on the path
    (own / "_helper.py").write_text("1 / 0")
    found, problems = discover()
    assert problems == ()
    assert find("mine") is found["mine"]
    assert is_own(found["mine"])
    assert not is_own(found["margin-cascade"])
    assert found["mine"]().card.id == "mine"


BAD_DEFAULT = """
from dataclasses import dataclass
from strategies.knobs import knob
from strategies.protocol import Card, Strategy

@dataclass(frozen=True, eq=False)
class Bad(Strategy):
    card = Card(id="bad", title="", family="router", source="", rule="")
    t: float = knob(3.0, low=0, high=1, unit="share", help="Help.")
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_thing", "no_such_thing"),
        ("def f(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (BAD_DEFAULT, "t = 3.0 is outside 0 to 1"),
        (GOOD.format(name="Twin", id="margin-cascade"), "margin-cascade is taken by strategies.cascades.margin"),
    ],
)
def test_a_broken_file_of_ones_own_is_named_by_its_path(own, text, said):
    """Whatever is wrong with it, the problem has the file's path and the reason, and all other strategies are there."""
    (own / "broken.py").write_text(text)
    found, problems = discover()
    assert [(p.file, said in p.what) for p in problems] == [(str(own / "broken.py"), True)]
    assert "bad" not in found
    assert not is_own(found["margin-cascade"])


def test_a_folder_of_ones_own_that_is_not_there_is_a_problem(own, monkeypatch):
    """A slip in the variable is said, with the folder."""
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(own / "nowhere"))
    found, problems = discover()
    assert [(p.file, p.what) for p in problems] == [(str(own / "nowhere"), "there is no such folder.")]
    assert "margin-cascade" in found


def test_find_gives_classes_and_suggests_near_names():
    """An id gives its class; a slip gets suggestions; nonsense gets the whole list."""
    assert find("margin-cascade").card.id == "margin-cascade"
    with pytest.raises(ProblemError, match="Did you mean margin-cascade"):
        find("margin_cascade")
    with pytest.raises(ProblemError, match=r"There are: .*knn-router.*oracle"):
        find("zzz")


def test_the_strategies_of_first_light_are_there():
    """Baselines, the neighbours router and both cascades, each under its own id."""
    found, problems = discover()
    assert problems == ()
    assert {
        "single", "cheapest", "priciest", "best-single", "uniform-random", "random-mix", "zero-router", "matched-random", "oracle",
        "knn-router", "margin-cascade", "agreement-cascade",
    } <= set(found)  # fmt: skip
    assert all(kind.card.id == identity for identity, kind in found.items())
