"""What the conclusion hangs on, as a tornado chart, and the prices at which the recommendation flips."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from dashboard import compute, state, theme
from dashboard.charts import tornado as charts
from dashboard.charts.figures import money as dollars
from dashboard.charts.figures import plain
from dashboard.components import waiting
from dashboard.components.plane.figures import THIN, percent, ratio, seconds, significant
from dashboard.components.whatif import told, work
from dashboard.words import whatif as words
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.whatif.breakeven import PRICES, BreakEven, Flip, Price, movable
from strategies.whatif.measure import Measure
from strategies.whatif.scenario import Scenario
from strategies.whatif.sensitivity import Bar

_MEASURE, _AGAINST, _PRICE = "whatif.hangs.measure", "whatif.hangs.against", "whatif.flips.price"
_MEASURES: tuple[Measure, ...] = ("saving", "cost", "quality", "latency")
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def tornado(study: Study, fits: Mapping[str, Fitted], chosen: str, now: Scenario) -> None:
    """Draw the choice of the conclusion, and each input's bar."""
    st.subheader(words.HANGS, anchor=False)
    st.caption(words.HANGS_SAID)
    measure, other = _conclusion(study, fits, chosen)
    job = work.hinges(study, measure, fits[chosen], fits.get(other), now)
    if not waiting.ended(job, words.HANGS_JOB):
        return
    if job.phase == "failed":
        st.warning(plain(job.error))
        return
    _drawn(study, job.result or (), measure, other)


def _conclusion(study: Study, fits: Mapping[str, Fitted], chosen: str) -> tuple[Measure, str]:
    offered: list[Measure] = [name for name in _MEASURES if name != "latency" or study.table.has("latency_s")]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    state.put(_MEASURE, state.get(_MEASURE) if state.get(_MEASURE) in offered else offered[0])
    picked = left.segmented_control(words.HANGS_LABEL, offered, key=_MEASURE, format_func=words.HANGS_MEASURES.__getitem__)
    others = ["", *(name for name in fits if name != chosen)]
    if len(others) == 1:
        return picked or offered[0], ""
    state.put(_AGAINST, state.get(_AGAINST) if state.get(_AGAINST) in others else "")
    other = right.selectbox(
        words.HANGS_AGAINST, others, key=_AGAINST, format_func=lambda name: name or words.HANGS_ALONE, help=words.HANGS_AGAINST_HELP
    )
    return picked or offered[0], other or ""


def _drawn(study: Study, bars: tuple[Bar, ...], measure: Measure, other: str) -> None:
    shown = [bar for bar in bars if bar.span > 0]
    if not shown:
        st.markdown(words.HANGS_NOTHING)
        return
    scale = 1000.0 if measure == "cost" and study.table.cost_unit == "USD" else 1.0
    said = _most(study, shown[0], measure)
    shafts = [charts.Shaft(name=_name(study, bar), low=scale * bar.at_low, high=scale * bar.at_high, said=bar.input.said) for bar in shown]
    axis = _axis(study, measure, other)
    share = measure in {"quality", "saving"} or (measure == "cost" and study.table.cost_unit == "share")
    picture = charts.tornado(shafts, scale * shown[0].base, axis=axis, mode=st.context.theme.type or "light", percent=share)
    st.markdown(plain(said))
    alt = words.HANGS_ALT.format(said=said.replace("**", ""))
    st.plotly_chart(picture, width="stretch", key="whatif.tornado", theme=None, config=_CONFIG, alt=alt)
    st.html(_key(st.context.theme.type or "light"))
    still = sorted({_name(study, bar) for bar in bars if bar.problem})
    st.caption(plain(words.HANGS_CAPTION + (" " + words.UNMOVED.format(names=", ".join(still)) if still else "")))


def _key(mode: str) -> str:
    """Return which colour is which end of an input, as HTML."""
    colour = (
        f"display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0;padding:0;font-size:.85rem;color:{theme.palette(mode).muted}"
    )
    marks = [
        f'<li><span aria-hidden="true" style="color:{theme.strategy_colour(i, mode)}">■</span> {each}</li>'
        for i, each in enumerate(words.HANGS_KEY)
    ]
    return f'<ul style="{colour}">{"".join(marks)}</ul>'


def _axis(study: Study, measure: Measure, other: str) -> str:
    axis = words.AXES_COST[study.table.cost_unit] if measure == "cost" else words.AXES[measure]
    return words.DIFFERENCE_TO.format(axis=axis) if other else axis


def _most(study: Study, bar: Bar, measure: Measure) -> str:
    ends = sorted(value for value in (bar.at_low, bar.base, bar.at_high) if not math.isnan(value))
    low, high = (_written(study, value, measure) for value in (ends[0], ends[-1]))
    return words.HANGS_MOST.format(first=_name(study, bar), low=low, high=high) + (words.HANGS_FLIPS if bar.flips else "")


def _written(study: Study, value: float, measure: Measure) -> str:
    if measure == "cost":
        return told.cost(study, value)
    return percent(value) if measure in {"quality", "saving"} else seconds(value) if value >= 0 else f"{significant(value)}{THIN}s"


def _name(study: Study, bar: Bar) -> str:
    short = {card.name: card.short for card in study.table.cards}
    return words.INPUTS[bar.input.kind].format(about=short.get(bar.input.about, bar.input.about))


def flips(study: Study, fits: Mapping[str, Fitted], now: Scenario) -> None:
    """Draw, for each model, how far its price can move before another strategy or model is recommended."""
    best = study.table.cards[study.table.index(study.best)].short
    st.subheader(words.FLIPS, anchor=False)
    st.caption(words.FLIPS_SAID.format(keep=f"{compute.KEEP:.0%}".replace("%", f"{THIN}%"), best=best))
    offered = [price for price in PRICES if any(price in movable(study.tested, model) for model in study.pool)]
    if not offered:
        st.markdown(words.FLIPS_NO_PRICE)
        return
    price: Price = offered[0]
    if len(offered) > 1:
        state.put(_PRICE, state.get(_PRICE) if state.get(_PRICE) in offered else offered[0])
        price = st.segmented_control(words.FLIPS_LABEL, offered, key=_PRICE, format_func=words.FLIPS_KIND.__getitem__) or offered[0]
    job = work.crossings(study, fits, price, now)
    if not waiting.ended(job, words.FLIPS_JOB):
        return
    if job.phase == "failed":
        st.warning(plain(job.error))
        return
    _table(study, job.result or ())


def _table(study: Study, found: tuple[BreakEven, ...]) -> None:
    if not found:
        st.markdown(words.FLIPS_NO_PRICE)
        return
    import pandas as pd

    short = {card.name: card.short for card in study.table.cards}
    st.markdown(plain(_sentence(found, short)))
    rows = [
        (short[each.model], _price(each, each.now), _at(each, each.down), _to(each.down), _at(each, each.up), _to(each.up))
        for each in found
    ]
    names = list(words.FLIPS_COLUMNS)
    names[5] = f"{names[5]}\u200b"  # two columns say "to": a table needs two names
    st.table(pd.DataFrame(rows, columns=names).set_index(names[0]))
    st.caption(words.FLIPS_EXACT if all(each.exact for each in found) else words.FLIPS_ROUGH)


def _sentence(found: tuple[BreakEven, ...], short: Mapping[str, str]) -> str:
    first = found[0].recommended
    said = words.FLIPS_NOW.format(title=first) if first else words.FLIPS_NOBODY
    moved = [(each, flip) for each in found if (flip := each.nearest) is not None and each.now > 0]
    if not moved:
        return f"{said} {words.FLIPS_NONE}"
    each, flip = min(moved, key=lambda pair: abs(math.log(max(pair[1].price, 1e-12) / pair[0].now)))
    factor = ratio(flip.price / each.now)
    return f"{said} " + words.FLIPS_NEAREST.format(model=short[each.model], factor=factor, to=flip.to or words.FLIPS_NOBODY_LEFT)


def _price(each: BreakEven, value: float) -> str:
    shown = significant(value) if each.price == "bill" else dollars(value).removeprefix("$")
    return words.PRICE_UNITS[each.price].format(value=shown)


def _at(each: BreakEven, flip: Flip | None) -> str:
    return words.FLIPS_NEVER if flip is None else _price(each, flip.price)


def _to(flip: Flip | None) -> str:
    return "" if flip is None else flip.to or words.FLIPS_NOBODY_LEFT
