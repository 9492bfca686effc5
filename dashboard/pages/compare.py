"""Compare: every strategy over its whole frontier on the same split, in one picture and one table."""

from __future__ import annotations

import streamlit as st

from dashboard import comparison, jobs, pages, play, state
from dashboard.charts.figures import plain
from dashboard.components import claim, embedding, header, worksite
from dashboard.components.compare import beside, leader, picture, table, told, top
from dashboard.words import compare as words
from strategies.protocol import Strategy
from strategies.study.compare import Comparison
from strategies.study.prepare import Study

PATIENCE_S = 0.5


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    if not state.view().slots:
        state.change(slots=play.default_slots(study), selected="a")  # what Trade-offs would open with is in play here too
    st.title(words.TITLE, anchor=False)
    st.markdown(words.INTRO)
    with st.sidebar:
        embedding.offer(state.view().data, study)  # most routers wait for it
    kinds = top.choice()
    worksite.popover()
    job = comparison.found(study, kinds)
    if job is not None and job.phase == "running" and job.partial is None:
        jobs.wait(job, PATIENCE_S)
    if job is None:
        start(study, kinds)
    elif job.phase == "running":
        growing(job.key, study, kinds)
    else:
        ended(study, kinds, job)
    if state.get(table.GONE):
        state.forget(table.GONE)
        state.publish()
        pages.go("tradeoffs")
    state.publish()


def start(study: Study, kinds: tuple[type[Strategy], ...]) -> None:
    """Draw the page before anything is compared: the button, and what has to be beaten."""
    top.start(study, kinds, runnable=sum(not play.missing(kind, study) for kind in kinds))
    now = comparison.empty(study, kinds)
    st.markdown(told.reference(now))
    picture.plane(study, now, {})


@st.fragment(run_every=1.0)
def growing(key: str, study: Study, kinds: tuple[type[Strategy], ...]) -> None:
    """Draw what is there while more comes; at the end the page is drawn again."""
    job = jobs.ALL.get(key)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    now: Comparison = job.partial or comparison.empty(study, kinds)
    top.progress(job, now)
    result(study, now, live=True)


def ended(study: Study, kinds: tuple[type[Strategy], ...], job: jobs.Job) -> None:
    """Draw a comparison that has ended, well or not."""
    now: Comparison = job.partial or comparison.empty(study, kinds)
    top.after(study, kinds, job, now)
    result(study, now, live=False)
    if not now.rows:
        return
    take_away(study, now, kinds, job)


def take_away(study: Study, now: Comparison, kinds: tuple[type[Strategy], ...], job: jobs.Job) -> None:
    """Draw what can be taken away, and the button that measures anew."""
    with st.container(horizontal=True, vertical_alignment="center"):
        table.downloads(now)
        if now.compared:
            claim.offer_rows(study, now)
        if job.phase == "done":
            st.button(
                words.AGAIN, key="compare.anew", type="tertiary", icon=":material/refresh:", help=words.AGAIN_HELP, on_click=_anew,
                args=(study, kinds),
            )  # fmt: skip


def result(study: Study, now: Comparison, *, live: bool) -> None:
    """Draw finding, picture, table, and what is not in it."""
    if said := told.finding(now):
        st.markdown(said)
    st.markdown(told.reference(now))
    lit = comparison.lit(now, state.view())
    if not live:
        picture.choice(now, lit)
    picture.plane(study, now, lit)
    if now.compared:
        st.subheader(plain(words.TABLE), anchor=False)
        if said := leader.told(now):
            st.markdown(said)
        table.draw(study, now, live=live)
        table.notes(now)
    if not live:
        beside.section(study, now, lit)
    table.absent(now)


def _anew(study: Study, kinds: tuple[type[Strategy], ...]) -> None:
    comparison.forget(study)
    comparison.start(study, kinds)
