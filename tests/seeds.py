"""A small valid file of every format and kind of file, made by hand: what the fuzz of the readers begins with."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.readers.base import Upload
from data.readers.templates import long_csv, nested_jsonl, wide_csv
from tests import pickles, published
from tests.published import as_csv, as_json, as_lines

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]
MODELS = ("small", "large")


def _documents(*values: Any, suffix: str = ".json") -> list[Upload]:
    return [Upload(f"file{i}{suffix}", as_json(value)) for i, value in enumerate(values)]


def aider() -> list[Upload]:
    """Return the attempts at two problems."""
    outcomes = {"edit_outcome": True, "lint_outcome": True, "test_outcome": True}
    attempts = [{"model": m, "try": i, "cost": 0.1, "model_patch": f"--- {m}", **outcomes} for i, m in enumerate(MODELS)]
    return _documents(*({"instance_id": f"a__b-{i}", "resolved": bool(i), "all_results": attempts, **attempts[i]} for i in range(2)))


def inspect_log(model: str) -> dict[str, Any]:
    """Return an evaluation of two samples by Inspect AI."""
    used = {model: {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}
    scores = {"match": {"value": "C", "answer": "4", "explanation": "x"}}
    output = {"model": model, "choices": [{"message": {"role": "assistant", "content": "4"}}], "usage": used[model]}
    events = [
        {
            "event": "model",
            "model": model,
            "timestamp": "2025-01-01T00:00:00+00:00",
            "completed": "2025-01-01T00:00:02+00:00",
            "output": output,
        }
    ]
    whole = {"epoch": 1, "input": "2 + 2?", "target": "4", "scores": scores, "output": output, "model_usage": used, "messages": ASKED}
    samples = [{"id": i, "uuid": f"{model}{i}", "events": events, **whole} for i in range(2)]
    return {"status": "success", "eval": {"task": "sums", "model": model, "created": "2025-01-01T00:00:00+00:00"}, "samples": samples}


def inspect_ai() -> list[Upload]:
    """Return the logs of two models."""
    return _documents(*(inspect_log(model) for model in MODELS))


def inspect_eval() -> list[Upload]:
    """Return a log as an `.eval` archive."""
    log = inspect_log("small")
    samples = {f"samples/{each['id']}_epoch_1.json": as_json(each) for each in log.pop("samples")}
    return [Upload("log.eval", zipped({"header.json": as_json(log), **samples}))]


def langfuse() -> list[Upload]:
    """Return a trace of two generations and a span."""
    call = {
        "type": "GENERATION", "traceId": "t", "parentObservationId": "s", "startTime": "2025-01-01T00:00:00.000Z",
        "endTime": "2025-01-01T00:00:01.500Z", "input": json.dumps({"messages": ASKED}), "output": {"role": "assistant", "content": "4"},
        "usageDetails": {"input": 10, "output": 5, "total": 15}, "costDetails": {"total": 0.01}, "level": "DEFAULT", "metadata": "{}",
    }  # fmt: skip
    span = {"id": "s", "type": "SPAN", "traceId": "t", "parentObservationId": None, "startTime": "2025-01-01T00:00:00.000Z"}
    calls = [{**call, "id": f"g{i}", "model": model} for i, model in enumerate(MODELS)]
    scores = [{"name": "correctness", "value": 1, "observationId": "g0"}]
    trace = {"id": "t", "name": "sums", "timestamp": "2025-01-01T00:00:00.000Z", "scores": scores}
    return _documents({"trace": trace, "observations": [span, *calls]})


def litellm() -> list[Upload]:
    """Return a spend log of two requests."""
    meta = {"usage_object": {"prompt_tokens": 10}, "routing_decision": {"probability": 0.5, "router_model_name": "r"}}
    record = {
        "call_type": "acompletion", "spend": 0.5, "prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30, "status": "success",
        "startTime": "2025-01-24T09:20:46.000Z", "endTime": "2025-01-24T09:20:47.500Z", "messages": json.dumps(ASKED),
        "metadata": json.dumps(meta), "response": json.dumps({"choices": [{"message": {"content": "4"}}]}), "cache_hit": "False",
    }  # fmt: skip
    return [Upload("spend.jsonl", as_lines([{"request_id": f"r{i}", "model": model, **record} for i, model in enumerate(MODELS)]))]


def llmrouter() -> list[Upload]:
    """Return records with an object of scores."""
    return _documents([{"question": f"{i} + 2?", "task": "sums", "scores": {"small": i % 2, "large": 1.0}} for i in range(4)])


def mini_swe_agent() -> list[Upload]:
    """Return the trajectories of two models."""
    usage = {"prompt_tokens": 10, "completion_tokens": 5}
    turn = {"role": "assistant", "content": "ls", "timestamp": 1700000002.5, "extra": {"response": {"usage": usage}}}
    messages = [{**each, "timestamp": 1700000000.0} for each in ASKED] + [turn]
    return _documents(*(
        {"instance_id": "a__b-1", "messages": messages,
         "info": {"submission": "diff", "exit_status": "Submitted", "model_stats": {"instance_cost": 0.2, "api_calls": 1},
                  "config": {"model": {"model_name": model}}}}
        for model in MODELS
    ))  # fmt: skip


def misguided() -> list[Upload]:
    """Return judged answers, and the queries' own file beside."""
    criteria = [{"criterion": "says 4", "met": True}]
    answer = {"criteria_results": criteria, "total_score": 0.5, "original_response": "4", "original_question": "2 + 2?"}
    detail = [{"reasoning_tokens": 3}, {"reasoning_tokens": 4}]
    raw = {"prompt_id": "p0", "llm": "small", "output": ["4", "5"], "prompt": "2 + 2?", "tokens_completion": [7, 8]}
    judged = {f"p{i}": {model: [answer, {**answer, "total_score": 1}] for model in MODELS} for i in range(2)}
    return _documents(judged, {"results": [{**raw, "completion_tokens_details": detail}]})


def omnisbench() -> list[Upload]:
    """Return a run of four policies on two questions."""
    items = [
        {"policy": policy, "dataset": "sums", "item_id": f"q{i}", "reference": "4", "response_text": "4", "chosen_model": model,
         "passed": True, "cost_usd": 0.1, "input_tokens": 10, "output_tokens": 5, "latency_ms": 900.0, "meta": {"contaminated": False}}
        for i in range(2)
        for policy, model in (("always_big", "large"), ("always_cheap", "small"), ("random", MODELS[i]), ("oracle", "large"))
    ]  # fmt: skip
    return _documents({"provenance": {"date": "2026-08-19"}, "leaderboard": [{"policy": "random"}], "items": items})


def openai_batch() -> list[Upload]:
    """Return the requests and the results of a batch."""
    body = {"model": "small", "messages": ASKED}
    sent = [{"custom_id": f"c{i}", "method": "POST", "url": "/v1/chat/completions", "body": body} for i in range(2)]
    said = {"model": "small-1", "created": 1700000000, "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            "choices": [{"message": {"role": "assistant", "content": "4"}}]}  # fmt: skip
    back = [{"id": f"i{i}", "custom_id": f"c{i}", "response": {"status_code": 200, "body": said}, "error": None} for i in range(2)]
    return [Upload("in.jsonl", as_lines(sent)), Upload("out.jsonl", as_lines(back))]


def otel() -> list[Upload]:
    """Return an OTLP envelope with a span of each convention."""
    gen = {"gen_ai.request.model": "small", "gen_ai.usage.input_tokens": 10, "gen_ai.input.messages": json.dumps(ASKED)}
    llm = {"openinference.span.kind": "LLM", "llm.model_name": "large", "llm.token_count.prompt": 10, "input.value": json.dumps(ASKED)}
    spans = [
        {
            "traceId": "t", "spanId": f"s{i}", "parentSpanId": "", "name": "chat", "startTimeUnixNano": "1700000000000000000",
            "endTimeUnixNano": "1700000001500000000", "status": {"code": 1},
            "attributes": [
                {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
                for key, value in named.items()
            ],
        }
        for i, named in enumerate((gen, llm))
    ]  # fmt: skip
    return _documents({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {"name": "x"}, "spans": spans}]}]})


def planbench() -> list[Upload]:
    """Return the plans of two models for two problems."""
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "completion_tokens_details": {"reasoning_tokens": 2}}
    kept = {"usage": usage, "time_taken": 1.5, "costs": {"total": 0}}
    problem = {"ground_truth_plan": ["(a)", "(b)"], "extracted_llm_plan": "(a)\n(b)", "query": "Stack.", "llm_raw_response": "(a)"}
    instances = [{"instance_id": i, "llm_correct": bool(i), "response_object": kept, **problem} for i in range(2)]
    return _documents(*({"task": "t1", "domain": "blocks", "engine": model, "instances": instances} for model in MODELS))


def reflexion() -> list[Upload]:
    """Return the runs of two models."""
    record = {"prompt": "def f():", "canonical_solution": "  return 1", "test": "assert f()", "solution": "  return 1", "is_solved": True}
    lines = as_lines([{"task_id": f"HumanEval/{i}", **record} for i in range(2)])
    return [Upload(f"{model}.jsonl", lines) for model in MODELS]


def routellm() -> list[Upload]:
    """Return the flags of two models with their responses."""
    rows = [{"prompt": f"{i} + 2?", "gpt-4": True, "mixtral": i % 2 == 0, "gpt-4_response": "4", "mixtral_response": "5"} for i in range(4)]
    return [Upload("gsm8k.csv", as_csv(rows))]


def tot() -> list[Upload]:
    """Return a log of answers drawn one by one, and one of a search."""
    used = [{"prompt_tokens": 10 * i, "completion_tokens": 5 * i, "cost": 0.1 * i} for i in (1, 2)]
    drawn = [{"idx": i, "ys": ["a", "b"], "infos": [{"r": 1}, {"r": 0}], "usage_so_far": used[i]} for i in range(2)]
    steps = [{"step": 0, "x": "4 5 6 10", "ys": [""]}]
    searched = [{"idx": i, "ys": ["a"], "steps": steps, "infos": [{"r": 1}], "usage_so_far": used[i]} for i in range(2)]
    return _documents(drawn, searched)


def zeroeval() -> list[Upload]:
    """Return the result file of each model."""
    record = {"question": "2 + 2?", "answer": "4", "output": ['{"reasoning": "x", "answer": "4"}'], "dataset": "sums"}
    return _documents(*([{"id": f"sums-#{i}", "generator": model, **record} for i in range(2)] for model in MODELS))


def zeroeval_matrix() -> list[Upload]:
    """Return ZeroEval's matrix of several models."""
    rows = [{"id": f"sums-test-#{i}", "correct_answer": "4", "small": i % 2, "large": "" if i == 3 else 1} for i in range(4)]
    return [Upload("matrix.csv", as_csv(rows))]


def csv() -> list[Upload]:
    """Return a wide table as CSV, with semicolons, a mark and quoted cells."""
    quoted = b'\xef\xbb\xbfid;prompt;small_score;large_score\r\n1;"a; ""b""\r\nc";0;1\r\n2;d;1;0,5\r\n'
    return [Upload("wide.csv", wide_csv()), Upload("semicolons.csv", quoted)]


def long() -> list[Upload]:
    """Return a long table with samples, policies, a split and time stamps."""
    rows = [
        {"id": f"q{i}", "prompt": f"{i}?", "model": model, "sample": s, "score": (i + s) % 2, "cost": 0.1, "latency_ms": 900,
         "policy": "random", "split": ("train", "test")[i % 2], "timestamp": "2025-01-01T00:00:00Z", "tokens_in": 10,
         "margin": 0.5, "response": "4"}
        for i in range(3)
        for model in MODELS
        for s in range(2)
    ]  # fmt: skip
    return [Upload("long.csv", as_csv(rows)), Upload("prices.yaml", b"models:\n  small: {input: 0.1, output: 0.2}\n")]


def tsv() -> list[Upload]:
    """Return a long table as TSV."""
    return [Upload("long.tsv", long_csv().replace(b",", b"\t"))]


def jsonl() -> list[Upload]:
    """Return nested records a line."""
    return [Upload("nested.jsonl", nested_jsonl())]


def flat_jsonl() -> list[Upload]:
    """Return flat records a line, those that are read in blocks."""
    return [Upload("flat.jsonl", as_lines([{"id": f"q{i}", "model": m, "score": 1, "cost": 0.5} for i in range(3) for m in MODELS]))]


def json_records() -> list[Upload]:
    """Return a document with a header of its own."""
    rows = [{"id": i, "question": f"{i}?", "gold": "4", "answers": {m: str(4 + i % 2) for m in MODELS}} for i in range(4)]
    return _documents({"date": "2025-01-01", "rows": rows})


def parquet() -> list[Upload]:
    """Return a table with texts, numbers, flags, objects, lists and dates as Parquet."""
    table = pa.table({
        "id": pa.array(["a", "b", "c"]).dictionary_encode(), "small": [1.0, 0.0, None], "large": [True, False, True], "tokens": [1, 2, 3],
        "usage": [{"in": 1, "out": "x"}, None, {"in": None, "out": "y"}], "tags": [["a"], None, []], "raw": [b"\xff", b"x", None],
        "at": pa.array([0, 1, None], pa.timestamp("us", "UTC")), "price": pa.array([1, 2, None], pa.decimal128(5, 2)),
    })  # fmt: skip
    return [Upload("table.parquet", parquet_bytes(table))]


def xlsx() -> list[Upload]:
    """Return a spreadsheet with a title above its table, a date and a formula."""
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Results"],
        [],
        ["id", "prompt", "small", "large", "date"],
        ["a", "2?", 1, 0, dt.date(2025, 1, 1)],
        ["b", "3?", 0, "=1-0", None],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return [Upload("book.xlsx", out.getvalue())]


def yaml() -> list[Upload]:
    """Return a price list as YAML."""
    return [
        Upload("prices.yaml", b"snapshot_date: 2026-08-18\nmodels:\n  small: {input: 0.1, output: 0.2}\n  large: {input: 1, output: 2}\n")
    ]


def archive() -> list[Upload]:
    """Return a zip archive of a wide table, prices and a text about them."""
    prices = as_csv([{"model": m, "input_price": 1, "output_price": 2} for m in MODELS])
    return [Upload("set.zip", zipped({"a/wide.csv": wide_csv(), "prices.csv": prices, "README.txt": b"hello"}))]


def gzipped() -> list[Upload]:
    """Return a table in two gzip members."""
    data = long_csv()
    return [Upload("long.csv.gz", gzip.compress(data[:200]) + gzip.compress(data[200:]))]


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def pickled() -> list[Upload]:
    """Return a table as pandas pickles it."""
    return [Upload("outcomes.pkl", pickles.published(published.ROUTERBENCH))]


FORMATS: Mapping[str, Callable[[], list[Upload]]] = {
    "aider": aider, "inspect_ai": inspect_ai, "langfuse": langfuse, "litellm": litellm, "llmrouter": llmrouter,
    "mini_swe_agent": mini_swe_agent, "misguided": misguided, "omnisbench": omnisbench, "openai_batch": openai_batch, "otel": otel,
    "planbench": planbench, "reflexion": reflexion, "routellm": routellm, "tot": tot, "zeroeval": zeroeval, **published.SHAPES,
}  # fmt: skip
KINDS: Mapping[str, Callable[[], list[Upload]]] = {
    "inspect_eval": inspect_eval, "zeroeval_matrix": zeroeval_matrix, "csv": csv, "long": long, "tsv": tsv, "jsonl": jsonl,
    "flat_jsonl": flat_jsonl, "json": json_records, "parquet": parquet, "xlsx": xlsx, "yaml": yaml, "zip": archive, "gzip": gzipped,
    "pickle": pickled,
}  # fmt: skip
SEEDS: Mapping[str, Callable[[], list[Upload]]] = {**FORMATS, **KINDS}
RECORDED: Mapping[str, str] = {
    "aider": "aider_swebench_cascade/predictions/*__*.json", "inspect_ai": "log_formats/inspect_ai/*.json",
    "inspect_eval": "log_formats/inspect_ai/*.eval", "langfuse": "log_formats/langfuse/*.json", "litellm": "log_formats/litellm/*.json",
    "mini_swe_agent": "log_formats/mini_swe_agent/*.json", "openai_batch": "log_formats/openai_batch/*.jsonl",
    "otel": "log_formats/otel_genai/*.json", "yaml": "omnisbench/*.yaml",
}  # fmt: skip


def recorded(name: str, folder: Path, most_bytes: int = 60_000) -> list[list[Upload]]:
    """Return the recorded samples of a format that are small enough, each as a set of its own; none without the recorded data."""
    pattern = RECORDED.get(name)
    paths = sorted(folder.glob(pattern)) if pattern and folder.is_dir() else []
    small = [path for path in paths if path.stat().st_size <= most_bytes]
    return [[Upload(path.name, path.read_bytes())] for path in small[:5]]
