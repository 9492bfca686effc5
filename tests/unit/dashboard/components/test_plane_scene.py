"""Scene, packing, and what comes back from the browser."""

from __future__ import annotations

import copy
import functools
import json
import math
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from dashboard.components.plane import Axis, Dot, Nudge, read_commit
from dashboard.components.plane.pack import pack, plain_nudge, unpack
from dashboard.components.plane.scene import MOST_LABELS, Exact, check, envelope, label_order
from data.problems import ProblemError
from tests.e2e.apps.plane_scenes import DEFAULTS, SCENES, chain, crowd, few, pair


@functools.cache
def made(build):
    """Return a scene at its default settings."""
    return build(copy.deepcopy(DEFAULTS))


def same(one, other):
    """Say whether two values of the same kind are equal, NaN equal to NaN."""
    if is_dataclass(one):
        return type(one) is type(other) and all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_packed_scene_comes_back_whole(name):
    """Unpacking gives every field, array and unknown number back."""
    scene = made(SCENES[name])
    assert same(unpack(pack(scene)), scene)


def test_packing_is_deterministic_and_aligned():
    """The same scene gives the same bytes, and its floats start at a multiple of four."""
    one, other = pack(made(chain), "stage"), pack(made(chain), "stage")
    assert one == other
    assert int.from_bytes(one[:4], "little") % 4 == 0


def test_the_header_is_strict_json_without_nan():
    """A browser can read the header: unknown numbers are null, never NaN."""
    packed = pack(made(pair), "here")
    header = json.loads(packed[4 : 4 + int.from_bytes(packed[:4], "little")], parse_constant=pytest.fail)
    assert header["mount"] == "here"
    assert next(dot for dot in header["scene"]["dots"] if dot["id"] == "oracle")["rank"] is None


def test_cut_bytes_are_refused():
    """Half a scene is a problem in words, not a crash."""
    with pytest.raises(ProblemError, match="ends too early"):
        unpack(pack(made(few))[:100])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros(3, np.float32)}, "differ in length"),
        ({"answered": np.zeros((2, 401), np.float32)}, "differ in length"),
        ({"setting": np.linspace(1, 0, 401, dtype=np.float32)}, "not ascending"),
        ({"setting": np.full(401, np.inf, np.float32)}, "not a finite number"),
    ],
)
def test_a_broken_curve_is_refused_in_words(change, message):
    """Arrays that don't belong together never reach the browser."""
    scene = made(chain)
    strategy = scene.strategies[1]
    broken = replace(strategy, curves=(replace(strategy.curves[0], **change),))
    with pytest.raises(ProblemError, match=message):
        check(replace(scene, strategies=(broken,)))


def test_labels_are_few_and_the_important_ones_come_first():
    """Of 51 models at most twelve are named: oracle, best, the chain, the extremes and the hull."""
    scene = made(crowd)
    names = label_order(scene)
    assert len(names) <= MOST_LABELS
    assert names[:2] == ("oracle", scene.best)
    assert {"llama-8b", "gpt-4"} <= set(names)


def test_a_dot_without_a_place_gets_no_label():
    """A model whose cost is not known is not drawn, so it is not named either."""
    scene = made(chain)
    lost = Dot(id="lost", name="lost", kind="model", x=math.nan, y=0.9, n=5)
    assert "lost" not in label_order(replace(scene, dots=(*scene.dots, lost)))


def test_the_envelope_leaves_oracle_and_bounds_out():
    """What cannot be deployed does not lift the joint envelope."""
    scene = made(chain)
    oracle = scene.dot("oracle")
    _, y = envelope(scene)
    assert y.max() < oracle.y
    bound = replace(scene, strategies=tuple(replace(s, bound=True) for s in scene.strategies))
    assert envelope(bound)[1].max() <= y.max()


def test_words_of_a_page_replace_only_their_own():
    """A page that gives one sentence keeps all the others."""
    scene = replace(made(chain), words={"card.quality": "Accuracy"})
    assert scene.words["card.quality"] == "Accuracy"
    assert "finding.keeps" in scene.words


def test_a_nudge_is_plain_json():
    """Unknown figures of a nudge are null, so that the small mount can carry them."""
    plain = plain_nudge(Nudge(slot="a", settings={"a": {"t": 0.5}}, exact=Exact(y=0.8)), "stage")
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["mount"] == "stage"
    assert plain["exact"]["y"] == 0.8
    assert plain["exact"]["x"] is None


def test_a_commit_of_the_stage_is_read():
    """A released handle comes back with slot, knob and exact value."""
    commit = read_commit({"kind": "set", "slot": "a", "knob": "t1", "value": 0.25, "target": "", "serial": 1.7e12})
    assert (commit.kind, commit.slot, commit.knob, commit.value) == ("set", "a", "t1", 0.25)
    assert math.isnan(read_commit({"kind": "floor", "value": None}).value)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"kind": "drop tables"},
        {"kind": "set", "slot": "a", "knob": "t1", "value": None},
        {"kind": "set", "slot": "", "knob": "t1", "value": 1.0},
        {"kind": "set", "slot": "a", "knob": "t1", "value": True},
        {"kind": "set", "slot": "a", "knob": "t1", "value": math.inf},
        {"kind": "open", "target": 7},
        {"kind": "open", "target": "x" * 500},
        {"kind": "open", "target": "gpt-4", "more": 1},
        {"kind": "open", "target": "gpt-4", "serial": "now"},
    ],
)
def test_what_the_stage_never_sends_is_refused(raw):
    """A forged or broken message is a problem in words."""
    with pytest.raises(ProblemError, match="never sends"):
        read_commit(raw)


def test_an_axis_knows_that_its_prices_are_assumed():
    """Typed-in prices are marked by default off, never silently."""
    assert not Axis(label="Cost", unit="relative", log=True).assumed
