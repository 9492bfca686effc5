"""The replay source: an outcome table seen column by column."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.live.judge import JUDGE
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.signals import Price, derived, find, signals
from data.splits import shuffled
from strategies.engines.fees import NOBODY, drawn
from strategies.engines.source import Judge
from strategies.predictors.tasks import LABEL
from strategies.protocol import Doubles, Floats, Ints

_MOST_TOSSED = 32  # tags whose draws are kept: one a model, in methods that draw for each
SELF_CHECK = "self_check"  # the share of a model's checks of its own answer that said it is right


class Columns:
    """Recorded outcomes as the loop's source. Nothing is called: what was recorded is handed out.

    All columns are (N,) over the table's queries; the loop narrows them to the open ones.
    """

    def __init__(self, table: OutcomeTable) -> None:
        self.table = table
        self.size = len(table)
        self._drawn: dict[int, tuple[Ints, Floats]] = {}
        self._tossed: dict[tuple[str, int], Doubles] = {}
        self._priced: dict[str, Price | None] = {}

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """Cards of the M models."""
        return self.table.cards

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the M models."""
        return self.table.models

    def call(self, rows: Ints | None, models: Sequence[int]) -> None:
        """Do nothing: a recorded answer is there already (rows None = all)."""

    def cost(self, model: int) -> Floats:
        """(N,) cost of one model's call."""
        return self.table.cost_usd(model)

    def latency(self, model: int) -> Floats:
        """(N,) latency in seconds of one model's call."""
        return self.table.latency_s(model)

    def whole(self, model: int) -> bool:
        """Whether cost and latency of a model are recorded for every query, or for none of any model."""
        known = self.table.whole
        # A field that no model has is unknown on every query, so nothing can be spoilt by it.
        return all(name not in known or bool(known[name][model]) for name in ("cost_usd", "latency_s"))

    def quality(self, model: int) -> Floats:
        """(N,) quality; the loop reads it only after the last decision, and for declared oracles."""
        return self.table.quality(model)

    def reward(self, row: int, models: Sequence[int]) -> Floats:
        """(k,) quality of called models' answers to one query, NaN = not recorded."""
        return np.array([self.table.quality(m)[row] for m in models], dtype=np.float32)

    def verdict(self, model: int, judge: Judge, seed: int) -> Floats:
        """(N,) simulated verdicts on one model's answers: the truth, turned round where a seeded draw of the query lies below the error.

        The draws are the same at every error, so that a larger one turns the same verdicts round and some more.
        """
        quality = self.table.quality(model)
        accepts = (quality >= np.float32(judge.right)) != (self.uniform(f"judge:{self.names[model]}", seed) < judge.error)
        return np.where(np.isnan(quality), np.float32(np.nan), accepts.astype(np.float32))

    def signal(self, name: str, model: int) -> Floats:
        """(N,) of a recorded signal, or of one computed from what was recorded (data.signals)."""
        if name not in self.table.signals and name.startswith("response_"):
            from strategies.predictors.text import response_feature

            return response_feature(self.table, name, model)
        computed = derived(self.table, name)
        return self.table.signal(name, model) if computed is None else computed[:, model]

    def price(self, name: str, model: int) -> tuple[Floats, Floats] | None:
        """(N,) cost and (N,) seconds of asking for a signal; None where it comes with the call.

        They are recorded as the signals "cost_usd:<name>" and "latency_s:<name>". A self-check without a recorded cost is one more call
        of the model: the assumption C_ver = C_S of AutoMix (arXiv 2310.12963, section 5). Samples cost one call each, and so does what is
        computed from them. A feature's price is recorded as the features "cost_usd:<name>" and "latency_s:<name>", (N, 1) each.
        """
        if model == NOBODY:
            return self._feature_price(name)
        if count := drawn(name):  # the first answer was the call; the others are drawn at once
            again = self.table.latency_s(model)
            return (count - 1) * self.table.cost_usd(model), again if count > 1 else np.zeros_like(again)
        cost, latency = (self.table.signals.get(f"{field}:{name}") for field in ("cost_usd", "latency_s"))
        if cost is None and name != SELF_CHECK:
            return self._computed_price(name, model)
        if cost is None:
            return self.table.cost_usd(model), self.table.latency_s(model) if latency is None else latency[:, model]
        return cost[:, model], np.full(self.size, np.nan, dtype=np.float32) if latency is None else latency[:, model]

    def _feature_price(self, name: str) -> tuple[Floats, Floats] | None:
        """Return what asking for a feature costs; a judge's opinion without a recorded price is not free: its price is not known."""
        cost, latency = (self.table.features.get(f"{field}:{name}") for field in ("cost_usd", "latency_s"))
        if cost is None and name != JUDGE:
            return None
        unknown = np.full((self.size, 1), np.nan, dtype=np.float32)
        return (unknown if cost is None else cost)[:, 0], (unknown if latency is None else latency)[:, 0]

    def _computed_price(self, name: str, model: int) -> tuple[Floats, Floats] | None:
        if name not in self._priced:
            self._priced[name] = find(name).price(self.table) if name in signals() and derived(self.table, name) is not None else None
        price = self._priced[name]
        return None if price is None else (price.cost[:, model], price.latency_s[:, model])

    def answers(self, model: int) -> Ints:
        """(N,) codes of the comparable answers."""
        return self.table.answer_codes[:, model]

    def samples(self, model: int) -> tuple[Ints, Floats]:
        """(N, K) codes and qualities of repeated answers in the order in which they were drawn; -1 and NaN where there are fewer."""
        if model not in self._drawn:
            found = self.table.samples
            if found is None:
                raise refuse(
                    f"{self.table.origin.name!r} has no repeated answers.",
                    "Map a sample column on the Data page, or run the model live with several samples a question.",
                )
            self._drawn[model] = found.dense(model, self.size)
        return self._drawn[model]

    def has_feature(self, name: str) -> bool:
        """Whether a feature is there without long work."""
        queries = self.table.queries
        given = (name == "text" and queries.prompts is not None) or (name.startswith(LABEL) and queries.tasks is not None)
        return name in self.table.features or given

    def feature(self, name: str) -> Floats:
        """(N, d) of something known before any call."""
        if name in self.table.features:
            return self.table.features[name]
        if name == "text" and self.table.queries.prompts is not None:
            from strategies.predictors.text import text_features

            return text_features(self.table)
        if name.startswith(LABEL) and self.table.queries.tasks is not None:
            return labelled(self.table.queries, name)
        way = (
            "Compute the embeddings first (strategies.predictors.embeddings.embedded)."
            if name == "embedding"
            else "Choose a strategy that does without."
        )
        raise refuse(f"{self.table.origin.name!r} has no feature {name!r}.", way)

    def texts(self, rows: Ints | None) -> list[str]:
        """Prompts of the rows (None = all)."""
        prompts = self.table.queries.prompts
        if prompts is None:
            raise refuse(f"{self.table.origin.name!r} has no prompts.", "Choose a strategy that does without.")
        return (prompts if rows is None else prompts.take(rows)).filled()

    def uniform(self, tag: str, seed: int) -> Doubles:
        """(N,) draws in [0, 1) from each query's key, a tag and a seed; the last few are kept, for a stream asks query by query."""
        if (tag, seed) not in self._tossed:
            self._tossed[tag, seed] = draws(self.table.queries.keys, tag, seed)
            if len(self._tossed) > _MOST_TOSSED:
                self._tossed.pop(next(iter(self._tossed)))
        return self._tossed[tag, seed]

    @cached_property
    def cost_unit(self) -> str:
        """What the cost is counted in."""
        return self.table.cost_unit


def labelled(queries: QuerySet, name: str) -> Floats:
    """Return (N, 1) 1 where a query is labelled with the task that follows "task:" in the name."""
    codes = [code for code, task in enumerate(queries.task_names) if task == name.removeprefix(LABEL)]
    kinds = np.full(len(queries), -1) if queries.tasks is None else queries.tasks
    return np.isin(kinds, codes).astype(np.float32)[:, None]


def draws(keys: NDArray[np.uint64], tag: str, seed: int) -> Doubles:
    """Return (N,) draws in [0, 1), exact in float32, from each query's key, a tag and a seed."""
    salt = int.from_bytes(hashlib.blake2b(f"{seed}\x00{tag}".encode(), digest_size=8).digest(), "little")
    return np.asarray((shuffled(keys, salt) >> np.uint64(40)) / 2.0**24, dtype=np.float64)


def columns(source: Any) -> Any:
    """Return a loop source: tables are wrapped, sources are taken as they are."""
    return Columns(source) if isinstance(source, OutcomeTable) else source
