"""What a scenario does, in sentences and on cards: before and after with intervals, never a difference that was not measured."""

from __future__ import annotations

import math

from dashboard import compute, state
from dashboard.charts.figures import money as dollars
from dashboard.charts.figures import plain, rounded
from dashboard.components.plane.figures import MINUS, THIN, change, percent, seconds, significant
from dashboard.components.trace.amounts import grouped
from dashboard.components.whatif.work import Result
from dashboard.words import whatif as words
from data.problems import listed
from strategies.study.prepare import Study
from strategies.whatif.conditions import JudgeError, NewModel, Volume
from strategies.whatif.measure import Effect, Outcome
from strategies.whatif.newcomer import counted
from strategies.whatif.scenario import Scenario

_NOTHING = 0.0005  # less than this is written as 0.0 points


def points(value: float) -> str:
    """Return a difference of shares in percentage points, without its sign."""
    return rounded(abs(100 * value), 1)


def cost(study: Study, value: float) -> str:
    """Return a mean cost, in the data's unit: dollars of 1,000 queries, a share, a bare number."""
    if math.isnan(value):
        return words.UNKNOWN
    unit = study.table.cost_unit
    return dollars(1000 * value) if unit == "USD" else percent(value) if unit == "share" else significant(value)


def costs(study: Study, value: float) -> str:
    """Return a mean cost in words."""
    return words.COSTS[study.table.cost_unit].format(amount=cost(study, value))


def as_it_is(study: Study, title: str, before: Outcome) -> str:
    """Return what the strategy does as recorded."""
    quality, saving = before.figure("quality").mean, before.figure("saving").mean
    best = study.table.cards[study.table.index(study.best)].short
    graded = bool(((study.tested.numbers["quality"] > 0) & (study.tested.numbers["quality"] < 1)).any())
    said = (words.AS_IT_IS_GRADED if graded else words.AS_IT_IS).format(
        title=title, quality=percent(quality), cost=costs(study, before.figure("cost").mean)
    )
    if math.isnan(saving):
        return plain(said)
    return plain(said + (words.SAVES if saving >= 0 else words.COSTS_MORE).format(saving=percent(abs(saving), 0), best=best))


def under(study: Study, effect: Effect, now: Scenario) -> str:
    """Return what changes, in one sentence for quality and money, and one for each queue."""
    parts = [_quality(effect), _cost(study, effect, now)]
    parts += [said] if (said := _latency(effect)) else []
    said = f"{words.UNDER}, {listed(parts, 5)}." if parts else ""
    for name, queue in effect.after.queues.items():
        short = study.table.cards[study.table.index(name)].short
        told = {"model": short, "utilisation": percent(queue.utilisation, 0)}
        if queue.utilisation >= 1:
            said += " " + words.OVERLOAD.format(**told) + "."
        elif not math.isnan(queue.wait_s):
            said += " " + words.WAITS.format(**told, wait=seconds(queue.wait_s)) + "."
    said += " " + (words.REFITTED if effect.after.refitted else words.KEPT)
    deaf = any(isinstance(each, JudgeError) for each in now.active) and not _moved(effect)
    return plain(said + (f" {words.DEAF}" if deaf else ""))


def _moved(effect: Effect) -> bool:
    same = effect.before.called.shape == effect.after.called.shape and bool((effect.before.called == effect.after.called).all())
    return not same or effect.difference("quality").mean != 0


def _quality(effect: Effect) -> str:
    before, after, found = effect.before.figure("quality"), effect.after.figure("quality"), effect.difference("quality")
    if math.isnan(found.mean):
        return words.QUALITY_UNKNOWN
    told = {"value": points(found.mean), "now": percent(after.mean), "before": percent(before.mean)}
    if abs(found.mean) < _NOTHING and max(abs(found.low), abs(found.high)) < _NOTHING:
        return words.QUALITY_STAYS.format(**told)
    if not effect.told_apart("quality"):
        return words.QUALITY_UNSURE.format(**told)
    return (words.QUALITY_RISES if found.mean > 0 else words.QUALITY_FALLS).format(**told)


def _cost(study: Study, effect: Effect, now: Scenario) -> str:
    before, found = effect.before.figure("cost"), effect.difference("cost")
    if math.isnan(found.mean):
        return words.COST_UNKNOWN
    share = found.mean / before.mean if before.mean > 0 else math.nan
    if abs(share) < _NOTHING or found.mean == 0:
        said = words.COST_STAYS
    elif not effect.told_apart("cost"):
        said = words.COST_UNSURE
    else:
        template = words.COST_RISES if found.mean > 0 else words.COST_FALLS
        said = template.format(value=cost(study, abs(found.mean)) if math.isnan(share) else change(abs(share)).removeprefix("+"))
    if study.table.cost_unit != "USD":
        return said
    months = [dollars(each.monthly(volume).mean) for each, volume in zip((effect.before, effect.after), volumes(now), strict=True)]
    return said + (words.MONTH.format(before=months[0], after=months[1]) if months[0] != months[1] else "")


def _latency(effect: Effect) -> str:
    before, after = effect.before.figure("latency").mean, effect.after.figure("latency").mean
    if math.isnan(before) or effect.after.overloaded:
        return ""
    if math.isnan(after):
        return words.LATENCY_UNKNOWN
    told = {"before": seconds(before), "after": seconds(after)}
    return words.LATENCY_MOVES.format(**told) if told["before"] != told["after"] else ""


def volumes(now: Scenario) -> tuple[float, float]:
    """Return queries a month as it is and as assumed."""
    held, as_is = now.find(Volume), float(state.view().monthly)
    return as_is, as_is if held is None or held.idle else held.per_month


def recommended(study: Study, found: Result, now: Scenario) -> str:
    """Return what is recommended before and after."""
    best = study.table.cards[study.table.index(study.best)].short
    told = {"keep": f"{compute.KEEP:.0%}".replace("%", f"{THIN}%"), "best": best}
    if not found.best_after:
        return plain(words.BEST_NOBODY.format(**told))
    if found.best_after == found.best_before:
        return plain((words.BEST_STAYS if now.code else words.BEST_IS).format(**told, title=found.best_after))
    return plain(words.BEST_MOVES.format(**told, now=found.best_after, before=found.best_before or words.NOBODY))


def newcomer(study: Study, title: str, now: Scenario, after: Outcome) -> str:
    """Return what a few labels say of a new model; "" where none were counted."""
    held = now.find(NewModel)
    if held is None or held.idle:
        return ""
    price = held.cost / 1000
    found = counted(words.NEW_NAME, held.right, held.labels, after.figure("quality"), cost=price)
    told = {"name": found.name, "right": grouped(held.right), "labels": grouped(held.labels), "quality": percent(found.quality.mean)}
    said = [words.NEW_QUALITY.format(**told, low=percent(found.quality.low), high=percent(found.quality.high))]
    template = {"better": words.NEW_BETTER, "worse": words.NEW_WORSE, "cannot tell": words.NEW_UNSURE}[found.verdict]
    ends = sorted((abs(found.lead.low), abs(found.lead.high))) if found.verdict != "cannot tell" else [found.lead.low, found.lead.high]
    low, high = (rounded(100 * end, 1).replace("-", MINUS) for end in ends)
    said.append(template.format(title=title, other=percent(after.figure("quality").mean), low=low, high=high))
    if found.verdict == "cannot tell":
        said.append(words.NEW_ALIKE if math.isnan(found.needed) else words.NEW_NEEDED.format(n=grouped(int(found.needed))))
    own = after.figure("cost").mean
    if not math.isnan(price) and own > 0 and study.table.cost_unit == "USD":
        share = (words.CHEAPER if price < own else words.DEARER).format(share=percent(abs(1 - price / own), 0))
        said.append(words.NEW_SAVES.format(change=share, title=title, new=dollars(held.cost), old=cost(study, own)))
    return plain(" ".join(said))
