"""The chosen signal in three pictures, the way to its queries; who covers whose mistakes, and how a pair's queries split."""

from __future__ import annotations

import html
import math
from typing import Any

import numpy as np
import streamlit as st

from dashboard import play, signals, state
from dashboard.charts import signals as charts
from dashboard.charts.figures import percent, plain
from dashboard.charts.lab import points
from dashboard.components.signals import told
from dashboard.components.trace.amounts import grouped
from dashboard.words import signals as words
from strategies.study.decisions import RIGHT
from strategies.study.prepare import CURVES_FROM, Study
from strategies.study.signal_shape import PairSignals, Shape, Trail

GONE = "signals.gone"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def pictures(study: Study, found: PairSignals, shape: Shape) -> None:
    """Draw what asking on buys, the risk of keeping the surest, and the reliability diagram."""
    if shape.risk is None:
        st.caption(words.FEW_CURVES.format(n=shape.n))
        with st.columns([2, 1])[0]:
            reliability(shape)
        return
    st.html(_key())
    first, second, third = st.columns(3, gap="medium")
    with first:
        deferral(study, found, shape)
    with second:
        risk(shape.risk, shape)
    with third:
        reliability(shape)


def deferral(study: Study, found: PairSignals, shape: Shape) -> None:
    """Draw quality against cost as the least sure answers are asked on."""
    st.subheader(words.DEFERRAL, anchor=False)
    if shape.deferral is None:
        st.info(words.NO_DEFERRAL, icon=":material/info:")
        return
    cheap, strong = (signals.short(study, model) for model in (found.cheap, found.strong))
    rows = found.worth.rows if found.worth is not None else ()
    gain = next((row.net.mean for row in rows if row.signal == shape.signal), math.nan)
    said = "" if math.isnan(gain) else words.DEFERRAL_SAID.format(gain=points(gain))
    alt = words.DEFERRAL_ALT.format(cheap=cheap, strong=strong, signal=signals.spoken(shape.signal), said=said)
    _draw(charts.deferral(shape.deferral, unit=found.cost_unit, strong=strong, mode=mode()), "deferral", alt)
    st.caption(plain(words.DEFERRAL_CAPTION.format(cheap=cheap, strong=strong)))


def risk(drawn: Trail, shape: Shape) -> None:
    """Draw the share wrong among the surest answers."""
    st.subheader(words.RISK, anchor=False)
    half = percent(float(np.interp(0.5, drawn.x, drawn.y)))
    alt = words.RISK_ALT.format(half=half, all=percent(float(drawn.y[-1])))
    _draw(charts.risk(drawn, mode=mode()), "risk", alt)
    st.caption(words.RISK_CAPTION.format(area=f"{shape.quality.risk_coverage.area:.3f}".removeprefix("0"), half=half))


def reliability(shape: Shape) -> None:
    """Draw share right against what the signal says."""
    st.subheader(words.RELIABILITY, anchor=False)
    filled = int((shape.quality.reliability.count > 0).sum())
    side = told.side(shape)
    alt = words.RELIABILITY_ALT.format(bins=filled, ece=f"{shape.quality.ece:.3f}", side=side)
    _draw(charts.reliability(shape, mode=mode()), "reliability", alt)
    st.caption(f"{side[:1].upper()}{side[1:]}. {words.RELIABILITY_CAPTION}")


def ways_on(study: Study, two: signals.Pair, shape: Shape) -> None:
    """Draw the ways to the queries behind the pictures: the pair's cascade by this signal, on Trade-offs or query by query."""
    cheap, strong = (signals.short(study, model) for model in (two.cheap, two.strong))
    with st.container(horizontal=True):
        st.button(
            words.QUERIES, key="signals.queries", icon=":material/account_tree:", help=plain(words.QUERIES_HELP), on_click=_go,
            args=(study, two, shape.signal, "decisions"),
        )  # fmt: skip
        st.button(
            words.PLAY, key="signals.play", icon=":material/show_chart:", help=plain(words.PLAY_HELP.format(cheap=cheap, strong=strong)),
            on_click=_go, args=(study, two, shape.signal, "tradeoffs"),
        )  # fmt: skip
    if state.get("signals.full"):
        state.forget("signals.full")
        st.warning(words.FULL.format(n=state.MOST_SLOTS))


def _go(study: Study, two: signals.Pair, signal: str, page: str) -> None:
    if not state.view().slots:
        state.change(slots=play.default_slots(study), selected="a")  # what Trade-offs would open with stays in play
    if not signals.play(two, signal):
        state.put("signals.full", value=True)
        return
    state.put(GONE, page)
    if page == "decisions":
        state.put("order", "unsure")
        state.change(quick="", task="", query="")


def covering(study: Study) -> None:
    """Draw who covers whose mistakes."""
    found = signals.cover_of(study)
    names = [signals.short(study, model) for model in found.models]
    said = told.covering(study, found)
    st.subheader(words.COVER, anchor=False)
    st.markdown(said)
    alt = words.COVER_ALT.format(m=len(names), said=said.replace("**", "").replace("\\$", "$"))
    _draw(charts.cover(found, names, mode=mode()), "cover", alt)
    st.caption(words.COVER_CAPTION.format(n=grouped(found.n)))


def splitting(study: Study, two: signals.Pair) -> None:
    """Draw the helpable, easy, hopeless and hurt queries of the pair as one bar, with its key in words."""
    found = signals.split_of(study, two)
    cheap, strong = (signals.short(study, model) for model in (two.cheap, two.strong))
    st.subheader(plain(words.SPLIT.format(cheap=cheap, strong=strong)), anchor=False)
    st.markdown(told.splitting(study, found))
    lines = told.kinds(study, found)
    said = {kind: f"{html.escape(line)}<br>{html.escape(meaning)}" for kind, (line, meaning) in lines.items()}
    alt = words.SPLIT_ALT.format(n=grouped(found.n), said="; ".join(line for line, _ in lines.values()))
    _draw(charts.bar(found, said, mode=mode()), "split", alt)
    colours = charts.kind_colours(mode())
    st.html("".join(_entry(colours[kind], line, meaning) for kind, (line, meaning) in lines.items()))
    notes = [words.FEW] if found.n < CURVES_FROM else []
    if not np.isin(study.tested.numbers["quality"], (0.0, 1.0)).all():
        notes.append(words.GRADED.format(cut=f"{RIGHT:g}"))
    if notes:
        st.caption(" ".join(notes))


def _key() -> str:
    """Return the key of the three pictures as HTML."""
    entries = "".join(
        f'<li style="display:flex;align-items:center;gap:6px;margin:0;font-size:13px"><span aria-hidden="true" '
        f'style="display:inline-block;width:22px;border-top:2.5px {style} {colour}"></span>{html.escape(said)}</li>'
        for style, colour, said in charts.key(mode())
    )
    return f'<ul style="list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0">{entries}</ul>'


def _entry(colour: str, line: str, meaning: str) -> str:
    mark = f'<span aria-hidden="true" style="flex:none;width:12px;height:12px;margin-top:4px;border-radius:2px;background:{colour}"></span>'
    text = f"<span><b>{html.escape(line)}</b><br>{html.escape(meaning)}</span>"
    return f'<div style="display:flex;gap:8px;margin:0 0 6px;font-size:14px;line-height:1.4">{mark}{text}</div>'


def _draw(picture: dict[str, Any], name: str, alt: str) -> None:
    st.plotly_chart(picture, width="stretch", key=f"signals.{name}", theme=None, config=_CONFIG, alt=alt)


def mode() -> str:
    """Return "light" or "dark", as the browser shows it."""
    return st.context.theme.type or "light"
