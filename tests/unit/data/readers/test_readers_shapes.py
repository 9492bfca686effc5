"""Each format and shape, read by itself."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import load
from data.models import ModelCard
from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.readers.mapping import Mapping
from data.readers.templates import TEMPLATES

WIDE = "id,gpt,claude\n1,0.5,1\n2,0.75,0\n"


def table_of(data: str | bytes, name: str = "made.csv", **options):
    """Return the table of one upload."""
    return load(Upload(name, data.encode() if isinstance(data, str) else data), **options)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", WIDE.encode()),
        ("a.csv", b"\xef\xbb\xbf" + WIDE.encode()),
        ("a.csv", WIDE.encode("utf-16")),
        ("a.csv", WIDE.encode("utf-16-le")),
        ("a.csv", WIDE.encode("utf-16-be")),
        ("a.csv", WIDE.encode("utf-32")),
        ("a.csv", WIDE.replace("\n", "\r\n").encode()),
        ("a.csv", ("\n" + WIDE + "\n\n").encode()),
        ("a.tsv", WIDE.replace(",", "\t").encode()),
        ("a.csv", WIDE.replace(",", ";").encode()),
        ("a.txt", WIDE.replace(",", "|").encode()),
        ("a.csv.gz", gzip.compress(WIDE.encode(), mtime=0)),
        ("a.csv.gz", gzip.compress(WIDE[:10].encode(), mtime=0) + gzip.compress(WIDE[10:].encode(), mtime=0)),
        ("a.json", b'[{"id": 1, "gpt": 0.5, "claude": 1}, {"id": 2, "gpt": 0.75, "claude": 0}]'),
        ("a.json", b'{"id": [1, 2], "gpt": [0.5, 0.75], "claude": [1, 0]}'),
        ("a.json", b'{"1": {"gpt": 0.5, "claude": 1}, "2": {"gpt": 0.75, "claude": 0}}'),
        ("a.json", b'{"run": "x", "items": [{"id": 1, "gpt": 0.5, "claude": 1}, {"id": 2, "gpt": 0.75, "claude": 0}]}'),
        ("a.jsonl", b'{"id": 1, "gpt": 0.5, "claude": true}\n\n{"id": 2, "gpt": 0.75, "claude": false}\n'),
        ("noname", b'{"id": 1, "gpt": 0.5, "claude": 1}\n{"id": 2, "gpt": 0.75, "claude": 0}'),
        ("a.json", b'[{"id": "1", "scores": {"gpt": 0.5, "claude": 1}}, {"id": "2", "scores": {"gpt": 0.75, "claude": 0}}]'),
        (
            "a.json",
            b'[{"id": "1", "gpt": {"score": 0.5}, "claude": {"score": 1}}, {"id": "2", "gpt": {"score": 0.75}, "claude": {"score": 0}}]',
        ),
        (
            "a.json",
            (
                b'[{"id": "1", "models": [{"name": "gpt", "score": 0.5}, {"name": "claude", "score": 1}]},'
                b' {"id": "2", "models": [{"name": "gpt", "score": 0.75}, {"name": "claude", "score": 0}]}]'
            ),
        ),
        ("a.csv", b"id,model,score\n1,gpt,0.5\n1,claude,1\n2,gpt,0.75\n2,claude,0\n"),
    ],
)
def test_every_format_and_shape_gives_the_same_table(name, data):
    """Two queries and two models come out the same from every format, delimiter, encoding and nesting."""
    table = table_of(data, name)
    assert table.models == ("gpt", "claude")
    assert table.numbers["quality"].tolist() == [[0.5, 1.0], [0.75, 0.0]]


def test_parquet_of_all_types():
    """Parquet with dictionaries, decimals, nested objects, lists, booleans, dates and bytes is read, nested ones by dotted names."""
    import datetime as dt
    from decimal import Decimal

    out = io.BytesIO()
    columns = {
        "id": pa.array(["a", "b"]).dictionary_encode(),
        "gpt": pa.array([{"score": Decimal("0.5"), "cost_usd": 0.1}, {"score": Decimal("0.25"), "cost_usd": None}]),
        "claude": pa.array([{"score": Decimal(1), "cost_usd": 0.2}, {"score": None, "cost_usd": 0.3}]),
        "choices": pa.array([["x"], ["y", "z"]]),
        "hard": pa.array([True, None]),
        "day": pa.array([dt.date(2026, 1, 2), None]),
        "raw": pa.array([b"\xff\x00", None]),
        "nothing": pa.nulls(2),
        "year": pa.array([2026, 2027], pa.int32()),
    }
    pq.write_table(pa.table(columns), out)
    table = table_of(out.getvalue(), "a.parquet")
    assert table.models == ("gpt", "claude")
    assert table.quality("gpt").tolist() == [0.5, 0.25]
    assert np.isnan(table.quality("claude")[1])
    assert np.isnan(table.cost_usd("gpt")[1])
    assert table.queries.meta["choices"][1] == '["y", "z"]'


def test_words_for_right_and_wrong():
    """Words such as pass / FAIL, Correct / wrong, yes / no, True / False and 1 / 0 are scores."""
    table = table_of("id,a,b\n1,pass,FAIL\n2,Correct,wrong\n3,yes,no\n4,True,False\n5,1,0\n")
    assert table.mean("quality") == {"a": 1.0, "b": 0.0}


def test_holes_are_nan_and_asked_about():
    """An empty score is not run unless a person says that it is wrong."""
    reading = inspect([Upload("made.csv", b"id,a,b\n1,1,\n2,0,1\n3,n/a,null\n")])
    assert [question.field for question in reading.questions] == ["empty_answer_means"]
    table = finish(reading)
    assert np.isnan(table.numbers["quality"]).tolist() == [[False, True], [False, False], [True, True]]
    assert "quality known for 50.0% of the cells" in reading.understood


def test_wide_file_with_everything_per_model():
    """Suffixed columns give score, response, cost, latency in ms, tokens and signals of each model."""
    text = (
        "sample_id,prompt,eval_name,gpt-4,mix,gpt-4|model_response,gpt-4|total_cost,gpt-4|latency_ms,gpt-4|prompt_tokens,"
        "gpt-4|completion_tokens,gpt-4|margin,mix|model_response,mix|total_cost,mix|latency_ms,oracle_model\n"
        "m.1,p1,mmlu,1.0,0.0,A,0.01,1500,10,20,0.9,B,0.001,200,gpt-4\nm.2,p2,mmlu,0.25,1.0,A,0.02,500,11,21,0.1,B,,100,mix\n"
    )
    table = table_of(text)
    assert table.models == ("gpt-4", "mix")
    assert table.cost_usd("gpt-4").tolist() == pytest.approx([0.01, 0.02])
    assert np.isnan(table.cost_usd("mix")[1])
    assert table.latency_s("gpt-4").tolist() == [1.5, 0.5]
    assert table.column("tokens_out", "gpt-4").tolist() == [20, 21]
    assert np.isnan(table.column("tokens_in", "mix")).all()
    assert table.signal("margin", "gpt-4").tolist() == pytest.approx([0.9, 0.1])
    assert table.responses["mix"][0] == "B"
    assert table.queries.task_of(0) == "mmlu"
    assert table.queries.meta["oracle_model"][1] == "mix"


def test_wide_file_with_answers_is_scored():
    """A reference and answers are scored by the scorer that the references ask for; another can be chosen."""
    text = "qid,answer,gpt,claude\n1,Paris,paris.,Rome\n2,Rome,Rome,\n"
    reading = inspect([Upload("made.csv", text.encode())])
    assert reading.mapping.scorer == "normalised"
    assert "scorer" in [question.field for question in reading.questions]
    table = finish(reading)
    assert table.quality("gpt").tolist() == [1, 1]
    assert np.isnan(table.quality("claude")[1])
    assert table.origin.scorer == "normalised"
    assert table_of(text, scorer="exact").quality("gpt").tolist() == [0, 1]
    wrong = Mapping.from_json({**reading.mapping.to_json(), "empty_answer_means": "wrong"})
    assert finish(reading, wrong).quality("claude").tolist() == [0, 0]


@pytest.mark.parametrize(
    ("references", "scorer"),
    [(["A", "(B)", "c"], "multiple_choice"), (["12", "$3.50", "40%"], "numeric"), (["Paris", "Rome", "a 3"], "normalised")],
)
def test_references_ask_for_their_scorer(references, scorer):
    """Letters are multiple choice, numbers numeric, anything else normalised text."""
    text = "qid,reference,gpt_answer,cl_answer\n" + "".join(f'{i},"{r}",x,y\n' for i, r in enumerate(references))
    assert inspect([Upload("made.csv", text.encode())]).mapping.scorer == scorer


def test_roles_in_words_of_the_person():
    """The mapping of the public face: odd column names, a scale, a scorer, costs and signals by model."""
    text = "qid,category,answer,gpt_pred,s1,c1,conf\nx,geo,Paris,Paris,10,0.5,0.3\ny,geo,Rome,Oslo,1,0.25,0.1\n"
    roles = {"query_id": "qid", "task": "category", "reference": "answer", "answer": {"gpt": "gpt_pred"}}
    assert table_of(text, roles=roles, scorer="exact").quality("gpt").tolist() == [1, 0]
    scored = table_of(
        text,
        roles={"quality": {"one": "s1"}, "cost_usd": {"one": "c1"}, "signal": {"margin": {"one": "conf"}}},
        scale=(1, 10),
    )
    assert scored.quality("one").tolist() == [1.0, 0.0]
    assert scored.cost_usd("one").tolist() == [0.5, 0.25]
    assert scored.signal("margin", "one").tolist() == pytest.approx([0.3, 0.1])
    assert scored.queries.ids[0] == "x"


def test_roles_of_a_long_file():
    """A long file with odd names is mapped by naming the model column."""
    text = "q,who,points,run\n1,a,1,0\n1,a,0,1\n1,b,1,0\n2,a,1,0\n2,b,0,0\n"
    table = table_of(text, roles={"query_id": "q", "model": "who", "quality": "points", "sample": "run"})
    assert table.models == ("a", "b")
    assert table.quality("a").tolist() == [0.5, 1.0]
    assert table.samples is not None
    assert table.samples.quality.tolist() == [1, 0, 1, 1, 0]


def test_partial_roles_keep_the_rest_of_the_guess():
    """Naming the task alone leaves the recognised models as they are, in wide and in long files."""
    assert table_of("id,kind,gpt,cl\n1,a,1,0\n2,b,0,1\n", roles={"task": "kind"}).queries.task_names == ("a", "b")
    long = "id,model,score,kind\n1,a,1,x\n1,b,0,x\n2,a,1,y\n2,b,0,y\n"
    assert table_of(long, roles={"task": "kind"}).queries.task_names == ("x", "y")


def test_rows_by_policy_are_merged():
    """Rows of policies: the same cell under two policies counts once, an oracle's rows not at all."""
    text = (
        "id,policy,chosen_model,passed,latency_ms\n1,always_a,a,1,100\n2,always_a,a,0,100\n1,random,a,1,100\n2,random,b,1,300\n"
        "1,oracle,b,1,5\n2,oracle,b,1,300\n"
    )
    table = table_of(text)
    assert table.quality("a").tolist() == [1, 0]
    assert np.isnan(table.quality("b")[0])
    assert table.latency_s("b")[1] == pytest.approx(0.3)
    assert {line.action for line in table.history} >= {"propensity", "chosen by outcome"}


def test_many_repeats_without_a_number_are_samples():
    """Where most cells are repeated and no column numbers them, they are taken as samples, with a warning."""
    text = "id,model,score,answer\n" + "".join(f"{q},{m},{s},x{s}\n" for q in (1, 2) for m in "ab" for s in (0, 1))
    reading = inspect([Upload("made.csv", text.encode())])
    assert any("repeated samples" in warning.what for warning in reading.warnings)
    table = finish(reading)
    assert table.samples is not None
    assert table.mean("quality") == {"a": 0.5, "b": 0.5}


def test_long_answers_are_scored_against_the_reference():
    """A long file without scores but with references and responses is scored; equal answers share a code."""
    text = "id,model,reference,response\n1,a,4,is 4\n1,b,4,so 5\n2,a,9,9.0\n2,b,9,\n"
    table = table_of(text)
    assert table.quality("a").tolist() == [1, 1]
    assert table.quality("b")[0] == 0
    assert table.answers["a"].to_list() == ["4", "9"]


def test_long_file_keyed_by_prompt():
    """Without ids the prompt is the key, and queries are numbered."""
    table = table_of("prompt,model,score\nhow,a,1\nhow,b,0\nwhy,a,0\nwhy,b,1\n")
    assert table.queries.ids.to_list() == ["1", "2"]
    assert table.queries.prompts is not None
    assert table.queries.prompts[1] == "why"


def test_empty_scores_of_a_long_file_may_be_wrong():
    """A person may say for a long file too that an empty score counts as 0."""
    reading = inspect([Upload("made.csv", b"id,model,score\n1,a,1\n1,b,\n2,a,0\n2,b,1\n")])
    assert np.isnan(finish(reading).quality("b")[0])
    mapping = Mapping.from_json({**reading.mapping.to_json(), "empty_answer_means": "wrong"})
    assert finish(reading, mapping).quality("b").tolist() == [0, 1]


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_templates_are_understood(name):
    """Each template is read by itself with costs, latency, tokens and answers."""
    table = load(Upload(name, TEMPLATES[name]()))
    assert table.models == ("small", "large")
    assert table.mean("quality") == {"small": pytest.approx(4 / 6), "large": 1.0}
    assert all(table.has(field) for field in ("cost_usd", "latency_s", "tokens_in", "tokens_out"))
    assert table.answers["large"][1] == "133"
    assert table.queries.task_names == ("facts", "sums", "tone")


def test_scale_question_and_its_answer():
    """Scores of 0 to 100 are asked about, with the scale that they look like first; the answer rescales them."""
    reading = inspect([Upload("made.csv", b"id,gpt,claude\n1,55,90\n2,70,100\n3,12,14\n")])
    assert reading.needs_mapping
    question = next(q for q in reading.questions if q.field == "scale")
    assert question.text == "Scores look like 0 to 100: rescale them to 0..1?"
    scale = next(iter(question.choices.values()))
    table = finish(reading, Mapping.from_json({**reading.mapping.to_json(), "scale": list(scale)}))
    assert table.quality("claude").tolist() == pytest.approx([0.9, 1.0, 0.14])
    assert "outside 0 to 10" in inspect_problems(reading, scale=[0, 10])


def inspect_problems(reading, **changes) -> str:
    """Return the text of the problems under a changed mapping."""
    with pytest.raises(ProblemError) as caught:
        finish(reading, Mapping.from_json({**reading.mapping.to_json(), **changes}))
    return str(caught.value)


def test_minus_one_can_mean_missing():
    """A sentinel named in the mapping is not recorded; in JSON, where it is a number, too."""
    for upload in (
        Upload("a.csv", b"id,gpt,cl\n1,-1,1\n2,0,1\n3,1,0\n"),
        Upload("a.json", b'[{"id":1,"gpt":-1,"cl":1},{"id":2,"gpt":0,"cl":1},{"id":3,"gpt":1,"cl":0}]'),
    ):
        reading = inspect([upload])
        mapping = Mapping.from_json({**reading.mapping.to_json(), "missing": ["-1"]})
        assert np.isnan(finish(reading, mapping).quality("gpt")).tolist() == [True, False, False]


def test_latin_1_is_read_and_said():
    """A file in Latin-1 or Windows-1252 is read, with a warning that says so."""
    for text, encoding in (("clé", "latin-1"), ("cl‘", "windows-1252")):
        data = f"id,gpt,{text}\n1,1,0\n2,0,1\n".encode("cp1252" if encoding != "latin-1" else "latin-1")
        reading = inspect([Upload("made.csv", data)])
        assert finish(reading).models == ("gpt", text)
        assert reading.files[0].encoding == encoding
        assert f"read as {encoding}" in reading.warnings[0].what


def test_reading_shows_columns_and_preview():
    """The mapping step gets kinds, examples, guessed roles and the first twenty rows."""
    text = "id,prompt,gpt,cl\n" + "".join(f"{i},what is {i},{i % 2},0.5\n" for i in range(30))
    reading = inspect([Upload("made.csv", text.encode())])
    assert [(c.name, c.kind, c.role, c.model) for c in reading.columns] == [
        ("id", "number", "query_id", ""),
        ("prompt", "text", "prompt", ""),
        ("gpt", "flag", "quality", "gpt"),
        ("cl", "unit", "quality", "cl"),
    ]
    assert len(reading.preview) == 20
    assert reading.preview[3]["prompt"] == "what is 3"
    assert reading.columns[1].examples[0] == "what is 0"
    assert len(reading.files[0].sha256) == 64


def test_reading_without_models_asks_for_a_mapping():
    """A table in which nothing looks like a model is shown, and a mapping is asked for; it can then be finished."""
    reading = inspect([Upload("made.csv", b"id,question,mark\n1,hello,3rd\n2,why,1st\n")])
    assert reading.needs_mapping
    assert reading.table is None
    assert reading.understood == "2 rows, 3 columns, no model column found"
    mapped = reading.mapping.with_roles({"answer": {"a": "mark"}, "reference": "question"})
    assert finish(reading, Mapping.from_json({**mapped.to_json(), "scorer": "exact"})).models == ("a",)


def test_mapping_survives_json():
    """A mapping with prices, scale and signals is the same after JSON, and unknown fields are refused."""
    mapping = Mapping(
        query={"query_id": "q"},
        cells={"quality": {"a": "b"}},
        signals={"margin": {"a": "m"}},
        scale=(1.0, 10.0),
        missing=("-1",),
        prices=(ModelCard(name="a", price_usd_per_query=0.5, tier="typed"),),
    )
    again = Mapping.from_json(json.loads(json.dumps(mapping.to_json())))
    assert again.to_json() == mapping.to_json()
    assert again.columns == {"q": ("query_id", ""), "b": ("quality", "a"), "m": ("signal margin", "a")}
    with pytest.raises(ProblemError, match="no field 'evil'"):
        Mapping.from_json({"evil": 1})


def test_prices_given_at_load_set_the_cost():
    """Prices typed at load give a cost from tokens; a recorded cost stays."""
    text = "id,a_score,a_prompt_tokens,a_completion_tokens,b_score\n1,1,1000000,500000,1\n2,0,0,1000000,0\n"
    table = table_of(text, prices={"a": (1.0, 2.0), "b": ModelCard(name="b", price_usd_per_query=3.0, tier="typed")})
    assert table.cost_usd("a").tolist() == [2.0, 2.0]
    assert table.cost_usd("b").tolist() == [3.0, 3.0]
    assert table.cards[0].tier == "typed"
    listed = table_of(text, prices=[ModelCard(name="a", price_usd_per_query=1.0, tier="typed")])
    assert listed.cost_usd("a").tolist() == [1.0, 1.0]


def test_several_files_with_the_same_columns_are_one_set():
    """Parts of one table are stacked in the order given; types may differ between them, unreadable extras are named."""
    parts = [
        Upload("run/a_x.csv", b"prompt,gpt,cl\np1,1,0\np2,0,1\n"),
        Upload("run/a_y.csv", b"prompt,cl,gpt\np3,0.5,1\np4,1,0.5\n"),
        Upload("readme.md.csv", b""),
    ]
    reading = inspect(parts)
    table = finish(reading)
    assert table.queries.ids.to_list() == ["x-1", "x-2", "y-1", "y-2"]
    assert table.queries.task_names == ("x", "y")
    assert table.quality("gpt").tolist() == [1, 0, 1, 0.5]
    assert [(note.use, note.words) for note in reading.files] == [
        ("rows", "2 rows"),
        ("rows", "2 rows"),
        ("not used", "the file is empty."),
    ]
    assert reading.name == "a_x and 1 more"


def test_files_of_one_name_in_several_folders_keep_apart():
    """Files that share a name are told apart by their folders."""
    table = load([Upload("one/r.csv", b"prompt,gpt,cl\np1,1,0\n"), Upload("two/r.csv", b"prompt,gpt,cl\np2,1,0\n")])
    assert table.queries.task_names == ("one/r", "two/r")


def test_odd_json_values_survive():
    """Huge integers, halves of surrogate pairs, NaN, lists, deep objects and mixed types are read as what they are."""
    records = [
        {
            "id": 1,
            "gpt": {"score": 1},
            "big": 10**30,
            "remark": "\ud800x",
            "list": [1, 2],
            "mixed": "a",
            "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
        },
        {"id": 2, "gpt": {"score": float("nan")}, "big": 5, "remark": "ok", "list": None, "mixed": 1.5, "deep": None},
    ]
    table = table_of(json.dumps(records), "a.json")
    assert np.isnan(table.quality("gpt")[1])
    assert table.queries.meta["big"][0] == str(10**30)
    assert table.queries.meta["list"][0] == "[1, 2]"
    assert table.queries.meta["mixed"].to_list() == ["a", "1.5"]
    assert table.queries.meta["remark"][0] == "?x"


def test_infinite_numbers_are_refused():
    """Infinity is no score and no cost, in text and in JSON."""
    for upload in (
        Upload("a.csv", b"id,gpt,cl\n1,1e999,1\n2,0,0\n"),
        Upload("a.json", b'[{"id":1,"gpt":Infinity,"cl":1},{"id":2,"gpt":0,"cl":1}]'),
    ):
        with pytest.raises(ProblemError, match="is not a score"):
            load(upload)


def test_a_split_column_is_kept():
    """A column of split words becomes the table's own split."""
    table = table_of("id,split,gpt,cl\n1,train,1,0\n2,test,0,1\n3,dev,1,1\n")
    assert table.queries.splits is not None
    assert table.queries.splits.to_list() == ["train", "test", "dev"]


def test_a_lone_score_column_takes_the_files_name():
    """A file with one column `score` is one model, named after the file."""
    assert table_of("id,score\n1,1\n2,0\n", "gpt-4.csv").models == ("gpt-4",)


def test_a_split_column_that_is_not_used_is_said():
    """A column without a test part leaves the split to chance, and a warning says so; without a calibrate part it is used."""
    for words, expected in (("train,dev,test", 0), ("train,test,test", 0), ("train,dev,dev", 1)):
        rows = "".join(f"{i},{word},1,0\n" for i, word in enumerate(words.split(",")))
        reading = inspect([Upload("a.csv", f"id,split,gpt,cl\n{rows}".encode())])
        assert len([w for w in reading.warnings if "split column" in w.what]) == expected
