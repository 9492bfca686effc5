"""What a body may hold: `read` gives a request or an error of our own, for anything that can be sent."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ladder.chat import Chat, Refused, read
from data.ladder.endpoint import BASE_URL
from tests.fake_ladder import PLAIN, FakeModel, shelf

KNOWN = ("plain", "thinker")
GOOD: dict[str, Any] = {"model": "plain", "messages": [{"role": "user", "content": "say a"}]}
HUGE = 10**400
DEEP = b'{"model": "plain", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def refusal(raw: bytes) -> Refused:
    """Return the error that a body gets."""
    with pytest.raises(Refused) as caught:
        read(raw, KNOWN)
    return caught.value


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"temperature": HUGE}, "temperature", "is not between 0 and 2"),
        ({"temperature": -HUGE}, "temperature", "is not between 0 and 2"),
        ({"temperature": float("nan")}, "temperature", "nan is not between 0 and 2"),
        ({"temperature": float("inf")}, "temperature", "inf is not between 0 and 2"),
        ({"n": 10**9}, "n", "1000000000 is not between 1 and 128"),
        ({"n": HUGE}, "n", "is not between 1 and 128"),
        ({"n": 1e9}, "n", "expected an integer"),
        ({"seed": HUGE}, "seed", "is not between"),
        ({"top_logprobs": HUGE, "logprobs": True}, "top_logprobs", "is not between 0 and 20"),
        ({"frequency_penalty": HUGE}, "frequency_penalty", "is not supported"),
        ({"n": [[]] * 9}, "n", "expected an integer, but got a list"),
        ({"stream": {"a": {}}}, "stream", "expected a boolean, but got an object"),
        ({"messages": 7}, "messages", "has to be a list"),
        ({"messages": {"role": "user"}}, "messages", "has to be a list"),
        ({"messages": [None]}, "messages", "an object with a role"),
        ({"messages": [7, *GOOD["messages"]]}, "messages", "an object with a role"),
        ({"messages": [{"role": ["user"], "content": "a"}]}, "messages", "an object with a role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages", "has to be text"),
        ({"messages": [{"role": "user", "content": [["text"]]}]}, "messages", "has to be text"),
        ({"messages": [{"role": "user", "content": [{"type": ["text"], "text": "a"}]}]}, "messages", "has to be text"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": {}}]}]}, "messages", "has to be text"),
    ],
)
def test_odd_values_are_refused_by_name(body: dict[str, Any], param: str, words: str) -> None:
    """Numbers beyond all bounds, and messages of other types, are a 400 that names the field, in a sentence of a readable length."""
    error = refusal(json.dumps({**GOOD, **body}).encode())
    said = error.body["error"]
    assert (error.status, said["param"], said["type"]) == (400, param, "invalid_request_error")
    assert words in said["message"]
    assert len(said["message"]) < 200


@pytest.mark.parametrize("raw", [DEEP, b"[" * 100_000, b'{"a":' * 100_000])
def test_a_body_that_is_nested_without_end_is_a_400(raw: bytes) -> None:
    """A body as deep as no parser goes is refused in words, also through a client."""
    assert "nested too deeply" in str(refusal(raw))
    with httpx2.Client(transport=shelf(**{PLAIN: FakeModel()})) as asked:
        answer = asked.post(f"{BASE_URL}/chat/completions", content=raw)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_a_value_as_deep_as_the_parser_goes_is_refused_too() -> None:
    """Wherever the parser's own bound lies, what it lets through can still be told of."""
    for depth in range(1, 1_500, 7):
        raw = json.dumps(GOOD).encode()[:-1] + b', "n": ' + b"[" * depth + b"]" * depth + b"}"
        assert refusal(raw).status == 400


def test_long_names_are_cut_in_what_is_said() -> None:
    """A field or a model whose name takes megabytes is refused without repeating it."""
    for body in ({**GOOD, "x" * 10**6: 1}, {**GOOD, "model": "m" * 10**6}):
        assert len(json.dumps(refusal(json.dumps(body).encode()).body)) < 500


FIELDS = (
    *("audio", "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "messages", "metadata", "modalities"),
    *("model", "n", "reasoning_effort", "response_format", "seed", "stop", "stream", "stream_options", "temperature", "tools", "top_p"),
    *("top_logprobs", "user"),
)
ATOMS = (
    st.none() | st.booleans() | st.integers() | st.integers(-HUGE, HUGE) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["user", "text", "plain", "none", "assistant"])
)  # fmt: skip
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "include_usage"]) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
MESSAGES = st.lists(st.fixed_dictionaries({"role": st.just("user") | VALUES, "content": st.text() | VALUES}), max_size=3) | VALUES


def tried(raw: bytes) -> Chat | Refused:
    """Return what comes of a body; whatever else is raised fails the test."""
    try:
        return read(raw, KNOWN)
    except Refused as error:
        return error


def looked_at(raw: bytes) -> None:
    """Read a body and check that a request of it can be worked on, or that an error of it can be sent and read."""
    got = tried(raw)
    if isinstance(got, Refused):
        said = got.body["error"]
        assert got.status == (404 if said["code"] == "model_not_found" else 400)
        assert said["message"].endswith(".")
        assert len(said["message"]) < 250
        assert json.loads(json.dumps(got.body)) == got.body
        return
    assert isinstance(got.prompt, str)
    assert got.settings.model in KNOWN
    assert 0 <= got.settings.temperature <= 2
    assert 1 <= got.settings.max_tokens <= 512
    assert 1 <= len(got.seeds) <= 128
    assert all(0 <= seed < 2**63 for seed in got.seeds)
    assert isinstance(hash(got.settings), int)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), VALUES, max_size=4), MESSAGES, st.booleans())
def test_any_object_is_a_request_or_a_refusal(body: dict[str, Any], messages: Any, whole: bool) -> None:
    """Known fields with any values, over a good request or alone, are read or refused; nothing else is raised."""
    looked_at(json.dumps({**GOOD, "messages": messages, **body} if whole else body).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()) | st.text(max_size=20).map(lambda t: t.encode()))
def test_any_bytes_are_a_refusal(raw: bytes) -> None:
    """Bytes that are no JSON object, in whichever encoding, are refused; nothing else is raised."""
    looked_at(raw)


def test_a_good_request_is_read() -> None:
    """The request that the odd ones are made of is one."""
    chat = read(json.dumps({**GOOD, "n": 2, "seed": -1, "temperature": 2, "max_tokens": HUGE}).encode(), KNOWN)
    assert (chat.settings.model, chat.prompt, chat.seeds, chat.settings.max_tokens) == (PLAIN, "say a", (2**63 - 1, 0), 512)
