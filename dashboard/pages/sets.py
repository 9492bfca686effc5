"""Data: bring a file in, look at what was understood, price it, open it; all sets of this machine."""

from __future__ import annotations

import streamlit as st

from dashboard import compute, pages, state
from dashboard.components import benchmarks, datacard, gallery, liverun, making, uploads
from dashboard.words import sets as words
from strategies.study.prepare import incomparable


def show() -> None:
    """Draw the page."""
    st.title(words.TITLE, anchor=False)
    st.caption(words.INTRO)
    waiting()
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.markdown(f"**{words.UPLOAD}**")
            uploads.box()
        with right:
            start_from()
        fetched = benchmarks.section()
    if fetched:
        open_set(fetched)
    saved = in_the_making()
    if saved:
        open_set(saved)
    st.subheader(words.GALLERY, anchor=False)
    pressed = gallery.cards(state.view().data)
    if pressed:
        open_set(pressed)
    current()
    state.publish()


def waiting() -> None:
    """Say which file a link needs, where it names a set that is not here."""
    for problem in state.problems():
        st.warning(str(problem), icon=":material/link_off:")
    view = state.view()
    if view.file and not compute.is_here(view.data):
        st.info(words.WANTED.format(file=view.file), icon=":material/upload_file:")


def in_the_making() -> str:
    """Draw the set in the making; return its key once it is saved."""
    draft = uploads.draft()
    if draft is None:
        return ""
    with st.container(border=True):
        return making.steps(draft)


def start_from() -> None:
    """Draw what somebody without a file can start from."""
    from data.readers.templates import TEMPLATES

    st.markdown(f"**{words.START}**")
    with st.container(horizontal=True, gap="small"):
        if any(not entry.own for entry in compute.gallery()):
            st.download_button(
            words.SAMPLE, compute.sample_csv, "routescope-sample.csv", "text/csv", icon=":material/download:", help=words.SAMPLE_HELP,
            on_click="ignore",
        )  # fmt: skip
        with st.popover(words.TEMPLATES, icon=":material/draft:"):
            for name, make in TEMPLATES.items():
                st.download_button(name, make(), name, key=f"template.{name}", icon=":material/download:", on_click="ignore")
    if liverun.paste():
        pages.go("models")


def current() -> None:
    """Draw the data card of the open set."""
    key = state.view().data or next((entry.key for entry in compute.gallery()), "")
    if not compute.is_here(key):
        return
    st.divider()
    datacard.card(key)


def open_set(key: str) -> None:
    """Make a set the view's data and go to Trade-offs; a set that cannot be compared yet stays here with its data card."""
    gallery.reset_to(key)
    state.publish()
    opened = compute.table(key)
    if incomparable(opened) is not None:
        state.put(datacard.SCROLL, True)
        st.rerun()
    pages.go("tradeoffs")
