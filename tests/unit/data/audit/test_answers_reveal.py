"""Texts that were kept only where the answer was right give the outcome away."""

from __future__ import annotations

import numpy as np
import pytest

from data import load
from data.audit import apply, audit
from data.outcomes import outcome_table
from data.texts import Texts

QUALITY = np.array([[1, 1], [0, 1], [0, 0], [1, 0], [0, 1], [0, 1], [0, 0], [1, 1], [0, 0], [1, 1]], dtype=np.float32)


def table_of(first: list[str | None], second: list[str | None]):
    """Return a table of two models with these texts."""
    responses = {"a": Texts(first), "b": Texts(second)}
    return outcome_table(("a", "b"), QUALITY, responses=responses, answers=dict(responses))


def findings(table):
    """Return what the check found."""
    return [finding for finding in audit(table) if finding.check == "answers_reveal"]


def kept_if_right(model: int) -> list[str | None]:
    """Return texts that are there only where the model was right; nothing is written as nothing, as empty or as blank."""
    return ["an answer" if right else [None, "", "  "][i % 3] for i, right in enumerate(QUALITY[:, model])]


ALL = ["an answer"] * len(QUALITY)


def test_texts_kept_only_where_right_are_found():
    """The rows and the model are those whose text is gone because the answer was wrong."""
    (finding,) = findings(table_of(kept_if_right(0), ALL))
    assert finding.models == ("a",)
    assert finding.rows.tolist() == [1, 2, 4, 5, 6, 8]


@pytest.mark.parametrize(
    "texts",
    [
        ALL,
        [None if i < 4 else "said" for i in range(len(QUALITY))],  # a right one is gone too
        [None if i in (1, 2, 4) else "said" for i in range(len(QUALITY))],  # half of the wrong ones have their text
        [None] * len(QUALITY),  # no text at all says nothing
    ],
)
def test_other_gaps_in_texts_are_none(texts):
    """Texts that are missing for another reason, or everywhere, are no finding."""
    assert not findings(table_of(texts, ALL))


def test_a_tool_that_says_that_it_cannot_answer_hides_nothing():
    """With a signal `answered` of 0 an empty answer is the tool's own word, known before anybody scores it."""
    answered = np.array([[float(right), 1.0] for right in QUALITY[:, 0]], dtype=np.float32)
    assert not findings(table_of(kept_if_right(0), ALL).with_signal("answered", answered))


def test_the_repair_takes_the_texts_of_that_model_only():
    """After the repair the model has no texts, its scores are what they were, and nothing is found any more."""
    table = table_of(kept_if_right(0), ALL)
    after = apply(table, findings(table)[0], "repair")
    assert set(after.responses) == {"b"}
    assert set(after.answers) == {"b"}
    assert np.array_equal(after.numbers["quality"], table.numbers["quality"])
    assert not findings(after)
    assert after.history[-1].values["choice"] == "repair"


def test_four_of_the_recorded_coding_runs_give_the_outcome_away(shared_data):
    """Reflexion's runs keep a solution only where it was solved, but for one."""
    (finding,) = findings(load(shared_data / "reflexion_humaneval"))
    assert len(finding.models) == 4
    assert "humaneval-py..gz_simple_1_gpt-4" not in finding.models
