"""What logs of calls hold beside the plain case: failures, caches, wrappers, graders, repeats, other wrappings."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest

from data import load
from data.load import uploads
from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import inspect
from tests.unit.data.readers.test_log_formats import exactly, lines, reading, said, values

EVAL = "2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval"


def log(model: str, *samples: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an Inspect log of a task t."""
    return {"status": "success", "eval": {"task": "t", "model": model}, "samples": list(samples), **more}


def sample(own: int, value: Any, **more: Any) -> dict[str, Any]:
    """Return a sample of an Inspect log with a score."""
    scores = {} if value is None else {"match": {"value": value, "answer": "A"}}
    return {"id": own, "epoch": 1, "input": f"question {own}", "target": "A", "scores": scores, **more}


def request(name: str, model: str, prompt: str) -> dict[str, Any]:
    """Return a line of a batch's requests."""
    body = {"model": model, "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt}]}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}


def answer(name: str, model: str, *texts: str, code: int = 200, **usage: int) -> dict[str, Any]:
    """Return a line of a batch's results."""
    body = {"model": model, "usage": usage, "choices": [{"message": {"role": "assistant", "content": text}} for text in texts]}
    return {"id": f"{name}{model}", "custom_id": name, "response": {"status_code": code, "body": body}, "error": None}


def spend(own: str, **more: Any) -> dict[str, Any]:
    """Return a record of a LiteLLM spend log: 1.5 s, 10 tokens in, 20 out, 0.5 USD."""
    record = {"request_id": own, "call_type": "acompletion", "model": "m", "spend": 0.5, "prompt_tokens": 10, "completion_tokens": 20}
    times = {"startTime": "2025-01-24T09:20:46.000Z", "endTime": "2025-01-24T09:20:47.500Z"}
    text = json.dumps([{"role": "user", "content": own}])
    return {**record, **times, "total_tokens": 30, "messages": text, "metadata": "{}", "response": "{}", "status": "success", **more}


class TestInspect:
    """Logs of Inspect AI."""

    def test_two_models_share_their_questions_and_letters_are_numbers(self):
        """Logs of one task are one set; C, P, I, N are 1, 0.5, 0, 0; numbers and booleans stay."""
        found = reading(log("a", *(sample(i, v) for i, v in enumerate("CPIN"))), log("b", sample(0, 0.25), sample(1, True)))
        assert found.table is not None
        assert values(found.table, "quality", "a") == exactly([1, 0.5, 0, 0])
        assert values(found.table, "quality", "b") == exactly([0.25, 1, np.nan, np.nan])

    def test_the_score_that_all_samples_have_counts(self):
        """Of several scorers the first that every scored sample has is the quality; an object's values are columns of their own."""
        scores = {"rare": {"value": 1}, "both": {"value": {"right": 0.5, "long": 9}}}
        other = {"both": {"value": {"right": 1, "long": 7}}}
        found = reading(log("a", {**sample(1, None), "scores": scores}, {**sample(2, None), "scores": other}))
        assert found.table is not None
        assert values(found.table, "quality") == exactly([0.5, 1])
        assert {"score.rare", "score.both.right", "score.both.long"} <= set(found.sheet.columns)

    def test_an_error_is_no_outcome_and_an_epoch_is_a_sample(self):
        """A sample that ended in an error is NaN, not 0, and is told; epochs become samples whose mean is the cell."""
        failed = sample(2, "I", error={"message": "boom"}, model_usage={"a": {"input_tokens": 5}})
        found = reading(log("a", sample(1, "C"), sample(1, "I", epoch=2), failed))
        assert found.table is not None
        assert values(found.table, "quality") == exactly([0.5, np.nan])
        assert found.table.samples is not None
        assert "calls that failed: they count as not run: 1." in said(found)

    def test_graders_are_not_billed_to_the_model(self):
        """Calls within a scorer's span or step, of another model, or by role don't count; without events the model's total does."""
        used = {"usage": {"input_tokens": 3, "output_tokens": 1}, "time": 0.5}
        call = {"event": "model", "model": "a", "output": used}
        spans = [{"event": "span_begin", "id": "s", "type": "scorer"}, {**call, "span_id": "s"}]
        inner = [{"event": "span_begin", "id": "t", "parent_id": "s", "type": "agent"}, {**call, "span_id": "t"}]
        steps = [{"event": "step", "action": "begin", "type": "scorer"}, call, {"event": "step", "action": "end", "type": "scorer"}]
        others = [{**call, "model": "judge"}, {**call, "role": "grader"}]
        events = [call, call, *spans, *inner, *steps, *others]
        usage = {"a": {"input_tokens": 99}, "judge": {"input_tokens": 7}}
        found = reading(log("a", sample(1, "C", events=events, model_usage=usage), sample(2, "C", model_usage=usage, working_time=4)))
        assert found.table is not None
        assert values(found.table, "tokens_in") == exactly([6, 99])
        assert values(found.table, "tokens_out") == exactly([2, np.nan])
        assert values(found.table, "latency_s") == exactly([1.0, 4.0])
        assert "other models too (graders, tools): their tokens are not billed to the model: 2." in said(found)

    def test_the_latency_of_a_cached_answer_is_unknown(self):
        """A call that came from Inspect's cache has tokens, but no time of its own."""
        event = {"event": "model", "model": "a", "cache": "read", "output": {"usage": {"input_tokens": 3}, "time": 0.001}}
        found = reading(log("a", sample(1, "C", events=[event])))
        assert found.table is not None
        assert (values(found.table, "tokens_in"), values(found.table, "latency_s")) == ([3], exactly([np.nan]))

    def test_a_cancelled_run_says_so(self):
        """The state of a run that didn't end is told with the number of its samples."""
        assert "ended as 'cancelled': others may be missing: 1." in said(reading(log("a", sample(1, "C"), status="cancelled")))

    def test_the_archive_reads_under_any_name_and_without_its_header(self, shared_data):
        """An `.eval` called `.zip` is the same table; one whose run was cut has its start and its samples."""
        data = (shared_data / "log_formats" / "inspect_ai" / EVAL).read_bytes()
        whole = load(Upload("log.eval", data))
        assert load(Upload("log.zip", data)).fingerprint == whole.fingerprint
        found = inspect([Upload("log.eval", repacked(data, without=("header.json", "summaries.json")))])
        assert found.table is not None
        assert found.table.fingerprint == whole.fingerprint
        assert "ended as 'started'" in said(found)

    @pytest.mark.parametrize(
        ("spoil", "what"),
        [
            (lambda data: data[: len(data) // 2], "can't be opened (BadZipFile)"),
            (lambda data: repacked(data, locked=True), "can't be opened (RuntimeError)"),
            (lambda data: repacked(data, spoiled="samples/1_epoch_1.json"), "no valid JSON"),
            (lambda data: repacked(data, spoiled="header.json", by=b"[1]"), "header of the log is no JSON object"),
        ],
        ids=["cut", "locked", "broken sample", "broken header"],
    )
    def test_a_damaged_archive_is_refused_in_words(self, shared_data, spoil, what):
        """A cut, locked or spoilt `.eval` says what is wrong with it."""
        data = spoil((shared_data / "log_formats" / "inspect_ai" / EVAL).read_bytes())
        with pytest.raises(ProblemError) as error:
            inspect([Upload("log.eval", data)])
        assert what in str(error.value)

    def test_an_archive_over_the_limit_is_refused(self, shared_data):
        """What an archive unpacks to counts, not what it weighs."""
        data = (shared_data / "log_formats" / "inspect_ai" / EVAL).read_bytes()
        with pytest.raises(ProblemError, match="larger than"):
            inspect([Upload("log.eval", data)], limit_bytes=40_000)


def repacked(data: bytes, *, without: tuple[str, ...] = (), spoiled: str = "", by: bytes = b"{", locked: bool = False) -> bytes:
    """Return an archive with members left out, spoilt, or marked as encrypted."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name not in without:
                new.writestr(name, by if name == spoiled else old.read(name))
    made = bytearray(out.getvalue())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)) if locked else ():
        place = made.find(mark)
        while place >= 0:
            made[place + at] |= 1
            place = made.find(mark, place + 4)
    return bytes(made)


class TestBatch:
    """Batches of OpenAI's form."""

    def test_results_of_two_models_join_their_requests(self):
        """Requests and results join on custom_id in any order, two models' results as two cells; a request without result isn't run."""
        sent = lines(request("1", "a", "one"), request("2", "a", "two"), request("3", "a", "three"))
        found = reading(
            lines(answer("2", "b", "B2", prompt_tokens=2), answer("1", "b", "B1", prompt_tokens=1)),
            sent,
            lines(answer("1", "a-2025", "A1", prompt_tokens=3), answer("2", "a-2025", "A2", code=500)),
            name=".jsonl",
        )
        table = found.table
        assert table is not None
        assert (list(table.queries.ids), table.models) == (["2", "1", "3"], ("b", "a-2025"))
        assert table.queries.prompts is not None
        assert list(table.queries.prompts) == ["two", "one", "three"]
        assert values(table, "tokens_in", "b") == exactly([2, 1, np.nan])
        assert values(table, "tokens_in", "a-2025") == exactly([np.nan, 3, np.nan])
        assert "calls that failed: they count as not run: 1." in said(found)
        assert "requests without a result: they count as not run: 1." in said(found)

    def test_choices_are_samples_with_their_share_of_the_output(self):
        """Two choices of one request are two samples; each has the whole input and half of the output."""
        found = reading(lines(answer("1", "a", "x", "y", prompt_tokens=4, completion_tokens=10, total_tokens=14)), name=".jsonl")
        assert found.table is not None
        assert found.table.samples is not None
        assert (values(found.table, "tokens_in"), values(found.table, "tokens_out")) == ([4], [5])
        assert values(found.table, "tokens_total") == exactly([np.nan])

    def test_responses_are_read_and_embeddings_are_not(self):
        """Results of the Responses API have text and tokens with details; embeddings alone are refused in words."""
        content = [{"type": "output_text", "text": "Paris"}]
        used = {"input_tokens": 5, "output_tokens": 9, "total_tokens": 14, "output_tokens_details": {"reasoning_tokens": 6}}
        body = {"object": "response", "model": "a", "output": [{"type": "message", "content": content}], "usage": used}
        found = reading(lines({"custom_id": "1", "response": {"status_code": 200, "body": body}}), name=".jsonl")
        assert found.table is not None
        assert list(found.table.responses["a"]) == ["Paris"]
        assert values(found.table, "tokens_reasoning") == [6]
        vector = {"custom_id": "1", "response": {"body": {"model": "e", "data": [{"embedding": [0.1]}]}}}
        with pytest.raises(ProblemError, match="embeddings, which are no answers"):
            reading(lines(vector), name=".jsonl")

    def test_an_id_for_two_different_requests_is_not_guessed(self):
        """Where the model doesn't say which of two requests a result answers, the set is refused."""
        with pytest.raises(ProblemError, match="stands for different requests"):
            reading(lines(request("1", "a", "one")), lines(request("1", "a", "two")), lines(answer("1", "a", "x")), name=".jsonl")

    def test_references_by_id_score_the_answers(self):
        """A file of references joined on the ids gives the answers their quality."""
        text = lines(answer("1", "a", "The answer is 4", prompt_tokens=3), answer("2", "a", "5", prompt_tokens=3))
        found = inspect([Upload("out.jsonl", text.encode()), Upload("gold.csv", b"custom_id,reference\n1,4\n2,7\n")])
        assert found.table is not None
        assert values(found.table, "quality") == exactly([1, 0])


class TestLiteLLM:
    """Spend logs of LiteLLM."""

    def test_list_lines_and_csv_are_the_same_table(self):
        """The same records as a list, as JSONL and as a CSV export give one table, prompts out of the JSON in a text."""
        records = [spend("one"), spend("two", model="n", cache_hit="False")]
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, list({name for record in records for name in record}))
        writer.writeheader()
        writer.writerows(records)
        made = [reading(records), reading(lines(*records), name=".jsonl"), reading(sheet.getvalue(), name=".csv")]
        assert [found.reader for found in made] == ["litellm"] * 3
        tables = [found.table for found in made if found.table is not None]
        assert len({table.fingerprint for table in tables}) == 1
        assert tables[0].queries.prompts is not None
        assert list(tables[0].queries.prompts) == ["one", "two"]
        assert values(tables[2], "latency_s", "m") == exactly([1.5, np.nan])
        assert values(tables[2], "cost_usd", "n") == exactly([np.nan, 0.5])

    def test_cache_failure_and_unknown_price_leave_holes(self):
        """Cached latency and cost are unknown, a failure isn't run, 0 USD without a price is unknown, 0 USD with one is 0."""
        priced = json.dumps({"model_map_information": {"model_map_value": {"input_cost_per_token": 0.0}}})
        records = [
            spend("cached", cache_hit="True", spend=0.0),
            spend("failed", status="failure"),
            spend("unpriced", spend=0.0),
            spend("free", spend=0.0, metadata=priced),
        ]
        found = reading(records)
        assert found.table is not None
        assert values(found.table, "cost_usd") == exactly([np.nan, np.nan, np.nan, 0])
        assert values(found.table, "latency_s") == exactly([np.nan, np.nan, 1.5, 1.5])
        assert values(found.table, "tokens_in") == exactly([10, np.nan, 10, 10])
        for words in ("answers from a cache", "calls that failed", "models without a price in the log"):
            assert words in said(found)

    def test_calls_that_are_no_answers_to_a_user_are_left_out(self):
        """Embeddings and a router's own calls are no queries; a call exported twice counts once."""
        records = [spend("a"), spend("a"), spend("b", call_type="aembedding"), spend("c", metadata='{"internal_call_origin": "router"}')]
        found = reading(records)
        assert found.table is not None
        assert list(found.table.queries.ids) == ["a"]
        for words in ("counted once: 1.", "embeddings, images, tools), left out: 1.", "a router made to decide, left out: 1."):
            assert words in said(found)

    def test_propensity_is_taken_where_it_is_recorded(self):
        """The probability of a pick is read from the routing decision or the caller's metadata; an end before the start is a problem."""
        told = {"routing_decision": {"propensity": 0.25, "router_model_name": "auto"}}
        own = {"spend_logs_metadata": {"propensity": 0.75}, "usage_object": {"prompt_tokens_details": {"cached_tokens": 4}}}
        found = reading([spend("a", metadata=json.dumps(told)), spend("b", metadata=own), spend("c", endTime="2025-01-24T09:20:45Z")])
        assert found.table is not None
        assert values(found.table, "propensity")[:2] == exactly([0.25, 0.75])
        assert values(found.table, "tokens_cached")[:2] == exactly([np.nan, 4])
        assert [(problem.row, "before it starts" in problem.what) for problem in found.problems] == [(3, True)]


class TestSpans:
    """Spans of OpenTelemetry and traces of Langfuse."""

    def test_an_otlp_envelope_is_read_to_the_nanosecond(self):
        """Attributes as lists of keys and values, times in ns, errors and web requests: all as the standard writes them."""

        def span(own: str, parent: str = "", end: int = 1_750_000_001_250_000_001, **attributes: Any) -> dict[str, Any]:
            kinds = {str: "stringValue", int: "intValue", float: "doubleValue"}
            listed = [
                {"key": key, "value": {kinds[type(value)]: str(value) if isinstance(value, int) else value}}
                for key, value in attributes.items()
            ]
            times = {"startTimeUnixNano": "1750000000000000000", "endTimeUnixNano": str(end)}
            return {"traceId": "t", "spanId": own, "parentSpanId": parent, "attributes": listed, **times}

        def chat(**more: Any) -> dict[str, Any]:
            used = {"gen_ai.usage.input_tokens": 7, "llm.cost.prompt": 0.25, "llm.cost.completion": 0.5}
            return {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.prompt.0.content": "hi", **used, **more}

        outer, inner = span("1", **chat()), span("2", "3", **chat())
        broken = {**span("4", **{**chat(), "gen_ai.prompt.0.content": "ho"}), "status": {"code": 2}}
        spans = [outer, span("3", "1", **{"http.method": "GET"}), inner, broken]
        found = reading({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
        table = found.table
        assert table is not None
        assert list(table.queries.ids) == ["2", "4"]
        assert values(table, "latency_s") == exactly([1.250000001, np.nan])
        assert values(table, "cost_usd") == exactly([0.75, np.nan])
        assert values(table, "tokens_in") == exactly([7, np.nan])
        assert table.queries.prompts is not None
        assert list(table.queries.prompts) == ["hi", "ho"]
        for words in ("wrap another recorded call, left out: 1.", "web requests), left out: 1.", "calls that failed"):
            assert words in said(found)

    def test_nested_attributes_of_an_export_are_read(self):
        """Phoenix writes attributes as nested objects and ids in a context; messages come out as text."""
        message = [{"message": {"role": "user", "contents": [{"message_content": {"type": "text", "text": "why?"}}]}}]
        used = {"prompt": 5, "completion": 2, "total": 7, "prompt_details": {"cache_read": 3}}
        attributes = {
            "openinference": {"span": {"kind": "LLM"}},
            "llm": {"model_name": "m", "input_messages": message, "token_count": used},
        }
        times = {"start_time": "2025-01-24T09:20:46.000000+00:00", "end_time": "2025-01-24T09:20:46.750000+00:00"}
        found = reading(lines({"context": {"span_id": "s", "trace_id": "t"}, **times, "attributes": attributes}), name=".jsonl")
        table = found.table
        assert table is not None
        assert table.queries.prompts is not None
        assert (list(table.queries.ids), list(table.queries.prompts)) == (["s"], ["why?"])
        assert (values(table, "tokens_cached"), values(table, "latency_s")) == ([3], exactly([0.75]))

    def test_langfuse_traces_and_flat_observations_agree(self, shared_data):
        """The traces as a list, as lines, and their observations alone give the calls that the files give."""
        files = uploads(shared_data / "log_formats" / "langfuse")
        traces = [json.loads(file.data) for file in files]
        one = load(shared_data / "log_formats" / "langfuse")
        flat = [observation for trace in traces for observation in trace["observations"]]
        for found in (reading(traces), reading(lines(*traces), name=".jsonl"), reading(flat)):
            assert found.table is not None
            assert list(found.table.queries.ids) == list(one.queries.ids)
            assert values(found.table, "cost_usd", "gpt-5") == exactly(values(one, "cost_usd", "gpt-5"))

    def test_only_a_score_that_says_right_is_quality(self):
        """Toxicity is a column; a word such as pass counts; a score of one generation belongs to it; an error isn't run."""
        generation = {"type": "GENERATION", "traceId": "t", "model": "m", "usageDetails": {"input": 1}}
        observations = [
            {**generation, "id": "a", "startTime": "2025-01-01T00:00:00Z", "endTime": "2025-01-01T00:00:01Z", "input": "1"},
            {**generation, "id": "b", "startTime": "2025-01-01T00:00:02Z", "endTime": "2025-01-01T00:00:03Z", "input": "2"},
            {**generation, "id": "c", "startTime": "2025-01-01T00:00:01Z", "endTime": None, "input": "3", "level": "ERROR"},
        ]
        scores = [
            {"name": "toxicity", "value": 1, "dataType": "NUMERIC", "observationId": None},
            {"name": "Correctness", "value": None, "stringValue": "pass", "dataType": "CATEGORICAL", "observationId": "a"},
            {"name": "correctness", "value": 0, "dataType": "BOOLEAN", "observationId": None},
        ]
        found = reading({"trace": {"id": "t", "name": "app", "scores": scores}, "observations": observations})
        assert found.table is not None
        assert list(found.table.queries.ids) == ["t/1", "t/3", "t/2"]
        assert values(found.table, "quality") == exactly([1, 0, np.nan])
        assert "score.toxicity" in found.sheet.columns
        assert "calls that failed" in said(found)


@pytest.mark.parametrize("field", ["messages", "input.value", "gen_ai.prompt", "attributes"])
def test_a_log_nested_too_deeply_is_our_own_error(field):
    """Messages within messages, hundreds deep, are refused or left out; nothing else is raised."""
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    span = {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 1, "role": "user", "content": deep, field: deep}
    for document in ([span, span], spend("a", messages=json.dumps(deep)), {**span, "info": {"model_stats": {}}}):
        try:
            found = reading(document)
        except ProblemError:
            continue
        assert found.sheet is not None


def test_lines_with_a_broken_first_line_are_lines():
    """A JSONL file whose first line is no object is read by its other lines, with a problem for the first."""
    found = reading('"NaN"\n' + lines(answer("1", "a", "x", prompt_tokens=1)), name="a.jsonl")
    assert found.table is not None
    assert [problem.row for problem in found.problems] == [1]


def test_a_model_called_none_is_a_model():
    """A word that would mean a hole among numbers is a name among models."""
    found = reading([spend("a", model="NaN"), spend("b", model=5)])
    assert found.table is not None
    assert found.table.models == ("NaN", "5")
