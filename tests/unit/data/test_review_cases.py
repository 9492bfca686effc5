"""Files as people have them, each once read wrong or not at all: every figure is worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from data.audit import apply, audit, dominated
from data.audit.effect import conclusions
from data.history import export, replay
from data.load import load
from data.outcomes import OutcomeTable
from data.problems import ProblemError
from data.queries import QuerySet
from data.readers.base import Reading, Upload
from data.readers.detect import inspect
from data.texts import Texts


def read(**files: str) -> Reading:
    """Return the reading of files given as name (its last `_` a point) and text."""
    return inspect([Upload(".".join(name.rsplit("_", 1)), text.encode()) for name, text in files.items()])


def rows(reading: Reading, field: str = "quality") -> list[list[float]]:
    """Return (n, M) figures of a reading's table as plain numbers, rounded as float32 asks for."""
    assert reading.table is not None
    return np.round(reading.table.numbers[field].astype(float), 6).tolist()


def test_units_that_differ_between_models():
    """One model's latency in ms and cost in cents beside another's in seconds and USD are both right."""
    text = "id,a_score,b_score,a_latency_ms,b_latency_s,a_cost_cents,b_cost_usd\n1,1,0,1200,1.3,2,0.02\n2,0,1,900,1.1,3,0.03\n"
    found = read(s_csv=text)
    assert rows(found, "latency_s") == [[1.2, 1.3], [0.9, 1.1]]
    assert rows(found, "cost_usd") == [[0.02, 0.02], [0.03, 0.03]]


def test_units_of_roles_that_a_person_names():
    """A column in ms or cents is taken by its name where a person says its role, too."""
    upload = Upload("s.csv", b"k,a_s,b_s,a_lat_ms,b_lat_ms\n1,1,0,1200,1300\n2,0,1,900,1100\n")
    table = load(upload, roles={"query_id": "k", "quality": {"a": "a_s", "b": "b_s"}, "latency_s": {"a": "a_lat_ms", "b": "b_lat_ms"}})
    assert table.mean("latency_s") == pytest.approx({"a": 1.05, "b": 1.2})


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        ("Latency (ms)", "latency_s", 0.8),
        ("Latency (s)", "latency_s", 800.0),
        ("Cost ($)", "cost_usd", 800.0),
        ("Cost [cents]", "cost_usd", 8.0),
    ],
)
def test_units_in_brackets(head: str, field: str, value: float):
    """A unit in brackets is read, in a long table and after a model's name in a wide one."""
    long = read(s_csv=f"ID,Model,Score,{head}\n1,gpt,1,800\n1,cla,0,800\n2,gpt,1,800\n2,cla,0,800\n")
    wide = read(s_csv=f"ID,gpt Correct,cla Correct,gpt {head},cla {head}\n1,1,0,800,800\n2,0,1,800,800\n")
    for found in (long, wide):
        assert found.table is not None
        assert found.table.models == ("gpt", "cla")
        assert rows(found, field) == [[value, value], [value, value]]


@pytest.mark.parametrize("head", ["gpt Cost (EUR)", "gpt Cost (€)", "gpt Kosten ($)", "temperature", "anony", "turn"])
def test_what_is_no_model(head: str):
    """A cost in another currency and a setting of the run are no models, though their numbers lie between 0 and 1."""
    found = read(s_csv=f"id,gpt,cla,{head}\n1,1,0,0.5\n2,0,1,0.7\n3,1,1,0.7\n")
    assert found.table is not None
    assert found.table.models == ("gpt", "cla")


@pytest.mark.parametrize("orient", ["columns", "index", "records", "split"])
def test_what_pandas_writes(orient: str):
    """Each way in which pandas writes a table as JSON is the same table."""
    ids, models, scores = ["q1", "q1", "q2", "q2"], ["a", "b", "a", "b"], [1, 0, 0.5, 1]
    records = [dict(zip(("query_id", "model", "score"), each, strict=True)) for each in zip(ids, models, scores, strict=True)]
    documents = {
        "records": records,
        "index": {str(i): each for i, each in enumerate(records)},
        "columns": {name: {str(i): each[name] for i, each in enumerate(records)} for name in records[0]},
        "split": {"columns": list(records[0]), "index": [0, 1, 2, 3], "data": [list(each.values()) for each in records]},
    }
    found = read(s_json=json.dumps(documents[orient]))
    assert found.table is not None
    assert (found.table.models, list(found.table.queries.ids)) == (("a", "b"), ["q1", "q2"])
    assert rows(found) == [[1, 0], [0.5, 1]]


@pytest.mark.parametrize(
    "document",
    [
        {"gpt": [{"id": "q1", "score": 1}, {"id": "q2", "score": 0}], "cla": [{"id": "q2", "score": 1}, {"id": "q1", "score": 0}]},
        {"gpt": {"q1": 1, "q2": 0}, "cla": {"q1": 0, "q2": 1}},
        {"q1": {"gpt": 1, "cla": 0}, "q2": {"gpt": 0, "cla": 1}},
    ],
)
def test_json_by_model_or_by_query(document: object):
    """Scores by model or by query are the same table, and no model is lost."""
    found = read(s_json=json.dumps(document))
    assert found.table is not None
    assert (found.table.models, list(found.table.queries.ids)) == (("gpt", "cla"), ["q1", "q2"])
    assert rows(found) == [[1, 0], [0, 1]]


def test_prices_by_model_stay_prices():
    """A price list as objects by model isn't turned around, however few models it has."""
    scores = "id,model,score,input_tokens,output_tokens\n1,a,1,1000,100\n1,b,0,1000,200\n2,a,1,2000,100\n2,b,0,1000,300\n"
    found = read(
        s_csv=scores, p_json=json.dumps({"a": {"input": 2.5, "output": 10, "cached": 1}, "b": {"input": 3, "output": 15, "cached": 1}})
    )
    assert rows(found, "cost_usd") == [[0.0035, 0.006], [0.006, 0.0075]]


@pytest.mark.parametrize(
    ("head", "factor"),
    [
        ("input_per_1m,output_per_1m", 1),
        ("Input ($/1M tokens),Output ($/1M tokens)", 1),
        ("input_price_per_1k,output_price_per_1k", 1e-3),
        ("input_cost_per_token,output_cost_per_token", 1e-6),
        ("input,output", 1e-6),
        ("input,output", 1),
    ],
)
def test_units_of_price_lists(head: str, factor: float):
    """1,000 tokens in at $2.5 and 100 out at $10 a million are $0.0035, whatever the list's prices are for."""
    scores = "id,model,score,input_tokens,output_tokens\n1,a,1,1000,100\n1,b,0,1000,200\n2,a,1,2000,100\n2,b,0,1000,300\n"
    found = read(s_csv=scores, p_csv=f"model,{head}\na,{2.5 * factor},{10 * factor}\nb,{3 * factor},{15 * factor}\n")
    assert rows(found, "cost_usd") == [[0.0035, 0.006], [0.006, 0.0075]]


CALLS = "1,gpt,A,0.1\n1,cla,B,0.2\n2,gpt,C,0.1\n2,cla,D,0.2\n3,gpt,A,0.1\n3,cla,B,0.2\n"


@pytest.mark.parametrize("said", ["answer", "response", "prediction"])
@pytest.mark.parametrize("gold", ["answer", "reference", "gold"])
def test_references_beside_answers(said: str, gold: str):
    """Answers, a row a call, are scored against a file of references by id, even where both call their column the same."""
    found = read(calls_csv=f"id,model,{said},cost\n{CALLS}", refs_csv=f"id,{gold}\n1,A\n2,D\n3,B\n")
    assert rows(found) == [[1, 0], [0, 1], [0, 1]]


def test_references_beside_answers_by_model():
    """Answers, a column a model, are scored against a file of references by id."""
    found = read(answers_csv="id,gpt,cla\n1,A,B\n2,C,D\n3,A,B\n", refs_csv="id,reference\n1,A\n2,D\n3,B\n")
    assert found.table is not None
    assert found.table.models == ("gpt", "cla")
    assert rows(found) == [[1, 0], [0, 1], [0, 1]]


def test_what_a_model_said_is_no_reference():
    """In a scored log a column `answer` that differs between the models of a query is what they said."""
    found = read(s_csv="id,model,answer,score\n1,gpt,A,1\n1,cla,B,0\n2,gpt,C,0\n2,cla,D,1\n")
    assert "reference" not in found.mapping.query
    assert found.mapping.cells["answer"] == {"*": "answer"}


@pytest.mark.parametrize("key", ["id", "request_id", "generation_id"])
def test_logs_without_scores(key: str):
    """A table of calls with costs and no scores is a log: what it used is read, quality isn't known, and that is said."""
    lines = "".join(f"r{i},{model},10,20,{100 + i},0.01\n" for i, model in enumerate(["gpt", "cla"] * 4))
    found = read(log_csv=f"{key},model,prompt_tokens,completion_tokens,latency_ms,cost_usd\n{lines}")
    assert found.table is not None
    assert found.table.models == ("gpt", "cla")
    assert rows(found, "latency_s")[0][0] == pytest.approx(0.1)
    assert not found.table.has("quality")
    assert any("nothing says which answers were right" in str(warning) for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,model_a,model_b,winner,turn,anony\nq1,gpt,cla,model_a,1,True\nq2,cla,gpt,tie,1,True\n", "compares two models"),
        ("Model,Average,MMLU\ngpt,80.1,86.4\ncla,60.1,66.4\n", "each row is another model"),
        ("model,accuracy\ngpt,0.8\ncla,0.6\n", "each row is another model"),
        ("id,model,mark\n1,gpt,good\n1,cla,bad\n2,gpt,bad\n2,cla,good\n", "there is a column of models (model)"),
    ],
)
def test_tables_that_have_no_scores_of_models(text: str, words: str):
    """Battles, leaderboards and unknown scores give no table of made-up models, and it is said what they are."""
    found = read(s_csv=text)
    assert found.table is None
    assert found.needs_mapping
    assert words in str(found.problems[0])


def test_scores_on_another_scale_are_not_dropped_in_silence():
    """A model whose scores go to 100 beside models whose scores go to 1 is named."""
    found = read(s_csv="id,gpt,cla,lla\n1,80,0.2,0.5\n2,45,0.9,0.1\n3,99,0.4,0.3\n")
    assert any("gpt: not read" in str(warning) for warning in found.warnings)


@pytest.mark.parametrize("word", ["Total", "Average", "mean"])
def test_a_line_of_totals_is_no_query(word: str):
    """A last line of totals under numbered queries is a problem; an id that is a word among words isn't."""
    found = read(s_csv=f"id,gpt,cla\n1,1,0\n2,0,1\n{word},0.5,0.5\n")
    assert [problem.row for problem in found.problems] == [3]
    assert not read(s_csv=f"id,gpt,cla\nmedian,1,0\nmode,0,1\n{word},0.5,0.5\n").problems


def test_what_means_missing_can_be_said():
    """The way out that a refused -1 names works: `missing`."""
    upload = Upload("s.csv", b"id,gpt,cla\n1,1,0\n2,-1,1\n3,0,1\n4,1,-1\n")
    with pytest.raises(ProblemError, match="missing = -1"):
        load(upload)
    assert load(upload, missing=-1).mean("quality") == pytest.approx({"gpt": 2 / 3, "cla": 2 / 3})
    with pytest.raises(ProblemError, match="missing"):
        load("everyday-2k", missing=-1)


def test_a_sentinel_does_not_shape_the_scale():
    """-1 among scores of 1 to 10 isn't offered as the lowest score."""
    found = read(s_csv="id,gpt,cla\n1,7,9\n2,-1,6\n3,8,10\n")
    assert found.questions[0].field == "scale"
    assert "-1" not in found.questions[0].text


def test_the_shape_of_a_published_set_is_no_origin():
    """An id and two models' flags is anybody's table: no reader of a published set takes it."""
    found = read(s_csv="query_id,gpt,cla\nq1,1,0\nq2,0,1\nq3,1,1\n")
    assert found.reader == "wide"
    assert found.mapping.query == {"query_id": "query_id"}


def test_near_ties_are_ties():
    """Two models of the same mean quality but for the rounding of float32: the cheaper one is the best."""
    first = np.array([0.1, 0.2, 0.4] * 20)
    quality = np.column_stack([first, np.roll(first[::-1], 7)])
    table = _table(quality=quality, cost_usd=np.column_stack([np.full(60, 0.02), np.full(60, 0.01)]))
    assert abs(quality.mean(axis=0)[0] - quality.mean(axis=0)[1]) < 1e-9
    assert conclusions(table).best == "b"


def test_a_lone_sentinel_far_above_all():
    """One latency of 99,999 s among seconds is a sentinel; one of 999 ms among hundreds isn't."""
    latency = np.linspace(0.5, 9.5, 120).reshape(60, 2)
    latency[7, 0] = 99_999
    found = [each for each in audit(_table(quality=np.ones((60, 2)), latency_s=latency)) if each.id == "sentinels.latency_s"]
    assert [each.rows.tolist() for each in found] == [[7]]
    latency[7, 0] = 999
    latency[8, 0] = 200
    assert not [each for each in audit(_table(quality=np.ones((60, 2)), latency_s=latency)) if each.id == "sentinels.latency_s"]


@pytest.mark.parametrize(("filled", "cut", "found"), [(60, False, True), (60, True, False), (8, False, False), (0, False, False)])
def test_tokens_filled_in_for_some(filled: int, cut: bool, found: bool):
    """One number for many answers of different lengths was filled in, unless it is the greatest: there answers were cut off."""
    rng = np.random.default_rng(4)
    tokens = rng.integers(20, 400, size=(300, 1)).astype(float)
    texts = ["word " * int(count) for count in tokens[:, 0] * rng.uniform(0.6, 0.9, 300)]
    rows = rng.choice(300, filled, replace=False)
    tokens[rows] = 400 if cut else 150
    table = replace(_table(quality=np.ones((300, 1)), tokens_out=tokens), responses={"a": Texts(pa.array(texts, type=pa.large_string()))})
    same = [each for each in audit(table) if each.id == "guessed_tokens.tokens_out.same"]
    assert bool(same) is found
    if found:
        assert set(rows.tolist()) <= set(same[0].rows.tolist())
        repaired = apply(table, same[0], "repair")
        assert int(np.isnan(repaired.numbers["tokens_out"]).sum()) == len(same[0].rows)


def _table(**numbers: np.ndarray) -> OutcomeTable:
    rows, models = next(iter(numbers.values())).shape
    ids = pa.array([f"q{i}" for i in range(rows)], type=pa.large_string())
    values = {name: each.astype(np.float32) for name, each in numbers.items()}
    return OutcomeTable(
        queries=QuerySet.build(ids),
        models=tuple("ab") if models == 2 else tuple(f"a{m}" if m else "a" for m in range(models)),
        numbers=values,
    )


def test_a_replay_finds_a_renamed_id_and_prompt():
    """In the next version of a file ids and prompts under another name are read, and that is said; figures stay."""
    text = "id,prompt,gpt,cla\nq1,Why is it?,1,0\nq2,How is it?,0,1\nq3,What is it?,1,1\n"
    before = load(Upload("s.csv", text.encode()))
    done = replay(export(before), Upload("s.csv", text.replace("id,prompt", "qid,question").encode()))
    assert list(done.table.queries.ids) == ["q1", "q2", "q3"]
    assert done.table.queries.prompts is not None
    assert done.table.mean("quality") == before.mean("quality")
    assert "read instead: qid as query_id, question as prompt" in done.steps[0].words


def test_many_models_lose_as_few_do(monkeypatch: pytest.MonkeyPatch):
    """With hundreds of models the pairs are sifted at once, and the finding is that of looking at every pair."""
    rng = np.random.default_rng(6)
    quality = (rng.random((120, 80)) < rng.uniform(0.2, 0.9, 80)).astype(float)
    quality[rng.random((120, 80)) < 0.1] = np.nan
    table = _table(quality=quality, cost_usd=rng.random((120, 80)) * rng.uniform(0.001, 0.1, 80))
    sifted = list(dominated.Dominated().find(table))
    monkeypatch.setattr(dominated, "_PAIRS_FROM", 1_000)
    (found,) = dominated.Dominated().find(table)
    assert [(each.models, each.meaning, each.rows.tolist()) for each in sifted] == [(found.models, found.meaning, found.rows.tolist())]
    assert 10 < len(found.models) < 80


@pytest.mark.parametrize("head", ["judge_score", "pass@1", "exact_match"])
def test_scores_of_a_long_table_under_other_names(head: str):
    """A judge's score and a harness's metric beside a column of models are the models' scores."""
    found = read(s_csv=f"question_id,model,{head},explanation\n1,a,1,good\n1,b,0,bad\n2,a,1,good\n2,b,1,good\n")
    assert found.table is not None
    assert found.table.models == ("a", "b")
    assert rows(found) == [[1, 0], [1, 1]]


def test_columns_of_one_name_are_not_dropped():
    """Columns and data apart with two columns of one name are no table of the last of them."""
    with pytest.raises(ProblemError, match="holds no records"):
        read(s_json=json.dumps({"columns": ["id", "gpt", "gpt"], "index": [0, 1], "data": [[1, 1, 0], [2, 0, 1]]}))


def test_answers_of_a_plain_log_are_what_the_models_said():
    """A log without scores has its models' words in `answer`; a file with references joins by id and scores them."""
    log = "\n".join(
        f'{{"request_id":"r{i}","prompt":"question {i}?","model":"{"ab"[i % 2]}","answer":"it is {i}","tokens":{5 + i}}}' for i in range(30)
    )
    alone = inspect([Upload("log.jsonl", log.encode())])
    assert alone.table is not None
    assert np.isnan(alone.table.numbers["quality"]).all()
    assert alone.table.responses["a"][0] == "it is 0"
    wanted = "request_id,reference\n" + "\n".join(f"r{i},it is {i if i % 3 else 'other'}" for i in range(30))
    both = inspect([Upload("log.jsonl", log.encode()), Upload("refs.csv", wanted.encode())])
    assert both.table is not None
    assert both.table.quality("a").tolist()[::2] == [0.0 if i % 3 == 0 else 1.0 for i in range(0, 30, 2)]
