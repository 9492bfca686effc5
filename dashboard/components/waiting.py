"""Long work on a page: a moment of patience, then a bar that says what is done, and a button that ends it."""

from __future__ import annotations

import time

import streamlit as st

from dashboard import jobs
from dashboard.words import sets as words

PATIENCE_S = 2.0


def ended(job: jobs.Job, title: str, *, patience_s: float = PATIENCE_S, stop: bool = True) -> bool:
    """Return whether a job has ended; while it runs, draw how far it is. The page is drawn again by itself at the end."""
    if job.phase == "running":
        with st.spinner(title):
            jobs.wait(job, patience_s)
    if job.phase != "running":
        return True
    _progress(job.key, title, stop=stop)
    return False


@st.fragment(run_every=1.0)
def _progress(key: str, title: str, *, stop: bool) -> None:
    job = jobs.ALL.get(key)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    said = words.WORKING.format(title=title, seconds=time.monotonic() - job.started)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(job.share, text=f"{said} {job.said[:1].upper()}{job.said[1:]}".strip())
        if stop:
            st.button(words.STOP, key=f"stop.{key}", icon=":material/stop:", on_click=job.stop.set, disabled=job.stop.is_set())
