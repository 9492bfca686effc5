"""Leaving with something: undo, reset, set for a goal, the policy as code and YAML, the decisions, the chart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import exports, play, state
from dashboard.scenes import Look, Placed
from dashboard.words import tradeoffs as words
from strategies.study.curves import Fitted, sweepable
from strategies.study.prepare import Study


def bar(study: Study, fit: Fitted, placed: Sequence[Placed], look: Look) -> None:
    """Draw the row of actions under the plane."""
    undo, reset, goal, use = st.columns([1, 1, 1.4, 1.4])
    undo.button(words.UNDO, icon=":material/undo:", on_click=state.undo, disabled=not state.can_undo(), width="stretch")
    reset.button(words.RESET, icon=":material/restart_alt:", on_click=_reset, help=words.RESET_HELP, width="stretch")
    with goal.popover(words.RETUNE, icon=":material/target:", width="stretch", disabled=not sweepable(fit.policy)):
        keep = st.slider(words.GOAL, 50.0, 130.0, 97.0, step=0.5, help=words.GOAL_HELP, format="%.1f %%", key="goal-keep")
        st.button(words.GOAL_APPLY, type="primary", on_click=_tuned, args=(fit, keep))
    if use.button(words.USE_THIS, icon=":material/output:", type="primary", width="stretch"):
        _dialog(study, fit, placed, look)


def _picked() -> tuple[str, ...]:
    slot = state.view().slot(state.view().selected)
    return () if slot is None else slot.picked


def _reset() -> None:
    view = state.view()
    slot = view.slot(view.selected)
    if slot is not None:
        state.remember(slot)
        state.change(slots=tuple(state.without_knobs(s) if s.letter == slot.letter else s for s in view.slots))


def _tuned(fit: Fitted, keep: float) -> None:
    state.set_slot(state.view().selected, knobs=play.tuned_for(fit, keep / 100.0))


@st.dialog(words.USE_THIS, width="large")
def _dialog(study: Study, fit: Fitted, placed: Sequence[Placed], look: Look) -> None:
    view = state.view()
    st.caption(exports.picked_words(fit, _picked()) or words.USE_INTRO)
    python, yaml, files = st.tabs([words.PYTHON, words.YAML, words.FILES])
    python.code(exports.python(study, fit, view.data, view.file), language="python")
    yaml.code(exports.yaml(study, fit, _picked()), language="yaml")
    with files:
        one, two, three = st.columns(3)
        one.download_button(words.DOWNLOAD_POLICY, exports.policy_file(fit), "policy.npz", icon=":material/download:", width="stretch")
        two.download_button(
            words.DOWNLOAD_DECISIONS, exports.decisions_csv(fit), "decisions.csv", "text/csv", icon=":material/download:", width="stretch"
        )
        three.download_button(
            words.DOWNLOAD_CHART,
            exports.chart_svg(study, placed, look),
            "tradeoff.svg",
            "image/svg+xml",
            icon=":material/download:",
            width="stretch",
        )
        st.caption(words.SHARE)
