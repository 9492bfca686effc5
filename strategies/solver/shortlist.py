"""From every searched policy to a short path, safest first: at every level of safety, the policy of the best objective.

This is Pareto testing (arXiv 2210.07913): what is tested later, and in which order, is settled on the search half alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.protocol import Doubles
from strategies.solver.goals import Question
from strategies.solver.lines import Line
from strategies.solver.measures import Against, definite, margin, objective, possible
from strategies.solver.search import Searched

# In standard errors of the certify half: how safe the limits look. Close together where a proof is won or lost.
_SAFETY = np.concatenate([[np.inf], np.arange(12, 5, -1.0), np.arange(5, -1.01, -0.125)])


@dataclass(frozen=True, eq=False, kw_only=True)
class Place:
    """A policy on the path: a line and a setting of it. aim : its objective on the search half (small is good). safety : in errors.

    spread : standard deviations of the margins of the question's `proved` limits there.
    """

    line: Line
    k: int
    aim: float
    safety: float
    spread: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Points:
    """Every searched policy as it looks on the search half, (P,) each; `spread` (P, limits). Where a figure is unknown: aim inf.

    reach : the smallest mean margin of its limits, each as a part of what the limit asks for.
    """

    line: Doubles
    k: Doubles
    aim: Doubles
    safety: Doubles
    reach: Doubles
    spread: Doubles


def points(searched: Searched, question: Question, against: Against) -> Points:
    """Return all policies with their objective and how safe the limits look."""
    rows = [_of_line(line, at, searched, question, against) for at, line in enumerate(searched.lines)]
    line, k, aim, safety, reach = (np.concatenate([row[i] for row in rows]) for i in range(5))
    return Points(line=line, k=k, aim=aim, safety=safety, reach=reach, spread=np.concatenate([row[5] for row in rows]))


def path(found: Points, searched: Searched) -> tuple[Place, ...]:
    """Return the policies to be tested, safest first; each has a better objective than all before it.

    Where no policy looks as if it might keep the limits, the one that comes nearest to them.
    """
    # As float32: what differs by rounding only is the same, and of the same the line that was searched first counts, the simplest.
    aims, safe, reach = (values.astype(np.float32) for values in (found.aim, found.safety, found.reach))
    known = np.isfinite(aims)
    hopeless = np.where(known, safe, -np.inf) < _SAFETY[-1]
    order = np.lexsort((aims, -reach, ~known))[:1] if hopeless.all() else np.lexsort((aims, -safe))
    aim = aims[order]
    best = np.minimum.accumulate(aim)
    leads = np.flatnonzero(np.isfinite(aim) & (np.append(True, best[1:] < best[:-1])))
    safety = found.safety[order][leads]
    last = np.searchsorted(-safety, -_SAFETY, side="right") - 1  # the boldest that is still as safe as this
    steps = np.unique(np.append(last[last >= 0], 0 if len(leads) else [])).astype(np.intp)
    chosen = order[leads[steps]] if len(leads) else order[:0]
    return tuple(
        Place(
            line=searched.lines[int(found.line[i])], k=int(found.k[i]), aim=float(found.aim[i]), safety=float(found.safety[i]),
            spread=tuple(found.spread[i].tolist()),
        )
        for i in chosen
    )  # fmt: skip


def _of_line(line: Line, at: int, searched: Searched, question: Question, against: Against) -> tuple[Doubles, ...]:
    count, limits = len(line), question.proved
    aim = line.means(objective(question))
    aim = np.where(np.isnan(aim), np.inf, aim)
    safety, reach, spread = np.full(count, np.inf), np.full(count, np.inf), np.zeros((count, len(limits)))
    for j, limit in enumerate(limits):
        if not possible(limit, line):
            aim = np.full(count, np.inf)
            continue
        each = margin(limit, against)
        mean = line.means(each)
        square = line.means(lambda seen, half, each=each: each(seen, half) ** 2)  # type: ignore[misc]
        n = len(searched.roles.search)
        spread[:, j] = np.sqrt(np.maximum(square - mean**2, 0.0) + square / n + 1e-18)  # no spread seen is not no spread
        errors = np.array([np.inf if definite(limit, line, k, against) else np.nan for k in range(count)]) if line.id == "single" else None
        reach = np.minimum(reach, np.where(np.isnan(mean), -np.inf, mean / limit.at))
        z = mean / spread[:, j] * np.sqrt(len(searched.roles.certify))
        z = np.where(np.isnan(z), -np.inf, z)
        safety = np.minimum(safety, z if errors is None else np.where(np.isnan(errors), z, errors))
    aim = np.where(np.isneginf(safety), np.inf, aim)
    return np.full(count, at, dtype=np.float64), np.arange(count, dtype=np.float64), aim, safety, reach, spread
