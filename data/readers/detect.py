"""What some files are: `inspect` says it, `finish` makes the table."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import Problem, ProblemError, listed, refuse
from data.readers import long, wide
from data.readers import records as gathering
from data.readers.archive import expanded
from data.readers.base import FILE_COLUMN, LIMIT_BYTES, FileNote, Guess, Reading, Sheet, Upload, Use
from data.readers.build import build
from data.readers.companions import MODEL_COLUMN, SPLIT_COLUMN, Part, Set, assembled
from data.readers.formats.base import formats
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.profile import Profile, column_card, profiles, shortened
from data.readers.tables import decode
from data.readers.values import labels, texts
from data.readers.vocabulary import QUERY_WORDS, role_by_name
from data.readers.watch import Progress, stage, watching

_PREVIEW = 20


def inspect(uploads: Sequence[Upload], *, name: str = "", limit_bytes: int = LIMIT_BYTES, progress: Progress | None = None) -> Reading:
    """Return what the files are: format, columns with guessed roles, preview, the sentence, problems, open questions.

    Several files, or a zip archive of them, are one set. limit_bytes : for all files together, and for each once decompressed.
    progress : called with (done, total, words) between blocks and columns, from any thread; what it raises (`Stopped`) ends the work.
    Raises ProblemError if a file can't be read at all; what is wrong with single rows is in `problems` instead.
    """
    if not uploads:
        raise refuse("no file was chosen.", "Choose a file with outcomes.")
    with watching(progress):
        with stage("unpacking", 0.0, 0.05):
            uploads = expanded(uploads, limit_bytes)
        if sum(len(upload.data) for upload in uploads) > limit_bytes:
            raise refuse(f"the files together are larger than {limit_bytes / 2**20:,.0f} MB.", "Leave out columns of long texts.")
        reading = _read(uploads, name, limit_bytes)
        with stage("making the table", 0.85, 1.0):
            return _tried(reading)


def _read(uploads: Sequence[Upload], name: str, limit_bytes: int) -> Reading:
    with stage("reading", 0.05, 0.75):
        parts, unread = _parts(uploads, limit_bytes)
    with stage("joining", 0.75, 0.85):
        whole = assembled(parts)
        found = profiles(whole.sheet, [(part.sheet, part.found) for part in parts])
        guess = _guess_of(whole, parts, found)
    mapping = guess.mapping if guess else Mapping(query=wide.query_roles(whole.sheet, found))
    used = mapping.columns
    return Reading(
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
        warnings=(*_warnings(whole, parts), *_unread(whole.sheet, found, mapping)),
    )


def _guess_of(whole: Set, parts: Sequence[Part], found: AbstractMapping[str, Profile]) -> Guess | None:
    named = whole.guess is not None and whole.guess.mapping.query.get("model") == MODEL_COLUMN
    if whole.guess is not None and not whole.guess.reader:
        return guessed(whole.sheet, found)  # answers alone are nothing, and beside their references a table
    alone = next((part for part in parts if part.sheet is whole.sheet), None)
    if alone is not None and not named:
        return _merged(whole, alone.guess)
    return _merged(whole, whole.guess if named else guessed(whole.sheet, found))


def finish(
    reading: Reading,
    mapping: Mapping | None = None,
    *,
    drop_bad_rows: bool = False,
    name: str = "",
    progress: Progress | None = None,
) -> OutcomeTable:
    """Return the outcome table of a reading under a mapping (its own guess by default).

    drop_bad_rows : leave out the rows that have problems, and write into the history which. progress : as of `inspect`.
    Raises ProblemError with all problems found, else.
    """
    mapping = reading.mapping if mapping is None else mapping
    if mapping is reading.mapping and reading.table is not None and not reading.problems:
        return replace(reading.table, origin=replace(reading.table.origin, name=name or reading.name))
    with watching(progress):
        table, notes = _built(reading, mapping, name or reading.name)
        if not notes.problems:
            return table
        if not drop_bad_rows or notes.hopeless:
            notes.check()
        return _without(reading, mapping, notes, name or reading.name)


def guessed(sheet: Sheet, found: AbstractMapping[str, Profile]) -> Guess | None:
    """Return the guess of the first format that knows the shape of a sheet, else that of a long or a wide table, or None."""
    if sheet.reader:
        return gathering.guess(sheet, found, formats()[sheet.reader])
    readers = (*(each.guess for each in formats().values()), long.guess, wide.guess)
    return next((guess for reader in readers if (guess := reader(sheet, found)) is not None), None)


def _parts(uploads: Sequence[Upload], limit_bytes: int) -> tuple[list[Part], dict[str, str]]:
    """Return the files that can be read, and why the others can't; a single file that can't is an error."""
    parts: list[Part] = []
    known: dict[str, list[gathering.Records]] = {}
    unread: dict[str, str] = {}
    problems: list[Problem] = []
    for upload, (low, high) in zip(uploads, _shares(uploads), strict=True):
        with stage(f"reading {upload.name}", low, high):
            try:
                with stage("", 0.0, 0.7):
                    read = gathering.of_table(decode(upload, limit_bytes=limit_bytes))
            except ProblemError as error:
                problems.extend(error.problems)
                unread[upload.name] = error.problems[0].what
                continue
            if isinstance(read, gathering.Records):
                known.setdefault(read.format.id, []).append(read)
                continue
            with stage("", 0.7, 1.0):
                found = profiles(read)
            parts.append(Part(sheet=read, found=found, guess=guessed(read, found)))
    for several in known.values():
        try:
            sheet = gathering.gathered(several)
        except ProblemError as error:
            problems.extend(error.problems)
            unread.update({each.file: error.problems[0].what for each in several})
            continue
        found = profiles(sheet)
        parts.append(Part(sheet=sheet, found=found, guess=guessed(sheet, found)))
    if not parts:
        raise ProblemError(*problems)
    return parts, unread


def _shares(uploads: Sequence[Upload]) -> list[tuple[float, float]]:
    """Return from where to where each file is of all of them, by bytes."""
    ends = np.cumsum([max(1, len(upload.data)) for upload in uploads])
    return [(float(a / ends[-1]), float(b / ends[-1])) for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _merged(whole: Set, guess: Guess | None) -> Guess | None:
    """Return the guess over the joined sheet with what the companions brought."""
    if guess is None or whole.guess is None:
        return guess
    first, query = whole.guess.mapping, dict(guess.mapping.query)
    query.update(first.query)  # what the rows say themselves wins over what was joined
    for role in ("reference", "task"):
        joined = [n for n, c in whole.sheet.columns.items() if n not in first.columns and c.null_count < len(c)]
        column = role_by_name(joined, QUERY_WORDS[role])
        if role not in first.query and column:
            query[role] = column
    if "task" not in query and len(whole.sheet.files) > 1 and not _files_are_models(whole):
        query["task"] = FILE_COLUMN
    cells = {**first.cells, **whole.cells}
    mapping = replace(first, query=query, cells=cells, scorer=first.scorer)
    if not {"quality", "answer"} & set(cells) and "response" in cells and query.get("reference"):  # a log, and references beside it
        sample = [text for text in labels(whole.sheet.columns[query["reference"]].slice(0, 500)) if text]
        cells = {"answer": cells["response"], **{role: each for role, each in cells.items() if role != "response"}}
        mapping = replace(mapping, cells=cells, scorer=wide.scorer_for(sample) or "normalised")
    if not mapping.scorer and ("answer" in cells or "response" in cells):
        mapping = replace(mapping, scorer=guess.mapping.scorer)
    return replace(whole.guess, mapping=mapping)


def _warnings(whole: Set, parts: Sequence[Part]) -> tuple[Problem, ...]:
    """Return what is to be said of the rows and of what was joined to them; other sets speak for themselves."""
    taken = [part for part in parts if whole.uses.get(part.sheet.file, ("", ""))[0] not in ("another set", "not used")]
    return tuple(dict.fromkeys((*whole.sheet.warnings, *(w for part in taken for w in part.sheet.warnings))))


def _unread(sheet: Sheet, found: AbstractMapping[str, Profile], mapping: Mapping) -> tuple[Problem, ...]:
    """Return a warning where columns look like scores of further models, on another scale than those that are read."""
    names = wide.unread_scores(found, mapping)
    if not names:
        return ()
    what = f"{listed(names)}: not read, as the numbers go beyond 1 and the scores that are read do not."
    fix = "If these are scores of models, bring all to one scale and read the file again."
    return (Problem(what=what, fix=fix, file=sheet.file, column=names[0] if len(names) == 1 else ""),)


def _instead(sheet: Sheet, found: AbstractMapping[str, Profile]) -> Problem | None:
    """Return what a table without scores of models is, where its columns of models say so."""
    named = wide.names_models(found)
    if len(named) > 1:
        what = f"each row compares two models ({named[0]}, {named[1]}): a win says which answer was better, not how good each was."
        fix = (
            "Score each answer by itself; or write a row a side with the query's id, the model, and 1, 0.5 or 0 for a win, a tie or a loss."
        )
        return Problem(what=what, fix=fix, file=sheet.file)
    if named and found[named[0]].distinct == found[named[0]].filled > 1 and len(sheet) > 1:
        what = f"each row is another model ({named[0]}): figures of whole benchmarks, not of single queries."
        return Problem(what=what, fix="Choose the file that these were computed from, with a row a query and model.", file=sheet.file)
    if named:
        beside = "as an id or a prompt, and as a score, an answer or a cost"
        what = f"there is a column of models ({named[0]}), but no columns beside it were known {beside}."
        fix = "Map the query's id or prompt, and the score; or rename the columns: query_id, model, score, response, cost_usd, latency_s."
        return Problem(what=what, fix=fix, file=sheet.file)
    return None


def _files_are_models(whole: Set) -> bool:
    """Whether files stand for models or splits, not for tasks: rows of a format, which says its tasks itself, or names that say it."""
    return bool(whole.sheet.reader) or bool({MODEL_COLUMN, SPLIT_COLUMN} & set(whole.sheet.columns))


def _tried(reading: Reading) -> Reading:
    """Return the reading with what its own guess leads to: the sentence, or the problems in the way."""
    from data.cards import understood

    try:
        table, notes = _built(reading, reading.mapping, reading.name)
    except ProblemError as error:
        instead = None if reading.reader else _instead(reading.sheet, profiles(reading.sheet))
        problems = error.problems if instead is None else (instead,)
        return replace(reading, problems=problems, needs_mapping=True, understood=_without_models(reading))
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
    try:
        table = build(notes.sheet, mapping, notes, name=name, cards=reading.cards)
    except ProblemError as error:  # rows that can't be read may be why nothing is left to see in it
        raise ProblemError(*notes.sheet.problems, *error.problems) from None
    about = formats()[reading.reader].about if reading.reader in formats() else ""
    return replace(table, origin=replace(table.origin, note=about)), notes


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
    sheet = next((part.sheet for part in parts if upload.name in part.sheet.files), None)
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
    rows = [name for name, (use, _) in whole.uses.items() if use == "rows"] or list(whole.sheet.files)
    first = Upload(rows[0], b"")
    return first.stem if len(rows) == 1 else f"{first.stem} and {len(rows) - 1} more"


def _without_models(reading: Reading) -> str:
    return f"{len(reading.sheet):,} rows, {len(reading.sheet.columns):,} columns, no model column found"
