"""Try a prompt: a typed question or a random puzzle, answered at once by the chosen arms."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import jobs, state
from dashboard.charts.figures import plain
from dashboard.components import endpoints
from dashboard.components.tryout import draw
from dashboard.components.tryout.arms import Arm, Try, first_choice, offered
from dashboard.words import tryout as words
from data.live.endpoints import KeyRing

if TYPE_CHECKING:
    from data.ladder.puzzles.base import Puzzle

TEXT, ARMS, KIND, LEVEL = "tryout.text", "tryout.arms", "tryout.kind", "tryout.level"
PUZZLE, RUN, JOB = "tryout.puzzle", "tryout.run", "tryout.job"
WARM = "warm.ladder"
LEVELS = ("1", "2", "3", "4", "5")
MOMENT_S = 1.0
LOOK_AGAIN_S = 0.01
KEPT_JOBS = 20


@st.fragment
def panel() -> None:
    """Draw the panel: the prompt, whom to ask, what they said."""
    _random()
    found = offered()
    _form(found)
    run: Try | None = state.get(RUN)
    job = jobs.ALL.get(state.get(JOB, ""))
    if run is not None and job is not None:
        if job.phase == "running":
            _wait(run, job)
        (_filling if job.phase == "running" else _result)(run, job)
    _warm(found)


# --- prompt ----------------------------------------------------------------------------------------------------------


def _random() -> None:
    """Draw the choice of a random puzzle."""
    kinds = [words.ANY, *words.CATEGORIES]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox(
            words.CATEGORY, kinds, key=KIND, format_func=lambda kind: words.CATEGORIES.get(kind, kind), persist_state="session", width=190
        )
        st.segmented_control(words.LEVEL, LEVELS, key=LEVEL, help=words.LEVEL_HELP, persist_state="session", width="content")
        st.button(words.RANDOM, key="tryout.random", icon=":material/casino:", help=words.RANDOM_HELP, on_click=_drawn)


def _drawn() -> None:
    """Put a fresh held-out puzzle into the box."""
    from data.ladder.puzzles import CATEGORIES
    from data.ladder.puzzles.base import stream

    kind, level = state.get(KIND) or words.ANY, state.get(LEVEL)
    makes = CATEGORIES if kind == words.ANY else {kind: CATEGORIES[kind]}
    puzzle = next(p for p in stream(makes, Random(), held_out=True) if level is None or str(p.level) == level)
    state.put(PUZZLE, puzzle)
    state.put(TEXT, puzzle.text)
    state.forget(RUN)


def _form(found: dict[str, Arm]) -> None:
    """Draw the box, the arms and the button."""
    names = list(found)
    chosen: list[str] | None = state.get(ARMS)
    # Before the widget is drawn: a model that was removed since can't stay chosen.
    state.put(ARMS, first_choice(names) if chosen is None else [name for name in chosen if name in found])
    with st.form("tryout.form", border=False):
        st.text_area(words.PROMPT, key=TEXT, height=80, placeholder=words.PLACEHOLDER, persist_state="session", max_chars=4000)
        puzzle: Puzzle | None = state.get(PUZZLE)
        text = (state.get(TEXT) or "").strip()
        if puzzle is not None and puzzle.text == text:
            st.caption(words.PUZZLE.format(category=words.CATEGORIES[puzzle.category], level=puzzle.level))
        st.pills(words.MODELS, names, key=ARMS, selection_mode="multi", format_func=lambda name: found[name].title, persist_state="session")
        pressed = st.form_submit_button(words.ASK, type="primary", icon=":material/send:", help=words.ASK_HELP)
    if pressed:
        _ask(text, [found[name] for name in names if name in (state.get(ARMS) or [])], puzzle)


# --- answers ---------------------------------------------------------------------------------------------------------


def _ask(text: str, arms: list[Arm], puzzle: Puzzle | None) -> None:
    state.forget(RUN)
    if not text or not arms:
        st.warning(words.NOBODY if text else words.EMPTY, icon=":material/info:")
        return
    known = puzzle is not None and puzzle.text == text
    run = Try(
        prompt=text,
        arms=tuple(arms),
        reference=puzzle.answer if known and puzzle is not None else "",
        category=puzzle.category if known and puzzle is not None else "",
    )
    ring, key = endpoints.keys(), f"tryout.{time.monotonic_ns()}"
    jobs.ALL.trim("tryout.", KEPT_JOBS)
    jobs.ALL.start(key, words.TITLE, lambda _job: run.ask(ring))
    state.put(RUN, run)
    state.put(JOB, key)


def _wait(run: Try, job: jobs.Job) -> None:
    """Wait for those that answer within a moment; the others may follow."""
    end = time.monotonic() + MOMENT_S
    while job.phase == "running" and not run.quick_done and time.monotonic() < end:
        time.sleep(LOOK_AGAIN_S)
    jobs.wait(job, 10 * LOOK_AGAIN_S)


@st.fragment(run_every=0.3)
def _filling(run: Try, job: jobs.Job) -> None:
    _result(run, job)
    if job.phase != "running":
        st.rerun(scope="app")


def _result(run: Try, job: jobs.Job) -> None:
    if job.error:
        st.error(f"{words.FAILED}: {plain(job.error)}", icon=":material/error:")
        return
    st.html(draw.body(run, st.context.theme.type or "light"))


def _warm(found: dict[str, Arm]) -> None:
    """Load the models and the client once a process, beside the page: the first answer shall not wait for imports."""
    if jobs.ALL.get(WARM) is not None:
        return

    run = Try(prompt=words.PLACEHOLDER, arms=tuple(arm for arm in found.values() if arm.quick))
    jobs.ALL.start(WARM, words.TITLE, lambda _job: run.ask(KeyRing()))
