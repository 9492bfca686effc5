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

    @cached_property
    def last_round(self) -> Ints:
        """(N,) the round in which the last call was made, from 0."""
        return np.asarray(self.shown.stages.max(axis=1))

    @property
    def escalates(self) -> bool:
        """Whether any query made a second round of calls."""
        return bool((self.last_round > 0).any())

    @cached_property
    def escalated(self) -> Bools:
        """(N,) whether anybody was asked after the first round of calls."""
        return np.asarray(self.last_round > 0)

    @cached_property
    def kept_on(self) -> Floats:
        """(N,) the confidence on which the returned answer was kept, NaN where none was looked at: at the end of a chain, in a router."""
        own = np.full(len(self.right), np.nan, dtype=np.float32)
        for stage in range(1, self.shown.rounds.shape[1] + 1):
            own = np.where(self.last_round + 1 == stage, self.shown.score(stage), own)
        return own

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


def _enough(d: Decisions) -> Ints:
    """(N,) the first round in which somebody answered as well as what was returned."""
    stages, model, rows = d.shown.stages, np.maximum(d.shown.rounds, 0), np.arange(len(d.right))[:, None]
    as_good = (stages >= 0) & (d.everyone[rows, model] >= d.shown.quality[:, None])
    return np.asarray(np.where(as_good, stages, np.iinfo(stages.dtype).max).min(axis=1))


def _escalated_needlessly(d: Decisions) -> Bools:
    return np.asarray(_enough(d) < d.last_round)


def _after_enough(d: Decisions) -> Doubles:
    """Return (N,) the money that stopping there would have saved: the calls of all later rounds."""
    model, rows = np.maximum(d.shown.rounds, 0), np.arange(len(d.right))[:, None]
    prices = d.prices[rows, model].astype(np.float64)
    return np.asarray(np.where(d.shown.stages > _enough(d)[:, None], prices, 0.0).sum(axis=1))


def _missed(d: Decisions) -> Bools:
    """Wrong, and a model right that would have come next: in the chain where there is one, else a dearer one of the pool."""
    chain = tuple(getattr(d.shown.runs[0].policy, "chain", ()))
    place = np.arange(len(d.names))  # the pool is ordered cheap to dear
    later = np.isin(d.names, chain)[None, :] if chain else place[None, :] > d.shown.answer[:, None]
    return np.asarray(~d.right & (later & ~d.shown.called & (d.everyone >= RIGHT)).any(axis=1))


def _lucky(d: Decisions) -> Bools:
    known = d.kept_on[~np.isnan(d.kept_on)]
    return d.right & (d.kept_on < np.median(known)) if len(known) else np.zeros(len(d.right), dtype=np.bool_)


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
        _after_enough,
    ),
    "missed": ("Should have escalated", "It stopped on a wrong answer, and a model that comes next was right.", _missed, _paid),
    "lucky": ("Lucky", "It stopped on a right answer of less than median confidence.", _lucky, _paid),
    "hopeless": ("Hopeless", "No model in play is right.", lambda d: np.asarray(~(d.everyone >= RIGHT).any(axis=1)), _paid),
    "changed": ("Changed by the last move", "It takes another way than before the last move.", _changed, _paid),
    "oracle": ("Only the oracle", "Wrong here, although some model in play is right.", _beyond_reach, _paid),
}
