"""Several files as one set: a file a model, further models in columns, other sets that share prompts, names, archives."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from data import load
from data.load import uploads
from data.problems import ProblemError
from data.readers.base import Reading, Upload
from data.readers.detect import finish, inspect
from data.readers.names import file_names

LOG = {"idx": 0, "ys": ["a", "b"], "accs": [True, 0], "usage_so_far": {"prompt_tokens": 10, "completion_tokens": 4, "cost": 0.5}}


def csv(name: str, text: str) -> Upload:
    """Return a CSV file with these lines."""
    return Upload(name, text.replace(" ", "\n").encode())


def document(name: str, value: object) -> Upload:
    """Return a JSON file."""
    return Upload(name, json.dumps(value).encode())


def uses(reading: Reading) -> dict[str, str]:
    """Return file -> what it is used for."""
    return {note.name: note.use for note in reading.files}


def test_a_file_a_model_with_columns_of_its_own():
    """Files of one score each are models of one set; what only some record is unknown for the others; no task comes from names."""
    gpt = csv("gpt_scores.csv", "id,score,cost_usd,response 1,1,0.5,x 2,0,0.25,y 3,1,0,z")
    reading = inspect([gpt, csv("llama_scores.csv", "note,score,id n,0,3 n,1,1 n,0,2")])
    table = finish(reading)
    assert table.models == ("gpt", "llama")
    assert table.numbers["quality"].tolist() == [[1, 1], [0, 0], [1, 0]]
    assert table.cost_usd("gpt").tolist() == [0.5, 0.25, 0]
    assert np.isnan(table.cost_usd("llama")).all()
    assert table.responses["gpt"].to_list() == ["x", "y", "z"]
    assert table.queries.tasks is None
    assert any("each file is taken as one model's" in warning.what for warning in reading.warnings)


def test_files_about_other_queries_are_no_models():
    """Scores of other queries don't make a file another model: the files are parts of one table."""
    table = load([csv("a.csv", "id,score 1,1 2,0 3,1"), csv("b.csv", "id,score 7,1 8,0 9,1")])
    assert (len(table), len(table.models)) == (6, 1)


def test_columns_of_further_models_join():
    """A wide file of other models on the same queries adds its models with their costs, whatever the order of its rows."""
    reading = inspect([csv("a.csv", "id,gpt,gpt_cost 1,1,0.5 2,0,0.5 3,1,1"), csv("b.csv", "llama_cost,id,llama 2,3,1 1,1,0 1,2,0")])
    table = finish(reading)
    assert table.models == ("gpt", "llama")
    assert table.numbers["quality"].tolist() == [[1, 0], [0, 0], [1, 1]]
    assert table.cost_usd("llama").tolist() == [1, 1, 2]
    assert uses(reading) == {"a.csv": "rows", "b.csv": "joined"}


def test_the_same_numbers_for_other_questions_do_not_join():
    """Two files that number different questions from 1 are two sets, and settings of a run are no model's scores."""
    first = csv("a.csv", "id,question,gpt 1,why,1 2,how,0 3,who,1 4,so,1")
    assert uses(inspect([first, csv("b.csv", "id,question,llama 1,when,1 2,where,0 3,which,1")]))["b.csv"] == "another set"
    assert finish(inspect([first, csv("c.csv", "id,temperature 1,0 2,0 3,0 4,0")])).models == ("gpt",)


def test_prompts_of_another_set_are_marked_in_long_tables_too():
    """A test file beside a long training table marks every query whose prompt it has, in a column that says which file."""
    train = "query,model,score " + " ".join(f"q{i},{m},{i % 2}" for i in range(6) for m in ("gpt", "llama"))
    reading = inspect([csv("train.csv", train), csv("test.csv", "question,gpt,llama,extra q4,1,0,a q5,1,0,b new,0,1,c")])
    table = finish(reading)
    assert uses(reading)["test.csv"] == "another set"
    marks = dict(zip(table.queries.prompts or (), table.queries.meta["also in test.csv"], strict=True))
    assert [query for query, mark in marks.items() if mark] == ["q4", "q5"]


def test_prompts_of_another_set_that_shares_none():
    """Nothing is marked where no prompt is shared."""
    table = load([csv("a.csv", "question,gpt,llama a,1,0 b,0,1 c,1,1"), csv("b.csv", "question,gpt,llama,extra d,1,0,x e,0,1,y")])
    assert not any(name.startswith("also in") for name in table.queries.meta)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["x/gpt_results.csv", "x/llama_results.csv"], ["gpt", "llama"]),
        (["gpt-4.csv", "claude-4.csv"], ["gpt-4", "claude-4"]),
        (["gpt/run.json", "llama/run.json"], ["gpt", "llama"]),
        (["a/b/run.json", "c/b/run.json"], ["a/b/run.json", "c/b/run.json"]),
        (["one_results.csv.gz"], ["one_results"]),
        (["_a.csv", "b_a.csv"], ["_a", "b_a"]),
    ],
)
def test_names_of_files(files, names):
    """A file's name is its stem or folder, without an ending that all share, as long as names stay different and not empty."""
    assert file_names(files) == names


def test_what_a_format_cuts_from_names():
    """An ending that says the run is left out, unless two files would then be one."""
    assert file_names(["a_pass_at_1.jsonl", "b_pass_at_2.jsonl"], r"_pass_at_\d") == ["a", "b"]
    assert file_names(["a_pass_at_1.jsonl", "a_pass_at_2.jsonl"], r"_pass_at_\d") == ["a_pass_at_1", "a_pass_at_2"]


def test_paths_of_one_name_keep_their_folders(tmp_path):
    """A list of paths with the same file name is told apart by folders: the models are named after them."""
    for model, scores in (("gpt", "1,1 2,0"), ("llama", "1,0 2,1")):
        (tmp_path / model).mkdir()
        (tmp_path / model / "run.csv").write_bytes(csv("", f"id,score {scores}").data)
    table = load(sorted(tmp_path.glob("*/run.csv")))
    assert table.models == ("gpt", "llama")
    assert table.numbers["quality"].tolist() == [[1, 0], [0, 1]]


def test_archives_in_a_folder_and_beside_files(tmp_path):
    """A folder's archive is opened; what comes from one of several files carries the archive's name; a second of one name is numbered."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("gpt.csv", csv("", "id,score 1,1 2,0").data)
        archive.writestr("README.txt", "about,this\n1,2\n")
    (tmp_path / "llama.csv").write_bytes(csv("", "id,score 1,0 2,1").data)
    assert uses(inspect(uploads(tmp_path))) == {"a/gpt.csv": "rows", "llama.csv": "rows"}
    twice = [csv("m.csv", "id,score 1,1 2,0"), csv("m.csv", "id,score 1,0 2,1")]
    assert list(uses(inspect(twice))) == ["m.csv", "m (2).csv"]


def test_a_spreadsheet_or_eval_log_is_no_archive():
    """A document that is zipped inside stays one file under whatever name; an archive that is cut is refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("_journal/start.json", "{}")
        archive.writestr("a.csv", "id,gpt,llama\n1,1,0\n")
    from data.readers.archive import expanded

    upload = Upload("log.zip", out.getvalue())
    assert expanded([upload], 10**6) == (upload,)
    with pytest.raises(ProblemError, match="can't be opened"):
        expanded([Upload("cut.zip", out.getvalue()[:40])], 10**6)


def test_values_that_cover_several_answers_are_divided():
    """A mapping may say which column counts the answers that a cost covers; a count of 0 leaves it unknown, a wrong name is refused."""
    reading = inspect([csv("a.csv", "id,model,score,cost_usd,n 1,gpt,1,0.5,5 2,gpt,0,0.5,0 1,llama,1,1,2 2,llama,0,1,4")])
    mapping = replace(reading.mapping, divided_by={"cost_usd": "n"})
    table = finish(reading, type(mapping).from_json(mapping.to_json()))
    assert table.cost_usd("llama").tolist() == [0.5, 0.25]
    assert table.cost_usd("gpt")[0] == pytest.approx(0.1)
    assert np.isnan(table.cost_usd("gpt")[1])
    with pytest.raises(ProblemError, match="no column 'm' to divide cost_usd by"):
        finish(reading, replace(mapping, divided_by={"cost_usd": "m"}))


def test_a_policy_that_always_calls_one_model_is_certain():
    """A model that one policy always calls has propensity 1 even where a random one picked it too; a rule that varies has none."""
    rows = "id,model,policy,score 1,a,always,1 2,a,always,0 1,b,random,1 2,a,random,0 1,c,rule,1 2,b,rule,1"
    table = load(csv("a.csv", rows))
    assert table.column("propensity", "a").tolist() == [1, 1]
    assert table.column("propensity", "b")[0] == 0.5
    assert np.isnan(table.column("propensity", "b")[1])
    assert np.isnan(table.column("propensity", "c")).all()


def test_a_counter_that_falls_begins_again():
    """Differences of a running total; where it falls, the record counts from zero."""
    used = [(10, 4, 0.5), (30, 10, 1.25), (5, 2, 0.125)]
    records = [
        {**LOG, "idx": i, "usage_so_far": dict(zip(("prompt_tokens", "completion_tokens", "cost"), each, strict=True))}
        for i, each in enumerate(used)
    ]
    table = load(document("arm.json", records))
    assert (table.cost_usd("arm") * 2).tolist() == [0.5, 0.75, 0.125]
    assert (table.column("tokens_in", "arm") * 2).tolist() == [10, 20, 5]


def test_records_that_are_damaged_are_named():
    """One record with fewer scores than answers is a problem with its row; a log without its counter is refused."""
    reading = inspect([document("arm.json", [LOG, {**LOG, "idx": 1, "accs": [True]}])])
    assert [(problem.row, "not as in other files" in problem.what) for problem in reading.problems] == [(2, True)]
    with pytest.raises(ProblemError, match="looks like Tree of Thoughts logs"):
        inspect([document("arm.json", [LOG, {"idx": 1, "ys": [], "accs": []}])])


def test_a_file_without_a_whole_row_stays_the_rows():
    """Of two tables in which every row is broken the first is still named as what was to be the rows, and nothing falls over."""
    reading = inspect([csv("a.csv", "id,gpt,llama 1,1"), csv("b.csv", "id,gpt,llama 1")])
    assert uses(reading) == {"a.csv": "rows", "b.csv": "not used"}
    assert reading.table is None
