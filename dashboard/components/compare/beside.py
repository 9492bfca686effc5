"""A against B on the Compare page: which two and at which point, one sentence, the figures, the picture by task."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping

import streamlit as st

from dashboard import jobs, pairs, state, theme
from dashboard.charts import pair as charts
from dashboard.charts.figures import plain
from dashboard.charts.table import table as html_table
from dashboard.components import waiting
from dashboard.components.compare.against import figures, how, sentence
from dashboard.components.plane.figures import percent
from dashboard.words import pair as words
from strategies.study.beside import Asked, Beside, Side, asked
from strategies.study.compare import Comparison
from strategies.study.compare_values import POINTS
from strategies.study.prepare import Study

_A, _B, _AT = "compare.a", "compare.b", "compare.at"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}
_ORDER = ("equal_cost", "equal_quality", "at")


def section(study: Study, now: Comparison, lit: Mapping[str, int]) -> None:
    """Draw the section; nothing where there are not two to choose from."""
    names = pairs.names(study, now)
    if not now.compared or len(names) < 2:
        return
    st.subheader(words.TITLE, anchor=False)
    st.caption(words.INTRO)
    pair = pairs.chosen(now, study, state.view())
    point = state.view().pair_at if state.view().pair_at in POINTS else _ORDER[0]
    _choice(pair, point, names)
    if pair[0] == pair[1]:
        st.info(words.SAME_TWICE, icon=":material/info:")
        return
    wanted = asked(study, pair, point)
    sides = [_side(study, now, each, names[each.id]) for each in wanted]
    if sides[0] is None or sides[1] is None:
        return
    found = pairs.beside(study, sides[0], sides[1])
    st.markdown(sentence(found))
    st.caption(how(study, wanted, found, now))
    _figures(now, found)
    _picture(found, lit)


def _choice(pair: tuple[str, str], point: str, names: Mapping[str, str]) -> None:
    for key, value in ((_A, pair[0]), (_B, pair[1]), (_AT, point)):
        state.put(key, value)
    with st.container(horizontal=True, key="compare-pair"):
        for key, label in ((_A, words.A), (_B, words.B)):
            st.selectbox(label, list(names), key=key, format_func=lambda each: names.get(each, each), on_change=_chosen)
        st.selectbox(words.AT, _ORDER, key=_AT, format_func=words.POINTS.__getitem__, help=words.AT_HELP, on_change=_chosen)


def _chosen() -> None:
    state.change(pair=(state.get(_A), state.get(_B)), pair_at=state.get(_AT))


def _side(study: Study, now: Comparison, wanted: Asked, title: str) -> Side | None:
    """Return a side; one that has to be fitted is waited for, with its progress and a stop; None while, or where, it is not there."""
    found = pairs.side(study, now, wanted)
    if isinstance(found, Side):
        return found
    if not waiting.ended(found, words.FITTING.format(title=title)):
        return None
    if isinstance(found.result, Side):
        return found.result
    said = words.STOPPED.format(title=title) if found.phase == "stopped" else words.BROKE.format(title=title, why=found.error)
    st.warning(plain(said), icon=":material/info:")
    st.button(words.AGAIN, key=f"compare.fit.{wanted.id}", on_click=jobs.ALL.drop, args=(found.key,))
    return None


def _figures(now: Comparison, found: Beside) -> None:
    unit = now.about.cost_unit
    st.html(html_table(("", words.QUALITY, words.COSTS[unit]), figures(found, unit), right=(1, 2), label=words.TABLE_LABEL))
    up, down = found.found.dominates, found.found.dominated
    if not math.isnan(up):
        st.caption(words.DOMINATES.format(up=percent(up, 0), down=percent(down, 0)))


def _picture(found: Beside, lit: Mapping[str, int]) -> None:
    mode = st.context.theme.type or "light"
    colours = pairs.colours((found.a.id, found.b.id), lit, mode)
    drawn = charts.differences(found.whole, found.tasks, colours=colours, mode=mode)
    alt = words.PICTURE_ALT.format(a=found.a.title, b=found.b.title, said=charts.told(found.whole))
    st.html(_key(found, colours, mode))
    st.plotly_chart(drawn, width="stretch", key="compare.differences", theme=None, config=_CONFIG, alt=alt)


def _key(found: Beside, colours: tuple[str, str], mode: str) -> str:
    """Return the picture's title and key as HTML, B's side first as it is drawn."""
    c = theme.palette(mode)
    entries = (
        ("■", colours[1], words.B_BETTER.format(b=found.b.title)),
        ("■", colours[0], words.A_BETTER.format(a=found.a.title)),
        ("◆", c.ink, words.NET),
    )
    items = "".join(
        f'<li style="margin:0;display:flex;gap:6px;font-size:13px"><span aria-hidden="true" style="color:{colour}">{sign}</span>'
        f"<span>{html.escape(name)}</span></li>"
        for sign, colour, name in entries
    )
    style = f"list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0;font:13px/1.5 var(--st-font, {theme.FONT})"
    return f'<p style="margin:0 0 4px;font-weight:600">{words.PICTURE}</p><ul style="{style};color:{c.ink}">{items}</ul>'
