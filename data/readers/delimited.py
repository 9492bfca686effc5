"""CSV and its kin: comma, semicolon, tab or bar, found by what gives rows of equal length."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.problems import Problem, refuse
from data.readers.base import MAX_COLUMNS, Sheet, sheet_of

_DELIMITERS = (",", "\t", ";", "|")
_NAMES = {",": "CSV", "\t": "TSV", ";": "CSV (semicolons)", "|": "CSV (bars)"}
_SAMPLE = 1 << 17
_RETURN = "\ue00d"  # stands in for carriage returns inside cells, which Arrow would take for line ends


def read(text: str, file: str) -> Sheet:
    """Return the sheet of a delimited text with a header; all columns are text.

    Ragged rows are left out and reported as problems with their data row.
    Raises ProblemError for no rows, too many or repeated columns, or quotes that never close.
    """
    text, held = _held(text)
    delimiter = _delimiter(text)
    names = _header(text, delimiter, file)
    body = text.encode()
    table, ragged = _arrow(body, names, delimiter, file)
    wrong = {int(row.number) - 1: row for row in ragged}
    rows = [i for i in range(1, len(table) + len(wrong)) if i not in wrong]  # row 0 is the header, which Arrow counts
    columns = {name: table.column(i).combine_chunks().slice(1) for i, name in enumerate(names)}
    if held:
        columns = {name: pc.replace_substring(column, _RETURN, "\r") for name, column in columns.items()}
    if not rows and not wrong:
        raise refuse("there is a header but no row.", "Choose a file with at least one row.", file=file)
    problems = tuple(
        Problem(
            what=f"the row has {row.actual_columns} cells, the header {row.expected_columns}.",
            fix="Quote cells that hold the delimiter, or fill the row up.",
            file=file,
            row=number,
        )
        for number, row in sorted(wrong.items())
    )
    return sheet_of(file, _NAMES[delimiter], columns, rows=rows, problems=problems)


def _arrow(body: bytes, names: list[str], delimiter: str, file: str) -> tuple[pa.Table, list[Any]]:
    from pyarrow import csv as arrow_csv

    ragged: list[Any] = []

    def skip(row: Any) -> str:
        ragged.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            # One block and one thread: rows may be as long as the file, and ragged rows know their number.
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(body) + 16),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        first = str(error).split("\n", 1)[0][:160]
        raise refuse(f"the table cannot be read: {first}.", "Check quotes that are opened and never closed.", file=file) from None
    return table, ragged


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
        raise refuse("the header cannot be read.", "Write the column names into the first row.", file=file) from None
    if len(cells) > MAX_COLUMNS:
        raise refuse(f"there are {len(cells):,} columns; {MAX_COLUMNS:,} are the most.", "Turn it: a row per query and model.", file=file)
    names = [cell.strip() or f"column {i}" for i, cell in enumerate(cells, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise refuse("the column occurs more than once.", "Give each column its own name.", file=file, row=0, column=twice[0])
    return names


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
