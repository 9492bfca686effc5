"""Models: what can be asked, and a live run that turns questions into a set."""

from __future__ import annotations

import streamlit as st

from dashboard import pages, state
from dashboard.components import endpoints, gallery, liverun, tryout
from dashboard.words import models as words
from dashboard.words import tryout as try_words


def show() -> None:
    """Draw the page."""
    st.title(words.TITLE, anchor=False)
    st.caption(words.INTRO)
    st.subheader(try_words.TITLE, anchor=False)
    st.caption(try_words.INTRO)
    tryout.panel()
    st.subheader(words.LIST, anchor=False)
    endpoints.cards()
    endpoints.form()
    st.subheader(words.RUN, anchor=False)
    intro, paste = st.columns([3, 1], vertical_alignment="center")
    intro.caption(words.RUN_INTRO)
    with paste:
        if liverun.paste():
            st.rerun()
    with st.container(border=True):
        wanted = liverun.panel()
    if wanted:
        gallery.reset_to(liverun.opened_key())
        state.publish()
        pages.go(wanted)
    state.publish()
