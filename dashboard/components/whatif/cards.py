"""Cards of a scenario: each figure before and after, its interval, and the paired change."""

from __future__ import annotations

import html
import math

import streamlit as st

from dashboard import theme
from dashboard.charts.figures import money as dollars
from dashboard.charts.figures import rounded
from dashboard.components.plane.figures import MINUS, change, percent, seconds
from dashboard.components.trace.amounts import grouped
from dashboard.components.whatif.told import cost, volumes
from dashboard.words import whatif as words
from strategies.study.prepare import Study
from strategies.uncertainty.interval import Interval
from strategies.whatif.measure import Effect, Measure
from strategies.whatif.scenario import Scenario


def draw(study: Study, effect: Effect, now: Scenario) -> None:
    """Draw the cards: quality, cost, saving, latency, and the bill of a month."""
    mode = st.context.theme.type or "light"
    names: list[Measure] = ["quality", "cost", "saving", "latency"]
    shown = [_card(study, effect, name, now, mode) for name in names if not _blank(effect, name)]
    if study.table.cost_unit == "USD":
        shown.insert(2, _month(effect, now, mode))
    style = "display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;list-style:none;margin:0;padding:0"
    st.html(f'<ul aria-label="{words.CARDS_ALT}" style="{style}">{"".join(shown)}</ul>')
    note = (words.INTERVALS if now.code else words.INTERVALS_ALONE).format(n=grouped(len(effect.after)))
    if effect.after.weights is not None:
        note += " " + words.EFFECTIVE.format(n=grouped(round(effect.after.effective)))
    st.caption(note)


def _blank(effect: Effect, name: Measure) -> bool:
    """Whether a figure is known neither before nor after, and not because a queue never ends."""
    unknown = all(math.isnan(each.figure(name).mean) for each in (effect.before, effect.after))
    return unknown and not (name == "latency" and effect.after.overloaded)


def _card(study: Study, effect: Effect, name: Measure, now: Scenario, mode: str) -> str:
    best = study.table.cards[study.table.index(effect.after.reference)].short
    title = {"cost": words.COST_TITLES[study.table.cost_unit], "saving": words.SAVING_TITLE.format(best=best)}.get(
        name, words.MEASURES[name]
    )

    def written(value: float) -> str:
        if math.isnan(value):
            return words.UNKNOWN
        return cost(study, value) if name == "cost" else seconds(value) if name == "latency" else percent(value)

    before, after = effect.before.figure(name), effect.after.figure(name)
    value = words.NEVER if name == "latency" and effect.after.overloaded else written(after.mean)
    difference = _difference(effect.difference(name), name, before.mean) if now.code else ""
    better = {"quality": 1, "saving": 1, "cost": -1, "latency": -1}[name]
    return _item(
        title, written(before.mean), value, ends=(written(after.low), written(after.high)), difference=difference,
        sign=better * _sign(effect, name), mode=mode,
    )  # fmt: skip


def _sign(effect: Effect, name: Measure) -> int:
    found = effect.difference(name)
    return 0 if math.isnan(found.low) or found.low <= 0 <= found.high else 1 if found.mean > 0 else -1


def _difference(found: Interval, name: Measure, base: float) -> str:
    if math.isnan(found.mean):
        return words.NOTHING_TO_PAIR
    if found.mean == 0 and found.low == found.high == 0:
        return words.NO_DIFFERENCE
    if name in {"quality", "saving"}:
        low, high = (_signed(100 * end) for end in (found.low, found.high))
        return f"{_signed(100 * found.mean)} points ({low} to {high})"
    if not base > 0:
        return words.NOTHING_TO_PAIR
    low, high = (change(end / base) for end in (found.low, found.high))
    return f"{change(found.mean / base)} ({low} to {high})"


def _signed(value: float) -> str:
    return ("+" if value >= 0 else MINUS) + rounded(abs(value), 1)


def _month(effect: Effect, now: Scenario, mode: str) -> str:
    before, after = (each.monthly(volume) for each, volume in zip((effect.before, effect.after), volumes(now), strict=True))
    share = after.mean / before.mean - 1 if before.mean > 0 else math.nan
    difference = (
        "" if not now.code else words.NOTHING_TO_PAIR if math.isnan(share) else words.NO_DIFFERENCE if share == 0 else change(share)
    )
    sign = 0 if math.isnan(share) or not effect.told_apart("cost") else -1 if share > 0 else 1
    return _item(
        words.MEASURES["monthly"], dollars(before.mean), dollars(after.mean), ends=(dollars(after.low), dollars(after.high)),
        difference=difference, sign=sign, mode=mode,
    )  # fmt: skip


def _item(title: str, before: str, after: str, *, ends: tuple[str, str], difference: str, sign: int, mode: str) -> str:
    """Return one card as HTML. sign : 1 = better, -1 = worse, 0 = neither, or not told apart."""
    c = theme.palette(mode)
    colour = {1: c.right, -1: c.wrong, 0: c.muted}[sign]
    box = f"background:{c.panel};border:1px solid {c.line};border-radius:10px;padding:10px 14px;color:{c.ink};min-width:0"
    was = "" if before == after else f'<span style="color:{c.muted};font-size:1rem">{html.escape(before)} → </span>'
    between = "" if words.UNKNOWN in ends or "–" in ends else words.INTERVAL.format(low=ends[0], high=ends[1])
    lines = (
        f'<div style="color:{c.muted};font-size:.85rem">{html.escape(title)}</div>',
        f'<div style="font-size:1.45rem;font-weight:600;line-height:1.3">{was}{html.escape(after)}</div>',
        f'<div style="color:{c.muted};font-size:.85rem">{html.escape(between)}</div>',
        f'<div style="color:{colour};font-size:.85rem">{html.escape(difference)}</div>',
    )
    return f'<li style="{box}">{"".join(lines)}</li>'
