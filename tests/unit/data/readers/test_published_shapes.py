"""Published benchmark sets and the logs of evaluation tools, by their documented shapes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from data import load
from data.audit import audit
from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.formats.base import formats
from tests import published
from tests.published import CHEAP, SHAPES, STRONG, as_csv, as_json, as_lines, backwards, promptfoo_result, promptfoo_results

NONE = float("nan")


def cells(table) -> dict[tuple[str, str], dict[str, float | str | None]]:
    """Return (query, model) -> every number, signal and text of the table, whatever the order of its rows and models."""
    out: dict[tuple[str, str], dict[str, float | str | None]] = {}
    for i, query in enumerate(table.queries.ids):
        for m, model in enumerate(table.models):
            numbers = {name: repr(float(values[i, m])) for name, values in {**table.numbers, **table.signals}.items()}
            said = {"answer": table.answers, "response": table.responses}
            texts = {name: each[model][i] if model in each else None for name, each in said.items()}
            asked = {"prompt": table.queries.prompts and table.queries.prompts[i]}
            out[query, model] = {**numbers, **texts, **asked}
    return out


def close(values) -> object:
    """Return numbers with NaN where nothing is recorded, to compare with."""
    return pytest.approx(np.array(values, dtype=np.float32), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_known_and_reads_without_problems(shape):
    """A file of each published shape is recognised as that, says where it comes from, and has nothing in its way."""
    reading = inspect(SHAPES[shape]())
    assert (reading.reader, reading.problems, reading.needs_mapping) == (shape, (), False)
    assert finish(reading).origin.note == formats()[shape].about


def reordered(upload: Upload) -> Upload:
    """Return a file with its rows and the columns or keys in reverse order, under a name that says nothing."""
    text = upload.data.decode()
    if upload.name.endswith(".csv"):
        import csv

        rows = list(csv.DictReader(text.splitlines(keepends=True)))
        return Upload("copy.txt", as_csv(rows[::-1], list(rows[0])[::-1]))
    if upload.name.endswith(".jsonl"):
        return Upload("copy.jsonl", as_lines([backwards(json.loads(line)) for line in reversed(text.splitlines())]))
    value = backwards(json.loads(text))
    if isinstance(value, dict) and isinstance(value.get("results"), dict) and "results" in value["results"]:
        value["results"]["results"].reverse()
    return Upload("copy.json", as_json(value[::-1] if isinstance(value, list) else value))


@pytest.mark.parametrize("shape", ["routerbench", "embedllm", "mixinstruct", "promptfoo"])
def test_renamed_and_reordered_copies_give_the_same_table(shape):
    """Rows, columns and keys in another order under another name give the same value for each query and model."""
    [upload] = SHAPES[shape]()
    copy = reordered(upload)
    assert copy.data != upload.data
    assert inspect([copy]).reader == shape
    assert cells(load(copy)) == cells(load(upload))


def test_routerarena_does_not_mind_names_and_order():
    """The files of a router under other names in reverse order give the same cells."""
    uploads = published.routerarena()
    copies = [replace(reordered(each), name=f"{i}.json{'l' * each.name.endswith('l')}") for i, each in enumerate(reversed(uploads))]
    assert cells(load(copies)) == cells(load(uploads))


def test_routerbench_scores_and_costs():
    """Scores of 0, 1 and between, costs and answers by model; the oracle's column is no model."""
    table = load(published.routerbench())
    assert table.models == (CHEAP, STRONG)
    assert list(table.queries.ids) == ["mmlu-anatomy.val.1", "mtbench.7", "mbpp.dev.3"]
    assert table.queries.task_names == ("mbpp", "mmlu-anatomy", "mtbench")
    assert table.numbers["quality"] == close([[0, 1], [0.75, 0.9], [0, 0]])
    assert table.numbers["cost_usd"] == close([[1.46e-05, 0.00074], [9.1e-05, 0.011], [6.2e-05, 0.0051]])
    assert table.responses[STRONG].to_list() == ["['B)']", "['Snow, \\nthen']", "['def f(): pass']"]
    assert set(table.numbers) == {"quality", "cost_usd"}


def test_routerbench_with_a_hole():
    """A model that has a cost but no score for a query keeps the hole, and what an empty score means is asked."""
    rows = [dict(row) for row in published.ROUTERBENCH]
    rows[1][CHEAP] = ""
    reading = inspect([Upload("five.csv", as_csv(rows))])
    assert [question.field for question in reading.questions] == ["empty_answer_means"]
    assert finish(reading).numbers["quality"] == close([[0, 1], [NONE, 0.9], [0, 0]])


def test_routerbench_as_parquet():
    """The Parquet file that the refusal of the pickle asks for gives the table of the CSV."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(published.ROUTERBENCH), out)
    assert cells(load(Upload("outcomes.parquet", out.getvalue()))) == cells(load(published.routerbench()))


def test_a_damaged_routerbench_pickle_is_refused_with_the_way_out():
    """What can't be read of the published pickle is not opened either; the message says how to convert it."""
    with pytest.raises(ProblemError, match=r"to_parquet\('outcomes\.parquet'\)"):
        load(Upload("routerbench_0shot.pkl", b"\x80\x04\x95rest"))


def test_routerarena_rows():
    """Choices without a call bring no query, failed calls no score, cached answers occur once, further runs are samples."""
    table = load(published.routerarena())
    assert table.models == ("grok-4-1-fast", "gpt-5-nano")
    assert list(table.queries.ids) == ["ArcMMLU_655", "AIME_112 (wording 2)", "AIME_58", "AIME_112 (wording 1)"]
    assert table.queries.task_names == ("AIME", "ArcMMLU")
    assert table.numbers["quality"] == close([[0, 1], [NONE, 0.5], [NONE, NONE], [0, NONE]])
    assert table.numbers["cost_usd"] == close([[5.79e-05, 0.00051785], [NONE, 0.0005], [NONE, NONE], [4e-05, NONE]])
    assert table.numbers["tokens_total"] == close([[706, 171], [NONE, 152], [NONE, NONE], [171, NONE]])
    assert table.queries.prompts.to_list()[1] == "Question AIME_112?"
    assert table.queries.references.to_list() == [None, "610", None, None]
    assert table.responses["gpt-5-nano"].to_list() == ["\\boxed{B}", "\\boxed{610}", None, None]
    assert sorted(table.samples.quality[table.samples.query == 1].tolist()) == [0, 1]


def test_routerarena_of_one_router_has_no_samples():
    """A file in which every model answered a query once has no sample numbers, and its cells are single calls."""
    table = load(published.routerarena()[0])
    assert table.samples is None
    assert table.numbers["quality"] == close([[0, 1], [NONE, 1], [NONE, NONE]])


def test_routerarena_before_any_call_is_refused():
    """A prediction file whose models were never called has nothing to compare, and says so."""
    chosen = [{"global index": "AIME_1", "prompt": "?", "prediction": "gpt-4o", "generated_result": None, "cost": None, "accuracy": None}]
    with pytest.raises(ProblemError, match="no answer of a model"):
        load(Upload("router.json", as_json(chosen)))


def test_a_failed_call_that_was_made_again_counts_once():
    """A failure beside a success of the same model is no second sample."""
    failed = {"generated_answer": "", "success": False, "token_usage": {}, "error": "timeout"}
    entry = {"global index": "AIME_1", "prompt": "?", "prediction": "gpt-4o", "cost": 0.1, "accuracy": 1.0}
    done = {"generated_answer": "4", "success": True, "token_usage": {"input_tokens": 3, "output_tokens": 1}}
    table = load(Upload("router.json", as_json([{**entry, "generated_result": failed}, {**entry, "generated_result": done}])))
    assert table.samples is None
    assert table.numbers["quality"] == close([[1]])


def test_embedllm_labels():
    """Labels by prompt and model, the category as the task."""
    table = load(published.embedllm())
    assert table.models == ("microsoft__phi-2", "google__gemma-7b-it")
    assert table.numbers["quality"] == close([[1, 0], [1, 1], [0, 0], [0, 1]])
    assert table.queries.task_names == ("asdiv", "mathqa")
    assert table.samples is None


def test_embedllm_prompts_of_several_variants_count_with_their_mean():
    """A prompt listed under two task variants has the mean of its labels; the same variant twice is a problem with its row."""
    again = [{**row, "category_id": 7, "category": "asdiv_2", "label": 1} for row in published.EMBEDLLM[:2]]
    table = load(Upload("train.csv", as_csv([*published.EMBEDLLM, *again])))
    assert table.numbers["quality"] == close([[1, 0.5], [1, 1], [0, 0], [0, 1]])
    with pytest.raises(ProblemError, match="row 11, column category_id: sample '7'"):
        load(Upload("train.csv", as_csv([*published.EMBEDLLM, *again, again[0]])))


def test_embedllm_files_are_its_splits():
    """train.csv, val.csv and test.csv of one folder are one set, each query in the split of its file; orders beside are not used."""
    rows = [
        {**row, "prompt_id": row["prompt_id"] + 10 * i, "prompt": f"{row['prompt']} {i}"} for i in range(3) for row in published.EMBEDLLM
    ]
    names = ("train", "val", "test")
    files = [Upload(f"{name}.csv", as_csv(rows[8 * i : 8 * i + 8])) for i, name in enumerate(names)]
    order = Upload("model_order.csv", as_csv([{"model_id": 0, "model_name": "microsoft__phi-2"}, {"model_id": 1, "model_name": "x"}]))
    reading = inspect([*files, order])
    table = finish(reading)
    assert (reading.reader, len(table), table.models) == ("embedllm", 12, ("microsoft__phi-2", "google__gemma-7b-it"))
    assert table.queries.splits.to_list() == ["train"] * 4 + ["validation"] * 4 + ["test"] * 4
    assert table.queries.task_names == ("asdiv", "mathqa")
    assert {note.name: note.use for note in reading.files}["model_order.csv"] == "not used"
    again = inspect([files[0], Upload("test.csv", files[0].data)])  # the same questions in both: no split of them
    assert again.table is None or again.table.queries.splits is None


def test_files_of_any_table_are_its_splits():
    """Wide tables called train and test are a set with that split; a third file whose name says nothing leaves it unsplit."""
    rows = [{"prompt": f"q{i}", "gpt": i % 2, "claude": 1} for i in range(8)]
    files = [Upload("my_train.csv", as_csv(rows[:4])), Upload("my-test.csv", as_csv(rows[4:]))]
    table = load(files)
    assert table.queries.splits.to_list() == ["train"] * 4 + ["test"] * 4
    assert table.queries.task_names == ()
    other = load([*files, Upload("more.csv", as_csv([{**row, "prompt": f"{row['prompt']}x"} for row in rows]))])
    assert other.queries.splits is None


def test_mixinstruct_quality_is_bertscore_and_no_metric_is_a_signal():
    """BERTScore counts; metrics that need the reference are never signals; negative ones cannot be chosen."""
    reading = inspect(published.mixinstruct())
    table = finish(reading)
    assert table.models == ("vicuna-13b-1.1", "dolly-v2-12b")
    assert table.numbers["quality"] == close([[0.75, 0.61], [0.82, 0.0]])
    assert table.signals == {}
    assert set(table.queries.meta) == set()
    assert table.queries.prompts.to_list() == ["What is a skeptic?", "Shorten.\n\nIf you have any questions, ask."]
    assert table.queries.references.to_list() == ["Someone who doubts.", "Ask if unsure."]
    [question] = reading.questions
    assert list(question.choices) == ["bertscore", "rougeL"]
    assert question.choices["bertscore"] == question.default == reading.mapping.cells
    other = finish(reading, replace(reading.mapping, cells=question.choices["rougeL"]))
    assert other.numbers["quality"] == close([[0.23, 0.4], [0.5, 0.0]])


def test_mixinstruct_with_two_decodings_of_a_model():
    """A model that answered under two decodings is two arms, named after them."""
    record = {**published.MIXINSTRUCT[0]}
    record["candidates"] = [published._candidate("alpaca", "x", 0.5, 0.1), published._candidate("alpaca", "y", 0.7, 0.2, "beam_search")]
    assert load(Upload("a.json", as_json([record, record | {"id": "b"}]))).models == ("alpaca (top_p_sampling)", "alpaca (beam_search)")


def test_lm_eval_models_filters_and_margins():
    """The results file and the folder name the models; the strict filter counts; options give a margin."""
    reading = inspect(published.lm_eval())
    table = finish(reading)
    assert table.models == ("meta-llama/Llama-3-8B", "google/gemma-7b")
    assert list(table.queries.ids) == ["gsm8k-0-086c1925", "gsm8k-1-186c1925", "mmlu_anatomy-0-m0aa1122", "mmlu_anatomy-1-m1aa1122"]
    assert table.queries.task_names == ("gsm8k", "mmlu_anatomy")
    assert table.numbers["quality"] == close([[0, 1], [1, 0], [1, 0], [0, 1]])
    # softmax of (-3, -0.5, -8) and (-0.1, -4, -8); two equal options; (-9, -7, -0.2)
    assert table.signals["margin"] == close([[NONE, NONE], [NONE, NONE], [0.847850, 0.959971], [0, 0.997625]])
    assert table.answers["meta-llama/Llama-3-8B"].to_list()[1:] == ["1", "1", "0"]
    assert table.queries.references.to_list() == ["0", "1", "1", "2"]
    [question] = reading.questions
    assert list(question.choices) == ["strict-match", "flexible-extract", "none"]
    lenient = finish(reading, replace(reading.mapping, cells=question.choices["flexible-extract"]))
    assert lenient.numbers["quality"] == close([[1, 1], [1, 0], [1, 0], [0, 1]])


def test_lm_eval_results_say_the_model_by_date_where_there_are_no_folders():
    """Files chosen in a browser have no folders: the date in their names joins samples and results."""
    flat = [replace(each, name=each.name.rsplit("/", 1)[1]) for each in published.lm_eval()]
    results = json.loads(flat[0].data)
    del results["model_name"]
    other = {**results, "config": {"model_args": {"pretrained": "google/gemma-7b"}}}
    files = [Upload(flat[0].name, as_json(results)), Upload("results_2024-07-21T08-00-00.000001.json", as_json(other)), *flat[1:]]
    assert cells(load(files)) == cells(load(published.lm_eval()))


def test_lm_eval_samples_alone_are_called_after_their_file():
    """One file without a folder and results reads; its model bears the file's name; a renamed copy differs in names only."""
    upload = Upload("gemma.jsonl", published.lm_eval()[3].data)
    table = load(upload)
    assert table.models == ("gemma",)
    assert list(table.queries.ids) == ["0-086c1925", "1-186c1925"]
    assert table.numbers["quality"] == close([[1], [0]])


def test_lm_eval_metrics_named_with_their_filter_and_results_alone():
    """`exact_match,strict-match` is read as the score; a results file without samples has no answer of a model."""
    record = published._sample(0, "0", 1.0, "strict-match")
    record["exact_match,strict-match"] = record.pop("exact_match")
    assert load(Upload("one.jsonl", as_lines([record, {**record, "doc_id": 1}]))).numbers["quality"] == close([[1], [1]])
    with pytest.raises(ProblemError, match="no answer of a model"):
        load(published.lm_eval()[0])


def test_promptfoo_of_version_three():
    """Providers times prompts are arms; a cached time, a cost of zero, a failed call and a test without assertions are unknown."""
    table = load(published.promptfoo())
    one, other, two = "openai:chat:gpt-4o-mini, prompt 1", "openai:chat:gpt-4o", "openai:chat:gpt-4o-mini, prompt 2"
    assert table.models == (one, other, two)
    assert list(table.queries.ids) == ["test 1", "test 2", "test 3"]
    assert table.numbers["quality"] == close([[1, 0, 1], [1, NONE, 0.25], [NONE, NONE, NONE]])
    assert table.numbers["cost_usd"] == close([[NONE, 7.05e-06, 7.05e-06], [7.05e-06, NONE, 7.05e-06], [7.05e-06, NONE, NONE]])
    assert table.numbers["latency_s"] == close([[NONE, 0.473, 0.473], [0.473, NONE, 0.473], [0.473, NONE, NONE]])
    assert table.numbers["tokens_in"] == close([[NONE, 43, 43], [43, NONE, 43], [43, NONE, NONE]])
    assert table.numbers["tokens_total"] == close([[44, 44, 44], [44, NONE, 44], [44, NONE, NONE]])
    assert table.queries.references.to_list() == ["8", "16", None]
    assert table.responses[two].to_list() == ["8", '{"x": 16}', None]


def test_promptfoo_of_version_two_and_as_lines():
    """Version 2 (no indices, the table beside) and a result a line read as the same cells."""
    results = promptfoo_results()[:6]
    old = [
        {key: value for key, value in each.items() if key not in ("testIdx", "promptIdx", "promptId", "id", "testCase", "failureReason")}
        for each in results
    ]
    old[3] |= {"response": {"error": "Rate limit exceeded"}}
    summary = {"version": 2, "timestamp": "2024-05-01T00:00:00.000Z", "results": old, "stats": {}, "table": {"head": {}, "body": []}}
    table = load(Upload("v2.json", as_json({"results": summary, "config": {}})))
    assert sorted(table.mean("quality").items()) == [
        ("openai:chat:gpt-4o", 0.0),
        ("openai:chat:gpt-4o-mini, prompt 1", 1.0),
        ("openai:chat:gpt-4o-mini, prompt 2", 0.625),
    ]
    assert len(table) == 2
    lines = load(Upload("output.jsonl", as_lines(results)))
    whole = load(Upload("a.json", as_json({"evalId": "e", "results": {"version": 3, "results": results}})))
    assert cells(lines) == cells(whole)


def test_promptfoo_repeats_are_samples_and_evaluations_are_one_set():
    """A test that was repeated gives samples; a second evaluation adds its provider to the same tests."""
    first = [promptfoo_result(1, 0, "gpt-4o", "8", 1), promptfoo_result(2, 0, "gpt-4o", "16", 1)]
    repeated = {**promptfoo_result(1, 0, "gpt-4o", "7", 0), "testIdx": 3}
    second = [{**promptfoo_result(i, 0, "gpt-4o-mini", "8", 1), "provider": {"id": "x", "label": "mini"}} for i in (2, 1)]
    uploads = [
        Upload(f"{i}.json", as_json({"results": {"version": 3, "results": each}})) for i, each in enumerate(([*first, repeated], second))
    ]
    table = load(uploads)
    assert table.models == ("openai:chat:gpt-4o", "mini")
    assert table.numbers["quality"] == close([[0.5, 1], [1, 1]])
    assert table.samples.quality[:2].tolist() == [1, 0]


@pytest.mark.parametrize("shape", ["routerarena", "mixinstruct", "lm_eval", "promptfoo"])
def test_one_odd_record_is_named_and_the_others_are_read(shape):
    """A record that lacks what its kind needs is a problem with file and row; the table of the others can be had."""
    upload = next(each for each in SHAPES[shape]() if "results_" not in each.name)
    lines = upload.name.endswith("l")
    value = [json.loads(line) for line in upload.data.decode().splitlines()] if lines else json.loads(upload.data)
    records = value if isinstance(value, list) else value["results"]["results"]
    records.append({"doc_id": 3, "filtered_resps": 1, "llm_selected": None, "candidates": 7, "provider": None})
    reading = inspect([Upload(upload.name, as_lines(value) if lines else as_json(value))])
    assert [problem.row for problem in reading.problems] == [len(records)]
    assert set(reading.table.models) == set(load(upload).models)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_audit_of_a_sample_says_nothing_false(shape):
    """Checks for sentinels, scores chosen by outcome and costs of zero stay silent on samples that have none of these."""
    found = {finding.check for finding in audit(load(SHAPES[shape]()))}
    assert not found & {"sentinels", "chosen_by_outcome", "zero_cost_with_tokens", "contaminated"}
