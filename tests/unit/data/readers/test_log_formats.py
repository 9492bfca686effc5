"""Logs of calls, each against figures worked out by hand from the sample files."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import load
from data.audit import audit
from data.cards import facts
from data.load import uploads
from data.models import ModelCard
from data.problems import ProblemError
from data.readers.base import Reading, Upload
from data.readers.detect import inspect
from data.readers.formats.base import formats
from data.stores.columns import open_table, save

MINI, INSPECT = "mini_swe_agent/github_issue.traj.json", "inspect_ai/2025-"
GPT4O = "openai/gpt-4o-mini"
# file -> (format, model, query ids, field -> values in the order of the ids); what a file doesn't record is not listed.
SAMPLES: dict[str, tuple[str, str, list[str], dict[str, list[float]]]] = {
    f"{INSPECT}02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval": (
        "inspect_ai",
        GPT4O,
        [f"popularity/{i}" for i in range(1, 11)],
        {
            "quality": [1, 1, 0, 1, 1, 1, 0, 1, 1, 1],  # no scores inside: answers against targets
            "latency_s": [
                *(0.8326824169926113, 0.6562596250005299, 0.6313522919954266, 0.6233150839980226, 0.61469550000038),
                *(0.6171807079954306, 0.6250852920056786, 0.6133532500098227, 0.6107025419914862, 0.6161579170002369),
            ],
            "tokens_in": [64, 58, 70, 67, 63, 58, 61, 55, 61, 63],
            "tokens_out": [2] * 10,
            "tokens_total": [66, 60, 72, 69, 65, 60, 63, 57, 63, 65],
        },
    ),
    f"{INSPECT}05-12T20-28-13-04-00_popularity.json": (
        "inspect_ai",
        GPT4O,
        ["popularity/1", "popularity/2", "popularity/3"],
        {
            "quality": [1, 1, 0],
            "latency_s": [0.5381193747743964, 1.6542173335328698, 0.5170856658369303],
            "tokens_in": [64, 58, 70],
            "tokens_out": [2, 2, 2],
            "tokens_total": [66, 60, 72],
            "tokens_reasoning": [0, 0, 0],
            "tokens_cached": [0, 0, 0],
        },
    ),
    f"{INSPECT}05-12T20-28-26-04-00_security-guide.json": (  # graded by the same model: 320, 310 and 329 tokens in with grading
        "inspect_ai",
        GPT4O,
        ["security_guide/1", "security_guide/2", "security_guide/3"],
        {
            "quality": [1, 1, 1],
            "latency_s": [0.6834162082523108, 0.6782567920163274, 1.2527634166181087],
            "tokens_in": [61, 60, 61],
            "tokens_out": [17, 9, 23],
            "tokens_total": [78, 69, 84],
            "tokens_reasoning": [0, 0, 0],
            "tokens_cached": [0, 0, 0],
        },
    ),
    "inspect_ai/log_tool_call_error.json": ("inspect_ai", "...", [".../1"], {}),
    "langfuse/google-adk-2025-08-28.trace.json": (
        "langfuse",
        "gemini-2.0-flash",
        ["b82a0bdc1994fc5d1c8576ca032543f7/2", "b82a0bdc1994fc5d1c8576ca032543f7/1"],
        {"cost_usd": [6.3e-6, 4e-6], "latency_s": [0.924, 0.911], "tokens_in": [39, 28], "tokens_out": [6, 3], "tokens_total": [45, 31]},
    ),
    "langfuse/langgraph-python-2025-08-22.trace.json": (
        "langfuse",
        "gpt-4o-2024-08-06",
        ["e1fde3efec57ce8a69bafd3fb928a7eb/1", "e1fde3efec57ce8a69bafd3fb928a7eb/2"],
        {
            "cost_usd": [7.5e-5, 1.59e-4],
            "latency_s": [0.848, 1.743],
            "tokens_in": [60, 108],
            "tokens_out": [15, 51],
            "tokens_total": [75, 159],
            "tokens_reasoning": [0, 0],
            "tokens_cached": [0, 0],
        },
    ),
    "langfuse/microsoft-agent-2025-12-17.trace.json": (  # correctness 1 of the trace is that of its last call
        "langfuse",
        "gpt-5-mini-2025-08-07",
        ["8e419d3288419b5d944270505640e183/1", "8e419d3288419b5d944270505640e183/2"],
        {
            "quality": [np.nan, 1],
            "cost_usd": [1.9125e-4, 9.4e-5],
            "latency_s": [3.289, 1.065],
            "tokens_in": [77, 216],
            "tokens_out": [86, 20],
            "tokens_total": [163, 236],
        },
    ),
    "langfuse/openai-agents-2025-09-30.trace.json": (
        "langfuse",
        "gpt-4.1-2025-04-14",
        ["fee618f96dc31e0ca38b2f7b26eb8b29/2", "fee618f96dc31e0ca38b2f7b26eb8b29/1"],
        {
            "cost_usd": [4.02e-4, 2.3e-4],
            "latency_s": [1.15, 1.036],
            "tokens_in": [85, 55],
            "tokens_out": [29, 15],
            "tokens_total": [114, 70],
            "tokens_reasoning": [0, 0],
            "tokens_cached": [0, 0],
        },
    ),
    "langfuse/pydantic-ai-tools-2025-06-06.trace.json": (
        "langfuse",
        "gpt-4o",
        ["25f4bdeebaab60e6e1bee7e8469554bc/1"],
        {"cost_usd": [1.0375e-3], "latency_s": [4.794], "tokens_in": [31], "tokens_out": [96], "tokens_total": [127]},
    ),
    "langfuse/vercel-aisdk-2025-11-17.trace.json": (  # the wrapper with 57 tokens and 4.475e-4 USD isn't a second call
        "langfuse",
        "gpt-5",
        ["df41e597d0a85e0d7a6ae8ebfaa70aa0/1"],
        {"cost_usd": [9.27499999e-4], "latency_s": [3.043], "tokens_in": [62], "tokens_out": [85], "tokens_total": [147]},
    ),
    "litellm/spend_logs_payload.json": (
        "litellm",
        "gpt-4o",
        ["chatcmpl-2283081b-dc89-41f6-93e6-d4f914774027"],
        {"cost_usd": [2.25e-4], "latency_s": [0.004583], "tokens_in": [10], "tokens_out": [20], "tokens_total": [30]},
    ),
    MINI: ("mini_swe_agent", "(not named)", ["1"], {}),
    "openai_batch/batch_output.jsonl": (
        "openai_batch",
        "llama-3.1-8b-instant",
        ["request-2", "request-3", "request-1"],
        {
            "latency_s": [0.104815791, 2.678915092, 0.019871881],
            "tokens_in": [55, 75, 48],
            "tokens_out": [76, 2003, 12],
            "tokens_total": [131, 2078, 60],
        },
    ),
    **{
        f"otel_genai/{name}.json": ("otel", "gpt-4-0613", [own], {"tokens_in": [97], "tokens_out": [52], **total})
        for name, own, total in (
            ("openinference_client_span_input_output_only", "1", {"tokens_total": [149.0]}),
            ("openinference_client_span_tool_calls", "1", {"tokens_total": [149.0]}),
            ("otel_genai_client_span_tool_calls", "chatcmpl-CQF10eCkoFphJZJQkzzN6EkTD0AVF", {}),
            ("otel_genai_deprecated_client_span_tool_calls", "chatcmpl-CQF10eCkoFphJZJQkzzN6EkTD0AVF", {}),
        )
    },
}
REFUSED = {
    "openai_batch/batch_input.jsonl": "requests of a batch, without answers",
    "otel_genai/otel_genai_tool_execution_span.json": "spans that are no calls of a model",
}


def said(reading: Reading) -> str:
    """Return all warnings of a reading as one text."""
    return "\n".join(str(warning) for warning in reading.warnings)


def reading(*documents: Any, name: str = "log.json") -> Reading:
    """Return the reading of documents, one a file; texts as they are."""
    files = [each if isinstance(each, str) else json.dumps(each) for each in documents]
    return inspect([Upload(f"{i}{name}" if i else name, text.encode()) for i, text in enumerate(files)])


def lines(*records: Any) -> str:
    """Return records as JSONL."""
    return "".join(f"{json.dumps(record)}\n" for record in records)


def values(table: Any, field: str, model: str | int = 0) -> list[float]:
    """Return a column as plain numbers."""
    return [float(value) for value in table.column(field, model)]


def exactly(numbers: Sequence[float]) -> Any:
    """Return figures to be met to the precision of a float32, NaN = not recorded."""
    return pytest.approx(numbers, rel=6e-8, abs=0, nan_ok=True)


@pytest.mark.parametrize("file", SAMPLES)
def test_each_sample_has_the_figures_of_its_file(shared_data, file):
    """Tokens, cost, latency and scores are those in the file to the last digit; what it doesn't record is NaN."""
    known, model, ids, fields = SAMPLES[file]
    found = inspect(uploads(shared_data / "log_formats" / file))
    table = load(shared_data / "log_formats" / file)
    assert (found.reader, table.models, list(table.queries.ids)) == (known, (model,), ids)
    for field in ("quality", "cost_usd", "latency_s", "tokens_in", "tokens_out", "tokens_total", "tokens_reasoning", "tokens_cached"):
        assert values(table, field) == exactly(fields.get(field, [np.nan] * len(ids))), field
    assert formats()[known].about == table.origin.note


def test_every_sample_is_looked_at(shared_data):
    """No file of the folder is forgotten by the tests of figures and refusals."""
    root = shared_data / "log_formats"
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and not path.name.startswith("LICENSE")}
    assert files == {*SAMPLES, *REFUSED}


@pytest.mark.parametrize("file", SAMPLES)
def test_a_renamed_copy_and_a_zip_give_the_same_table(shared_data, tmp_path, file):
    """Shape decides, not the name: a renamed copy and a zip of it have the fingerprint of the file itself."""
    source = shared_data / "log_formats" / file
    renamed = tmp_path / f"x{source.suffix}"
    shutil.copy(source, renamed)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.write(source, f"folder/{source.name}")
    tables = [load(source), load(renamed), load(tmp_path / "set.zip")]
    assert len({table.fingerprint for table in tables}) == 1


@pytest.mark.parametrize("file", REFUSED)
def test_a_file_without_a_call_is_refused_in_words(shared_data, file):
    """A file of requests alone, and a span of a tool alone, say what they are."""
    with pytest.raises(ProblemError, match=REFUSED[file]):
        load(shared_data / "log_formats" / file)


@pytest.mark.parametrize("file", SAMPLES)
def test_a_log_goes_through_card_audit_store_and_prices(shared_data, tmp_path, file):
    """Facts, audit, the store and prices work though most logs have no quality at all."""
    table = load(shared_data / "log_formats" / file)
    known = facts(table)
    assert known.queries == len(table)
    assert "quality" in known.sentence
    audit(table)
    save(table, tmp_path / "stored")
    assert open_table(tmp_path / "stored").fingerprint == table.fingerprint
    card = ModelCard(name=table.models[0], price_in_usd_per_mtok=2.0, price_out_usd_per_mtok=8.0)
    priced = table.priced([card], recompute=True)
    expected = (np.array(values(table, "tokens_in")) * 2 + np.array(values(table, "tokens_out")) * 8) * 1e-6
    assert values(priced, "cost_usd") == pytest.approx(list(expected), rel=1e-6, nan_ok=True)


def test_the_folder_of_each_format_is_one_set(shared_data):
    """By folder: prompts joined to results, traces beside each other, four forms of one call as its samples."""
    root = shared_data / "log_formats"
    batch = load(root / "openai_batch")
    assert dict(zip(batch.queries.ids, batch.queries.prompts, strict=True))["request-1"] == "What is 2+2?"
    traces = load(root / "langfuse")
    assert (len(traces), len(traces.models)) == (9, 6)
    spans = inspect(uploads(root / "otel_genai"))
    assert spans.table is not None
    assert spans.table.samples is not None
    assert (len(spans.table), len(spans.table.samples.query)) == (1, 4)
    assert "spans that are no calls of a model (tools, agents, web requests), left out: 1." in said(spans)
    runs = load(root / "inspect_ai")
    assert runs.queries.task_names == ("...", "popularity", "security_guide")
    both = list(runs.queries.ids).index("popularity/1")  # two runs of the same question
    assert values(runs, "latency_s")[both] == pytest.approx((0.8326824169926113 + 0.5381193747743964) / 2, rel=1e-7)


def test_the_same_question_put_to_two_models_is_one_query(shared_data):
    """In the traces, the weather in Tokyo was asked of two models in the same words: one query with two cells."""
    table = load(shared_data / "log_formats" / "langfuse")
    row = list(table.queries.ids).index("8e419d3288419b5d944270505640e183/1")
    assert values(table, "tokens_in", "gpt-5-mini-2025-08-07")[row] == 77
    assert values(table, "tokens_in", "gpt-4.1-2025-04-14")[row] == 55


def test_a_log_of_one_model_a_query_says_what_it_cannot_tell():
    """The warning stands where queries went to one model each, says whether a propensity is known, and is absent for a full table."""

    def span(model: str, text: str, **more: Any) -> dict[str, Any]:
        return {"gen_ai.request.model": model, "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 3, "input": text, **more}

    alone = reading([span("a", "1"), span("b", "2"), span("a", "3")])
    assert "all queries went to one model only" in said(alone)
    assert "Nothing says how models were picked" in said(alone)
    weighed = reading([span("a", "1", propensity=0.75), span("b", "2", propensity=0.25)])
    assert "weight by it" in said(weighed)
    assert weighed.table is not None
    assert values(weighed.table, "propensity", "b") == exactly([np.nan, 0.25])
    full = reading([span(model, text) for model in "ab" for text in "123"])
    assert full.table is not None
    assert (len(full.table), full.table.samples) == (3, None)
    assert "one model only" not in said(full)


def result(name: str, choices: Any) -> dict[str, Any]:
    """Return a line of a batch's results."""
    return {"custom_id": name, "response": {"body": {"model": "m", "choices": choices}}, "error": None}


TURNS = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]
GENERATION = {"id": "b", "type": "GENERATION", "model": "m", "usage": {"input": 1}}


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (lines(result("a", []), result("b", 5), result("c", [{"message": {"content": "x"}}])), 2),
        ({"eval": {"task": "t", "model": "m"}, "samples": [{"id": 1, "input": "q", "output": "x"}, {"no": "id"}]}, 2),
        ([{"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 1}, 5], 2),
        ({"trace": {"id": "t"}, "observations": [{"id": "a", "type": "SPAN"}, GENERATION, {"id": "c"}]}, 3),
        ([{"info": {"model_stats": {}}, "messages": TURNS}, {"messages": 5}], 2),
    ],
    ids=["openai_batch", "inspect_ai", "otel", "langfuse", "mini_swe_agent"],
)
def test_a_malformed_record_is_a_problem_with_its_file_and_row(document, row):
    """The good records of a file are read; the bad one is named by file and row."""
    found = reading(document, name="log.jsonl" if isinstance(document, str) else "log.json")
    assert [(problem.file, problem.row) for problem in found.problems] == [(found.sheet.file, row)]
    assert found.table is not None


def test_a_newer_trajectory_has_model_cost_time_and_tokens():
    """Cost, time from first to last message, and the sums of its calls' tokens; a cost of 0 wasn't tracked."""

    def trajectory(own: str, model: str, cost: float) -> dict[str, Any]:
        used = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details": {"cached_tokens": 80}}
        turn = {"role": "assistant", "content": "ls", "extra": {"response": {"usage": used}}, "timestamp": 1_750_000_002.5}
        start = [{"role": "system", "content": "s"}, {"role": "user", "content": f"fix {own}", "timestamp": 1_750_000_000}]
        info = {
            "model_stats": {"instance_cost": cost, "api_calls": 2},
            "config": {"model": {"model_name": model}},
            "submission": "diff",
        }
        return {"instance_id": own, "info": {**info, "exit_status": "Submitted"}, "messages": [*start, turn, turn]}

    found = reading(trajectory("x", "a", 0.125), trajectory("x", "b", 0.0), trajectory("y", "a", 0.25))
    table = found.table
    assert table is not None
    assert (list(table.queries.ids), table.models) == (["x", "y"], ("a", "b"))
    assert values(table, "cost_usd", "a") == exactly([0.125, 0.25])
    assert values(table, "cost_usd", "b") == exactly([np.nan, np.nan])
    assert values(table, "latency_s", "b") == exactly([2.5, np.nan])
    assert [values(table, f"tokens_{kind}", "a")[0] for kind in ("in", "out", "total", "cached")] == [200, 20, 220, 160]
    assert list(table.responses["a"]) == ["diff", "diff"]


def test_no_format_file_reaches_eighty_lines():
    """A reader is one file under 80 lines."""
    import data.readers.formats as folder

    for path in Path(folder.__file__).parent.glob("*.py"):
        if path.name != "base.py":
            assert len(path.read_text().splitlines()) < 80, path.name
