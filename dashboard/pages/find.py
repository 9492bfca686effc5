"""Find: a question in plain words, the policy that answers it, and the proof."""

from __future__ import annotations

import streamlit as st

from dashboard import jobs, pages, play, solving, state
from dashboard.charts.figures import plain
from dashboard.components import claim, embedding, header
from dashboard.components.find import ask, picture, take, told, tried
from dashboard.components.trace.amounts import grouped
from dashboard.words import find as words
from data.problems import ProblemError
from strategies.solver.answer import Answer
from strategies.solver.goals import Question
from strategies.solver.search import Searched
from strategies.study.prepare import Study

PATIENCE_S = 2.0


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
        embedding.offer(state.view().data, study)
    question = ask.question(study)
    state.publish()  # before the work: the address is right while the answer is on its way
    job = solving.best_search(study) or solving.start(study)
    if job.phase == "running":
        jobs.wait(job, PATIENCE_S)
    if job.phase == "running":
        searching(job.key)
    elif not isinstance(job.result, Searched):
        _failed(study, job)
    else:
        answered(study, job, question)
    if state.get(take.GONE):
        state.forget(take.GONE)
        state.publish()
        pages.go("tradeoffs")
    state.publish()


@st.fragment(run_every=0.5)
def searching(key: str) -> None:
    """Say how far the search is; at its end the page is drawn again."""
    job = jobs.ALL.get(key)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    step = job.partial
    said = words.BEGINNING if step is None else words.RUNNING.format(doing=step.doing, settings=grouped(step.settings))
    with st.container(horizontal=True, vertical_alignment="bottom", key="find-progress"):
        st.progress(job.share, text=plain(said))
        st.button(words.STOP, key="find.stop", icon=":material/stop:", on_click=job.stop.set)


def answered(study: Study, job: jobs.Job, question: Question) -> None:
    """Draw the answer: in a sentence, as a picture, with what else there is to know."""
    if question.aim == "worth":
        question = ask.lever(job, question, study.table.cost_unit)
    try:
        with st.spinner(words.ANSWERING.format(n=grouped(job.result.settings))):
            found = solving.answered(job, question)
    except ProblemError as error:
        st.info(plain(str(error)), icon=":material/info:")
        return
    sentence(study, found)
    if job.result.stopped:
        st.caption(words.STOPPED)
    picture.plane(study, job, found)
    for said in (told.bolder(study, found), told.runner_up(study, found)):
        if said:
            st.markdown(said)
    tried.draw(study, found)
    _longer(study, job, found)


def sentence(study: Study, found: Answer) -> None:
    """Draw the answer in words, what it rests on, and what can be done with it."""
    with st.container(border=True, key="find-answer"):
        st.markdown(told.answer(study, found))
        if found.chosen is not None and found.question.proved:
            st.caption(plain(told.proved(found)))
        option = found.chosen or found.closest
        if option is not None:
            take.bar(study, option)
        claim.offer_answer(study, found)


def _longer(study: Study, job: jobs.Job, found: Answer) -> None:
    """Draw the way to a longer search, or how far it is."""
    longer = jobs.ALL.get(solving.key(study, longer=True))
    if longer is not None and longer.phase == "running":
        searching(longer.key)
        return
    left = sum(each.status == "not tried" for each in found.tried)
    if left and (job.key != solving.key(study, longer=True) or job.result.stopped):
        st.button(
            words.LONGER, key="find.longer", icon=":material/search:", help=words.LONGER_HELP.format(n=left), on_click=_start_longer,
            args=(study,),
        )  # fmt: skip


def _start_longer(study: Study) -> None:
    solving.again(study, longer=True)


def _failed(study: Study, job: jobs.Job) -> None:
    st.error(plain(words.FAILED.format(why=job.error)), icon=":material/error:")
    st.button(words.AGAIN, key="find.again", icon=":material/refresh:", on_click=_again, args=(study,))


def _again(study: Study) -> None:
    solving.again(study, longer=False)
