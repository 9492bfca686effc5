"""A set in the making: the files, what was understood, what a person says about it, and the table that follows. Draws nothing."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from data.arms import Edits, edited
from data.history import History, Replayed, replay
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import Problem, ProblemError
from data.readers.base import FileNote, Reading, Upload
from data.readers.mapping import Mapping as ColumnMapping
from data.stores.mappings import Recalled, Remembered

LEAST_NAME = 3
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Draft:
    """A set that is not saved yet.

    key : new for each upload, part of every widget's key. uploads : the files as they came. read : those that were read.
    start : the mapping from which the widgets start: the guess, or the guess as it was corrected last time (`used`).
    mapping : as it stands now. recalled : what is known of files of this shape. drop : bad rows are left out knowingly.
    folder : the name of the folder that they came from, "" = chosen one by one.
    history : steps of an earlier set that are applied instead of the mapping; its name in `after`.
    """

    key: str
    uploads: tuple[Upload, ...]
    read: tuple[Upload, ...]
    reading: Reading
    start: ColumnMapping
    mapping: ColumnMapping
    recalled: Recalled = field(default_factory=Recalled)
    used: bool = False
    drop: bool = False
    folder: str = ""
    history: History | None = None
    after: str = ""

    @property
    def widgets(self) -> str:
        """Return the start of the keys of widgets that depend on where the mapping started: another start, other widgets."""
        return f"{self.key}.{'m' if self.used else 'g'}"

    @property
    def remembered(self) -> Remembered | None:
        """Return the correction that is in use."""
        return self.recalled.found if self.used else None


def drafted(key: str, uploads: tuple[Upload, ...], read: tuple[Upload, ...], reading: Reading, recalled: Recalled) -> Draft:
    """Return the draft of a reading; what was corrected in the last file of its shape is in use, and is said."""
    plain = Draft(key=key, uploads=uploads, read=read, reading=reading, start=reading.mapping, mapping=reading.mapping, recalled=recalled)
    return with_memory(plain) if recalled.found is not None else plain


def with_memory(draft: Draft) -> Draft:
    """Return the draft with its mapping as it was corrected last time."""
    if draft.recalled.found is None:
        return draft
    mapping = draft.recalled.found.applied(draft.reading.mapping)
    return replace(draft, start=mapping, mapping=mapping, used=True)


def without_memory(draft: Draft, *, forgotten: bool = False) -> Draft:
    """Return the draft as the files were understood by themselves; `forgotten` : there is nothing to go back to."""
    guess = draft.reading.mapping
    return replace(draft, start=guess, mapping=guess, used=False, recalled=Recalled() if forgotten else draft.recalled)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Finished:
    """What a draft leads to. table : None where problems stand in the way; good : the table of the rows without problems."""

    table: OutcomeTable | None = None
    problems: tuple[Problem, ...] = ()
    good: OutcomeTable | None = None
    replayed: Replayed | None = None

    @property
    def bad_rows(self) -> int:
        """Return how many rows have problems, 0 where that isn't known."""
        lines = () if self.good is None else self.good.history
        left = next((line.values.get("rows", ()) for line in reversed(lines) if line.action == "dropped bad rows"), ())
        return len(left)

    def chosen(self, *, drop: bool) -> OutcomeTable | None:
        """Return the table that goes on."""
        return self.good if self.problems and drop else self.table


def identity(draft: Draft) -> str:
    """Return what the table of a draft depends on, without the choice to leave rows out."""
    steps = "" if draft.history is None else f"{draft.after}.{id(draft.history)}.{draft.drop}"
    return digest(draft.key, draft.mapping.to_json(), steps)


def digest(*parts: Any) -> str:
    """Return a short hash of plain values."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def made(draft: Draft) -> Finished:
    """Return what a draft leads to: its table, or the problems with the table of the rows without any."""
    if draft.history is not None:
        return _replayed(draft, draft.history)
    from data.readers.detect import finish

    mapping = draft.reading.mapping if draft.mapping == draft.reading.mapping else draft.mapping
    try:
        return Finished(table=finish(draft.reading, mapping))
    except ProblemError as error:
        problems = error.problems
    try:
        return Finished(problems=problems, good=finish(draft.reading, mapping, drop_bad_rows=True))
    except ProblemError:
        return Finished(problems=problems)


def _replayed(draft: Draft, history: History) -> Finished:
    try:
        done = replay(history, draft.reading, name=draft.reading.name)
        return Finished(table=done.table, replayed=done)
    except ProblemError as error:
        problems = error.problems
    try:
        done = replay(history, draft.reading, drop_bad_rows=True, name=draft.reading.name)
        return Finished(problems=problems, good=done.table, replayed=done)
    except ProblemError:
        return Finished(problems=problems)


def instant(draft: Draft) -> bool:
    """Whether the table is there already, so that no job is needed for it."""
    reading = draft.reading
    return draft.history is None and draft.mapping == reading.mapping and reading.table is not None and not reading.problems


def after_edits(table: OutcomeTable, edits: Edits, cards: tuple[ModelCard, ...] = ()) -> OutcomeTable:
    """Return the table with its models edited and priced."""
    table = edited(table, edits)
    return table.priced(cards) if cards else table


def suggested(draft: Draft) -> str:
    """Return a name for the set: its folder's, what its files' names have in common, else the reader's own."""
    if draft.folder and draft.read == draft.uploads:
        return draft.folder
    stems = [PurePosixPath(f.name).stem for f in draft.reading.files if f.use == "rows"]
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    common = "".join(letters[0] for letters in alike).rstrip("_-. /") if len(stems) > 1 else ""
    folder = PurePosixPath(common).name
    return folder if len(folder) >= LEAST_NAME else draft.reading.name


def inside(uploads: Sequence[Upload]) -> tuple[str, list[Upload]]:
    """Return the name of the folder that all files share, and the files named from there on."""
    first = {upload.name.split("/", 1)[0] for upload in uploads if "/" in upload.name}
    if len(first) != 1 or any("/" not in upload.name for upload in uploads):
        return "", list(uploads)
    return first.pop(), [Upload(upload.name.split("/", 1)[1], upload.data) for upload in uploads]


def instead(draft: Draft, name: str) -> tuple[Upload, ...]:
    """Return the files to read so that a file of another set is opened: itself and what is shared, without this set's rows."""
    from data.readers.archive import expanded
    from data.readers.base import LIMIT_BYTES

    uses = {note.name: note.use for note in draft.reading.files}
    shared = ("joined", "prices", "contaminated", "not used")
    return tuple(u for u in expanded(draft.uploads, LIMIT_BYTES) if u.name == name or uses.get(u.name) in shared)


def other_sets(draft: Draft) -> tuple[FileNote, ...]:
    """Return the files that are a set of their own, so were left out of this one."""
    return tuple(note for note in draft.reading.files if note.use == "another set")
