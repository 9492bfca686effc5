"""From files to a set, one step under the other: what was understood, problems, columns, prices, findings, save."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import streamlit as st

from dashboard import compute, jobs, state
from dashboard.charts.figures import plain
from dashboard.charts.table import table
from dashboard.components import findings, mapping, pricing
from dashboard.words import sets as words
from data.audit import Choice
from data.outcomes import OutcomeTable
from data.problems import SHOWN, Problem, ProblemError
from data.readers.base import Reading, Upload
from data.readers.mapping import Mapping as ColumnMapping
from strategies.study.prepare import LEAST_QUERIES

DRAFT, FILES, JOB, ROUND, TABLE = "upload.draft", "upload.files", "upload.job", "upload.round", "upload.table"
LOOK_AGAIN_S = 0.02
WAIT_S = 2.0
LEAST_NAME = 3


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Draft:
    """A set that is not saved yet. key : new for each upload, part of every widget's key. drop : bad rows are left out knowingly."""

    key: str
    uploads: tuple[Upload, ...]
    reading: Reading
    mapping: ColumnMapping
    drop: bool = False


def box() -> None:
    """Draw the drop zone."""
    key = f"files.{state.get(ROUND, 0)}"
    st.file_uploader(
        words.UPLOAD_LABEL, accept_multiple_files=True, key=key, help=words.UPLOAD_HELP, on_change=_chosen, args=(key,), max_upload_size=200
    )


def _chosen(key: str) -> None:
    """Take over what was dropped; files that were taken out again take the draft with them."""
    _forget_job()
    files = state.get(key) or []
    if not files:
        state.forget(DRAFT)
        return
    uploads = [Upload(file.name, file.getvalue()) for file in files]
    start(uploads)


def start(uploads: Sequence[Upload]) -> None:
    """Start reading beside the page."""
    state.forget(DRAFT)
    key = f"read.{uuid.uuid4().hex[:12]}"
    title = uploads[0].name if len(uploads) == 1 else f"{uploads[0].name} + {len(uploads) - 1}"

    def work(_job: jobs.Job) -> Reading | ProblemError:
        from data.readers.detect import inspect

        try:
            return inspect(uploads)
        except ProblemError as error:
            return error

    jobs.ALL.start(key, title, work)
    state.put(JOB, key)
    state.put(FILES, tuple(uploads))


def draft() -> Draft | None:
    """Return the set in the making, its reading drawn while it lasts; None where there is none yet."""
    key = state.get(JOB)
    job = jobs.ALL.get(key) if key else None
    if job is None:
        return _kept()
    with st.spinner(words.READING.format(files=job.title)):
        waited(job)
    if job.phase == "running":
        _progress(job.key)
        return None
    if isinstance(job.result, ProblemError) or job.phase != "done":
        _failed(job.result.problems if isinstance(job.result, ProblemError) else (), job.error)
        return None
    reading: Reading = job.result
    state.put(DRAFT, Draft(key=job.key, uploads=state.get(FILES), reading=reading, mapping=reading.mapping))
    _forget_job()
    return _kept()


def waited(job: jobs.Job, seconds: float = WAIT_S) -> None:
    """Wait a moment for a job: most are done before anybody would look at a progress bar."""
    end = time.monotonic() + seconds
    while job.phase == "running" and time.monotonic() < end:
        time.sleep(LOOK_AGAIN_S)


def _kept() -> Draft | None:
    found: Draft | None = state.get(DRAFT)
    return found


@st.fragment(run_every=1.0)
def _progress(key: str) -> None:
    job = jobs.ALL.get(key)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    st.progress(job.share, text=words.READING_LONG.format(files=job.title, seconds=time.monotonic() - job.started))


def _forget_job() -> None:
    key = state.get(JOB)
    if key:
        jobs.ALL.drop(key)
        state.forget(JOB)


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
    for kept in (DRAFT, FILES, TABLE):
        state.forget(kept)
    state.put(ROUND, state.get(ROUND, 0) + 1)


def understood(value: Draft) -> None:
    """Draw what was understood, and what became of each file."""
    reading = value.reading
    sure = reading.table is not None and not reading.needs_mapping
    said = reading.understood if sure else words.ROWS.format(rows=len(reading.sheet), columns=len(reading.columns))
    doubt = words.ONE_STEP if reading.table is not None else words.NOT_YET
    badge = f":green[:material/check_circle:] **{words.UNDERSTOOD}:**" if sure else f":orange[:material/help:] **{doubt}:**"
    left, right = st.columns([7, 1], vertical_alignment="center")
    left.markdown(f"{badge} {plain(said)}.")
    right.button(words.DISCARD, key="discard", icon=":material/close:", help=words.DISCARD_HELP, on_click=discard, type="tertiary")
    if len(reading.files) > 1:
        unused = any(f.use in {"another set", "not used"} for f in reading.files)
        with st.expander(words.FILES_TITLE.format(n=len(reading.files)), icon=":material/folder:", expanded=unused):
            st.html(table(words.FILE_HEAD, [[f.name, f.use, f.words] for f in reading.files], label=words.FILES_TITLE.format(n="")))
    if reading.warnings:
        title = words.WARNING_ONE if len(reading.warnings) == 1 else words.WARNINGS.format(n=len(reading.warnings))
        with st.expander(title, icon=":material/info:"):
            problem_table(reading.warnings)


def problem_table(problems: Sequence[Problem]) -> None:
    """Draw up to twenty problems with their places."""
    rows = [[p.file, f"{p.row:,}" if p.row is not None else "", p.column, p.what, p.fix] for p in problems[:SHOWN]]
    used = [i for i in range(len(words.PROBLEM_HEAD)) if any(row[i] for row in rows)]
    head = [words.PROBLEM_HEAD[i] for i in used]
    right = [place for place, i in enumerate(used) if i == 1]
    st.html(table(head, [[row[i] for i in used] for row in rows], right=right, label=words.PROBLEMS_LABEL))
    if len(problems) > SHOWN:
        st.caption(words.MORE_PROBLEMS.format(n=len(problems) - SHOWN))


def steps(value: Draft) -> str:
    """Draw every step under the sentence; return the key of the saved set once it was saved, or an empty string."""
    reading = value.reading
    answered = mapping.questions(value.key, reading, value.mapping)
    # The columns come first where they are needed, and last where they are understood: prices are what is missing then.
    above, middle, below = st.container(), st.container(), st.container()
    with above if reading.needs_mapping else below:
        answered = mapping.columns(value.key, reading, answered)
    if answered != value.mapping:
        value = replace(value, mapping=answered)
        state.put(DRAFT, value)
    made = finished(value)
    with middle:
        if made.problems:
            _problems(value, made)
        chosen = made.good if made.problems and value.drop else made.table
        if chosen is None:
            return ""
        if answered != reading.mapping or value.drop:
            _mapped(chosen)
        priced = pricing.step(value.key, chosen)
        choices = findings.step(value.key, priced)
    return _save(value, priced, choices)


def _mapped(table: OutcomeTable) -> None:
    from data.cards import understood as sentence

    st.caption(plain(words.MAPPED.format(understood=sentence(table))))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Finished:
    """What a draft leads to. table : None where problems stand in the way; good : the table of the rows without problems."""

    table: OutcomeTable | None = None
    problems: tuple[Problem, ...] = ()
    good: OutcomeTable | None = None


def finished(value: Draft) -> Finished:
    """Return what the draft leads to, made once for each mapping."""
    key = (value.key, repr(value.mapping.to_json()))
    kept = state.get(TABLE)
    if kept is None or kept[0] != key:
        kept = (key, _made(value))
        state.put(TABLE, kept)
    made: Finished = kept[1]
    return made


def _made(value: Draft) -> Finished:
    from data.readers.detect import finish

    chosen = value.reading.mapping if value.mapping == value.reading.mapping else value.mapping
    try:
        return Finished(table=finish(value.reading, chosen))
    except ProblemError as error:
        problems = error.problems
    try:
        return Finished(problems=problems, good=finish(value.reading, chosen, drop_bad_rows=True))
    except ProblemError:
        return Finished(problems=problems)


def _problems(value: Draft, made: Finished) -> None:
    title = words.PROBLEM_ONE if len(made.problems) == 1 else words.PROBLEMS.format(n=len(made.problems))
    with st.container(border=True):
        st.markdown(f":red[:material/error:] **{title}**")
        problem_table(made.problems)
        if made.good is not None:
            label = words.GOOD_ROWS.format(good=len(made.good))
            st.checkbox(label, key=f"{value.key}.drop", value=value.drop, help=words.GOOD_ROWS_HELP, on_change=_drop, args=(value,))


def suggested(value: Draft) -> str:
    """Return a name for the set: what its files' names have in common, else the reader's own."""
    stems = [PurePosixPath(f.name).stem for f in value.reading.files if f.use == "rows"]
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip("_-. ") if len(stems) > 1 else ""
    return common if len(common) >= LEAST_NAME else value.reading.name


def _drop(value: Draft) -> None:
    state.put(DRAFT, replace(value, drop=bool(state.get(f"{value.key}.drop"))))


def _save(value: Draft, made: OutcomeTable, choices: Mapping[str, Choice]) -> str:
    with st.container(border=False, horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(words.NAME, value=suggested(value), key=f"{value.key}.name", max_chars=120, persist_state="session")
        usable = len(made) >= LEAST_QUERIES and len(made.models) > 1
        pressed = st.button(
            words.SAVE if usable else words.SAVE_ONLY, key="save", type="primary", icon=":material/save:",
            help=words.SAVE_HELP if usable else words.SAVE_ONLY_HELP.format(least=LEAST_QUERIES), disabled=not (name or "").strip(),
        )  # fmt: skip
    if not pressed:
        return ""
    try:
        key = compute.save(findings.settled(made, choices), name=name.strip(), files=value.uploads)
    except (ProblemError, OSError) as error:
        st.error(f"{words.SAVE_FAILED}: {plain(str(error))} {words.STILL_HERE}", icon=":material/error:")
        return ""
    discard()
    return key
