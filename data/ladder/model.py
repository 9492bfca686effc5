"""The embedded models: texts in, texts out, token by token with real log-probs; NumPy only.

Greedy by default. A row's text does not depend on the batch that it is answered in; its log-probs do by rounding (about 1e-5).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from data.ladder.decoder import Cache, Decoder, Floats, Ints, Shape
from data.ladder.threads import one_thread
from data.ladder.tokens import Decoding, Tokenizer, tokenizer
from data.problems import listed, refuse

Phase: TypeAlias = Literal["working", "answer", "end"]
BATCH = 64
MAX_TOKENS = 96
_WORTH_A_COPY = 0.25  # share of done rows from which on a smaller batch saves more than the copy of its cache costs
WEIGHTS = Path(__file__).resolve().parent / "weights"


@dataclass(frozen=True, slots=True)
class Step:
    """One generated token.

    text : the token as it is; digits of a number come lowest first. delta : what a reader may append to the text so far; digits
    wait until their number is complete. logprob : natural logarithm of its probability at temperature 1, whatever it was drawn at.
    top : the likeliest tokens at this place with their log-probs, likeliest first. phase : the mark between working and answer is
    part of the working.
    """

    text: str
    delta: str
    logprob: float
    top: tuple[tuple[str, float], ...]
    phase: Phase


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer: its text, the text of its working ("" where none was written), all its tokens, and how many the prompt had."""

    answer: str
    working: str
    steps: tuple[Step, ...]
    tokens_in: int
    finish_reason: Literal["stop", "length"]

    @property
    def tokens_out(self) -> int:
        """How many tokens were generated and are paid for: working, marks and end included."""
        return len(self.steps)

    @property
    def logprob(self) -> float:
        """The sum of the log-probs of all generated tokens: the sequence's own log-probability."""
        return float(sum(step.logprob for step in self.steps))


@dataclass(frozen=True, slots=True)
class Config:
    """What the file of weights says of itself; thinks : whether working is written when nothing else is asked for."""

    name: str
    shape: Shape
    thinks: bool
    can_think: bool


def names() -> tuple[str, ...]:
    """Return the models whose weights are here, rungs before specialists."""
    return tuple(sorted(path.stem for path in WEIGHTS.glob("*.safetensors")))


@cache
def load(name: str) -> Model:
    """Return an embedded model, read once a process; raises ProblemError if there is none of that name."""
    path = WEIGHTS / f"{name}.safetensors"
    if not path.is_file():
        raise refuse(f"there is no embedded model {name!r}.", f"There are: {listed(names())}.")
    return read(path)


def read(path: Path) -> Model:
    """Return the model of a file of weights; raises ProblemError where the file is of another vocabulary."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        about = json.loads(file.metadata()["config"])
        weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118 - no mapping
    words = tokenizer()
    shape = Shape(**about["shape"])
    if about["vocabulary"] != words.fingerprint or shape.vocabulary != len(words):
        raise refuse("the weights belong to another vocabulary.", "Take weights and words.json of one version.", file=path.name)
    return Model(Config(about["name"], shape, about["thinks"], about["can_think"]), Decoder(shape, weights), words)


@dataclass(frozen=True, slots=True)
class _How:
    think: bool
    temperature: float
    max_tokens: int
    top: int


class Model:
    """One embedded model; safe to share between threads, for nothing in it changes."""

    def __init__(self, config: Config, decoder: Decoder, words: Tokenizer) -> None:
        self.config, self._decoder, self._words = config, decoder, words

    def tokens_in(self, prompt: str) -> int:
        """Return how many tokens a prompt is, with the mark that asks for working or for the answer."""
        return len(self._words.encode(prompt)) + 1

    def generate(
        self,
        prompts: Sequence[str],
        *,
        think: bool | None = None,
        temperature: float = 0.0,
        seeds: Sequence[int] | None = None,
        max_tokens: int = MAX_TOKENS,
        top: int = 0,
    ) -> list[Generated]:
        """Return an answer for each prompt, 64 at a time, those of similar length together.

        think : write the working first; None = as the model is used to. temperature : 0 = the likeliest token each time.
        seeds : one a prompt, for temperatures above 0; the same seed draws the same text in any batch. top : likeliest tokens to keep.
        """
        how = _How(self._thinks(think), temperature, max_tokens, top)
        encoded = [self._prompt(prompt, think=how.think) for prompt in prompts]
        order = sorted(range(len(prompts)), key=lambda i: len(encoded[i]))
        out: list[Generated | None] = [None] * len(prompts)
        for first in range(0, len(order), BATCH):
            part = order[first : first + BATCH]
            draws = [np.random.default_rng(seeds[i] if seeds is not None else 0) for i in part] if temperature > 0 else None
            run = _Run(self._decoder, self._words, [encoded[i] for i in part], how, draws)
            with one_thread():
                for _ in run:
                    pass
            for i, steps in zip(part, run.steps, strict=True):
                out[i] = _generated(steps, len(encoded[i]))
        return [each for each in out if each is not None]

    def stream(
        self,
        prompt: str,
        *,
        think: bool | None = None,
        temperature: float = 0.0,
        seed: int | None = None,
        max_tokens: int = MAX_TOKENS,
        top: int = 0,
    ) -> Iterator[Step]:
        """Yield the tokens of one answer as they come; arguments as those of `generate`."""
        how = _How(self._thinks(think), temperature, max_tokens, top)
        draws = [np.random.default_rng(seed or 0)] if temperature > 0 else None
        run = _Run(self._decoder, self._words, [self._prompt(prompt, think=how.think)], how, draws)
        for _ in run:
            yield run.steps[0][-1]

    def _thinks(self, asked: bool | None) -> bool:
        if asked and not self.config.can_think:
            raise refuse(f"{self.config.name} has not learnt to write its working.", "Ask it for the answer, or ask r4.")
        return self.config.thinks if asked is None else asked

    def _prompt(self, text: str, *, think: bool) -> list[int]:
        return [*self._words.encode(text), self._words.think if think else self._words.direct]


class _Run:
    """One batch under way; iterate it to its end, one token a live row each time, then read `steps`."""

    def __init__(
        self,
        decoder: Decoder,
        words: Tokenizer,
        prompts: Sequence[Sequence[int]],
        how: _How,
        draws: Sequence[np.random.Generator] | None,
    ) -> None:
        self._decoder, self._words, self._prompts, self._how, self._draws = decoder, words, prompts, how, draws
        self.steps: list[list[Step]] = [[] for _ in prompts]
        self._phase: list[Phase] = ["working" if how.think else "answer"] * len(prompts)
        self._text = [Decoding(words) for _ in prompts]

    def __iter__(self) -> Iterator[None]:
        logits, cache = self._read()
        live = np.arange(len(self._prompts))
        done = np.zeros(len(live), bool)
        before: Ints = np.array([prompt[-1] for prompt in self._prompts])
        places: Ints = np.zeros(len(live), np.int64)  # a prompt ends with a mark, which belongs to no run
        for count in range(1, self._how.max_tokens + 1):
            tokens = self._chosen(logits, live)
            self._noted(logits, tokens, live[~done], np.flatnonzero(~done), last=count == self._how.max_tokens)
            done |= tokens == self._words.end
            yield
            if done.all() or count == self._how.max_tokens:
                return
            places = self._words.next_places(tokens, before, places)
            if done.mean() >= _WORTH_A_COPY:
                keep = ~done
                cache.keep(keep)
                live, tokens, places, done = live[keep], tokens[keep], places[keep], done[keep]
            before = tokens
            logits = self._decoder.step(tokens, places, cache)

    def _read(self) -> tuple[Floats, Cache]:
        longest = max(len(prompt) for prompt in self._prompts)
        tokens, places = (np.zeros((len(self._prompts), longest), np.int64) for _ in range(2))
        start = np.array([longest - len(prompt) for prompt in self._prompts])
        for row, prompt in enumerate(self._prompts):
            tokens[row, start[row] :] = prompt
            places[row, start[row] :] = self._words.places(prompt)
        return self._decoder.read(tokens, places, start)

    def _chosen(self, logits: Floats, live: Ints) -> Ints:
        if self._draws is None:
            likeliest: Ints = logits.argmax(-1)
            return likeliest
        scaled = logits.astype(np.float64) / self._how.temperature
        weights = np.exp(scaled - scaled.max(-1, keepdims=True)).cumsum(-1)
        marks = np.array([self._draws[row].random() for row in live]) * weights[:, -1]
        drawn: Ints = np.minimum((weights < marks[:, None]).sum(-1), logits.shape[1] - 1)
        return drawn

    def _noted(self, logits: Floats, tokens: Ints, rows: Ints, places: Ints, *, last: bool) -> None:
        """Write down the tokens of the rows that are not done; places : where those rows are in this step's arrays."""
        shifted = logits - logits.max(-1, keepdims=True)
        logprobs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        best = np.argsort(-logprobs, axis=-1, kind="stable")[:, : self._how.top] if self._how.top else None
        chosen = logprobs[np.arange(len(tokens)), tokens].tolist()
        for row, at in zip(rows.tolist(), places.tolist(), strict=True):
            token = int(tokens[at])
            phase: Phase = "end" if token == self._words.end else self._phase[row]
            top = () if best is None else tuple((self._words.text(t), float(logprobs[at, t])) for t in best[at].tolist())
            delta = self._text[row].add(token) + (self._text[row].rest() if last else "")
            self.steps[row].append(Step(self._words.text(token), delta, chosen[at], top, phase))
            if token == self._words.so:
                self._phase[row] = "answer"


def _generated(steps: Sequence[Step], tokens_in: int) -> Generated:
    # The mark at the end lets go the digits that waited for their number's end: those of the answer, if it was begun.
    last: Phase = "answer" if any(step.phase == "answer" for step in steps) else "working"
    texts: dict[Phase, str] = {"working": "", "answer": ""}
    for step in steps:
        texts[last if step.phase == "end" else step.phase] += step.delta
    ended = bool(steps) and steps[-1].phase == "end"
    return Generated(texts["answer"].strip(), texts["working"].strip(), tuple(steps), tokens_in, "stop" if ended else "length")
