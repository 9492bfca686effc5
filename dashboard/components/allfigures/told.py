"""A figure in words: value, interval or why there is none, and behind its name formula, source and what to mind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard import play
from dashboard.charts.figurelist import Row
from dashboard.components import energy
from dashboard.components.plane.figures import money, percent, seconds, significant
from dashboard.words import figures as words
from strategies.study.curves import Fitted
from strategies.study.prepare import Study

if TYPE_CHECKING:
    from strategies.metrics.base import Metric
    from strategies.study.figures import Figure

_PERCENT = {"quality", "probability", "quality per query", "quality lost"}
_MICRO = 1e-3


def row(study: Study, fit: Fitted, figure: Figure, knob: str) -> Row:
    """Return a figure as words: its value, interval or why there is none, and behind its name formula, source and caution."""
    metric = figure.metric
    titles = {t.name: t.title for t in play.sliders(fit)}
    ends = words.SPAN.format(low=value_of(study, metric, figure.low), high=value_of(study, metric, figure.high))
    bound = words.BOUND.format(low=value_of(study, metric, figure.low))
    spans = {"": "", "interval": ends, "range": words.RANGE.format(span=ends), "bound": bound}
    known = math.isfinite(figure.value)
    return Row(
        title=metric.title, of=words.OF[metric.of].format(knob=titles.get(knob, knob)) if known or metric.of != "curve" else "",
        value=value_of(study, metric, figure.value) if known else "", span=spans[figure.spread], better=words.BETTER[metric.better],
        unit=unit_of(study, metric), why="" if known else f"{words.NONE}. {why_of(study, figure)}", details=details(study, figure),
    )  # fmt: skip


def details(study: Study, figure: Figure) -> list[tuple[str, str]]:
    """Return (name, text) of what stands behind a figure."""
    metric, options = figure.metric, {n: v for n, v in figure.options.items() if not isinstance(v, np.ndarray)}
    chosen = ", ".join(f"{n} = {significant(v) if isinstance(v, float) else _model(study, v)}" for n, v in options.items())
    said = [
        (words.FORMULA, metric.formula), (words.WITH, chosen), (words.SOURCE, metric.source), (words.ALSO, ", ".join(metric.also)),
        (words.HEAD[3], words.BETTER[metric.better]), (words.HEAD[4], unit_of(study, metric)), (words.MIND, metric.caution),
    ]  # fmt: skip
    return [(name, text) for name, text in said if text]


def _model(study: Study, name: Any) -> str:
    return study.table.cards[study.pool.index(name)].short if name in study.pool else str(name)


def why_of(study: Study, figure: Figure) -> str:
    """Return why a figure has no value here."""
    if figure.lacks:
        return figure.lacks[:1].upper() + figure.lacks[1:]
    template = words.UNDEFINED.get(figure.metric.id) if figure.why == "undefined" else None
    return (template or words.WHY[figure.why]).format(best=_model(study, study.best))


def unit_of(study: Study, metric: Metric) -> str:
    """Return a metric's unit, in what this data counts cost in; those that a value is written with (21 ms, 3 Wh) are not said twice."""
    unit = study.table.cost_unit
    if metric.unit == "s" or metric.unit.startswith(("kWh", "kg", "s per")):
        return words.UNITS[metric.unit]
    return metric.unit.replace("USD", words.COST_UNITS.get(unit, unit)) if "USD" in metric.unit else metric.unit


def value_of(study: Study, metric: Metric, value: float) -> str:
    """Return a value as the cards write such values; "" where it is not known."""
    if not math.isfinite(value):
        return ""
    if metric.unit.startswith("share") or metric.unit in _PERCENT or metric.id == "quality":
        return percent(value)
    if metric.unit.startswith(("kWh", "kg")):
        return energy.amount(value, "Wh" if metric.unit.startswith("kWh") else "g")
    if metric.unit in {"s", "s per query"}:
        return _time(value)
    return money(value) if metric.unit.startswith("USD") and study.table.cost_unit == "USD" else significant(value)


def _time(value: float) -> str:
    """Return seconds with three digits in the unit that reads best."""
    if value >= 1 or value <= 0:
        return seconds(value)
    step, name = (1e-3, "ms") if value >= _MICRO else (1e-6, "µs")
    return f"{significant(value / step)}\u202f{name}"
