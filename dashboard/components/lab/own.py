"""The open set on the map: where its own router and cascade stand, and who wins on it as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import streamlit as st

from dashboard import compute, jobs, lab, state
from dashboard.charts.figures import plain
from dashboard.components.lab import pictures
from dashboard.words import lab as words
from data.problems import ProblemError

if TYPE_CHECKING:
    from strategies.study.predictability import Place
    from strategies.study.prepare import Study

Known: TypeAlias = "tuple[str, Place] | None"


def study() -> Study | None:
    """Return the study of the open set, the first bundled one where none is open; None where nothing can be compared on it."""
    try:
        if not state.view().data:
            state.change(data=compute.default_data())
        return compute.study(state.view())
    except ProblemError:
        return None


def place(value: Study | None) -> Known:
    """Return the open set's name and its place, once it is known."""
    if value is None:
        return None
    job = lab.place(value)
    return (value.whole.origin.name, job.result) if job.phase == "done" else None


def words_of(value: Study | None, known: Known, budget: str, *, twin: bool) -> None:
    """Say where the open set lies and who wins on it; while that is looked for, say so and follow up."""
    if value is None:
        return
    name = value.whole.origin.name
    if known is not None:
        st.caption(pictures.placed(known[1], name, budget, _best(value), twin=twin, simulated=value.whole.origin.kind == "simulated"))
        return
    job = lab.place(value)
    if job.phase == "running":
        _looking(job.key, name)
        return
    st.caption(plain(words.OWN_FAILED.format(name=name, why=job.error)))


@st.fragment(run_every=1.0)
def _looking(key: str, name: str) -> None:
    job = jobs.ALL.get(key)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    st.caption(plain(words.OWN_RUNNING.format(name=name)))


def _best(value: Study) -> str:
    return value.table.cards[value.pool.index(value.best)].short
