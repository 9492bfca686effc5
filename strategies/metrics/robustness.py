"""Whether small changes of the words change the decision, and how long deciding takes: a policy is run anew."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from data.outcomes import OutcomeTable
from data.texts import Texts
from strategies.engines.loop import replay
from strategies.engines.recorded import draws
from strategies.metrics.base import Metric, Option
from strategies.metrics.facts import NAN
from strategies.predictors.embeddings import encode
from strategies.protocol import Floats, Strategy

KINDS = ("typos", "paraphrase", "both")
_REPEATS = 3
_SAME_ENCODER = 0.98  # mean cosine of an embedding made now and the recorded one, if one model made both
_WORD = re.compile(r"[A-Za-z]{4,}")
_FRAMES = ("Please answer: {}", "{} Thank you.", "I would like to know the following. {}", "Here is a question. {}", "{} Be brief.")
_SWAPS = {
    "what is": "what's", "do not": "don't", "cannot": "can't", "calculate": "compute", "find": "determine", "which": "what",
    "explain": "describe", "give": "provide", "choose": "select", "correct": "right", "answer": "reply", "following": "below",
}  # fmt: skip
_SAID = re.compile(rf"\b(?:{'|'.join(_SWAPS)})\b", re.IGNORECASE)


def typos(text: str, rate: float, rng: np.random.Generator) -> str:
    """Return a text in which about `rate` of the words of four letters or more have two neighbouring letters swapped, inside the word."""

    def slipped(found: re.Match[str]) -> str:
        word = found.group()
        if rng.random() >= rate:
            return word
        at = int(rng.integers(1, len(word) - 2)) if len(word) > 4 else 1
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _WORD.sub(slipped, text)


def paraphrase(text: str, rng: np.random.Generator) -> str:
    """Return a text with some common words by their synonyms and a polite frame: rules, not a model's paraphrase."""
    said = _SAID.sub(lambda found: _SWAPS[found.group().lower()], text)
    return _FRAMES[int(rng.integers(len(_FRAMES)))].format(said)


def noisy(table: OutcomeTable, kind: str = "typos", rate: float = 0.1, seed: int = 0) -> OutcomeTable:
    """Return the table with its prompts changed, each by its own draw from the query's key and the seed; nothing else changes.

    kind : "typos", "paraphrase" or "both". rate : share of the longer words that get a typo. Recorded outcomes stay those of the prompts
    as they were: nobody answered the changed ones. The feature "embedding" is left out, for it would be that of the old words.
    """
    if table.queries.prompts is None:
        return table
    starts = (draws(table.queries.keys, f"noise:{kind}", seed) * 2**24).astype(np.int64)
    changed = []
    for text, start in zip(_prompts(table), starts.tolist(), strict=True):
        rng = np.random.default_rng(start)
        said = paraphrase(text, rng) if kind != "typos" else text
        changed.append(typos(said, rate, rng) if kind != "paraphrase" else said)
    features = {name: values for name, values in table.features.items() if name != "embedding"}
    return replace(table, queries=replace(table.queries, prompts=Texts(changed)), features=features, stored_fingerprint="")


def robustness(
    policy: Strategy,
    table: OutcomeTable,
    *,
    kind: str = "typos",
    rate: float = 0.1,
    seed: int = 0,
    most: float = 200,
    encoder: Callable[[Sequence[str]], Floats] = encode,
) -> float:
    """Return the share of queries for which the policy calls the same models and returns the same one's answer after noise in the words.

    most : a seeded sample of at most so many queries is tried. What else was recorded (signals, a judge's opinion, predictions by column)
    stays as it was, so a cascade looks steadier than it is. encoder : texts -> (n, d), of the recorded embedding where the policy needs
    one; NaN where another encoder made it, and without prompts. Source: RouterArena, arXiv 2510.00202 (robustness: 1 - flip ratio); its
    noise is made by a model, ours by seeded rules.
    """
    if table.queries.prompts is None or len(table) == 0:
        return NAN
    order = np.argsort(draws(table.queries.keys, "noise sample", seed), kind="stable")
    before = table.take(np.sort(order[: int(most)]))
    after = noisy(before, kind, rate, seed)
    if "embedding" in policy.card.needs and "embedding" in table.features:
        recorded = before.features["embedding"]
        fresh, moved = (np.asarray(encoder(_prompts(each)), dtype=np.float32) for each in (before, after))
        if fresh.shape != recorded.shape or _cosine(fresh, recorded) < _SAME_ENCODER:
            return NAN
        # Both by the same encoder now, so that a difference is one of the words.
        before, after = before.with_feature("embedding", fresh), after.with_feature("embedding", moved)
    elif "embedding" in table.features:
        after = after.with_feature("embedding", before.features["embedding"])
    first, second = replay(policy, before), replay(policy, after)
    return float(np.mean((first.answer == second.answer) & (first.called == second.called).all(axis=1)))


def decision_seconds(policy: Strategy, table: OutcomeTable) -> float:
    """Return the seconds a query that deciding takes in a replay, features at hand: the median of three, measured on this machine.

    NaN without queries. Source: RouterArena, arXiv 2510.00202 (router latency).
    """
    taken = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        replay(policy, table)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) / len(table) if len(table) else NAN


def _prompts(table: OutcomeTable) -> list[str]:
    return [] if table.queries.prompts is None else table.queries.prompts.filled()


def _cosine(a: Floats, b: Floats) -> float:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(np.mean((a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1.0)))


METRICS = (
    Metric(
        id="robustness", title="Robustness", group="Arena", of="policy", better="higher", low=0, high=1, unit="share of queries",
        formula="share of queries with the same models called and the same one's answer after seeded noise in the prompt",
        source="RouterArena, arXiv 2510.00202 (1 - flip ratio); the noise is ours", needs=frozenset({"prompts"}),
        options=(
            Option(name="kind", default="typos", kind="choice", choices=KINDS, help="Swapped letters, other words and a frame, or both."),
            Option(name="rate", default=0.1, low=0, high=1, unit="share of longer words", help="How many words get a typo."),
            Option(name="seed", default=0, low=0, high=2**31, help="Of the noise and of the sample."),
            Option(name="most", default=200, low=1, high=1e6, unit="queries", help="At most so many queries are tried."),
        ),
        caution="Simulated noise. Nobody answered the changed prompts: what a cascade sees after a call stays, which flatters it.",
        compute=robustness,
    ),
    Metric(
        id="router_latency", title="Time to decide", group="Arena", of="policy", better="lower", low=0, unit="s per query",
        formula="median of 3 replays' seconds / n, features at hand", source="RouterArena, arXiv 2510.00202 (router latency)",
        repeatable=False, caution="Measured on this machine, for all queries at once; embedding a prompt is not in it.",
        compute=decision_seconds,
    ),
)  # fmt: skip
