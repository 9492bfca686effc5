"""Decisions: every query that the strategy in hand decided, the sets worth a look, and the trace of one."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from dashboard import compute, exports, play, state
from dashboard.components import claim, decision_filters, decision_table, header, knobs
from dashboard.components import trace as one
from dashboard.components.decision_filters import Filter
from dashboard.components.trace import amounts, twin
from dashboard.state import Slot
from dashboard.words import decisions as words
from strategies.protocol import Ints
from strategies.registry import find
from strategies.study.curves import Fitted
from strategies.study.decisions import Decisions
from strategies.study.prepare import Study

TRACE = "trace"
TABLE = "decisions"


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    slot = in_hand(study)
    if slot is None:
        nothing(study)
        state.publish()
        return
    fit = compute.in_play(study, slot)
    with st.sidebar:
        st.subheader(words.SETTINGS, help=words.SETTINGS_HELP)
        knobs.panel(slot, fit)
    found = compute.decisions(fit, play.earlier(study, slot, state.before(slot.letter)))
    st.title(words.TITLE)
    st.markdown(decision_table.sentence(found, fit.policy.card.title).replace("$", "\\$"))
    if notes := decision_table.notes(found, fit.policy):
        st.caption(notes)
    if hindsight := exports.picked_words(fit, slot.picked):
        st.caption(f":material/flag: {hindsight}")
    sets = found.sets()
    chosen = decision_filters.filters(study, found, sets)
    rows = decision_filters.positions(found, sets, chosen)
    listed(found, rows, chosen)
    opened(study, fit, rows)
    claim.offer(study, fit)
    state.publish()


def in_hand(study: Study) -> Slot | None:
    """Draw the choice of the strategy in the sidebar and return it; None if none in play can run."""
    view = state.view()
    if not view.slots:
        view = state.change(slots=play.default_slots(study), selected="a")
    usable = {slot.letter: slot for slot in view.slots if not play.lacks(study, slot)}
    if not usable:
        return None
    if view.selected not in usable:
        view = state.change(selected=next(iter(usable)), knob="")
    state.put("in-hand", view.selected)
    titles = {letter: find(slot.strategy).card.title for letter, slot in usable.items()}
    st.sidebar.radio(words.IN_PLAY, list(usable), key="in-hand", format_func=titles.__getitem__, help=words.IN_PLAY_HELP, on_change=_taken)
    return usable[view.selected]


def _taken() -> None:
    state.change(selected=state.get("in-hand"), knob="")


def nothing(study: Study) -> None:
    """Say why no strategy in play can run here, and offer those that can."""
    st.title(words.TITLE)
    why = [words.NOTHING_WHY.format(strategy=find(s.strategy).card.title, why=play.lacks(study, s)) for s in state.view().slots]
    st.info("\n\n".join([words.NOTHING_IN_PLAY, *why]), icon=":material/info:")
    st.button(words.NOTHING_OUT, type="primary", on_click=_usual)


def _usual() -> None:
    state.change(slots=(), selected="a", knob="")


def listed(found: Decisions, rows: Ints, chosen: Filter) -> None:
    """Draw the table, or say that nothing is left and offer the way back."""
    if not len(rows):
        st.info(words.NONE_LEFT, icon=":material/filter_alt_off:")
        st.button(words.NONE_CLEAR, on_click=decision_filters.clear)
        return
    query = state.view().query
    shown = found.shown.study.tested.queries.ids.take(rows[: decision_table.MOST]).filled()
    at = [shown.index(query)] if query in shown else []
    state.put(TABLE, {"selection": {"rows": at, "columns": [], "cells": []}})
    mode = st.context.theme.type or "light"
    decision_table.table(found, rows, key=TABLE, mode=mode, folded=bool(query), on_select=partial(_picked, shown))
    if not query:
        st.caption(f"{decision_filters.count_words(len(rows), chosen.order)} {words.SELECT}")


def _picked(ids: list[str]) -> None:
    picked = state.get(TABLE)["selection"]["rows"]
    _open(ids[picked[0]] if picked else "")


def _open(query: str) -> None:
    state.change(query=query)


def opened(study: Study, fit: Fitted, rows: Ints) -> None:
    """Draw the trace of the open query with the way back and to its neighbours, or say why there is none."""
    query = state.view().query
    if not query:
        return
    at = decision_filters.place_of(study.tested.queries.ids, query)
    _moves(study, rows, at)
    if at < 0:
        known = decision_filters.place_of(study.table.queries.ids, query) >= 0
        text = (words.UNTESTED_QUERY if known else words.UNKNOWN_QUERY).format(query=query.replace("`", "")[:80])
        st.warning(text, icon=":material/search_off:")
        return
    trace = one.built(fit, at)
    one.show(twin.body(trace, live=True), key=TRACE, on_use=_used)
    st.download_button(words.SAVE_TRACE, twin.page(trace), "trace.html", "text/html", icon=":material/download:")


def _moves(study: Study, rows: Ints, at: int) -> None:
    """Draw the way back to the list and to the queries before and after this one in it."""
    found = np.flatnonzero(rows == at)
    place = int(found[0]) if len(found) else -1
    ids = study.tested.queries.ids
    last = str(ids[int(rows[place - 1])]) if place > 0 else ""
    following = str(ids[int(rows[place + 1])]) if 0 <= place < len(rows) - 1 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(words.BACK, icon=":material/close:", on_click=_open, args=("",))
        st.button(words.PREVIOUS, icon=":material/chevron_left:", disabled=not last, on_click=_open, args=(last,))
        st.button(words.NEXT, icon=":material/chevron_right:", disabled=not following, on_click=_open, args=(following,))
        st.caption(words.PLACE.format(at=amounts.grouped(place + 1), n=amounts.grouped(len(rows))) if place >= 0 else words.PLACE_OUTSIDE)


def _used() -> None:
    used = one.read_use(state.get(TRACE).use)
    state.set_slot(state.view().selected, knobs={used.knob: used.value}, on_test=True)
