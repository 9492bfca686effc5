"""The recorded sets, against the figures that were computed from the same files."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from data import load
from data.audit import apply, audit
from data.cards import facts
from data.load import uploads
from data.readers.base import Reading, Upload
from data.readers.detect import finish, inspect

MIXTRAL, GPT4 = "mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"
LLMROUTER = {
    "codegemma-7b": (0.303106, 0.235175, 0.2),
    "gemma-2-9b-it": (0.534659, 0.449975, 0.1),
    "llama-3.1-8b-instruct": (0.560660, 0.507839, 0.2),
    "llama-3.1-nemotron-51b-instruct": (0.621323, 0.562572, 0.9),
    "llama-3.3-nemotron-super-49b-v1": (0.578841, 0.502578, 0.9),
    "llama3-chatqa-1.5-70b": (0.194121, 0.267116, 0.9),
    "llama3-chatqa-1.5-8b": (0.175087, 0.153811, 0.2),
    "mistral-7b-instruct-v0.3": (0.370960, 0.277444, 0.2),
    "qwen2.5-7b-instruct": (0.520359, 0.422786, 0.2),
}
OMNIS = {
    "2026-08-19_results.json": {
        "anthropic/claude-opus-5": (364, 0.991758, 0.006251951),
        "openai/gpt-5-nano": (364, 0.945055, 0.000430905),
        "openai/gpt-5": (107, 0.953271, 0.007200923),
        "anthropic/claude-haiku-4-5": (79, 0.949367, 0.001139608),
    },
    "fresh-16k-2026-08-20_results.json": {
        "anthropic/claude-opus-5": (35, 0.942857, 0.063280143),
        "openai/gpt-5-nano": (35, 0.771429, 0.002149864),
        "openai/gpt-5": (11, 0.909091, 0.039456250),
        "anthropic/claude-haiku-4-5": (6, 0.833333, 0.003439167),
    },
}


def near(value: float) -> object:
    """Return the figure with the tolerance that the data's description promises."""
    return pytest.approx(value, abs=1e-6)


def counts(table) -> tuple[int, int, int, int]:
    """Return how many queries both, only the first, only the second, and neither model got right."""
    a, b = table.quality(0) == 1, table.quality(1) == 1
    return int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum())


def notes(reading: Reading) -> dict[str, tuple[str, str]]:
    """Return file -> what became of it."""
    return {note.name: (note.use, note.words) for note in reading.files}


def readme_table(shared_data: Path, heading: str, columns: int) -> dict[str, list[str]]:
    """Return model -> figures of the first table under a heading of the data's description."""
    text = (shared_data / "README.md").read_text(encoding="utf-8")
    section = text[text.index(heading) + 3 :].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")]
    table = [row for row in rows if len(row) == columns and any(re.fullmatch(r"0\.\d{6}", cell) for cell in row[1:])]
    return {row[0]: row[1:] for row in table}


def test_gsm8k_alone_has_the_recorded_means(shared_data):
    """The CSV alone gives both models' means, the oracle and the four counts of its description."""
    table = load(shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
    assert table.models == (MIXTRAL, GPT4)
    assert table.mean("quality") == {MIXTRAL: near(0.638362), GPT4: near(0.856710)}
    assert facts(table).oracle == near(0.928734)
    assert counts(table) == (747, 95, 383, 94)


def test_gsm8k_says_what_was_understood(shared_data):
    """The sentence of an unpriced file with answers names what is there and what is not."""
    reading = inspect(uploads(shared_data / "routellm_gsm8k" / "gsm8k_responses.csv"))
    assert reading.understood == "1,319 queries, 2 models, quality known for all, answers recorded, no tokens, no prices"
    assert reading.reader == "routellm"
    assert not reading.problems
    assert not reading.needs_mapping


def test_gsm8k_answers_are_the_final_numbers(shared_data):
    """Responses are reduced to their final number, so that two models can agree."""
    table = load(shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
    assert table.answers[MIXTRAL][0] == table.answers[GPT4][0] == "18"
    assert table.responses[GPT4][0].startswith("Janet uses 3 eggs")
    assert np.mean(table.answer_codes >= 0) > 0.99


def test_gsm8k_companions_bring_references_and_marks(shared_data):
    """The folder's other files give each query its reference, and mark 12 prompts as contaminated."""
    table = load(shared_data / "routellm_gsm8k")
    assert table.queries.references is not None
    assert table.queries.references[0] == "18"
    assert bool(table.queries.references.known().all())
    finding = next(f for f in audit(table) if f.id == "contaminated")
    assert len(finding.rows) == 12
    left = apply(table, finding, "exclude")
    assert (len(left), left.mean("quality")) == (1307, {MIXTRAL: near(0.637337), GPT4: near(0.857689)})


def test_numeric_scorer_agrees_with_gsm8k_record(shared_data):
    """The numeric scorer, given the responses and references alone, reproduces nearly all recorded verdicts."""
    folder = shared_data / "routellm_gsm8k"
    recorded = load(folder)
    roles = {"answer": {"mixtral": f"{MIXTRAL}_response", "gpt4": f"{GPT4}_response"}}
    scored = load(folder, roles=roles, scorer="numeric")
    assert scored.origin.scorer == "numeric"
    for mine, theirs in (("mixtral", MIXTRAL), ("gpt4", GPT4)):
        # The rest are mostly "$20.00" for 20, which the record counts as wrong and this scorer as right.
        assert np.mean(scored.quality(mine) == recorded.quality(theirs)) > 0.96


def test_mmlu_folder_is_one_set_of_57_tasks(shared_data):
    """57 files are one set: tasks from the files' names, means and counts as described, with and without 5 prompts."""
    table = load(shared_data / "routellm_mmlu")
    assert (len(table), len(table.queries.task_names)) == (14042, 57)
    assert "anatomy" in table.queries.task_names
    assert len(set(table.queries.ids)) == 14042
    assert table.mean("quality") == {MIXTRAL: near(0.680815), GPT4: near(0.805797)}
    assert facts(table).oracle == near(0.858638)
    assert counts(table) == (8818, 742, 2497, 1985)
    left = apply(table, next(f for f in audit(table) if f.id == "contaminated"), "exclude")
    assert (len(left), left.mean("quality")) == (14037, {MIXTRAL: near(0.680915), GPT4: near(0.805870)})


def test_mmlu_as_one_zip(shared_data):
    """A zip of the 57 files is the same set as the folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((shared_data / "routellm_mmlu" / "responses").glob("*.csv")):
            archive.write(file, file.name)
    table = load(Upload("mmlu.zip", out.getvalue()))
    assert (len(table), len(table.queries.task_names)) == (14042, 57)
    assert table.mean("quality") == {MIXTRAL: near(0.680815), GPT4: near(0.805797)}


def test_mmlu_repeats_are_found(shared_data):
    """The audit finds the prompts that occur more than once, all of their rows and no others."""
    table = load(shared_data / "routellm_mmlu" / "responses")
    finding = next(f for f in audit(table) if f.id == "duplicate_prompts")
    assert finding.meaning.startswith("105 prompts")
    groups = table.queries.groups
    assert all((groups == groups[row]).sum() > 1 for row in finding.rows)


def test_renamed_files_give_the_same_table(shared_data, tmp_path):
    """Copies under other names, in reverse order, give the same rows; only tasks and ids follow the names."""
    files = sorted((shared_data / "routellm_mmlu" / "responses").glob("*.csv"))[:5]
    for i, file in enumerate(reversed(files)):
        shutil.copyfile(file, tmp_path / f"part{i}.csv")
    mine, theirs = load(tmp_path), load([Upload(f.name, f.read_bytes()) for f in files])
    assert mine.models == theirs.models
    rows = [sorted(zip(t.queries.prompts, t.quality(0).tolist(), t.quality(1).tolist(), strict=True)) for t in (mine, theirs)]
    assert rows[0] == rows[1]
    assert sorted(np.bincount(mine.queries.tasks)) == sorted(np.bincount(theirs.queries.tasks))


def test_reordered_gsm8k_gives_the_same_values(shared_data):
    """Columns and rows in another order under another name give the same value for each query and model."""
    source = shared_data / "routellm_gsm8k" / "gsm8k_responses.csv"
    with source.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=sorted(rows[0]))
    writer.writeheader()
    writer.writerows(reversed(rows))
    mine, theirs = load(Upload("x.txt", out.getvalue().encode())), load(source)
    assert set(mine.models) == set(theirs.models)
    for model in theirs.models:
        assert np.array_equal(mine.quality(model)[::-1], theirs.quality(model))
        assert mine.answers[model].to_list()[::-1] == theirs.answers[model].to_list()


def test_llmrouter_train_and_its_companions(shared_data):
    """The folder is the training set with tasks, references and prices joined; the test file is named as another set."""
    folder = shared_data / "llmrouter_9models"
    table = load(folder)
    assert table.mean("quality") == {model: near(train) for model, (train, _, _) in LLMROUTER.items()}
    assert facts(table).oracle == near(0.801722)
    assert {card.name: card.price_in_usd_per_mtok for card in table.cards} == {m: p for m, (_, _, p) in LLMROUTER.items()}
    assert all(card.tier == "list" and card.price_out_usd_per_mtok == card.price_in_usd_per_mtok for card in table.cards)
    assert len(table.queries.task_names) == 14
    assert not table.has("cost_usd")
    notes = {note.name: note.use for note in inspect(uploads(folder)).files}
    assert notes == {
        "train.json": "rows",
        "test.json": "another set",
        "default_llm.json": "prices",
        "default_query_train.jsonl": "joined",
        "default_query_test.jsonl": "not used",
    }


def test_llmrouter_test_set_alone(shared_data):
    """The test file alone has its own means; its task names join from the query file of the test set."""
    folder = shared_data / "llmrouter_9models"
    table = load([folder / "test.json", folder / "default_query_test.jsonl"])
    assert table.mean("quality") == {model: near(test) for model, (_, test, _) in LLMROUTER.items()}
    assert facts(table).oracle == near(0.743364)
    assert np.bincount(table.queries.tasks).tolist() == [50] * 10


def test_llmrouter_is_known_by_its_shape(shared_data):
    """Under another name and with models in another order it is read the same."""
    records = json.loads((shared_data / "llmrouter_9models" / "test.json").read_bytes())
    turned = [{"scores": dict(reversed(r["scores"].items())), "question": r["question"]} for r in records]
    reading = inspect([Upload("mine.json", json.dumps(turned).encode())])
    assert reading.reader == "llmrouter"
    assert finish(reading).mean("quality") == {model: near(test) for model, (_, test, _) in LLMROUTER.items()}


def test_zeroeval_empty_counts_as_wrong(shared_data):
    """All 51 means match with empty cells as wrong, and the history says how many there were."""
    truth = readme_table(shared_data, "## 9. zeroeval_crux", 3)
    table = load(shared_data / "zeroeval_crux" / "crux_correct.csv")
    assert len(truth) == 51
    assert table.mean("quality") == {model: near(float(mean)) for model, (mean, _) in truth.items()}
    assert facts(table).oracle == near(0.995)
    assert table.origin.empty_answer_means == "wrong"
    line = next(line for line in table.history if line.action == "empty means wrong")
    assert line.values["cells"] == sum(int(empty) for _, empty in truth.values())


def test_zeroeval_empty_may_mean_not_run(shared_data):
    """A person may say that an empty cell means not run; the question is asked with "wrong" as the answer."""
    reading = inspect(uploads(shared_data / "zeroeval_crux" / "crux_correct.csv"))
    question = next(q for q in reading.questions if q.field == "empty_answer_means")
    assert question.default == "wrong"
    mapping = type(reading.mapping).from_json({**reading.mapping.to_json(), "empty_answer_means": "not run"})
    assert int(np.isnan(finish(reading, mapping).numbers["quality"]).sum()) == 160


def test_zeroeval_companions(shared_data):
    """Answers, prompts and two models' full responses join to the matrix; a bare carriage return in a cell breaks no row."""
    table = load(shared_data / "zeroeval_crux")
    assert len(table) == 800
    assert len(table.answers) == 51
    assert table.queries.prompts is not None
    assert table.answers["Athene-70B"][0] == "[(3, 1), (2, 3)]"
    assert "reasoning" in table.responses["gpt-4o-2024-08-06"][0]


@pytest.mark.parametrize("file", list(OMNIS))
def test_omnisbench_without_the_oracles_rows(shared_data, file):
    """Cells, mean quality and mean cost match once oracle rows are left out and repeats merged; holes stay holes."""
    table = load(shared_data / "omnisbench" / file)
    found = {m.card.name: (m.known, m.mean_quality, m.mean_cost_usd) for m in facts(table).models}
    expected = {m: (cells, near(quality), pytest.approx(cost, abs=1e-8)) for m, (cells, quality, cost) in OMNIS[file].items()}
    assert found == expected
    assert np.isnan(table.cost_usd("openai/gpt-5")[np.isnan(table.quality("openai/gpt-5"))]).all()


def test_omnisbench_marks_likely_contaminated_items(shared_data):
    """The fresh run's own marks become a finding: 20 of its 35 items."""
    table = load(shared_data / "omnisbench" / "fresh-16k-2026-08-20_results.json")
    assert len(next(f for f in audit(table) if f.id == "contaminated").rows) == 20


def test_omnisbench_units_and_history(shared_data):
    """Latency is in seconds, the propensity of random rows is noted, and what was left out is a finding."""
    table = load(shared_data / "omnisbench" / "2026-08-19_results.json")
    assert 1 < table.mean("latency_s")["anthropic/claude-opus-5"] < 60
    propensity = next(line for line in table.history if line.action == "propensity")
    assert propensity.values == {"policy": "random", "propensity": 0.25}
    finding = next(f for f in audit(table) if f.check == "chosen_by_outcome")
    assert finding.title == "Rows chosen by their outcome were left out"
    assert finding.settled == "exclude"
    assert "364 rows of oracle" in finding.meaning


def test_omnisbench_kept_oracle_rows_are_found_and_repaired(shared_data):
    """Keeping the rows is possible: the audit then names exactly those cells, and repairing them gives the true means."""
    reading = inspect(uploads(shared_data / "omnisbench" / "2026-08-19_results.json"))
    mapping = type(reading.mapping).from_json({**reading.mapping.to_json(), "keep_outcome_rows": True})
    kept, true = finish(reading, mapping), finish(reading)
    finding = next(f for f in audit(kept) if f.id == "chosen_by_outcome")
    assert kept.mean("quality")["anthropic/claude-haiku-4-5"] > true.mean("quality")["anthropic/claude-haiku-4-5"]
    more = ~np.isnan(kept.numbers["quality"]) & np.isnan(true.numbers["quality"])
    assert finding.rows.tolist() == np.flatnonzero(more.any(axis=1)).tolist()
    repaired = apply(kept, finding, "repair")
    assert repaired.mean("quality") == pytest.approx(true.mean("quality"))
    assert not any(f.id == "chosen_by_outcome" for f in audit(repaired))


def test_omnisbench_prices_come_from_the_yaml_beside_it(shared_data):
    """A dated YAML price list in the same folder gives the cards; recorded costs stay."""
    table = load(shared_data / "omnisbench")
    card = table.cards[table.index("openai/gpt-5")]
    assert (card.price_in_usd_per_mtok, card.price_out_usd_per_mtok, card.date, card.tier) == (1.25, 10.0, "2026-08-18", "list")
    assert table.mean("cost_usd")["openai/gpt-5"] == pytest.approx(0.007200923, abs=1e-8)


def test_omnisbench_is_known_by_its_shape(shared_data):
    """Under another name and with items reversed the means are the same."""
    document = json.loads((shared_data / "omnisbench" / "fresh-16k-2026-08-20_results.json").read_bytes())
    document["items"].reverse()
    table = load(Upload("run.json", json.dumps(document).encode()))
    assert table.mean("quality")["openai/gpt-5"] == near(0.909091)


def test_repeated_samples_become_a_second_table(shared_data):
    """A row per sample: the cell is the mean of its samples, which stay as a ragged table of their own."""
    truth = readme_table(shared_data, "## 4. misguided_attention", 7)
    table = load(shared_data / "misguided_attention" / "outcomes.csv")
    assert len(table.models) == 36
    assert {m: near(float(row[3])) for m, row in truth.items()} == {m: v for m, v in table.mean("quality").items() if m in truth}
    assert table.samples is not None
    assert len(table.samples.query) == 5554
    assert np.all(np.diff(table.samples.query * len(table.models) + table.samples.model) >= 0)


def test_crux_names_and_references(shared_data):
    """Hosts after "@" stay in names; references keep commas, quotes, brackets and other scripts; the summary is no set."""
    reading = inspect(uploads(shared_data / "zeroeval_crux"))
    assert reading.table is not None
    assert {"Llama-3.1-405B-Inst@sambanova", "Meta-Llama-3.1-405B-Instruct@hyperbolic"} <= set(reading.table.models)
    with (shared_data / "zeroeval_crux" / "crux_correct.csv").open(encoding="utf-8", newline="") as stream:
        wanted = [row["reference"] for row in csv.DictReader(stream)]
    assert reading.table.queries.references is not None
    assert reading.table.queries.references.to_list() == wanted
    assert any(not text.isascii() for text in wanted)
    assert notes(reading)["crux.summary.json"] == ("not used", "figures of 51 models, a row a model: nothing in it is about a query")


def test_crux_result_files(shared_data):
    """Two models' own files alone give their figures; beside the matrix they give it prompts and full responses."""
    alone = load(shared_data / "zeroeval_crux" / "result_dirs")
    assert alone.mean("quality") == {"openai/gpt-4o-2024-08-06": near(0.87), "openai/gpt-4o-mini-2024-07-18": near(0.76)}
    table = load(shared_data / "zeroeval_crux")
    for model in ("gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"):
        assert table.responses[model].to_list() == alone.responses[f"openai/{model}"].to_list()


def test_omnisbench_propensity(shared_data):
    """A cell that only the random policy saw has 1/4, one that is always called 1, a hole none; rows of the oracle don't count."""
    table = load(shared_data / "omnisbench" / "2026-08-19_results.json")
    for model, share in (("openai/gpt-5", 0.25), ("anthropic/claude-haiku-4-5", 0.25), ("anthropic/claude-opus-5", 1.0)):
        seen = ~np.isnan(table.quality(model))
        assert set(table.column("propensity", model)[seen].tolist()) == {share}
        assert bool(np.isnan(table.column("propensity", model)[~seen]).all())


def test_omnisbench_files_together(shared_data):
    """Of two runs the larger is the rows and the other another set; prices are those of four models."""
    reading = inspect(uploads(shared_data / "omnisbench"))
    uses = notes(reading)
    assert (uses["2026-08-19_results.json"][0], uses["fresh-16k-2026-08-20_results.json"][0]) == ("rows", "another set")
    assert uses["pricing_2026-08-18.yaml"] == ("prices", "prices of 4 of 4 models")
