"""The findings of the Signals page in words: which signal is worth its price, who covers whom, what a pair can win."""

from __future__ import annotations

import math

import numpy as np

from dashboard import signals
from dashboard.charts.figures import money, percent, plain
from dashboard.charts.lab import auroc, points
from dashboard.components.plane.figures import significant
from dashboard.components.trace.amounts import grouped
from dashboard.words import signals as words
from strategies.study.cover import Cover, Kind, Split
from strategies.study.prepare import Study
from strategies.study.signal_shape import PairSignals, Shape
from strategies.study.signal_worth import Worth
from strategies.uncertainty.interval import Interval

_NOTHING = 0.0005  # a gain that is written as 0.0 points


def price(per_1k: float, unit: str) -> str:
    """Return what a signal costs, in words that fit into a sentence."""
    amount = money(per_1k) if unit == "USD" else significant(per_1k / 1000)
    return words.UNITS[unit].format(amount=amount)


def finding(study: Study, found: PairSignals) -> str:
    """Return which signal is worth most, what the paid ones bring beside it, and which separates better and brings less."""
    cheap, strong = (signals.short(study, model) for model in (found.cheap, found.strong))
    lead = found.shapes[0]
    said = words.SEPARATES.format(
        signal=signals.spoken(lead.signal),
        cheap=cheap,
        grade=grade(lead.auroc.mean),
        auroc=auroc(lead.auroc.mean),
        price=_price(lead, found),
    )
    if found.worth is None:
        return plain(said + words.NO_GAIN.format(why=found.why))
    return plain(said + _gain(found.worth.rows[0], strong) + _paid(found) + _sharper(found, strong))


def grade(value: float) -> str:
    """Return an AUROC in words."""
    return next(said for least, said in words.GRADES if value >= least or least == 0)


def _price(lead: Shape, found: PairSignals) -> str:
    if math.isnan(lead.price_per_1k):
        return words.PRICE_UNKNOWN
    return words.PAID.format(amount=price(lead.price_per_1k, found.cost_unit)) if lead.price_per_1k else words.FREE


def _gain(row: Worth, strong: str) -> str:
    if math.isnan(row.net.mean):
        return ""
    form = words.GAIN if row.net.low > 0 else words.GAIN_UNSURE if row.net.mean > _NOTHING else words.GAIN_NONE
    return form.format(strong=strong, gain=points(row.net.mean, sign=row.net.mean < 0), low=points(row.net.low), high=points(row.net.high))


def _paid(found: PairSignals) -> str:
    """Return what the best of the signals that have to be paid for brings beside the best free one."""
    if found.worth is None:
        return ""
    row = next((row for row in found.worth.rows if row.price_per_1k > 0 and not math.isnan(row.net.mean)), None)
    if row is None:
        return ""
    told = {"signal": signals.spoken(row.signal), "amount": price(row.price_per_1k, found.cost_unit), "gain": points(row.net.mean)}
    if math.isnan(row.against.mean):
        return words.PAID_ALONE.format(**told)
    form = words.PAID_LESS if row.against.high < 0 else words.PAID_MORE if row.against.low > 0 else words.PAID_EVEN
    ends = {"against": points(row.against.mean), "low": points(row.against.low), "high": points(row.against.high)}
    return form.format(reference=signals.spoken(found.worth.reference), **told, **ends)


def _sharper(found: PairSignals, strong: str) -> str:
    """Return the signal that separates right from wrong surely better than the one that brings most, if there is one."""
    lead, *others = found.shapes
    better = [each for each in others if each.auroc.low > lead.auroc.high]
    if not better:
        return ""
    best = max(better, key=lambda each: each.auroc.mean)
    return words.SHARPER.format(signal=signals.spoken(best.signal), auroc=auroc(best.auroc.mean), strong=strong)


def one_class(study: Study, found: PairSignals) -> str:
    """Return why nothing can be told apart, or an empty string."""
    form = {0.0: words.ONE_CLASS_WRONG, 1.0: words.ONE_CLASS_RIGHT}.get(found.accuracy, "")
    return plain(form.format(cheap=signals.short(study, found.cheap)))


def left_out(found: PairSignals) -> str:
    """Return which signals were not weighed, those with another reason than that there are none with it."""
    if not found.left_out:
        return ""
    missing = f"{found.cheap} has no "
    named = [signals.name(name) + ("" if why.startswith(missing) else f" ({why})") for name, why in found.left_out]
    return plain(words.LEFT_OUT.format(signals=", ".join(named)))


def side(shape: Shape) -> str:
    """Return whether a signal is too sure on average, beyond what chance explains."""
    return words.TOO_SURE if shape.gap.low > 0 else words.TOO_SHY if shape.gap.high < 0 else words.EVEN


def covering(study: Study, found: Cover) -> str:
    """Return who helps the best single model most."""
    best = signals.short(study, found.models[found.best])
    column = np.delete(found.share[:, found.best], found.best)
    if not np.nanmax(column) > 0:
        return plain(words.COVER_NONE.format(best=best))
    row = int(np.nanargmax(np.where(np.arange(len(found.models)) == found.best, -1.0, found.share[:, found.best])))
    ends = (float(each[row, found.best]) for each in (found.share, found.low, found.high))
    share, low, high = (percent(each) for each in ends)
    return plain(words.COVER_FINDING.format(best=best, helper=signals.short(study, found.models[row]), share=share, low=low, high=high))


def splitting(study: Study, found: Split) -> str:
    """Return what asking on can win and lose."""
    share = {kind: percent(part.mean) for kind, part in found.parts if kind != "both"}
    return plain(words.SPLIT_FINDING.format(strong=signals.short(study, found.strong), **share))


def kinds(study: Study, found: Split) -> dict[Kind, tuple[str, str]]:
    """Return kind -> (its line with count, share and interval; what it means)."""
    cheap, strong = (signals.short(study, model) for model in (found.cheap, found.strong))
    told: dict[Kind, tuple[str, str]] = {}
    for kind, part in found.parts:
        title, meaning = words.KINDS[kind]
        low, high = (percent(end) for end in (part.low, part.high))
        line = words.KIND_LINE.format(name=title, count=grouped(found.count(kind)), share=percent(part.mean), low=low, high=high)
        told[kind] = (line, meaning.format(cheap=cheap, strong=strong))
    return told


def ranged(value: Interval) -> str:
    """Return the interval of an AUROC or a Brier score; empty where there is none."""
    return "" if math.isnan(value.low) else words.BETWEEN.format(low=auroc(value.low), high=auroc(value.high))
