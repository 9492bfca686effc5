"""Decimal commas, as spreadsheets of much of the world write them beside semicolons or tabs."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from data.problems import Problem, listed
from data.readers.base import Sheet
from data.readers.values import MISSING, is_text

# A comma is a decimal one, and a point groups thousands: 0,75 and 1.234,5; "1,234" alone could be either.
_COMMA = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*$"
_GROUPED = r"^\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*$"
_WHOLE = r"^\s*[+-]?\d+\s*$"
_BESIDE_COMMAS = "CSV"


def points(sheet: Sheet) -> Sheet:
    """Return a sheet with the decimal commas of its numeric columns written as points, and a warning that says so.

    A column counts where every filled cell is a whole number or one with a decimal comma, and one of them can't be a number with
    grouped thousands. Where commas separate the cells nothing is changed: "1,5" may be anything there.
    """
    if sheet.format == _BESIDE_COMMAS:
        return sheet
    changed = {name: _written(column) for name, column in sheet.columns.items() if is_text(column) and _decimal(column)}
    if not changed:
        return sheet
    note = Problem(
        what=f"decimal commas read as points in {listed(list(changed), 6)}.",
        fix="If a comma groups thousands there, write the numbers without it.",
        file=sheet.file,
    )
    return replace(sheet, columns={**sheet.columns, **changed}, warnings=(*sheet.warnings, note))


def _decimal(column: pa.Array) -> bool:
    some = pc.match_substring(column.slice(0, 1000), ",")
    if not pc.any(some).as_py() and not pc.any(pc.match_substring(column, ",")).as_py():
        return False
    comma = pc.match_substring_regex(column, _COMMA)
    nothing = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(column)), value_set=pa.array(sorted(MISSING), type=column.type))
    fits = pc.or_(pc.or_(comma, pc.match_substring_regex(column, _WHOLE)), nothing)
    certain = pc.and_not(comma, pc.match_substring_regex(column, _GROUPED))
    return bool(pc.all(fits).as_py()) and bool(pc.any(certain).as_py())


def _written(column: pa.Array) -> pa.Array:
    plain = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    return pc.if_else(pc.match_substring_regex(column, _COMMA).fill_null(False), plain, column)
