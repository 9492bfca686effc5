"""The recorded sets, part two: every oddity that their description states, and one table however the files come.

Section: oddity -> test (others are in `test_recorded_sets`).
1 names with "/", prompts with line breaks, no cost -> test_mmlu_names_and_prompts; repeated prompts -> test_mmlu_repeats_are_found there.
2 prefix shared by quality and response, multi-line cells, calculator marks -> test_gsm8k_cells_stay_whole.
3 longer query files, other order, repeats -> test_llmrouter_query_file; balance, leak -> test_llmrouter_leak; no model right ->
  test_llmrouter_hopeless; models without scores, prose prices -> test_llmrouter_prices.
4 third answers missing, one prompt only -> test_misguided_means; null token -> test_misguided_tokens; empty feedback and null thinking
  -> test_misguided_reads_empty_texts; judged -> test_misguided_says_what_to_mind.
5 `correct` and a list, white space -> test_planbench_gpt4; odd response objects -> test_planbench_odd_objects; zero costs ->
  test_planbench_use.
6 counter that begins again, cost of all samples, two names of quality -> test_game24_figures, test_game24_counter.
7 no full matrix, no model, not resolved -> test_aider_*.
8 empty is wrong, low figure, two runs disagree -> test_humaneval_*.
9 names with "@", two spellings, odd references -> test_crux_* in `test_recorded_sets`.
11 policies, milliseconds, marks -> test_omnisbench_* there.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from data import load
from data.cards import facts
from data.load import uploads
from data.outcomes import OutcomeTable
from data.readers.base import Reading
from data.readers.detect import inspect

COT, STANDARD, TREE = "gpt-4_0.7_naive_cot_sample_100", "gpt-4_0.7_naive_standard_sample_100", "gpt-4_0.7_propose1_value3_greedy5"
OPUS = "openrouter/anthropic/claude-3-opus"


def near(value: float) -> object:
    """Return the figure with the tolerance that the data's description promises."""
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def said(reading: Reading) -> str:
    """Return all warnings of a reading as one text."""
    return " ".join(f"{warning.what} {warning.fix}" for warning in reading.warnings)


def notes(reading: Reading) -> dict[str, tuple[str, str]]:
    """Return file -> what became of it."""
    return {note.name: (note.use, note.words) for note in reading.files}


def test_mmlu_names_and_prompts(shared_data):
    """Names keep their "/", prompts their line breaks, and nothing claims a cost."""
    table = load(shared_data / "routellm_mmlu" / "responses" / "mmlu_anatomy.csv")
    assert table.models[0] == "mistralai/Mixtral-8x7B-Instruct-v0.1"
    assert table.queries.prompts is not None
    assert all("\n" in (prompt or "") for prompt in table.queries.prompts)
    assert not table.has("cost_usd")


def test_gsm8k_cells_stay_whole(shared_data):
    """Responses beside scores of the same prefix keep their lines and their calculator marks."""
    table = load(shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
    source = (shared_data / "routellm_gsm8k" / "gsm8k_responses.csv").open(encoding="utf-8", newline="")
    with source:
        rows = list(csv.DictReader(source))
    for model in table.models:
        assert table.responses[model].to_list() == [row[f"{model}_response"] or None for row in rows]
    assert any("<<" in (text or "") and "\n" in (text or "") for text in table.responses[table.models[0]])


def test_llmrouter_query_file(shared_data):
    """Tasks and references join by the question, whatever the order of the query file and although it repeats 8 questions."""
    folder = shared_data / "llmrouter_9models"
    lines = [json.loads(line) for line in (folder / "default_query_train.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert (len(lines), len({line["query"] for line in lines})) == (5616, 5608)
    table = load(folder)
    by_query = {line["query"]: line for line in reversed(lines)}
    assert table.queries.prompts is not None
    assert table.queries.tasks is not None
    tasks = [table.queries.task_names[t] for t in table.queries.tasks]
    assert tasks == [by_query[prompt]["task_name"] for prompt in table.queries.prompts]
    assert [line["query"] for line in lines[:5608]] != table.queries.prompts.to_list()


def test_llmrouter_leak(shared_data):
    """The rows whose question is in the test file too are marked: 119, and the file's note says so."""
    reading = inspect(uploads(shared_data / "llmrouter_9models"))
    assert reading.table is not None
    marks = reading.table.queries.meta["also in test.json"]
    test = {record["question"] for record in json.loads((shared_data / "llmrouter_9models" / "test.json").read_bytes())}
    assert reading.table.queries.prompts is not None
    assert [mark == "yes" for mark in marks] == [prompt in test for prompt in reading.table.queries.prompts]
    assert sum(mark == "yes" for mark in marks) == 119
    assert "119 of its prompts are among these rows" in notes(reading)["test.json"][1]


def test_llmrouter_hopeless(shared_data):
    """No model is right on 1,086 training and 119 test questions."""
    for file, count in (("train.json", 1086), ("test.json", 119)):
        quality = load(shared_data / "llmrouter_9models" / file).numbers["quality"]
        assert int((quality.max(axis=1) == 0).sum()) == count


def test_llmrouter_prices(shared_data):
    """Five priced models without scores are said and are no models; the list's price counts, not the one in the prose."""
    reading = inspect(uploads(shared_data / "llmrouter_9models"))
    assert notes(reading)["default_llm.json"] == ("prices", "prices of 9 of 9 models; 5 more that have no scores here")
    assert reading.table is not None
    assert len(reading.table.models) == 9


def _misguided_truth(shared_data: Path) -> dict[str, list[str]]:
    text = (shared_data / "README.md").read_text(encoding="utf-8").partition("## 4. misguided_attention")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows if len(row) == 7 and row[1].isdigit()}


def test_misguided_means(shared_data):
    """All 36 models: prompts, answers, mean over answers and mean over prompts, from the files of evaluations and from the table."""
    truth = _misguided_truth(shared_data)
    assert len(truth) == 36
    for source in (shared_data / "misguided_attention", shared_data / "misguided_attention" / "outcomes.csv"):
        table = load(source)
        assert set(table.models) == set(truth)
        assert table.samples is not None
        for model, (prompts, answers, over_answers, over_prompts, _, _) in truth.items():
            mine = table.samples.quality[table.samples.model == table.index(model)]
            known = int((~np.isnan(table.quality(model))).sum())
            assert (known, len(mine)) == (int(prompts), int(answers))
            assert float(mine.mean(dtype=np.float64)) == near(float(over_answers))
            assert table.mean("quality")[model] == near(float(over_prompts))


def test_misguided_tokens(shared_data):
    """Tokens are taken where the very text was judged: the answers with tokens and their mean; one null stays unknown."""
    reading = inspect(uploads(shared_data / "misguided_attention"))
    columns = {name: reading.sheet.columns[name].to_pylist() for name in ("model", "tokens_out", "tokens_reasoning")}
    for model, (*_, count, mean) in _misguided_truth(shared_data).items():
        mine = [n for name, n in zip(columns["model"], columns["tokens_out"], strict=True) if name == model and n is not None]
        assert len(mine) == int(count)
        assert not mine or np.mean(mine) == near(float(mean))
    inner = [r for r, n in zip(columns["tokens_reasoning"], columns["tokens_out"], strict=True) if r is not None and n is not None]
    assert inner
    assert reading.table is not None
    assert reading.table.mean("tokens_out")["claude-opus-4"] == near(281.75)


def test_misguided_without_the_queries_files(shared_data):
    """Evaluations alone have no tokens; the queries' own files alone are a log without scores."""
    files = uploads(shared_data / "misguided_attention")
    judged = load([file for file in files if file.name.startswith("detailed_")])
    assert not judged.has("tokens_out")
    assert len(judged.models) == 36
    raw = inspect([file for file in files if file.name.startswith("output_")])
    assert "quality cannot" in said(raw)
    assert raw.table is not None
    assert raw.table.mean("tokens_out")["claude-opus-4"] == near(281.75)


def test_misguided_reads_empty_texts(shared_data):
    """Empty feedback and null thinking lose no answer; the prompt is the question, the reference the criteria."""
    reading = inspect(uploads(shared_data / "misguided_attention"))
    assert (len(reading.sheet), reading.problems) == (5554, ())
    assert reading.table is not None
    row = reading.table.queries.ids.to_list().index("trolley_problem_easy")
    assert reading.table.queries.prompts is not None
    assert reading.table.queries.references is not None
    assert "five dead people" in (reading.table.queries.prompts[row] or "")
    assert (reading.table.queries.references[row] or "").startswith("Answer states that the five people on the track are already dead\n")


def test_misguided_says_what_to_mind(shared_data):
    """The card says that a judge scored; missing answers are counted; the derived table is another set."""
    reading = inspect(uploads(shared_data / "misguided_attention"))
    assert "11 cells hold fewer answers" in said(reading)
    assert reading.table is not None
    assert "judge model" in reading.table.origin.note
    assert notes(reading)["outcomes.csv"][0] == "another set"
    assert notes(reading)["output_queries_cop4.json"][0] == "joined"


def test_planbench_use(shared_data):
    """All eight means; o1-mini's tokens and times; costs of zero are unknown; nothing of the others is guessed."""
    table = load(shared_data / "planbench_blocksworld")
    means = [0.532, 0.204, 0.302, 0.32, 0.618, 0.338, 0.54, 0.974]
    assert list(table.mean("quality").values()) == [near(mean) for mean in means]
    assert facts(table).oracle == 1.0
    assert table.mean("tokens_in")["o1-mini_chat"] == near(443.1)
    assert table.mean("tokens_out")["o1-mini_chat"] == near(1501.222)
    assert table.mean("latency_s")["o1-mini_chat"] == near(11.336147)
    assert bool((table.column("tokens_reasoning", "o1-mini_chat") <= table.column("tokens_out", "o1-mini_chat")).all())
    assert not table.has("cost_usd")
    assert np.isnan(table.mean("tokens_out")["o1-preview_chat"])
    assert table.queries.task_names == ("blocksworld",)


def test_planbench_gpt4(shared_data):
    """`correct` is quality, a list of steps is a plan, and a prompt that differs in white space is no second query."""
    table = load(shared_data / "planbench_blocksworld")
    assert len(table) == 500
    assert table.mean("quality")["gpt-4_chat"] == near(0.302)
    answers = [text for text in table.answers["gpt-4_chat"] if text]
    assert answers
    assert not any(text.startswith("[") for text in answers)
    alone = load(shared_data / "planbench_blocksworld" / "gpt-4_chat")
    pairs = list(zip(alone.queries.prompts or (), table.queries.prompts or (), strict=True))
    assert all(a != b and (a or "").split() == (b or "").split() for a, b in pairs)


def test_planbench_odd_objects(shared_data):
    """Three records whose provider's object has another shape are rows like all others, without tokens."""
    table = load(shared_data / "planbench_blocksworld" / "llama-3.1-405b_aws")
    assert (len(table), table.mean("quality")["llama-3.1-405b_aws"]) == (500, near(0.618))
    assert not table.has("tokens_out")
    assert not table.has("latency_s")


@pytest.mark.parametrize("file", [None, "outcomes.csv"])
def test_game24_figures(shared_data, file):
    """Means of answers and of the first, costs and tokens of all answers together; one answer costs its share, a search all of it."""
    folder = shared_data / "tot_game24"
    table = load(folder if file is None else folder / file)
    truth = {
        STANDARD: (100, 0.0734, 0.138005, 1000.0, 1800.08),
        COT: (100, 0.0403, 0.470467, 2185.0, 6748.62),
        TREE: (1 if file is None else 5, 0.238, 0.745096, 13879.36, 5478.59),
    }
    assert {name.partition("_start")[0] for name in table.models} == set(truth)
    for model in table.models:
        count, quality, cost, tokens_in, tokens_out = truth[model.partition("_start")[0]]
        assert table.mean("quality")[model] == near(quality)
        assert table.mean("cost_usd")[model] * count == near(cost)
        assert table.mean("tokens_in")[model] * count == near(tokens_in)
        assert table.mean("tokens_out")[model] * count == near(tokens_out)


def test_game24_answers_are_samples(shared_data):
    """100, 100 and 5 answers a puzzle under either name of the score, in their order: best and first as described."""
    table = load(shared_data / "tot_game24")
    assert table.samples is not None
    for model, count, best, first in ((STANDARD, 100, 0.33, 0.08), (COT, 100, 0.49, 0.05), (TREE, 5, 0.69, 0.62)):
        quality = table.samples.quality[table.samples.model == table.index(model)].reshape(100, count)
        assert (float(quality.max(axis=1).mean()), float(quality[:, 0].mean())) == (near(best), near(first))


def test_game24_counter(shared_data):
    """The counter that begins again at 932 gives no negative cost, and is said; so is that a search can't be billed by the answer."""
    reading = inspect(uploads(shared_data / "tot_game24"))
    assert reading.table is not None
    costs = reading.table.cost_usd(COT)
    assert bool((costs > 0).all())
    assert f"the counter of {COT} begins again at 932" in said(reading)
    assert f"one search yields all answers of {TREE}" in said(reading)
    alone = inspect(uploads(shared_data / "tot_game24" / "outcomes.csv"))
    assert "cost_usd covers n_samples answers" in said(alone)
    assert any(line.action == "divided" for line in (alone.table or reading.table).history)


def test_game24_puzzles(shared_data):
    """24.csv gives each puzzle by its row, counted from 0, and its note says so; without it the tree's log says the puzzle."""
    folder = shared_data / "tot_game24"
    with (folder / "24.csv").open(encoding="utf-8", newline="") as stream:
        puzzles = [row["Puzzles"] for row in csv.DictReader(stream)]
    reading = inspect(uploads(folder))
    assert reading.table is not None
    assert notes(reading)["24.csv"][0] == "joined"
    assert "of the row that the id counts, from 0" in notes(reading)["24.csv"][1]
    assert notes(reading)["outcomes.csv"][0] == "another set"
    logs = sorted(folder.glob("gpt-4*.json"))
    for table in (reading.table, load(logs), load([folder / "24.csv", folder / "outcomes.csv"])):
        assert table.queries.prompts is not None
        assert table.queries.prompts.to_list() == [puzzles[int(query)] for query in table.queries.ids]
    assert load(logs[:2]).queries.prompts is None


def _attempts(table: OutcomeTable) -> np.ndarray:
    """Return (n, M) how many attempts of each model there were at each problem."""
    assert table.samples is not None
    shape = (len(table), len(table.models))
    at = table.samples.query * shape[1] + table.samples.model
    return np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape)


def test_aider_costs(shared_data):
    """Attempts and mean cost of each model, attempts a problem, and the total cost of a problem come back from cells and samples."""
    table = load(shared_data / "aider_swebench_cascade")
    count = _attempts(table)
    total = np.nan_to_num(table.numbers["cost_usd"].astype(np.float64)) * count
    assert len(table) == 300
    assert float(total.sum(axis=1).mean()) == near(3.029422)
    for model, attempts, cost in (("gpt-4o", 499, 0.510613), (OPUS, 321, 1.971874), ("(not named)", 15, 1.403950)):
        m = table.index(model)
        assert (int(count[:, m].sum()), float(total[:, m].sum()) / attempts) == (attempts, near(cost))
    assert np.bincount(count.sum(axis=1))[1:].tolist() == [146, 42, 13, 8, 12, 79]


def test_aider_quality_is_that_of_the_chosen_attempt(shared_data):
    """Resolved is known for one model a problem: how often each was chosen, and its mean; the rest is unknown, not wrong."""
    table = load(shared_data / "aider_swebench_cascade" / "predictions")
    known = ~np.isnan(table.numbers["quality"])
    assert known.sum(axis=1).tolist() == [1] * 300
    assert float(np.nansum(table.numbers["quality"])) == 79
    for model, chosen, mean in (("gpt-4o", 231, 0.272727), (OPUS, 61, 0.213115), ("(not named)", 8, 0.375)):
        m = table.index(model)
        assert (int(known[:, m].sum()), table.mean("quality")[model]) == (chosen, near(mean))
    once = _attempts(table).sum(axis=1) == 1
    assert (int(once.sum()), float(np.nansum(table.numbers["quality"][once]))) == (146, 54)
    assert len(table.queries.task_names) == 12


def test_aider_says_what_cannot_be_concluded(shared_data):
    """Warnings and card: one attempt was judged, unnamed models are named so, what the accept signal is; the list of ids isn't used."""
    reading = inspect(uploads(shared_data / "aider_swebench_cascade"))
    assert "300 of 835 attempts were submitted" in said(reading)
    assert "15 attempts at 8 problems don't name their model: they are '(not named)' here." in said(reading)
    assert reading.table is not None
    assert "may have had a right attempt" in reading.table.origin.note
    assert notes(reading)["predictions/results.json"][0] == "not used"
    assert notes(reading)["attempts.csv"][0] == notes(reading)["instances.csv"][0] == "another set"


def test_aider_accept_signal_and_patch(shared_data):
    """Plausible = edit, lint and visible tests all fine, by attempt; the response of a cell is the patch that was submitted."""
    table = load(shared_data / "aider_swebench_cascade" / "predictions")
    for query in ("astropy__astropy-12907", "astropy__astropy-14182", "django__django-13315"):
        record = json.loads((shared_data / "aider_swebench_cascade" / "predictions" / f"{query}.json").read_bytes())
        row, model = table.queries.ids.to_list().index(query), record.get("model") or "(not named)"
        mine = [each for each in record["all_results"] if (each.get("model") or "(not named)") == model]
        plausible = [bool(e["edit_outcome"] and e["lint_outcome"] and e["test_outcome"]) for e in mine]
        assert table.responses[model][row] == record["model_patch"]
        assert table.signal("plausible", model)[row] == near(float(np.mean(plausible)))


def test_aider_tables_alone(shared_data):
    """The table of problems is the cascade as one model; the table of attempts is a log that names the rows without a model."""
    folder = shared_data / "aider_swebench_cascade"
    whole = load(folder / "instances.csv")
    assert whole.models == ("the cascade",)
    assert (whole.mean("quality")["the cascade"], whole.mean("cost_usd")["the cascade"]) == (near(79 / 300), near(3.029422))
    attempts = inspect(uploads(folder / "attempts.csv"))
    assert len(attempts.problems) == 15
    assert all(problem.column == "model" for problem in attempts.problems)
    assert attempts.table is not None
    assert not attempts.table.has("quality")
    assert int(_attempts(attempts.table).sum()) == 820
    both = inspect(uploads([folder / "attempts.csv", folder / "instances.csv"]))
    assert notes(both)["attempts.csv"][0] == "another set"


def test_humaneval_runs(shared_data):
    """Five files, one with a column more, are one set of five runs named after their files, without tasks."""
    table = load(shared_data / "reflexion_humaneval")
    assert table.mean("quality") == {
        "humaneval-py..gz_simple_1_gpt-4": near(0.859756),
        "reflexion_humaneval_py": near(0.914634),
        "simple_1_gpt-3.5-turbo": near(0.256098),
        "simple_1_gpt-4": near(0.817073),
        "simple_1_text-davinci-003": near(0.585366),
    }
    assert table.queries.tasks is None
    assert not np.array_equal(table.quality("simple_1_gpt-4"), table.quality("humaneval-py..gz_simple_1_gpt-4"))


def test_humaneval_empty_is_wrong(shared_data):
    """An empty solution is a wrong answer and no hole, and the runs are named in which it gives the outcome away."""
    reading = inspect(uploads(shared_data / "reflexion_humaneval"))
    table = reading.table
    assert table is not None
    assert not np.isnan(table.numbers["quality"]).any()
    empty = {model: np.array([not text for text in table.responses[model]]) for model in table.models}
    assert [int(each.sum()) for each in empty.values()] == [0, 14, 122, 30, 68]
    assert all(bool((table.quality(model)[empty[model]] == 0).all()) for model in table.models)
    assert "in reflexion_humaneval_py, simple_1_gpt-3.5-turbo, simple_1_gpt-4, simple_1_text-davinci-003 only solved" in said(reading)
