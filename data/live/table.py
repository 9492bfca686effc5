"""From answers to an outcome table: scored, priced, with holes where nothing came back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.outcomes import HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts

SCORER_COLUMN = "scorer"
Key: TypeAlias = tuple[int, int, int]


class Scorer(Protocol):
    """What judges an answer (the scorers of `data.scoring` fit)."""

    def extract(self, answer: str, /) -> str:
        """Return the short comparable form of an answer."""

    def score(self, answer: str, reference: str, /) -> float:
        """Return the quality in [0, 1]."""


Scorers: TypeAlias = Scorer | Mapping[str, Scorer]


def scorer_of(scorers: Scorers, queries: QuerySet, row: int) -> Scorer:
    """Return the scorer of one query: the only one, or by the query's `scorer` column, or by its task.

    Raises ProblemError where a mapping has none for it.
    """
    if not isinstance(scorers, Mapping):
        return scorers
    column = queries.meta.get(SCORER_COLUMN)
    name = (column[row] if column is not None else None) or queries.task_of(row)
    if name not in scorers:
        raise refuse(f"there is no scorer for {name!r}.", f"Give one; there are: {', '.join(sorted(scorers)) or 'none'}.", row=row + 1)
    return scorers[name]


def table_of(
    queries: QuerySet,
    endpoints: Sequence[Endpoint],
    answers: Mapping[Key, Answer],
    scorers: Scorers,
    *,
    samples: int = 1,
    note: str = "",
) -> OutcomeTable:
    """Return the outcome table of n queries x M endpoints.

    answers : (query row, endpoint, sample) -> answer. A cell with samples has their mean quality and the figures of one draw
    (mean tokens, latency, cost); its text is the first sample's. Quality is NaN without a reference, everything without an answer.
    """
    shape = (len(queries), len(endpoints))
    drawn: dict[tuple[int, int], list[Answer]] = {}
    for (row, m, _), answer in sorted(answers.items()):
        drawn.setdefault((row, m), []).append(answer)
    numbers = {name: np.full(shape, np.nan, np.float32) for name in ("cost_usd", "latency_s", "tokens_in", "tokens_out")}
    signals: dict[str, NDArray[np.float32]] = {}
    for cell, found in drawn.items():
        for name, values in numbers.items():
            values[cell] = np.mean([getattr(answer, name) for answer in found])
        for name in sorted({name for answer in found for name in answer.signals}):
            column = signals.setdefault(name, np.full(shape, np.nan, np.float32))
            column[cell] = np.mean([answer.signals[name] for answer in found if name in answer.signals])
    texts, shorts, judged = _texts(queries, drawn, scorers)
    numbers["quality"] = np.full(shape, np.nan, np.float32)
    for cell, scores in judged.items():
        numbers["quality"][cell] = np.mean(scores)
    return OutcomeTable(
        queries=queries,
        models=tuple(endpoint.name for endpoint in endpoints),
        numbers=numbers,
        signals=signals,
        responses={e.name: Texts([texts.get((i, m)) for i in range(len(queries))]) for m, e in enumerate(endpoints)},
        answers={e.name: Texts([shorts.get((i, m), [None])[0] for i in range(len(queries))]) for m, e in enumerate(endpoints)},
        samples=samples_table(judged, shorts) if samples > 1 else None,
        cards=tuple(endpoint.card for endpoint in endpoints),
        origin=Origin(name="Live collection", kind="yours", source="collected through this app", empty_answer_means="not run"),
        history=(HistoryLine(action="collected", detail=note, values={"endpoints": [endpoint.to_json() for endpoint in endpoints]}),),
    )


def _texts(
    queries: QuerySet, drawn: Mapping[tuple[int, int], list[Answer]], scorers: Scorers
) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], list[str]], dict[tuple[int, int], list[float]]]:
    references: list[str | None] = [None] * len(queries) if queries.references is None else queries.references.to_list()
    texts, shorts, judged = {}, {}, {}
    for (row, m), found in drawn.items():
        scorer, reference = scorer_of(scorers, queries, row), references[row]
        texts[row, m] = found[0].text
        shorts[row, m] = [scorer.extract(answer.text) for answer in found]
        judged[row, m] = [np.nan if reference is None else scorer.score(answer.text, reference) for answer in found]
    return texts, shorts, judged


def samples_table(scores: Mapping[tuple[int, int], list[float]], shorts: Mapping[tuple[int, int], list[str]]) -> Samples:
    """Return the ragged second table of repeated answers, sorted by (query, model); code -1 = no answer found in the text.

    Codes are hashes of the short answers: equal answers to one query have equal codes in every table.
    """
    rows: list[tuple[int, int, float, int]] = []
    for cell in sorted(scores):
        rows += [(*cell, float(score), code_of(text)) for score, text in zip(scores[cell], shorts[cell], strict=True)]
    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return Samples(
        query=np.array(columns[0], np.int32),
        model=np.array(columns[1], np.int32),
        quality=np.array(columns[2], np.float32),
        code=np.array(columns[3], np.int32),
    )


def code_of(text: str) -> int:
    """Return a non-negative 31-bit code of a short answer, -1 for an empty one."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") >> 1 if text else -1
