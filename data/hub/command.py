"""`python -m data fetch`: the list of published benchmarks, and one of them fetched, with what it is said before and progress after."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from data.audit.document import Block, Grid, Heading, Paragraph, text, visible
from data.hub.base import Source, find, sources
from data.hub.fetching import AnotherVersionError, Fetched, LargerError, Step, fetch
from data.hub.shelf import made
from data.problems import Problem, ProblemError

NOT_STATED = "not stated"
_SHORT, _WIDTH = 7, 78


def size(count: float) -> str:
    """Return bytes in words: `3.1 MB`, `1.28 GB`; under a tenth of a MB as kB."""
    if count >= 1e9:
        return f"{count / 1e9:.2f} GB"
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"


def large(source: Source) -> str:
    """Return the size of a source's files in words; one that is only about right with two digits."""
    if source.exact:
        return size(source.bytes)
    unit, name = (1e9, "GB") if source.bytes >= 1e9 else (1e6, "MB")
    digits = 1 if source.bytes < 10 * unit else 0
    return f"about {source.bytes / unit:.{digits}f} {name}"


def table() -> str:
    """Return all published benchmarks: name, size, licence, shape, and whether each is here."""
    head = ("Name", "What", "Queries", "Models", "Size", "Licence", "Here as")
    rows = tuple(
        (
            source.id, source.title, _count(source.queries), _count(source.models), large(source), source.licence or NOT_STATED,
            found.key if (found := made(source)) is not None else "-",
        )
        for source in sources().values()
    )  # fmt: skip
    intro = "Published by others, fetched from where they published it. `python -m data fetch NAME` says more of one, and fetches it."
    return text((Paragraph(text=intro), Grid(head=head, rows=rows, right=(2, 3, 4))))


def described(source: Source) -> str:
    """Return what a person should know of a source before it is downloaded: what, from where, how large, under which licence."""
    where = f"{source.page}" + ("" if source.revision else " (not pinned: the newest is fetched)")
    paper = f" arXiv {source.paper}." if source.paper else ""
    blocks: tuple[Block, ...] = (
        Heading(text=source.title),
        Paragraph(text=source.about + paper),
        Paragraph(text=f"{_count(source.queries)} queries, {_count(source.models)} models ({source.counted or NOT_STATED})."),
        Paragraph(text=f"Size: {large(source)}. From:"),
        Paragraph(text=where),
        Paragraph(text=f"Licence: {source.licence or NOT_STATED}. {source.licence_note}".strip()),
    )
    return text(blocks)


def brought(name: str, *, by_hand: Path | None = None, any_size: bool = False, any_version: bool = False, out: TextIO | None = None) -> str:
    """Fetch a benchmark, say so on `out` (stderr) as it goes, and return what it became and what to know of it."""
    source, to = find(name), out or sys.stderr
    print(described(source), file=to)
    try:
        got = fetch(name, on_step=_shown(source, to), any_size=any_size, any_version=any_version, by_hand=by_hand)
    except LargerError as error:
        raise ProblemError(Problem(what=error.problems[0].what, fix="Say --any-size to fetch as much.")) from None
    except AnotherVersionError as error:
        fix = f"Get the published one from {source.page}, or say --any-version to read it as it is."
        raise ProblemError(*(replace(problem, fix=fix) for problem in error.problems)) from None
    finally:
        if to.isatty():
            print(file=to)
    return _kept(got)


def _kept(got: Fetched) -> str:
    commit = f"commit {got.commit}" if got.commit else "a revision that is not known"
    left = f" {got.left_out:,} rows with problems were left out." if got.left_out else ""
    how = " from files that were put there by hand" if got.by_hand else ""
    notes = "".join(f"Note: {note}\n" for note in got.notes)
    return (
        f"Kept as {got.title}{how}: {got.queries:,} queries, {got.models:,} models, {commit}.{left}\n"
        f"It is on the Data page of the app; here its name is {got.key}, as in `python -m data audit {got.key}`.\n{notes}"
    )


def _shown(source: Source, to: TextIO) -> Callable[[Step], None]:
    """Return what shows progress: one line that changes on a terminal, else a line a phase."""
    said: list[str] = []

    def show(step: Step) -> None:
        words = {"asking": f"asking {source.site}", "reading": step.words or "reading", "keeping": "keeping the set"}.get(
            step.phase, step.phase
        )
        if to.isatty():
            share = f" {size(step.done)} of {size(step.total)}" if step.phase in ("downloading", "checking") else ""
            print(f"\r{visible(words + share)[:_WIDTH]:<{_WIDTH}}", end="", file=to, flush=True)
        elif step.phase not in said:
            said.append(step.phase)
            print(words if step.phase != "reading" else "reading", file=to, flush=True)

    return show


def _count(number: int | None) -> str:
    return NOT_STATED if number is None else f"{number:,}"
