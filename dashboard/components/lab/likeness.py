"""How good the twin is: recorded and simulated curves on one plane, and their figures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import state
from dashboard.charts import lab as charts
from dashboard.charts.figures import DASH, money, plain, rounded
from dashboard.charts.table import table
from dashboard.words import lab as words

if TYPE_CHECKING:
    from data.simulator.twin import Fact
    from strategies.study.twin import Fidelity, Likeness

_MONEY = frozenset({"mean cost"})


def panel(found: Fidelity, *, turned: bool) -> None:
    """Draw the comparison: one sentence over all curves, one curve at a time, every figure in a table."""
    st.subheader(words.TWIN, anchor=False)
    st.markdown(plain(summary(found)))
    if turned:
        st.caption(words.TWIN_TURNED)
    names = [each.name for each in found.likenesses]
    if state.get("lab.curve") not in names:
        state.put("lab.curve", names[0])
    st.segmented_control(words.TWIN_PICK, names, key="lab.curve", label_visibility="collapsed")
    chosen = found.likenesses[names.index(state.get("lab.curve"))] if state.get("lab.curve") in names else found.likenesses[0]
    said = one(chosen, found.unit)
    mode = st.context.theme.type or "light"
    st.plotly_chart(
        charts.twin(chosen, mode=mode, unit=found.unit), width="stretch", key="lab.twin", theme=None, config={"displayModeBar": False},
        alt=words.TWIN_ALT.format(name=chosen.name, said=said),
    )  # fmt: skip
    st.caption(plain(said))
    for note in found.twin.notes:
        st.caption(plain(words.TWIN_ASSUMED.format(note=note)))
    with st.expander(words.TWIN_FACTS, icon=":material/table:"):
        st.html(table(words.TWIN_HEAD, [_row(fact) for fact in found.twin.facts], label=words.TWIN_FACTS))


def summary(found: Fidelity) -> str:
    """Return in one sentence how like the twin is over all curves."""
    if found.faithful:
        return words.TWIN_ALL
    worst = max(found.likenesses, key=lambda each: each.excess)
    inside = f"{rounded(100 * found.inside, 0)} %"
    return words.TWIN_SOME.format(inside=inside, excess=rounded(100 * worst.excess), name=worst.name)


def one(likeness: Likeness, unit: str) -> str:
    """Return how like one curve is."""
    if likeness.excess <= 0:
        return words.TWIN_INSIDE
    at = f"{money(1000 * likeness.at)} per 1,000" if unit == "USD" else f"{likeness.at:.3g}"
    return words.TWIN_OUTSIDE.format(inside=f"{rounded(100 * likeness.inside, 0)} %", excess=rounded(100 * likeness.excess), cost=at)


def _row(fact: Fact) -> list[str]:
    return [fact.name, fact.model or DASH, _value(fact.name, fact.recorded), _value(fact.name, fact.twin)]


def _value(name: str, value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN is not itself
        return DASH
    return money(value) if name in _MONEY else rounded(value, 3)
