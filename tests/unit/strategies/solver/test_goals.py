"""Questions: what can be asked, and their short form in an address."""

from __future__ import annotations

import pytest

from data.problems import ProblemError
from strategies.solver.goals import Limit, Question, parse

QUESTIONS = (
    Question(aim="cost", limits=(Limit("keep", 0.97),)),
    Question(aim="quality", limits=(Limit("cost", 0.002), Limit("p95", 4)), delta=0.1),
    Question(aim="energy", limits=(Limit("quality", 0.8),), delta=0.001),
    Question(aim="worth", value=1e-7),
    Question(aim="latency"),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.code)
def test_a_question_is_read_back_from_its_code(question):
    """The short form has only characters that an address leaves as they are, and says everything."""
    assert parse(question.code) == question
    assert set(question.code) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-+")


@pytest.mark.parametrize(
    "code", ["", "cost_k", "cost_k0.9_k0.8", "cost_x3", "cheap_k0.9", "cost_knan", "cost_k1.2", "worth", "cost_v1", "cost_d0.9"]
)
def test_what_is_no_question_is_refused(code):
    """A code that nobody wrote, a number out of range, two limits of one kind: each is refused, none is guessed at."""
    with pytest.raises(ProblemError):
        parse(code)


def test_worth_has_to_be_proved_against_single_models():
    """A question of worth adds the limit that the chosen policy is worth no less than any single model."""
    assert Question(aim="worth", value=2.0).proved == (Limit("worth", 2.0),)
    assert QUESTIONS[0].proved == QUESTIONS[0].limits
    assert QUESTIONS[1].limit("p95") == 4
    assert QUESTIONS[1].limit("keep") is None
