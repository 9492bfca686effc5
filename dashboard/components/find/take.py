"""What is done with an answer: into play on Trade-offs, or away as code."""

from __future__ import annotations

import streamlit as st

from dashboard import compute, exports, solving, state
from dashboard.charts.figures import plain
from dashboard.words import find as words
from dashboard.words import tradeoffs
from strategies.solver.answer import Option
from strategies.study.curves import Fitted
from strategies.study.prepare import Study

GONE = "find.gone"


def bar(study: Study, option: Option) -> None:
    """Draw the buttons under the answer."""
    if solving.slot_of(option) is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            _use(study, option)
            st.caption(words.SINGLE_NOTE)
        return
    slot, full = solving.placed(option), len(state.view().slots) >= state.MOST_SLOTS
    with st.container(horizontal=True, vertical_alignment="center"):
        if slot is None:
            st.button(
                words.PUT, key="find.put", icon=":material/add:", help=words.PUT_HELP, disabled=full, on_click=solving.put, args=(option,),
            )  # fmt: skip
        else:
            st.button(
                words.SHOW, key="find.show", icon=":material/show_chart:", help=words.SHOW_HELP, on_click=_show, args=(slot.letter,),
            )  # fmt: skip
        _use(study, option)
        if full and slot is None:
            st.caption(words.FULL.format(n=state.MOST_SLOTS))


def _show(letter: str) -> None:
    state.change(selected=letter, knob="")
    state.put(GONE, value=True)


def _use(study: Study, option: Option) -> None:
    if st.button(words.USE_THIS, key="find.use", icon=":material/output:", type="primary" if option.certified else "secondary"):
        _dialog(study, option)


@st.dialog(words.USE_THIS, width="large")
def _dialog(study: Study, option: Option) -> None:
    view, fit = state.view(), fitted(study, option)
    st.caption(plain(words.USE_INTRO))
    python, yaml, files = st.tabs([tradeoffs.PYTHON, tradeoffs.YAML, tradeoffs.FILES])
    python.code(exports.python(study, fit, view.data, view.file), language="python")
    yaml.code(exports.yaml(study, fit), language="yaml")
    with files.container(horizontal=True):
        st.download_button(tradeoffs.DOWNLOAD_POLICY, exports.policy_file(fit), "policy.npz", icon=":material/download:", on_click="ignore")
        st.download_button(
            tradeoffs.DOWNLOAD_DECISIONS, exports.decisions_csv(fit), "decisions.csv", "text/csv", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def fitted(study: Study, option: Option) -> Fitted:
    """Return an option as Trade-offs would fit it: on every fold of a cross-fitted study, at the option's setting."""
    from dashboard.state import Slot

    made = solving.slot_of(option)
    if made is None:
        made = {"strategy": option.id, "options": {"model": option.policy.settings()["model"]}, "knobs": {}}
    return compute.in_play(study, Slot(letter="a", **made))
