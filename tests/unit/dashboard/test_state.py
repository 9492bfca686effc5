"""The view in the address."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as hs
from streamlit.testing.v1 import AppTest

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
    picked=hs.lists(_words, max_size=2).map(tuple),
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
    methods=hs.lists(_words, max_size=3).map(tuple),
    families=hs.lists(_words, max_size=3).map(tuple),
    compare=hs.lists(_words, max_size=3).map(tuple),
    lab=hs.fixed_dictionaries(
        {},
        optional={
            "world": _words,
            "dials": hs.dictionaries(_words, hs.one_of(_numbers, _words, hs.none()), max_size=3),
            "shifts": hs.lists(hs.dictionaries(_words, hs.one_of(_numbers, _words), max_size=3), max_size=3),
            "share": _words,
        },
    ),
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
        _word({"slots": [{"letter": "a", "strategy": "margin-cascade", "picked": "t1"}]}),
        _word({"monthly": True}),
        _word({"monthly": -5}),
        _word({"pool": [1]}),
        _word({"weights": [1]}),
        _word({"data": 5}),
        _word({"lab": []}),
        _word({"lab": {"evil": 1}}),
        _word({"lab": {"world": 3}}),
        _word({"lab": {"dials": {"n": [1]}}}),
        _word({"lab": {"dials": {"n": float("inf")}}}),
        _word({"lab": {"shifts": "x"}}),
        _word({"lab": {"shifts": [{}] * 7}}),
        base64.urlsafe_b64encode(zlib.compress(b"[" * 100_000)).decode().rstrip("="),
        base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000 + b"{}")).decode().rstrip("="),
    ],
)
def test_anything_else_is_refused_in_words(word: str) -> None:
    """A changed, foreign, deep or exploding address is one ProblemError with a way out, never another exception."""
    with pytest.raises(ProblemError, match="cannot be read"):
        decode(word)


def _moves() -> None:
    import streamlit as st

    from dashboard import state

    state.change(slots=(state.Slot(letter="a", strategy="margin-cascade"),))
    seen = []
    for act in (
        lambda: state.set_slot("a", knobs={"t1": 0.5}, on_test=True),
        lambda: state.set_slot("a", knobs={"t2": 0.5}),
        lambda: state.set_slot("a", knobs={"t1": 0.4}),
        state.undo,
        lambda: state.change(slots=tuple(state.without_knobs(slot) for slot in state.view().slots)),
    ):
        act()
        seen.append(state.view().slots[0].picked)
    st.text(repr(seen))


def test_what_was_picked_on_test_stays_marked_until_that_slider_moves() -> None:
    """Another slider changes nothing about it; moving this one, or a reset, clears the mark, and undo brings it back."""
    app = AppTest.from_function(_moves).run()
    assert app.text[0].value == repr([("t1",), ("t1",), (), ("t1",), ()])


def _late(lag: float) -> None:
    import streamlit as st

    from dashboard import state

    state.LAG_S = lag
    state.change(query="first")
    state.publish()
    old = st.query_params["v"]
    state.change(query="second")
    state.publish()
    st.query_params["v"] = old
    st.text(state.view().query)


@pytest.mark.parametrize(("lag", "query"), [(60.0, "second"), (0.0, "first")])
def test_an_address_that_lags_behind_changes_nothing(lag: float, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that was replaced a moment ago is the browser's delay, not the reader's wish; an older one is a step back."""
    monkeypatch.setattr("dashboard.state.LAG_S", 5.0)
    app = AppTest.from_function(_late, args=(lag,)).run()
    assert not app.exception
    assert app.text[0].value == query
