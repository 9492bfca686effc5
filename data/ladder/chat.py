"""Chat completions on the wire: a request checked field by field, answers as OpenAI's API writes them.

The working of an answer is `reasoning_content` beside `content`, as DeepSeek's API and vLLM have it; `logprobs.content` has every
generated token in order, those of the working, the marks and the end among them, as vLLM has it.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from data.problems import listed

if TYPE_CHECKING:
    from data.ladder.model import Generated, Step

Json: TypeAlias = dict[str, Any]
CONTEXT = 512  # tokens that a prompt may have: five times the longest puzzle
MAX_TOKENS = 96  # of an answer where nothing is asked for; the longest working has fewer
MOST_TOKENS = 512  # of an answer, whatever is asked for: the cache is as long as the answer may be
MOST_SAMPLES = 128
MOST_TOP = 20
_SEEDS = 2**63
_SHOWN = 60  # signs of a value that a refusal repeats: numbers of thousands of digits and names of megabytes are sent too
# Fields that change nothing about an answer here; a caller may send them.
_WITHOUT_EFFECT = frozenset(
    {"metadata", "parallel_tool_calls", "prediction", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier"}
    | {"store", "user", "verbosity"}
)
# Fields that would change it and can't: only these values, which ask for nothing, are taken.
_ASKS_NOTHING: Mapping[str, tuple[Any, ...]] = {
    "audio": (),
    "frequency_penalty": (0,),
    "function_call": ("none", "auto"),
    "functions": ([],),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "presence_penalty": (0,),
    "response_format": ({"type": "text"},),
    "stop": ([],),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "top_p": (1,),
    "web_search_options": (),
}
_UNDERSTOOD = frozenset(
    {"logprobs", "max_completion_tokens", "max_tokens", "messages", "model", "n", "reasoning_effort", "seed", "stream", "stream_options"}
    | {"temperature", "top_logprobs"}
)


class Refused(Exception):  # noqa: N818 - what happened, as the API says it
    """A request that is answered with an error. status : HTTP; param : the field at fault."""

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Settings:
    """What has to be equal for two requests to be answered as one batch. think : None = as the model is used to."""

    model: str
    think: bool | None
    temperature: float
    max_tokens: int
    top: int


@dataclass(frozen=True, slots=True)
class Chat:
    """One request. seeds : one a sample. usage : whether a stream ends with the tokens counted."""

    settings: Settings
    prompt: str
    seeds: tuple[int, ...]
    logprobs: bool
    stream: bool
    usage: bool


# --- request ---------------------------------------------------------------------------------------------------------


def read(raw: bytes, known: Sequence[str]) -> Chat:
    """Return the request in a body; raises Refused for what isn't one, whatever is in it. known : models that can be asked."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refused("We could not parse the JSON body of your request.") from None
    except RecursionError:
        raise Refused("The JSON body of your request is nested too deeply.") from None
    if not isinstance(body, dict):
        raise Refused("The body of your request is no JSON object.")
    given = {name: value for name, value in body.items() if value is not None}
    _check(given)
    settings, samples = _settings(given, known), _whole(given, "n", 1, 1, MOST_SAMPLES)
    stream = _flag(given, "stream")
    first = _whole(given, "seed", SystemRandom().randrange(2**31), -_SEEDS, _SEEDS)
    return Chat(
        settings=settings,
        prompt=_prompt(given.get("messages")),
        seeds=tuple((first + i) % _SEEDS for i in range(samples)),
        logprobs=_flag(given, "logprobs"),
        stream=stream,
        usage=_usage(given, stream=stream),
    )


def unknown_model(name: str, known: Sequence[str]) -> Refused:
    """Return the error for a model that isn't here."""
    said = f"The model {_cut(repr(name))} does not exist. There are: {listed(known, len(known))}."
    return Refused(said, param="model", code="model_not_found", status=404)


def _check(given: Json) -> None:
    for name, value in given.items():
        if name in _UNDERSTOOD or name in _WITHOUT_EFFECT:
            continue
        if name not in _ASKS_NOTHING:
            raise Refused(f"Unknown parameter: {_cut(repr(name))}.", param=_cut(name), code="unknown_parameter")
        if isinstance(value, bool) or value not in _ASKS_NOTHING[name]:
            why = " It ends its answers by itself; leave the field out." if name == "stop" else " Leave it out."
            raise Refused(
                f"Unsupported parameter: {name!r} is not supported with this model.{why}", param=name, code="unsupported_parameter"
            )


def _settings(given: Json, known: Sequence[str]) -> Settings:
    model = given.get("model")
    if not isinstance(model, str) or not model:
        raise Refused("You must provide a model parameter.", param="model")
    if model not in known:
        raise unknown_model(model, known)
    longest = "max_completion_tokens" if "max_completion_tokens" in given else "max_tokens"
    effort = given.get("reasoning_effort")
    if effort is not None and not isinstance(effort, str):
        _wrong("reasoning_effort", "a string", effort)
    if "top_logprobs" in given and not _flag(given, "logprobs"):
        raise Refused("Invalid value for 'top_logprobs': 'logprobs' has to be true to use it.", param="top_logprobs")
    return Settings(
        model=model,
        think=None if effort is None else effort != "none",
        temperature=_temperature(given),
        max_tokens=min(_whole(given, longest, MAX_TOKENS, 1, None), MOST_TOKENS),
        top=_whole(given, "top_logprobs", 0, 0, MOST_TOP),
    )


def _prompt(messages: Any) -> str:
    if not isinstance(messages, list) or not messages:
        raise Refused("'messages' has to be a list with at least one message.", param="messages")
    if not all(isinstance(message, dict) and isinstance(message.get("role"), str) for message in messages):
        raise Refused("Every message has to be an object with a role.", param="messages")
    asked = next((message for message in reversed(messages) if message["role"] == "user"), None)
    if asked is None:
        raise Refused("None of the messages is a user's: there is nothing to answer.", param="messages")
    return _text(asked.get("content"))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        texts = [part.get("text") for part in content if part.get("type") == "text"]
        if len(texts) == len(content) and all(isinstance(text, str) for text in texts):
            return "\n".join(str(text) for text in texts)
    raise Refused("The content of a message has to be text: a string, or parts of the type 'text'.", param="messages")


def _usage(given: Json, *, stream: bool) -> bool:
    options = given.get("stream_options")
    if options is None:
        return False
    if not stream:
        raise Refused("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    if not isinstance(options, dict):
        _wrong("stream_options", "an object", options)
    return _flag({name: value for name, value in options.items() if value is not None}, "include_usage")


def _temperature(given: Json) -> float:
    value = given.get("temperature", 1.0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _wrong("temperature", "a number", value)
    if not 0 <= value <= 2:
        raise Refused(f"Invalid value for 'temperature': {_cut(str(value))} is not between 0 and 2.", param="temperature")
    return float(value)


def _whole(given: Json, name: str, default: int, low: int, high: int | None) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        _wrong(name, "an integer", value)
    if value < low or (high is not None and value > high):
        bound = f"at least {low}" if high is None else f"between {low} and {high}"
        raise Refused(f"Invalid value for {name!r}: {_cut(str(value))} is not {bound}.", param=name)
    return value


def _flag(given: Json, name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        _wrong(name, "a boolean", value)
    return value


def _wrong(name: str, wanted: str, value: Any) -> NoReturn:
    raise Refused(f"Invalid type for {name!r}: expected {wanted}, but got {_shown(value)} instead.", param=name, code="invalid_type")


def _shown(value: Any) -> str:
    """Return a value as JSON for a refusal; lists and objects by their kind, as they may be as deep as what reads them goes."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return _cut(json.dumps(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


# --- answer ----------------------------------------------------------------------------------------------------------


def completion(chat: Chat, said: Sequence[Generated]) -> Json:
    """Return the answer to a request. said : one a sample."""
    choices = [
        {
            "index": i,
            "message": {"role": "assistant", "content": one.answer, "refusal": None, **_working(one.working)},
            "finish_reason": one.finish_reason,
            "logprobs": {"content": [_token(step) for step in one.steps], "refusal": None} if chat.logprobs else None,
        }
        for i, one in enumerate(said)
    ]
    steps = [step for one in said for step in one.steps]
    return {**_head(chat, "chat.completion"), "choices": choices, "usage": _count(said[0].tokens_in, steps)}


def _working(text: str) -> Json:
    return {"reasoning_content": text} if text else {}


class Stream:
    """The chunks of one streamed answer; the texts of their deltas put together are those of a plain answer."""

    def __init__(self, chat: Chat) -> None:
        self._chat, self._head = chat, _head(chat, "chat.completion.chunk")
        self._begun: set[str] = set()
        self._held = ""

    def start(self, index: int) -> bytes:
        """Return the first chunk of a sample."""
        self._begun.clear()
        self._held = ""
        return self._choice(index, {"role": "assistant", "content": ""}, None)

    def step(self, index: int, step: Step) -> bytes:
        """Return the chunk of one token."""
        name = "reasoning_content" if step.phase == "working" else "content"
        return self._choice(index, {name: self._settled(name, step.delta)}, None, [_token(step)] if self._chat.logprobs else None)

    def end(self, index: int, reason: Literal["stop", "length"]) -> bytes:
        """Return the last chunk of a sample."""
        return self._choice(index, {}, reason)

    def count(self, tokens_in: int, steps: Sequence[Step]) -> bytes:
        """Return the chunk with the tokens of all samples."""
        return event({**self._head, "choices": [], "usage": _count(tokens_in, steps)})

    def _settled(self, name: str, delta: str) -> str:
        """Return what may be shown: no space before the first sign, nor one behind the last, so spaces wait for what follows."""
        if name not in self._begun:
            delta = delta.lstrip()
            if not delta:
                return ""
            self._begun.add(name)
            self._held = ""
        text = self._held + delta
        shown = text.rstrip()
        self._held = text[len(shown) :]
        return shown

    def _choice(self, index: int, delta: Json, reason: str | None, tokens: list[Json] | None = None) -> bytes:
        logprobs = None if tokens is None else {"content": tokens, "refusal": None}
        usage = {"usage": None} if self._chat.usage else {}
        return event({**self._head, "choices": [{"index": index, "delta": delta, "finish_reason": reason, "logprobs": logprobs}], **usage})


def event(value: Mapping[str, Any]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def models(names: Sequence[str]) -> Json:
    """Return the list of models."""
    return {"object": "list", "data": [model(name) for name in names]}


def model(name: str) -> Json:
    """Return what the API says of one model."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "routescope"}


def _head(chat: Chat, kind: str) -> Json:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": chat.settings.model}


def _token(step: Step) -> Json:
    top = [_priced(text, logprob) for text, logprob in step.top]
    return {**_priced(step.text, step.logprob), "top_logprobs": top}


def _priced(text: str, logprob: float) -> Json:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def _count(tokens_in: int, steps: Sequence[Step]) -> Json:
    reasoning = sum(step.phase == "working" for step in steps)
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": len(steps),
        "total_tokens": tokens_in + len(steps),
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
