"""A history is exported, and applied to the same file, to a changed file and to a table, with a word for every line."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import actions, arms, load
from data.actions import ACTIONS, DERIVED, READING
from data.audit import apply, audit
from data.history import History, export, parsed, replay
from data.models import ModelCard
from data.outcomes import HistoryLine, OutcomeTable, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.readers.base import Upload
from data.readers.detect import finish, inspect

ROOT = Path(__file__).resolve().parents[3]
HEAD = "qid,what,big_score,small_score,big_cost,small_cost,big_input_tokens,big_output_tokens,small_input_tokens,small_output_tokens\n"


def file(rows=40, *, free=(3, 5), bad=(), head=HEAD, name="v1.csv") -> Upload:
    """Return a CSV of two models; small costs nothing in the rows `free`, big's score is no number in the rows `bad`."""
    lines = []
    for i in range(1, rows + 1):
        score = "oops" if i in bad else str(int(i % 4 != 0))
        cost = 0 if i in free else 0.001 + i / 1e5
        lines.append(
            f"q{i},question {i} of {i * i} things,{score},{i % 2},{0.02 + i / 1e4:.5f},{cost:.5f},{90 + i},{50 + 3 * i},{80 + i},{i}"
        )
    return Upload(name, (head + "\n".join(lines) + "\n").encode())


def choose(table: OutcomeTable, finding_id: str, choice) -> OutcomeTable:
    """Return the table after a choice about a finding that it has."""
    return apply(table, next(f for f in audit(table) if f.id == finding_id), choice)


def worked() -> OutcomeTable:
    """Return the file read, priced, repaired, its models renamed and ordered."""
    table = finish(inspect([file()]))
    table = table.priced([ModelCard(name="small", price_in_usd_per_mtok=1, price_out_usd_per_mtok=2, tier="typed")])
    table = choose(table, "zero_cost_with_tokens", "repair")
    table = arms.renamed(table, {"small": "tiny"})
    return arms.ordered(table, ["tiny", "big"])


def statuses(done) -> list[tuple[str, str]]:
    """Return (action, status) of each step."""
    return [(step.line.action, step.status) for step in done.steps]


def test_the_same_file_gives_the_same_table():
    """Replayed on its own file, a history gives the same figures and the same history, and says so."""
    table = worked()
    done = replay(export(table), file())
    assert done.same
    assert done.table.fingerprint == table.fingerprint
    assert done.table.models == ("tiny", "big")
    assert export(done.table) == export(table)
    assert {status for _, status in statuses(done)} == {"applied"}
    assert not done.failed


def test_load_applies_a_history(tmp_path):
    """`load` takes the path of an exported history, or its text; roles beside it are refused, prices come on top."""
    table = worked()
    (tmp_path / "history.json").write_text(export(table), encoding="utf-8")
    assert load(file(), history=tmp_path / "history.json").fingerprint == table.fingerprint
    assert load(file(), history=str(tmp_path / "history.json")).fingerprint == table.fingerprint
    assert load(file(), history=export(table), name="next").origin.name == "next"
    assert load(file(), history=export(table), prices={"tiny": (9, 9)}).cards[0].price_in_usd_per_mtok == 9
    with pytest.raises(ProblemError, match="the history has the roles already"):
        load(file(), history=export(table), scale=(1, 10))


def test_a_row_more_and_a_row_fewer():
    """On the next version the rows of a finding are found anew: their number then and now is said, and all are repaired."""
    history = export(worked())
    more = replay(history, file(41, free=(3, 5, 41), name="v2.csv"))
    fewer = replay(history, file(4, name="v2.csv"))
    assert (len(more.table), len(fewer.table)) == (41, 4)
    assert not more.same
    assert [step.words for step in more.steps if step.line.action == "audit"] == ["2 rows then, 3 now"]
    assert [step.words for step in fewer.steps if step.line.action == "audit"] == ["2 rows then, 1 now"]
    for done in (more, fewer):
        assert not done.failed
        assert not any(f.id == "zero_cost_with_tokens" for f in audit(done.table))
        assert done.table.models == ("tiny", "big")


def test_a_finding_that_no_longer_occurs_is_said():
    """Where the next version is clean, the choice has nothing to do; that is no error and no line of the history."""
    done = replay(export(worked()), file(free=()))
    step = next(step for step in done.steps if step.line.action == "audit")
    assert (step.status, step.words) == ("nothing to do", "zero_cost_with_tokens is no longer found")
    assert not done.failed
    assert "audit" not in {line.action for line in done.table.history}


def test_the_mapping_goes_by_columns():
    """A mapping by hand is applied to a file whose columns stand in another order; a new model's column is named, not read."""
    reading = inspect([file()])
    mapping = reading.mapping.with_roles({"query_id": "qid", "prompt": "what", "quality": {"one": "big_score", "two": "small_score"}})
    history = export(finish(reading, mapping))
    assert replay(history, file()).table.models == ("one", "two")
    turned = Upload(
        "v2.csv", b"third_score,small_score,big_score,what,qid\n" + b"".join(b"1,0,1,what %d,q%d\n" % (i, i) for i in range(30))
    )
    done = replay(history, turned)
    assert done.table.mean("quality") == {"one": 1.0, "two": 0.0}
    assert done.steps[0].words == "not in the history, so not read: third_score"


def test_columns_that_are_gone_are_said_or_refused():
    """A model whose columns are gone is left out and named; where no score is left, the file is refused with the columns."""
    history = export(finish(inspect([file()])))
    head = "qid,what,big_score,big_cost\n"
    one = Upload("v2.csv", (head + "".join(f"q{i},what {i},{i % 2},0.1\n" for i in range(30))).encode())
    done = replay(history, one)
    assert done.table.models == ("big",)
    assert done.steps[0].words.startswith("no longer there: ")
    assert "small_score" in done.steps[0].words
    other = Upload("v3.csv", b"question,x_score,y_score\n" + b"".join(b"what %d,1,0\n" % i for i in range(30)))
    with pytest.raises(ProblemError, match="the file lacks columns that the history maps") as error:
        replay(history, other)
    assert error.value.problems[0].file == "v3.csv"


def test_bad_rows_are_left_out_only_if_somebody_said_so():
    """A history that dropped rows drops them again, as many as there are now; one that didn't refuses the file."""
    table = finish(inspect([file(bad=(7, 9))]), drop_bad_rows=True)
    history = export(table)
    assert replay(history, file(bad=(7, 9))).same
    more = replay(history, file(bad=(7, 9, 11)))
    assert len(more.table) == 37
    assert next(step for step in more.steps if step.line.action == "dropped bad rows").words == "2 rows then, 3 now"
    none = replay(history, file())
    assert len(none.table) == 40
    assert next(step for step in none.steps if step.line.action == "dropped bad rows").words == "2 rows then, 0 now"
    with pytest.raises(ProblemError, match="oops") as error:
        replay(export(worked()), file(bad=(7,)))
    assert error.value.problems[0].row == 7
    assert len(replay(export(worked()), file(bad=(7,)), drop_bad_rows=True).table) == 39


def test_edits_of_models_apply_to_those_that_are_there():
    """Renaming, merging, hiding and ordering take the models that the next version has and say which it hasn't."""
    four = ("a", "a@host", "b", "c")
    table = outcome_table(four, np.array([[1, 0, 1, 0], [1, 1, 0, 0]]))
    made = arms.ordered(arms.hidden(arms.merged(arms.renamed(table, {"c": "d"}), ["a", "a@host"], "a"), ["b"]), ["d", "a"])
    lines = made.history
    assert replay(lines, table).table.fingerprint == made.fingerprint
    new = outcome_table(("a@host", "e"), np.array([[1, 0], [1, 1]]))
    done = replay(lines, new)
    assert done.table.models == ("a", "e")
    assert [(step.status, step.words) for step in done.steps] == [
        ("nothing to do", "not there: c"),
        ("applied", "not there: a"),
        ("nothing to do", "not there: b"),
        ("applied", "not there: d; new, so at the end: e"),
    ]
    gone = replay(lines, outcome_table(("x", "y"), np.ones((2, 2))))
    assert {step.status for step in gone.steps} == {"nothing to do"}


def test_an_edit_that_clashes_is_said_and_noted():
    """A name that the next version has already can't be given; the line is not applied, and the table's history says so."""
    table = outcome_table(("a", "b"), np.ones((2, 2)))
    lines = arms.renamed(table, {"a": "c"}).history
    done = replay(lines, outcome_table(("a", "c"), np.ones((2, 2))))
    assert [step.status for step in done.failed] == ["not applied"]
    assert "two models would be called 'c'" in done.failed[0].words
    assert done.table.models == ("a", "c")
    assert done.table.history[-1].action == "replayed"
    assert "1 of 1 lines" in done.table.history[-1].detail
    assert statuses(replay(done.table.history, table)) == [("replayed", "derived")]


def test_prices_are_applied_to_the_models_that_are_there():
    """Typed prices come back bit for bit, relative ones too; a model that is gone is named."""
    table = finish(inspect([file()]))
    cards = [ModelCard(name=name, price_in_usd_per_mtok=3, price_out_usd_per_mtok=4, tier="typed") for name in ("big", "small")]
    priced = table.priced(cards, recompute=True)
    assert replay(export(priced), file()).same
    half = replay(priced.history[-1:], table.select(["big"]))
    assert (half.steps[0].status, half.steps[0].words) == ("applied", "not there: small")
    assert half.table.column("cost_usd", "big").tolist() == priced.column("cost_usd", "big").tolist()
    assert replay(priced.history[-1:], outcome_table(("x",), np.ones((2, 1)))).steps[0].status == "nothing to do"
    relative = table.relatively_priced({"big": 20, "small": 1})
    assert relative.history[-1].values == {"weights": {"big": 20.0, "small": 1.0}}
    assert replay(export(relative), file()).same


def test_prices_of_the_files_are_read_again():
    """A price list that came with the file is derived: the next version's own list counts, not the old one."""
    csv = HEAD.replace("big_cost,small_cost,", "") + "".join(f"q{i},what {i},1,0,10,20,30,40\n" for i in range(1, 31))
    prices = "model,input_price,output_price\nbig,{0},{0}\nsmall,1,1\n"
    old = [Upload("v.csv", csv.encode()), Upload("prices.csv", prices.format(10).encode())]
    new = [Upload("v.csv", csv.encode()), Upload("prices.csv", prices.format(50).encode())]
    history = export(finish(inspect(old)))
    assert replay(history, old).same
    done = replay(history, new)
    assert ("prices of the files", "derived") in statuses(done)
    assert done.table.cards[done.table.index("big")].price_in_usd_per_mtok == 50
    assert done.table.mean("cost_usd")["big"] == pytest.approx(30 * 50e-6)


def test_a_table_counts_as_read():
    """On a table, lines of reading are done already, and the rest is applied."""
    plain = finish(inspect([file()]))
    done = replay(export(worked()), plain)
    assert done.same
    assert statuses(done)[0] == ("read", "derived")


def test_a_choice_that_is_not_offered_is_not_applied():
    """Where leaving out the rows would now leave nothing, the line is not applied, and says why."""
    history = choose(finish(inspect([file()])), "zero_cost_with_tokens", "exclude").history
    done = replay(history, file(2, free=(1, 2)))
    assert [step.status for step in done.steps][-1] == "not applied"
    assert "exclude" in done.failed[0].words
    assert len(done.table) == 2


def planted() -> OutcomeTable:
    """Return a table with several findings: free calls, a score of -1, holes, a repeated prompt."""
    rng = np.random.default_rng(2)
    cost = rng.uniform(0.01, 0.02, (30, 2)) * [1, 10]
    cost[[2, 4, 6], 0] = 0
    cost[12, 1] = -1
    quality = (rng.random((30, 2)) < [0.6, 0.9]).astype(np.float32)
    quality[8, 1] = -1
    quality[10, 0] = np.nan
    prompts = [f"prompt {i % 27} with {(i % 27) ** 3} words" for i in range(30)]
    queries = QuerySet.build([f"q{i}" for i in range(30)], prompts=prompts)
    tokens = rng.integers(20, 900, (30, 2))
    return outcome_table(("a", "b"), quality, cost_usd=cost, tokens_in=tokens, tokens_out=tokens[::-1], queries=queries, check=False)


PLANTED = planted()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 2)), min_size=1, max_size=5))
def test_any_sequence_of_choices_is_replayed_bit_for_bit(picks):
    """Whatever is chosen about whichever findings in whatever order, the replay of the export has the same fingerprint and history."""
    table = PLANTED
    for which, choice in picks:
        found = [finding for finding in audit(table) if not finding.settled]
        if found:
            finding = found[which % len(found)]
            options = list(finding.choices)
            try:
                table = apply(table, finding, options[choice % len(options)])
            except ProblemError:
                continue
    done = replay(export(table), PLANTED)
    assert done.same
    assert done.table.fingerprint == table.fingerprint
    assert export(done.table) == export(table)


def test_the_export_is_read_back_as_it_was():
    """Lines, name and fingerprint survive; NumPy's values become plain ones, NaN becomes null, the same table gives the same text."""
    table = worked().noted("audit", "words", at=np.arange(3), one=np.float32(0.5), none=float("nan"), nested={"a": (1, 2)})
    again = parsed(export(table))
    assert again.lines[-1].values == {"at": [0, 1, 2], "one": 0.5, "none": None, "nested": {"a": [1, 2]}}
    assert (again.name, again.fingerprint) == (table.origin.name, table.fingerprint)
    assert export(table) == export(table)
    assert replay(again, file()).steps[-1].status == "not applied"


def edited(**changes) -> str:
    """Return an exported history with some top-level values replaced; None takes one out."""
    whole = json.loads(export(worked()))
    whole.update(changes)
    return json.dumps({name: value for name, value in whole.items() if value is not None})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ("[1]", "no history of a table"),
        ('{"lines": []}', "no history of a table"),
        (edited(routescope_history=2), "version 2, not 1"),
        (edited(extra=1), "a history has no field 'extra'"),
        (edited(lines="x"), "damaged"),
        (edited(name=None), "damaged"),
        (edited(lines=["x"]), "line 1 of the history is no object"),
        (edited(lines=[{"action": "audit", "more": 1}]), "line 1 of the history has no field 'more'"),
        (edited(lines=[{"action": 3}]), "line 1 of the history is damaged"),
    ],
)
def test_what_is_no_history_is_refused(text, words):
    """A broken, foreign, newer or padded file is refused with what is wrong, and never half applied."""
    with pytest.raises(ProblemError, match=words):
        replay(text, file())


def test_a_history_that_cannot_be_opened_is_refused(tmp_path):
    """A path that isn't there, isn't text or isn't a history is refused with its name."""
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "other.json").write_text('{"a": 1}')
    for name, words in (("none.json", "can't be opened"), ("bytes.json", "no UTF-8"), ("other.json", "no history of a table")):
        with pytest.raises(ProblemError, match=words) as error:
            replay(tmp_path / name, file())
        assert error.value.problems[0].file.endswith(name)


@pytest.mark.parametrize(
    "mapping",
    [
        None,
        3,
        {"shape": "round"},
        {"query": {"query_id": 5}},
        {"query": ["qid"]},
        {"query": {"__class__": "qid"}},
        {"cells": {"quality": {"big": ["big_score"]}}},
        {"cells": {"quality": "big_score"}},
        {"cells": {"__init__": {"big": "big_score"}}},
        {"factors": {"cost_usd": "much"}},
        {"missing": [1]},
        {"scorer": 7},
    ],
)
def test_a_damaged_mapping_is_refused(mapping):
    """A mapping that holds something else than columns and numbers is refused as damaged: anybody may have written the file."""
    lines = (HistoryLine(action="read", detail="", values={"mapping": mapping}),)
    with pytest.raises(ProblemError, match="damaged"):
        replay(lines, file())


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"cards": 3},
        {"cards": [{"name": 5}]},
        {"cards": [{"name": "big", "price_usd_per_query": -1}]},
        {"weights": {"big": None}},
        {"weights": {"big": -1}},
        {"weights": {"big": 1e999}},
        {"weights": []},
        {"finding": ["x"], "choice": []},
        {"finding": "zero_cost_with_tokens", "choice": ["repair"]},
        {"finding": "nothing.at_all", "choice": "keep"},
        {"names": 5},
        {"names": "big"},
        {"names": [["big"]], "into": "x"},
        {"names": {"big": ""}},
    ],
)
def test_damaged_values_are_said_and_change_nothing(action, values):
    """A line with values that aren't its own is not applied (or has nothing to do), never a traceback, and the figures stay."""
    table = finish(inspect([file()]))
    done = replay((HistoryLine(action=action, detail="", values=values),), table)
    assert done.steps[0].status in ("not applied", "nothing to do")
    assert done.table.fingerprint == table.fingerprint


def test_an_action_of_a_later_version_is_said():
    """A line that this version doesn't know is not applied, and named."""
    done = replay((HistoryLine(action="rotated", detail="by 90 degrees"),), PLANTED)
    assert str(done.steps[0]) == "not applied: rotated (this version knows no such action)"
    assert not replay(History(lines=()), PLANTED).steps


def spoken() -> dict[str, str]:
    """Return action -> file for every history line that the program writes, found in its source."""
    found: dict[str, str] = {}
    for path in sorted(each for folder in ("data", "strategies", "dashboard") for each in (ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {t.id: value for node in ast.walk(tree) if isinstance(node, ast.Assign) for t, value in _assigned(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (said := _action(node)) is not None:
                value = names.get(said.id) if isinstance(said, ast.Name) else said
                if isinstance(value, ast.Constant):
                    found[str(value.value)] = str(path.relative_to(ROOT))
                else:
                    found[f"? {ast.unparse(said)}"] = str(path.relative_to(ROOT))
    return found


def _assigned(node):
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target, node.value
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from ((t, v) for t, v in zip(target.elts, node.value.elts, strict=True) if isinstance(t, ast.Name))


def _action(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "HistoryLine":
        return next((keyword.value for keyword in node.keywords if keyword.arg == "action"), None)
    if name == "noted" and node.args:
        return node.args[0]
    if name == "priced":
        return next((keyword.value for keyword in node.keywords if keyword.arg == "action"), None)
    if name == "append" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value).endswith("history"):
        return node.args[0].elts[0] if isinstance(node.args[0], ast.Tuple) else None
    return None


def test_every_action_in_the_code_is_classified():
    """Each action that any module writes into a history is either replayed or derived, and stands in the table of the docstring."""
    written = spoken()
    handed_on = {"data/outcomes.py", "data/readers/build.py", "data/readers/streamed.py"}  # these hand on what their callers say
    passed_on = {"? action": handed_on}
    for action, where in written.items():
        if action in passed_on:
            assert where in passed_on[action]
        else:
            assert action in {*ACTIONS, *DERIVED, *READING}, (action, where)
    assert {"read", "audit", "prices of the files", "dropped bad rows", "models renamed", "relative prices"} <= set(written)
    told = {
        line.split("|")[0].strip()
        for line in (actions.__doc__ or "").splitlines()
        if line.count("|") == 1 and not line.startswith(("-", "action"))
    }
    assert told == {*ACTIONS, *DERIVED, *READING}


def test_the_recorded_sets_come_back(shared_data):
    """Folders, several files and policies that were left out replay to the same fingerprint, with what the audit offers first chosen."""
    for name in ("routellm_gsm8k", "omnisbench", "zeroeval_crux/crux_correct.csv"):
        table = load(shared_data / name)
        for finding in audit(table):
            now = next((f for f in audit(table) if f.id == finding.id and not f.settled), None)
            if now is not None and (choice := next(iter(now.choices))) != "exclude":
                table = apply(table, now, choice)
        done = replay(export(table), shared_data / name)
        assert done.same, [str(step) for step in done.steps]
        assert not done.failed


def test_the_name_of_a_stored_table_can_be_replaced(tmp_path):
    """A history is applied to a stored table as well, under a new name if one is given."""
    from data.stores.columns import save

    save(replace(PLANTED, history=()), tmp_path / "table")
    history = export(choose(PLANTED, "sentinels.quality", "repair"))
    done = replay(history, tmp_path / "table", name="again")
    assert done.same
    assert done.table.origin.name == "again"
