"""The view in the address."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as hs

from dashboard.state import Slot, View, decode, encode
from data.problems import ProblemError

_words = hs.text(max_size=20)
_numbers = hs.floats(allow_nan=False, allow_infinity=False)
_slots = hs.builds(
    Slot,
    letter=hs.sampled_from("abcdefgh"),
    strategy=_words,
    knobs=hs.dictionaries(_words, _numbers, max_size=3),
    options=hs.dictionaries(_words, hs.one_of(_words, hs.lists(_words, max_size=3).map(tuple)), max_size=2),
)
_views = hs.builds(
    View,
    data=_words,
    file=_words,
    slots=hs.lists(_slots, max_size=3).map(tuple),
    selected=_words,
    knob=_words,
    axis=hs.sampled_from(["cost", "latency"]),
    pool=hs.lists(_words, max_size=3).map(tuple),
    weights=hs.dictionaries(_words, _numbers, max_size=2),
    monthly=hs.floats(0, 1e12),
    query=_words,
)


def _word(value: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).decode().rstrip("=")


@given(_views)
def test_a_view_comes_back_from_its_address(view: View) -> None:
    """What is written to the address is read back exactly, knob settings to the last bit."""
    assert decode(encode(view)) == view


def test_the_default_view_is_a_short_word() -> None:
    """Only what differs from the default is written."""
    assert len(encode(View())) < 20


@pytest.mark.parametrize(
    "word",
    [
        "not-a-view",
        "!!!",
        "A" * 7000,
        _word([1, 2]),
        _word({"unknown": 1}),
        _word({"slots": "x"}),
        _word({"slots": [{"letter": "a", "strategy": "margin-cascade", "evil": 1}]}),
        _word({"slots": [{"letter": "a", "strategy": "margin-cascade", "knobs": {"t1": "0.5"}}]}),
        _word({"slots": [{"letter": "a", "strategy": "margin-cascade", "options": 3}]}),
        _word({"monthly": True}),
        _word({"monthly": -5}),
        _word({"pool": [1]}),
        _word({"weights": [1]}),
        _word({"data": 5}),
        base64.urlsafe_b64encode(zlib.compress(b"[" * 100_000)).decode().rstrip("="),
        base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000 + b"{}")).decode().rstrip("="),
    ],
)
def test_anything_else_is_refused_in_words(word: str) -> None:
    """A changed, foreign, deep or exploding address is one ProblemError with a way out, never another exception."""
    with pytest.raises(ProblemError, match="cannot be read"):
        decode(word)
