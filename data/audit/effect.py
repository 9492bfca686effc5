"""What a choice does to the conclusions of a table: means, the best and the cheapest model, what could be saved.

All of it follows from the table alone, over all its rows: no strategy is fitted and nothing is split. So these are no results of a
router; they say how far the ground under every result moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Choice, Finding, checks
from data.outcomes import CostUnit, Floats, OutcomeTable
from data.problems import ProblemError, listed

Doubles: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.bool_]
Shown: TypeAlias = Callable[[float], str]
Digit: TypeAlias = Callable[[float, float], float]
KEPT = 0.95
NONE = "no conclusion changes"
_MODELS_SHOWN = 3
_DIGITS = 6  # of mean qualities: what differs beyond them is the rounding of float32
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """A table in the figures that people draw conclusions from.

    queries : rows looked at. common : of these, the ones whose quality is known for every model that has any score.
    billed : of the common ones, those whose cost is known for every scored model that has any cost; the saving rests on them.
    quality : model -> mean over the common queries; if there are none, over its own. cost : model -> mean over the billed queries
        (in `unit`); if there are none, over its own. NaN = not known.
    best : the model with the highest mean quality, of equal ones the cheaper. cheapest : the one with the least mean cost.
    saving : share of the best model's cost that a random mix of two models saves at KEPT of its quality; NaN = not known.
    bound : the same for an oracle that pays the cheapest of the best answers to each query: no policy can know which that is.
    unpriced : scored models without any cost on the common queries; the saving leaves them out.
    """

    queries: int
    common: int
    billed: int
    quality: Mapping[str, float]
    cost: Mapping[str, float]
    unit: CostUnit
    best: str
    cheapest: str
    saving: float
    bound: float
    unpriced: tuple[str, ...]

    @property
    def caveats(self) -> tuple[str, ...]:
        """Return what can't be concluded from the table and what still holds, in sentences without a full stop."""
        if not self.best:
            return ("there are no scores: costs can be compared, quality and savings can't",)
        if not self.common:
            return ("no query was answered by all models: each mean is over the model's own queries, and no saving can be stated",)
        if not self.billed:
            return ("costs are not known: mean qualities and the best model hold, a saving can't be stated",)
        if self.best in self.unpriced:
            return (f"the cost of {self.best}, the best model, is not known: mean qualities hold, a saving can't be stated",)
        if self.unpriced:
            return (f"no cost is known of {listed(self.unpriced)}: left out of the saving",)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The conclusions of a table before and after something was done to it."""

    before: Conclusions
    after: Conclusions

    @property
    def words(self) -> tuple[str, ...]:
        """Return what changed beyond rounding, the gravest first, and what can no longer be concluded; empty if nothing did."""
        news = [caveat for caveat in self.after.caveats if caveat not in self.before.caveats]
        return (*_saving_words(self.before, self.after), *_model_words(self.before, self.after), *news)

    @property
    def changed(self) -> bool:
        """Whether any conclusion changes."""
        return bool(self.words)

    def __str__(self) -> str:
        return "; ".join(self.words) or NONE


def conclusions(table: OutcomeTable, rows: Rows | None = None) -> Conclusions:
    """Return the conclusions of a table, or of its rows where the (n,) mask says so."""
    inside = np.ones(len(table), dtype=np.bool_) if rows is None else np.asarray(rows, dtype=np.bool_)
    quality, cost = ([table.column(name, m) for m in range(len(table.models))] for name in ("quality", "cost_usd"))
    known = [inside & ~np.isnan(values) for values in quality]
    scored = [m for m, mine in enumerate(known) if mine.any()]
    common = _all_of([known[m] for m in scored], inside) if scored else np.zeros_like(inside)
    priced = [m for m in scored if bool((common & ~np.isnan(cost[m])).any())]
    billed = _all_of([~np.isnan(cost[m]) for m in priced], common) if priced else np.zeros_like(inside)
    means = np.array([_mean(values, common if common.any() else inside) for values in quality])
    prices = np.array([_mean(values, billed if billed.any() else inside) for values in cost])
    best = _first(scored, -np.round(means, _DIGITS), prices)
    cheapest = _first([m for m in range(len(prices)) if not math.isnan(prices[m])], prices, -means)
    saving = bound = math.nan
    if best in priced and billed.any():
        level = np.array([_mean(quality[m], billed) for m in priced])
        saving = _saving(level, prices[priced], priced.index(best))
        bound = _share(_oracle_cost([quality[m] for m in priced], [cost[m] for m in priced], billed), float(prices[best]))
    return Conclusions(
        queries=int(inside.sum()),
        common=int(common.sum()),
        billed=int(billed.sum()),
        quality=_named(table.models, means),
        cost=_named(table.models, prices),
        unit=table.cost_unit,
        best="" if best < 0 else table.models[best],
        cheapest="" if cheapest < 0 else table.models[cheapest],
        saving=saving,
        bound=bound,
        unpriced=tuple(table.models[m] for m in scored if m not in priced),
    )


def effect(before: OutcomeTable, after: OutcomeTable) -> Effect:
    """Return what changes in the conclusions from one table to the other; models are compared by name."""
    return Effect(before=conclusions(before), after=conclusions(after))


def consequences(table: OutcomeTable, finding: Finding, before: Conclusions | None = None) -> Mapping[Choice, Effect]:
    """Return choice -> what it would do to the conclusions, for each choice that a finding offers and that can be carried out.

    before : the table's own conclusions, if they are at hand. To keep a finding changes nothing.
    """
    now = conclusions(table) if before is None else before
    found: dict[Choice, Effect] = {}
    for choice in finding.choices:
        try:
            after = _after(table, finding, choice, now)
        except ProblemError:
            continue  # such as leaving all rows out: `apply` says why when somebody asks for it
        if after is not None:
            found[choice] = Effect(before=now, after=after)
    return found


def percent(share: float, digits: int = 0) -> str:
    """Return a share as people read it, halves rounded up: `41 %`; "unknown" for NaN."""
    if not math.isfinite(share):
        return _UNKNOWN
    shown = Decimal(100 * share).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{shown + 0} %".replace("-", "−")


def money(value: float, unit: CostUnit = "USD") -> str:
    """Return a cost to three significant digits: `$0.00312`; without the sign of a currency where it is relative."""
    if not math.isfinite(value):
        return _UNKNOWN
    digits = 0 if value == 0 else max(0, min(9, 2 - math.floor(math.log10(abs(value)))))
    shown = f"{abs(value):,.{digits}f}"
    return ("−" if value < 0 else "") + ("$" if unit == "USD" else "") + shown


def _after(table: OutcomeTable, finding: Finding, choice: Choice, before: Conclusions) -> Conclusions | None:
    """Return the conclusions after a choice, None where it would leave nothing; rows are left out without copying the table."""
    if choice == "keep":
        return before
    if choice == "repair":
        return conclusions(checks()[finding.check].repair(table, finding))
    left = np.ones(len(table), dtype=np.bool_)
    left[finding.rows] = False
    return conclusions(table, left) if left.any() else None


def _all_of(masks: Iterable[Rows], start: Rows) -> Rows:
    out = start.copy()
    for mask in masks:
        out &= mask
    return out


def _mean(values: Floats, rows: Rows) -> float:
    mine = values[rows]
    mine = mine[~np.isnan(mine)]
    return float(mine.mean(dtype=np.float64)) if len(mine) else math.nan


def _named(models: tuple[str, ...], values: Doubles) -> dict[str, float]:
    return dict(zip(models, values.tolist(), strict=True))


def _first(among: list[int], by: Doubles, then: Doubles) -> int:
    """Return the position with the least (by, then), NaN last and the earlier of equal ones; -1 if there is none."""
    return min(among, key=lambda m: (*_key(float(by[m])), *_key(float(then[m]))), default=-1)


def _key(value: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, value)


def _saving(quality: Doubles, cost: Doubles, best: int) -> float:
    """Return the share of the best model's cost that the cheapest mix of two models saves at KEPT of its quality.

    quality, cost : (k,) means over the same queries. One model is a mix of itself. As only one mean is held, no mix of more than
    two models is cheaper (a vertex of a linear programme with two constraints), so looking at all pairs is exact.
    """
    target = KEPT * quality[best]
    if not quality[best] > 0:
        return math.nan
    good = np.flatnonzero(quality >= target)
    poor = np.flatnonzero(quality < target)
    costs = cost[good]
    if len(poor):
        high, low = quality[good][:, None], quality[poor][None, :]
        weight = (target - low) / (high - low)  # of the good one, in (0, 1]: the mix has exactly the wanted quality
        costs = np.concatenate([costs, (weight * cost[good][:, None] + (1 - weight) * cost[poor][None, :]).ravel()])
    return _share(float(costs.min()), float(cost[best]))


def _share(cost: float, of: float) -> float:
    return 1.0 - cost / of if of > 0 else math.nan


def _oracle_cost(quality: list[Floats], cost: list[Floats], rows: Rows) -> float:
    """Return the mean over the rows of the least cost among the models with the highest quality there."""
    best = np.full(int(rows.sum()), -np.inf, dtype=np.float32)
    pay = np.full(len(best), np.inf, dtype=np.float32)
    for mine, price in zip(quality, cost, strict=True):
        q, c = mine[rows], price[rows]
        pay = np.where(q > best, c, np.where(q == best, np.minimum(pay, c), pay))
        best = np.maximum(best, q)
    return float(pay.mean(dtype=np.float64))


def _saving_words(before: Conclusions, after: Conclusions) -> Iterator[str]:
    named = f"the saving at {percent(KEPT)} of the best model's quality, by mixing two models at random,"
    for name, words in (("saving", named), ("bound", "the saving of an oracle (a bound)")):
        old, new = getattr(before, name), getattr(after, name)
        if _differs(old, new, percent(old), percent(new), 0.01):
            yield f"{words} {_verb(old, new)} from {percent(old)} to {percent(new)}"


def _verb(old: float, new: float) -> str:
    return "changes" if math.isnan(old) or math.isnan(new) else "shrinks" if new < old else "grows"


def _model_words(before: Conclusions, after: Conclusions) -> Iterator[str]:
    for name, words in (("best", "best model"), ("cheapest", "cheapest model")):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield f"{words} changes from {old or _UNKNOWN} to {new or _UNKNOWN}"
    gone, come = ([m for m in a.quality if m not in b.quality] for a, b in ((before, after), (after, before)))
    if gone or come:
        said = [f"no longer there: {listed(gone)}"] if gone else []
        yield "models " + ", ".join([*said, *([f"new: {listed(come)}"] if come else [])])
    yield from _means("quality", before.quality, after.quality, lambda value: percent(value, 1), lambda _old, _new: 0.001)
    if before.unit == after.unit:
        yield from _means("cost", before.cost, after.cost, lambda value: money(value, after.unit), _cost_digit)


def _means(name: str, before: Mapping[str, float], after: Mapping[str, float], shown: Shown, digit: Digit) -> Iterator[str]:
    """Yield the models whose mean changed, those that moved most first and the rest as a number."""
    moved: list[tuple[float, int, str]] = []
    for model in before:
        if model in after:
            old, new = before[model], after[model]
            if _differs(old, new, shown(old), shown(new), digit(old, new)):
                moved.append((-_moved(old, new), len(moved), model))
    moved.sort()
    for _, _, model in moved[:_MODELS_SHOWN]:
        yield f"mean {name} of {model}: {shown(before[model])} to {shown(after[model])}"
    if len(moved) > _MODELS_SHOWN:
        rest = len(moved) - _MODELS_SHOWN
        yield f"mean {name} of {rest:,} more model{'' if rest == 1 else 's'} changes"


def _moved(old: float, new: float) -> float:
    return math.inf if math.isnan(old) or math.isnan(new) else abs(new - old)


def _cost_digit(old: float, new: float) -> float:
    """Return the value of the last digit that a cost shows."""
    size = max(abs(value) for value in (old, new) if math.isfinite(value)) if math.isfinite(old) or math.isfinite(new) else 0.0
    return 10.0 ** (math.floor(math.log10(size)) - 2) if size > 0 else 0.0


def _differs(old: float, new: float, old_text: str, new_text: str, digit: float) -> bool:
    """Whether two figures differ as they are shown, and not only because they lie beside the edge of a rounding."""
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) != math.isnan(new)
    return old_text != new_text and abs(new - old) >= digit / 2
