"""What a comparison of many strategies consists of: plain frozen values that can be sent between processes and written as JSON.

Every setting comes from calibrate and every figure from test. Which strategy looks best is a choice among many: the lead in AIQ
over the zero router has a lower bound that holds for all compared strategies at once (`Comparison.bounds`), and the best one's own figure
is corrected for having been chosen (`Comparison.best`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from strategies.protocol import Floats
from strategies.study.best import Best, best_of
from strategies.uncertainty.several import at_least

NAN = math.nan
LEVEL = 0.95
POINTS = ("at", "equal_quality", "equal_cost")
DRAWN = ("draws", "most", "least")
Status: TypeAlias = Literal["compared", "missing", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One setting of a strategy, chosen on calibrate for a goal and shown on the tested queries, with 95 % intervals.

    settings : knob -> value. met : whether the goal was met on calibrate; where not, this is the nearest there is.
    quality in [0, 1]; cost : mean per query in the study's unit; gap : quality less that of the best single model, paired.
    random : quality of the same model shares dealt to random queries (in closed form), random_cost what that costs; over_random :
    quality less that, paired. NaN = not known: a random control needs an answer of one of the models for every query. What a
    strategy pays beside its calls (repeated samples, self-checks) is in its own cost only.
    """

    settings: Mapping[str, float]
    met: bool
    quality: float
    quality_low: float
    quality_high: float
    cost: float
    cost_low: float
    cost_high: float
    gap: float
    gap_low: float
    gap_high: float
    random: float
    random_cost: float
    over_random: float
    over_random_low: float
    over_random_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One strategy. said : what this data lacks for it (missing), or what went wrong (failed); the figures are then absent.

    cost, quality : (V,) its frontier: policies chosen on calibrate (all knobs together), shown on test, cost ascending; empty
    where too few queries were tested for curves. aiq, lead : over the common range, and its lead over the zero router; draws :
    (B,) resampled errors of the lead, most and least of the AIQ (`strategies.study.scores.Lead`), empty where not known. at : the goal
    that a fresh strategy starts with; equal_quality : the least cost that keeps the best single model's quality; equal_cost : the best
    quality for at most its cost.
    saving : 1 - cost at equal quality / cost of the best single model; NaN where no setting reaches its quality on calibrate.
    kept : "at", "equal_quality", "equal_cost" -> (n,) quality and cost of the tested queries there; empty for very many.
    fit_s : seconds to fit, all splits together. decide_us : microseconds a query, features given. peak_mib : memory needed on top.
    """

    id: str
    title: str
    family: str
    status: Status
    own: bool = False
    said: str = ""
    cost: tuple[float, ...] = ()
    quality: tuple[float, ...] = ()
    aiq: float = NAN
    lead: float = NAN
    draws: tuple[float, ...] = ()
    most: tuple[float, ...] = ()
    least: tuple[float, ...] = ()
    at: Point | None = None
    equal_quality: Point | None = None
    equal_cost: Point | None = None
    saving: float = NAN
    fit_s: float = NAN
    decide_us: float = NAN
    peak_mib: float = NAN
    kept: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain values, without what it keeps of single queries; NaN stays NaN."""
        plain = asdict(replace(self, kept={}))
        del plain["kept"]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Row:
        """Return the row of plain values."""
        points = {name: Point(**plain[name]) for name in POINTS if plain[name] is not None}
        lists = {name: tuple(plain[name]) for name in ("cost", "quality", *DRAWN)}
        return cls(**{**plain, **points, **lists})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What every strategy is measured against, on the tested queries.

    best : the single model that was best on the fit part; zero_aiq : AIQ of blind mixing; low, high : the common cost range;
    random_quality, random_cost : any model with the same probability.
    """

    best: str
    best_name: str
    best_quality: float
    best_low: float
    best_high: float
    best_cost: float
    zero_aiq: float
    low: float
    high: float
    random_quality: float
    random_cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a comparison rests on, for whoever takes it away."""

    data: str
    kind: str
    fingerprint: str
    models: tuple[str, ...]
    cost_unit: str
    assumed: bool
    split: str
    seed: int
    tested: int
    keep: float
    versions: Mapping[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """All rows so far. asked : ids of what is compared, in order; running : titles of what is under way; stopped : ended before its end.

    nodes : of the cluster that measures, 0 = this computer; again : how often a strategy was begun anew, its worker or node being gone.
    """

    about: About
    reference: Reference
    asked: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    running: tuple[str, ...] = ()
    stopped: bool = False
    nodes: int = 0
    again: int = 0

    @cached_property
    def compared(self) -> tuple[Row, ...]:
        """The rows with figures, highest AIQ first; those without one last."""
        known = [row for row in self.rows if row.status == "compared"]
        return tuple(sorted(known, key=lambda row: (math.isnan(row.aiq), 0.0 if math.isnan(row.aiq) else -row.aiq, row.title)))

    @cached_property
    def absent(self) -> tuple[Row, ...]:
        """The rows without figures: what cannot run here first, then what broke."""
        return tuple(sorted((row for row in self.rows if row.status != "compared"), key=lambda row: (row.status != "missing", row.title)))

    def row(self, identity: str) -> Row | None:
        """Return one strategy's row, or None while there is none."""
        return next((row for row in self.rows if row.id == identity), None)

    @cached_property
    def bounds(self) -> dict[str, float]:
        """Return id -> one-sided 95 % lower bound of the lead in AIQ over the zero router, for all rows at once; NaN where not known.

        Picking the best of many flatters it, and so does drawing hulls through noisy points: with 95 % chance none of the bounds is too
        high. From what chance does to the hulls (`areas`) in resamples that all rows share, by `several.at_least`.
        """
        return _bounds(self.compared)

    @cached_property
    def best(self) -> Best | None:
        """The best of the compared strategies, corrected for having been chosen; None where fewer than two can be ranked."""
        return best_of(self.compared)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values, without the resamples; NaN stays NaN. may_be_best : None where nothing is known of that."""
        best = self.best
        rows = [{**row.to_json(), "lead_at_least": self.bounds.get(row.id, NAN)} for row in (*self.compared, *self.absent)]
        for row in rows:
            row["may_be_best"] = None if best is None or row["id"] not in best.ranked else row["id"] in (best.id, *best.tied)
            for name in DRAWN:
                del row[name]
        told = {"about": asdict(self.about), "reference": asdict(self.reference), "stopped": self.stopped}
        return {**told, "best": None if best is None else asdict(best), "strategies": rows}


def _bounds(rows: tuple[Row, ...]) -> dict[str, float]:
    known = [row for row in rows if row.draws and not math.isnan(row.lead)]
    bounds = dict.fromkeys((row.id for row in rows), NAN)
    if not known:
        return bounds
    _, least = at_least([row.lead for row in known], np.array([row.draws for row in known]).T, level=LEVEL)
    return bounds | {row.id: float(each) for row, each in zip(known, least, strict=True)}
