"""From a sheet's columns to (rows, models) numbers and texts under a mapping; shared by wide and long."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.readers.base import Sheet
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.values import labels, number_fix, parsed, texts
from data.readers.wide import scale_question, scorer_for

_SLACK = 1e-9


def numbers(notes: Notes, mapping: Mapping, role: str, column: str) -> NDArray[np.float64]:
    """Return (n,) values of a column in the unit of its role; cells that can't be one are noted and NaN."""
    cells = notes.sheet.columns[column]
    values, bad = parsed(cells, words=role == "quality", missing=mapping.missing)
    if bad.any():
        _note_bad(notes, cells, bad, column, "score" if role == "quality" else "number")
    if role == "quality":
        return _quality(notes, mapping, values, column)
    values = values * mapping.factors.get(role, 1.0)
    if role == "cost_usd":
        low = values < 0
        what = (f"the cost is {value:g}, below 0." for value in values[low])
        notes.rows(low, what, "Leave the cell empty if the cost isn't known.", column)
        values[low] = math.nan
    return values


def texts_of(sheet: Sheet, column: str) -> pa.Array:
    """Return a column as large_string, null where nothing is recorded."""
    return texts(sheet.columns[column])


def references(sheet: Sheet, column: str) -> tuple[pa.Array, str]:
    """Return the reference column, and how it was shortened: GSM8K's solutions end in `#### answer`."""
    column_texts = texts_of(sheet, column)
    marked = pc.match_substring(column_texts, "####")
    known = len(column_texts) - column_texts.null_count
    if known and pc.sum(marked).as_py() == known:
        after = pc.utf8_trim_whitespace(pc.list_element(pc.split_pattern(column_texts, "####", max_splits=1, reverse=True), 1))
        return after.cast(pa.large_string()), 'the part after "####" of'
    return column_texts, ""


def scored(answers: Sequence[str], wanted: Sequence[str], scorer_id: str, empty: str) -> NDArray[np.float64]:
    """Return (n,) quality of answers against references; an empty answer is wrong or not run, as the mapping says."""
    from data.scoring import find

    scorer = find(scorer_id)
    nothing = 0.0 if empty == "wrong" else math.nan
    return np.array(
        [math.nan if not want else (scorer.score(said, want) if said else nothing) for said, want in zip(answers, wanted, strict=True)]
    )


def extracted(column: pa.Array, scorer_id: str, wanted: Sequence[str] | None = None) -> pa.Array:
    """Return the short comparable form of each text, null where there is none.

    Without a scorer each text is read as its reference in `wanted` asks for: a number, a letter, or words.
    """
    from data.scoring import find

    if scorer_id or wanted is None:
        extract = find(scorer_id or "normalised").extract
        encoded = column.dictionary_encode()
        short = [extract(text) or None for text in encoded.dictionary.to_pylist()]
        return pa.array(short, type=pa.large_string()).take(encoded.indices)
    kinds = {want: find(scorer_for([want]) or "normalised") for want in set(wanted)}
    said = (kinds[want].extract(text) if text else "" for text, want in zip(labels(column), wanted, strict=True))
    return pa.array([text or None for text in said], type=pa.large_string())


def ids_of(notes: Notes, column: str) -> list[str]:
    """Return the (n,) ids of a column; empty ones are noted."""
    ids = labels(notes.sheet.columns[column])
    empty = np.array([not text for text in ids], dtype=np.bool_)
    notes.rows(empty, ("the id is empty." for _ in ids), "Give every row an id.", column)
    return ids


def _quality(notes: Notes, mapping: Mapping, values: NDArray[np.float64], column: str) -> NDArray[np.float64]:
    if mapping.scale is not None:
        low, high = mapping.scale
        values = (values - low) / (high - low)
    outside = (values < -_SLACK) | (values > 1 + _SLACK)
    if outside.any():
        shown = values[outside] if mapping.scale is None else values[outside] * (mapping.scale[1] - mapping.scale[0]) + mapping.scale[0]
        around = "0 to 1" if mapping.scale is None else f"{mapping.scale[0]:g} to {mapping.scale[1]:g}"
        notes.rows(outside, (f"the score is {value:g}, outside {around}." for value in shown), _scale_fix(values), column)
        values[outside] = math.nan
    return np.clip(values, 0.0, 1.0)


def _scale_fix(values: NDArray[np.float64]) -> str:
    known = values[~np.isnan(values)]
    if np.mean(known < 0) > 0 and np.mean(known[known >= 0] <= 1) == 1:
        return f"If {known.min():g} means not recorded, say so: missing = {known.min():g}."
    if np.mean(known > 1) < 0.2:
        return "Correct it, or leave the cell empty if the model was not run."
    low, high = next(iter(scale_question(float(known.min()), float(known.max())).choices.values()))
    return f"Rescale {low:g}..{high:g} to 0..1 (scale = {low:g}, {high:g}), or correct the cell."


def _note_bad(notes: Notes, cells: pa.Array, bad: NDArray[np.bool_], column: str, kind: str) -> None:
    wrong = np.flatnonzero(bad)
    said = texts(cells.take(pa.array(wrong))).to_pylist()
    by_fix: dict[str, list[int]] = {}
    for row, text in zip(wrong.tolist(), said, strict=True):
        by_fix.setdefault(number_fix(text or "inf"), []).append(row)
    shown = dict(zip(wrong.tolist(), said, strict=True))
    for fix, rows in by_fix.items():
        mask = np.zeros(len(bad), dtype=np.bool_)
        mask[rows] = True
        notes.rows(mask, (f"{_cut(shown[row])!r} is not a {kind}." for row in rows), fix, column)


def _cut(text: str | None) -> str:
    text = text or "inf"
    return text if len(text) <= 40 else text[:39] + "…"
