"""The Find page's words, picture and link: every kind of answer in a sentence, what becomes of it elsewhere."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts import find as charts
from dashboard.components.find import picture, told, tried
from dashboard.state import View, decode, encode
from strategies.knobs import setting
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.solver import families
from strategies.solver.answer import answer
from strategies.solver.goals import parse
from strategies.solver.search import search
from strategies.study.outline import outline
from strategies.study.prepare import prepare

CODES = {
    "cost_k0.9_d0.1": r"keeps [\d.]+.% \([\d.]+ to [\d.]+.%\) of m2's quality at [\d.]+.% of its cost\. Certified at 90.%\.",
    "quality_c0.004_t2.5_d0.1": r"a quality of [\d.]+.% \([\d.]+ to [\d.]+.%\) at \\\$[\d.]+ per 1,000 queries, 95 % of .* within [\d.]+.s",
    "energy_q0.6_d0.1": r"[\d.]+ Wh per 1,000 queries \([\d.]+ to [\d.]+\) at a quality of [\d.]+.%",
    "latency_q0.6_d0.1": r"\*\*: [\d.]+.(ms|s) \([\d.]+.(ms|s) to [\d.]+.(ms|s)\) a query on average at a quality of",
    "worth_v0.02_d0.1": r"with a wrong answer at \\\$0\.0200 that is worth \\\$[\d.]+ per 1,000 queries more than m2 alone",
}


@pytest.fixture(scope="module")
def searched():
    """A search over single models, mixtures, chains and an agreement cascade."""
    study = prepare(proving_ground(1_400, 3))
    patch = pytest.MonkeyPatch()
    patch.setattr(families, "kinds", lambda: (find("agreement-cascade"),))
    energy = np.random.default_rng(1).uniform(0.5, 1.5, (len(study.table), 3)) * [1e-4, 4e-4, 9e-4]
    found = search(study, seconds=math.inf, energy=energy.astype(np.float32), energy_unit="Wh")
    patch.undo()
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_question_has_its_sentence(searched, code):
    """The answer's sentence is in the question's terms, with an interval; proof, runner-up and parts are told as well."""
    found = answer(searched, parse(code))
    assert re.search(CODES[code], told.answer(searched.study, found))
    assert "90" in told.proved(found)
    assert told.runner_up(searched.study, found).startswith("Runner-up: ") == (found.runner_up is not None)
    assert told.parts(found).startswith("560 queries to fit on, 140 to search on, 140 for the proof")


def test_plans_are_told_by_what_a_query_meets(searched):
    """One model, a mixture, a chain of three and a panel each have words of their own."""
    study = searched.study
    plans = [told.plan(study, _option(searched, line, 0)) for line in searched.lines]
    assert plans[0] == "Send every query to **m0**"
    assert any(re.match(r"Send 0.0.% of the queries to \*\*m\d\*\* and the others to \*\*m\d\*\*, blindly", plan) for plan in plans)
    assert "Ask **m0** first and keep its answer from a confidence of 0.00 on, else **m1** from 0.00 on, else ask **m2**" in [
        re.sub(r"0\.\d\d", "0.00", plan) for plan in plans
    ]
    assert plans[-1] == "Use the **Agreement cascade** over m0 → m1 → m2"


def _option(searched, line, k):
    base = answer(searched, parse("cost_k0.9_d0.1")).chosen
    return replace(base, id=line.id, title=line.title, models=line.models, policy=line.policy(k), mixed=line.mixed)


def test_what_is_lacking_is_told(searched):
    """Nothing qualifies with no way, with a number of queries, and with one too large to name; a bolder policy says that it looked so."""
    study = searched.study
    nothing = answer(searched, parse("quality_c1e-09_d0.05"))
    assert told.answer(study, nothing).startswith("**Nothing qualifies** at 95")
    assert "so more queries would not help" in told.needed(nothing)
    assert "about 3" in told.needed(replace(nothing, queries_needed=3_210.0))
    assert "there are 1" in told.needed(replace(nothing, queries_needed=3_210.0))
    assert "queries or more would prove it" in told.needed(replace(nothing, queries_needed=1e9))
    assert told.needed(replace(nothing, queries_needed=math.nan)) == ""
    some = answer(searched, parse("cost_k0.97_d0.05"))
    assert ("Cheaper still looked this in the search, without a proof" in told.bolder(study, some)) == (some.bolder is not None)
    assert told.answer(study, answer(searched, parse("quality_d0.05"))).endswith("so there is nothing to prove.")


def test_the_picture_marks_what_was_proved(searched):
    """The answer and the runner-up have marks of their own; floor, budget and the line of equal worth are where they were asked for."""
    study = searched.study
    drawn = outline(replace(study, rows=searched.roles.test.rows), {})
    found = answer(searched, parse("cost_k0.97_d0.05"))
    marks = picture.marks(study, found)
    assert [mark.kind for mark in marks].count("answer") == 1
    assert sum(mark.proved for mark in marks) + sum(option.id == "single" for option in found.certified) >= len(found.certified)
    floor = charts.plane(drawn, marks, picture.lines(found), mode="light")["layout"]["shapes"]
    assert floor[0]["y0"] == pytest.approx(0.97 * found.best.quality.mean)
    budget = answer(searched, parse("quality_c0.004_d0.05"))
    shapes = charts.plane(drawn, picture.marks(study, budget), picture.lines(budget), mode="dark")["layout"]["shapes"]
    assert shapes[0]["x0"] == pytest.approx(4.0)
    worth = answer(searched, parse("worth_v0.02_d0.05"))
    traces = charts.plane(drawn, picture.marks(study, worth), picture.lines(worth), mode="light")["data"]
    line = next(trace for trace in traces if trace.get("line", {}).get("dash") == "dot")
    utility = 0.02 * np.array(line["y"]) - np.array(line["x"]) / 1000
    assert np.ptp(utility) == pytest.approx(0, abs=1e-9)
    assert utility[0] == pytest.approx(0.02 * worth.chosen.quality - worth.chosen.cost)
    assert "worth the same" in picture.key(worth, mode="light")
    assert charts.escaped("<b>%{x}** & co") == "&lt;b&gt;%\u200b{x} &amp; co"


def test_what_was_tried_is_listed(searched):
    """A row a tested policy with its p-value, a row a kind, how the proofs were made and what a bound on costs assumes."""
    found = answer(searched, parse("quality_c0.004_t2.5_d0.05"))
    rows = tried.way(searched.study, found)
    assert len(rows) == len(found.tested)
    assert {row[-1] for row in rows} <= {"yes", "no"}
    assert [row[0] for row in tried.kinds(found)] == ["One model for all", "Random mix of two", "Margin cascade", "Agreement cascade"]
    assert "at most 0.025: half of the 0.05" in tried.method(found)
    assert "none above $" in tried.method(found)
    assert tried.p_value(0.0001) == "< 0.001"
    assert tried.p_value(0.0123) == "0.012"


def test_the_question_is_part_of_a_link():
    """The address carries the question, and a view without one is as short as before."""
    view = View(data="x", find="cost_k0.97_d0.05~cloud-core")
    assert decode(encode(view)) == view
    assert len(encode(View(data="x"))) < len(encode(view))


def test_an_option_becomes_a_strategy_in_play(searched):
    """Knobs and chain of the option, and nothing that is usual anyway."""
    from dashboard import solving

    line = next(line for line in searched.lines if len(line.models) == 3 and line.id == "margin-cascade")
    option = _option(searched, line, 500)
    made = solving.slot_of(option)
    assert made["options"] == {"chain": line.models}
    assert made["knobs"] == {name: setting(option.policy, name) for name in ("t1", "t2")}
    assert solving.slot_of(_option(searched, searched.lines[0], 0)) is None
