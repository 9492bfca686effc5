"""One figure of a policy on a part of a study, with its interval: what making a claim and recomputing it share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.claims.sides import Side
from strategies.claims.values import Compared, Stated, Strata
from strategies.metrics.base import Metric
from strategies.metrics.declared import metric
from strategies.metrics.facts import Done, mean, pool_of
from strategies.protocol import Doubles
from strategies.uncertainty.bootstrap import weights
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Interval, tails
from strategies.uncertainty.resample import RESAMPLES as MANY_RESAMPLES

FEW, FEW_RESAMPLES, RESAMPLES = 100, 1_000, 400  # what cards draw for under 100 queries, and else
_BLOCK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How an interval is to be drawn. resamples : 0 = 400, under 100 queries 1,000. strata : "task" keeps the mix of tasks."""

    level: float = 0.95
    resamples: int = 0
    seed: int = 0
    strata: Strata = ""

    def drawn(self, table: OutcomeTable) -> Any:
        """Return (B, n) bootstrap counts of a table's queries, None above 50,000."""
        tasks = table.queries.tasks if self.strata == "task" else None
        more = {} if tasks is None else {"strata": tasks}
        return weights(len(table), resamples=self.count(len(table)), seed=self.seed, **more)

    def count(self, n: int) -> int:
        """Return how many resamples n queries get."""
        return self.resamples or (FEW_RESAMPLES if n < FEW else RESAMPLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its interval, None where none is defined for it. n : queries it rests on; shown : hash of them and their outcomes."""

    value: float
    interval: Stated | None
    n: int
    unit: str
    shown: str


def figure(
    one: Side,
    name: str,
    *,
    options: Mapping[str, Any] | None = None,
    against: Side | None = None,
    compared: Compared = "",
    swept: str = "",
    draw: Resampling | None = None,
) -> Figure:
    """Return a metric of one side, or of two compared, with its interval.

    Intervals are for means over queries and latency quantiles: percentile bootstrap over queries, the same queries drawn for both
    sides; exact (Clopper-Pearson) for under 100 queries of 0/1 values. Other figures have none here. Raises ProblemError for an
    unknown metric or option, one that no one can recompute (a time measured here), or one that is undefined on this data.
    """
    chosen, how = known(name, options or {}), draw or Resampling()
    sides = [one] if against is None else [one, against]
    _allowed(chosen, sides, compared, swept)
    values = [_value(each, chosen, options or {}, swept) for each in sides]
    value = values[0] if against is None else _joined(compared, np.array(values[0]), np.array(values[1]))
    if not np.isfinite(float(value)):
        raise refuse(f"{chosen.id} is not known on this data, so there is nothing to claim.", "Choose a figure that is shown.")
    found = None if swept else _interval(sides, chosen, options or {}, compared=compared, how=how, value=float(value))
    shown = _hashed(one.table, [] if swept else [side.done for side in sides])
    return Figure(value=float(value), interval=found, n=len(one.table), unit=unit_of(chosen, one.study.table, compared), shown=shown)


def _hashed(table: OutcomeTable, done: list[Done]) -> str:
    """Return a hash of the shown queries' ids, in order, and of what each policy made of each, 16 hex digits."""
    state = hashlib.blake2b(table.queries.keys.tobytes(), digest_size=8)
    for each in done:
        for column in (each.quality, each.cost):
            state.update(np.ascontiguousarray(column, dtype=np.float32).tobytes())
        state.update(np.ascontiguousarray(each.answer, dtype=np.int64).tobytes())
    return state.hexdigest()


def _allowed(chosen: Metric, sides: list[Side], compared: Compared, swept: str) -> None:
    """Raise ProblemError where a figure of this metric is not defined for these policies."""
    if (compared == "") != (len(sides) == 1):
        raise refuse("a comparison needs two policies and a way to compare them.", "Give both `against` and `compared`, or neither.")
    if chosen.of == "signal":
        raise refuse(f"{chosen.id} is of a confidence signal.", "Name the signal, and the model that is asked next.", column="signal")
    if (chosen.of == "curve") != bool(swept):
        wanted = "needs the knob that is swept, or 'envelope'" if chosen.of == "curve" else "is of one setting: no knob is swept"
        raise refuse(f"{chosen.id} {wanted}.", "Set `curve` accordingly.", column="curve")
    if chosen.of == "run" and not chosen.mean and any(side.mixed for side in sides):
        raise refuse(f"of a random mixture only means are known, and {chosen.id} is none.", "Claim its quality, cost or latency.")


def known(name: str, options: Mapping[str, Any]) -> Metric:
    """Return the metric of this id; ProblemError for another name of one, a bad option, or one that nobody can recompute."""
    chosen = metric(name)
    if chosen.id != name:
        raise refuse(f"{name!r} is another name of {chosen.id!r}.", f"Write {chosen.id!r}.", column="metric")
    if not chosen.repeatable or chosen.of == "policy":
        raise refuse(f"{chosen.id} is measured on this machine at this moment: nobody can recompute it.", "Claim another figure.")
    chosen.chosen(options)
    return chosen


def _value(side: Side, chosen: Metric, options: Mapping[str, Any], swept: str) -> float:
    facts = side.curve(swept) if swept else pool_of(side.table) if chosen.of == "pool" else side.done
    found = chosen.compute(facts, **chosen.chosen(options))
    return mean(found) if chosen.mean else float(found)


def _joined(compared: Compared, a: Doubles, b: Doubles) -> Any:
    if compared == "difference":
        return a - b
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(b > 0, a / b, np.nan)
    return share if compared == "share" else 1.0 - share


def _interval(
    sides: list[Side], chosen: Metric, options: Mapping[str, Any], *, compared: Compared, how: Resampling, value: float
) -> Stated | None:
    """Return the interval of a mean, a quantile, or two of them compared; None where there is none: above 50,000 queries, or too few."""
    n = len(sides[0].table)
    if n < 2 or chosen.of == "pool" or not (chosen.mean or chosen.id.startswith("latency_p")):
        return None
    columns = [_column(side, chosen, options) for side in sides]
    if chosen.mean and not compared and n < FEW and bool(np.isin(columns[0], (0.0, 1.0)).all()):
        return _stated(exact(int(columns[0].sum()), n, how.level), how, 0)
    level = None if chosen.mean else int(chosen.id.removeprefix("latency_p")) / 100
    drawn = how.drawn(sides[0].table)
    if drawn is None or not _reached(level, n, how.level):
        return None
    each = [_means(column, drawn) if level is None else _quantiles(column, drawn, level) for column in columns]
    spread = each[0] if not compared else _joined(compared, each[0], each[1])
    low, high = np.quantile(spread, tails(how.level))
    return _stated(Interval(value, float(low), float(high), n, "bootstrap"), how, len(drawn))


def _reached(level: float | None, n: int, sure: float) -> bool:
    """Whether n values can bound a quantile from both sides: the greatest of few may lie below it."""
    return level is None or max(level**n, (1 - level) ** n) <= tails(sure)[0]


def _column(side: Side, chosen: Metric, options: Mapping[str, Any]) -> Doubles:
    found = chosen.compute(side.done, **chosen.chosen(options)) if chosen.mean else side.done.latency
    return np.asarray(found, dtype=np.float64)


def _means(values: Doubles, drawn: Any) -> Doubles:
    """Return (B,) resampled means in float64: whole counts times values, the same to the last digits on any machine."""
    return np.concatenate([drawn[at : at + _BLOCK].astype(np.float64) @ values for at in range(0, len(drawn), _BLOCK)]) / len(values)


def _quantiles(values: Doubles, drawn: Any, level: float) -> Doubles:
    """Return (B,) resampled quantiles by nearest rank, as latency quantiles are defined."""
    order = np.argsort(values, kind="stable")
    rank = np.ceil(level * len(values) - 1e-9)
    found = [values[order[(np.cumsum(row[order], dtype=np.int64) >= rank).argmax()]] for row in drawn]
    return np.array(found)


def _stated(found: Interval, how: Resampling, resamples: int) -> Stated | None:
    if not np.isfinite([found.low, found.high]).all():
        return None
    return Stated(
        low=found.low, high=found.high, level=how.level, method=found.method, resamples=resamples, seed=how.seed, strata=how.strata
    )


def once(own: Interval, draw: Resampling | None, resamples: int = MANY_RESAMPLES) -> Stated | None:
    """Return an interval that a page draws in one way, so many resamples of all queries alike; None where it has no ends.

    Raises ProblemError where another way is asked for: nobody could recompute what was not drawn so.
    """
    usual = Resampling(resamples=resamples)
    if draw not in (None, usual, Resampling()):
        raise refuse("this interval is drawn in one way.", "Leave level, resamples, seed and strata as they are.", column="interval")
    return _stated(own, usual, resamples if own.method == "bootstrap" else 0)


def unit_of(chosen: Metric, table: OutcomeTable, compared: Compared) -> str:
    """Return the unit of a metric on a table, as it is compared."""
    if compared in {"saving", "share"}:
        return "share saved" if compared == "saving" else "share"
    if "USD" in chosen.unit and table.cost_unit != "USD":
        return chosen.unit.replace("USD", {"share": "calls of the second model", "relative": "relative cost"}[table.cost_unit])
    return chosen.unit
