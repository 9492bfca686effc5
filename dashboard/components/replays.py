"""The steps of an earlier set, played again on these files: from a set of this machine, or from an exported history."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import plain
from dashboard.charts.table import table as html_table
from dashboard.components.uploads import DRAFT, problem_table
from dashboard.drafts import Draft
from dashboard.words import sets as words
from data.actions import READING
from data.history import History, Replayed, parsed
from data.problems import ProblemError

REFUSED = "upload.history.refused"


def step(value: Draft) -> Draft:
    """Draw the choice of an earlier set's steps, or the line that says which are applied; return the draft as it is then."""
    if value.history is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = words.REPLAYING.format(name=value.after, n=len(value.history.lines))
            st.markdown(f":blue[:material/history:] {plain(said)}", width="content")
            st.button(words.UNDO, key=f"{value.key}.unplay", icon=":material/undo:", type="tertiary", on_click=_off, args=(value,))
        return value
    own = {entry.key: entry.name for entry in compute.gallery() if entry.own}
    with st.popover(words.REPLAY, icon=":material/history:", type="tertiary", help=words.REPLAY_HELP, key=f"{value.key}.replay"):
        if own:
            picked = st.selectbox(words.REPLAY_SET, list(own), format_func=own.__getitem__, key=f"{value.key}.earlier")
            st.button(
                words.REPLAY_DO, key=f"{value.key}.play", type="primary", disabled=picked is None, on_click=_play_set,
                args=(value, picked or "", own.get(picked or "", "")),
            )  # fmt: skip
        name = f"{value.key}.steps"
        st.file_uploader(words.REPLAY_FILE, type="json", key=name, on_change=_play_file, args=(value, name), max_upload_size=16)
        refused: ProblemError | None = state.get(REFUSED)
        if refused is not None:
            problem_table(refused.problems)
    return value


def _play_set(value: Draft, key: str, name: str) -> None:
    if not compute.is_here(key):
        return
    earlier = compute.table(key)
    history = History(lines=earlier.history, name=name, fingerprint=earlier.fingerprint)
    state.put(DRAFT, replace(value, history=history, after=name))


def _play_file(value: Draft, name: str) -> None:
    file = state.get(name)
    state.forget(REFUSED)
    if file is None:
        return
    try:
        history = parsed(file.getvalue().decode("utf-8", "replace"))
    except ProblemError as error:
        state.put(REFUSED, error)
        return
    state.put(DRAFT, replace(value, history=history, after=history.name or file.name))


def _off(value: Draft) -> None:
    state.put(DRAFT, replace(value, history=None, after=""))


def outcome(done: Replayed) -> None:
    """Draw what became of each step: what could not be applied first and in sight."""
    failed = len(done.failed)
    said = words.REPLAY_FAILED.format(n=failed, all=len(done.steps)) if failed else words.REPLAYED.format(n=len(done.steps))
    said = words.REPLAY_SAME if done.same else said
    with st.expander(said, icon=":material/warning:" if failed else ":material/check_circle:", expanded=bool(failed)):
        order = sorted(done.steps, key=lambda s: s.status != "not applied")
        rows = [
            [words.STATUS[s.status], s.line.action, s.line.detail, s.words]
            for s in order
            if s.status != "derived" or s.line.action in READING
        ]
        st.html(html_table(words.REPLAY_HEAD, rows, label=words.REPLAY))
