"""Claims offered on Find, What if, Signals and Decisions, on a bundled set: what is offered is recomputed as equal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute
from dashboard.components import claim as claims
from dashboard.components.whatif import work
from dashboard.state import Slot, View
from dashboard.words import published as words
from data.problems import ProblemError
from strategies.claims import Claim, claim, verify
from strategies.claims.make import sealed
from strategies.solver import families
from strategies.solver.answer import answer
from strategies.solver.goals import Limit, Question
from strategies.solver.search import search
from strategies.study.prepare import hull_models
from strategies.study.signal_shape import pair_signals
from strategies.whatif.prices import PricesOf
from strategies.whatif.replayed import effect, outcome
from strategies.whatif.scenario import Scenario, parsed
from tests.data_page import texts

DATA = "everyday-2k"


@pytest.fixture(scope="module")
def study():
    """The study that the pages open on a bundled set."""
    return compute.study(View(data=DATA))


@pytest.fixture(scope="module")
def found(study):
    """What Find answers to its first question, of a few families."""
    quick = tuple(kind for kind in families.kinds() if kind.card.id == "knn-router")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(families, "kinds", lambda: quick)
        patch.setattr("strategies.solver.search._would_take", lambda *_: 30.0)
        return answer(search(study), Question(aim="cost", limits=(Limit("keep", 0.97),)))


def _equal(made: Claim) -> bool:
    return verify(Claim.from_json(made.to_json()), DATA).outcome == "equal"


def test_the_figures_of_an_answer_are_claims_that_are_equal(study, found) -> None:
    """The answer and its runner-up: quality kept, cost, its share, latencies; with the figures that the sentence says."""
    assert set(claims.of_option(found.chosen)) <= {"kept", "quality", "cost", "cost_share", "latency_p95", "latency"}
    for option, name in ((found.chosen, "kept"), (found.chosen, "cost_share"), (found.runner_up, "quality")):
        made = claims.answer_made(study, option, name, data=DATA)
        shown = getattr(option.report, name)
        assert made.value == pytest.approx(shown.mean, abs=1e-6)
        assert (made.interval.low, made.interval.high) == pytest.approx((shown.low, shown.high), abs=1e-4)
        assert _equal(made)
    told = found.chosen.report
    assert claims.answer_made(study, found.chosen, "cost", data=DATA).value == pytest.approx(1000 * told.cost.mean)
    assert claims.answer_made(study, found.chosen, "latency_p95", data=DATA).value == pytest.approx(told.p95_s)


def test_an_answer_offers_its_figures_or_says_why_not(study, found, monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice of policy and figure; energy is named as what cannot be claimed; an answer on a split of its own says so."""
    for now in (found, replace(found, question=Question(aim="energy", limits=(Limit("quality", 0.5),))), replace(found, own_split=True)):
        monkeypatch.setattr("tests.app.test_claims_on_pages._NOW", (study, now), raising=False)
        app = AppTest.from_function(_answer, default_timeout=60).run()
        assert not app.exception
        said = texts(app)
        assert (words.CLAIM_AIMS["energy"] in said) == (now.question.aim == "energy")
        assert (words.CLAIM_OWN_SPLIT in said) == now.own_split
        assert len(app.selectbox) == (0 if now.own_split else 2)
    monkeypatch.setattr("tests.app.test_claims_on_pages._NOW", (study, found), raising=False)
    app = AppTest.from_function(_answer, default_timeout=60).run()
    assert app.selectbox(key="claim.option").options[0] == words.CLAIM_OPTIONS[0]


def _answer() -> None:
    from dashboard import state
    from dashboard.components import claim
    from tests.app import test_claims_on_pages as here

    state.change(data="everyday-2k")
    claim.offer_answer(*here._NOW)


@pytest.mark.parametrize("code", ["", "gone:smollm2-135m;lat:*:2", "bill:*:1.5;refit"])
def test_what_if_claims_its_figures_as_they_are_and_under_assumptions(code, study) -> None:
    """Those of the page with its intervals, the strategy kept or learnt again; another scenario in the file is found out."""
    fit = compute.in_play(study, Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5}))
    told = outcome(fit, parsed(code), goal=work.GOAL)
    assert tuple(claims.of_outcome(told, study)) == claims.ASSUMED
    for name in claims.ASSUMED:
        scale = 1000 if name == "cost" else 1
        made, shown = claims.assumed_made(study, fit, name, code, best=told.reference, data=DATA), told.figure(name)
        assert made.value == pytest.approx(scale * shown.mean, abs=1e-6)
        ends = (scale * shown.low, scale * shown.high)
        assert (made.interval.low, made.interval.high) == pytest.approx(ends, abs=1e-3)
    assert _equal(made)
    assert not _equal(sealed(replace(made, scenario="lat:*:3")))
    with pytest.raises(ProblemError, match="not claimed"):
        claim(study, fit, "latency_p95", scenario="lat:*:2")


def test_what_if_offers_both_or_says_why_not(study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under assumptions a switch; a price list of one's own is no part of a claim, and that is said."""
    fit = compute.in_play(study, Slot(letter="a", strategy="margin-cascade", knobs={"t1": 0.5}))
    for now, lists in ((parsed("lat:*:2"), False), (Scenario(changes=(PricesOf(day="2026-01-01", book="mine"),)), True)):
        monkeypatch.setattr("tests.app.test_claims_on_pages._NOW", (study, fit, effect(fit, parsed("lat:*:2")), now), raising=False)
        app = AppTest.from_function(_assumed, default_timeout=60).run()
        assert not app.exception
        assert len(app.toggle) == (0 if lists else 1)
        assert (words.CLAIM_LIST in texts(app)) == lists


def _assumed() -> None:
    from dashboard import state
    from dashboard.components import claim
    from tests.app import test_claims_on_pages as here

    state.change(data="everyday-2k")
    claim.offer_assumed(*here._NOW)


def test_a_signals_figures_are_claims_that_are_equal(study) -> None:
    """All five of the signal that leads on the page's own pair; one that is predicted from texts is learnt again alike."""
    seen = pair_signals(study, *hull_models(study)[-2:])
    assert tuple(claims.of_signal(seen.shapes[0])) == claims.SIGNAL
    for shape in {seen.shapes[0].signal: seen.shapes[0], "predicted": seen.shape("predicted")}.values():
        made = claims.signal_made(study, seen, shape.signal, "ece", data=DATA)
        assert made.value == shape.quality.ece
        assert _equal(made)
