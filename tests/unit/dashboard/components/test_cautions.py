"""Warnings in words: every one has a sentence with its numbers and something to do; the strip is told the right ones."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from dashboard.components import cautions
from dashboard.components.plane.pack import plain_nudge
from dashboard.components.plane.scene import Nudge
from dashboard.scenes import Placed
from dashboard.state import Slot
from dashboard.words import cautions as words
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare
from strategies.study.warnings import IDS, SEVERITIES, Caution

NAN = float("nan")
SAID = {
    "tuned-on-test": ({"queries": 1600}, ("t1",), "Threshold 1 was set by looking at the 1 600 queries"),
    "tuned-crossed": ({"queries": 400}, ("t1",), "chosen on the 400 queries"),
    "best-of-many": (
        {"candidates": 3, "shown": 0.91, "corrected": 0.903, "bound": 0.88, "level": 0.95}, (),
        "its quality of 91.0 % is 90.3 % without the luck of being picked, and at least 88.0 % (95 % sure)",
    ),
    "few-queries": ({"queries": 40, "least": 100, "half": 0.161}, (), "Only 40 queries are tested: a share near one half is known to ± 16"),
    "setting-extrapolated": ({"setting": 0.95, "low": 0.2, "high": 0.9}, ("t1",), "Threshold 1 stands at 0.950, outside 0.200 to 0.900"),
    "cost-extrapolated": (
        {"cost": 2e-3, "low": 1e-4, "high": 1e-3, "error": 1e-5}, (), "it costs $2.00 per 1,000; on calibrate no setting",
    ),
    "mix-unlike": ({"distance": 0.31, "limit": 0.1, "unseen": 0.05}, ("law",), "31.0 % of the queries would have to change their task"),
    "judge-error": ({"error": 0.1, "low": 0.7, "high": 0.9}, ("m3",), "errs in 10.0 % of its verdicts: that of m3 lies between 70.0 %"),
    "simulated-judge": ({"error": 0.2}, (), "made from the truth, with an error in 20.0 %"),
    "knows-truth": ({}, (), "knows which answers are right"),
    "simulated": ({"models": 1, "of": 4}, ("m3",), "1 of 4 models are simulated, made from recorded ones: m3."),
    "missing": ({"coverage": 0.9, "queries": 120, "models": 0}, (), "120 queries are left out"),
    "assumed-prices": ({"models": 4, "of": 4}, ("m0",), "The costs of all 4 models are assumed"),
    "assumed-energy": ({"models": 2, "of": 4}, ("m0", "m1"), "The energy of 2 of 4 models"),
}  # fmt: skip
CASES = {
    "judge-error": ({"error": NAN, "low": NAN, "high": NAN}, ("m3",), "how often it errs is not known"),
    "simulated-judge": ({"error": NAN}, (), "made from the truth."),
    "mix-unlike": ({"distance": 0.31, "limit": 0.1, "unseen": 0.0}, ("law",), "that settings were chosen on (law)."),
    "simulated": ({"models": 4, "of": 4}, (), "none of the 4 models was asked"),
    "missing": ({"coverage": 0.9, "queries": 0, "models": 1}, ("m2",), "not known: m2. 90.0 % of the queries remain."),
}


@pytest.fixture(scope="module")
def study():
    """1,200 made-up queries over four models."""
    return prepare(proving_ground(1200))


@pytest.fixture(scope="module")
def fit(study):
    """A cascade of two."""
    return fitted(study, find("margin-cascade")(chain=("m0", "m3"), signal="margin"))


def test_every_warning_has_a_sentence_and_something_to_do():
    """No id without words, no words without an id, and each severity has a sign and a word of its own."""
    assert {name.split(".")[0] for name in words.SENTENCES} == set(IDS) == set(SAID)
    assert {name.split(".")[0] for name in words.TO_DO} == set(IDS)
    assert set(words.SEVERITIES) == set(SEVERITIES)
    assert len(set(words.SEVERITIES.values())) == len({sign for sign, _ in words.SEVERITIES.values()}) == len(SEVERITIES)


@pytest.mark.parametrize(("name", "told"), [each for part in (SAID, CASES) for each in part.items()])
def test_its_numbers_are_in_the_sentence(study, fit, name, told):
    """In the units of the page, models and sliders by the names that are shown; nothing stays open, nothing reads nan."""
    numbers, names, wanted = told
    (told,) = cautions.told(study, [Caution(id=name, severity="caution", numbers=numbers, names=names)], fit)
    plain = told.text.replace("\u202f", " ")
    assert wanted in plain
    assert not re.search(r"[{}]|nan", plain + told.todo)
    assert (told.sign, told.word) == ("△", "Caution")
    assert told.todo.endswith(".")


def test_without_prices_the_words_are_of_the_stand_in(study):
    """A share of queries is no money: neither its caution nor a cost outside of calibrate speaks of dollars."""
    shared = replace(study, table=replace(study.table, cost_unit="share", stored_fingerprint=""))
    outside = Caution(id="cost-extrapolated", severity="caution", numbers={"cost": 0.9, "low": 0.1, "high": 0.5, "error": 0.1})
    first, second = cautions.told(shared, [Caution(id="assumed-prices", severity="caution", numbers={"models": 2, "of": 2}), outside])
    assert "share of queries" in first.text
    assert "relative prices" in first.todo
    assert "90.0" in second.text
    assert "$" not in first.text + second.text


def test_the_best_in_play_is_said_to_be_lucky(study):
    """Of two in play the better one carries the correction, the other does not; a bound beside it is no candidate."""
    chains = {"a": ("m0", "m1"), "b": ("m0", "m3")}
    fits = {letter: fitted(study, find("margin-cascade")(chain=chain, signal="margin", t1=0.9)) for letter, chain in chains.items()}
    placed = [Placed(letter=letter, fit=each, first=each, colour=0) for letter, each in fits.items()]
    lead = max(placed, key=lambda p: float(np.mean(cautions._quality(p.fit))))
    other = next(p for p in placed if p is not lead)
    found = cautions.best_of(study, placed, lead)
    assert found is not None
    assert (found.candidates, found.shown) == (2, pytest.approx(float(np.mean(cautions._quality(lead.fit)))))
    assert found.bound < found.shown
    assert cautions.best_of(study, placed, other) is None
    bound = fitted(study, find("oracle")())
    assert cautions.best_of(study, [lead, Placed(letter="c", fit=bound, first=bound, colour=1)], lead) is None


def test_a_setting_from_a_tested_query_is_said_on_its_point(study, fit):
    """The strip of a point: its own knob that was picked on test, the gravest first, as plain values that travel to the browser."""
    placed = Placed(letter="a", fit=fit, first=fit, colour=0)
    slot = Slot(letter="a", strategy="margin-cascade", picked=("t1",))
    said = cautions.told(study, cautions.of_point(study, [placed], placed, slot, "t1"), fit)
    assert (said[0].id, said[0].severity) == ("tuned-on-test", "serious")
    assert plain_nudge(Nudge(slot="a", cautions=said, away=2), "m")["cautions"][0]["todo"] == said[0].todo
