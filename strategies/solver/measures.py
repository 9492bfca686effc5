"""What a question asks of every query, as numbers: the objective, and for every limit a margin whose mean has to be positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from strategies.protocol import Doubles
from strategies.solver.goals import TAIL, Limit, Question
from strategies.solver.lines import Half, Line, Measure, Seen

if TYPE_CHECKING:
    from data.outcomes import OutcomeTable


@dataclass(frozen=True, eq=False, kw_only=True)
class Against:
    """What policies are measured against, fixed before any search: positions of models, and the dearest call seen of each on fit.

    best : the best single model. worthiest : the one worth most at the question's value. dearest : (M,) most that a call of each
    model cost on fit. binary : every quality is 0 or 1.
    """

    best: int
    worthiest: int
    dearest: Doubles
    models: tuple[str, ...]
    binary: bool

    @classmethod
    def of(cls, fit: OutcomeTable, best: str, question: Question) -> Against:
        """Return the yardsticks of a question, from the fit part."""
        quality, cost = (np.array(list(fit.mean(name).values())) for name in ("quality", "cost_usd"))
        worth = quality * (question.value or 0.0) - cost
        dearest = np.nanmax(fit.numbers["cost_usd"], axis=0).astype(np.float64)
        binary = bool(np.isin(fit.numbers["quality"], (0.0, 1.0)).all())
        return cls(best=fit.index(best), worthiest=int(worth.argmax()), dearest=dearest, models=fit.models, binary=binary)

    def ceiling(self, line: Line, k: int) -> float:
        """Return what no bill of a policy of this line is assumed to pass: twice the dearest calls seen of the models that it may ask."""
        asked = [self.models.index(name) for name in line.asked(k) if name in self.models] or range(len(self.models))
        bills = self.dearest[list(asked)]
        return float(bills.max() if line.one_call else bills.sum()) * _HEADROOM


_HEADROOM = 2.0  # now and then a call is dearer than any on fit; priced signals come on top


def objective(question: Question) -> Measure:
    """Return the measure that is to be small."""
    if question.aim == "quality":
        return lambda seen, _: -seen.quality.astype(np.float64)
    if question.aim == "worth":
        value = question.value or 0.0
        return lambda seen, _: seen.cost.astype(np.float64) - value * seen.quality
    name = question.aim
    return lambda seen, _: np.asarray(getattr(seen, name), dtype=np.float64)


def margin(limit: Limit, against: Against) -> Measure:
    """Return the measure whose mean is positive where the limit holds."""
    at = limit.at
    if limit.kind == "keep":
        return lambda seen, half: seen.quality.astype(np.float64) - at * half.alone(against.best).quality
    if limit.kind == "quality":
        return lambda seen, _: seen.quality.astype(np.float64) - at
    if limit.kind == "cost":
        return lambda seen, _: at - seen.cost.astype(np.float64)
    if limit.kind == "p95":
        return lambda seen, _: np.where(np.isnan(seen.latency), np.nan, TAIL - (seen.latency > at).astype(np.float64))

    def worth(seen: Seen, half: Half) -> Doubles:
        other = half.alone(against.worthiest)
        return np.asarray(at * (seen.quality.astype(np.float64) - other.quality) - (seen.cost.astype(np.float64) - other.cost))

    return worth


def least(limit: Limit, line: Line, k: int, against: Against) -> float:
    """Return what no margin of a query falls below; under 0."""
    if limit.kind in {"keep", "quality"}:
        return -limit.at
    if limit.kind == "p95":
        return TAIL - 1
    bill = against.ceiling(line, k)
    return min((limit.at if limit.kind == "cost" else -limit.at) - bill, -1e-12)


def definite(limit: Limit, line: Line, k: int, against: Against) -> bool:
    """Whether a limit holds by its definition: the model that it is measured against keeps itself."""
    reference = {"keep": against.best, "worth": against.worthiest}.get(limit.kind, -1)
    return line.id == "single" and k == reference


def counted(limit: Limit, line: Line, against: Against) -> bool:
    """Whether every margin has one of two values, so that the binomial tail is exact."""
    return not line.mixed and (limit.kind == "p95" or (limit.kind == "quality" and against.binary))


def possible(limit: Limit, line: Line) -> bool:
    """Whether a limit can be told of a line: the quantile of a mixture is not the mixture of its outcomes' seconds."""
    return not (limit.kind == "p95" and line.mixed)
