"""What a comparison says, in sentences: who leads and how surely, who saves most, what they were measured against."""

from __future__ import annotations

import math

from dashboard.charts.figures import plain, rounded
from dashboard.components.plane.figures import money, percent, ratio, significant
from dashboard.words import compare as words
from strategies.study.compare import Comparison, Row

MINUS = "\u2212"
_NOTHING = 0.0005  # a share that is written as 0.0 points


def points(value: float, *, sign: bool = False) -> str:
    """Return a difference of shares in percentage points, a minus where it is below 0; with its sign if asked."""
    text = rounded(abs(100 * value), 1)
    mark = ("+" if value > 0 else MINUS) if float(text) and (sign or value < 0) else ""
    return f"{mark}{text}"


def reference(now: Comparison) -> str:
    """Return what every strategy is measured against."""
    ref = now.reference
    template = words.REFERENCE_NO_AIQ if math.isnan(ref.zero_aiq) else words.REFERENCE
    return plain(
        template.format(
            best=ref.best_name, quality=percent(ref.best_quality), half=rounded(50 * (ref.best_high - ref.best_low)),
            cost=cost(now, ref.best_cost), zero=percent(ref.zero_aiq) if not math.isnan(ref.zero_aiq) else "",
            random=percent(ref.random_quality), random_cost=cost(now, ref.random_cost),
        )
    )  # fmt: skip


def cost(now: Comparison, value: float) -> str:
    """Return a mean cost in words, in the data's unit."""
    unit = now.about.cost_unit
    amount = money(1000 * value) if unit == "USD" else percent(value) if unit == "share" else significant(value)
    return words.COSTS[unit].format(amount=amount)


def finding(now: Comparison) -> str:
    """Return who leads and who saves, each once and with its interval."""
    rows = now.compared
    if not rows:
        return "" if len(now.rows) < len(now.asked) else words.NOTHING
    said = _areas(now, rows) + _savers(now, rows)
    return plain(said + words.SO_FAR if len(now.rows) < len(now.asked) else said)


def _areas(now: Comparison, rows: tuple[Row, ...]) -> str:
    top, count = rows[0], len(rows)
    if math.isnan(top.aiq):
        return (words.SAME_COST if not now.reference.high > now.reference.low else words.NO_AREA).format(n=count)
    bound, bounds = now.bounds[top.id], now.bounds
    told = {"n": count, "title": top.title, "aiq": percent(top.aiq), "lead": points(top.lead), "bound": points(bound)}
    if math.isnan(bound):
        return words.TOP_UNKNOWN.format(**told)
    sure = any(each > _NOTHING for each in bounds.values())
    of_many = words.TOP if bound > _NOTHING else words.TOP_UNKNOWN if sure else words.TOP_NOTHING
    said = (words.TOP_ONE if count == 1 else of_many).format(**told)
    tied = sum(not each > _NOTHING for each in bounds.values())
    return said + (words.TIED.format(n=tied) if 0 < tied < count else "")


def _savers(now: Comparison, rows: tuple[Row, ...]) -> str:
    """Return the least cost at which the best single model's quality was kept: promised on calibrate, not broken on test."""
    best = now.reference.best_name
    kept = [row for row in rows if row.saving > _NOTHING and row.equal_quality is not None and row.equal_quality.gap_high >= 0]
    if not kept:
        return words.NOBODY_SAVES.format(best=best)
    first = max(kept, key=lambda row: row.saving)
    at = first.equal_quality
    if at is None:
        return ""
    share = ratio(at.cost / now.reference.best_cost).removesuffix(" of")
    signed = {"gap": at.gap, "low": at.gap_low, "high": at.gap_high}
    return words.SAVES.format(best=best, title=first.title, cost=share, **{n: points(v, sign=True) for n, v in signed.items()})
