"""LLMRouterBench's result files, by a sample."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from data import load
from data.problems import ProblemError
from data.readers.base import Upload
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
