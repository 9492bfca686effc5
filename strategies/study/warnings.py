"""What a reader has to be told beside a figure without asking, as data: which warning, how grave, its numbers and names. Words live apart.

id                    numbers (names)
tuned-on-test         queries (knobs): set while looking at the tested queries
tuned-crossed         queries (knobs): five-way cross-fitting chooses a setting on the queries it is shown on, though nothing learns there
best-of-many          candidates, shown, corrected, bound, level: the best of several on the same queries (winner's curse)
few-queries           queries, least, half: half the width of the exact interval of a half
setting-extrapolated  setting, low, high (the knob): outside what calibrate saw
cost-extrapolated     cost, low, high, error: test costs more or less than any setting did on calibrate, by more than two standard errors
mix-unlike            distance, limit, unseen (tasks): the mix of tasks is not that on which the settings were chosen
judge-error           error, low, high: quality was scored by a judge; the truth of a mean quality lies between, NaN where not known
simulated-judge       error (NaN where the policy declares none): the policy asks a judge that was made from the truth
knows-truth           the policy is a bound, no strategy
simulated             models, of (models): nothing was asked or answered, or these models were derived
missing               coverage, queries, models (models): left out because an answer or a cost is not known
assumed-prices        models, of (models): a cost rests on an assumption
assumed-energy        models, of (models): an energy figure does
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import listed, refuse
from data.simulator.world import MARK
from strategies.knobs import setting
from strategies.protocol import Doubles
from strategies.study.curves import Curves, Fitted, sweepable
from strategies.study.prepare import CURVES_FROM, Study
from strategies.uncertainty.exact import exact
from strategies.uncertainty.winner import Winner

Severity: TypeAlias = Literal["serious", "caution", "note"]
SEVERITIES: tuple[Severity, ...] = ("serious", "caution", "note")
IDS = (
    "tuned-on-test", "tuned-crossed", "best-of-many", "few-queries", "setting-extrapolated", "cost-extrapolated", "mix-unlike",
    "judge-error", "simulated-judge", "knows-truth", "simulated", "missing", "assumed-prices", "assumed-energy",
)  # fmt: skip
WORLD = "simulated"  # the scorer of a world in which nothing was recorded
UNLIKE = 0.1  # share of the queries that would have to change their task
_SPREADS = 2.0  # standard errors that chance may take
_WELL_COVERED = 0.95
_SMALL = 0.1  # of the distance to the bound: a correction that nobody would see
_CHOSEN_OUT = ("not chosen", "one of many")  # reasons of models that were left out on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One warning. id : one of IDS. numbers, names : what its sentence is made from, as listed at the top of this file."""

    id: str
    severity: Severity
    numbers: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def cautions(
    study: Study, fit: Fitted | None = None, *, picked: Sequence[str] = (), drawn: Curves | None = None, best: Winner | None = None,
    mix: Mapping[str, float] | None = None, judge_error: float = math.nan, energy: Mapping[str, str] | None = None,
) -> tuple[Caution, ...]:  # fmt: skip
    """Return all that has to be said of figures on the study's tested queries, the gravest first, then in the order of IDS.

    fit : the policy shown. picked : its knobs that were set on a tested query or the test curve. drawn : the curves of the knob that is
    dragged. best : the winner, where the figure is the best of several. mix : task -> weight, where figures are for another mix than the
    tested queries'. judge_error : share of wrong verdicts of whoever scored quality. energy : model -> tier of its energy figure.
    Raises ProblemError for tasks or a share of verdicts that cannot be.
    """
    found = [*_of_data(study, judge_error, energy or {}), *_of_mix(study, mix)]
    found += [] if fit is None else _of_policy(study, fit, picked, drawn)
    found += [] if best is None else _of_choice(best)
    return tuple(sorted(found, key=lambda each: (SEVERITIES.index(each.severity), IDS.index(each.id))))


def _of_data(study: Study, judge_error: float, energy: Mapping[str, str]) -> list[Caution]:
    n, cards = len(study.rows), study.table.cards
    found = []
    if n < CURVES_FROM:
        half = exact(n // 2, n)
        numbers = {"queries": n, "least": CURVES_FROM, "half": (half.high - half.low) / 2}
        found.append(Caution(id="few-queries", severity="serious", numbers=numbers))
    if study.whole.origin.kind == "simulated":
        derived = tuple(name for name in study.pool if name.endswith(MARK) and study.whole.origin.scorer != WORLD)
        made = derived or study.pool  # none of them in play, or a whole world
        found.append(Caution(id="simulated", severity="caution", numbers=_of(made, study), names=derived))
    priced = study.table.cost_unit == "USD"
    assumed = tuple(card.name for card in cards if card.tier == "assumed" or not priced)
    for name, models in (("assumed-prices", assumed), ("assumed-energy", tuple(m for m in study.pool if energy.get(m) == "assumed"))):
        if models:
            found.append(Caution(id=name, severity="caution", numbers=_of(models, study), names=models))
    return [*found, *_judged_by(study, judge_error), *_missing(study)]


def _of(models: Sequence[str], study: Study) -> dict[str, float]:
    return {"models": len(models), "of": len(study.pool)}


def _missing(study: Study) -> list[Caution]:
    """Return what was left out for want of answers or costs; models left out on purpose are no warning."""
    lacking = tuple(left.model for left in study.left_out if not left.reason.startswith(_CHOSEN_OUT))
    gone = len(study.whole) - len(study.table)
    if not gone and not lacking:
        return []
    numbers = {"coverage": study.coverage, "queries": gone, "models": len(lacking)}
    return [Caution(id="missing", severity="note" if study.coverage >= _WELL_COVERED else "caution", numbers=numbers, names=lacking)]


def _judged_by(study: Study, error: float) -> list[Caution]:
    """Return the warning of quality that a judge scored.

    Of verdicts of which a share e is wrong, a mean quality q comes from a truth between q - e and q + e. The best model's is shown.
    """
    if not math.isnan(error) and not 0 <= error <= 1:
        raise refuse(f"a judge cannot err in {error:g} of its verdicts.", "Give a share between 0 and 1; NaN = not known.")
    if math.isnan(error) and "judge" not in study.whole.origin.scorer.lower():
        return []
    shown = study.tested.mean("quality")[study.best]
    low, high = (min(max(shown + sign * error, 0.0), 1.0) for sign in (-1, 1)) if not math.isnan(error) else (math.nan, math.nan)
    return [Caution(id="judge-error", severity="caution", numbers={"error": error, "low": low, "high": high}, names=(study.best,))]


def _of_mix(study: Study, mix: Mapping[str, float] | None) -> list[Caution]:
    """Return the warning of a mix of tasks unlike that of calibrate: the total variation distance, beyond what chance explains."""
    names = study.table.queries.task_names
    if study.table.queries.tasks is None:
        return []
    seen, n = _shares(study.table if study.crossed else study.parts[0].calibrate, len(names))
    shown, m = _typed(mix, names) if mix is not None else _shares(study.tested, len(names))
    distance = float(np.abs(shown - seen).sum() / 2)
    both = (n * seen + m * shown) / (n + m) if math.isfinite(m) else shown
    chance = float(np.sqrt(2 / np.pi * both * (1 - both) * (1 / n + 1 / m)).sum() / 2)  # of two draws from one mix, on average
    limit = max(UNLIKE, _SPREADS * chance)
    if distance <= limit:
        return []
    apart = np.argsort(-np.abs(shown - seen))[:3]
    numbers = {"distance": distance, "limit": limit, "unseen": float(shown[seen == 0].sum())}
    return [Caution(id="mix-unlike", severity="caution", numbers=numbers, names=tuple(names[t] for t in apart if shown[t] != seen[t]))]


def _shares(table: OutcomeTable, tasks: int) -> tuple[Doubles, float]:
    counts = np.bincount(np.asarray(table.queries.tasks), minlength=tasks)
    return counts / counts.sum(), float(counts.sum())


def _typed(mix: Mapping[str, float], names: tuple[str, ...]) -> tuple[Doubles, float]:
    strange = sorted(set(mix) - set(names))
    weights = np.array([mix.get(name, 0.0) for name in names], dtype=np.float64)
    if strange or not (weights >= 0).all() or not 0 < weights.sum() < math.inf:
        said = f"there is no task {strange[0]!r}" if strange else "weights of tasks are numbers from 0 on, not all 0"
        raise refuse(f"{said}.", f"Tasks: {listed(names)}.")
    return weights / weights.sum(), math.inf


def _of_policy(study: Study, fit: Fitted, picked: Sequence[str], drawn: Curves | None) -> list[Caution]:
    card, knobs = fit.policy.card, sweepable(fit.policy)
    found, n = [], {"queries": float(len(study.rows))}
    if card.bound:
        found.append(Caution(id="knows-truth", severity="serious"))
    if card.judged:
        numbers = {"error": float(getattr(fit.policy, "error", math.nan))}
        found.append(Caution(id="simulated-judge", severity="serious", numbers=numbers))
    chosen = tuple(name for name in picked if name in knobs)
    if chosen:
        found.append(Caution(id="tuned-on-test", severity="serious", numbers=n, names=chosen))
    elif study.crossed and knobs:
        found.append(Caution(id="tuned-crossed", severity="note", numbers=n, names=knobs))
    return found if drawn is None else [*found, *_extrapolated(fit, drawn)]


def _extrapolated(fit: Fitted, drawn: Curves) -> list[Caution]:
    """Return where the shown point lies outside what calibrate saw: its setting, or its cost by more than chance explains."""
    knob, seen = drawn.chosen.knob, drawn.chosen.setting
    at, low, high = setting(fit.policy, knob), float(seen[0]), float(seen[-1])
    found = []
    if not low <= at <= high:
        numbers = {"setting": at, "low": low, "high": high}
        found.append(Caution(id="setting-extrapolated", severity="caution", numbers=numbers, names=(knob,)))
    paid = drawn.shown.per_query(np.array([at]), "cost")[:, 0].astype(np.float64)
    cost, error = float(paid.mean()), float(paid.std()) / math.sqrt(max(len(paid), 1))
    known = drawn.chosen.cost_usd[~np.isnan(drawn.chosen.cost_usd)]
    if len(known) and not math.isnan(cost) and not known.min() - _SPREADS * error <= cost <= known.max() + _SPREADS * error:
        numbers = {"cost": cost, "low": float(known.min()), "high": float(known.max()), "error": error}
        found.append(Caution(id="cost-extrapolated", severity="caution", numbers=numbers))
    return found


def _of_choice(best: Winner) -> list[Caution]:
    if best.candidates < 2:
        return []
    seen = abs(best.optimism) > _SMALL * abs(best.shown - best.bound)
    numbers = {"candidates": best.candidates, "shown": best.shown, "corrected": best.corrected, "bound": best.bound, "level": best.level}
    return [Caution(id="best-of-many", severity="caution" if seen else "note", numbers=numbers)]
