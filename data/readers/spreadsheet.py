"""Spreadsheets (XLSX): the first sheet that holds a table, its values as they were last calculated."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, TypeAlias

from data.problems import Problem, ProblemError, listed, refuse
from data.readers.base import LIMIT_BYTES, MAX_COLUMNS, Sheet, sheet_of
from data.readers.nested import column_of
from data.readers.unpack import too_big
from data.readers.watch import step

Numbered: TypeAlias = tuple[int, list[Any]]
Range: TypeAlias = tuple[int, int, int, int]
ZIP = b"PK\x03\x04"
ROWS_MOST = 1_048_576  # what the format itself allows
_KINDS = (("xlsx", r"xl/workbook\w*\.xml"), ("xlsb", r"xl/workbook\w*\.bin"), ("ods", r"content\.xml"))
_ENTITIES = re.compile(rb"<\x00?!\x00?(D\x00?O\x00?C\x00?T|E\x00?N\x00?T\x00?I)", re.IGNORECASE)  # UTF-8 and both UTF-16
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"})
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError),
    *(RuntimeError, OverflowError, AssertionError),
)
_HEADER_AMONG = 20
_PROBLEMS_MOST = 1_000
_FILLED_MOST = 5_000_000
_STEP = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    """What a sheet says beside its values: cells (row, column) whose formula has no value, and merged ranges (top, left, bottom, right)."""

    uncalculated: frozenset[tuple[int, int]]
    merged: tuple[Range, ...]


def kind(data: bytes) -> str:
    """Return "xlsx", "xlsb" or "ods" for a spreadsheet, "" for any other bytes, by what lies in the archive."""
    if not data.startswith(ZIP):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except _BROKEN:
        return ""
    found = next((name for name, member in _KINDS if any(re.fullmatch(member, each) for each in names)), "")
    return found if found != "ods" or "META-INF/manifest.xml" in names else ""


def read(data: bytes, file: str, limit_bytes: int = LIMIT_BYTES) -> Sheet:
    """Return the rows of a workbook's first visible sheet with a header and a row under it.

    Rows with an error or a formula that was never calculated are left out, each with a problem that names its cell.
    Raises ProblemError for another kind of spreadsheet, a damaged one, one without a table, and one that inflates beyond the limit.
    """
    _check(data, file, limit_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions that play no part here
            return _read(data, file, limit_bytes)
    except _BROKEN as error:
        what = f"the spreadsheet can't be read ({type(error).__name__})."
        raise refuse(what, "Open it in a spreadsheet program and save it again, or save the sheet as CSV.", file=file) from None


def _check(data: bytes, file: str, limit_bytes: int) -> None:
    found = kind(data)
    if found in ("ods", "xlsb"):
        raise refuse(f"this is a spreadsheet of another format (.{found}).", "Save it as .xlsx, or the sheet as CSV.", file=file)
    if not found:
        raise refuse("this is an archive within another file, or a damaged spreadsheet.", "Unpack it, or save it again.", file=file)
    left = limit_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    left -= _inflated(stream, left, file, limit_bytes)
    except _BROKEN:
        raise refuse("the spreadsheet is damaged or locked.", "Save it again, without a password.", file=file) from None


def _inflated(stream: IO[bytes], left: int, file: str, limit_bytes: int) -> int:
    """Return the size of a member, counted and not believed; raises ProblemError beyond `left` bytes, and where XML defines entities."""
    size, end = 0, b""
    while part := stream.read(1 << 20):
        size += len(part)
        if size > left:
            raise too_big(file, limit_bytes)
        if _ENTITIES.search(end + part):
            raise refuse("the XML in the spreadsheet defines entities, which no spreadsheet program does.", "Save it again.", file=file)
        end = part[-16:]
    return size


def _read(data: bytes, file: str, limit_bytes: int) -> Sheet:
    import openpyxl

    book: Any = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = [each for each in book.worksheets if each.sheet_state == "visible"] or book.worksheets
    heads = {each.title: list(itertools.islice(_rows(each, file), _HEADER_AMONG)) for each in sheets}
    tables = [each for each in sheets if _header_at(heads[each.title], 2) is not None]
    tables = tables or [each for each in sheets if _header_at(heads[each.title], 1) is not None]
    if not tables:
        raise refuse("no sheet has a table.", "Write the column names into one row, and the values under it.", file=file)
    chosen = tables[0]
    path = chosen._worksheet_path  # noqa: SLF001  # openpyxl says nowhere else which file of the archive a sheet is
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        odd = _odd(archive.read(path))
    notes = [f"the sheet {chosen.title!r} is read, {listed([repr(each.title) for each in tables[1:]])} not."] if tables[1:] else []
    at = _header_at(heads[chosen.title], 2) or 0
    notes += ["the lines above the header are not read."] if at else []
    fix = "To read another part of the workbook, save it as a file of its own."
    told = tuple(Problem(what=what, fix=fix, file=file) for what in notes)
    width = min(MAX_COLUMNS, max(len(row) for _, row in heads[chosen.title]))
    rows = itertools.islice(_filled(_rows(chosen, file), odd.merged, width, file), at, None)
    return replace(_sheet(rows, _header(rows, odd, file), limit_bytes), warnings=told)


def _rows(sheet: Any, file: str) -> Iterator[Numbered]:
    """Yield (number from 1, values) of the rows that hold anything, as wide as they are."""
    claimed = sheet.max_row or 0
    sheet.reset_dimensions()  # a sheet may claim a million rows, and have ten
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number % _STEP == 0:
            step(number, max(number, claimed))
        if number > ROWS_MOST:
            raise refuse(f"there are more than {ROWS_MOST:,} rows.", "Save the sheet as CSV.", file=file)
        values = [_plain(value) for value in row]
        if _any(values):
            yield number, values


def _plain(value: Any) -> Any:
    """Return a cell as text, number or boolean; a day without a time as a date, a duration in seconds, nothing as None."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return value if value is None or isinstance(value, (bool, int, float)) else str(value) or None


def _header_at(head: list[Numbered], width: int) -> int | None:
    """Return the position of the first row with so many filled cells that another row follows, None if there is none."""
    return next((i for i, (_, row) in enumerate(head[:-1]) if sum(value is not None for value in row) >= width), None)


def _odd(xml: bytes) -> _Odd:
    """Return the formulas without values and the merged ranges of a sheet; most sheets have neither, and are not parsed for them."""
    if not re.search(rb"<(\w+:)?(f|mergeCell)[\s/>]", xml):
        return _Odd(uncalculated=frozenset(), merged=())
    from openpyxl.utils import coordinate_to_tuple, range_boundaries
    from openpyxl.xml.functions import iterparse

    uncalculated: set[tuple[int, int]] = set()
    merged: list[Range] = []
    for _, element in iterparse(io.BytesIO(xml)):
        name = element.tag.rpartition("}")[2]
        if name == "c":
            inner = {child.tag.rpartition("}")[2]: child.text for child in element}
            if "f" in inner and not inner.get("v") and element.get("r"):
                uncalculated.add(coordinate_to_tuple(element.get("r")))
        elif name == "mergeCell":
            left, top, right, bottom = (int(each or 0) for each in range_boundaries(element.get("ref")))
            merged.append((top, left, bottom, right))
        if name in ("c", "row", "mergeCell"):
            element.clear()
    return _Odd(uncalculated=frozenset(uncalculated), merged=tuple(merged))


def _filled(rows: Iterator[Numbered], merged: Iterable[Range], width: int, file: str) -> Iterator[Numbered]:
    """Yield the rows with the value of a merged range in each of its cells, as it looks to a reader; `width` is that of the table."""
    waiting = sorted(merged, reverse=True)
    active: list[tuple[int, int, int, Any]] = []
    filled = 0
    for number, values in rows:
        while waiting and waiting[-1][0] <= number:
            top, left, bottom, right = waiting.pop()
            if top == number and left <= len(values):
                active.append((bottom, left, min(right, width), values[left - 1]))
        active = [each for each in active if each[0] >= number]
        for _, left, right, value in active:
            span = max(0, right - left + 1)
            values.extend([None] * (right - len(values)))
            values[left - 1 : left - 1 + span] = [value] * span
            filled += span
        if filled > _FILLED_MOST:
            raise refuse("too many cells are merged.", "Undo the merging: one value a cell.", file=file)
        yield number, values


def _joined(above: Any, below: Any) -> str | None:
    """Return the name of a column under a merged heading: `gpt-4` over `score` is `gpt-4 score`."""
    parts = dict.fromkeys(str(each).strip() for each in (above, below) if each is not None)
    return " ".join(parts) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """The names of the columns, "" where there is none, and the number of their row in the sheet."""

    file: str
    row: int
    names: tuple[str, ...]
    odd: _Odd

    def name(self, at: int) -> str:
        """Return the name of the column at a position; without one it is numbered."""
        return (self.names[at] if at < len(self.names) else "") or f"column {at + 1}"

    def wrong(self, number: int, values: list[Any]) -> list[Problem]:
        """Return a problem for each cell of a row that holds an error, or a formula without a value."""
        errors = [(i, value) for i, value in enumerate(values) if isinstance(value, str) and value in _ERRORS]
        uncalculated = [i for i in range(MAX_COLUMNS) if (number, i + 1) in self.odd.uncalculated] if self.odd.uncalculated else []
        never = "Open the file in a spreadsheet program and save it, so that it is calculated."
        return [
            *(self._problem(number, i, f"holds the error {value}.", "Mend it, or empty the cell.") for i, value in errors),
            *(self._problem(number, i, "holds a formula that was never calculated.", never) for i in uncalculated),
        ]

    def _problem(self, number: int, at: int, what: str, fix: str) -> Problem:
        from openpyxl.utils import get_column_letter

        what = f"cell {get_column_letter(at + 1)}{number} {what}"
        return Problem(what=what, fix=fix, file=self.file, row=number - self.row, column=self.name(at))


def _header(rows: Iterator[Numbered], odd: _Odd, file: str) -> _Header:
    """Take the header off the rows: one row, or two where a heading is merged over several columns."""
    number, cells = next(rows)
    if any(top <= number <= bottom and left < right for top, left, bottom, right in odd.merged):
        number, below = next(rows, (number, cells))
        cells = [_joined(a, b) for a, b in itertools.zip_longest(cells, below)]
    names = tuple(str(value).strip() if value is not None else "" for value in cells)
    if len(names) > MAX_COLUMNS:
        raise refuse(f"there are {len(names):,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row per query and model.", file=file)
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise refuse("the column occurs more than once.", "Give each column its own name.", file=file, row=0, column=twice[0])
    return _Header(file=file, row=number, names=names, odd=odd)


def _sheet(rows: Iterator[Numbered], header: _Header, limit_bytes: int) -> Sheet:
    columns: list[list[Any]] = [[] for _ in header.names]
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, values in _within(rows, header.file, limit_bytes):
        wrong = header.wrong(number, values)
        problems.extend(wrong)
        if len(problems) > _PROBLEMS_MOST:
            raise ProblemError(*problems)
        if wrong:
            continue
        columns.extend([None] * len(numbers) for _ in range(len(columns), len(values)))
        for column, value in itertools.zip_longest(columns, values):
            column.append(value)
        numbers.append(number - header.row)
    if not numbers and problems:
        raise ProblemError(*problems)
    kept = {header.name(i): column for i, column in enumerate(columns) if any(header.names[i : i + 1]) or _any(column)}
    named = {name: column_of(column) for name, column in kept.items()}
    return sheet_of(header.file, "XLSX", named, rows=numbers, problems=tuple(problems))


def _any(values: Iterable[Any]) -> bool:
    return any(value is not None for value in values)


def _within(rows: Iterator[Numbered], file: str, limit_bytes: int) -> Iterator[Numbered]:
    """Yield rows; raises ProblemError as soon as their texts together are over the limit: a sheet may point at one long text often."""
    size = 0
    for number, values in rows:
        size += sum(len(value) for value in values if isinstance(value, str))
        if size > limit_bytes:
            raise too_big(file, limit_bytes)
        if len(values) > MAX_COLUMNS and _any(values[MAX_COLUMNS:]):
            raise refuse(f"there are more than {MAX_COLUMNS:,} columns.", "Turn it: a row per query and model.", file=file)
        yield number, values[:MAX_COLUMNS]
