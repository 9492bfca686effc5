"""The offer to read the prompts (embeddings) for the routers that need it: a job with progress and stop."""

from __future__ import annotations

import streamlit as st

from dashboard import compute, jobs, state
from dashboard.components.trace.amounts import grouped
from dashboard.words import tradeoffs as words
from strategies.study.prepare import Study


def offer(data: str, study: Study) -> None:
    """Draw the offer, the progress, or nothing where embeddings are there (or impossible)."""
    job = jobs.ALL.get(compute.embedding_key(data))
    if job is not None and job.phase == "running":
        _progress(data)  # also while its first part is previewed
        return
    if "embedding" in study.table.features or not compute.can_embed(data):
        return
    if job is not None and job.phase == "failed":
        st.warning(job.error, icon=":material/error:")
    st.caption(words.EMBED_TITLE)
    if st.button(words.EMBED_START, icon=":material/psychology:", width="stretch"):
        compute.start_embedding(data)
        st.rerun()


def _whole_page() -> None:
    """Note that the whole page has to follow, not this fragment alone."""
    state.put("preview-changed", value=True)


@st.fragment(run_every=1.0)
def _progress(data: str) -> None:
    job = jobs.ALL.get(compute.embedding_key(data))
    changed = state.get("preview-changed")
    state.forget("preview-changed")
    if job is None or job.phase != "running" or changed:
        st.rerun(scope="app")
        return
    if compute.preview_ready(data):
        st.toggle(words.PREVIEW, key="preview", help=words.PREVIEW_HELP, on_change=_whole_page)
    st.progress(job.share, text=words.EMBED_RUNNING.format(done=grouped(job.done), total=grouped(job.total)))
    if st.button(words.EMBED_STOP, key="embed-stop"):
        job.stop.set()
