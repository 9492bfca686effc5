"""The trace without a browser: what it is built from, what its twin says, what it believes of the browser."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from dashboard.components.decision_filters import Filter, place_of, positions
from dashboard.components.decision_table import frame, legible, sentence
from dashboard.components.trace import amounts, built, read_use, twin
from dashboard.components.trace.scene import TraceScene
from data.live.judge import Opinion, judged
from data.problems import ProblemError
from strategies.engines.loop import replay
from strategies.registry import find
from strategies.study.curves import Fitted, fitted, shown
from strategies.study.decisions import Decisions, policy_at
from strategies.study.prepare import prepare
from tests.traced import MODELS, traced


@pytest.fixture(scope="module")
def cascade() -> Fitted:
    """A cascade of all three models at a threshold at which some queries stop and some go on."""
    fit = fitted(prepare(traced()), find("margin-cascade")(chain=MODELS))
    return fit.set({"t1": 0.5, "t2": 0.6})


@pytest.fixture(scope="module")
def router() -> Fitted:
    """A neighbours router that weighs cost."""
    return fitted(prepare(traced(600)), find("knn-router")(k=20)).set({"lam": 30.0})


@pytest.mark.parametrize("which", ["cascade", "router"])
def test_a_trace_is_what_the_run_did(which: str, request: pytest.FixtureRequest) -> None:
    """Cost, answer, calls and latency of a trace equal those of the run over all queries, in every fold."""
    fit: Fitted = request.getfixturevalue(which)
    run = shown(fit)
    for position in range(0, len(fit.study.rows), 37):
        scene = built(fit, position)
        assert scene.query == fit.study.tested.queries.ids[position]
        assert scene.cost == pytest.approx(float(run.cost[position]), rel=1e-6)
        assert scene.latency_s == pytest.approx(float(run.latency[position]), rel=1e-5)
        assert scene.stations[-1].said[0].arm.name == MODELS[run.answer[position]]
        called = [said.arm.name for station in scene.stations if station.kind == "call" for said in station.said]
        assert called == [MODELS[m] for m in run.rounds[position] if m >= 0]
        assert scene.stations[-1].bill == pytest.approx(scene.cost, rel=1e-6)


@pytest.mark.parametrize(("strategy", "asks"), [("routellm-sw", ("tiny", "large")), ("hybrid-llm", ("large", "tiny"))])
def test_a_threshold_before_any_call_is_drawn(strategy: str, asks: tuple[str, str]) -> None:
    """The score stands beside its threshold in a station before the first call, which names who is asked."""
    kind = find(strategy)
    fit = fitted(prepare(traced(600)), kind(pair=("tiny", "large")))
    middle = float(np.median(replay(fit.policy, policy_at(fit, 0)[1].test).score(0)))
    fit = fit.set({"threshold": middle})
    seen = set()
    for position in range(12):
        scene = built(fit, position)
        gate, call = scene.stations[0], scene.stations[1]
        assert (gate.kind, gate.bill, call.kind) == ("gate", 0.0, "call")
        assert gate.gauge is not None
        reached = gate.gauge.score >= np.float32(middle)
        assert gate.gauge.kept == reached
        assert gate.gauge.asks == call.said[0].arm.short == asks[int(reached)]
        text = twin.body(scene, live=False)
        assert f"Score {amounts.setting(gate.gauge.score)}" in text
        assert f"the threshold {amounts.setting(middle)}: asks {gate.gauge.asks}" in text
        seen.add(bool(reached))
    assert seen == {True, False}


def test_who_is_paid_before_any_call_is_drawn() -> None:
    """A judge who is asked first stands in the station before the calls, with its price, which is spent from there on."""
    table, draw = traced(600), np.random.default_rng(5)
    silent = (math.nan,) * 5
    said = [silent if i % 4 == 0 else tuple(draw.dirichlet(np.ones(5))) for i in range(len(table))]
    table = judged(table, {i: Opinion(chances=said[i], cost_usd=2e-5, latency_s=0.25) for i in range(len(table))})
    fit = fitted(prepare(table), find("routellm-causal")(pair=("tiny", "large")))
    seen = set()
    for position in range(24):
        scene = built(fit, position)
        gate, call = scene.stations[0], scene.stations[1]
        assert (gate.kind, gate.bill) == ("gate", pytest.approx(2e-5))
        assert [call.bill, scene.cost] == pytest.approx([gate.bill + call.said[0].cost] * 2)
        assert gate.gauge is not None
        text = twin.body(scene, live=False)
        assert f"Asked first: a judge, how well the weak model would answer ($0.0000200, 250{amounts.THIN}ms)." in text
        unsure = math.isnan(gate.gauge.score)
        assert ("No score: asks large at any threshold" in text) == unsure
        seen.add((unsure, call.said[0].arm.name))
    assert seen == {(True, "large"), (False, "large"), (False, "tiny")}


def test_nothing_paid_before_any_call_is_not_drawn() -> None:
    """A router that computes its own score says nothing of a price."""
    scene = built(fitted(prepare(traced(600)), find("routellm-sw")(pair=("tiny", "large"))), 0)
    assert "Asked first" not in twin.body(scene, live=False)


def test_with_cross_fitting_the_policy_of_the_own_fold_decides(router: Fitted) -> None:
    """A query tested in a fold is traced with the policy that was fitted without it, and its neighbours are fit queries."""
    assert router.study.crossed
    last = len(router.study.rows) - 1
    policy, parts, row = policy_at(router, last)
    assert policy is router.policies[-1]
    assert parts.test.queries.ids[row] == router.study.tested.queries.ids[last]
    fit_ids = set(parts.fit.queries.ids.to_list())
    assert {n.query for n in built(router, last).neighbours} <= fit_ids
    with pytest.raises(ProblemError):
        policy_at(router, last + 1)


@pytest.mark.parametrize("which", ["cascade", "router"])
def test_where_a_query_turns_is_exact(which: str, request: pytest.FixtureRequest) -> None:
    """On each side of a flip the policy does what the trace says it would."""
    fit: Fitted = request.getfixturevalue(which)
    turned = 0
    for position in range(0, len(fit.study.rows), 53):
        policy, parts, row = policy_at(fit, position)
        one = parts.test.take(np.array([row]))
        for knob in built(fit, position).what_ifs:
            assert len(knob.ways) == len(knob.flips) + 1
            for way in knob.ways:
                end = way.high if math.isfinite(way.high) else way.low * 3
                inside = way.low + 0.25 * (end - way.low) if end > way.low else end
                moved = Fitted(study=fit.study, policies=(policy,)).turned(knob.knob, inside).policy
                run = replay(moved, one)
                assert [MODELS[m] for m in run.path[0]] == [arm.name for arm in way.path]
                assert float(run.cost_usd[0]) == pytest.approx(way.cost)
                turned += 1
    assert turned


def test_the_words_of_a_flip_say_what_is_asked_and_what_it_costs(cascade: Fitted) -> None:
    """A cascade's flip names the model that is asked as well, the outcome and the difference in money."""
    texts = [text for position in range(40) for knob in built(cascade, position).what_ifs for text in knob.flips]
    assert texts
    pattern = r"Flips at threshold [12] = [\d.]+: above it (\w+ is|\w+, \w+ are) asked as well, (right|wrong), \+\$[\d.]+"
    assert all(re.fullmatch(pattern, text) for text in texts)


@pytest.mark.parametrize("live", [False, True])
def test_texts_of_strangers_stay_texts(cascade: Fitted, live: bool) -> None:
    """No prompt or answer becomes markup, in the page or in the file."""
    text = twin.body(built(cascade, 3), live=live)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_the_file_stands_alone(cascade: Fitted) -> None:
    """The exported file has no script, fetches nothing, and shows every way and every answer."""
    scene = built(cascade, 3)
    text = twin.page(scene)
    assert "<script" not in text
    assert "http" not in re.sub(r"&[^;]+;", "", text).replace("https://schema", "")
    assert "<button" not in text
    assert text.count('class="way"') == sum(len(knob.ways) for knob in scene.what_ifs)
    assert "not seen by the strategy" in text or len(scene.others) == 0
    assert "prefers-color-scheme: dark" in text


def test_what_was_not_recorded_is_said_and_never_nan() -> None:
    """Without answers, references and latencies the trace says so; relative prices are called assumed."""
    fit = fitted(prepare(traced(bare=True)), find("margin-cascade")(chain=MODELS))
    text = "".join(twin.body(built(fit, position), live=True) for position in range(6))
    assert "nan" not in text.lower()
    for words in ("answer text not recorded", "reference answer not recorded", "latency not recorded", "1.0 (relative, assumed)"):
        assert words in text


def test_the_slider_has_its_marks_where_the_query_turns(cascade: Fitted, router: Fitted) -> None:
    """Marks, ends and the current setting lie where the browser will look for them, on linear and logarithmic sliders."""
    for fit in (cascade, router):
        knob = next(k for position in range(60) for k in built(fit, position).what_ifs)
        assert twin.place(knob, knob.low) == 0
        assert twin.place(knob, knob.high) == pytest.approx(1000)
        places = [twin.place(knob, way.low) for way in knob.ways]
        assert places == sorted(places)
    plain = re.search(r'data-plain="([^"]+)"', twin.body(_with_flips(router), live=True))
    assert plain is not None
    assert json.loads(plain[1].replace("&quot;", '"'))["log"] is True


def _with_flips(fit: Fitted) -> TraceScene:
    return next(scene for scene in (built(fit, position) for position in range(60)) if scene.what_ifs)


@pytest.mark.parametrize(
    "raw",
    [None, 1, {}, {"knob": "t1"}, {"knob": "t1", "value": "1"}, {"knob": "t1", "value": math.nan}, {"knob": "", "value": 1.0},
     {"knob": "t1", "value": True}, {"knob": "t1", "value": 0.5, "more": 1}],
)  # fmt: skip
def test_what_the_trace_never_sends_is_refused(raw: object) -> None:
    """Only a knob's name with a finite number is believed."""
    with pytest.raises(ProblemError):
        read_use(raw)


def test_a_setting_that_was_taken_over_is_exact() -> None:
    """The number from the browser is not rounded."""
    assert read_use({"knob": "t1", "value": 0.4123456789}).value == 0.4123456789


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.00031, "USD", "$0.000310"), (12345.6, "USD", "$12\u202f300"), (1.0, "share", "1.0 (relative, assumed)"),
     (math.nan, "USD", "cost not known"), (0.0, "USD", "$0")],
)  # fmt: skip
def test_money_has_three_digits_and_a_unit(value: float, unit: str, text: str) -> None:
    """Prices are written with three significant digits, and in words where they are assumed or not known."""
    assert amounts.price(value, unit) == text


def test_filters_narrow_and_orders_sort(cascade: Fitted) -> None:
    """A quick set, a task and a search narrow the table together; the order is that of the named figure."""
    found = Decisions(shown=shown(cascade))
    sets = found.sets()
    every = positions(found, sets, Filter(order="cost"))
    assert len(every) == len(found.right)
    assert np.all(np.diff(found.shown.cost[every]) <= 0)
    some = positions(found, sets, Filter(quick="wrong", task="facts", text="BASKET 1"))
    assert 0 < len(some) < len(every)
    assert not found.right[some].any()
    for row in some.tolist():
        assert found.shown.study.tested.queries.task_of(row) == "facts"
        assert "basket 1" in str(found.shown.study.tested.queries.prompts[row])
    assert place_of(found.shown.study.tested.queries.ids, "nobody") == -1
    table = frame(found, some)
    assert list(table["query"]) == [found.shown.study.tested.queries.ids[row] for row in some.tolist()]
    assert all("wrong" in outcome[0] for outcome in table["right"])


def test_the_sentence_compares_with_the_best_model(cascade: Fitted) -> None:
    """One sentence says share right and mean cost with intervals, share escalated, and the same of the best single model."""
    text = sentence(Decisions(shown=shown(cascade)), "Margin cascade")
    share, cost = r"[\d.]+\u202f% ± [\d.]+", r"\$[\d.]+ ± [\d.]+ per 1k"
    assert re.search(rf"decided \d+ test queries: {share} right, at {cost}\. [\d.]+\u202f% were escalated\.", text)
    assert re.search(rf"Always asking large: {share} right, at {cost}\.", text)


@pytest.mark.parametrize("colour", ["#A9B6C4", "#75879B", "#4CC7A0", "#F08A7E", "#1F2F42", "#808080"])
def test_a_chip_can_be_read(colour: str) -> None:
    """The grid writes black above luminance 0.5 and white below; both then reach 4.5 to 1."""
    parts = [int(legible(colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    ratio = (luminance + 0.05) / 0.05 if luminance > 0.5 else 1.05 / (luminance + 0.05)
    assert ratio >= 4.5
