"""What can be known of a set's models before a call and after it, as AUROC on the tested queries; and who wins on the set itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable, Parts
from data.problems import ProblemError
from strategies.engines.loop import Force, LoopView, State, replay
from strategies.engines.recorded import Columns
from strategies.lagrangian import LambdaRouter
from strategies.predictors.recorded import separation
from strategies.protocol import Doubles, Floats, Strategy
from strategies.registry import find
from strategies.study.curves import Fitted, fitted
from strategies.study.envelope import Envelope, envelope, spent
from strategies.study.phase import SHARES, Lead
from strategies.study.prepare import Study, hull_models
from strategies.uncertainty.bootstrap import weights

ROUTERS = ("foreseen-router", "knn-router", "task-router")  # the one that foresees best on calibrate says what can be known
CASCADE = "margin-cascade"
RESAMPLES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a set lies: mean AUROC over its models, NaN = not known. router : whose foresight it is; signals : what the cascade looks at.

    leads : how far the cascade is ahead of that router on the set itself at each budget of `SHARES`; empty where not measured.
    cheapest : the least share of the best single model's cost that can be spent.
    """

    ex_ante: float
    post_hoc: float
    router: str = ""
    signals: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()
    cheapest: float = float("nan")

    def lead(self, share: float | None) -> Lead | None:
        """Return the measured lead at a budget, None = over all budgets; None where it was not measured."""
        if not self.leads:
            return None
        return self.leads[-1] if share is None else self.leads[int(np.argmin(np.abs(SHARES - max(share, self.cheapest))))]


def place(study: Study) -> Place:
    """Return where a study's set lies on the phase diagram: fitted on fit, measured on test."""
    router, ahead = _ex_ante(study)
    cascade = _cascade(study)
    after, signals = (float("nan"), ()) if cascade is None else _post_hoc(study, cascade)
    known = Place(ex_ante=ahead, post_hoc=after, router="" if router is None else router.policy.card.id, signals=signals)
    if router is None or cascade is None or study.crossed or not study.drawable:
        return known
    leads, cheapest = _leads(study, router, cascade)
    return Place(
        ex_ante=ahead, post_hoc=after, router=known.router, signals=signals, leads=leads, cheapest=cheapest,
    )  # fmt: skip


def _ex_ante(study: Study) -> tuple[Fitted | None, float]:
    """Return the router that foresees best on calibrate, and the mean AUROC of its foresight on test."""
    tried = []
    for name in ROUTERS:
        kind = find(name)
        if kind().missing(study.table):
            continue
        try:
            fit = fitted(study, kind())
        except ProblemError:
            continue
        tried.append((_foresight(fit, [parts.calibrate for parts in study.parts]), fit))
    if not tried:
        return None, float("nan")
    best = max(tried, key=lambda each: each[0])[1]
    return best, _foresight(best, [parts.test for parts in study.parts])


def _foresight(fit: Fitted, parts: list[OutcomeTable]) -> float:
    """Return the mean AUROC over the models of what a router expects of each."""
    expected, quality = [], []
    for policy, part in zip(fit.policies, parts, strict=True):
        if isinstance(policy, LambdaRouter):
            expected.append(policy.estimate(LoopView(State(Columns(part)), policy.seed))[0])
            quality.append(np.stack([part.quality(m) for m in range(len(part.models))], axis=1))
    return _mean_auroc(np.concatenate(expected), np.concatenate(quality))


def _mean_auroc(score: Doubles | Floats, quality: Floats) -> float:
    """Return the mean over columns of the AUROC of (n, M) scores; models that are always right, or never, tell nothing."""
    found = []
    for said, right in zip(np.asarray(score, dtype=np.float32).T, quality.T, strict=True):
        known = ~(np.isnan(said) | np.isnan(right))
        if known.any() and 0 < right[known].mean() < 1:
            found.append(separation(said[known], right[known]))
    return float(np.mean(found)) if found else float("nan")


def _cascade(study: Study) -> Fitted | None:
    """Return the cascade along the models on the hull, fitted; None where there is nothing to look at."""
    return None if find(CASCADE)().missing(study.table) else fitted(study, _chained(hull_models(study)))


def _chained(models: tuple[str, ...]) -> Strategy:
    options: dict[str, Any] = {"chain": models}
    return find(CASCADE)(**options)


def _post_hoc(study: Study, cascade: Fitted) -> tuple[float, tuple[str, ...]]:
    """Return the mean AUROC over the models of what a cascade sees of each, and the signals that this cascade uses."""
    found = []
    for first in study.pool:
        other = study.pool[-1] if first != study.pool[-1] else study.pool[0]
        look = fitted(study, _chained((first, other)))
        runs = [replay(p, parts.test, force=Force(1, stop=False)) for p, parts in zip(look.policies, study.parts, strict=True)]
        scores = np.concatenate([run.score(1) for run in runs])
        right = np.concatenate([parts.test.quality(first) for parts in study.parts])
        found.append(_mean_auroc(scores[:, None], right[:, None]))
    known = [value for value in found if not np.isnan(value)]
    signals: tuple[str, ...] = cascade.policy.signals()  # type: ignore[attr-defined]
    return (float(np.mean(known)) if known else float("nan")), tuple(dict.fromkeys(signals))


def _leads(study: Study, router: Fitted, cascade: Fitted) -> tuple[tuple[Lead, ...], float]:
    """Return the cascade's lead at every budget, and last over all of them, with bootstrap intervals over the tested queries."""
    parts: Parts = study.parts[0]
    both = envelope(cascade.policy, parts), envelope(router.policy, parts)
    costs = study.tested.mean("cost_usd")
    cheapest = min(costs.values()) / costs[study.best] if costs[study.best] > 0 else 1.0
    budgets = SHARES * costs[study.best]
    counts = weights(len(study.rows), resamples=RESAMPLES, strata=study.strata)
    exact = np.ones((1, len(study.rows)), dtype=np.float32)
    drawn = exact if counts is None else np.concatenate([exact, counts.astype(np.float32)])
    gap = _resampled(both[0], drawn, budgets) - _resampled(both[1], drawn, budgets)
    had = cheapest <= SHARES
    gap = np.concatenate([gap, gap[:, had].mean(axis=1, keepdims=True)], axis=1)
    low, high = np.quantile(gap[1:], (0.025, 0.975), axis=0) if len(gap) > 1 else (np.full(gap.shape[1], np.nan),) * 2
    return tuple(Lead(float(m), float(a), float(b)) for m, a, b in zip(gap[0], low, high, strict=True)), float(SHARES[np.argmax(had)])


def _resampled(reached: Envelope, counts: Floats, budgets: Doubles) -> Doubles:
    """Return (R, B) quality at the budgets, a row a resample of the tested queries."""
    share = counts / counts.sum(axis=1, keepdims=True)
    cost = (share @ reached.per_query_cost).astype(np.float64)
    quality = (share @ reached.per_query_quality).astype(np.float64)
    return np.array([np.interp(budgets, c, q) for c, q in zip(spent(cost), quality, strict=True)])
