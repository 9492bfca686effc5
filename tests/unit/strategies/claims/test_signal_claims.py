"""Claims of a confidence signal, and of a figure as a share of another's."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from data.load import load
from data.problems import ProblemError
from data.stores.columns import save
from strategies.claims import Claim, Signal, claim, verify
from strategies.claims.make import sealed
from strategies.claims.measured import Resampling
from strategies.claims.told import about
from strategies.study.prepare import prepare
from strategies.study.signal_shape import pair_signals
from tests.unit.strategies.study.test_signal_worth import world

SIGNAL = Signal(name="margin", asked="strong")
METRICS = ("auroc", "usefulness", "ece", "brier", "risk_coverage")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A stored set of 300 queries with two signals."""
    return save(world(300), tmp_path_factory.mktemp("set") / "stored")


@pytest.fixture(scope="module")
def heard(folder):
    """Its study."""
    return prepare(load(folder))


def test_every_figure_of_a_signal_is_a_claim_that_is_equal(heard, folder):
    """The value and, where there is one, the interval are those of the Signals page; the claim survives its JSON and is recomputed."""
    shown = pair_signals(heard, "cheap", "strong").shape("margin")
    own = shown.quality
    values = dict(zip(METRICS, (own.auroc, own.usefulness, own.ece, own.brier, own.risk_coverage.area), strict=True))
    for name in METRICS:
        made = Claim.from_json(claim(heard, "cheap", name, signal=SIGNAL).to_json())
        assert made.value == values[name]
        ends = getattr(shown, name, None)
        assert (made.interval is None) == (ends is None)
        assert ends is None or (made.interval.low, made.interval.high) == (ends.low, ends.high)
        assert verify(made, folder).outcome == "equal"
    assert "cheap margin, strong asked next," in about(made)


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: replace(c, signal=Signal(name="confidence", asked="strong")),
        lambda c: replace(c, signal=Signal(name="nothing", asked="strong")),
        lambda c: replace(c, signal=Signal(name="margin", asked="nobody")),
        lambda c: replace(c, signal=None),
        lambda c: replace(c, interval=replace(c.interval, seed=1)),
        lambda c: replace(c, value=math.nextafter(c.value, 0) - 1e-7),
        lambda c: replace(c, split="calibrate"),
    ],
)
def test_a_changed_signal_is_found_by_recomputing(edit, heard, folder):
    """Another signal, one that is not there, nobody to ask, another way to draw: differs or cannot be judged, with a reason."""
    found = verify(sealed(edit(claim(heard, "cheap", "auroc", signal=SIGNAL))), folder)
    assert found.code in (1, 2)
    assert found.reasons


def test_what_is_no_figure_of_a_signal_is_refused(heard, study, cascade):
    """A signal's metric without one, another metric with one, a comparison, a strategy, a drawing that the page does not make."""
    for on, who, metric, more, said in (
        (heard, "cheap", "auroc", {}, "Name the signal"),
        (heard, "cheap", "quality", {"signal": SIGNAL}, "no confidence signal"),
        (heard, "cheap", "auroc", {"signal": SIGNAL, "against": "strong", "compared": "difference"}, "not compared"),
        (heard, "cheap", "auroc", {"signal": SIGNAL, "draw": Resampling(level=0.9)}, "one way"),
        (heard, "cheap", "auroc", {"signal": Signal(name="agreement", asked="strong")}, "agreement"),
        (study, cascade, "auroc", {"signal": Signal(name="margin", asked="large")}, "one model"),
    ):
        with pytest.raises(ProblemError, match=said):
            claim(on, who, metric, **more)


def test_a_share_of_anothers_figure(study, cascade, file):
    """The ratio of the two figures, with its interval around it, is recomputed; a claim without a signal has no such field."""
    made = claim(study, cascade, "quality", against="large", compared="share")
    assert made.value == pytest.approx(claim(study, cascade, "quality").value / claim(study, "large", "quality").value)
    assert made.interval.low < made.value < made.interval.high
    assert made.unit == "share"
    assert "as a share of large's" in about(made)
    assert "signal" not in json.loads(made.to_json())
    assert verify(Claim.from_json(made.to_json()), file).outcome == "equal"
