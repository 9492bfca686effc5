"""What was corrected in the last file of this shape: said in a line, with the ways to undo and to forget it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import drafts, state
from dashboard.charts.figures import plain
from dashboard.components.uploads import DRAFT
from dashboard.drafts import Draft
from dashboard.words import sets as words
from data.stores import mappings


def line(value: Draft) -> None:
    """Draw the line where something is known of files of this shape; nothing is ever applied without it."""
    if value.recalled.note:
        st.caption(f":material/info: {plain(value.recalled.note)}")
    found = value.recalled.found
    if found is None or value.history is not None:
        return
    said = words.REMEMBERED if value.used else words.REMEMBERED_OFF
    parts = ", ".join(words.MAPPING_PARTS[name] for name in mappings.FIELDS if name in found.fields)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"memory.{value.key}"):
        st.markdown(f":blue[:material/history:] {plain(said.format(file=found.file, date=day(found.date), parts=parts))}", width="content")
        if value.used:
            st.button(words.UNDO, key=f"{value.key}.undo", icon=":material/undo:", type="tertiary", on_click=_use, args=(value, False))
        else:
            st.button(words.USE_AGAIN, key=f"{value.key}.use", icon=":material/redo:", type="tertiary", on_click=_use, args=(value, True))
        st.button(
            words.FORGET, key=f"{value.key}.forget", icon=":material/delete:", type="tertiary", help=words.FORGET_HELP, on_click=_forget,
            args=(value,),
        )  # fmt: skip


def day(stamp: str) -> str:
    """Return the date of an ISO time in words, the text itself where it is none."""
    try:
        return f"{datetime.fromisoformat(stamp):%-d %B %Y}"
    except ValueError:
        return stamp


def _use(value: Draft, use: bool) -> None:
    state.put(DRAFT, drafts.with_memory(value) if use else drafts.without_memory(value))


def _forget(value: Draft) -> None:
    if value.recalled.found is not None:
        mappings.forget(value.recalled.found.key)
    state.put(DRAFT, drafts.without_memory(value, forgotten=True))
