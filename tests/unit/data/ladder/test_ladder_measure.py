"""What the cards say is what the shipped weights do."""

import json
from itertools import pairwise

import numpy as np
import pytest

from data.ladder import NAMES, card
from data.ladder.describe import model_text
from data.ladder.measure import CARDS, DIRECT, GENERALISTS, SOME, answered, auroc, ece, main, puzzles, read
from data.ladder.model import load
from data.ladder.rungs import rung
from strategies.predictors.recorded import separation

FOUND = read()


@pytest.mark.parametrize("name", [*NAMES, DIRECT])
def test_the_weights_do_what_the_card_says(name):
    """On the first 500 of the measured puzzles the accuracy is the card's, but for two answers that rounding may turn."""
    asked = puzzles(SOME)
    model = load("r4" if name == DIRECT else name)
    said = answered(model, asked, think=False if name == DIRECT else None)
    assert said.right.mean() == pytest.approx(FOUND["arms"][name]["accuracy_first"], abs=2 / SOME + 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_cards_are_written_from_the_figures(name):
    """Every card is what the figures make of it, to the letter."""
    assert (CARDS / f"{name}.md").read_text(encoding="utf-8") == model_text(name, FOUND)


def test_every_rung_is_better_and_dearer():
    """Accuracy rises along the rungs with intervals apart, and so does what an answer costs."""
    arms = [FOUND["arms"][name] for name in GENERALISTS]
    for low, high in pairwise(arms):
        assert high["accuracy"] - high["half"] > low["accuracy"] + low["half"]
    usd = [
        arm["tokens_in"] * card(name).price_in_usd_per_mtok + arm["tokens_out"] * card(name).price_out_usd_per_mtok
        for name, arm in zip(GENERALISTS, arms, strict=True)
    ]
    assert (np.diff(usd) > 0).all()


def test_specialists_are_good_in_their_field_only():
    """Each specialist beats R2 in its own field, is far worse outside, and surer there than it is right."""
    for name in set(NAMES) - set(GENERALISTS):
        arm = FOUND["arms"][name]
        own = [np.mean(FOUND["arms"]["r2"]["by_category"][each]) for each in rung(name).field]
        assert arm["own_field"] > np.mean(own)
        assert arm["off_field"] < 0.2
        assert arm["off_field_confidence"] > arm["off_field"] + 0.1


def test_auroc_counts_pairs():
    """Three of four pairs in order are 0.75, by both implementations; one kind of answer has none."""
    right, confidence = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.5, 0.1])
    assert auroc(right, confidence) == pytest.approx(0.75)
    assert separation(confidence.astype(np.float32), right.astype(np.float32)) == pytest.approx(0.75)
    assert np.isnan(auroc(np.ones(3, bool), confidence[:3]))


def test_ece_by_hand():
    """Two bins, one 0.2 too sure with three answers, one exact with one: 0.15."""
    right = np.array([True, False, True, True])
    assert ece(right, np.array([0.8667, 0.8667, 0.8667, 1.0])) == pytest.approx(0.75 * (0.8667 - 2 / 3), abs=1e-9)


def test_the_command_writes_figures_and_cards(tmp_path, capsys):
    """`python -m data.ladder.measure` leaves a valid JSON file and a card a model."""
    main(["--count", "40", "--out", str(tmp_path)])
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["count"] == 40
    assert {path.stem for path in tmp_path.glob("*.md")} == set(NAMES)
    assert "hopeless" in capsys.readouterr().out
