"""Texts to tokens and back."""

from itertools import islice
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import stream
from data.ladder.tokens import UNKNOWN, Decoding, tokenizer


def test_every_puzzle_comes_back():
    """Prompts, workings and answers of 3,000 puzzles survive the way to tokens and back, without an unknown sign."""
    words = tokenizer()
    for puzzle in islice(stream(CATEGORIES, Random(5), held_out=True), 3000):
        for text in (puzzle.text, puzzle.working, puzzle.answer):
            tokens = words.encode(text)
            assert words.decode(tokens) == text
            assert words.unknown not in tokens


def test_digits_are_lowest_first():
    """A number's digits are stored from the ones up, and shown as people write them."""
    words = tokenizer()
    assert [words.text(token) for token in words.encode("305")] == [" 5", "0", "3"]
    assert words.decode(words.encode("305")) == "305"


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_tokens(text):
    """No text is refused; what isn't known is `<?>`, and places stay within their table."""
    words = tokenizer()
    tokens = words.encode(text)
    assert all(0 <= token < len(words) for token in tokens)
    assert (words.places(tokens) < 32).all()
    if text.strip() and not text.isascii() and not any(c.isascii() and not c.isspace() for c in text):
        assert {words.text(token) for token in tokens} <= {UNKNOWN, *(words.text(t) for t in tokens)}


@given(st.lists(st.sampled_from(["12", "apples", "x", "-7", '"ab"', ";", "=", "40"]), min_size=1, max_size=9))
def test_text_settles_token_by_token(parts):
    """What a stream has shown never changes, and in the end is the text."""
    words = tokenizer()
    tokens = words.encode(" ".join(parts))
    decoding, shown = Decoding(words), ""
    for token in tokens:
        shown += decoding.add(token)
        assert words.decode(tokens).startswith(shown.strip())
    assert (shown + decoding.rest()).strip() == words.decode(tokens)


def test_places_count_along_runs():
    """Places count digits and letters within a run, start anew after a space, and can be continued one by one."""
    words = tokenizer()
    tokens = words.encode('Reverse "abc" 120 7.')
    places = words.places(tokens)
    for i in range(1, len(tokens)):
        one = words.next_places(np.array([tokens[i]]), np.array([tokens[i - 1]]), np.array([places[i - 1]]))
        assert one[0] == places[i]
    assert places.max() == 2
