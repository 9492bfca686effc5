"""What some files are: `inspect` says it, `finish` makes the table."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import Problem, ProblemError, refuse
from data.readers import llmrouter, long, omnisbench, routellm, wide, zeroeval
from data.readers.archive import expanded
from data.readers.base import FILE_COLUMN, LIMIT_BYTES, FileNote, Guess, Reading, Sheet, Upload, Use
from data.readers.build import build
from data.readers.companions import Part, Set, assembled
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.profile import Profile, column_card, profiles, shortened
from data.readers.tables import decode
from data.readers.values import texts
from data.readers.vocabulary import QUERY_WORDS, role_by_name

READERS = (routellm, llmrouter, zeroeval, omnisbench, long, wide)
_PREVIEW = 20


def inspect(uploads: Sequence[Upload], *, name: str = "", limit_bytes: int = LIMIT_BYTES) -> Reading:
    """Return what the files are: format, columns with guessed roles, preview, the sentence, problems, open questions.

    Several files, or a zip archive of them, are one set. limit_bytes : for all files together, and for each once decompressed.
    Raises ProblemError if a file can't be read at all; what is wrong with single rows is in `problems` instead.
    """
    if not uploads:
        raise refuse("no file was chosen.", "Choose a file with outcomes.")
    uploads = expanded(uploads, limit_bytes)
    if sum(len(upload.data) for upload in uploads) > limit_bytes:
        raise refuse(f"the files together are larger than {limit_bytes / 2**20:,.0f} MB.", "Leave out columns of long texts.")
    parts, unread = _parts(uploads, limit_bytes)
    whole = assembled(parts)
    found = profiles(whole.sheet, [(part.sheet, part.found) for part in parts])
    guess = _merged(whole, guessed(whole.sheet, found))
    mapping = guess.mapping if guess else Mapping(query=wide.query_roles(whole.sheet, found))
    used = mapping.columns
    reading = Reading(
        name=name or (uploads[0].stem if len(uploads) == 1 else _common_name(whole)),
        reader=guess.reader if guess else "",
        title=guess.title if guess else "table without a model column",
        sheet=whole.sheet,
        columns=tuple(column_card(whole.sheet, found[name], *used.get(name, ("", ""))) for name in found),
        mapping=mapping,
        files=tuple(_note(upload, whole, unread, parts) for upload in uploads),
        cards=whole.cards,
        questions=guess.questions if guess else (),
        preview=_preview(whole.sheet),
        warnings=tuple(w for part in parts for w in part.sheet.warnings),
    )
    return _tried(reading)


def finish(reading: Reading, mapping: Mapping | None = None, *, drop_bad_rows: bool = False, name: str = "") -> OutcomeTable:
    """Return the outcome table of a reading under a mapping (its own guess by default).

    drop_bad_rows : leave out the rows that have problems, and write into the history which.
    Raises ProblemError with all problems found, else.
    """
    mapping = reading.mapping if mapping is None else mapping
    if mapping is reading.mapping and reading.table is not None and not reading.problems:
        return replace(reading.table, origin=replace(reading.table.origin, name=name or reading.name))
    table, notes = _built(reading, mapping, name or reading.name)
    if not notes.problems:
        return table
    if not drop_bad_rows or notes.hopeless:
        notes.check()
    return _without(reading, mapping, notes, name or reading.name)


def guessed(sheet: Sheet, found: AbstractMapping[str, Profile]) -> Guess | None:
    """Return the guess of the first reader that knows the shape of a sheet, or None."""
    return next((guess for reader in READERS if (guess := reader.guess(sheet, found)) is not None), None)


def _parts(uploads: Sequence[Upload], limit_bytes: int) -> tuple[list[Part], dict[str, str]]:
    """Return the files that can be read, and why the others can't; a single file that can't is an error."""
    parts: list[Part] = []
    unread: dict[str, str] = {}
    problems: list[Problem] = []
    for upload in uploads:
        try:
            sheet = decode(upload, limit_bytes=limit_bytes)
        except ProblemError as error:
            problems.extend(error.problems)
            unread[upload.name] = error.problems[0].what
            continue
        found = profiles(sheet)
        parts.append(Part(sheet=sheet, found=found, guess=guessed(sheet, found)))
    if not parts:
        raise ProblemError(*problems)
    return parts, unread


def _merged(whole: Set, guess: Guess | None) -> Guess | None:
    """Return the guess over the joined sheet with what the companions brought."""
    if guess is None or whole.guess is None:
        return guess
    first, query = whole.guess.mapping, dict(guess.mapping.query)
    query.update(first.query)  # what the rows say themselves wins over what was joined
    for role in ("reference", "task"):
        joined = [name for name in whole.sheet.columns if name not in first.columns]
        column = role_by_name(joined, QUERY_WORDS[role])
        if role not in first.query and column:
            query[role] = column
    if "task" not in query and len(whole.sheet.files) > 1:
        query["task"] = FILE_COLUMN
    cells = {**first.cells, **whole.cells}
    mapping = replace(first, query=query, cells=cells, scorer=first.scorer)
    if not mapping.scorer and ("answer" in cells or "response" in cells):
        mapping = replace(mapping, scorer=guess.mapping.scorer)
    return replace(whole.guess, mapping=mapping)


def _tried(reading: Reading) -> Reading:
    """Return the reading with what its own guess leads to: the sentence, or the problems in the way."""
    from data.cards import understood

    try:
        table, notes = _built(reading, reading.mapping, reading.name)
    except ProblemError as error:
        return replace(reading, problems=error.problems, needs_mapping=True, understood=_without_models(reading))
    warnings = (*reading.warnings, *notes.warnings)
    needs = bool(notes.problems) and any(question.field == "scale" for question in reading.questions)
    if notes.problems and not notes.hopeless:
        try:
            table = _without(reading, reading.mapping, notes, reading.name)
        except ProblemError:
            needs = True
    return replace(reading, table=table, problems=notes.problems, warnings=warnings, understood=understood(table), needs_mapping=needs)


def _built(reading: Reading, mapping: Mapping, name: str, sheet: Sheet | None = None) -> tuple[OutcomeTable, Notes]:
    notes = Notes(reading.sheet if sheet is None else sheet)
    table = build(notes.sheet, mapping, notes, name=name, cards=reading.cards)
    return table, notes


def _without(reading: Reading, mapping: Mapping, notes: Notes, name: str) -> OutcomeTable:
    """Return the table of the rows without problems; the history says which were left out."""
    keep = np.setdiff1d(np.arange(len(reading.sheet)), notes.bad_rows)
    if not len(keep):
        raise refuse("no row is without problems.", "Mend the rows that are named.", file=reading.sheet.file)
    left = replace(reading.sheet.take(keep), problems=())
    table, again = _built(reading, mapping, name, left)
    again.check()
    places = [reading.sheet.place(int(row)) for row in notes.bad_rows]
    places += [(problem.file, problem.row) for problem in reading.sheet.problems if problem.row is not None]
    rows = sorted(set(places))
    shown = ", ".join(f"{row:,}" for _, row in rows[:10]) + (" ..." if len(rows) > 10 else "")
    detail = f"{len(rows):,} rows with problems left out: {shown}"
    return table.noted("dropped bad rows", detail, rows=[list(place) for place in rows])


def _preview(sheet: Sheet) -> tuple[dict[str, str], ...]:
    head = {name: texts(column.slice(0, _PREVIEW)).to_pylist() for name, column in sheet.columns.items()}
    count = min(_PREVIEW, len(sheet))
    return tuple({name: shortened(values[i] or "") for name, values in head.items()} for i in range(count))


def _note(upload: Upload, whole: Set, unread: dict[str, str], parts: Sequence[Part]) -> FileNote:
    sheet = next((part.sheet for part in parts if part.sheet.file == upload.name), None)
    use: Use
    use, words = whole.uses.get(upload.name, ("not used", unread.get(upload.name, "")))
    return FileNote(
        name=upload.name,
        use=use,
        words=words,
        sha256=upload.sha256,
        bytes=len(upload.data),
        format=sheet.format if sheet else "",
        encoding=sheet.encoding if sheet else "",
    )


def _common_name(whole: Set) -> str:
    rows = [name for name, (use, _) in whole.uses.items() if use == "rows"]
    first = Upload(rows[0], b"")
    return first.stem if len(rows) == 1 else f"{first.stem} and {len(rows) - 1} more"


def _without_models(reading: Reading) -> str:
    return f"{len(reading.sheet):,} rows, {len(reading.sheet.columns):,} columns, no model column found"
