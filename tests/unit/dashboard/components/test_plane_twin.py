"""Figures in words, and the picture without a browser."""

from __future__ import annotations

import copy
import functools
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from dashboard.components.plane import Nudge
from dashboard.components.plane.figures import (
    at_point,
    change,
    finding,
    money,
    on_x,
    percent,
    ratio,
    seconds,
    selection,
    short,
    significant,
)
from dashboard.components.plane.scene import Axis, Exact
from dashboard.components.plane.twin import html, svg
from tests.e2e.apps.plane_scenes import DEFAULTS, SCENES, chain, few, pair

NUDGE = Nudge(slot="a", settings=DEFAULTS)
TAGS = "{http://www.w3.org/2000/svg}"


@functools.cache
def made(build):
    """Return a scene at its default settings."""
    return build(copy.deepcopy(DEFAULTS))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.8123), "81.2\u202f%"),
        (percent(0.8123, 2), "81.23\u202f%"),
        (percent(-0.01), "−1.0\u202f%"),
        (money(0.84), "$0.840"),
        (money(1234.5), "$1\u202f230"),
        (money(0.000123456), "$0.000123"),
        (money(0), "$0"),
        (seconds(0.34), "340\u202fms"),
        (seconds(2.1), "2.10\u202fs"),
        (seconds(12.34), "12.3\u202fs"),
        (ratio(0.31), "31.0\u202f% of"),
        (ratio(3.1), "3.10\u202ftimes"),
        (change(-0.69), "−69\u202f%"),
        (change(1.5), "+150\u202f%"),
        (significant(123456), "123\u202f000"),
        (short("vendor/very-long-model-name-instruct"), "very-long-model-name-in…"),
        (short("vendor/short"), "vendor/short"),
        (on_x(Axis(label="x", unit="share", log=False), math.nan), ""),
    ],
)
def test_numbers_are_written_as_the_product_writes_them(written, expected):
    """Thin spaces, a real minus, three significant digits of money, never a NaN."""
    assert written == expected


def with_interval(gap_low, gap_high, **more):
    """Return the sentence for a paired difference between two bounds, well above blind mixing."""
    scene = made(chain)
    exact = Exact(x=0.9, y=0.86, y_low=0.85, y_high=0.87, gap=(gap_low + gap_high) / 2, gap_low=gap_low, gap_high=gap_high)
    return finding(scene, replace(NUDGE, exact=replace(exact, **more)))


def test_the_finding_follows_the_interval():
    """Clearly better, clearly worse and undecided are three different sentences."""
    assert "beats gpt-4 by 1.5 points" in with_interval(0.01, 0.02)
    assert "keeps" in with_interval(-0.02, -0.01)
    assert "cannot be told apart" in with_interval(-0.01, 0.01)


def test_a_free_best_model_is_no_divisor():
    """Where the best single model costs nothing no share of its cost is claimed; twice its cost is "times", half is "% of"."""
    scene = made(chain)
    assert finding(replace(scene, strongest_x=0.0), NUDGE).endswith("while gpt-4 is free (on 528 test queries).")
    at = at_point(scene, NUDGE).x
    assert "at 3.00\u202ftimes its cost" in finding(replace(scene, strongest_x=at / 3), NUDGE)
    assert "at 50.0\u202f% of its cost" in finding(replace(scene, strongest_x=at * 2), NUDGE)


def test_models_that_are_never_right_have_no_share_to_keep():
    """Where the best single model scores zero the sentence still stands."""
    scene = made(chain)
    nothing = replace(
        scene, dots=tuple(replace(d, y=0.0) if d.id == scene.best else d for d in scene.dots), zero_x=np.empty(0), zero_y=np.empty(0)
    )
    assert "cannot be told apart" in finding(nothing, replace(NUDGE, exact=Exact(x=1.0, y=0.0, gap=0.0, gap_low=0.0, gap_high=0.0)))


def test_what_is_not_known_is_called_by_its_name():
    """Along the latency axis it is the latency that is not known, not the cost."""
    scene = replace(made(chain), strongest_x=math.nan)
    assert "at a cost that is not known" in finding(scene, NUDGE)
    timed = replace(scene, axis=replace(scene.axis, unit="s"))
    assert "at a latency that is not known" in finding(timed, NUDGE)


def test_worse_than_blind_mixing_is_said_plainly():
    """Below the hull of the single models the sentence says so, and only claims it where the interval is below too."""
    assert "is worse than blind mixing" in with_interval(-0.2, -0.1, y=0.75, y_low=0.74, y_high=0.76)
    assert "shows no gain over blind mixing" in with_interval(-0.2, -0.1, y=0.75, y_low=0.6, y_high=0.9)


def test_no_win_is_claimed_without_an_interval():
    """Above the best model, but nobody knows how surely: the sentence says that too."""
    scene = made(SCENES["odd"])
    assert "is not known" in finding(scene, replace(NUDGE, slot="d"))


def test_a_hole_in_a_curve_stays_a_hole():
    """Settings of unknown quality are not bridged by a straight line."""
    root = ET.fromstring(svg(made(SCENES["odd"]), NUDGE))  # noqa: S314
    assert len([p for p in root.iter(f"{TAGS}path") if p.get("stroke-width") == "2.6"]) == 2


def test_a_bound_is_called_a_bound():
    """An oracle's sentence starts with what it is."""
    scene = made(chain)
    bound = replace(scene, strategies=(replace(scene.strategies[0], bound=True),))
    assert finding(bound, NUDGE).startswith("A reference, not a policy: ")


def test_without_a_strategy_the_best_model_is_named():
    """An empty plane still says something true."""
    assert finding(replace(made(chain), strategies=()), NUDGE).startswith("gpt-4 is the best single model")
    assert "No model" in finding(replace(made(chain), strategies=(), dots=(), best=""), NUDGE)


def test_the_unit_of_the_axis_is_in_the_sentence():
    """Without prices the sentence speaks of the share sent to the strong model."""
    assert "while sending 40.6\u202f% of queries to gpt-4" in finding(made(pair), NUDGE)


def test_the_random_control_is_the_mean_of_its_shares():
    """Same shares at random: cost from the calls, quality from the answers, weighted by the models' means."""
    scene = made(chain)
    _, curve, k = selection(scene, NUDGE)
    f = at_point(scene, NUDGE)
    dots = [scene.dot(name) for name in scene.strategies[0].flow]
    assert f.random_x == pytest.approx(sum(curve.called[m, k] * d.x for m, d in enumerate(dots)), rel=1e-6)
    assert f.random_y == pytest.approx(sum(curve.answered[m, k] * d.y for m, d in enumerate(dots)), rel=1e-6)


def test_a_setting_between_two_points_takes_the_upper_one():
    """For a cut "score >= knob" the next higher setting is exactly the same policy."""
    scene = made(chain)
    _, curve, k = selection(scene, replace(NUDGE, settings={"a": {"t1": 0.4211}}))
    assert curve.setting[k] == np.float32(0.4225)


def test_exact_figures_replace_the_interpolated_ones():
    """After release the cards show what Python computed for this very setting."""
    assert at_point(made(chain), replace(NUDGE, exact=Exact(y_low=0.8, y_high=0.9))).half == pytest.approx(0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_picture_is_sound_xml_without_nan(name, mode):
    """Every scene can be exported in both modes, and nothing unknown leaks into it."""
    picture = svg(made(SCENES[name]), NUDGE, mode)
    root = ET.fromstring(picture)  # noqa: S314 (our own output)
    assert root.find(f"{TAGS}title").text == finding(made(SCENES[name]), NUDGE)
    assert not re.search(r"\bnan\b|None|inf\b", picture)


def test_the_ring_lies_on_the_drawn_test_curve():
    """The ring's centre is within half a pixel of the polyline that is drawn."""
    root = ET.fromstring(svg(made(chain), NUDGE))  # noqa: S314
    ring = next(c for c in root.iter(f"{TAGS}circle") if c.get("class") == "ring")
    at = complex(float(ring.get("cx")), float(ring.get("cy")))
    main = next(p for p in root.iter(f"{TAGS}path") if p.get("stroke-width") == "2.6")
    line = [complex(*map(float, pair.split(","))) for pair in main.get("d")[1:].split("L")]
    assert min(abs(at - vertex) for vertex in line) < 0.5


def test_labels_in_the_picture_never_overlap():
    """No two model names share a pixel."""
    root = ET.fromstring(svg(made(SCENES["crowd"]), NUDGE))  # noqa: S314
    names = [t for t in root.iter(f"{TAGS}text") if "paint-order" in t.get("style", "")]
    boxes = [(float(t.get("x")), float(t.get("y")), len(t.text) * 6.6) for t in names]
    assert len(boxes) >= 6
    clear = [abs(y1 - y2) >= 12 or x1 + w1 <= x2 or x2 + w2 <= x1 for i, (x1, y1, w1) in enumerate(boxes) for x2, y2, w2 in boxes[:i]]
    assert all(clear)


def test_few_queries_are_said_on_the_picture():
    """A picture that rests on fewer than 100 queries says so on itself."""
    assert "Fewer than 100 test queries" in svg(made(few), NUDGE)


def test_names_cannot_inject_markup():
    """A model's name is text, whatever it holds."""
    scene = made(chain)
    evil = replace(scene.dots[0], name="<script>alert(1)</script>")
    page = html(replace(scene, dots=(evil, *scene.dots[1:]), badge="<b>"), NUDGE)
    assert "<script" not in page
    assert "<b>" not in page
    assert page.startswith("<!doctype html>")
