"""What is taken away gives the figures that the cards show."""

from __future__ import annotations

import io
import math
import re
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest
import yaml

from dashboard import compute, exports, scenes
from data.models import ModelCard
from data.outcomes import Origin
from data.simulator import SimModel, World, simulate
from data.stores import home
from strategies.persist import fitted_on
from strategies.predictors import embeddings
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare
from tests.worlds import unpriced


def own(n=1100, **changes):
    """Return a simulated table as an upload would be: the user's own, no features yet."""
    return replace(proving_ground(n), origin=Origin(name="mine.csv"), features={}, stored_fingerprint="", **changes)


def typed(table):
    """Return a table with a flat price typed for each model."""
    return unpriced(table).priced([ModelCard(name=m, price_usd_per_query=1e-3 * 4**i, tier="typed") for i, m in enumerate(table.models)])


def holed(table):
    """Return a table in which one model was not run on every fifth query."""
    quality = np.array(table.numbers["quality"])
    quality[::5, 1] = np.nan
    return replace(table, numbers={**table.numbers, "quality": quality}, stored_fingerprint="")


def unbilled(table):
    """Return a table in which the cost of every thirtieth call of one model is not known."""
    cost = np.array(table.numbers["cost_usd"])
    cost[::30, 1] = np.nan
    return replace(table, numbers={**table.numbers, "cost_usd": cost}, stored_fingerprint="")


WAYS = {
    "typed prices": (typed(own()), {}, "margin-cascade"),
    "relative prices": (unpriced(own()), {"weights": {"m0": 1.0, "m1": 3.0, "m2": 9.0, "m3": 30.0}}, "margin-cascade"),
    "share": (unpriced(own()), {}, "margin-cascade"),
    "some models": (own(), {"pool": ("m0", "m2")}, "margin-cascade"),
    "holes": (holed(own()), {"pool": ("m0", "m1", "m3")}, "margin-cascade"),
    "unknown costs": (unbilled(own()), {}, "margin-cascade"),
    "cross-fitted": (own(240), {}, "margin-cascade"),
    "cross-fitted mixture": (own(240), {}, "zero-router"),
    "mixture": (own(), {}, "random-mix"),
}


def printed(code):
    """Return the numbers that a snippet prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {})  # noqa: S102 - our own snippet
    return [float(number) for number in re.findall(r"\d+\.?\d*(?:e-?\d+)?", out.getvalue())]


def among(value, numbers):
    """Whether a value is one of the numbers, as far as float32 goes."""
    return any(math.isclose(number, value, rel_tol=1e-6) for number in numbers)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_the_snippet_and_the_yaml_give_the_figures_of_the_cards(way):
    """Whatever was typed, chosen or cross-fitted: the code runs as it stands and prints the cards' means; the YAML holds them."""
    table, choices, strategy = WAYS[way]
    kept = home.add(table, title="Mine")
    study = prepare(compute.table(kept.id), **choices)
    fit = fitted(study, find(strategy)())
    card = scenes.exact(study, fit, "cost")
    scale = 1000.0 if study.table.cost_unit == "USD" else 1.0
    said = printed(exports.python(study, fit, kept.id, "mine.csv"))
    assert among(card.y, said)
    assert among(card.x / scale, said)
    words = yaml.safe_load(exports.yaml(study, fit))["expected"]
    cost = words[f"cost_{study.table.cost_unit.lower()}_per_query"]
    assert [words["quality"][k] for k in ("mean", "low", "high")] == pytest.approx([card.y, card.y_low, card.y_high], rel=1e-6)
    assert [cost[k] * scale for k in ("mean", "low", "high")] == pytest.approx([card.x, card.x_low, card.x_high], rel=1e-6)
    assert words[f"gap_to_{study.best}"]["mean"] == pytest.approx(card.gap, rel=1e-5, abs=1e-7)
    assert sum(words["answered_by"].values()) == pytest.approx(1)


def test_the_snippet_embeds_what_the_page_embedded(monkeypatch):
    """A router that needed the prompts read gets them read in the snippet too, and lands on the same figures."""
    table = own()

    def encode(texts):
        words = np.array([[t.count("hard"), t.count("small"), len(t) % 7, 1.0] for t in texts], dtype=np.float32)
        return words / np.linalg.norm(words, axis=1, keepdims=True)

    monkeypatch.setattr(embeddings.embedded, "__kwdefaults__", {**embeddings.embedded.__kwdefaults__, "encoder": encode})
    kept = home.add(table, title="Mine")
    study = prepare(embeddings.embedded(compute.table(kept.id)))
    fit = fitted(study, find("knn-router")(lam=3.0))
    said = printed(exports.python(study, fit, kept.id))
    assert among(scenes.exact(study, fit, "cost").y, said)


def test_the_snippet_of_a_bundled_set_gives_the_figures_of_the_cards():
    """The set that home opens with, with the models that it opens with."""
    key = compute.default_data()
    study = prepare(compute.table(key))
    fit = fitted(study, find("margin-cascade")())
    assert among(scenes.exact(study, fit, "cost").y, printed(exports.python(study, fit, key)))


def test_the_yaml_says_how_it_was_chosen_and_what_the_prices_are():
    """Cross-fitting admits that thresholds and tests share queries; typed prices are not called recorded."""
    small, big = prepare(own(240)), prepare(typed(own()))
    said = [exports.expected(s, fitted(s, find("margin-cascade")())) for s in (small, big)]
    assert "same queries" in said[0]["threshold"]
    assert "calibrate" in said[1]["threshold"]
    assert said[1]["prices"] == "typed"


def test_a_file_name_stays_inside_its_comment():
    """Names come from links too: line breaks in one become spaces, so nothing of it is code."""
    study = prepare(own(240))
    code = exports.python(study, fitted(study, find("margin-cascade")()), compute.default_data(), "a.csv\nimport os\r\u2028x = 1")
    assert not [line for line in code.splitlines() if line.startswith(("import os", "x ="))]


def test_the_snippet_of_a_preview_says_that_it_is_of_all():
    """A preview's figures rest on some of the queries; the code is of all of them and says so."""
    kept = home.add(own(), title="Mine")
    study = prepare(compute.table(kept.id).take(np.arange(1050)))
    assert "preview on 1,050" in exports.python(study, fitted(study, find("margin-cascade")()), kept.id)


def test_a_threshold_taken_from_a_tested_query_is_called_so():
    """Picked on test stands in the YAML, by the slider's title; a slider that the policy does not have is not named."""
    study = prepare(own())
    fit = fitted(study, find("margin-cascade")(chain=("m0", "m3")))
    assert "Picked on test: threshold 1 was set" in yaml.safe_load(exports.yaml(study, fit, ("t1",)))["expected"]["threshold"]
    assert "calibrate" in exports.expected(study, fit, ("t4",))["threshold"]


def test_what_is_simulated_says_so_wherever_it_goes(tmp_path):
    """A kept draw: code, YAML, decision table, picture and policy file each carry the mark; those of a recorded set don't."""
    world = World(models=(SimModel(name="a", accuracy=0.6), SimModel(name="b", accuracy=0.8, price_in_usd_per_mtok=10)), n=300)
    kept = home.add(simulate(world), title="Drawn (simulated)")
    for table, marked in ((compute.table(kept.id), True), (own(), False)):
        study = prepare(table)
        fit = fitted(study, find("margin-cascade")())
        placed = (scenes.Placed(letter="a", fit=fit, first=fit, colour=0),)
        taken = [
            exports.python(study, fit, kept.id, "Drawn"),
            exports.yaml(study, fit),
            exports.decisions_csv(fit).decode(),
            exports.chart_svg(study, placed, scenes.Look(axis="cost", scale="", selected="a", knob="thresholds", monthly=1e6)).decode(),
        ]
        (tmp_path / "policy.npz").write_bytes(exports.policy_file(fit))
        taken.append(fitted_on(tmp_path / "policy.npz").kind)
        assert [("simulated" in text) for text in taken] == [marked] * 5


def test_a_reference_that_knows_the_truth_says_so_wherever_it_goes():
    """A cascade with a simulated judge is called no policy in its code and figures, and is drawn as a reference; another is not."""
    study = prepare(own())
    for strategy, marked in (("judge-noise-cascade", True), ("margin-cascade", False)):
        fit = fitted(study, find(strategy)())
        assert ("not a policy to deploy" in exports.python(study, fit, compute.default_data())) == marked
        assert ("policy_kind" in exports.expected(study, fit)) == marked
        placed = scenes.Placed(letter="a", fit=fit, first=fit, colour=0)
        drawn = scenes.scene(study, (placed,), scenes.Look(axis="cost", scale="", selected="a", knob="", monthly=1e6)).strategies[0]
        assert drawn.bound == marked
        assert ("Simulated" in drawn.note) == marked
