"""The scores of all strategies in play, over one common cost range, from the test part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import compute, state
from dashboard.scenes import Placed
from dashboard.words import scores as words
from strategies.study.prepare import Study


def table(study: Study, placed: Sequence[Placed]) -> None:
    """Draw the table of scores, closed at first."""
    box = st.expander(words.TITLE, icon=":material/leaderboard:", key="scores", on_change="rerun")
    if not box.open:
        return  # nothing is computed for a closed box
    with box:
        rows = compute.scores(study, {p.letter: p.fit for p in placed}, selected=state.view().selected, knob=state.view().knob)
        shares = [name for name, (_, _, form) in words.COLUMNS.items() if form == "percent" and name in rows]
        rows[shares] = 100 * rows[shares]  # the table's own percent format has two decimals
        columns: dict[str, Any] = {
            name: st.column_config.NumberColumn(title, help=help_text, format="%.1f\u202f%%" if form == "percent" else form)
            for name, (title, help_text, form) in words.COLUMNS.items()
        }
        st.dataframe(rows, hide_index=True, column_config=columns, width="stretch")
        st.caption(words.CAPTION)
