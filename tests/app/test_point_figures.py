"""The sections under the plane: all figures of the point in hand, and its energy; closed they cost nothing, opened they say everything."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, jobs, play, state
from dashboard.components import allfigures, claim, energy
from dashboard.components.allfigures.options import options_of, turned
from dashboard.components.allfigures.told import details, row, value_of
from dashboard.state import Slot, View
from dashboard.words import energy as energy_words
from dashboard.words import figures as words
from data.energy import DEVICES, grid_of
from data.energy.calls import Range
from strategies.claims import Claim, verify
from strategies.metrics.declared import METRICS
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.figures import Figure, figures, point
from strategies.study.prepare import prepare
from strategies.study.spending import spending
from tests.worlds import proving_ground

SLOT = Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5})


@pytest.fixture(scope="module")
def study():
    """The study that the pages open on a bundled set."""
    return compute.study(View(data="everyday-2k"))


@pytest.fixture(scope="module")
def fit(study):
    """A cascade at a setting of its own."""
    return compute.in_play(study, SLOT)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, study, fit) -> Iterator[AppTest]:
    """Both sections, drawn for that point; the intervals of ratios are waited for."""
    monkeypatch.setattr("tests.app.test_point_figures._NOW", (study, fit), raising=False)
    monkeypatch.setattr(allfigures, "PATIENCE_S", 60.0)
    yield AppTest.from_function(_sections, default_timeout=120)
    for job in jobs.ALL.starting("figures|"):
        jobs.ALL.drop(job.key)


def _sections() -> None:
    from dashboard import compute, state
    from dashboard.components import allfigures, energy
    from tests.app import test_point_figures as here

    if not state.view().data:
        state.change(data="everyday-2k", slots=(here.SLOT,), lines={"budget": 1.0, "floor": 0.5})
    study, fit = here._NOW
    allfigures.section(study, fit, compute.knob_in_hand(fit))
    energy.section(study, fit)


def _opened(app: AppTest, name: str) -> AppTest:
    app.session_state[name] = True
    app.run()
    assert not app.exception
    return app


def _tables(app: AppTest) -> str:
    return "".join(each.proto.body for each in app.get("html"))


def test_a_closed_section_measures_nothing(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither figures nor energy are asked for before somebody opens them."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(allfigures, "_inside", never)
    monkeypatch.setattr(energy, "_inside", never)
    app.run()
    assert not app.exception
    assert [each.label for each in app.expander] == [words.TITLE, energy_words.TITLE]


def test_every_metric_has_a_row_with_its_formula_and_no_nan(app: AppTest) -> None:
    """All declared figures, grouped; ratios with their interval; what is missing says why; nothing reads nan or inf."""
    said = _tables(_opened(app, "figures"))
    assert said.count("<details>") == len(METRICS)
    assert said.count("<table") == len({each.group for each in METRICS.values()})
    assert "LLMRouterBench, arXiv 2601.07206" in said
    assert said.count(" to ") > 20
    assert "n/a. " in said
    assert not [word for word in (">nan", ">inf", "{") if word in said.split("</style>")[-1]]


def test_ies_follows_its_weights(app: AppTest) -> None:
    """Its score is another one where only quality counts; a resource of which nothing is known makes it unknown, in words."""
    before = _ies(_opened(app, "figures"))
    app.slider(key="figures.Composite.alpha").set_value(1.0).run()
    only_quality = _ies(app)
    assert before != only_quality
    app.slider(key="figures.Composite.weight_memory").set_value(1.0).run()
    assert not app.exception
    assert "n/a" in _ies(app)


def _ies(app: AppTest) -> str:
    table = next(each for each in _tables(app).split("<table") if "Inference efficiency score" in each)
    return table.split("Inference efficiency score")[1].split("</tr>")[0].split("</details>")[1]


def test_what_needs_a_run_is_measured_when_asked(app: AppTest) -> None:
    """Robustness and the time to decide wait for their button, and stay afterwards."""
    waiting = f"n/a. {words.WHY['later']}"
    assert waiting in _tables(_opened(app, "figures"))
    app.button(key="figures.measure").click().run()
    assert not app.exception
    assert waiting not in _tables(app)
    app.slider(key="figures.Composite.alpha").set_value(0.2).run()
    assert waiting not in _tables(app)


def test_any_row_is_a_claim_that_is_equal(study, fit) -> None:
    """A run's ratio, the table's own figure and one along the curve, with the options shown; times of this machine and energy are none."""
    knob = compute.knob_in_hand(fit)
    at = allfigures.measured_on(fit, knob)
    found = {each.metric.id: each for each in figures(at, {"v_b": {"best": study.best}}, energy.spent(fit))}
    for name in ("v_b", "oracle_quality", "aiq"):
        options, curve = allfigures._said(found[name], knob)
        made = claim.any_made(study, fit, name, options, curve, data="everyday-2k").to_json()
        assert json.loads(made)["value"] == pytest.approx(found[name].value)
        assert verify(Claim.from_json(made), "everyday-2k").outcome == "equal"
    allowed = {name for name, each in found.items() if allfigures.claimable(each)}
    assert not allowed & {"router_latency", "robustness", "energy_per_1k", "auroc"}
    weighed = replace(found["ies"], options={"energy": np.ones(3)})
    assert not allfigures.claimable(weighed)


def test_options_come_from_the_page(app: AppTest, study, fit) -> None:
    """The fit part's best model by name, budget and floor of the plane as spend and level, what is turned in the settings."""
    _opened(app, "figures")
    app.session_state["figures.Choice.right"] = 0.7
    app.run()
    assert "n/a. Drag a budget" not in _tables(app)
    assert "right = 0.700" in _tables(app)
    assert f"best = {study.table.cards[study.pool.index(study.best)].short}" in _tables(app)
    for metric in METRICS.values():
        for option in turned(metric):
            assert words.OPTIONS.get(f"{metric.group}.{option.name}") or words.OPTIONS[option.name]


def test_a_figure_in_words() -> None:
    """Shares in per cent, times in the unit that reads best, money where there is any, and the reason where there is no value."""
    study = prepare(proving_ground(1200))
    fit = fitted(study, find("margin-cascade")(chain=("m0", "m3"), signal="margin"))
    written = {
        ("quality", 0.5): "50.0 %", ("cost_per_1k", 0.25): "$0.250", ("latency", 0.0123): "12.3 ms", ("latency", 2.5): "2.50 s",
        ("router_latency", 4e-6): "4.00 µs", ("arena_score", 0.5): "0.500", ("energy_per_1k", 2e-5): "20.0 mWh",
        ("co2e_per_1k", 0.002): "2.00 g", ("latency", math.nan): "",
    }  # fmt: skip
    for (name, value), wanted in written.items():
        assert value_of(study, METRICS[name], value).replace("\u202f", " ") == wanted
    shared = replace(study, table=replace(study.table, cost_unit="share", stored_fingerprint=""))
    assert value_of(shared, METRICS["cost_per_1k"], 0.25) == "0.250"
    assert ("Unit", "calls of the stronger model per 1,000 queries") in details(shared, Figure(metric=METRICS["cost_per_1k"], options={}))
    missing = row(study, fit, Figure(metric=METRICS["qnc"], why="undefined", options={}), "t1")
    assert (missing.value, missing.why) == ("", f"n/a. No setting of this curve is as good as {study.best}.")
    for name, each in METRICS.items():
        for why in words.WHY:
            assert row(study, fit, Figure(metric=each, why=why, options={}), "t1").why.startswith("n/a. "), name


def test_intervals_come_late_where_they_take_long(monkeypatch: pytest.MonkeyPatch, study, fit) -> None:
    """Values are there at once; what is still being drawn is named as running, and comes with the next look."""
    import threading

    go = threading.Event()
    monkeypatch.setattr("strategies.study.figures.resampled", lambda *_, **__: go.wait(30) and {"pgr": (0.1, 0.2)})
    monkeypatch.setattr(allfigures, "PATIENCE_S", 0.0)
    at = point(fit, compute.decided(fit), None)
    try:
        ends, running = allfigures.intervals(at, {}, "slow")
        assert ends == {}
        assert running is not None
        go.set()
        jobs.wait(running, 30)
        monkeypatch.setattr(allfigures, "PATIENCE_S", 60.0)
        assert allfigures.intervals(at, {}, "slow") == ({"pgr": (0.1, 0.2)}, None)
    finally:
        go.set()
        for job in jobs.ALL.starting("figures|"):
            jobs.ALL.drop(job.key)


def test_energy_is_unknown_until_a_device_is_said(app: AppTest) -> None:
    """The bundled arms are on no list: not known, by name; a device's watts make it assumed, with a range and a warning."""
    _opened(app, "energy")
    assert sum("not known" in each.value for each in app.markdown) == 2
    assert any("Nothing is known of the energy of" in each.value for each in app.markdown)
    app.selectbox(key="energy.device").set_value("laptop-cpu").run()
    assert not app.exception
    assert not any("not known" in each.value for each in app.markdown)
    said = " ".join(each.value for each in [*app.markdown, *app.caption])
    assert "assumed" in said
    assert "device's assumed watts times recorded seconds" in said
    world = [each.value for each in app.markdown if each.value.startswith("### ")]
    app.selectbox(key="energy.zone").set_value("SWE").run()
    swedish = [each.value for each in app.markdown if each.value.startswith("### ")]
    assert world[0] == swedish[0]
    assert world[1] != swedish[1]


def test_every_device_and_grid_that_is_offered_exists() -> None:
    """The names on the page are those of the declarations; every tier has its words."""
    assert set(energy_words.DEVICES) == set(DEVICES)
    assert all(grid_of(zone).kg_co2e_per_kwh > 0 for zone in energy_words.ZONES)
    assert (
        set(energy_words.TIERS)
        == set(energy_words.COLOURS)
        == set(energy_words.TIER_HELP)
        == {"measured", "estimated", "assumed", "unknown"}
    )


def test_amounts_read_well() -> None:
    """Three digits in the unit that reads best; a range in words, one number where it is measured."""
    assert [energy.amount(v, "Wh").replace("\u202f", " ") for v in (2.0, 0.0012, 3e-6, 2e-9)] == [
        "2.00 kWh",
        "1.20 Wh",
        "3.00 mWh",
        "2.00 µWh",
    ]
    assert energy.amount(math.nan, "g") == "not known"
    assert energy.span(Range(1e-3, 2e-3, 3e-3), "Wh").replace("\u202f", " ") == "1.00 Wh to 3.00 Wh"
    assert " to " not in energy.span(Range(1e-3, 1e-3, 1e-3), "Wh")


def test_the_default_options_hold_for_every_metric(study, fit) -> None:
    """Without anything turned only what the page knows better is given: the best model of the fit part."""
    found = options_of(study, spending(compute.decided(fit), fit))
    assert all(set(each) <= {"best"} for each in found.values())
    assert play.settings_of(fit)["t1"] == 0.5
    assert state.view().lines == {}
