"""CSV and its kin: comma, semicolon, tab or bar, found by what gives rows of equal length."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.problems import Problem, ProblemError, refuse
from data.readers.base import MAX_COLUMNS, Problems, Sheet, sheet_of
from data.readers.watch import Watched, step

_DELIMITERS = (",", "\t", ";", "|")
_NAMES = {",": "CSV", "\t": "TSV", ";": "CSV (semicolons)", "|": "CSV (bars)"}
_SAMPLE = 1 << 17
_HEADER = 1 << 24  # characters among which a header ends
_BLOCK = 1 << 20
_RETURN = "\ue00d"  # stands in for carriage returns inside cells, which Arrow would take for line ends


def quick(data: bytes, file: str) -> Sheet | None:
    """Return the sheet of clean UTF-8 bytes, read in blocks on several threads; None where `read` has to look closer.

    Clean: every row as long as the header, no carriage return within a line, no row longer than a block. The sheet is that of `read`.
    Raises ProblemError for a header that can't be one.
    """
    if not _even_line_ends(data):
        return None
    start = data[: 4 * _SAMPLE + 4]
    try:
        head = codecs.getincrementaldecoder("utf-8")().decode(start)  # the cut may go through a character; Arrow looks at the rest
    except UnicodeDecodeError:
        return None
    delimiter = _delimiter(head)
    names = _header(head, delimiter, file)
    if len(start) < len(data) and sum(map(len, names)) > _SAMPLE:
        return None
    table = _blocks(data, names, delimiter)
    if table is None or len(table) < 2:
        return None
    parts = table.columns[::-1]
    del table  # a column's blocks go as soon as it is one piece
    columns = {}
    for name in names:
        columns[name] = parts.pop().slice(1).combine_chunks()
        step()
    if _never_closed(data[-_SAMPLE:].decode("utf-8", "ignore"), _last_cell(columns)):
        return None
    return sheet_of(file, _NAMES[delimiter], columns)


def _even_line_ends(data: bytes) -> bool:
    """Whether lines end in line feeds, all with a carriage return before them or all without."""
    returns = data.count(b"\r")
    first = data.find(b"\n")
    return first >= 0 and (not returns or (data[first - 1 : first] == b"\r" and data.count(b"\r\n") == returns))


def _blocks(data: bytes, names: list[str], delimiter: str) -> pa.Table | None:
    from pyarrow import csv as arrow_csv

    try:
        return arrow_csv.read_csv(
            pa.PythonFile(Watched(data), mode="r"),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=_all_text(names),
        )
    except pa.ArrowInvalid:
        return None


def _all_text(names: list[str]) -> Any:
    from pyarrow import csv as arrow_csv

    return arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False)


def read(text: str, file: str) -> Sheet:
    """Return the sheet of a delimited text with a header; all columns are text.

    Ragged rows, and a row with a quote that never closes, are left out and reported as problems with their data row.
    Raises ProblemError for no rows, and for too many or repeated columns.
    """
    text, held = _held(text)
    delimiter = _delimiter(text)
    names = _header(text[:_HEADER], delimiter, file)
    table, uneven = _table(text.encode(), names, delimiter, file)
    problems, wrong = uneven.problems, uneven.numbers
    if wrong[:1] == [0]:
        raise _no_header(file)
    rows = np.setdiff1d(np.arange(1, len(table) + len(wrong)), wrong)  # row 0 is the header, which Arrow counts
    columns = {name: table.column(i).combine_chunks().slice(1) for i, name in enumerate(names)}
    whole = len(rows) > 0 and (not wrong or rows[-1] > wrong[-1])
    last = int(rows[-1]) if whole else max(wrong, default=0)
    if last and _never_closed(text[-_SAMPLE:], _last_cell(columns) if whole else None, uneven.last):
        fix = "Close it, or double it inside a cell."
        problems.last(Problem(what="a quote opens in the row and never closes.", fix=fix, file=file, row=last), instead=not whole)
        rows = rows[rows < last]
        columns = {name: column.slice(0, len(rows)) for name, column in columns.items()}
    if held:
        columns = {name: pc.replace_substring(column, _RETURN, "\r") for name, column in columns.items()}
    if not len(rows) and not problems.all:
        raise refuse("there is a header but no row.", "Choose a file with at least one row.", file=file)
    return sheet_of(file, _NAMES[delimiter], columns, rows=rows, problems=problems.all)


class _Uneven:
    """Rows that aren't as long as the header: their numbers, their problems, and the text of the last."""

    def __init__(self, file: str) -> None:
        self.problems = Problems(file)
        self.numbers: list[int] = []
        self.last = ""

    def __call__(self, row: Any) -> str:
        """Leave a row out; called by Arrow."""
        number = int(row.number) - 1
        self.numbers.append(number)
        self.last = row.text
        what = f"the row has {row.actual_columns} cells, the header {row.expected_columns}."
        fix = "Quote cells that hold the delimiter, or fill the row up."
        self.problems.add(Problem(what=what, fix=fix, file=self.problems.file, row=number))
        return "skip"


def _never_closed(end: str, cell: str | None, uneven: str = "") -> bool:
    """Whether the last row runs on to the end of the file in an open quote.

    end : of the text. cell : the last one of the table, if its row is the last. uneven : text of a last row of another length.
    """
    if end.rstrip("\r\n").endswith('"'):
        return False
    return "\n" in cell if cell is not None else "\n" in uneven.rstrip("\r\n") and uneven.count('"') % 2 == 1


def _last_cell(columns: Mapping[str, pa.Array]) -> str:
    return str(columns[list(columns)[-1]][-1].as_py())


def _table(body: bytes, names: list[str], delimiter: str, file: str) -> tuple[pa.Table, _Uneven]:
    """Return all rows that are as long as the header, header included, and the others, which know their number."""
    try:
        return _arrow(pa.PythonFile(Watched(body), mode="r"), _BLOCK, names, delimiter, file)
    except pa.ArrowInvalid:
        pass  # a row is longer than a block
    try:
        return _arrow(pa.BufferReader(body), len(body) + 16, names, delimiter, file)
    except pa.ArrowInvalid as error:
        first = str(error).split("\n", 1)[0][:160]
        raise refuse(f"the table cannot be read: {first}.", "Check quotes that are opened and never closed.", file=file) from None


def _arrow(source: Any, block: int, names: list[str], delimiter: str, file: str) -> tuple[pa.Table, _Uneven]:
    from pyarrow import csv as arrow_csv

    uneven = _Uneven(file)
    table = arrow_csv.read_csv(
        source,
        # One thread, so that rows know their number.
        read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=block),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=uneven),
        convert_options=_all_text(names),
    )
    return table, uneven


def _held(text: str) -> tuple[str, bool]:
    """Return the text with carriage returns that end no line replaced, and whether there were any."""
    first = text.find("\n")
    if first < 0 or "\r" not in text:
        return text, False
    lone = re.compile(r"\r(?!\n)" if text[first - 1 : first] == "\r" else r"\r")
    held = lone.sub(_RETURN, text)
    return held, held != text


def _header(text: str, delimiter: str, file: str) -> list[str]:
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        while not cells:
            cells = next(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise _no_header(file) from None
    if len(cells) > MAX_COLUMNS:
        raise refuse(f"there are {len(cells):,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row per query and model.", file=file)
    names = [cell.strip() or f"column {i}" for i, cell in enumerate(cells, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise refuse("the column occurs more than once.", "Give each column its own name.", file=file, row=0, column=twice[0])
    return names


def _no_header(file: str) -> ProblemError:
    return refuse("the header cannot be read.", "Write the column names into the first row.", file=file)


def _delimiter(text: str) -> str:
    """Return the delimiter under which most of the first rows are as long as the header."""
    sample = text[:_SAMPLE]
    best, chosen = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            continue
        rows = rows[:-1] if len(text) > _SAMPLE and len(rows) > 1 else rows
        width = len(rows[0]) if rows else 0
        if width > 1:
            score = (round(sum(len(row) == width for row in rows) / len(rows), 2), width)
            if score > best:
                best, chosen = score, delimiter
    return chosen
