"""Published benchmarks: what each is, its licence and size, one press that fetches it, with progress and a stop; what was made of one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import streamlit as st

from dashboard import compute, jobs
from dashboard.charts.figures import plain
from dashboard.words import benchmarks as words
from data.hub import AnotherVersionError, LargerError, Step, base, fetch, shelf
from data.hub.base import Source
from data.hub.command import large, size
from data.outcomes import OutcomeTable
from data.problems import ProblemError

BOX = "benchmarks"
Place: TypeAlias = "st.delta_generator.DeltaGenerator"
_SHORT = 7


def section() -> str:
    """Draw all benchmarks, closed at first; return the key of the set whose Open was pressed, or an empty string."""
    box = st.expander(words.TITLE, icon=":material/cloud_download:", key=BOX, on_change="rerun")
    if not box.open:
        return ""  # nothing is looked up for a closed box
    pressed = ""
    with box:
        st.caption(words.INTRO)
        for source in base.sources().values():
            with st.container(border=True, gap="small", key=f"benchmark.{source.id}"):
                pressed = _row(source) or pressed
    return pressed


def facts(source: Source) -> str:
    """Return licence, size and where it is, as one line of Markdown."""
    licence = words.LICENCE.format(licence=source.licence or words.NOT_STATED)
    page = words.PAGE.format(site=source.site, repository=source.repository, page=source.page)
    return " · ".join([licence, large(source), page, *([words.PAPER.format(paper=source.paper)] if source.paper else [])])


def origin(opened: OutcomeTable) -> str:
    """Return where the set of a published benchmark is from, as one line of Markdown; empty for any other set."""
    at = next((i for i, line in enumerate(opened.history) if line.action == "fetched" and "repository" in line.values), None)
    if at is None:
        return ""
    said = opened.history[at].values
    site = base.NAMES.get(said["home"], said["home"])
    page = words.PAGE.format(site=site, repository=said["repository"], page=said["page"])
    changed = any(line.action != "audit" or line.values.get("choice") != "keep" for line in opened.history[at + 1 :])
    return words.FROM.format(page=page, commit=_commit(said), changed=words.CHANGED if changed else "")


def _commit(said: Mapping[str, Any]) -> str:
    """Return of which version the files of a fetched set are. said : the values of its line in the history."""
    if said.get("another_version"):
        return words.ANOTHER_VERSION
    return words.COMMIT.format(commit=said["revision"][:_SHORT]) if said.get("revision") else words.UNKNOWN_COMMIT


def _row(source: Source) -> str:
    job = jobs.ALL.get(_key(source))
    left, right = st.columns([5, 2], vertical_alignment="center", gap="medium")
    with left:
        _described(source)
    if job is not None and job.phase == "running":
        with right:
            _progress(source.id)
        return ""
    made = shelf.made(source)
    if made is not None and compute.is_here(made.key):
        _here(source, made, job, left)
        with right, st.container(horizontal=True, gap="small"):
            pressed = st.button(words.OPEN, key=f"fetched.{source.id}", icon=":material/show_chart:")
            _clearing(source, shelf.kept(source))
        return made.key if pressed else ""
    _to_fetch(source, job, right)
    return ""


def _described(source: Source) -> None:
    """Draw what a benchmark is, as published; where it is, its licence and its size."""
    queries, models = source.queries, source.models
    known = words.NOT_STATED if queries is None or models is None else words.SIZED.format(queries=queries, models=models)
    counted = words.COUNTED.format(counted=source.counted) if source.counted else None
    st.markdown(f"**{plain(source.title)}** :gray-badge[{known}]", help=counted)
    st.caption(plain(source.about))
    revision = words.PINNED.format(commit=source.revision[:_SHORT]) if source.revision else words.NEWEST
    st.caption(facts(source), help=" ".join(part for part in (source.licence_note, f"{revision[:1].upper()}{revision[1:]}.") if part))


def _to_fetch(source: Source, job: jobs.Job | None, right: Place) -> None:
    """Draw what became of the last try, and the button that fetches or goes on."""
    problem = job.result if job is not None and isinstance(job.result, ProblemError) else None
    kept = shelf.kept(source)
    label, help_ = words.FETCH, words.FETCH_HELP.format(size=large(source), site=source.site)
    any_size, any_version = isinstance(problem, LargerError), isinstance(problem, AnotherVersionError)
    if isinstance(problem, LargerError):
        st.warning(plain(str(problem)), icon=":material/data_usage:")
        label = words.FETCH_ANYWAY.format(size=size(problem.bytes))
    elif any_version:
        st.warning(plain(str(problem)), icon=":material/difference:")
        label, help_ = words.VERSION_ANYWAY, words.VERSION_HELP
    elif problem is not None or (job is not None and job.phase == "failed"):
        said = str(problem) if problem is not None else job.error if job is not None else ""
        st.error(f"{words.FAILED}: {plain(said)}", icon=":material/cloud_off:")
        label = words.AGAIN
    elif kept:
        label, help_ = words.GO_ON, words.GO_ON_HELP.format(size=size(kept))
    with right, st.container(horizontal=True, gap="small"):
        st.button(
            label, key=f"fetch.{source.id}", icon=":material/download:", help=help_, on_click=start,
            args=(source.id, any_size, any_version),
        )  # fmt: skip
        _clearing(source, kept)


def _here(source: Source, made: shelf.Made, job: jobs.Job | None, place: Place) -> None:
    """Draw that a benchmark is a set of this machine, and of which commit."""
    lines: list[Mapping[str, Any]] = []
    with contextlib.suppress(ProblemError, OSError):  # a set that is damaged is told on its card
        lines = [line.values for line in compute.table(made.key).history if line.action == "fetched"]
    commit = _commit({"revision": made.commit, **(lines[-1] if lines else {})})
    notes = "\n\n".join(note for said in lines for note in said.get("notes", ()))
    title = next((entry.name for entry in compute.gallery() if entry.key == made.key), source.title)
    left_out = getattr(job.result, "left_out", 0) if job is not None else 0
    said = words.HERE.format(title=plain(title), commit=commit)
    place.caption(
        said + (f" {words.LEFT_OUT.format(n=left_out)}" if left_out else ""),
        help=words.NOTED.format(notes=plain(notes)) if notes else None,
    )


def _clearing(source: Source, kept: int) -> None:
    if kept:
        st.button(
            words.CLEAR.format(size=size(kept)), key=f"clear.{source.id}", icon=":material/delete:", type="tertiary", help=words.CLEAR_HELP,
            on_click=_clear, args=(source.id,),
        )  # fmt: skip


def _clear(source_id: str) -> None:
    jobs.ALL.drop(_key_of(source_id))
    shelf.clear(base.find(source_id))


def start(source_id: str, any_size: bool = False, any_version: bool = False) -> None:
    """Start a fetch beside the page; one of a benchmark at a time, whichever window asks."""
    key, source = _key_of(source_id), base.find(source_id)
    job = jobs.ALL.get(key)
    if job is not None and job.phase != "running":
        jobs.ALL.drop(key)

    def work(job: jobs.Job) -> Any:
        def tell(step: Step) -> None:
            job.progress(step.done, step.total, told(source, step))

        try:
            got = fetch(source_id, on_step=tell, stop=job.stop.is_set, any_size=any_size, any_version=any_version)
        except ProblemError as error:
            return error
        compute.table.clear()  # the same figures may be open already, with the history of other files
        return got

    jobs.ALL.start(key, source.title, work)


def told(source: Source, step: Step) -> str:
    """Return how far a fetch is, in words."""
    said = words.PHASES[step.phase].format(site=source.site, done=size(step.done), total=size(step.total), words=step.words or "…")
    return said.removesuffix(": …")


@st.fragment(run_every=1.0)
def _progress(source_id: str) -> None:
    job = jobs.ALL.get(_key_of(source_id))
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    stopping = job.stop.is_set()
    st.progress(job.share, text=plain(words.STOPPING if stopping else job.said or words.WAITING))
    st.button(words.STOP, key=f"stop.{source_id}", icon=":material/stop:", on_click=job.stop.set, disabled=stopping)


def _key(source: Source) -> str:
    return _key_of(source.id)


def _key_of(source_id: str) -> str:
    """Return the key of a fetch: of the folder that it goes to, as tests and several users of one machine have their own."""
    return f"hub.{shelf.folder()}.{source_id}"
