"""Queries arrive one at a time: the order, what is told of each, what is learnt, and the run in the table's order of rows."""

import threading
from dataclasses import dataclass, replace

import numpy as np
import pytest

from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.models import ModelCard
from data.problems import BudgetError, LeakError, NotCalledError, ProblemError
from data.queries import QuerySet
from data.scoring import find as find_scorer
from strategies import find, frontier, replay
from strategies.engines import loop
from strategies.engines.live import run_live
from strategies.engines.online import arrivals, as_it_was, by_arrival, stream
from strategies.engines.trace import trace
from strategies.frontiers import curve as curves
from strategies.incremental import Incremental
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy
from strategies.proving import Trap, proving_ground
from strategies.study.curves import band, fitted, started
from strategies.study.curves import curves as study_curves
from strategies.study.prepare import prepare
from tests.worlds import NAN, by_hand

CARD = Card(id="pupil", title="Pupil", family="online", source="a test", rule="none", idea="Learns.")


def said(policy):
    """Return how many answers a pupil was told of, and the sum of what it was told."""
    return policy.state["told"].tolist()


@dataclass(frozen=True, eq=False)
class Pupil(Strategy):
    """Asks the first model while fewer than `patience` answers were wrong, then both in turn; learns in copies."""

    card = CARD
    patience: float = knob(1.0, low=0, high=10, unit="wrong answers", help="How many wrong answers are borne.", whole=True)

    def decide(self, view):
        """Ask the first, and the last behind it where patience is over."""
        wrong, last = self.state.get("told", np.zeros(2))[1], len(view.models) - 1
        if view.stage == 0:
            return Decision(stop=False, call=np.zeros(len(view), int))
        if view.stage == 2:
            return Decision(stop=True, answer=last)
        return Decision(np.full(len(view), wrong < self.patience), 0, last, np.full(len(view), wrong, np.float32))

    def observe(self, feedback):
        """Count answers and wrong ones of the first model."""
        count, wrong = self.state.get("told", np.zeros(2))
        return self.with_state(told=np.array([count + 1, wrong + float(feedback.quality[0] == 0)]))


@dataclass(frozen=True, eq=False)
class Quick(Incremental, Pupil):
    """The same, learning in place."""

    card = replace(CARD, id="quick")

    def absorb(self, feedback):
        """Count in place."""
        self.state["told"][:] += [1, float(feedback.quality[0] == 0)]


@dataclass(frozen=True, eq=False)
class Listening(Pupil):
    """Keeps what it is told."""

    card = replace(CARD, id="listening")

    def observe(self, feedback):
        """Note the feedback on a list that the copies share."""
        HEARD.append(feedback)
        return super().observe(feedback)


HEARD: list = []


def table():
    """Return five queries; the cheap model is right on the even ones."""
    return by_hand(
        [[1, 1], [0, 1], [1, 0], [0, 1], [1, NAN]], cost=[[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]], latency=[[1.0, 2.0]] * 5,
        margin=[[0.1, 0.9]] * 5, answers=[["a", "b"]] * 5,
    )  # fmt: skip


def test_a_stream_by_hand():
    """In the order 4 3 2 1 0 the first wrong answer is that to query 3: from query 2 on both are asked, and the last one answers."""
    streamed = stream(Pupil(), table(), order=np.array([4, 3, 2, 1, 0]))
    run = streamed.run
    assert run.answer.tolist() == [1, 1, 1, 0, 0]
    assert run.cost_usd.tolist() == [11, 22, 33, 4, 5]
    assert run.latency_s.tolist() == [3, 3, 3, 1, 1]
    assert run.quality.tolist() == [1, 1, 0, 0, 1]
    assert run.path == [(0, 1), (0, 1), (0, 1), (0,), (0,)]
    assert run.called.tolist() == [[True, True]] * 3 + [[True, False]] * 2
    assert np.array_equal(run.score(1), [2, 1, 1, 0, 0])
    assert [(e.stage, e.rows.tolist(), e.models) for e in run.events] == [(0, [0, 1, 2, 3, 4], (0,)), (1, [0, 1, 2], (1,))]
    assert said(streamed.policy) == [5, 2]
    assert run.policy.state == {}
    assert run.summary().answered == {"a": 0.4, "b": 0.6}


def test_replay_is_the_stream_in_the_seeded_order():
    """`replay` needs no word of it; another seed is another order, and learning in place is learning in copies."""
    ground = proving_ground(60)
    orders = [arrivals(ground, seed).tolist() for seed in (0, 1)]
    assert sorted(orders[0]) == list(range(60))
    assert orders[0] != orders[1]
    for kind in (Pupil, Quick):
        policy = kind(patience=3).with_state(told=np.zeros(2))
        wanted = stream(policy, ground, order=np.array(orders[0]))
        assert np.array_equal(replay(policy, ground).answer, wanted.run.answer)
        assert said(wanted.policy) == said(stream(Pupil(patience=3), ground).policy)
        assert said(policy) == [0, 0]


def test_the_order_hangs_on_the_queries_alone():
    """Another order of rows, and a part of the table, arrive in the same order; queries without a table as well."""
    ground = proving_ground(80)
    ids, order = ground.queries.ids.filled(), arrivals(ground, 5)
    rows = np.random.default_rng(0).permutation(80)[:50]
    part = ground.take(rows)
    among = [ids[i] for i in order if i in set(rows.tolist())]
    assert [part.queries.ids.filled()[i] for i in arrivals(part, 5)] == among
    assert by_arrival(ground.queries.keys, 5).tolist() == order.tolist()


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [0, 1, 2, 3, 3], [1, 2, 3, 4, 5]])
def test_an_order_names_each_query_once(order):
    """Anything else is refused in words."""
    with pytest.raises(ProblemError, match="does not name each of 5 queries once"):
        stream(Pupil(), table(), order=np.array(order))


def test_what_is_told_of_a_query():
    """Qualities of called models only, NaN where none is recorded; the view has their answers and signals and no others'."""
    HEARD.clear()
    stream(Listening(), table(), order=np.array([3, 4, 0, 1, 2]))
    first, second = HEARD[0], HEARD[1]
    assert (first.called.tolist(), first.answer, first.cost) == ([True, False], 0, 4.0)
    assert np.array_equal(first.quality, [0, NAN], equal_nan=True)
    assert (second.called.tolist(), second.answer, second.cost) == ([True, True], 1, 55.0)
    assert np.array_equal(second.quality, [1, NAN], equal_nan=True)
    assert len(first.view) == 1
    assert first.view.signal("margin", 0) == np.float32(0.1)
    assert second.view.answer(1).tolist() == [1]
    assert second.view.bill.tolist() == [55]
    for question in (lambda: first.view.signal("margin", 1), lambda: first.view.answer(1)):
        with pytest.raises(NotCalledError):
            question()


def test_fees_and_calls_at_once_are_billed_in_a_stream():
    """A cascade that pays for signals and samples, called online, is billed as it is when all queries come together."""
    ground = proving_ground(60)
    parts = ground.split(seed=0)
    for name in ("automix", "self-consistency", "agreement-cascade", "frugalgpt"):
        kind = find(name)
        online = type(f"Online{kind.__name__}", (kind,), {"card": replace(kind.card, family="online")})
        fit = kind().fit(parts.fit)
        one, other = replay(fit, parts.test), replay(online(**fit.settings(), state=fit.state), parts.test)
        for field in ("answer", "sample", "called", "cost_usd", "latency_s", "quality", "rounds", "stages"):
            assert np.array_equal(getattr(one, field), getattr(other, field), equal_nan=field != "called"), (name, field)
        assert sorted(f.asked for f in one.fees) == sorted(f.asked for f in other.fees)


def test_the_trap_knows_what_was_paid():
    """A reward of a model that was not called raises."""
    source = Trap(table())
    source.call(np.array([2]), [0])
    assert source.reward(2, [0]) == [1]
    with pytest.raises(LeakError, match="never called"):
        source.reward(2, [0, 1])


def test_a_trace_shows_the_policy_as_it_was():
    """The query is shown with what was learnt before it arrived, not with what came after; others are as they are."""
    ground = proving_ground(60)
    policy = Quick(patience=4).with_state(told=np.zeros(2))
    run, order = replay(policy, ground), arrivals(ground, 0)
    for place in (0, 20, 59):
        row = int(order[place])
        assert said(as_it_was(policy, ground, row))[0] == place
        assert trace(policy, ground, row).path == tuple(ground.models[m] for m in run.path[row])
    margin = find("margin-cascade")(chain=("m0", "m1"), signal="margin")
    assert as_it_was(margin, ground, 3) is margin


def test_a_curve_is_swept_at_a_few_settings_once_each(monkeypatch):
    """Nine streams are a curve; per-query values come from the same streams."""
    ground, streams = proving_ground(80), []
    monkeypatch.setattr(curves, "replay", lambda policy, data: streams.append(policy) or loop.replay(policy, data))
    policy = find("ucb")(start="cold").fit(ground)
    found = frontier(policy, ground, "weight")
    assert len(found.setting) == len(streams) == 9
    assert found.setting[0] == 0
    assert found.setting[1:] == pytest.approx(np.geomspace(0.01, 100, 8))
    assert not found.exact
    quality = found.per_query(found.setting[[0, 6]], "quality")
    assert quality.mean(axis=0) == pytest.approx(found.quality[[0, 6]])
    assert len(streams) == 9
    assert found.per_query(np.array([0.5]), "cost").shape == (80, 1)
    assert len(streams) == 10


def test_a_study_tunes_and_draws_an_online_policy():
    """The price weight is chosen on calibrate and shown on test with its band, each as a stream from what was fitted."""
    study = prepare(proving_ground(300))
    fit = started(fitted(study, find("ucb")()), curves_goal())
    both = study_curves(fit, "weight")
    assert both.shown.cost_usd[-1] < both.shown.cost_usd[0]
    shown = band(study, both.shown)
    assert (shown.quality_low <= both.shown.quality).all()
    assert (both.shown.quality <= shown.quality_high).all()


def curves_goal():
    """Return a goal that makes prices matter."""
    from strategies import Goal

    return Goal(keep=0.9)


PROMPTS = [f"question {i}" for i in range(12)]
QUERIES = QuerySet.build([f"q{i}" for i in range(12)], prompts=PROMPTS, references=[("yes", "no")[i % 3 == 0] for i in range(12)])
ENDPOINTS = [
    Endpoint(name=name, base_url="http://localhost/v1", model_id=name, card=ModelCard(name=name, price_usd_per_query=p))
    for name, p in (("small", 0.001), ("large", 0.01))
]


def answers(prompt, model):
    """Return what a model says: the large one is always right, the small one says yes."""
    return "yes" if model == "small" else ("yes", "no")[int(prompt.split()[1]) % 3 == 0]


def recorded():
    """Return the table of all answers."""
    said_ = [[answers(p, e.name) for e in ENDPOINTS] for p in PROMPTS]
    made = by_hand(
        [[float(a == r) for a in row] for row, r in zip(said_, QUERIES.references.filled(), strict=True)],
        models=["small", "large"], cost=[[0.001, 0.01]] * 12, latency=[[1.0, 1.0]] * 12, answers=said_,
    )  # fmt: skip
    return replace(made, queries=QUERIES, stored_fingerprint="")


def live(policy, *, most=99, scorers=None, stop=None):
    """Return a live run whose calls are made here, and the prompts in the order in which they were asked."""
    asked = []

    def ask(endpoint, prompt):
        if len(asked) >= most:
            raise BudgetError("the cap is reached")
        asked.append(prompt)
        return Answer(text=answers(prompt, endpoint.name), cost_usd=endpoint.card.price_usd_per_query, latency_s=1.0)

    return run_live(policy, QUERIES, ENDPOINTS, ask, scorers=scorers, stop=stop), asked


def test_live_learns_in_turn_as_replay_does():
    """With a scorer the live run is the replay, query by query in its order, one at a time."""
    policy = Pupil(patience=2)
    exact = find_scorer("exact")
    run, asked = live(policy, scorers=exact)
    wanted = replay(policy, recorded())
    assert [r.path[0] for _, r in sorted(run.runs.items())] == wanted.path
    assert list(dict.fromkeys(asked)) == [PROMPTS[i] for i in arrivals(recorded(), 0)]
    assert np.array_equal(replay(policy, run.table).answer, wanted.answer)
    assert len({len(path) for path in wanted.path}) == 2


def test_live_without_references_goes_on_untold():
    """Nobody says what was right: rewards are NaN, and the policy never hears of a wrong answer."""
    run, _ = live(Pupil(patience=1))
    assert {r.path[0] for r in run.runs.values()} == {(0,)}


def test_live_ends_where_the_budget_does():
    """The queries that arrived first have runs, no further call is made, and their replay decides the same."""
    policy = Pupil(patience=1)
    run, asked = live(policy, most=7, scorers=find_scorer("exact"))
    assert (run.ended, len(asked)) == ("the cap is reached", 7)
    order = arrivals(recorded(), 0)
    done = sorted(run.runs)
    assert done == sorted(order[: len(done)].tolist())
    again = replay(policy, run.table.take(np.array(done)))
    assert [run.runs[row].path[0] for row in done] == again.path


def test_live_stops_on_request():
    """A stop before the start makes no call and leaves no run."""
    stop = threading.Event()
    stop.set()
    run, asked = live(Pupil(), stop=stop)
    assert (run.runs, asked, run.ended) == ({}, [], "it was stopped")
