"""LLMRouterBench's result files, by a sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data import load
from data.problems import ProblemError
from data.readers.base import Reading, Upload
from data.readers.detect import inspect
from tests.published import as_json, backwards, llmrouterbench, llmrouterbench_run

NONE = np.nan
TASKS, MODELS = ("aime", "gpqa"), ("glm", "gpt-5")


def test_scores_tokens_and_costs() -> None:
    """Each run gives its model's column; a cost of 0, an answer without a score and a trial run are unknown, never 0."""
    table = load(llmrouterbench())
    assert (table.models, table.queries.task_names) == (MODELS, TASKS)
    assert list(table.queries.ids) == [*(f"aime-hybrid-{i}" for i in (1, 2, 3, 4)), "gpqa-test-1", "gpqa-test-2"]
    wanted = {
        "quality": [[0, 1], [0, 0], [1, NONE], [1, 1], [0, 1], [1, 0.5]],
        "cost_usd": [[NONE, 16e-6], [NONE, 17e-6], [NONE, 18e-6], [NONE, 19e-6], [NONE, 16e-6], [NONE, 17e-6]],
        "tokens_in": [[11, 11], [12, 12], [13, 13], [14, 14], [11, 11], [12, 12]],
    }
    for name, values in wanted.items():
        assert table.numbers[name] == pytest.approx(np.array(values, np.float32), nan_ok=True), name
    assert table.queries.prompts is not None
    assert table.queries.prompts[0] == "aime asks 1?"
    assert table.queries.references is not None
    assert list(table.queries.references) == ["1", "2", "3", "4", "1", "2"]


def test_order_names_and_keys_play_no_part() -> None:
    """The files backwards under other names, their keys and records backwards, give the same table."""
    turned = []
    for i, upload in enumerate(reversed(llmrouterbench())):
        value = backwards(json.loads(upload.data))
        value["records"].reverse()
        turned.append(replace(upload, name=f"{i}.json", data=as_json(value)))
    assert load(turned, name="x").fingerprint == load(llmrouterbench(), name="x").fingerprint


def test_a_second_run_is_a_sample_and_a_nameless_one_bears_its_files_name() -> None:
    """Two runs of a model on a dataset count with their mean; a run of the oldest form, without names, is named by its file."""
    runs = [llmrouterbench_run("gpt-5", "gpqa", scores) for scores in ((1, 0), (0, 0))]
    table = load([Upload(f"{i}.json", as_json(run)) for i, run in enumerate(runs)])
    assert table.quality("gpt-5").tolist() == [0.5, 0.0]
    for name in ("model_name", "dataset_name", "split"):
        del runs[0][name]
    assert load([Upload("gpqa-20251019_064322.json", as_json(runs[0]))]).models == ("gpqa",)


def test_an_odd_record_is_named_and_a_trial_run_alone_is_refused() -> None:
    """A record without a score is a problem with its row; a file of a trial run alone has no answer in it."""
    run = llmrouterbench_run("gpt-5", "gpqa", (1, 0))
    del run["records"][1]["score"]
    reading = inspect([Upload("a.json", as_json(run))])
    assert [problem.row for problem in reading.problems] == [2]
    with pytest.raises(ProblemError, match="no answer of a model"):
        load(Upload("a.json", as_json(llmrouterbench_run("gpt-5", "gpqa", (1, 0), demo=True))))


def _asked(model: str, texts: Sequence[str | None], **more: Any) -> dict[str, Any]:
    """Return a run on one dataset, with the text of each query in turn; all answers are right."""
    run = llmrouterbench_run(model, "aime", [1.0] * len(texts), **more)
    for record, text in zip(run["records"], texts, strict=True):
        record["origin_query"] = text
        record["ground_truth"] = f"of {text}"
    return run


def _read(*runs: dict[str, Any]) -> Reading:
    return inspect([Upload(f"{i}.json", as_json(run)) for i, run in enumerate(runs)])


def test_an_index_alone_is_no_proof_that_two_models_were_asked_the_same() -> None:
    """The text that most models were asked counts; answers to another one are missing, and counted and named with file and record."""
    reading = _read(_asked("a", ["x", "y", "z"]), _asked("b", ["x", "OTHER", "z"]), _asked("c", ["x", "y", "ELSE"]))
    table = reading.table
    assert table is not None
    assert np.isnan(table.numbers["quality"]).tolist() == [[False, False, False], [False, True, False], [False, False, True]]
    assert table.queries.prompts is not None
    assert list(table.queries.prompts) == ["x", "y", "z"]
    assert table.queries.references is not None
    assert list(table.queries.references) == ["of x", "of y", "of z"]
    [told] = reading.warnings
    assert told.what.startswith("2 answers are left out, of 2 queries: under the same dataset, split and index the model was asked another")
    assert told.what.endswith("aime-test-2 of b (1.json, record 2), aime-test-3 of c (2.json, record 3).")
    assert told.what in table.history[0].detail


def test_of_two_models_that_were_asked_all_in_another_order_one_stays() -> None:
    """No pair of such runs is joined, whichever file comes first, and only the first few are named."""
    texts = [f"question {i}" for i in range(9)]
    runs = [_asked("b", texts), _asked("a", [*texts[1:], texts[0]])]
    for order in (runs, runs[::-1]):
        reading = _read(*order)
        assert reading.table is not None
        assert reading.table.models == ("a", "b")
        assert np.isnan([reading.table.column(name, "b") for name in ("quality", "cost_usd", "tokens_in")]).all()
        assert reading.table.quality("a").tolist() == [1.0] * 9
        assert reading.table.queries.prompts is not None
        assert list(reading.table.queries.prompts) == [*texts[1:], texts[0]]
        assert reading.warnings[0].what.startswith("9 answers are left out, of 9 queries")
        assert "and 5 more." in reading.warnings[0].what


def test_spaces_and_samples_are_no_other_text() -> None:
    """Spaces and line ends don't count; a second run of a model on another text is no sample of the first, and doesn't outvote others."""
    same = _read(_asked("a", ["What is  it?\n"]), _asked("b", ["What is it?"]))
    assert not same.warnings
    assert same.table is not None
    assert same.table.numbers["quality"].tolist() == [[1.0, 1.0]]
    reading = _read(*(_asked(model, [text]) for model, text in (("a", "new"), ("a", "new"), ("a", "old"), ("b", "old"), ("c", "old"))))
    assert reading.table is not None
    assert reading.table.numbers["quality"].tolist() == [[1.0, 1.0, 1.0]]
    assert reading.table.samples is None
    assert "2 answers are left out, of 1 query" in reading.warnings[0].what


def test_queries_without_a_text_of_their_own_are_joined_and_told() -> None:
    """Where only the wrapped prompts are there, and differ as models are wrapped differently, the index has to do; that is said."""
    runs = [_asked("a", [None, None]), _asked("b", [None, None])]
    assert not _read(*runs).warnings
    runs[1]["records"][1]["prompt"] = "<s> aime asks 2? </s>"
    reading = _read(*runs)
    assert reading.table is not None
    assert not np.isnan(reading.table.numbers["quality"]).any()
    assert [each.what for each in reading.warnings] == ["1 query is joined by the index alone: aime-test-2."]


def test_a_damaged_first_record_hides_no_run() -> None:
    """A run whose first record is none is known by the others, and that record is named."""
    good = llmrouterbench_run("gpt-5", "gpqa", (1,))["records"][0]
    for damaged in (None, {}, 7, {"index": 1}, *({**good, "index": odd} for odd in (None, "", True, [1]))):
        run = llmrouterbench_run("gpt-5", "gpqa", (1, 0, 1))
        run["records"][0] = damaged
        reading = inspect([Upload("a.json", as_json(run))])
        assert reading.reader == "llmrouterbench"
        assert [problem.row for problem in reading.problems] == [1]
        assert reading.table is not None
        assert reading.table.quality("gpt-5").tolist() == [0.0, 1.0]
