"""The outcome table: what every model answered to every query, what it cost, how sure it was. NaN = not run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.models import ModelCard, cost_from_card
from data.problems import Problem, ProblemError, listed, refuse
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts

Floats: TypeAlias = NDArray[np.float32]
Role: TypeAlias = Literal["all", "fit", "calibrate", "test"]
Kind: TypeAlias = Literal["recorded", "simulated", "yours"]
CostUnit: TypeAlias = Literal["USD", "share", "relative"]
FIELDS = (
    "quality",
    "cost_usd",
    "latency_s",
    "tokens_in",
    "tokens_out",
    "tokens_total",
    "tokens_reasoning",
    "tokens_cached",
    "propensity",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a table comes from; `kind` is the badge shown with every figure."""

    name: str
    kind: Kind = "yours"
    source: str = ""
    licence: str = ""
    note: str = ""
    scorer: str = ""
    empty_answer_means: Literal["wrong", "not run"] = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that was done to a table, in words and as replayable values."""

    action: str
    detail: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The three parts of one split, each an outcome table that knows its role."""

    fit: OutcomeTable
    calibrate: OutcomeTable
    test: OutcomeTable


@dataclass(frozen=True, eq=False)
class OutcomeTable:
    """n queries x M models, immutable; arrays are read-only float32 and shared.

    numbers : field -> (n, M), fields of FIELDS; absent = not recorded for any model. tokens_reasoning are part of tokens_out and
        tokens_cached of tokens_in unless the audit finds otherwise; propensity = with which probability a log's policy called the model.
    signals : name -> (n, M), what is visible after a call (margin, mean_logprob, agreement, answered ...).
    features : name -> (n, d), what is known before any call (embedding ...). Of one that somebody was asked for (judge) the price stands
        beside it as "cost_usd:<name>" and "latency_s:<name>", (n, 1) each.
    responses, answers : model -> n texts; `answers` are the short comparable forms.
    role : which part of a split this is; a table that was not split is "all".
    cost_unit : what cost_usd holds where no price is known: the share sent to the strong of two models, or a typed relative price.
    """

    queries: QuerySet
    models: tuple[str, ...]
    numbers: Mapping[str, Floats]
    signals: Mapping[str, Floats] = field(default_factory=dict)
    features: Mapping[str, Floats] = field(default_factory=dict)
    responses: Mapping[str, Texts] = field(default_factory=dict)
    answers: Mapping[str, Texts] = field(default_factory=dict)
    samples: Samples | None = None
    cards: tuple[ModelCard, ...] = ()
    origin: Origin = field(default_factory=lambda: Origin(name="unnamed"))
    history: tuple[HistoryLine, ...] = ()
    role: Role = "all"
    cost_unit: CostUnit = "USD"
    stored_fingerprint: str = ""

    def __post_init__(self) -> None:
        if len(set(self.models)) != len(self.models):
            raise refuse(f"two models share a name: {listed(self.models)}.", "Give each model its own name.")
        numbers = {name: _sealed(values) for name, values in self.numbers.items()}
        signals = {name: _sealed(values) for name, values in self.signals.items()}
        for name, values in {**numbers, **signals}.items():
            if values.shape != (len(self), len(self.models)):
                raise refuse(
                    f"{name} has the shape {values.shape}, not {(len(self), len(self.models))}.", "Give one value a query and model."
                )
        unknown = set(numbers) - set(FIELDS)
        if unknown:
            raise refuse(
                f"{listed(sorted(unknown))} is no field of an outcome table.", f"Fields: {', '.join(FIELDS)}; the rest is a signal."
            )
        cards = {card.name: card for card in self.cards}
        object.__setattr__(self, "numbers", numbers)
        object.__setattr__(self, "signals", signals)
        object.__setattr__(self, "features", {name: _locked(np.ascontiguousarray(v, np.float32)) for name, v in self.features.items()})
        object.__setattr__(self, "cards", tuple(cards.get(name, ModelCard(name=name)) for name in self.models))

    def __len__(self) -> int:
        return len(self.queries)

    def index(self, model: str | int) -> int:
        """Return the position of a model given by name or position."""
        if isinstance(model, (int, np.integer)):
            return int(model)
        try:
            return self.models.index(model)
        except ValueError:
            raise refuse(f"there is no model {model!r} in {self.origin.name!r}.", f"Models: {listed(self.models)}.") from None

    def column(self, name: str, model: str | int) -> Floats:
        """Return (n,) of one field and model; all NaN where the field was not recorded."""
        values = self.numbers.get(name)
        return self._nothing if values is None else values[:, self.index(model)]

    def quality(self, model: str | int) -> Floats:
        """Return (n,) quality in [0, 1] of one model, NaN = not run."""
        return self.column("quality", model)

    def cost_usd(self, model: str | int) -> Floats:
        """Return (n,) cost in USD of one model, NaN = not known."""
        return self.column("cost_usd", model)

    def latency_s(self, model: str | int) -> Floats:
        """Return (n,) latency in seconds of one model, NaN = not known."""
        return self.column("latency_s", model)

    def signal(self, name: str, model: str | int) -> Floats:
        """Return (n,) of one signal and model, NaN = not recorded."""
        values = self.signals.get(name)
        if values is None:
            raise refuse(f"{self.origin.name!r} has no signal {name!r}.", f"Recorded signals: {listed(sorted(self.signals)) or 'none'}.")
        return values[:, self.index(model)]

    def mean(self, name: str) -> dict[str, float]:
        """Return model -> mean of a field over the queries for which it is known; NaN where none is."""
        return {model: _mean(self.column(name, m)) for m, model in enumerate(self.models)}

    def coverage(self) -> dict[str, float]:
        """Return model -> share of queries whose quality is known."""
        return {model: float(np.mean(~np.isnan(self.quality(m)))) if len(self) else 0.0 for m, model in enumerate(self.models)}

    def has(self, name: str) -> bool:
        """Whether any value of a field or signal is known."""
        return name in self._recorded

    def take(self, rows: NDArray[Any], role: Role | None = None) -> OutcomeTable:
        """Return the table at rows, (k,) positions or (n,) booleans; `role` marks it as part of a split."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == np.bool_ else np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            queries=self.queries.take(rows),
            numbers={name: values[rows] for name, values in self.numbers.items()},
            signals={name: values[rows] for name, values in self.signals.items()},
            features={name: values[rows] for name, values in self.features.items()},
            responses={model: texts.take(rows) for model, texts in self.responses.items()},
            answers={model: texts.take(rows) for model, texts in self.answers.items()},
            samples=None if self.samples is None else self.samples.at(rows, len(self)),
            role=self.role if role is None else role,
            stored_fingerprint="",
        )

    def select(self, models: Sequence[str]) -> OutcomeTable:
        """Return the table with only these models, in this order."""
        at = [self.index(model) for model in models]
        return replace(
            self,
            models=tuple(self.models[m] for m in at),
            numbers={name: values[:, at] for name, values in self.numbers.items()},
            signals={name: values[:, at] for name, values in self.signals.items()},
            responses={m: t for m, t in self.responses.items() if m in models},
            answers={m: t for m, t in self.answers.items() if m in models},
            samples=None if self.samples is None else self.samples.of(at, len(self.models)),
            cards=tuple(self.cards[m] for m in at),
            stored_fingerprint="",
        )

    def complete(self, models: Sequence[str] | None = None, *, costs: bool = False) -> OutcomeTable:
        """Return only the queries for which every one of the models is known, with `costs` its cost too: what a comparison rests on."""
        known = np.ones(len(self), dtype=np.bool_)
        for model in self.models if models is None else models:
            known &= ~np.isnan(self.quality(model))
            known &= ~np.isnan(self.cost_usd(model)) | (not costs)
        return self if bool(known.all()) else self.take(known)

    def noted(self, action: str, detail: str, **values: Any) -> OutcomeTable:
        """Return the table with one more line in its history."""
        return replace(self, history=(*self.history, HistoryLine(action=action, detail=detail, values=values)), stored_fingerprint="")

    def with_feature(self, name: str, values: Floats) -> OutcomeTable:
        """Return the table with a feature of shape (n, d) known before any call; facts and fingerprint stay."""
        if len(values) != len(self):
            raise refuse(f"the feature {name!r} has {len(values):,} rows for {len(self):,} queries.", "Give one row a query.")
        return replace(self, features={**self.features, name: values}, stored_fingerprint=self.fingerprint)

    def with_signal(self, name: str, values: Floats) -> OutcomeTable:
        """Return the table with a signal of shape (n, M)."""
        return replace(self, signals={**self.signals, name: values}, stored_fingerprint="")

    def priced(self, cards: Sequence[ModelCard], *, recompute: bool = False, action: str = "prices") -> OutcomeTable:
        """Return the table with these cards and the cost that follows from them.

        A recorded cost stays, unless `recompute`: then a model of these cards whose cost can be computed has no other, and is unknown
        where tokens or seconds are. A model without any price stays unknown. action : of the history line; readers say where the
        prices come from, so that a replay reads them again instead.
        """
        given = {card.name: card for card in cards}
        merged = tuple(given.get(card.name, card) for card in self.cards)
        cost = np.full((len(self), len(self.models)), np.nan, dtype=np.float32, order="F")
        for m, card in enumerate(merged):
            old = self.cost_usd(m)
            new = cost_from_card(card, self.column("tokens_in", m), self.column("tokens_out", m), self.latency_s(m))
            called = self.ran[:, m] | ~np.isnan(old) | ~np.isnan(self.latency_s(m))  # a log may score few of its calls
            new = np.where(called, new, np.float32(np.nan))
            anew = recompute and card.name in given and not np.isnan(new).all()  # never two prices in one column
            cost[:, m] = new if anew else np.where(np.isnan(old), new, old)
        line = HistoryLine(
            action=action, detail=_price_words(cards), values={"cards": [c.to_json() for c in cards], "recompute": recompute}
        )
        numbers = {**self.numbers, "cost_usd": cost}
        return replace(self, numbers=numbers, cards=merged, history=(*self.history, line), stored_fingerprint="")

    def relatively_priced(self, weights: Mapping[str, float]) -> OutcomeTable:
        """Return the table with an assumed relative cost per call; for data without any price.

        Two models with weights 0 and 1 make the cost the share of queries sent to the second (`cost_unit` "share").
        """
        row = np.array([weights.get(model, np.nan) for model in self.models], dtype=np.float32)
        cost = np.where(np.isnan(self.numbers["quality"]), np.float32(np.nan), row[None, :])
        share = len(self.models) == 2 and sorted(weights.get(m, np.nan) for m in self.models) == [0.0, 1.0]
        cards = tuple(replace(card, relative_price=float(weights.get(card.name, np.nan)), tier="assumed") for card in self.cards)
        given = {model: float(weights[model]) for model in self.models if not np.isnan(weights.get(model, np.nan))}
        said = listed([f"{model} {weight:g}" for model, weight in given.items()]) or "no model"
        line = HistoryLine(action="relative prices", detail=f"relative prices assumed: {said}", values={"weights": given})
        return replace(
            self,
            numbers={**self.numbers, "cost_usd": cost},
            cards=cards,
            cost_unit="share" if share else "relative",
            history=(*self.history, line),
            stored_fingerprint="",
        )

    def split(self, seed: int = 0) -> Parts:
        """Return fit / calibrate / test (40 / 20 / 40), stratified by task, repeats of a prompt kept together."""
        from data.splits import split

        return split(self, seed=seed)

    def folds(self, seed: int = 0, count: int = 5) -> tuple[Parts, ...]:
        """Return `count` splits whose test parts cover every query once: for fewer than 1,000 queries."""
        from data.splits import folds

        return folds(self, seed=seed, count=count)

    @cached_property
    def answer_codes(self) -> NDArray[np.int32]:
        """(n, M) codes of the comparable answers: equal within a row = same answer; -1 = no answer recorded."""
        codes = np.full((len(self), len(self.models)), -1, dtype=np.int32, order="F")
        seen: dict[str, int] = {}
        for m, model in enumerate(self.models):
            for i, text in enumerate(self.answers.get(model, ())):
                if text is not None and text != "":
                    codes[i, m] = seen.setdefault(text, len(seen))
        codes.flags.writeable = False
        return codes

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of everything a figure can depend on, 16 hex digits; stored with the table on disk."""
        if self.stored_fingerprint:
            return self.stored_fingerprint
        state = hashlib.blake2b(digest_size=8)
        state.update(json.dumps([self.queries.fingerprint, self.models, self.role, self.cost_unit, self.queries.task_names]).encode())
        state.update(b"" if self.queries.tasks is None else self.queries.tasks.tobytes())
        state.update(b"" if self.queries.splits is None else self.queries.splits.digest().encode())
        for texts in (self.answers, self.responses):
            state.update(json.dumps({model: texts[model].digest() for model in self.models if model in texts}).encode())
        if self.samples is not None:
            for column in (self.samples.query, self.samples.model, self.samples.quality, self.samples.code):
                state.update(np.ascontiguousarray(column).tobytes())
        for kind in (self.numbers, self.signals):
            for name in sorted(kind):
                state.update(name.encode())
                state.update(np.ascontiguousarray(kind[name].T).data)  # as it lies there: no copy, and a mapped file is read once
        # Features follow from the queries, or from a simulated world's cards; one that somebody was asked for, at a price, is a fact.
        prices = ("cost_usd:", "latency_s:")
        for name, values in sorted(self.features.items(), key=lambda each: each[0]):
            if name.startswith(prices) or any(f"{price}{name}" in self.features for price in prices):
                state.update(name.encode() + np.ascontiguousarray(values).tobytes())
        state.update(json.dumps([card.to_json() for card in self.cards], sort_keys=True).encode())
        return state.hexdigest()

    @cached_property
    def _recorded(self) -> frozenset[str]:
        both = {**self.signals, **self.numbers}
        # Model by model, here and below: a table may be a mapped file that is larger than memory.
        return frozenset(name for name, values in both.items() if any(bool(np.any(~np.isnan(column))) for column in values.T))

    @cached_property
    def ran(self) -> NDArray[np.bool_]:
        """(n, M) whether a model was run on a query: its quality is known; in a log without any score, anything else of the call."""
        ran = np.asarray(~np.isnan(self.numbers["quality"]))
        if not ran.any():
            for name, values in self.numbers.items():
                if name != "propensity":  # may be known for calls that were not made, too
                    ran |= ~np.isnan(values)
            for model, texts in self.responses.items():
                ran[:, self.index(model)] |= texts.known()
        ran.flags.writeable = False
        return ran

    @cached_property
    def whole(self) -> dict[str, NDArray[np.bool_]]:
        """Field -> (M,) whether every query has a value there: sums over whole columns need no care for holes."""
        return {name: np.array([not np.isnan(column).any() for column in values.T]) for name, values in self.numbers.items()}

    @cached_property
    def _nothing(self) -> Floats:
        return _sealed(np.full(len(self), np.nan, dtype=np.float32))


def outcome_table(
    models: Sequence[str],
    quality: NDArray[Any],
    *,
    queries: QuerySet | None = None,
    check: bool = True,
    **fields: Any,
) -> OutcomeTable:
    """Return a table from an (n, M) quality matrix; `fields` are cost_usd, latency_s, tokens_in, tokens_out and OutcomeTable's own.

    Raises ProblemError for quality outside [0, 1] or a negative cost, with row and model.
    """
    quality = np.asarray(quality, dtype=np.float32)
    numbers = {"quality": quality, **{name: np.asarray(fields.pop(name), np.float32) for name in FIELDS[1:] if name in fields}}
    queries = queries or QuerySet.build([str(i + 1) for i in range(len(quality))])
    if check:
        problems = [*_outside(quality, models, "quality", 0.0, 1.0), *_outside(numbers.get("cost_usd"), models, "cost", 0.0, np.inf)]
        if problems:
            raise ProblemError(*problems)
    return OutcomeTable(queries=queries, models=tuple(models), numbers=numbers, **fields)


def _outside(values: Floats | None, models: Sequence[str], name: str, low: float, high: float) -> list[Problem]:
    if values is None:
        return []
    rows, columns = np.nonzero((values < low) | (values > high))
    fix = "Rescale it to 0..1 or mark the value as missing." if high == 1.0 else "Mark it as missing if it is not known."
    return [
        Problem(what=f"{name} of {models[m]} is {values[i, m]:g}, outside {low:g}..{high:g}.", fix=fix, row=i + 1, column=models[m])
        for i, m in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def _sealed(values: NDArray[Any]) -> Floats:
    """Return float32, column-contiguous, read-only: arrays are shared between sessions."""
    return _locked(np.asarray(values, dtype=np.float32, order="F"))


def _locked(values: Floats) -> Floats:
    """Return the array itself if it is read-only, else a read-only view of it."""
    if values.flags.writeable:
        values = values.view()
        values.flags.writeable = False
    return values


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else float("nan")


def _price_words(cards: Sequence[ModelCard]) -> str:
    priced = [card for card in cards if card.priced]
    tiers = sorted({card.tier for card in priced})
    return f"prices set for {listed([card.short for card in priced]) or 'no model'} ({', '.join(tiers) or 'none'})"
