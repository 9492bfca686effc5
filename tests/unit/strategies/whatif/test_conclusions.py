"""Which input a conclusion hangs on, and at which price the recommendation flips."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problems import ProblemError
from strategies.frontiers.tune import Goal
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Interval
from strategies.whatif.breakeven import Line, Rule, break_even, current, flips, movable, rule
from strategies.whatif.conditions import JudgeError, Mix, Outage
from strategies.whatif.newcomer import counted, labelled
from strategies.whatif.prices import BillFactor, HourPrice, TokenPrices
from strategies.whatif.replayed import outcome
from strategies.whatif.scenario import Scenario, scenario
from strategies.whatif.sensitivity import Conclusion, Input, inputs, tornado

LINES = st.lists(
    st.builds(Line, name=st.uuids().map(str), at_zero=st.floats(0, 10), slope=st.floats(0, 10), quality=st.floats(0, 1)),
    min_size=1,
    max_size=6,
)


def priced(price, value):
    """Return the assumption that sets a price of m3."""
    return BillFactor(model="m3", factor=value) if price == "bill" else TokenPrices(model="m3", **{price: value})


def recommended(fits, change, wanted):
    """Return who is recommended when the strategies are replayed at a price."""
    found = [outcome(fit, scenario(change)) for fit in fits.values()]
    at = wanted.best(np.array([f.figure("cost").mean for f in found]), np.array([f.figure("quality").mean for f in found]))
    return "" if at is None else list(fits)[at]


@given(lines=LINES, now=st.floats(0.01, 5), target=st.floats(0, 1), money=st.booleans())
@settings(max_examples=150, deadline=None)
def test_between_flips_nothing_changes(lines, now, target, money):
    """From one flip to the other the same candidate is recommended wherever one looks, and beyond each another one."""
    wanted = Rule(budget=20 * target) if money else Rule(quality=target)

    def at(price):
        k = wanted.best(np.array([line.cost(price) for line in lines]), np.array([line.quality for line in lines]))
        return "" if k is None else lines[k].name

    down, up = flips(lines, wanted, now)
    low, high = (0.0 if down is None else down.price), (1e4 if up is None else up.price)
    inside = np.linspace(low, high, 41)[1:-1]
    ties = [abs(a.cost(p) - b.cost(p)) < 1e-6 for p in inside for a in lines for b in lines if a is not b]
    if not any(ties) and not any(abs(line.cost(p) - 20 * target) < 1e-6 for line in lines for p in inside):
        assert {at(price) for price in inside} == {at(now)}
    for flip, beyond in ((down, -1), (up, 1)):
        if flip is not None:
            assert flip.to != at(now)
            assert (flip.price - now) * beyond > 0


@pytest.mark.parametrize("price", ["bill", "input", "output"])
def test_a_break_even_price_breaks_even(cascade, router, single, price):
    """Replayed just below and just above the price that is told, one and the other is recommended."""
    fits = {"cascade": cascade, "router": router, "m2": single("m2"), "m3": single("m3")}
    # What m2 alone does not reach, so that the price of the dearest decides.
    wanted = Rule(quality=sorted(outcome(fit, Scenario()).figure("quality").mean for fit in fits.values())[-2])
    found = break_even(fits, "m3", wanted, price=price, part="test")
    assert found.exact
    assert found.recommended == recommended(fits, priced(price, found.now), wanted)
    assert price == "input" or found.down or found.up
    for flip, beyond, end in ((found.down, -1, 0.0), (found.up, 1, 1e3)):
        if flip is None:  # never: not even at the end of the range
            assert recommended(fits, priced(price, end), wanted) == found.recommended
        else:
            near, far = flip.price * (1 - beyond * 1e-4), flip.price * (1 + beyond * 1e-4)
            assert recommended(fits, priced(price, near), wanted) == found.recommended
            assert recommended(fits, priced(price, far), wanted) == flip.to


def test_a_budget_flips_too(single):
    """The best within a budget changes where it becomes unaffordable, and nobody is recommended where nobody is affordable."""
    fits = {"m0": single("m0"), "m3": single("m3")}
    budget = outcome(fits["m3"], Scenario()).figure("cost").mean * 1.5
    found = break_even(fits, "m3", Rule(budget=budget), part="test")
    assert (found.recommended, found.down) == ("m3", None)
    assert found.up.price == pytest.approx(1.5, rel=1e-5)
    assert found.up.to == "m0"
    assert found.nearest == found.up
    alone = break_even({"m3": fits["m3"]}, "m3", Rule(budget=budget), part="test")
    assert alone.up.to == ""


def test_some_recommendations_never_flip(single):
    """A model that nobody in the running calls has no break-even price."""
    found = break_even({"m0": single("m0"), "m2": single("m2")}, "m3", Rule(quality=0.0))
    assert found.down is None
    assert found.up is None
    assert found.nearest is None


def test_a_policy_that_looks_at_its_bill_is_noticed(study):
    """Where calls depend on the price the cost is no line, and the break-even price is marked as not exact."""
    mean = study.table.mean("cost_usd")
    cap = (mean["m0"] + mean["m2"]) / (mean["m0"] + mean["m2"] + mean["m3"])
    capped = fitted(study, find("judge-noise-cascade")(chain=("m0", "m2", "m3"), cap=cap, error=0.2))
    assert not break_even({"capped": capped}, "m0", Rule(quality=0.0)).exact


def test_prices_that_cannot_be_moved(study, single):
    """An hour's price of a model that is billed by the token is refused; what can be moved is told."""
    assert movable(study.tested, "m3") == ("bill", "input", "output")
    assert math.isnan(current(study.tested, "m3", "hour"))
    with pytest.raises(ProblemError, match="whole bill"):
        break_even({"m3": single("m3")}, "m3", Rule(quality=0.0), price="hour")
    own = break_even(
        {"m0": single("m0"), "m3": single("m3")}, "m0", Rule(quality=0.0), price="hour", scenario=scenario(HourPrice(model="m0", usd=0.01))
    )
    assert own.recommended == "m0"
    assert own.up.to == "m3"


def test_rules_follow_goals(study):
    """A share to keep is one of the best single model's quality on calibrate, in the mix assumed; a budget is itself."""
    calibrate = [parts.calibrate for parts in study.parts]
    quality = np.concatenate([table.quality("m3") for table in calibrate])
    hard = np.concatenate([np.array(table.queries.task_names)[table.queries.tasks] == "proofs" for table in calibrate])
    assert rule(Goal(keep=0.5), study).quality == pytest.approx(quality.mean() / 2)
    mixed = rule(Goal(keep=0.5), study, scenario(Mix(task="sums", weight=0.0), BillFactor(factor=2.0)))
    assert mixed.quality == pytest.approx(quality[hard].mean() / 2)
    assert rule(Goal(budget=0.1), study).budget == 0.1
    with pytest.raises(ProblemError, match="either"):
        Rule()


def test_the_tornado_is_what_replays_say(study, cascade):
    """Each end is the conclusion replayed with that input moved alone, and the widest bar comes first."""
    whole = inputs(study, "saving")
    bars = tornado(Conclusion(measure="saving", a=cascade), whole)
    assert len(bars) == len(whole)
    assert [b.span for b in bars] == sorted((b.span for b in bars), reverse=True)
    for bar in bars:
        for end, value in ((bar.input.low, bar.at_low), (bar.input.high, bar.at_high)):
            worked = outcome(cascade, Scenario() if end is None else scenario(end)).values("saving").mean()
            assert value == pytest.approx(worked, nan_ok=True)
    assert {bar.input.kind for bar in bars} == {"price", "task", "judge", "outage"}
    assert {i.kind for i in inputs(study, "latency")} == {"latency", "task", "judge", "outage"}


def test_inputs_move_what_is_assumed_already(study, cascade):
    """In a scenario with twice the price, half the price is the recorded one again."""
    half = Input(kind="price", about="m3", low=BillFactor(model="m3", factor=0.5), high=None, said=("half", ""))
    bars = tornado(Conclusion(measure="cost", a=cascade), [half], scenario=scenario(BillFactor(model="m3", factor=2.0)))
    assert bars[0].at_low == outcome(cascade, Scenario()).values("cost").mean()
    assert bars[0].base > bars[0].at_low
    assert bars[0].at_high == bars[0].base


def test_a_lead_can_flip(study, cascade, single):
    """The difference of two strategies changes its sign where one of them loses what it lives on."""
    ahead = Conclusion(measure="cost", a=cascade, b=single("m3"))
    bars = tornado(ahead, [Input(kind="price", about="m3", low=BillFactor(model="m3", factor=0.001), high=None, said=("free", ""))])
    assert bars[0].base < 0 < bars[0].at_low
    assert bars[0].flips
    assert ahead.interval(Scenario()).high < 0
    assert ahead.value(Scenario()) == pytest.approx(ahead.interval(Scenario()).mean)


def test_what_cannot_be_moved_says_why(study, cascade):
    """An input that the data cannot bear has no length and says why; a stop ends the work with what is there."""
    impossible = Input(kind="task", about="songs", low=Mix(task="songs", weight=0.5), high=None, said=("half", ""))
    whole = Conclusion(measure="cost", a=cascade)
    bar = tornado(whole, [impossible])[0]
    assert bar.span == 0
    assert "songs" in bar.problem
    assert not bar.flips
    assert tornado(whole, [impossible], stop=lambda: True) == ()


def test_few_labels_say_little(study, cascade):
    """Ten labels leave a wide interval, all of them a narrow one around the same lead; the verdict waits for the labels it needs."""
    plain = outcome(cascade, Scenario())
    few, all_of = (labelled(study.tested, "m0", plain.quality, labels=k) for k in (10, None))
    assert few.labels == 10
    assert few.lead.method == "exact"
    assert few.lead.high - few.lead.low > 3 * (all_of.lead.high - all_of.lead.low)
    assert few.verdict == "cannot tell"
    assert all_of.verdict == "worse"
    assert all_of.lead.mean == pytest.approx(float((study.tested.quality("m0") - plain.quality).mean()), abs=1e-6)
    assert all_of.cost == pytest.approx(float(study.tested.cost_usd("m0").mean()), rel=1e-5)
    spread = float((study.tested.quality("m0") - plain.quality).std(ddof=1))
    assert all_of.needed == math.ceil((1.959964 * spread / all_of.lead.mean) ** 2)


def test_exact_leads_cover_the_truth():
    """The interval of a lead from 20 labels holds the true lead in at least 95 % of 1,000 draws."""
    rng = np.random.default_rng(1)
    draws = rng.choice([-1, 0, 1], p=[0.1, 0.6, 0.3], size=(1000, 20))
    counts, inverse = np.unique([(int((d == 1).sum()), int((d == -1).sum())) for d in draws], axis=0, return_inverse=True)
    ends = np.array(
        [
            (exact(w, 20, 0.975).low - exact(b, 20, 0.975).high, exact(w, 20, 0.975).high - exact(b, 20, 0.975).low)
            for w, b in counts.tolist()
        ]
    )
    held = (ends[:, 0] <= 0.2) & (ends[:, 1] >= 0.2)
    assert held[inverse.ravel()].mean() >= 0.95


def test_counted_labels():
    """A count of right answers against a policy's interval: MOVER's interval of the difference, by hand; nonsense is refused."""
    known = Interval(0.7, 0.66, 0.74, 500, "bootstrap")
    found = counted("new", 36, 40, known, cost=0.001)
    own = exact(36, 40)
    assert found.lead.low == pytest.approx(0.2 - math.hypot(0.9 - own.low, 0.04))
    assert found.verdict == "better"
    assert counted("new", 28, 40, known).verdict == "cannot tell"
    assert math.isnan(counted("new", 28, 40, known).needed)
    with pytest.raises(ProblemError):
        counted("new", 5, 4, known)


def test_more_than_one_thing_at_once(study, cascade):
    """Assumptions compose: a judge that errs, a model that is down, a mix and a price together are one replay."""
    together = scenario(JudgeError(error=0.3), Outage(model="m3", share=0.5), Mix(task="sums", weight=2.0), BillFactor(factor=2.0))
    found = outcome(cascade, together)
    assert len(found.said) == 3
    assert found.weights is not None
    assert found.figure("cost").mean == pytest.approx(2 * outcome(cascade, together.drop(BillFactor, "*")).figure("cost").mean, rel=1e-5)
    assert replace(together, refit=True).refits
