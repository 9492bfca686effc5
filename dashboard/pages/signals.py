"""Signals: which confidence signal is worth its price between two models, who covers whose mistakes, what asking on can win."""

from __future__ import annotations

import streamlit as st

from dashboard import jobs, pages, signals, state
from dashboard.charts.figures import plain
from dashboard.components import claim, embedding, header, waiting
from dashboard.components.signals import pictures, told, top
from dashboard.words import signals as words
from strategies.study.prepare import Study
from strategies.study.signal_shape import PairSignals


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    with st.sidebar:
        embedding.offer(state.view().data, study)
    st.title(words.TITLE, anchor=False)
    st.markdown(words.INTRO)
    two = signals.pair(study, state.view().signals)
    top.models(study, two)
    leaving = weighed(study, two)
    left, right = st.columns(2, gap="large")
    with left:
        pictures.covering(study)
    with right:
        pictures.splitting(study, two)
    gone = state.get(pictures.GONE)
    if gone:
        state.forget(pictures.GONE)
    state.publish()
    if gone or leaving:
        pages.go(str(gone or leaving))


def weighed(study: Study, two: signals.Pair) -> str:
    """Draw the finding, the table and the pictures, or how far the work is; return a page to go to, or an empty string."""
    job = signals.weighed(study, two)
    if not waiting.ended(job, job.title, stop=False):
        return ""
    if job.phase != "done":
        st.error(plain(words.FAILED.format(why=job.error)), icon=":material/error:")
        st.button(words.AGAIN, icon=":material/refresh:", on_click=jobs.ALL.drop, args=(job.key,))
        return ""
    found: PairSignals = job.result
    if not found.shapes:
        st.info(plain(words.NO_SIGNAL.format(cheap=signals.short(study, two.cheap)) + " " + words.NO_SIGNAL_OUT), icon=":material/info:")
        return "sets" if st.button(words.TO_DATA, icon=":material/table_view:") else ""
    if said := told.one_class(study, found):
        st.info(said, icon=":material/info:")
        return ""
    st.markdown(told.finding(study, found))
    top.table(study, found)
    shape = top.signal(found, two)
    pictures.pictures(study, found, shape)
    pictures.ways_on(study, two, shape)
    claim.offer_signal(study, found, shape)
    return ""
