"""What is compared, how far it is, and the buttons that start and end it."""

from __future__ import annotations

import streamlit as st

from dashboard import comparison, jobs, state
from dashboard.charts.figures import plain
from dashboard.components import worksite
from dashboard.words import compare as words
from dashboard.words import methods
from dashboard.words import worksite as there
from strategies.protocol import Strategy
from strategies.study.compare import Comparison
from strategies.study.prepare import Study
from strategies.work.choose import address_set, workers_set

_FAMILIES = "compare.families"
_NAMED = 3
_MINUTE, _TEN = 90, 10


def choice() -> tuple[type[Strategy], ...]:
    """Draw the choice of families and return the strategies of those chosen; none = all."""
    chosen = state.view().families
    here = comparison.families()
    state.put(_FAMILIES, [name for name in here if name in chosen])
    st.pills(
        words.FAMILY, here, selection_mode="multi", key=_FAMILIES, format_func=_family, on_change=_chosen, help=words.FAMILY_HELP,
    )  # fmt: skip
    return comparison.kinds(chosen)


def _family(name: str) -> str:
    return methods.FAMILIES[name][0]


def _chosen() -> None:
    state.change(families=tuple(state.get(_FAMILIES) or ()))


def start(study: Study, kinds: tuple[type[Strategy], ...], *, runnable: int) -> None:
    """Draw the button that starts it, and what it will do."""
    workers = min(workers_set(), max(runnable, 1))
    said = words.COMPARE_HELP_ONE if workers == 1 else words.COMPARE_HELP
    said = there.COMPARE_HELP if address_set() else said
    absent = len(kinds) - runnable
    everything = len(kinds) == len(comparison.kinds(()))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            words.COMPARE if everything else words.COMPARE_N.format(n=len(kinds)), key="compare.start", type="primary",
            icon=":material/leaderboard:", help=said.format(n=len(kinds), workers=workers, place=worksite.place()),
            on_click=comparison.begin, args=(study, kinds),
        )  # fmt: skip
        st.caption((words.READY if absent else words.READY_ALL).format(n=runnable, absent=absent))


def progress(job: jobs.Job, now: Comparison) -> None:
    """Draw how far it is, what is under way, how long it will take, and the button that ends it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-progress"):
        st.progress(len(now.rows) / max(len(now.asked), 1), text=plain(_so_far(job, now)))
        st.button(words.STOP, key="compare.stop", icon=":material/stop:", on_click=job.stop.set)


def _so_far(job: jobs.Job, now: Comparison) -> str:
    if not now.rows and not now.running:
        return words.BEGINNING.format(n=len(now.asked))
    names = words.AND.join(now.running[:_NAMED])
    left = "" if job.left_s is None else words.LEFT.format(time=about(job.left_s))
    under_way = words.NOW.format(names=names) if names else words.WARMING
    where = worksite.underway(now.nodes, now.again)
    return words.RUNNING.format(done=len(now.rows), total=len(now.asked), left=where + left, now=under_way)


def about(seconds: float) -> str:
    """Return a time that is guessed, no finer than the guess is."""
    if seconds >= _MINUTE:
        return words.MINUTES.format(n=round(seconds / 60))
    return words.SECONDS.format(n=max(1, round(seconds)) if seconds < _TEN else 5 * round(seconds / 5))


def after(study: Study, kinds: tuple[type[Strategy], ...], job: jobs.Job, now: Comparison) -> None:
    """Draw where it was measured, unless here; how it ended where it did not end well, and the way on."""
    if said := worksite.ran(now.nodes, now.again):
        st.caption(said)
    if job.phase == "failed":
        st.error(plain(words.FAILED.format(why=job.error)), icon=":material/error:")
        st.button(words.RETRY, key="compare.again", icon=":material/refresh:", on_click=comparison.begin, args=(study, kinds))
    elif job.phase == "stopped":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(words.STOPPED.format(done=len(now.rows), total=len(now.asked)))
            st.button(words.GO_ON, key="compare.go-on", icon=":material/play_arrow:", on_click=comparison.begin, args=(study, kinds))
