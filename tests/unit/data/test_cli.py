"""The command line: what it prints, what it writes, and its exit codes; errors are sentences on stderr, never tracebacks."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import zipfile
from csv import DictReader
from pathlib import Path

import numpy as np
import pytest

from data import commands, load
from data.audit import apply, audit
from data.cli import _parser, main
from data.history import export
from data.outcomes import outcome_table
from data.problems import ProblemError
from data.readers.formats.base import formats
from data.stores.columns import is_stored, open_table
from data.stores.long import rows, write
from data.texts import Texts

ROOT = Path(__file__).resolve().parents[3]


def csv(count=40, *, free=(), bad=(), models=("big", "small")) -> str:
    """Return a CSV of models with scores, costs and tokens; the last one's calls are free in the rows `free`."""
    fields = ("score", "cost_usd", "input_tokens", "output_tokens")
    lines = [",".join(["id", "prompt", *(f"{model}_{field}" for model in models for field in fields)])]
    for i in range(1, count + 1):
        cells = [f"q{i}", f"question {i} of {i * i} things"]
        for m, model in enumerate(models):
            cost = 0 if model == models[-1] and i in free else 1e-6 * (m + 1) * ((90 + i) + 2 * (50 + 3 * i))
            cells += ["oops" if i in bad and m == 0 else str(int(i % (m + 3) != 0)), f"{cost:.9f}", str(90 + i), str(50 + 3 * i)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


@pytest.fixture
def put(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write_it(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_it


def test_a_finding_at_the_severity_exits_with_1(put, capsys):
    """Free calls with tokens are an error: exit code 1, and the report names rows and choices; `never` exits with 0."""
    path = put("runs.csv", csv(free=(3, 5)))
    assert main(["audit", path]) == 1
    said = capsys.readouterr()
    assert "Error: Zero cost with tokens" in said.out
    assert "q3" in said.out
    assert said.err == ""
    assert main(["audit", path, "--fail-on", "never"]) == 0


@pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
def test_the_severity_is_the_least_that_counts(put, severity, code, capsys):
    """A file whose gravest finding is a warning fails at warning and below, not at error."""
    text = csv().replace("q2,question 2 of 4 things,1", "q2,question 2 of 4 things,")
    path = put("runs.csv", text)
    found = {finding.severity for finding in audit(load(path))}
    assert "warning" in found
    assert "error" not in found
    assert main(["audit", path, "--fail-on", severity]) == code
    capsys.readouterr()


def test_a_file_that_cannot_be_read_exits_with_2(put, capsys):
    """Bad rows, missing files and pickles exit with 2; file, row and column are on stderr, nothing on stdout."""
    path = put("runs.csv", csv(bad=(7,)))
    assert main(["audit", path]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "runs.csv, row 7, column big_score" in said.err
    assert "Traceback" not in said.err
    for source, words in ((str(Path(path).parent / "none.csv"), "no file and no bundled set"), (put("a.pkl", "x"), "pickle")):
        assert main(["audit", source]) == 2
        assert words in capsys.readouterr().err
    assert main(["audit", path, "--drop-bad-rows", "--fail-on", "never"]) == 0
    assert "rows with problems left out" in capsys.readouterr().out


def test_each_format_and_the_output_file(put, tmp_path, capsys):
    """Text, Markdown, HTML and JSON to stdout; a file's name says its format; --format says otherwise."""
    path = put("runs.csv", csv(free=(3,)))
    starts = {"text": "Audit of runs\n====", "markdown": "# Audit of runs", "html": "<!DOCTYPE html>", "json": "{"}
    for kind, start in starts.items():
        assert main(["audit", path, "--format", kind]) == 1
        assert capsys.readouterr().out.startswith(start)
    for name, kind in (("r.md", "markdown"), ("r.html", "html"), ("r.json", "json"), ("r.txt", "text")):
        assert main(["audit", path, "-o", str(tmp_path / name)]) == 1
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(starts[kind])
        said = capsys.readouterr()
        assert said.out == ""
        assert "Written to" in said.err
    main(["audit", path, "-o", str(tmp_path / "r.md"), "--format", "json"])
    assert json.loads((tmp_path / "r.md").read_text(encoding="utf-8"))["findings"]
    assert main(["audit", path, "-o", str(tmp_path / "no" / "r.md")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_folders_zips_several_files_and_bundled_names(put, tmp_path, capsys):
    """Two halves in a folder, in a zip, and as two arguments are one set of 40 queries; a bundled name works like a file."""
    lines = csv(40).splitlines(keepends=True)
    one, two = put("set/a.csv", "".join(lines[:21])), put("set/b.csv", lines[0] + "".join(lines[21:]))
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in (one, two):
            archive.write(path, Path(path).name)
    for sources in ([str(tmp_path / "set")], [str(tmp_path / "set.zip")], [one, two]):
        assert main(["audit", *sources, "--fail-on", "never"]) == 0
        assert "40 queries, 2 models" in capsys.readouterr().out
    assert main(["audit", "everyday-2k", "--fail-on", "never", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == load("everyday-2k").origin.name


def test_prices_by_file_by_model_and_by_list(put, capsys):
    """Prices given in any of three ways are in the report's models; a wrong one is refused with the way to write it."""
    path = put("runs.csv", csv(models=("gpt-4o", "tiny")))
    prices = put("prices.csv", "model,input_price,output_price\ntiny,1,2\n")
    for given, tiers in ((prices, ["unknown", "list"]), ("tiny=1,2", ["unknown", "typed"]), ("list", ["list", "unknown"])):
        assert main(["audit", path, "--prices", given, "--format", "json", "--fail-on", "never"]) == 0
        plain = json.loads(capsys.readouterr().out)
        assert plain["history"][-1]["action"] == "prices"
        assert [load(path).models[m] in plain["history"][-1]["detail"] for m in (0, 1)] == [tier != "unknown" for tier in tiers]
    for given, words in (
        ("tiny=1", "no two prices"),
        ("tiny=-1,2", "no two prices"),
        ("tiny=nan,inf", "no two prices"),
        ("huge=1,2", "no model 'huge'"),
        (path, "no price list"),
        ("none.csv", "no file"),
    ):
        assert main(["audit", path, "--prices", given]) == 2
        assert words in capsys.readouterr().err


def test_scale_and_scorer(put, capsys):
    """Scores of 1 to 10 are brought to 0..1; answers are scored as said; nonsense is refused by the parser or with a sentence."""
    path = put("ten.csv", "id,a_score,b_score\n" + "".join(f"{i},{1 + i % 10},{1 + i % 7}\n" for i in range(60)))
    assert main(["audit", path, "--scale", "1,10", "--fail-on", "never", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["conclusions"]["quality"]["a"] == pytest.approx(0.5, abs=0.02)
    for bad in ("10,1", "1", "a,b"):
        with pytest.raises(SystemExit) as stop:
            main(["audit", path, "--scale", bad])
        assert stop.value.code == 2
    said = put("said.csv", "id,answer_key,a_answer,b_answer\n" + "".join(f"{i},yes,yes,{'Yes' if i % 2 else 'no'}\n" for i in range(20)))
    for scorer, share in (("exact", 0.0), ("normalised", 0.5)):
        assert main(["audit", said, "--scorer", scorer, "--fail-on", "never", "--format", "json"]) == 0
        plain = json.loads(capsys.readouterr().out)
        assert plain["conclusions"]["quality"] == {"a": 1.0, "b": share}
    assert main(["audit", said, "--scorer", "nonsense"]) == 2
    for option in (["--scale", "1,10"], ["--scorer", "exact"]):
        assert main(["audit", "everyday-2k", *option]) == 2
        assert "stored table" in capsys.readouterr().err


def history_of(path: str, put) -> str:
    """Return the path of the history of a file whose free calls were left out."""
    table = load(path)
    table = apply(table, next(f for f in audit(table) if f.id == "zero_cost_with_tokens"), "exclude")
    return put("history.json", export(table))


def test_a_history_settles_findings_for_the_audit(put, capsys):
    """With the history that settled it, a file passes; a scale beside it is refused."""
    path = put("runs.csv", csv(free=(3, 5)))
    history = history_of(path, put)
    assert main(["audit", path, "--history", history]) == 0
    assert "2 rows left out" in capsys.readouterr().out
    assert main(["audit", path, "--history", history, "--scale", "0,1"]) == 2
    table = load(path)
    kept = apply(table, next(f for f in audit(table) if f.id == "zero_cost_with_tokens"), "keep")
    assert main(["audit", path, "--history", put("kept.json", export(kept))]) == 0
    assert "(settled: keep)" in capsys.readouterr().out


def test_replay_says_each_line_and_writes_a_folder(put, tmp_path, capsys):
    """The same file gives the same table; the folder holds it with its history; the next version says what differs."""
    path = put("runs.csv", csv(free=(3, 5)))
    history = history_of(path, put)
    assert main(["replay", history, path, "-o", str(tmp_path / "table")]) == 0
    said = capsys.readouterr()
    assert "applied: audit: Zero cost with tokens: 2 rows left out" in said.out
    assert "The table is the one that the history was exported from." in said.out
    assert export(open_table(tmp_path / "table")) == Path(history).read_text(encoding="utf-8")
    later = put("later.csv", csv(41, free=(3, 5, 9)))
    assert main(["replay", history, later]) == 0
    assert "[2 rows then, 3 now]" in capsys.readouterr().out
    clean = put("clean.csv", csv(41))
    assert main(["replay", history, clean]) == 0
    assert "nothing to do: audit" in capsys.readouterr().out
    assert main(["replay", history, str(tmp_path / "table")]) == 0


def test_convert_makes_a_long_file_a_mapped_folder(tmp_path, capsys):
    """A long Parquet file becomes a folder that is opened like a file; a table's file as its place, or another file, is refused."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, place = tmp_path / "long.parquet", tmp_path / "set"
    rows = {"id": [f"q{i // 2}" for i in range(40)], "model": ["a", "b"] * 20, "score": [0.0, 1.0] * 20, "cost_usd": [1e-4, 1e-3] * 20}
    pq.write_table(pa.table(rows), path)
    assert main(["convert", str(path), "-o", str(place)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("20 queries, 2 models")
    assert "Written to" in said.err
    assert open_table(place).fingerprint == load(path).fingerprint
    assert main(["convert", str(path), "-o", str(tmp_path / "set.csv")]) == 2
    assert "becomes a folder" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "none.parquet"), "-o", str(tmp_path / "other")]) == 2
    assert "there is no file" in capsys.readouterr().err


def test_a_line_that_cannot_be_applied_exits_with_1(put, capsys):
    """A history with an action of a later version exits with 1 and says which; a file that is no history exits with 2."""
    path = put("runs.csv", csv())
    lines = json.loads(export(load(path)))
    lines["lines"].append({"action": "rotated", "detail": "", "values": {}})
    assert main(["replay", put("odd.json", json.dumps(lines)), path]) == 1
    assert "not applied: rotated" in capsys.readouterr().out
    assert main(["replay", path, path]) == 2
    assert "no history" in capsys.readouterr().err


def test_replay_never_replaces_something_else(put, tmp_path, capsys):
    """A folder with other files, or a file, is not overwritten by a table's folder; a table's own folder is."""
    path = put("runs.csv", csv(free=(3,)))
    history = history_of(path, put)
    precious = put("mine/precious.txt", "x")
    for out, words in ((tmp_path / "mine", "something else"), (Path(precious), "something else"), (Path(path), "is read")):
        assert main(["replay", history, path, "-o", str(out)]) == 2
        assert words in capsys.readouterr().err
    assert Path(precious).read_text(encoding="utf-8") == "x"
    assert main(["audit", path, "-o", path]) == 2
    assert main(["replay", history, str(tmp_path / "mine" / ".."), "-o", history]) == 2
    assert Path(path).read_text(encoding="utf-8") == csv(free=(3,))
    (tmp_path / "folder.csv").mkdir()
    assert main(["replay", history, path, "-o", str(tmp_path / "folder.csv")]) == 2
    for _ in range(2):
        assert main(["replay", history, path, "-o", str(tmp_path / "table")]) == 0
    assert is_stored(tmp_path / "table")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_replay_writes_files_that_are_read_back(put, tmp_path, name, capsys):
    """The long CSV and Parquet hold every call: read again they have the same means, queries and models."""
    path = put("runs.csv", csv(free=(3, 5)))
    assert main(["replay", history_of(path, put), path, "-o", str(tmp_path / name)]) == 0
    assert "History and prices are not in such a file." in capsys.readouterr().err
    again, table = load(tmp_path / name), load(path).take(np.array([i for i in range(40) if i not in (2, 4)]))
    assert again.models == table.models
    assert again.queries.ids.to_list() == table.queries.ids.to_list()
    assert again.queries.prompts.to_list() == table.queries.prompts.to_list()
    for field in ("quality", "cost_usd", "tokens_in", "tokens_out"):
        np.testing.assert_allclose(again.numbers[field], table.numbers[field], rtol=1e-6)


def test_rows_of_a_table_with_holes(tmp_path):
    """A call that was not made has no row, an unknown value is null, texts of quotes and lines survive in CSV."""
    table = outcome_table(
        ("a", "b"), np.array([[1, np.nan], [0, 1]]), cost_usd=np.array([[np.nan, np.nan], [2, 3]]),
        responses={"a": Texts(['say "hi",\nplease', None])},
    )  # fmt: skip
    made = rows(table)
    assert made.column("query_id").to_pylist() == ["1", "2", "2"]
    assert made.column("model").to_pylist() == ["a", "a", "b"]
    assert made.column("cost_usd").to_pylist() == [None, 2, 3]
    assert made.column("response").to_pylist() == ['say "hi",\nplease', None, None]
    assert "latency_s" not in made.column_names
    write(table, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as lines:
        assert next(iter(DictReader(lines)))["response"] == 'say "hi",\nplease'
    with pytest.raises(ProblemError, match="neither"):
        write(table, tmp_path / "t.txt")


def test_read_says_what_was_understood(put, capsys):
    """The sentence, each file's use, each column's role; JSON has the same; a file that needs a person exits with 1."""
    path = put("runs.csv", csv())
    assert main(["read", path]) == 0
    said = capsys.readouterr().out
    for words in ("40 queries, 2 models", "runs.csv", "big_score", "quality", "input_tokens"):
        assert words in said
    assert main(["read", path, "--format", "json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["models"] == ["big", "small"]
    assert {each["name"]: each["role"] for each in plain["columns"]}["big_score"] == "quality"
    assert main(["read", put("bad.csv", csv(bad=(7,)))]) == 1
    assert "row 7" in capsys.readouterr().out
    assert main(["read", put("none.csv", "city,mayor\nOslo,Ann\nRome,Bo\n")]) == 1
    assert main(["read", put("empty.csv", "")]) == 2
    assert main(["read", "everyday-2k"]) == 0
    assert "2,000 queries" in capsys.readouterr().out


def test_history_prints_what_replay_takes(put, tmp_path, capsys):
    """The printed history is the exported one, on stdout or in a file."""
    path = put("runs.csv", csv())
    assert main(["history", path]) == 0
    assert capsys.readouterr().out == export(load(path))
    assert main(["history", path, "-o", str(tmp_path / "h.json")]) == 0
    assert main(["replay", str(tmp_path / "h.json"), path]) == 0


def test_formats_lists_every_format(capsys):
    """Each format of the folder is listed with its title and the first words of its text."""
    assert main(["formats"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for each in formats().values():
        assert f"{each.id}: {each.title}" in said
        assert " ".join(each.about.split())[:60] in said


def test_the_readme_shows_every_command_as_it_is():
    """The README has a line for each command, and the parser takes every line that it shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [shlex.split(line, comments=True)[3:] for line in text.splitlines() if line.startswith("python -m data ")]
    shown = {_parser().parse_args(argv).run for argv in lines}
    assert shown == {"audit", "read", "history", "replay", "convert", "formats", "fetch"}


@pytest.mark.parametrize("argv", [[], ["audit"], ["nonsense"], ["audit", "a", "--fail-on", "sometimes"], ["audit", "a", "--format", "pdf"]])
def test_wrong_options_exit_with_2(argv, capsys):
    """The parser says what is wrong and exits with 2."""
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert "usage: python -m data" in capsys.readouterr().err


def test_stopping_is_no_traceback(monkeypatch, capsys):
    """Ctrl-C exits with 130 and says nothing."""

    def stop(_chosen):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "audit", stop)
    assert main(["audit", "x"]) == 130
    assert capsys.readouterr().err == ""


def test_hostile_names_do_not_reach_the_terminal(put, capsys):
    """An escape sequence in a column name is written out in what is printed, on stdout and on stderr."""
    path = put("evil.csv", csv(models=("a\x1b[31m", "b"), free=(3,)))
    main(["audit", path])
    main(["read", path])
    main(["audit", put("bad.csv", csv(models=("a\x1b[31m", "b"), bad=(3,)))])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


def run(*argv: str, **options) -> subprocess.CompletedProcess:
    """Run the command line as a person does."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run([sys.executable, "-m", "data", *argv], capture_output=True, check=False, timeout=120, env=env, **options)


def test_the_program_runs_from_anywhere_in_utf_8(put, tmp_path):
    """From another folder and with an ASCII locale, names outside ASCII come out as UTF-8, and the exit code is the finding's."""
    path = put("modèle.csv", csv(models=("größe", "小"), free=(3,)))
    done = run("audit", path, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 1
    assert "größe" in done.stdout.decode("utf-8")
    assert "小" in done.stdout.decode("utf-8")
    assert done.stderr == b""


def test_a_closed_pipe_is_no_error(put):
    """When the reader of the pipe goes after one line, there is no traceback, and the exit code is still the audit's."""
    path = put("runs.csv", csv(3000, free=tuple(range(1, 200))))
    reader, writer = os.pipe()
    os.close(reader)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "data", "audit", path], stdout=pipe, stderr=subprocess.PIPE, check=False, timeout=120, env=env
        )
    assert done.stderr == b""
    assert done.returncode == 1


def test_the_help_is_there_at_once():
    """`--help` loads none of what the commands need."""
    assert b"audit" in run("--help").stdout
    code = (
        "import sys\ntry:\n from data.cli import main; main(['--help'])\nexcept SystemExit: pass\n"
        "print(*({'data.commands', 'pandas', 'scipy', 'openai'} & set(sys.modules)), 'end')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert done.stdout.splitlines()[-1].split() == ["end"]


def test_a_stream_without_reconfigure_is_fine(monkeypatch, put):
    """In a notebook or a test, where stdout is no real stream, it prints all the same."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["read", put("runs.csv", csv())]) == 0
    assert "40 queries" in out.getvalue()
