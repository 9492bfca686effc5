"""A model of the ladder's interface without weights: it spells what it was asked, by rule, and notes its batches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from types import SimpleNamespace

from data.ladder.model import Generated, Step
from data.ladder.transport import LadderTransport

THINKER, PLAIN = "thinker", "plain"


@dataclass
class FakeModel:
    """Answers the last word of a prompt, letter by letter; above temperature 0 the seed follows. "boom" raises.

    delay_s : how long a batch takes. batches : how many rows each had.
    """

    can_think: bool = False
    delay_s: float = 0.0
    batches: list[int] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _lock: Lock = field(default_factory=Lock)

    @property
    def config(self) -> SimpleNamespace:
        """What the file of weights says."""
        return SimpleNamespace(thinks=self.can_think, can_think=self.can_think)

    def tokens_in(self, prompt: str) -> int:
        """One a word, and the mark."""
        return len(prompt.split()) + 1

    def generate(self, prompts: Sequence[str], *, think=None, temperature=0.0, seeds=None, max_tokens=96, top=0) -> list[Generated]:
        """Answer a batch."""
        with self._lock:
            self.batches.append(len(prompts))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(self.delay_s)
        with self._lock:
            self._at_once -= 1
        seeds = seeds or [0] * len(prompts)
        return [
            _generated(self._steps(p, s, think, temperature, most=(max_tokens, top)), self.tokens_in(p))
            for p, s in zip(prompts, seeds, strict=True)
        ]

    def stream(self, prompt: str, *, think=None, temperature=0.0, seed=None, max_tokens=96, top=0) -> Iterator[Step]:
        """Yield the tokens of one answer."""
        for step in self._steps(prompt, seed or 0, think, temperature, most=(max_tokens, top)):
            time.sleep(self.delay_s)
            yield step

    def _steps(self, prompt, seed, think, temperature, *, most) -> list[Step]:
        max_tokens, top = most
        if "boom" in prompt:
            raise RuntimeError("the model broke")
        thinks = self.can_think if think is None else think
        if thinks and not self.can_think:
            raise AssertionError("asked for working that it can't write")
        word = prompt.split()[-1] + (str(seed) if temperature else "")
        texts = [(" so", "working"), (" it", "working"), ("<so>", "working")] if thinks else []
        texts += [(" " + letter if i == 0 else letter, "answer") for i, letter in enumerate(word)] + [("<end>", "end")]
        steps = []
        for i, (text, phase) in enumerate(texts[:max_tokens]):
            logprob = -0.125 * (i + 1)
            best = tuple((f"{text}{k}" if k else text, logprob - k) for k in range(top))
            steps.append(Step(text, "" if text.startswith("<") else text, logprob, best, phase))
        return steps


def _generated(steps: list[Step], tokens_in: int) -> Generated:
    working = "".join(step.delta for step in steps if step.phase == "working").strip()
    answer = "".join(step.delta for step in steps if step.phase != "working").strip()
    return Generated(answer, working, tuple(steps), tokens_in, "stop" if steps[-1].phase == "end" else "length")


def shelf(**models: FakeModel) -> LadderTransport:
    """Return a transport with these models."""
    return LadderTransport(load=models.__getitem__, names=lambda: tuple(models))
