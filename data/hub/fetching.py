"""From a published benchmark to a kept set: asked for, downloaded, checked, read as an upload is, kept with origin and history."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from data.hub import homes, net, shelf
from data.hub.base import Note, Source, find
from data.hub.download import Transfer
from data.hub.shelf import Made, Stored
from data.outcomes import OutcomeTable
from data.problems import SHOWN, Problem, ProblemError, Stopped, refuse
from data.readers.base import PATH_LIMIT_BYTES, FileNote, Upload
from data.readers.watch import Progress, watching

Phase: TypeAlias = Literal["asking", "downloading", "checking", "reading", "keeping"]
_LARGER = 1.25  # of the size that was shown: more is asked for first
_SPARE_BYTES = 200 * 2**20
_IN_DETAIL = 3  # notes that the line of the history has in words; all are in its values


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a fetch is. done, total : bytes while downloading and checking, thousandths while reading. words : what is read now."""

    phase: Phase
    done: int = 0
    total: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was kept. key : the id of the set; commit : of its files; left_out : rows with problems that are not in it.

    notes : what a person should know of it, each with its place: files of another version, what could not be read and why, what was
    assumed. The history of the set has them too.
    """

    key: str
    title: str
    queries: int
    models: int
    commit: str
    licence: str
    by_hand: bool = False
    left_out: int = 0
    notes: tuple[str, ...] = ()


class LargerError(ProblemError):
    """The files are larger than was shown, so they are not fetched without being asked for again. bytes : what they are."""

    def __init__(self, source: Source, bytes_: int) -> None:
        what = f"the files are {bytes_ / 1e6:,.0f} MB now, not about {source.bytes / 1e6:,.0f} MB."
        super().__init__(Problem(what=what, fix="Fetch them if you want as much."))
        self.bytes = bytes_


class AnotherVersionError(ProblemError):
    """Files that were put there by hand are not the published ones, so they are not read without being asked for again.

    files : (name, SHA-256, SHA-256 of the published one) of each.
    """

    def __init__(self, source: Source, files: Sequence[tuple[str, str, str]]) -> None:
        fix = f"Get the published one from {source.page}; or go on with this one, whose figures may be others than the published."
        super().__init__(*(Problem(what=_another(*each), fix=fix, file=each[0]) for each in files))
        self.files = tuple(files)


def _another(_name: str, mine: str, published: str) -> str:
    return f"this is another version than the published one: its SHA-256 is {mine}, not {published}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What the parts of a fetch share."""

    source: Source
    tell: Callable[[Step], None]
    stop: Callable[[], bool]

    def reading(self) -> Progress:
        """Return the progress of reading; it ends the work when it is to stop."""

        def told(done: int, total: int, words: str) -> None:
            if self.stop():
                raise Stopped
            self.tell(Step(phase="reading", done=done, total=total, words=words))

        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """The files of a source on this computer. commit : "" where nobody knows, as they were put here by hand; others : as of the error."""

    files: tuple[Stored, ...]
    commit: str
    licence: str = ""
    by_hand: bool = False
    others: tuple[tuple[str, str, str], ...] = ()


def fetch(
    source_id: str,
    *,
    on_step: Callable[[Step], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    any_size: bool = False,
    any_version: bool = False,
    by_hand: Path | None = None,
) -> Fetched:
    """Fetch a published benchmark and keep it as a set; what is here already is not fetched again.

    on_step : called between blocks, from this thread. stop : asked between blocks; what was fetched by then is taken up the next time.
    any_size : also when the files are larger than declared. by_hand : a folder (or the one file) that holds the files already.
    any_version : also when files that were put there by hand are not the published ones.
    Raises ProblemError with the way out, LargerError, AnotherVersionError, Stopped.
    """
    source = find(source_id)
    run = _Run(source=source, tell=on_step or (lambda _: None), stop=stop)
    files = _given(run, by_hand, any_version=any_version) or _gathered(run, any_size=any_size)
    table, left_out, notes = _table(run, files)
    run.tell(Step(phase="keeping"))
    made = _described(source, files, table, notes)
    from data.stores import home as store

    named: list[Any] = [_Named(each) for each in files.files]
    entry = store.add(made, named, title=source.title)
    shelf.remember(source, Made(key=entry.id, commit=files.commit))
    return Fetched(
        key=entry.id, title=entry.title, queries=entry.queries, models=entry.models, commit=files.commit,
        licence=made.origin.licence, by_hand=files.by_hand, left_out=left_out, notes=_listed(notes),
    )  # fmt: skip


def _given(run: _Run, by_hand: Path | None, *, any_version: bool) -> _Files | None:
    """Return the files that a person put there, None where there are none.

    Raises ProblemError where some were promised, and AnotherVersionError where they are not the published ones.
    """
    found = shelf.given(run.source, by_hand)
    if not found:
        if by_hand is None:
            return None
        names = ", ".join(PurePosixPath(name).name for name in run.source.names)
        raise refuse(f"{str(by_hand)!r} does not hold all files of {run.source.title}.", f"They are {names} of {run.source.page}.")
    files = tuple(_hashed(run, path.name, path) for _, path in found)
    published = [wanted.sha256 for wanted, _ in found]  # "" = not known before it is fetched
    pairs = tuple((each, sha256) for each, sha256 in zip(files, published, strict=True))
    others = tuple((each.name, each.sha256, sha256) for each, sha256 in pairs if sha256 not in ("", each.sha256))
    if others and not any_version:
        raise AnotherVersionError(run.source, others)
    same = all(each.sha256 == sha256 for each, sha256 in pairs)
    return _Files(files=files, commit=run.source.revision if same else "", by_hand=True, others=others)


def _gathered(run: _Run, *, any_size: bool) -> _Files:
    """Return the files of the source, fetched as far as they are not here."""
    before = shelf.completed(run.source)
    if before is not None and run.source.revision:
        return _Files(files=before.files, commit=before.commit, licence=before.licence)
    run.tell(Step(phase="asking"))
    with net.client() as client:
        try:
            listing = homes.listing(run.source, client)
        except ProblemError:
            if before is None:
                raise
            return _Files(files=before.files, commit=before.commit, licence=before.licence)  # of an earlier day, and it says which
        _room(run.source, listing, any_size=any_size)
        done, files = 0, []
        for remote in listing.files:
            target = shelf.place(run.source, listing.commit, remote.path)
            Transfer(
                source=run.source, remote=remote, client=client, headers=listing.headers, stop=run.stop,
                tell=_told(run, done, listing.bytes),
            ).to(target)  # fmt: skip
            done += target.stat().st_size
            files.append(_hashed(run, remote.path, target))
    shelf.complete(run.source, listing.commit, files, licence=listing.licence)
    return _Files(files=tuple(files), commit=listing.commit, licence=listing.licence)


def _told(run: _Run, before: int, total: int) -> Callable[[str, int], None]:
    def tell(what: str, done: int) -> None:
        run.tell(Step(phase="checking" if what == "checking" else "downloading", done=before + done, total=max(total, before + done)))

    return tell


def _room(source: Source, listing: homes.Listing, *, any_size: bool) -> None:
    """Raise where the files are larger than was shown, or than the disk has room for."""
    places = [(shelf.place(source, listing.commit, file.path), file.bytes or 0) for file in listing.files]
    missing = sum(size for place, size in places if not place.is_file())
    if missing > _LARGER * source.bytes and not any_size:
        raise LargerError(source, listing.bytes)
    shelf.folder().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(shelf.folder()).free
    # What came before a break or a stop is on the disk already.
    needed = sum(max(0, size - shelf.begun(place)) for place, size in places if not place.is_file())
    if needed + _SPARE_BYTES > free:
        what = f"the disk has {free / 1e6:,.0f} MB left, and the files are {needed / 1e6:,.0f} MB."
        raise refuse(what, "Make room, or set ROUTESCOPE_HOME to a folder on a larger disk.")


def _hashed(run: _Run, name: str, path: Path) -> Stored:
    if run.stop():
        raise Stopped
    return Stored(name=name, path=path, sha256=shelf.sha256(path))


@dataclass(frozen=True, slots=True)
class _Named:
    """A file as the store of sets wants it: its name and its hash, without its bytes."""

    stored: Stored

    @property
    def name(self) -> str:
        return PurePosixPath(self.stored.name).name

    @property
    def sha256(self) -> str:
        return self.stored.sha256


def _table(run: _Run, files: _Files) -> tuple[OutcomeTable, int, tuple[Problem, ...]]:
    """Return the table as the readers of uploads make it, how many rows with problems it lacks, and what to know of it."""
    from data.readers.detect import finish, inspect

    progress = run.reading()
    notes = [Problem(what=_another(*each), fix="It was read as it is.", file=each[0]) for each in files.others]
    with watching(progress):
        uploads = tuple(_uploads(run.source, files.files, notes.append))
    reading = inspect(uploads, name=run.source.title, limit_bytes=PATH_LIMIT_BYTES, progress=progress)
    if reading.table is None or reading.needs_mapping:
        first = str(reading.problems[0]) if reading.problems else reading.understood
        fix = "Add the files under Add your own outcomes, where columns can be mapped by hand."
        raise refuse(f"what was fetched is not understood: {first}", f"{fix} They are in {files.files[0].path.parent}.")
    table = finish(reading, drop_bad_rows=bool(reading.problems), name=run.source.title, progress=progress)
    left = next((line.values.get("rows", ()) for line in table.history if line.action == "dropped bad rows"), ())
    notes += [_unread(each) for each in reading.files if each.use in ("not used", "another set")]
    return table, len(left), (*notes, *reading.problems, *reading.warnings)


def _unread(file: FileNote) -> Problem:
    why = f" ({file.words.rstrip('.')})" if file.words else ""
    return Problem(what=f"{file.use}{why}.", fix="The set is made of the other files.", file=file.name)


def _uploads(source: Source, files: Sequence[Stored], note: Note) -> Iterable[Upload]:
    if source.unpack is not None:
        for each in files:
            yield from source.unpack(each.path, note)
        return
    names = [PurePosixPath(each.name).name for each in files]
    for each, name in zip(files, names, strict=True):
        if each.path.stat().st_size > PATH_LIMIT_BYTES:
            raise refuse(f"{name} is larger than is read at once.", "Split it, and upload a part.", file=name)
        yield Upload(name if names.count(name) == 1 else each.name, each.path.read_bytes())


def _listed(notes: Sequence[Problem]) -> tuple[str, ...]:
    """Return notes in words, the first of many."""
    more = (f"... and {len(notes) - SHOWN:,} more.",) if len(notes) > SHOWN else ()
    return (*(str(note) for note in notes[:SHOWN]), *more)


def _described(source: Source, files: _Files, table: OutcomeTable, notes: Sequence[Problem]) -> OutcomeTable:
    """Return the table with where it comes from, how it came, and what to know of it."""
    revision = files.commit or "a revision that is not known"
    where = f"{source.repository} on {source.site}, {revision}" + (f"; arXiv {source.paper}" if source.paper else "")
    licence = source.licence or files.licence
    note = " ".join(part for part in (table.origin.note, source.licence_note) if part)
    how = "put there by hand" if files.by_hand else "fetched"
    count = f"{len(files.files):,} file{'' if len(files.files) == 1 else 's'}"
    made = replace(table, origin=replace(table.origin, name=source.title, kind="recorded", source=where, licence=licence, note=note))
    if notes:
        more = f" and {len(notes) - _IN_DETAIL:,} more" if len(notes) > _IN_DETAIL else ""
        said = "; ".join(f"{note.where}: {note.what}" if note.where else note.what for note in notes[:_IN_DETAIL])
        made = made.noted("fetched", f"to know of the files: {said}{more}", notes=list(_listed(notes)))
    return made.noted(
        "fetched", f"{count} of {source.repository} at {revision}, {how}", source=source.id, home=source.home, page=source.page,
        repository=source.repository, revision=files.commit, licence=licence, by_hand=files.by_hand,
        files=[[each.name, each.sha256] for each in files.files], another_version=[list(each) for each in files.others],
    )  # fmt: skip
