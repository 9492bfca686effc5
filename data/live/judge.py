"""A judge in front: a model that says, before anybody answers, how well a small assistant would answer the question.

Its five labels, their probabilities and what the call cost are features of the question: "judge" (n, 5), "cost_usd:judge" and
"latency_s:judge" (n, 1). Routers read them before any call, and a table that keeps them can be replayed. Source: the causal-LM
classifier of RouteLLM, arXiv 2406.18665; the wording of the question is this project's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.outcomes import OutcomeTable
from data.problems import refuse

JUDGE = "judge"
LABELS = 5
# Five digits can be the first token. Some services allow no more alternatives, and refuse log-probs altogether where more are asked for.
ALTERNATIVES = 5
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_OUT_OF = re.compile(r"\s*(?:/|out of)\s*5\b(?![.,]\d)", re.IGNORECASE)
_QUESTION = """\
A question will be sent to a small assistant: quick and cheap, with less knowledge and less skill in reasoning than a large one. \
Do not answer the question. Say how good the small assistant's answer to it would be.

1: wrong or useless
2: mostly wrong
3: partly right
4: right, with small flaws at most
5: as good as the best assistant's

The question, between the lines:
-----
{question}
-----
How good would the small assistant's answer be? Reply with one digit from 1 to 5 and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a judge said of one question. chances : probabilities of the labels 1 to 5, summing to 1; NaN = it said nothing usable.

    cost_usd, latency_s : of asking it, NaN = not known; an opinion that is not usable was paid for all the same.
    """

    chances: tuple[float, ...] = field(default=(math.nan,) * LABELS)
    cost_usd: float = math.nan
    latency_s: float = math.nan


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge behind an endpoint. ask(endpoint, prompt) makes one call and blocks: `Asker.ask`, whose budget then counts it too.

    alternatives : how many the endpoint is asked for of the first token, from which the labels' probabilities are read. The
    endpoint's own `max_tokens` stays: a few are enough for a model that replies at once.
    """

    endpoint: Endpoint
    ask: Callable[[Endpoint, str], Answer]
    alternatives: int = ALTERNATIVES

    def __post_init__(self) -> None:
        if self.alternatives < 2:
            raise refuse(f"a judge needs at least 2 alternatives, not {self.alternatives}.", f"Ask for {ALTERNATIVES}, or up to 20.")

    def asked(self, question: str) -> Answer:
        """Return the judge's reply about one question; raises EndpointError and BudgetError as `ask` does."""
        endpoint = replace(self.endpoint, extra={**self.endpoint.extra, "top_logprobs": self.alternatives})
        return self.ask(endpoint, _QUESTION.format(question=question))


def opinion_of(answer: Answer) -> Opinion:
    """Return a judge's reply as probabilities of the labels.

    Where the label that it says is among the alternatives of its first token, the labels' shares among these; else, where there
    are no log-probs or the digit comes later, all on what it says. A reply that names no label, or several, is not usable.
    """
    said = said_label(answer.text)
    return Opinion(chances=_chances(answer, said), cost_usd=answer.cost_usd, latency_s=answer.latency_s)


def said_label(text: str) -> int | None:
    """Return the one whole number from 1 to 5 that a reply names ("4", "Rating: 4/5."), None where it names another, several or none."""
    named = {number.replace(",", ".") for number in _NUMBER.findall(_OUT_OF.sub("", text, count=1))}
    only = named.pop() if len(named) == 1 else ""
    return int(only) if only in {str(label) for label in range(1, LABELS + 1)} else None


def _chances(answer: Answer, said: int | None) -> tuple[float, ...]:
    if said is None:
        return (math.nan,) * LABELS
    mass = [0.0] * LABELS
    for token, logprob in answer.alternatives:
        label = token.strip()
        if label in {str(known) for known in range(1, LABELS + 1)}:
            mass[int(label) - 1] += math.exp(min(logprob, 0.0))
    if not mass[said - 1] > 0:  # the first token was something else: a word, a mark, the start of the working
        mass = [float(label == said) for label in range(1, LABELS + 1)]
    whole = math.fsum(mass)
    return tuple(each / whole for each in mass)


def judged(table: OutcomeTable, opinions: Mapping[int, Opinion]) -> OutcomeTable:
    """Return the table with the opinions of its questions, by row, as features; NaN where nobody was asked."""
    chances = np.full((len(table), LABELS), np.nan, dtype=np.float32)
    cost, latency = (np.full((len(table), 1), np.nan, dtype=np.float32) for _ in range(2))
    for row, opinion in opinions.items():
        chances[row], cost[row], latency[row] = opinion.chances, opinion.cost_usd, opinion.latency_s
    features = {JUDGE: chances, f"cost_usd:{JUDGE}": cost, f"latency_s:{JUDGE}": latency}
    return replace(table, features={**table.features, **features}, stored_fingerprint="")  # facts: not the same table as without
