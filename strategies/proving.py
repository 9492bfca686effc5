"""A small simulated table that has everything, and ways to spoil it: what the conformance suite and the tests stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.derived import hybrid
from data.live.judge import LABELS, Opinion, judged
from data.models import ModelCard
from data.outcomes import Origin, OutcomeTable, Parts, outcome_table
from data.problems import LeakError
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts
from strategies.engines.recorded import Columns
from strategies.protocol import Bools, Floats, Ints

_HOLES = 0.08
_SILENT = 0.05


class Trap(Columns):
    """Recorded outcomes whose quality explodes on touch until `spring` is drawn: what proves that nobody peeks."""

    armed = True

    def __init__(self, table: OutcomeTable) -> None:
        super().__init__(table)
        self._paid = np.zeros((len(table), len(table.models)), dtype=np.bool_)

    def call(self, rows: Ints | None, models: Sequence[int]) -> None:
        """Note who was paid for."""
        for model in models:
            self._paid[slice(None) if rows is None else rows, model] = True

    def reward(self, row: int, models: Sequence[int]) -> Floats:
        """Return what a stream may learn from; LeakError where it was not called."""
        if not self._paid[row, list(models)].all():
            raise LeakError("the quality of an answer was learnt from that was never called.")
        return super().reward(row, models)

    def quality(self, model: int) -> Floats:
        """Return the quality once the loop is over; LeakError before."""
        if self.armed:
            raise LeakError("quality was read before the last decision.")
        return super().quality(model)

    def spring(self) -> None:
        """Disarm: the decisions are made."""
        self.armed = False


def proving_ground(n: int = 240, models: int = 4, seed: int = 0, *, graded: bool = False) -> OutcomeTable:
    """Return a simulated table of n queries and M models that has everything, quality rising with cost.

    Prompts, embeddings, margins, responses and a judge's opinions all tell something about who is right. graded : quality in quarters,
    not 0/1.
    """
    rng = np.random.default_rng(seed)
    names = tuple(f"m{m}" for m in range(models))
    hard = rng.random(n)
    skill = np.linspace(0.45, 0.95, models)
    luck = rng.random((n, models))
    quality = np.clip(skill - hard[:, None] + 0.75 - 0.5 * luck, 0, 1)
    quality = np.round(quality * 4) / 4 if graded else (quality > 0.5).astype(float)
    cost = (10.0 ** np.linspace(-4, -2, models)) * rng.uniform(0.5, 1.5, (n, models))
    margin = np.round(np.clip(0.6 * quality + 0.4 * rng.random((n, models)), 0, 1), 2)  # rounded: ties are common
    around = rng.normal(size=(2, 16))
    embedding = hard[:, None] * around[0] + (1 - hard[:, None]) * around[1] + 0.3 * rng.normal(size=(n, 16))
    says = [[f"{i}" if quality[i, m] >= 0.5 else f"wrong {rng.integers(2)}" for i in range(n)] for m in range(models)]
    queries = QuerySet.build(
        [f"q{i}" for i in range(n)],
        prompts=[f"{'prove the hard lemma' if hard[i] > 0.5 else 'add two small numbers'} number {i}" for i in range(n)],
        references=[str(i) for i in range(n)],
        tasks=[("sums", "proofs")[int(h > 0.5)] for h in hard],
    )
    foreseen = np.clip(skill - 0.3 * hard[:, None], 0, 1).astype(np.float32)
    table = outcome_table(
        names, quality, queries=queries, cost_usd=cost, latency_s=rng.uniform(0.1, 2.0, (n, models)),
        signals={"margin": margin, "mean_logprob": np.log(np.clip(margin, 1e-3, 1)), "answered": np.ones((n, models))},
        answers={name: Texts(says[m]) for m, name in enumerate(names)},
        responses={name: Texts([_spoken(text) for text in says[m]]) for m, name in enumerate(names)},
        cards=tuple(ModelCard(name=name) for name in names), origin=Origin(name="proving ground", kind="simulated"),
    ).with_feature("embedding", embedding.astype(np.float32))  # fmt: skip
    for m, name in enumerate(names):
        table = table.with_feature(f"predicted_quality:{name}", foreseen[:, m : m + 1])
    # Drawn last, so that everything else is as it was: eight checks of each answer by the model itself, at a price of their own.
    checked = rng.binomial(8, np.clip(0.15 + 0.65 * quality, 0, 1)) / 8
    for name, values in (("self_check", checked), ("cost_usd:self_check", cost / 4), ("latency_s:self_check", np.full((n, models), 0.1))):
        table = table.with_signal(name, values.astype(np.float32))
    table = replace(table, samples=_samples(quality, rng), stored_fingerprint="")
    return judged(table, {i: _opinion(hard[i], rng) for i in range(n)})


def _opinion(hard: float, rng: np.random.Generator) -> Opinion:
    """Return what a judge says of a question, before anybody answers: the harder, the less; now and then nothing usable, but paid."""
    weight = np.exp(-((np.arange(1, LABELS + 1) - (5 - 4 * np.clip(hard + 0.2 * rng.normal(), 0, 1))) ** 2))
    chances = weight / weight.sum() if rng.random() > _SILENT else np.full(LABELS, np.nan)
    return Opinion(chances=tuple(chances), cost_usd=1e-5 * rng.uniform(0.5, 1.5), latency_s=rng.uniform(0.05, 0.1))


def _samples(quality: NDArray[np.floating[Any]], rng: np.random.Generator) -> Samples:
    """Return five repeated answers of each cell: right (code 0) or one of three wrong ones, mostly as the main answer is."""
    query, model = (np.repeat(place.ravel(), 5).astype(np.int32) for place in np.indices(quality.shape))
    right = rng.random(len(query)) < 0.2 + 0.6 * quality[query, model]
    code = np.where(right, 0, rng.integers(1, 4, len(query))).astype(np.int32)
    return Samples(query=query, model=model, quality=right.astype(np.float32), code=code)


def _spoken(answer: str) -> str:
    return f"I am not sure, maybe {answer}." if answer.startswith("wrong") else f"It is {answer}."


@lru_cache(maxsize=2)
def proving_parts(*, derived: bool = False) -> Parts:
    """Return the split of the proving ground; derived : with arms that mix its first and last model token by token."""
    table = proving_ground()
    if derived:
        shares = np.random.default_rng(4).random((len(table), 1)) * np.array([[0.2, 0.6, 1.0]])
        table = hybrid(table, table.models[0], table.models[-1], shares.astype(np.float32), (0.2, 0.5, 0.9))
        latency = np.nan_to_num(table.numbers["latency_s"], nan=1.0)  # a mix has none, and the suite asks for a table that has everything
        table = replace(table, numbers={**table.numbers, "latency_s": latency}, stored_fingerprint="")
    return table.split(seed=0)


def with_holes(table: OutcomeTable, share: float = _HOLES, seed: int = 3) -> OutcomeTable:
    """Return the table with this share of its cells not run: quality, cost, latency, signals and texts are all unknown there."""
    holes = np.random.default_rng(seed).random((len(table), len(table.models))) < share

    def holed(values: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: np.where(holes, np.float32(np.nan), column) for name, column in values.items()}

    def thinned(texts: Mapping[str, Texts]) -> dict[str, Texts]:
        return {m: Texts([None if holes[i, table.index(m)] else text for i, text in enumerate(column)]) for m, column in texts.items()}

    samples = table.samples
    if samples is not None:
        run = ~holes[samples.query, samples.model]
        samples = Samples(**{field.name: getattr(samples, field.name)[run] for field in fields(samples)})
    return replace(
        table, numbers=holed(table.numbers), signals=holed(table.signals), answers=thinned(table.answers),
        responses=thinned(table.responses), samples=samples, stored_fingerprint="",
    )  # fmt: skip


def scrambled(table: OutcomeTable, cells: Bools, seed: int) -> OutcomeTable:
    """Return the table with quality, cost, latency, signals and texts of some (n, M) cells replaced by others."""
    rng = np.random.default_rng(seed)

    def mixed(values: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: np.where(cells, rng.permutation(column, axis=0), column) for name, column in values.items()}

    def muddled(texts: Mapping[str, Texts]) -> dict[str, Texts]:
        return {
            m: Texts([f"other {rng.integers(3)}" if cells[i, table.index(m)] else text for i, text in enumerate(column)])
            for m, column in texts.items()
        }

    samples = table.samples
    if samples is not None:
        other = cells[samples.query, samples.model]
        code = np.where(other, rng.integers(5, 8, len(other)), samples.code).astype(np.int32)
        samples = replace(samples, code=code, quality=np.where(other, 1 - samples.quality, samples.quality))
    return replace(
        table, numbers=mixed(table.numbers), signals=mixed(table.signals), answers=muddled(table.answers),
        responses=muddled(table.responses), samples=samples, stored_fingerprint="",
    )  # fmt: skip


def bare(table: OutcomeTable) -> OutcomeTable:
    """Return the table with its scores only: no texts, no tasks, no signals, no embeddings, no costs."""
    queries = replace(table.queries, prompts=None, references=None, tasks=None, task_names=())
    return replace(
        table, queries=queries, numbers={"quality": table.numbers["quality"]},
        signals={}, features={}, responses={}, answers={}, samples=None, stored_fingerprint="",
    )  # fmt: skip
