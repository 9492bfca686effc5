"""Decimal commas beside semicolons and tabs."""

from __future__ import annotations

import pytest

from data import load
from data.problems import ProblemError
from data.readers.base import Upload
from data.readers.detect import inspect

TEXT = (
    "id;prompt;gpt_score;gpt_cost;llama_score;llama_cost\n"
    "1;What, now?;0,75;1.234,5;1;0,25\n2;And, then?;0,5;2,25;0;\n3;So, what?;1;3;0,125;1,5\n"
)


def test_decimal_commas_beside_semicolons_are_read():
    """0,75 is 0.75 and 1.234,5 is 1234.5; texts keep their commas; whole numbers and empty cells may stand between."""
    table = load(Upload("werte.csv", TEXT.encode()))
    assert table.quality("gpt").tolist() == [0.75, 0.5, 1.0]
    assert table.cost_usd("gpt").tolist() == [1234.5, 2.25, 3.0]
    assert table.quality("llama").tolist() == [1.0, 0.0, 0.125]
    assert table.cost_usd("llama").tolist()[::2] == [0.25, 1.5]
    assert table.queries.prompts[0] == "What, now?"


def test_it_is_said():
    """The reading warns which columns were read so."""
    (warning,) = [w for w in inspect([Upload("werte.csv", TEXT.encode())]).warnings if "decimal commas" in w.what]
    assert "gpt_score, gpt_cost, llama_score, llama_cost" in warning.what


def test_the_careful_way_reads_them_too():
    """Windows-1252 text with a ragged row goes another way through the reader, with the same numbers."""
    text = TEXT.replace("now", "m\xfcde") + "4;x\n"
    reading = inspect([Upload("werte.csv", text.encode("windows-1252"))])
    assert reading.table is not None
    assert reading.table.quality("gpt").tolist() == [0.75, 0.5, 1.0]
    assert [problem.row for problem in reading.problems] == [4]


@pytest.mark.parametrize("cell", ["1,234", "0.5"])
def test_what_may_group_thousands_stays_as_it_is(cell):
    """A column in which a comma can be a thousands sign, or that has decimal points too, is not touched: it is named."""
    text = f"id;gpt_score;gpt_cost;llama_score\n1;1;1,234;0\n2;0;{cell};1\n"
    with pytest.raises(ProblemError, match="'1,234' is not a number"):
        load(Upload("odd.csv", text.encode()))


def test_beside_commas_nothing_is_guessed():
    """In a comma file a quoted 0,02 stays a problem with its row and its way out."""
    with pytest.raises(ProblemError, match="decimal comma"):
        load(Upload("odd.csv", b'id,a_score,a_cost\n1,1,0.1\n2,0,"0,02"\n'))
