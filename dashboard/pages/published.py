"""Published: what papers and boards print, beside what our formulas give on the same data."""

from __future__ import annotations

import streamlit as st

from dashboard import pages, published, state
from dashboard.charts.figures import plain
from dashboard.components import published as parts
from dashboard.words import published as words

SHOWN = "published.shown"


def show() -> None:
    """Draw the page."""
    st.title(words.TITLE, anchor=False)
    st.markdown(words.INTRO)
    with st.spinner(words.WORKING):
        found = published.found()
    st.markdown(plain(summary(found)))
    chosen = tuple(
        st.pills(words.FILTER, published.VERDICTS, selection_mode="multi", format_func=lambda name: words.FILTERS[name], key=SHOWN) or ()
    )
    some = [each for each in found if not chosen or any(each.count(name) for name in chosen)]
    if not some:
        st.caption(words.NONE)
    pressed = [parts.section(each, chosen) for each in some]
    state.publish()
    if any(pressed):
        pages.go("sets")


def summary(found: tuple[published.Compared, ...]) -> str:
    """Return how many headlines there are, and how they came out."""
    count = {name: sum(each.count(name) for each in found) for name in published.VERDICTS}
    return words.SUMMARY.format(
        known=count["agrees"] + count["differs"], total=sum(count.values()), agrees=count["agrees"], differs=count["differs"],
        missing=count["bring"],
    )  # fmt: skip
