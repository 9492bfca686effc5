"""The drop zone, the reading beside the page, and what became of each file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import drafts, jobs, state
from dashboard.charts.figures import plain
from dashboard.charts.table import table
from dashboard.components import waiting
from dashboard.drafts import Draft
from dashboard.words import sets as words
from data.problems import SHOWN, Problem, ProblemError
from data.readers.base import FileNote, Reading, Upload

DRAFT, FILES, JOB, ROUND, TABLE = "upload.draft", "upload.files", "upload.job", "upload.round", "upload.table"
READ, FOLDER, NAMED = "upload.read", "upload.folder", "upload.named"


def box() -> None:
    """Draw the drop zone: files, or a whole folder."""
    kind = st.segmented_control(
        words.UPLOAD_KIND, ["files", "folder"], default="files", required=True, key=FOLDER, label_visibility="collapsed",
        format_func=words.UPLOAD_KINDS.__getitem__, persist_state="session",
    )  # fmt: skip
    folder = kind == "folder"
    key = f"files.{state.get(ROUND, 0)}.{kind}"
    st.file_uploader(
        words.UPLOAD_FOLDER if folder else words.UPLOAD_LABEL, accept_multiple_files="directory" if folder else True, key=key,
        help=words.UPLOAD_HELP, on_change=_chosen, args=(key, folder), max_upload_size=200,
    )  # fmt: skip


def _chosen(key: str, folder: bool) -> None:
    """Take over what was dropped; files that were taken out again take the draft with them."""
    from data.readers.archive import readable

    _forget_job()
    files = state.get(key) or []
    # A browser hands files over in any order: by name, the same files are the same table.
    uploads = sorted((Upload(file.name, file.getvalue()) for file in files), key=lambda upload: upload.name)
    state.put(NAMED, "")
    if folder:  # licences, scripts and hidden files lie in every folder: what can be no table is passed over
        name, uploads = drafts.inside(uploads)
        uploads = [upload for upload in uploads if readable(upload.name) or upload.suffix == ".zip"] or uploads
        state.put(NAMED, name)
    if not uploads:
        state.forget(DRAFT)
        return
    start(uploads)


def start(uploads: Sequence[Upload], read: Sequence[Upload] | None = None) -> None:
    """Start reading beside the page. read : the files to read, where not all of those that were chosen are."""
    state.forget(DRAFT)
    key = f"read.{uuid.uuid4().hex[:12]}"
    files = tuple(uploads if read is None else read)
    title = files[0].name if len(files) == 1 else f"{files[0].name} + {len(files) - 1}"

    def work(job: jobs.Job) -> Any:
        from data.readers.detect import inspect

        try:
            return jobs.watched(job, lambda: inspect(files))
        except ProblemError as error:
            return error

    jobs.ALL.start(key, title, work)
    state.put(JOB, key)
    state.put(FILES, tuple(uploads))
    state.put(READ, files)


def draft() -> Draft | None:
    """Return the set in the making, its reading drawn while it lasts; None where there is none yet."""
    key = state.get(JOB)
    job = jobs.ALL.get(key) if key else None
    if job is None:
        return _kept()
    if not waiting.ended(job, words.READING.format(files=job.title)):
        return None
    if job.phase == "stopped":
        _stopped()
        return None
    if isinstance(job.result, ProblemError) or job.phase != "done":
        _failed(job.result.problems if isinstance(job.result, ProblemError) else (), job.error)
        return None
    from data.stores.mappings import recall

    reading: Reading = job.result
    made = drafts.drafted(job.key, state.get(FILES), state.get(READ), reading, recall(reading))
    state.put(DRAFT, replace(made, folder=state.get(NAMED, "")))
    _forget_job()
    return _kept()


def _kept() -> Draft | None:
    found: Draft | None = state.get(DRAFT)
    return found


def _forget_job() -> None:
    key = state.get(JOB)
    if key:
        jobs.ALL.drop(key)
        state.forget(JOB)


def _stopped() -> None:
    with st.container(border=True):
        st.markdown(f":gray[:material/stop_circle:] **{words.READ_STOPPED}**")
        with st.container(horizontal=True):
            st.button(words.READ_AGAIN, key="read-again", icon=":material/refresh:", on_click=_again)
            st.button(words.DISCARD, key="discard-stopped", icon=":material/close:", on_click=discard)


def _again() -> None:
    uploads, read = state.get(FILES), state.get(READ)
    _forget_job()
    start(uploads, read)


def _failed(problems: Sequence[Problem], error: str) -> None:
    with st.container(border=True):
        st.markdown(f":red[:material/error:] **{words.READ_FAILED}**")
        if problems:
            problem_table(problems)
        else:
            st.error(plain(error))
        st.button(words.DISCARD, key="discard-failed", icon=":material/close:", on_click=discard)


def discard() -> None:
    """Forget the draft and empty the drop zone."""
    _forget_job()
    for kept in (DRAFT, FILES, READ, TABLE):
        state.forget(kept)
    state.put(ROUND, state.get(ROUND, 0) + 1)


def files(value: Draft) -> None:
    """Draw what became of each file, with a way to open one that is a set of its own instead."""
    reading = value.reading
    if len(reading.files) > 1:
        unused = any(f.use in {"another set", "not used"} for f in reading.files)
        with st.expander(words.FILES_TITLE.format(n=len(reading.files)), icon=":material/folder:", expanded=unused):
            st.html(
                table(
                    words.FILE_HEAD,
                    [[f.name, f.use, f.words] for f in sorted(reading.files, key=_needed)],
                    label=words.FILES_TITLE.format(n=""),
                )
            )
            for note in drafts.other_sets(value):
                st.button(
                    words.INSTEAD.format(name=note.name), key=f"{value.key}.instead.{note.name}", icon=":material/swap_horiz:",
                    on_click=_instead, args=(value, note.name), help=words.INSTEAD_HELP,
                )  # fmt: skip
    if len(value.read) < len(value.uploads) or value.read != value.uploads:
        st.button(words.ALL_FILES, key=f"{value.key}.all", icon=":material/undo:", type="tertiary", on_click=start, args=(value.uploads,))
    if reading.warnings:
        title = words.WARNING_ONE if len(reading.warnings) == 1 else words.WARNINGS.format(n=len(reading.warnings))
        with st.expander(title, icon=":material/info:"):
            problem_table(reading.warnings, head=words.WARNING_HEAD)


def _needed(note: FileNote) -> int:
    """Return where a file stands in the list: what is left out first, the plain rows last."""
    return ("another set", "not used", "contaminated", "prices", "joined", "rows").index(note.use)


def _instead(value: Draft, name: str) -> None:
    start(value.uploads, drafts.instead(value, name))


def problem_table(problems: Sequence[Problem], *, rows: int = 0, head: Sequence[str] = words.PROBLEM_HEAD) -> None:
    """Draw up to twenty problems with their places. rows : how many rows have any, where more have than are told one by one."""
    lines = [[p.file, f"{p.row:,}" if p.row is not None else "", p.column, p.what, p.fix] for p in problems[:SHOWN]]
    used = [i for i in range(len(head)) if any(line[i] for line in lines)]
    shown = [head[i] for i in used]
    right = [place for place, i in enumerate(used) if i == 1]
    st.html(table(shown, [[line[i] for i in used] for line in lines], right=right, label=words.PROBLEMS_LABEL))
    if rows > SHOWN:
        st.caption(words.MORE_ROWS_LIKE.format(n=rows))
    elif len(problems) > SHOWN:
        st.caption(words.MORE_PROBLEMS.format(n=len(problems) - SHOWN))
