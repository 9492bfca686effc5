"""Every single decision as a table, and the quick sets: queries worth looking at, each with one formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.outcomes import Parts
from data.problems import refuse
from strategies.protocol import Bools, Doubles, Floats, Ints, Strategy
from strategies.study.curves import Fitted, Shown

RIGHT = 0.5  # graded quality counts as right from here on; shown beside the sets


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickSet:
    """A set of queries: its (N,) mask, and the money that hangs on it (NaN = cost not known)."""

    id: str
    title: str
    meaning: str
    mask: Bools
    cost: float

    @property
    def count(self) -> int:
        """How many queries."""
        return int(self.mask.sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class Decisions:
    """What a policy did on the N tested queries, beside what all models would have said."""

    shown: Shown
    before: Shown | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the models in play."""
        return self.shown.study.pool

    @cached_property
    def everyone(self) -> Floats:
        """(N, M) quality of every model: what is known afterwards, never by the strategy."""
        return self._stacked("quality")

    @cached_property
    def prices(self) -> Floats:
        """(N, M) cost of every model's call."""
        return self._stacked("cost_usd")

    @cached_property
    def right(self) -> Bools:
        """(N,) whether the returned answer counts as right."""
        return self.shown.quality >= RIGHT

    @cached_property
    def confidence(self) -> Floats:
        """(N,) the last score that was compared before the answer was returned, NaN where there was none."""
        last = np.full(len(self.right), np.nan, dtype=np.float32)
        for stage in range(1, self.shown.rounds.shape[1] + 1):
            score = self.shown.score(stage)
            last = np.where(np.isnan(score), last, score)
        return last

    @property
    def escalates(self) -> bool:
        """Whether any query made a second round of calls."""
        return any(event.stage for run in self.shown.runs for event in run.events)

    @cached_property
    def escalated(self) -> Bools:
        """(N,) whether anybody was asked after the first round of calls."""
        masks = []
        for run in self.shown.runs:
            later = np.zeros(run.n, dtype=np.bool_)
            for event in run.events:
                if event.stage:
                    later[slice(None) if event.rows is None else event.rows] = True
            masks.append(later)
        return np.concatenate(masks)

    @cached_property
    def regret(self) -> Doubles:
        """(N,) cost above the cheapest model that was as good as the returned answer; 0 where none was cheaper."""
        as_good = self.everyone >= self.shown.quality[:, None]
        cheapest = np.where(as_good, self.prices, np.inf).min(axis=1)
        return np.maximum(self.shown.cost - np.where(np.isinf(cheapest), self.shown.cost, cheapest), 0.0)

    def sets(self) -> dict[str, QuickSet]:
        """Return the quick sets by id, in the order in which they are shown."""
        found: dict[str, QuickSet] = {}
        for identity, (title, meaning, rule, money) in _SETS.items():
            mask = rule(self)
            if identity == "changed" and self.before is None:
                continue
            found[identity] = QuickSet(
                id=identity, title=title, meaning=meaning, mask=mask, cost=float(money(self)[mask].sum(dtype=np.float64))
            )
        return found

    def _stacked(self, field: str) -> Floats:
        tested = self.shown.study.tested
        return np.stack([tested.column(field, m) for m in range(len(tested.models))], axis=1)


def what_changed(now: Shown, before: Shown) -> Mapping[str, int]:
    """Return counts of the last move: stop earlier (and of them now wrong), go on longer (and now right), answer changed."""
    calls, old = now.called.sum(axis=1), before.called.sum(axis=1)
    right, was = now.quality >= RIGHT, before.quality >= RIGHT
    earlier, longer = calls < old, calls > old
    return {
        "earlier": int(earlier.sum()),
        "earlier_wrong": int((earlier & was & ~right).sum()),
        "longer": int(longer.sum()),
        "longer_right": int((longer & right & ~was).sum()),
        "rerouted": int(((now.answer != before.answer) & (calls == old)).sum()),
        "now_right": int((right & ~was).sum()),
        "now_wrong": int((was & ~right).sum()),
    }


def policy_at(fit: Fitted, position: int) -> tuple[Strategy, Parts, int]:
    """Return the policy that decided the tested query at a position, the split that it was fitted on, and the row in its test part."""
    for policy, parts in zip(fit.policies, fit.study.parts, strict=True):
        if position < len(parts.test):
            return policy, parts, position
        position -= len(parts.test)
    raise refuse("there is no such tested query.", "Choose one from the table.")


def _escalated_needlessly(d: Decisions) -> Bools:
    rounds, quality = d.shown.rounds, d.everyone
    needless = np.zeros(len(rounds), dtype=np.bool_)
    rows = np.arange(len(rounds))
    for place in range(rounds.shape[1]):
        model = rounds[:, place]
        earlier = (model >= 0) & (model != d.shown.answer)
        needless |= earlier & (quality[rows, np.maximum(model, 0)] >= d.shown.quality)
    return needless


def _earlier_was_enough(d: Decisions) -> Doubles:
    """Money that would have been saved: what was paid beyond the cheapest called model that was as good."""
    as_good = (d.everyone >= d.shown.quality[:, None]) & d.shown.called
    least = np.where(as_good, d.prices, np.inf).min(axis=1)
    return np.asarray(d.shown.cost - np.where(np.isinf(least), d.shown.cost, least), dtype=np.float64)


def _missed(d: Decisions) -> Bools:
    dearer_right = np.zeros(len(d.right), dtype=np.bool_)
    for m in range(len(d.names)):
        later = ~d.shown.called[:, m] & (m > d.shown.answer)  # the pool is ordered cheap to dear
        dearer_right |= later & (d.everyone[:, m] >= RIGHT)
    return ~d.right & dearer_right


def _lucky(d: Decisions) -> Bools:
    confident = d.confidence
    if np.isnan(confident).all():
        return np.zeros(len(d.right), dtype=np.bool_)
    return d.right & (confident < np.nanmedian(confident))


def _changed(d: Decisions) -> Bools:
    if d.before is None:
        return np.zeros(len(d.right), dtype=np.bool_)
    return np.asarray((d.before.answer != d.shown.answer) | (d.before.called != d.shown.called).any(axis=1))


def _paid(d: Decisions) -> Doubles:
    return d.shown.cost.astype(np.float64)


def _beyond_reach(d: Decisions) -> Bools:
    return np.asarray(~d.right & (d.everyone >= RIGHT).any(axis=1))


_SETS: dict[str, tuple[str, str, Callable[[Decisions], Bools], Callable[[Decisions], Doubles]]] = {
    "wrong": ("Wrong", "The returned answer is wrong.", lambda d: ~d.right, _paid),
    "needless": (
        "Needless escalation",
        "It went on, and an earlier answer was as good as the final one.",
        _escalated_needlessly,
        _earlier_was_enough,
    ),
    "missed": ("Should have escalated", "It stopped on a wrong answer, and a dearer model was right.", _missed, _paid),
    "lucky": ("Lucky", "A right answer although its confidence was below the median.", _lucky, _paid),
    "hopeless": ("Hopeless", "No model in play is right.", lambda d: np.asarray(~(d.everyone >= RIGHT).any(axis=1)), _paid),
    "changed": ("Changed by the last move", "It takes another way than before the last move.", _changed, _paid),
    "oracle": ("Only the oracle", "Wrong here, although some model in play is right.", _beyond_reach, _paid),
}


def order_of(mask: Bools, by: Floats | Ints | Doubles) -> Ints:
    """Return positions of the set's queries, the largest of `by` first."""
    rows = np.flatnonzero(mask)
    return rows[np.argsort(-np.nan_to_num(by[rows].astype(np.float64)), kind="stable")]
