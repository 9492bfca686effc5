"""Batches over real HTTP: order, holes, stop, cap, resume."""

import asyncio
import json
import threading
import time

import numpy as np
import pytest

from data.live.budget import Budget
from data.live.call import Caller
from data.live.collect import Collection, collect
from data.live.report import Progress
from data.live.table import scorer_of
from data.models import ModelCard
from data.problems import ProblemError
from data.queries import QuerySet
from data.scoring.base import find
from tests.stub_endpoint import Reply, StubEndpoint

EXACT = find("exact")


def asked(count=10, **changes):
    """Return questions whose answers are their numbers."""
    numbers = range(count)
    return QuerySet.build(
        [f"q{i}" for i in numbers], **{"prompts": [f"say {i}" for i in numbers], "references": [str(i) for i in numbers], **changes}
    )


def echo(prompt, _model):
    """Answer right."""
    return Reply(text=prompt.removeprefix("say "), margin=0.5, usage=(10, 1))


def hasty(retries=0):
    """Return a caller that does not wait between tries."""
    return Caller(retries=retries, backoff_s=0.001)


def test_answers_land_in_their_cells_whatever_the_order():
    """With answers completing out of order, every text, token, cost and signal is in its own cell."""
    with StubEndpoint(echo, shuffle_s=0.03, seed=3) as stub:
        endpoints = [stub.endpoint("a"), stub.endpoint("b", card=ModelCard(name="b", price_usd_per_query=0.01))]
        found = collect(asked(20), endpoints, EXACT, Budget(1.0), concurrency=8)
        assert stub.completed != [f"say {i}" for i in range(20) for _ in range(2)]
        assert 1 < stub.most_at_once <= 8
    table = found.table
    assert table.models == ("a", "b")
    assert table.responses["a"].to_list() == [str(i) for i in range(20)]
    assert table.mean("quality") == {"a": 1.0, "b": 1.0}
    assert np.allclose(table.cost_usd("a"), 12e-6)
    assert np.allclose(table.cost_usd("b"), 0.01)
    assert np.allclose(table.signal("margin", "b"), 0.5, atol=1e-5)
    assert np.all(table.column("tokens_in", "a") == 10)
    assert np.all(table.latency_s("a") > 0)
    assert found.report.ending == "finished"
    assert found.report.sentence() == "Finished: 40 answers, 0 failures; $0.2002."
    assert table.origin.kind == "yours"
    assert "Bearer" not in json.dumps(dict(table.history[0].values))


def test_failures_are_holes_with_their_sentences():
    """A failed cell is NaN in every column, counted by kind, and never a zero."""

    def moody(prompt, model):
        return Reply(status=500 if model == "a" and prompt.endswith(("3", "4")) else 200, text=prompt[4:])

    with StubEndpoint(moody) as stub:
        found = collect(asked(6), [stub.endpoint("a"), stub.endpoint("b")], EXACT, Budget(1.0), caller=hasty())
    quality = found.table.quality("a")
    assert np.flatnonzero(np.isnan(quality)).tolist() == [3, 4]
    assert np.isnan(found.table.cost_usd("a")[[3, 4]]).all()
    assert found.table.responses["a"][3] is None
    assert [(f.row, f.endpoint, f.kind) for f in found.report.failures] == [(3, "a", "busy"), (4, "a", "busy")]
    assert list(found.report.by_kind) == ["busy"]
    assert len(found.report.by_kind["busy"]) == 1
    assert found.report.progress.errors == {"busy": 2}
    assert found.table.mean("quality")["b"] == 1.0


def test_an_endpoint_that_refuses_the_key_is_given_up():
    """After a few refusals of the key and no answer, the endpoint is not asked thousands of times; the other one finishes."""

    def one_refuses(_prompt, model):
        return Reply(status=401) if model == "a" else Reply(text="x")

    with StubEndpoint(one_refuses) as stub:
        found = collect(asked(50), [stub.endpoint("a", max_concurrency=1), stub.endpoint("b")], EXACT, Budget(1.0), caller=hasty())
        assert sum(call.model == "a" for call in stub.calls) == 3
    assert found.report.not_reached == 47
    assert found.table.coverage() == {"a": 0.0, "b": 1.0}


def test_a_batch_without_any_answer_has_failed():
    """When every call fails the report says failed, with the sentence."""
    with StubEndpoint(Reply(status=404)) as stub:
        found = collect(asked(2), [stub.endpoint("a")], EXACT, Budget(1.0), caller=hasty())
    assert found.report.ending == "failed"
    assert found.report.sentence().startswith("Failed: 0 answers, 2 failures")


def test_without_a_reference_quality_is_unknown():
    """An answer to a question without a reference has a text, a cost, and an unknown quality."""
    with StubEndpoint(echo) as stub:
        some = collect(asked(2, references=["0", None]), [stub.endpoint("a")], EXACT, Budget(1.0)).table
        none = collect(asked(2, references=None), [stub.endpoint("a")], EXACT, Budget(1.0)).table
    assert some.quality("a")[0] == 1.0
    assert np.isnan(some.quality("a")[1])
    assert np.isnan(none.quality("a")).all()
    assert none.responses["a"].to_list() == ["0", "1"]


def test_a_stop_keeps_what_has_arrived():
    """A stop in the middle ends soon, keeps the answers so far, and leaves the rest as holes."""
    with StubEndpoint(lambda p, _: Reply(text=p[4:], delay_s=0.02)) as stub:
        batch = Collection(asked(200), [stub.endpoint("a", max_concurrency=2)], EXACT, Budget(1.0), concurrency=2)
        with pytest.raises(TimeoutError):
            batch.result(0.0)
        batch.start()
        while batch.progress().done < 6:
            time.sleep(0.005)
        assert batch.running
        seen = batch.progress()
        batch.stop()
        found = batch.result(10.0)
    assert not batch.running
    assert seen.total == 200
    assert 0 < seen.share < 1
    assert seen.eta_s > 0
    assert seen.spent_usd > 0
    kept = int(np.sum(~np.isnan(found.table.quality("a"))))
    assert 6 <= kept < 200
    assert found.report.ending == "stopped"
    assert found.report.not_reached == 200 - kept
    assert found.report.sentence().startswith(f"Stopped: {kept} answers, 0 failures, {200 - kept} not reached")


def test_the_cap_ends_a_batch_and_says_why():
    """At the cap no further call is made and the report carries the sentence."""
    with StubEndpoint(echo) as stub:
        found = collect(asked(10), [stub.endpoint("a")], EXACT, Budget(1.0, max_calls=4), concurrency=1)
        assert len(stub.calls) == 4
    assert found.report.ending == "budget"
    assert "cap of 4 calls" in found.report.why
    assert "unknown price" not in found.report.sentence()


def test_calls_at_an_unknown_price_are_counted_as_such():
    """With a cap by calls, an unpriced endpoint is asked and its cost stays unknown everywhere."""
    with StubEndpoint(echo) as stub:
        found = collect(asked(3), [stub.endpoint("a", card=ModelCard(name="a"))], EXACT, Budget(1.0, max_calls=10))
    assert np.isnan(found.table.cost_usd("a")).all()
    assert "3 calls at an unknown price" in found.report.sentence()


def test_samples_are_kept_as_a_second_table():
    """Several answers a cell: mean quality in the cell, cost of one, each draw in the table of samples, each with its own seed."""

    def alternating(_prompt, _model):
        return Reply(text="0" if len(stub.calls) % 2 else "1", usage=(10, 1))

    with StubEndpoint(alternating) as stub:
        found = collect(asked(2), [stub.endpoint("a", max_concurrency=1)], EXACT, Budget(1.0), samples=4)
        assert [call.body["seed"] for call in stub.calls] == [0, 1, 2, 3] * 2
    samples = found.table.samples
    assert found.table.quality("a").tolist() == [0.5, 0.5]
    assert np.allclose(found.table.cost_usd("a"), 12e-6)
    assert samples.query.tolist() == [0] * 4 + [1] * 4
    assert samples.quality.tolist() == [1, 0, 1, 0, 0, 1, 0, 1]
    assert samples.code[0] == samples.code[2] != samples.code[1]
    assert found.report.progress.total == 8


def test_a_broken_batch_goes_on_where_it_stopped(tmp_path):
    """Stored answers are not asked again; failures are; a torn last line is dropped."""
    flaky = {"bad": True}

    def answer(prompt, _model):
        return Reply(status=500) if flaky["bad"] and prompt == "say 2" else Reply(text=prompt[4:], margin=0.5)

    with StubEndpoint(answer) as stub:
        first = collect(asked(4), [stub.endpoint("a")], EXACT, Budget(1.0), folder=tmp_path, caller=hasty())
        assert first.report.progress.failed == 1
        path = tmp_path / "answers.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:3]) + lines[3][:20])
        flaky["bad"] = False
        stub.calls.clear()
        second = collect(asked(4), [stub.endpoint("a")], EXACT, Budget(1.0), folder=tmp_path)
        assert len(stub.calls) == 2
    assert second.report.resumed == 2
    assert second.table.mean("quality")["a"] == 1.0
    assert np.allclose(second.table.signal("margin", "a"), 0.5, atol=1e-5)
    assert len(path.read_text().splitlines()) == 5


def test_a_folder_of_another_batch_is_refused(tmp_path):
    """Answers to other questions, or at other settings, are not mixed in."""
    with StubEndpoint(echo) as stub:
        collect(asked(2), [stub.endpoint("a")], EXACT, Budget(1.0), folder=tmp_path)
        with pytest.raises(ProblemError, match="another batch"):
            collect(asked(3), [stub.endpoint("a")], EXACT, Budget(1.0), folder=tmp_path)
        with pytest.raises(ProblemError, match="another batch"):
            collect(asked(2), [stub.endpoint("a", temperature=1.0)], EXACT, Budget(1.0), folder=tmp_path)


@pytest.mark.parametrize(
    ("queries", "names", "options", "words"),
    [
        (asked(0), ["a"], {}, "no question"),
        (asked(2, prompts=None), ["a"], {}, "no question"),
        (asked(2), [], {}, "no model"),
        (asked(2), ["a", "a"], {}, "share a name"),
        (asked(2), ["a"], {"concurrency": 0}, "at least 1"),
        (asked(2), ["a"], {"samples": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_collected_is_refused_before_the_first_call(queries, names, options, words):
    """Nothing is asked when the request makes no sense, in either form."""
    with StubEndpoint() as stub:
        endpoints = [stub.endpoint(name) for name in names]
        for form in (collect, Collection):
            with pytest.raises(ProblemError, match=words):
                form(queries, endpoints, EXACT, Budget(1.0), **options)
        assert stub.calls == []


def test_an_error_in_the_program_reaches_whoever_asks_for_the_result():
    """A scorer that breaks does not vanish in the thread."""

    class Broken:
        def extract(self, answer):
            raise RuntimeError("broken scorer")

        def score(self, answer, reference):
            return 0.0

    with StubEndpoint(echo) as stub:
        seen: list[Progress] = []
        batch = Collection(asked(2), [stub.endpoint("a")], Broken(), Budget(1.0), on_progress=seen.append).start()
        with pytest.raises(RuntimeError, match="broken scorer"):
            batch.result(10.0)
    assert seen[-1].done == 2


def test_an_error_in_a_worker_ends_the_batch():
    """A listener that raises is not swallowed by the loop."""

    def listener(_progress):
        raise RuntimeError("listener")

    with StubEndpoint(echo) as stub, pytest.raises(RuntimeError, match="listener"):
        collect(asked(2), [stub.endpoint("a")], EXACT, Budget(1.0), on_progress=listener)


def test_a_stop_that_comes_after_the_end_changes_nothing():
    """A batch that is complete is finished, even if the stop was set meanwhile."""
    stop = threading.Event()
    with StubEndpoint(echo) as stub:
        found = collect(asked(1), [stub.endpoint("a")], EXACT, Budget(1.0), stop=stop, on_progress=lambda _: stop.set())
    assert found.report.ending == "finished"


def test_each_query_can_have_its_own_scorer():
    """A mapping is looked up by the scorer column, then by the task; a missing one is named with its row."""
    scorers = {"exact": EXACT, "sums": find("numeric")}
    queries = asked(2, tasks=["sums", "other"], meta={"scorer": [None, "exact"]})
    assert scorer_of(scorers, queries, 0) is scorers["sums"]
    assert scorer_of(scorers, queries, 1) is EXACT
    with pytest.raises(ProblemError, match="no scorer for 'other'"):
        scorer_of(scorers, asked(2, tasks=["sums", "other"]), 1)


def test_a_cancelled_call_is_booked():
    """A call dropped by a stop may be billed all the same, so its worst case is booked."""

    async def go(endpoint, budget):
        async with Caller() as caller:
            task = asyncio.create_task(caller.ask(endpoint, "x", budget=budget))
            await asyncio.sleep(0.15)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    budget = Budget(1.0)
    with StubEndpoint(Reply(delay_s=0.5)) as stub:
        asyncio.run(go(stub.endpoint(), budget))
    assert budget.spent_usd > 0
    assert budget.in_flight == 0
