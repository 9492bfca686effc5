"""One column of the table before it is one: what an arm answered to n queries."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.live.call import Answer
from data.live.table import Scorers, code_of, scorer_of
from data.models import ModelCard, cost_from_card
from data.outcomes import OutcomeTable
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts

Said = tuple[str, Mapping[str, float]]  # the answer's text and its signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one arm did: n texts (empty = no answer), short answers, and per query quality, seconds, tokens (NaN = not counted)."""

    card: ModelCard
    texts: Sequence[str]
    shorts: Sequence[str]
    quality: NDArray[np.float32]
    latency_s: NDArray[np.float32]
    tokens_in: NDArray[np.float32]
    tokens_out: NDArray[np.float32]
    signals: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def cost_usd(self) -> NDArray[np.float32]:
        """(n,) USD at the card's price."""
        return cost_from_card(self.card, self.tokens_in, self.tokens_out, self.latency_s)


def asked(card: ModelCard, queries: QuerySet, scorers: Scorers, answer: Callable[[str], Said]) -> Arm:
    """Return an arm that runs in this process: asked query by query, each timed on its own."""
    said, seconds = [], []
    for prompt in queries.prompts.filled() if queries.prompts is not None else []:
        start = time.perf_counter()
        said.append(answer(prompt))
        seconds.append(time.perf_counter() - start)
    texts = [text for text, _ in said]
    nothing = np.full(len(texts), np.nan, np.float32)
    return Arm(
        card=card,
        texts=texts,
        shorts=[scorer_of(scorers, queries, i).extract(text) for i, text in enumerate(texts)],
        quality=_judged(queries, scorers, texts),
        latency_s=np.array(seconds, np.float32),
        tokens_in=nothing,
        tokens_out=nothing,
        signals=_stacked([signals for _, signals in said]),
    )


def voted(card: ModelCard, queries: QuerySet, scorers: Scorers, samples: Sequence[Sequence[Answer]]) -> Arm:
    """Return an arm whose answer is the most frequent one of its samples, at the cost and in the time of all of them.

    samples : n lists of answers, drawn one after the other; with one sample each it is the plain arm. Signals are the samples'
    means; with several, `agreement` is the share of samples that gave the winning answer. An answer in which nothing comparable
    was found has no vote; of equally frequent ones the first drawn wins.
    """
    texts, shorts, signals = [], [], []
    for row, drawn in enumerate(samples):
        found = [scorer_of(scorers, queries, row).extract(answer.text) for answer in drawn]
        votes = Counter(short for short in found if short)
        winner = votes.most_common(1)[0][0] if votes else ""
        texts.append(drawn[found.index(winner)].text)
        shorts.append(winner)
        names = {name for answer in drawn for name in answer.signals}
        means = {name: float(np.mean([a.signals[name] for a in drawn if name in a.signals])) for name in names}
        signals.append({**means, "answered": float(bool(winner))} | ({"agreement": votes[winner] / len(drawn)} if len(drawn) > 1 else {}))
    total = {name: np.array([sum(getattr(a, name) for a in drawn) for drawn in samples], np.float32) for name in _SUMMED}
    return Arm(card=card, texts=texts, shorts=shorts, quality=_judged(queries, scorers, texts), signals=_stacked(signals), **total)


_SUMMED = ("latency_s", "tokens_in", "tokens_out")


def samples_of(model: int, queries: QuerySet, scorers: Scorers, samples: Sequence[Sequence[Answer]]) -> Samples:
    """Return the single draws of one arm, at position `model` of the table, as the table of samples."""
    references = queries.references
    rows = [
        (row, scorer_of(scorers, queries, row), answer, (references[row] if references is not None else None) or "")
        for row, drawn in enumerate(samples)
        for answer in drawn
    ]
    return Samples(
        query=np.array([row for row, *_ in rows], np.int32),
        model=np.full(len(rows), model, np.int32),
        quality=np.array([scorer.score(answer.text, reference) for _, scorer, answer, reference in rows], np.float32),
        code=np.array([code_of(scorer.extract(answer.text)) for _, scorer, answer, _ in rows], np.int32),
    )


def table(queries: QuerySet, arms: Sequence[Arm], **rest: object) -> OutcomeTable:
    """Return the arms side by side; `rest` are further fields of OutcomeTable."""
    names = [arm.card.name for arm in arms]
    numbers = {name: np.stack([getattr(arm, name) for arm in arms], axis=1) for name in ("quality", "cost_usd", *_SUMMED)}
    nothing = np.full(len(queries), np.nan, np.float32)
    signals = {
        name: np.stack([arm.signals.get(name, nothing) for arm in arms], axis=1)
        for name in sorted({n for arm in arms for n in arm.signals})
    }
    return OutcomeTable(
        queries=queries,
        models=tuple(names),
        numbers=numbers,
        signals=signals,
        responses={name: Texts(list(arm.texts)) for name, arm in zip(names, arms, strict=True)},
        answers={name: Texts(list(arm.shorts)) for name, arm in zip(names, arms, strict=True)},
        cards=tuple(arm.card for arm in arms),
        **rest,  # type: ignore[arg-type]
    )


def _judged(queries: QuerySet, scorers: Scorers, texts: Sequence[str]) -> NDArray[np.float32]:
    references = queries.references.filled() if queries.references is not None else []
    return np.array(
        [scorer_of(scorers, queries, i).score(t, r) for i, (t, r) in enumerate(zip(texts, references, strict=True))], np.float32
    )


def _stacked(rows: Sequence[Mapping[str, float]]) -> dict[str, NDArray[np.float32]]:
    names = sorted({name for row in rows for name in row})
    return {name: np.array([row.get(name, np.nan) for row in rows], np.float32) for name in names}
