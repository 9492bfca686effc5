"""The Signals page's pictures and sentences: what is drawn is what was measured, in both themes, with names that are a person's own."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard import signals, theme
from dashboard.charts import signals as charts
from dashboard.components.signals import told
from data.outcomes import outcome_table
from strategies.study.cover import cover, split
from strategies.study.prepare import prepare
from strategies.study.signal_shape import pair_signals
from strategies.study.signal_worth import candidates
from tests.unit.strategies.study.test_signal_worth import N, priced, world

UGLY = "<b>%{x} of a very long name of a model"


@pytest.fixture(scope="module")
def study():
    """Two free signals and a paid one that says nothing."""
    return prepare(priced(world(self_check=np.random.default_rng(5).random(N)), "self_check", 0.002))


@pytest.fixture(scope="module")
def found(study):
    """All signals of the cheap model."""
    return pair_signals(study, "cheap", "strong")


def _names(picture) -> str:
    return repr(picture["layout"])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_deferral_curve_runs_from_one_model_to_the_other(found, mode: str) -> None:
    """Money per 1,000 queries; the curve is the signal's own, above the mix that joins the two dots; the bound is above it."""
    shape = found.shapes[0]
    picture = charts.deferral(shape.deferral, unit="USD", strong=UGLY, mode=mode)
    *band, bound, mix, curve, spots = picture["data"]
    assert len(band) == 2
    assert curve["x"] == pytest.approx(1000 * shape.deferral.curve.x)
    assert curve["y"] == shape.deferral.curve.y.tolist()
    assert mix["x"] == spots["x"] == pytest.approx([1.0, 10.0], rel=1e-5)
    assert max(bound["y"]) >= max(curve["y"])
    assert curve["line"]["color"] == theme.strategy_colour(0, mode)
    shared = charts.deferral(shape.deferral, unit="share", strong=UGLY, mode=mode)
    assert "&lt;b&gt;" in shared["layout"]["xaxis"]["title"]["text"]
    assert "%{x}" not in shared["layout"]["xaxis"]["title"]["text"]
    assert curve["x"][-1] == pytest.approx(1000 * shared["data"][-2]["x"][-1])


def test_risk_ends_at_the_share_wrong_and_stays_above_the_bound(found) -> None:
    """Kept all, wrong is wrong; no order has fewer wrong than all right answers first."""
    shape = found.shapes[0]
    *_, best, random, curve = charts.risk(shape.risk, mode="light")["data"]
    wrong = 1 - shape.quality.quality
    assert curve["y"][-1] == pytest.approx(wrong)
    assert random["y"] == pytest.approx([wrong, wrong])
    assert best["y"][-1] == pytest.approx(wrong)
    kept = np.array(curve["x"])
    assert (np.array(curve["y"]) >= np.interp(kept, best["x"], best["y"]) - 1e-3).all()  # between its points the bound is a chord
    assert best["y"][:30] == [0.0] * 30


def test_reliability_draws_filled_bins_with_their_intervals_and_counts(found) -> None:
    """A mark a filled bin, its error bar the bin's interval; grey bars as tall as their counts."""
    shape = found.shape("margin")
    counts, _, marks = charts.reliability(shape, mode="dark")["data"]
    bins = shape.quality.reliability
    filled = bins.count > 0
    assert len(marks["x"]) == len(counts["x"]) == filled.sum()
    assert marks["y"] == bins.quality[filled].tolist()
    high = np.array(marks["y"]) + np.array(marks["error_y"]["array"])
    assert high == pytest.approx(shape.high[filled])
    assert np.array(counts["y"]) / max(counts["y"]) == pytest.approx(bins.count[filled] / bins.count.max())


def test_the_heat_map_has_a_number_in_every_cell_that_can_be_read(study) -> None:
    """Per cent, a dash on the diagonal, ink that stands out from the cell in both themes; hovering gives the interval and the count."""
    seen = cover(study)
    for mode in ("light", "dark"):
        picture = charts.cover(seen, [UGLY, "strong"], mode=mode)
        said = {(each["x"], each["y"]): each for each in picture["layout"]["annotations"]}
        assert said[(0, 0)]["text"] == said[(1, 1)]["text"] == "–"
        assert said[(0, 1)]["text"] == f"{100 * seen.share[1, 0]:.1f}"
        c = theme.palette(mode)
        assert theme.contrast(said[(0, 1)]["font"]["color"], theme.strategy_colour(0, mode)) > 4
        assert c.panel == picture["data"][0]["colorscale"][0][1]
        text = picture["data"][0]["customdata"][1][0]
        assert f"{round(seen.share[1, 0] * seen.n)} of {seen.n}" in text
        assert "<b>" not in text + _names(picture)
        assert "%{x}" not in text + _names(picture)


def test_the_bar_adds_up_to_all_queries(study) -> None:
    """Four parts that sum to one, each with its count where it fits; the key says count, share, interval and meaning."""
    two = split(study, "cheap", "strong")
    lines = told.kinds(study, two)
    picture = charts.bar(two, {kind: line for kind, (line, _) in lines.items()}, mode="light")
    assert sum(each["x"][0] for each in picture["data"]) == pytest.approx(1)
    assert sum(two.count(kind) for kind, _ in two.parts) == two.n
    assert picture["data"][2]["text"] == [str(two.count("helpable"))]
    assert all("(" in line and " to " in line for line, _ in lines.values())
    assert f"**{100 * two.part('helpable').mean:.1f} %**" in told.splitting(study, two)


def test_the_finding_names_what_is_worth_most_and_what_a_price_buys(study, found) -> None:
    """The best free signal with its gain; the paid one beside it, with the paired interval."""
    said = told.finding(study, found)
    assert said.startswith("The **recorded confidence** of cheap separates right from wrong")
    assert "and is free. Asking strong where it is low brings **" in said
    assert "The self-check costs \\$2.00 per 1k and brings less: " in said
    assert "beside the recorded confidence" in said


def test_a_sharper_signal_that_brings_less_is_pointed_out() -> None:
    """One that knows right from wrong but not whom the strong model helps is named, with its AUROC."""
    random = np.random.default_rng(0)
    cheap, helped = random.random(1200) < 0.5, random.random(1200) < 0.5
    quality = np.column_stack([cheap, cheap | helped]).astype(float)
    knows = 0.5 + np.where(cheap, 0.1, -0.1) * random.random(1200)
    useful = np.where(~cheap & helped, 0.1, 0.5 + 0.05 * random.normal(size=1200))
    both = {name: np.column_stack([values, values]).astype(np.float32) for name, values in (("margin", knows), ("confidence", useful))}
    study = prepare(outcome_table(["a", "b"], quality, cost_usd=np.tile([0.001, 0.01], (1200, 1)), signals=both))
    assert "The margin separates right from wrong better (AUROC 1.00) and yet brings less" in told.finding(
        study, pair_signals(study, "a", "b")
    )


def test_the_words_of_an_auroc() -> None:
    """From very well down to a coin, the ends included."""
    assert [told.grade(value) for value in (1.0, 0.95, 0.9, 0.75, 0.65, 0.5, 0.2)] == [
        "very well", "very well", "well", "fairly", "a little", "hardly better than a coin", "hardly better than a coin",
    ]  # fmt: skip


def test_every_signal_that_the_project_knows_has_words(study) -> None:
    """Those of the signals' folder, the predicted one and the self-check; one of the user's own keeps its name."""
    from data.signals import signals as known

    for name in (*known(), "predicted", *candidates(study.table)):
        assert signals.name(name) != name
        assert signals.spoken(name) != name or name == "margin"
    assert signals.name("my own") == signals.spoken("my own") == "my own"


def test_a_pair_that_cannot_be_is_replaced(study) -> None:
    """The dearest model cannot be the cheap one, and none is asked after a dearer one."""
    assert signals.pair(study, ()) == signals.Pair("cheap", "strong")
    assert signals.pair(study, ("strong", "cheap")) == signals.Pair("cheap", "strong")
    assert signals.dearer(study, "cheap") == ("strong",)
