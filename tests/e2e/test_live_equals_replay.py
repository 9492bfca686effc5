"""The one loop over real HTTP, out of order, decides what it decides over the recorded table, to the bit."""

import hashlib
import threading
import time

import numpy as np
import pytest

from data.live.asker import Asker
from data.live.budget import Budget
from data.live.collect import collect
from data.models import ModelCard
from data.outcomes import outcome_table
from data.problems import EndpointBusyError, ProblemError
from data.queries import QuerySet
from data.scoring import find as find_scorer
from strategies import find, replay
from strategies.engines.calling import LiveSource
from strategies.engines.live import run_live
from tests.stub_endpoint import Reply, StubEndpoint

N = 24
NAMES = ("small", "mid", "large")
QUERIES = QuerySet.build(
    [f"q{i}" for i in range(N)],
    prompts=[f"Is {i} {'an even' if i % 3 else 'a prime'} number?" for i in range(N)],
    references=[("yes", "no")[i % 2] for i in range(N)],
)
EXACT = find_scorer("exact")


def chance(*parts):
    """Return a number in [0, 1) that depends on the parts only."""
    return int.from_bytes(hashlib.blake2b("|".join(parts).encode(), digest_size=4).digest(), "big") / 2**32


def said(prompt, model):
    """Return what a model says: the dearer the surer, longer hedges when unsure; tokens differ by prompt."""
    sure = chance(prompt, model)
    right = chance(prompt) < 0.5
    text = ("yes", "no")[int(right) ^ int(sure < 0.25)]
    if chance(prompt, model, "fail") < 0.06:
        return Reply(status=400, error={"message": "cannot"})
    return Reply(text=text, margin=round(sure, 2), logprob=-float(chance(model, prompt)), usage=(10 + len(prompt), 1 + int(9 * sure)))


def vectors(texts):
    """Return a fake embedding of each text, the same alone and among others."""
    return np.array([[chance(text, str(d)) - 0.5 for d in range(8)] for text in texts])


@pytest.fixture(scope="module")
def world():
    """Give the stub, its three endpoints and the table collected from them."""
    with StubEndpoint(said, shuffle_s=0.02) as stub:
        endpoints = [
            stub.endpoint(name, card=ModelCard(name=name, price_in_usd_per_mtok=p, price_out_usd_per_mtok=2 * p), max_concurrency=8)
            for name, p in zip(NAMES, (1.0, 10.0, 100.0), strict=True)
        ]
        table = collect(QUERIES, endpoints, EXACT, Budget(1.0)).table
        from strategies.predictors.embeddings import rounded

        yield stub, endpoints, table.with_feature("embedding", rounded(vectors(QUERIES.prompts.filled())))


POLICIES = {
    "margin": lambda t: find("margin-cascade")(chain=NAMES, thresholds=(0.5, 0.7), signal="margin").fit(t),
    "log-probability": lambda t: find("margin-cascade")(chain=("mid", "large"), t1=0.6, signal="mean_logprob").fit(t),
    "predicted": lambda t: find("margin-cascade")(chain=NAMES, thresholds=(0.5, 0.6), signal="predicted").fit(t),
    "agreement": lambda t: find("agreement-cascade")(chain=NAMES).fit(t),
    "neighbours": lambda t: find("knn-router")(k=5, lam=100.0).fit(t),
    "random": lambda t: find("uniform-random")(seed=3),
    "learning online": lambda t: find("metallm")(dimensions="8", start="cold").fit(t),
}


@pytest.fixture(scope="module")
def asks():
    """Give an `ask` that shares its connections; what fails for good here was meant to (400), a lost connection is tried again."""
    with Asker() as asker:
        yield asker.ask


@pytest.mark.parametrize("name", list(POLICIES))
def test_live_decides_as_replay_does(world, asks, name):
    """Paths, answers, scores, bills and qualities of a live run are those of the replay, bit by bit, failed calls included."""
    stub, endpoints, table = world
    policy = POLICIES[name](table)
    before = len(stub.completed)
    live = run_live(policy, QUERIES, endpoints, asks, scorers=EXACT, encoder=vectors)
    wanted = replay(policy, table)
    assert (sorted(live.runs), live.ended) == (list(range(N)), "")
    for row, run in live.runs.items():
        assert run.path == [wanted.path[row]], live.failures
        assert run.answer[0] == wanted.answer[row]
        for mine, recorded in ((run.cost_usd, wanted.cost_usd), (run.quality, wanted.quality), (run.score(1), wanted.score(1))):
            assert np.array_equal(mine, recorded[[row]], equal_nan=True)
    order = [QUERIES.prompts.filled().index(prompt) for prompt in stub.completed[before:]]
    assert order != sorted(order)
    assert len(order) == int(wanted.called.sum())


def test_the_table_of_a_live_run_replays_to_the_same_decisions(world, asks):
    """Measured latencies and all: what was called is in the table, the rest is unknown, and the same policy decides the same on it."""
    _, endpoints, table = world
    policy = POLICIES["margin"](table)
    live = run_live(policy, QUERIES, endpoints, asks, scorers=EXACT)
    again = replay(policy, live.table)
    for name in ("answer", "cost_usd", "latency_s", "quality", "called"):
        mine = np.concatenate([getattr(live.runs[row], name) for row in range(N)])
        assert np.array_equal(mine, getattr(again, name), equal_nan=name != "called")
    asked = np.stack([live.table.responses[name].known() for name in NAMES], axis=1)
    failed = {(f.row, f.model) for f in live.failures}
    assert failed
    assert all("cannot" in f.failure or f.failure for f in live.failures)
    assert (asked == again.called).sum() == 3 * N - len(failed)


def test_each_query_is_stepped_alone_and_told_of(asks):
    """A slow query holds nobody up; every call is told of as it arrives, one at a time."""
    told, finished = [], threading.Event()

    def slow(prompt, model):
        if prompt == QUERIES.prompts[0]:
            finished.wait(5)
        return Reply(text="yes", margin=0.1)

    def on_step(arrived):
        told.append((arrived.row, arrived.model))
        if len({row for row, model in told if model == "large"}) == 5:
            finished.set()

    with StubEndpoint(slow) as stub:
        endpoints = [stub.endpoint(name) for name in ("small", "large")]
        policy = find("margin-cascade")(chain=("small", "large"), signal="margin")
        live = run_live(policy, QUERIES.take(np.arange(6)), endpoints, asks, concurrency=3, on_step=on_step)
    assert finished.is_set()
    assert told[-2:] == [(0, "small"), (0, "large")]
    assert len(live.runs) == 6
    assert np.isnan(live.runs[0].quality).all()


def test_a_stop_keeps_what_has_arrived(asks):
    """No call is made after it; finished queries have runs, the others' calls are in the table."""
    stop = threading.Event()
    with StubEndpoint(Reply(text="yes", margin=0.9)) as stub:
        live = run_live(
            find("margin-cascade")(chain=("small", "large"), signal="margin"), QUERIES, [stub.endpoint("small"), stub.endpoint("large")],
            asks, concurrency=2, stop=stop, on_step=lambda arrived: stop.set() if arrived.row >= 5 else None,
        )  # fmt: skip
    assert 4 <= len(live.runs) <= 9
    assert live.ended == "it was stopped"
    assert live.table.responses["small"].known().sum() == len(live.runs)
    assert not live.table.responses["large"].known().any()


def test_a_spent_budget_ends_the_run():
    """The cap is the cap: the error's sentence says so, nothing more is asked."""
    with StubEndpoint("yes") as stub, Asker(budget=Budget(1.0, max_calls=7)) as asker:
        live = run_live(find("single")(model="a"), QUERIES, [stub.endpoint("a")], asker.ask, concurrency=2)
    assert len(stub.calls) == len(live.runs) == 7
    assert live.ended


def test_a_mistake_in_one_query_stops_the_spending():
    """An error that is no endpoint's goes up, and the other queries make no further calls."""
    asked = []

    def ask(endpoint, prompt):
        asked.append(prompt)
        time.sleep(0.01)
        raise RuntimeError("a bug")

    with StubEndpoint("yes") as stub, pytest.raises(RuntimeError, match="a bug"):
        run_live(find("single")(model="a"), QUERIES, [stub.endpoint("a")], ask, concurrency=2)
    assert len(asked) <= 3


@pytest.mark.parametrize(("kind", "words"), [("oracle", "know the truth"), ("whole", "all queries at once")])
def test_what_needs_all_queries_or_the_truth_is_refused(asks, kind, words):
    """Batch methods and bounds do not run live; nor does a set without prompts."""
    from tests.worlds import scripted

    policy = find("oracle")() if kind == "oracle" else scripted(batch=True)
    with StubEndpoint("yes") as stub:
        with pytest.raises(ProblemError, match=words):
            run_live(policy, QUERIES, [stub.endpoint("a")], asks)
        with pytest.raises(ProblemError, match="no question"):
            run_live(find("single")(model="a"), QuerySet.build(["a"]), [stub.endpoint("a")], asks)
        assert stub.calls == []


def test_an_uncalled_live_column_is_unknown():
    """Before a call, and after one that failed, everything is NaN; features that cannot be made are refused."""
    source = LiveSource(QUERIES.take(np.array([0])), [ModelCard(name="a"), ModelCard(name="b")], lambda m: None)
    source.call(None, [0, 1])
    for column in (source.cost(0), source.latency(0), source.quality(0), source.signal("margin", 0), source.signal("response_length", 0)):
        assert column.shape == (1,)
        assert np.isnan(column).all()
    assert (source.answers(0).tolist(), source.whole(0), source.names) == ([-1], False, ("a", "b"))
    assert source.feature("text") is source.feature("text")
    with pytest.raises(ProblemError, match="Give an encoder"):
        source.feature("embedding")


def test_a_live_draw_is_the_replays_draw():
    """Random policies deal a live query as they deal the recorded one."""
    table = outcome_table(["a"], np.ones((N, 1)), queries=QUERIES)
    from strategies.engines.recorded import Columns

    whole = Columns(table).uniform("x", 5)
    for row in (0, N - 1):
        assert LiveSource(QUERIES.take(np.array([row])), [ModelCard(name="a")], lambda m: None).uniform("x", 5)[0] == whole[row]


def test_busy_endpoints_leave_holes(asks):
    """A call that fails for good is a failure with its sentence, and the cascade goes on."""

    def ask(endpoint, prompt):
        if endpoint.name == "small":
            raise EndpointBusyError("small is busy.")
        return asks(endpoint, prompt)

    with StubEndpoint("yes") as stub:
        endpoints = [stub.endpoint("small"), stub.endpoint("large")]
        live = run_live(find("margin-cascade")(chain=("small", "large"), signal="margin"), QUERIES.take(np.arange(2)), endpoints, ask)
    assert {f.failure for f in live.failures} == {"small is busy."}
    assert [run.path for run in live.runs.values()] == [[(0, 1)]] * 2
    assert all(np.isnan(run.cost_usd).all() for run in live.runs.values())
