"""Policies in files, as words and as code."""

import io
import json
import pickle
import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import data
from data.problems import ProblemError
from data.simulator import SimModel, World, simulate
from strategies import find, replay
from strategies.blend import Blend
from strategies.persist import VERSION, FittedOn, SimulatedWarning, built, described, fitted_on, load_policy, plain, python_code, save
from strategies.proving import proving_parts
from strategies.registry import discover
from tests.worlds import proving_ground

AWAY = {"seed": 3}


def ground(kind):
    """Return the split that a strategy is proved on: with arms worked out from tokens where it chooses among such."""
    return proving_parts(derived="token_shares" in find(kind).card.needs)


def fitted(kind, **knobs):
    """Return a strategy fitted on the proving ground."""
    return find(kind)(**knobs).fit(ground(kind).fit)


@pytest.mark.parametrize("kind", list(discover()[0]))
def test_a_policy_comes_out_of_a_file_as_it_went_in(kind, tmp_path):
    """Same key, same decisions; the file holds no pickle."""
    policy = fitted(kind, **AWAY)
    save(policy, tmp_path / "p.npz", data="abc")
    again = load_policy(tmp_path / "p.npz")
    assert again.key == policy.key
    assert replay(again, ground(kind).test).summary() == replay(policy, ground(kind).test).summary()
    with np.load(tmp_path / "p.npz", allow_pickle=False) as kept:
        header = json.loads(str(kept["header"]))
    assert (header["id"], header["seed"], header["data"], header["version"]) == (kind, 3, "abc", VERSION)


def test_a_policy_says_that_it_was_fitted_on_simulated_data(tmp_path):
    """The mark is in the file, is said when it is loaded, and stays when what was loaded is saved again."""
    world = World(n=300, name="pair", models=(SimModel(name="small", accuracy=0.6), SimModel(name="large", accuracy=0.9)))
    table = simulate(world)
    save(find("foreseen-router")().fit(table.split(seed=0).fit), tmp_path / "p.npz", data=table)
    assert fitted_on(tmp_path / "p.npz") == FittedOn(data=table.fingerprint, name="pair (simulated)", kind="simulated")
    for name in ("p.npz", "again.npz"):
        with pytest.warns(SimulatedWarning, match=r"fitted on simulated data \(pair"):
            policy = load_policy(tmp_path / name)
        save(policy, tmp_path / "again.npz", data=fitted_on(tmp_path / name))


def test_a_policy_of_recorded_data_is_loaded_without_a_word(tmp_path):
    """Recorded data and a file that doesn't say raise no warning; the latter's kind stays unsaid."""
    table = proving_ground()
    table = replace(table, origin=replace(table.origin, kind="recorded"))
    save(fitted("knn-router"), tmp_path / "p.npz", data=table)
    written(tmp_path / "old.npz")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, kind in (("p.npz", "recorded"), ("old.npz", "")):
            load_policy(tmp_path / name)
            assert fitted_on(tmp_path / name).kind == kind


def written(path, **changed):
    """Write a policy file with a changed header."""
    header = {"version": VERSION, "id": "random-mix", "knobs": {"share": 0.5}, "seed": 0} | changed
    np.savez(path, header=np.array(json.dumps({k: v for k, v in header.items() if v is not None})))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"version": 99}, "version 99"),
        ({"knobs": {"share": 0.5, "shape": 1}}, "no field 'shape'"),
        ({"knobs": {"share": 7}}, "outside 0 to 1"),
        ({"id": "random-max"}, "Did you mean random-mix"),
        ({"id": None}, "no policy file"),
        ({"knobs": 3}, "no policy file"),
    ],
)
def test_a_changed_header_is_refused(changed, words, tmp_path):
    """Other versions, strange fields, bad values, unknown strategies, missing entries: in words."""
    written(tmp_path / "p.npz", **changed)
    with pytest.raises(ProblemError, match=words):
        load_policy(tmp_path / "p.npz")


def test_what_is_no_policy_is_refused_and_never_unpickled(tmp_path):
    """A pickle, pickled arrays, noise, an empty, a cut and a missing file are all ProblemErrors."""
    path = tmp_path / "p.npz"
    save(fitted("zero-router"), path)
    whole = path.read_bytes()
    np.savez(tmp_path / "objects.npz", header=np.array([{"version": 1}], dtype=object))
    np.save(tmp_path / "array.npy", np.zeros(3))
    bad = [pickle.dumps({"a": 1}), b"not a policy", b"", whole[: len(whole) // 2]]
    for i, content in enumerate(bad):
        (tmp_path / f"bad{i}").write_bytes(content)
    for name in (*(f"bad{i}" for i in range(len(bad))), "objects.npz", "array.npy", "missing.npz"):
        with pytest.raises(ProblemError, match="no policy file"):
            load_policy(tmp_path / name)


def test_plain_words_build_the_policy_again():
    """What is shown as YAML is enough to build it, state apart."""
    policy = find("margin-cascade")(chain=("a", "b", "c"), thresholds=(0.5, 0.25), signal="margin")
    assert built(policy.card.id, plain(policy)) == policy
    words = described(policy, {"quality": 0.8})
    assert words["strategy"] == "margin-cascade"
    assert (words["chain"], words["thresholds"], words["expected"]) == (["a", "b", "c"], [0.5, 0.25], {"quality": 0.8})


@pytest.mark.parametrize("kind", sorted(set(discover()[0]) - {"matched-random"}))
def test_the_python_that_is_shown_gives_the_same_numbers(kind, monkeypatch):
    """The snippet runs as it stands and prints what the page showed: the summary, of a mixture the expectation."""
    parts, policy = ground(kind), fitted(kind, seed=2)
    table = SimpleNamespace(split=lambda seed: parts if seed == 0 else None)
    monkeypatch.setattr(data, "load", lambda source: table if source == "mine.csv" else None, raising=False)
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(python_code(policy, source="mine.csv"), "snippet", "exec"), {})  # noqa: S102 - our own snippet
    test = parts.test
    shown = policy.expected(test) if isinstance(policy, Blend) else replay(policy, test).summary()
    assert out.getvalue().strip() == str(shown)


@pytest.mark.parametrize("value", [0.6, float(np.float32(0.6)), float(np.nextafter(np.float32(1e-6), np.float32(1))), 1.0, 0.0, 1 / 3])
def test_a_threshold_in_a_snippet_cuts_at_the_same_score(value):
    """However small, the digits shown lead to the same float32."""
    policy = find("margin-cascade")(chain=("a", "b"), t1=value, signal="margin")
    shown = eval(python_code(policy, source="x").split("thresholds=")[1].split(", signal")[0])  # noqa: S307 - our own snippet
    assert isinstance(shown, tuple)
    assert np.float32(shown[0]) == np.float32(value)


def test_lambda_in_a_snippet_keeps_twelve_digits():
    """A weight between two close breakpoints stays between them."""
    assert "lam=12345.6789012" in python_code(find("knn-router")(lam=12345.67890123456), source="x")
