"""From a known document to its rows, and from the rows of a set to a sheet whose columns are roles already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.problems import Problem, ProblemError, refuse
from data.readers.base import Guess, Problems, Sheet
from data.readers.formats.base import FILE, NOT_AS_EXPECTED, NUMBER, Document, Format, Row
from data.readers.formats.base import known as known_format
from data.readers.mapping import CELL_ROLES, EVERY, QUERY_ROLES, ROW_ROLES
from data.readers.nested import columns_of
from data.readers.profile import Profile
from data.readers.watch import chunked
from data.readers.wide import finished

SIGNAL = "signal."
_ORDER = (*QUERY_ROLES, *ROW_ROLES, *CELL_ROLES)
_HEAD, _OFTEN = 20, 1_000
_NEEDED = ("query_id", "model")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Records:
    """The rows of one file of a known format, and the records that could not be read."""

    file: str
    format: Format
    rows: Sequence[Row]
    problems: tuple[Problem, ...] = ()
    lines: bool = False
    kind: str = ""


def records(document: Document, known: Format) -> Records:
    """Return the rows of a document; a record that isn't as its format says is left out, with a problem that names its row.

    Raises ProblemError if no record can be read.
    """
    rows: list[Row] = []
    problems = Problems(document.file)
    numbers = document.numbers
    for i, record in enumerate(chunked(_listed(document, known), _OFTEN)):
        number = int(numbers[i]) if i < len(numbers) else i + 1
        try:
            rows.extend({**row, FILE: document.file, NUMBER: number} for row in known.rows(record, document))
        except ProblemError as error:
            for problem in error.problems:
                problems.add(problem)
        except NOT_AS_EXPECTED as error:
            what = f"the record is not as in other files of this kind ({known.title}): {type(error).__name__} {str(error)[:80]}."
            problems.add(Problem(what=what, fix="Write the file again, or leave the record out.", file=document.file, row=number))
    if not rows and problems.all:
        raise ProblemError(*problems.all)
    return Records(file=document.file, format=known, rows=rows, problems=problems.all, lines=document.lines)


def of_table(read: Sheet | Records) -> Sheet | Records:
    """Return a table whose rows are the records of a format (an export as CSV) as such records, anything else as it is."""
    if isinstance(read, Records) or read.reader or known_format(Document(file=read.file, value=_objects(read, _HEAD)), table=True) is None:
        return read
    document = Document(file=read.file, value=_objects(read, len(read)), lines=True, numbers=read.rows.tolist())
    found = known_format(document, table=True)
    if found is None:
        return read
    made = records(document, found)
    return replace(made, kind=read.format, problems=(*read.problems, *made.problems))


def _objects(sheet: Sheet, count: int) -> list[dict[str, object]]:
    columns = {name: column.slice(0, count).to_pylist() for name, column in sheet.columns.items()}
    return [{name: None if values[i] == "" else values[i] for name, values in columns.items()} for i in range(min(count, len(sheet)))]


def _listed(document: Document, known: Format) -> Sequence[object]:
    try:
        return list(known.records(document))
    except NOT_AS_EXPECTED as error:
        what = f"this looks like {known.title}, but {type(error).__name__} {str(error)[:80]}."
        raise refuse(what, "Choose the file as it was written.", file=document.file) from None


def gathered(parts: Sequence[Records]) -> Sheet:
    """Return the rows of all files of one format as a sheet; raises ProblemError if nothing is left of them."""
    known = parts[0].format
    rows, remarks = _together(parts, known)
    if not rows:
        raise refuse(f"there is no answer of a model in it ({known.title}).", "Choose a file with at least one.", file=parts[0].file)
    files = tuple(part.file for part in parts)
    place = {file: i for i, file in enumerate(files)}
    plain = [{name: value for name, value in row.items() if not name.startswith("@")} for row in rows]
    columns = columns_of(plain, files[0])
    ordered = {name: columns[name] for name in (*(n for n in _ORDER if n in columns), *(n for n in columns if n not in _ORDER))}
    return Sheet(
        files=files,
        format=parts[0].kind or ("JSONL" if parts[0].lines else "JSON"),
        columns=ordered,
        rows=np.array([row[NUMBER] for row in rows], dtype=np.int64),
        source=np.array([place[row[FILE]] for row in rows], dtype=np.int32),
        document=True,
        reader=known.id,
        warnings=tuple(Problem(what=what, fix=fix, file=files[0]) for what, fix in remarks),
        problems=tuple(problem for part in parts for problem in part.problems),
    )


def _together(parts: Sequence[Records], known: Format) -> tuple[list[Row], list[tuple[str, str]]]:
    """Return the rows of all files of a format, and what is to be said of them."""
    try:
        rows = known.together([row for part in parts for row in part.rows])
        return rows, list(known.remarks(rows))
    except NOT_AS_EXPECTED as error:
        what = f"these look like {known.title}, but {type(error).__name__} {str(error)[:80]}."
        raise refuse(what, "Choose the files as they were written.", file=parts[0].file) from None


def guess(sheet: Sheet, found: Mapping[str, Profile], known: Format) -> Guess:
    """Return the mapping of gathered rows: every column that bears the name of a role plays it."""
    filled = {name for name, profile in found.items() if profile.kind != "empty"}
    query = {role: role for role in (*QUERY_ROLES, *ROW_ROLES) if role in filled or (role in _NEEDED and role in found)}
    cells = {role: {EVERY: role} for role in CELL_ROLES if role in filled}
    if "quality" not in cells and "answer" not in cells and "response" in cells and "reference" in query:
        cells = {"answer": cells["response"], **{role: each for role, each in cells.items() if role != "response"}}
    signals = {name.removeprefix(SIGNAL): {EVERY: name} for name in sorted(filled) if name.startswith(SIGNAL)}
    base = finished(sheet, found, shape="long", query=query, cells=cells, signals=signals)
    asked = (each for each in base.questions if each.field != "scorer" or "answer" in cells)  # nothing to compare without references
    return replace(base, reader=known.id, title=known.title, questions=(*asked, *known.questions(sheet, base.mapping)))
