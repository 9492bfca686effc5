"""Scorers, by cases worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.problems import ProblemError
from data.scoring import find, scorers

ALL = sorted(scorers())


def test_the_six_scorers_are_found():
    """Walking the folder finds the six scorers under their ids, each with words for people."""
    assert ALL == ["contains", "exact", "multiple_choice", "normalised", "numeric", "token_f1"]
    assert all(scorer.title and scorer.help for scorer in scorers().values())


def test_an_unknown_scorer_is_refused_by_name():
    """Asking for a scorer that isn't there names those that are."""
    with pytest.raises(ProblemError, match=r"there is no scorer 'vibes'.*contains"):
        find("vibes")


@pytest.mark.parametrize(
    ("scorer", "answer", "reference", "expected"),
    [
        ("exact", " Paris\n", "Paris", 1),
        ("exact", "paris", "Paris", 0),
        ("normalised", "The  Paris.", "paris", 1),
        ("normalised", "+", "+", 1),
        ("normalised", "+", "-", 0),
        ("normalised", "Ｐａｒｉｓ", "paris", 1),
        ("contains", "It is New York, surely", "new york", 1),
        ("contains", "newcomers", "new", 0),
        ("contains", "anything", "", 0),
        ("token_f1", "the cat sat", "cat sat down", 2 * 2 / (2 + 3)),
        ("token_f1", "", "the", 1),
        ("token_f1", "dog", "cat", 0),
        ("token_f1", "", "cat", 0),
        ("token_f1", "a a b b", "b", 2 / 3),
        ("multiple_choice", "The answer is (B).", "B", 1),
        ("multiple_choice", "Answer: C because A is wrong", "(C)", 1),
        ("multiple_choice", "**d**", "D", 1),
        ("multiple_choice", "A. paralysis of the muscles", "A", 1),
        ("multiple_choice", "a dog", "A", 0),
        ("multiple_choice", "I think A or B, so B", "B", 1),
        ("multiple_choice", "none of these", "N", 0),
        ("numeric", "so #### 1,080", "1080", 1),
        ("numeric", "It costs $1,080.00.", "1080", 1),
        ("numeric", "1/2 cup", "0.5", 1),
        ("numeric", "20 - 5 = <<20-5=15>>15 dollars", "15", 1),
        ("numeric", "That leaves 20 - 15", "15", 1),
        ("numeric", "These are:\n- 15 apples", "15", 1),
        ("numeric", "x = - 15", "-15", 1),
        ("numeric", "the answer is - 15", "-15", 1),
        ("numeric", "it falls by -15", "-15", 1),
        ("numeric", "no number at all", "3", 0),
        ("numeric", "3", "no number", 0),
        ("numeric", "0.3333333", "1/3", 1),
        ("numeric", "0.33", "1/3", 0),
        ("numeric", "1/0", "1", 0),
        ("numeric", "the answer is **42**, not 41", "42", 1),
        ("numeric", r"so \boxed{12}", "12", 1),
        ("numeric", "−5", "-5", 1),
        ("numeric", "-0", "0", 1),
        ("numeric", "1e400", "1e400", 0),
        ("numeric", "1e30", "1" + "0" * 30, 1),
        ("numeric", "2.50", "2.5", 1),
    ],
)
def test_scores_by_hand(scorer, answer, reference, expected):
    """Each scorer gives the score that a person gives."""
    assert find(scorer).score(answer, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scorer", "answer", "short"),
    [
        ("exact", " x ", "x"),
        ("normalised", "The Cat!", "cat"),
        ("contains", "The Cat!", "cat"),
        ("token_f1", "The Cat!", "cat"),
        ("multiple_choice", "it is C", "C"),
        ("multiple_choice", "unsure", ""),
        ("numeric", "about 2.50 km", "2.5"),
        ("numeric", "none", ""),
    ],
)
def test_short_forms(scorer, answer, short):
    """The short form is what agreement compares."""
    assert find(scorer).extract(answer) == short


@pytest.mark.parametrize("scorer", ALL)
@given(answer=st.text(max_size=60), reference=st.text(max_size=60))
def test_scores_lie_in_the_unit_interval(scorer, answer, reference):
    """No text makes a scorer fail or leave [0, 1]."""
    score = find(scorer).score(answer, reference)
    assert 0 <= score <= 1
    assert isinstance(find(scorer).extract(answer), str)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_survive_being_written(value):
    """A number written in words around it is read as itself."""
    said = find("numeric").extract(f"The result is {value!r}.")
    assert math.isclose(float(said), value, rel_tol=1e-9, abs_tol=1e-300)
