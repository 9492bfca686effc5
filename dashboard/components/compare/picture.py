"""The plane of a comparison: which strategies are in colour, the picture, and its key in words."""

from __future__ import annotations

import html
from collections.abc import Mapping

import streamlit as st

from dashboard import comparison, state, theme
from dashboard.charts import compare as charts
from dashboard.components.arms import CHIPS
from dashboard.components.compare import told
from dashboard.components.plane.figures import percent
from dashboard.words import compare as words
from data.problems import listed
from strategies.study.compare import Comparison
from strategies.study.prepare import Study

_LIT = "compare.lit"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def choice(now: Comparison, lit: Mapping[str, int]) -> None:
    """Draw which strategies are highlighted: the best AIQ ones until somebody chooses."""
    titles = {row.id: row.title for row in now.compared}
    if not titles:
        return
    st.html(CHIPS)
    state.put(_LIT, list(lit))
    st.multiselect(
        words.LIT, list(titles), key=_LIT, format_func=lambda name: titles.get(name, name), max_selections=comparison.MOST_LIT,
        help=words.LIT_HELP, on_change=_chosen,
    )  # fmt: skip


def _chosen() -> None:
    state.change(compare=tuple(state.get(_LIT) or ()))


def plane(study: Study, now: Comparison, lit: Mapping[str, int]) -> None:
    """Draw the picture with its key."""
    mode = st.context.theme.type or "light"
    names = listed([row.title for name in lit if (row := now.row(name)) is not None])
    alt = words.PLANE_ALT.format(lit=names or words.NO_ONE, n=len(now.compared), said=told.finding(now).replace("**", ""))
    picture = charts.plane(comparison.outline_of(study), now, lit, mode=mode)
    st.plotly_chart(picture, width="stretch", key="compare.plane", theme=None, config=_CONFIG, alt=alt)
    st.html(key(now, lit, mode=mode))
    if now.compared:
        st.caption(words.PLANE_CAPTION)


def key(now: Comparison, lit: Mapping[str, int], *, mode: str) -> str:
    """Return the picture's key as HTML: a line and a name a strategy, then the marks."""
    c = theme.palette(mode)
    entries = [_entry(_stroke(theme.strategy_colour(i, mode)), row.title) for name, i in lit.items() if (row := now.row(name)) is not None]
    if len(now.compared) > len(lit):
        entries.append(_entry(_stroke(c.faint, width=1.5), words.REST))
    if lit:
        entries.append(_entry(_glyph("◯", c.muted), words.RING.format(keep=percent(now.about.keep, 0))))
        entries.append(_entry(_glyph("×", c.muted), words.CROSS))
    marks = (
        ("●", c.muted, words.KEY_MODELS),
        ("┄", c.muted, words.KEY_MIX),
        ("★", c.oracle, words.KEY_ORACLE),
        ("◇", c.muted, words.UNIFORM),
    )
    entries += [_entry(_glyph(sign, colour), name) for sign, colour, name in marks]
    style = (
        "list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0;"
        f"font:13px/1.5 var(--st-font, {theme.FONT});color:{c.ink}"
    )
    return f'<ul style="{style}">{"".join(entries)}</ul>'


def _entry(mark: str, name: str) -> str:
    return f'<li style="margin:0;display:flex;align-items:center;gap:6px;font-size:13px">{mark}<span>{html.escape(name)}</span></li>'


def _stroke(colour: str, *, width: float = 3) -> str:
    return f'<span aria-hidden="true" style="display:inline-block;width:18px;border-top:{width}px solid {colour}"></span>'


def _glyph(sign: str, colour: str) -> str:
    return f'<span aria-hidden="true" style="display:inline-block;width:18px;text-align:center;color:{colour}">{sign}</span>'
