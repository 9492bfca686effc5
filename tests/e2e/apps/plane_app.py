"""The stage alone on a page; ?scene= picks one of the made-up scenes. Every commit is written below it, for the test."""

from __future__ import annotations

import copy

import streamlit as st

from dashboard.components.plane import Nudge, read_commit, stage
from tests.e2e.apps.plane_scenes import DEFAULTS, SCENES

st.set_page_config(layout="wide")
state = st.session_state
settings = state.setdefault("settings", copy.deepcopy(DEFAULTS))
state.setdefault("slot", "a")
state.setdefault("commits", [])


def heard() -> None:
    """Keep what the reader did."""
    commit = read_commit(state["stage"].commit)
    state["commits"].append(commit)
    if commit.kind == "set":
        state["settings"][commit.slot][commit.knob] = commit.value
    if commit.kind in ("set", "select"):
        state["slot"] = commit.slot


scene = SCENES[st.query_params.get("scene", "chain")](settings)
nudge = Nudge(
    slot=state["slot"], settings=settings, what_changed="41 queries now stop earlier, 6 of them wrong." if state["commits"] else ""
)
stage(scene, nudge, key="stage", on_commit=heard)
last = state["commits"][-1] if state["commits"] else None
st.text(
    f"commits {len(state['commits'])} · last {last.kind} {last.slot} {last.knob} {last.value:.4f} {last.target}" if last else "commits 0"
)
