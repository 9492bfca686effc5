"""Tokens put into the order in which people read them."""

from random import Random

import pytest

from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import stream
from data.ladder.reading import reading_order
from data.ladder.tokens import tokenizer


@pytest.mark.parametrize(
    ("tokens", "read"),
    [
        ([" 4", "2", "1", "<end>"], [(2, " 1"), (1, "2"), (0, "4"), (3, "<end>")]),
        ([" 5", " 3", "2", ":", "0", "1"], [(0, " 5"), (2, " 2"), (1, "3"), (3, ":"), (5, "1"), (4, "0")]),
        ([" is", " A", "b"], [(0, " is"), (1, " A"), (2, "b")]),
        ([], []),
    ],
)
def test_digits_are_turned_and_keep_their_place(tokens, read):
    """Each number is turned, its space goes before it, and every token keeps the position that it was generated at."""
    assert reading_order(tokens) == read


def test_read_tokens_are_the_text():
    """For 300 puzzles the tokens of question, working and answer in reading order are the text itself."""
    words, puzzles = tokenizer(), stream(CATEGORIES, Random(3), held_out=True)
    for puzzle in (next(puzzles) for _ in range(300)):
        for text in (puzzle.text, puzzle.answer, puzzle.working):
            encoded = words.encode(text)
            order = reading_order([words.text(token) for token in encoded])
            assert sorted(at for at, _ in order) == list(range(len(encoded)))
            assert "".join(shown for _, shown in order).strip() == words.decode(encoded)
