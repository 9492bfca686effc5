"""Edits of a table's models: rename, merge, hide, reorder. Pure; each adds a line to the history that can be replayed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import Floats, OutcomeTable
from data.problems import listed, refuse
from data.samples import Samples
from data.texts import Texts

RENAMED, MERGED, HIDDEN, ORDERED = "models renamed", "models merged", "models hidden", "models ordered"
_SEPARATORS = re.compile(r"[-_.\s:]+")
_PUBLISHERS = frozenset({"meta", "mistralai", "openai", "anthropic", "google", "deepseek-ai", "microsoft", "nvidia"})
_SAME_WORDS = {"inst": "instruct", "it": "instruct"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Models that look like one under several names. into : the name that is offered for all of them."""

    into: str
    names: tuple[str, ...]


def renamed(table: OutcomeTable, names: Mapping[str, str]) -> OutcomeTable:
    """Return the table with models under new names, old name -> new name; figures stay.

    Raises ProblemError for an unknown model, an empty name, or a name that another model has.
    """
    moved = {table.models[table.index(old)]: new.strip() for old, new in names.items() if new.strip() != old}
    if not moved:
        return table
    if not all(moved.values()):
        raise refuse("the new name of a model is empty.", "Give it a name.")
    after = tuple(moved.get(model, model) for model in table.models)
    twice = sorted({name for name in after if after.count(name) > 1})
    if twice:
        raise refuse(f"two models would be called {twice[0]!r}.", "Merge them if they are one model, or take another name.")
    made = replace(
        table,
        models=after,
        responses={moved.get(model, model): texts for model, texts in table.responses.items()},
        answers={moved.get(model, model): texts for model, texts in table.answers.items()},
        cards=tuple(replace(card, name=moved[card.name], title="") if card.name in moved else card for card in table.cards),
        stored_fingerprint="",
    )
    return made.noted(RENAMED, listed([f"{old} is now {new}" for old, new in moved.items()], 4), names=dict(moved))


def merged(table: OutcomeTable, names: Sequence[str], into: str) -> OutcomeTable:
    """Return the table with several models as one, at the place of the first.

    A number is the mean of those that are known (of all their samples, where answers were repeated), NaN where none is; the
    propensity is the sum, for a call of either is a call of the one. Texts are those of the first that has one. The card is that
    of the first with a price. Raises ProblemError for fewer than two models, an unknown one, or a name that another model has.
    """
    old = [table.models[table.index(name)] for name in dict.fromkeys(names)]
    into = into.strip()
    if len(old) < 2:
        raise refuse("merging needs two models.", "Choose the names under which the model occurs.")
    if not into or (into in table.models and into not in old):
        raise refuse(f"{into!r} can't be the name of the merged model.", "Take a name that no other model has.")
    at = [table.index(name) for name in old]
    place, rest = at[0], [m for m in range(len(table.models)) if m not in at]
    order = sorted([place, *rest])
    weights = _weights(table, at)
    made = replace(
        table,
        models=tuple(into if m == place else table.models[m] for m in order),
        numbers={name: _joined(values, at, order, place, weights, total=name == "propensity") for name, values in table.numbers.items()},
        signals={name: _joined(values, at, order, place, weights) for name, values in table.signals.items()},
        responses=_texts(table.responses, old, into),
        answers=_texts(table.answers, old, into),
        samples=_samples(table.samples, at, order, place),
        cards=tuple(_card([table.cards[k] for k in at], into) if m == place else table.cards[m] for m in order),
        stored_fingerprint="",
    )
    return made.noted(MERGED, f"{listed(old, 4)} are one model now: {into}", into=into, names=old)


def hidden(table: OutcomeTable, names: Sequence[str]) -> OutcomeTable:
    """Return the table without these models; raises ProblemError for an unknown one, or if none would be left."""
    gone = [table.models[table.index(name)] for name in dict.fromkeys(names)]
    if not gone:
        return table
    left = [model for model in table.models if model not in gone]
    if not left:
        raise refuse("no model would be left.", "Keep at least one.")
    word = "model" if len(gone) == 1 else "models"
    return table.select(left).noted(HIDDEN, f"{len(gone)} {word} hidden: {listed(gone, 4)}", names=gone)


def ordered(table: OutcomeTable, names: Sequence[str]) -> OutcomeTable:
    """Return the table with its models in this order; those that are not named follow as they stood."""
    first = [table.models[table.index(name)] for name in dict.fromkeys(names)]
    order = [*first, *(model for model in table.models if model not in first)]
    if tuple(order) == table.models:
        return table
    return table.select(order).noted(ORDERED, f"models in the order {listed(order, 6)}", names=order)


def suggested(models: Sequence[str]) -> tuple[Merge, ...]:
    """Return the models that look like one: same name but for the host (after "@"), the publisher, or how it is written."""
    groups: dict[str, list[str]] = {}
    for model in models:
        groups.setdefault(alias(model), []).append(model)
    return tuple(Merge(into=_into(names, models), names=tuple(names)) for names in groups.values() if len(names) > 1)


def alias(model: str) -> str:
    """Return the form in which two names of one model are equal: `meta-llama/Llama-3-8B-Inst@host` is `llama-3-8b-instruct`."""
    plain = model.split("@", 1)[0].rsplit("/", 1)[-1].strip().lower()
    parts = [_SAME_WORDS.get(part, part) for part in _SEPARATORS.split(plain) if part]
    while len(parts) > 1 and parts[0] in _PUBLISHERS:
        parts = parts[1:]
    return "-".join(parts)


def _into(names: Sequence[str], models: Sequence[str]) -> str:
    """Return the name offered: the longest that names no host, with the hosts cut off."""
    bare = dict.fromkeys(name.split("@", 1)[0].strip() for name in names)
    others = set(models) - set(names)
    return next(name for name in (*sorted(bare, key=len, reverse=True), *names) if name not in others)


def _weights(table: OutcomeTable, at: Sequence[int]) -> NDArray[np.float64]:
    """Return (n, k) how many answers a cell of each merged model stands for: its samples, else one."""
    count = np.ones((len(table), len(at)), dtype=np.float64)
    if table.samples is not None:
        for k, m in enumerate(at):
            mine = (table.samples.model == m) & ~np.isnan(table.samples.quality)
            drawn = np.bincount(table.samples.query[mine], minlength=len(table))
            count[:, k] = np.where(drawn > 0, drawn, 1)
    return count


def _joined(
    values: Floats, at: Sequence[int], order: Sequence[int], place: int, weights: NDArray[np.float64], *, total: bool = False
) -> Floats:
    some = values[:, list(at)].astype(np.float64)
    known = ~np.isnan(some)
    sums = np.where(known, some * (1.0 if total else weights), 0.0).sum(axis=1)
    shares = known.any(axis=1).astype(np.float64) if total else np.where(known, weights, 0.0).sum(axis=1)
    mean = np.divide(sums, shares, out=np.full(len(values), np.nan), where=shares > 0)
    out = np.array(values[:, list(order)], dtype=np.float32, order="F")
    out[:, list(order).index(place)] = np.minimum(mean, 1.0) if total else mean
    return out


def _texts(columns: Mapping[str, Texts], old: Sequence[str], into: str) -> dict[str, Texts]:
    mine = [columns[name].arrow() for name in old if name in columns]
    rest = {name: texts for name, texts in columns.items() if name not in old}
    if not mine:
        return rest
    whole = [column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column for column in mine]
    return {**rest, into: Texts(pc.coalesce(*(column.cast(pa.large_string()) for column in whole)))}


def _samples(samples: Samples | None, at: Sequence[int], order: Sequence[int], place: int) -> Samples | None:
    if samples is None:
        return None
    to = np.zeros(max(*order, *at) + 1, dtype=np.int32)
    for new, m in enumerate(order):
        to[m] = new
    to[list(at)] = list(order).index(place)
    model = to[samples.model]
    by = np.lexsort((model, samples.query))
    return Samples(query=samples.query[by], model=model[by], quality=samples.quality[by], code=samples.code[by])


def _card(cards: Sequence[ModelCard], into: str) -> ModelCard:
    return replace(next((card for card in cards if card.priced), cards[0]), name=into, title="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What a person does to the models of a table at once. Names in `names`, `gone` and `order` are those after the merges.

    merges : done first. names : old -> new. gone : hidden, by their names before the renaming. order : all others, likewise.
    """

    merges: tuple[Merge, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.merges or self.gone or self.order or any(old != new for old, new in self.names.items()))


def edited(table: OutcomeTable, edits: Edits) -> OutcomeTable:
    """Return the table after all edits: merged, hidden, ordered, then renamed; raises ProblemError as each of them does."""
    for merge in edits.merges:
        table = merged(table, merge.names, merge.into)
    table = hidden(table, edits.gone)
    table = ordered(table, edits.order) if edits.order else table
    return renamed(table, {old: new for old, new in edits.names.items() if old in table.models})
