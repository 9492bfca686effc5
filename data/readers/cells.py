"""From a sheet's columns to (rows, models) numbers and texts under a mapping; shared by wide and long."""

from __future__ import annotations

import math
from collections.abc import Mapping as AbstractMapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.readers import kept
from data.readers.base import Sheet
from data.readers.mapping import Mapping
from data.readers.notes import Notes
from data.readers.values import NUMBER, labels, number_fix, parsed, texts
from data.readers.watch import chunked, step
from data.readers.wide import scale_question, scorer_for

_SLACK = 1e-9
_ROWS_LEAST = 3
_SUMMARIES = frozenset({"total", "totals", "grand total", "sum", "average", "avg", "avg.", "mean", "overall", "all", "accuracy", "score"})


def numbers(notes: Notes, mapping: Mapping, role: str, column: str) -> NDArray[np.float64]:
    """Return (n,) values of a column in the unit of its role; cells that can't be one are noted and NaN."""
    step()
    cells = notes.sheet.columns[column]
    worst, best = mapping.scale or (0.0, 1.0)
    own = {**dict.fromkeys(mapping.wrong, worst), **dict.fromkeys(mapping.right, best)} if role == "quality" else {}
    values, bad = parsed(cells, words=own or role in ("quality", "signal"), missing=mapping.missing)
    if bad.any():
        _note_bad(notes, cells, bad, column, "score" if role == "quality" else "number")
    if role == "quality":
        return _quality(notes, mapping, _worded(values, own), column)
    values = _each(notes, mapping, role, values * mapping.factor(role, column), column)
    if role == "cost_usd":
        low = values < 0
        what = (f"the cost is {value:g}, below 0." for value in values[low])
        notes.rows(low, what, "Leave the cell empty if the cost isn't known.", column)
        values[low] = math.nan
    return values


def _each(notes: Notes, mapping: Mapping, role: str, values: NDArray[np.float64], column: str) -> NDArray[np.float64]:
    """Return (n,) values of one answer each, where a column counts the answers that a value covers."""
    counted = mapping.divided_by.get(role)
    if counted is None:
        return values
    count, _ = parsed(notes.sheet.columns[counted])
    detail = f"{column} divided by {counted}: it covers that many answers"
    notes.history.append(("divided", detail, {"column": column, "by": counted}))
    if role == "cost_usd":
        what = f"{column} covers {counted} answers, so it is divided by it: a cell costs what one answer costs."
        notes.warn(what, "Where one search yields all answers at once, a single one costs as much as all: multiply it back.", column)
    return np.asarray(values / np.where(count > 0, count, math.nan))


def _worded(values: NDArray[np.float64], own: AbstractMapping[str, float]) -> NDArray[np.float64]:
    """Return (n,) values with those that a person gave as a word for right or wrong (such as 2) as 1 and 0."""
    out = values.copy() if own else values
    for word, score in own.items():
        if NUMBER.fullmatch(word):
            out[values == float(word)] = score
    return out


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


def scored(answers: pa.Array, wanted: pa.Array, scorer_id: str, empty: str) -> NDArray[np.float64]:
    """Return (n,) quality of (n,) answers against references; an empty answer is wrong or not run, as the mapping says."""
    from data.scoring import find

    scorer = find(scorer_id)
    nothing = 0.0 if empty == "wrong" else math.nan
    pairs, each = _pairs(answers, wanted)
    scores = [math.nan if not want else (scorer.score(said, want) if said else nothing) for said, want in chunked(pairs)]
    return np.array(scores, dtype=np.float64)[each]


def extracted(column: pa.Array, scorer_id: str, wanted: pa.Array | None = None) -> pa.Array:
    """Return the short comparable form of each text, null where there is none.

    Without a scorer each text is read as its reference in `wanted` asks for: a number, a letter, or words.
    """
    from data.scoring import find

    if scorer_id or wanted is None:
        extract = find(scorer_id or "normalised").extract
        encoded = kept.encoded(column)
        short = [extract(text) or None for text in chunked(encoded.dictionary.to_pylist())]
        return pa.array(short, type=pa.large_string()).take(encoded.indices)
    distinct = labels(wanted.unique())
    kinds = {want: find(scorer_for([want]) or "normalised") for want in chunked(distinct)}
    pairs, each = _pairs(column, wanted)
    short = [(kinds[want].extract(said) or None) if said else None for said, want in chunked(pairs)]
    return pa.array(short, type=pa.large_string()).take(pa.array(each))


def _pairs(left: pa.Array, right: pa.Array) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
    """Return the distinct pairs of two (n,) columns, "" for nothing, and (n,) positions among them: what is looked at once."""
    names, codes = [], []
    for column in (left, right):
        column_texts = texts(column)
        names.append([*kept.encoded(column_texts).dictionary.to_pylist(), ""])
        code = kept.codes(column_texts)
        codes.append(np.where(code < 0, len(names[-1]) - 1, code))
    distinct, each = np.unique(codes[0] * len(names[1]) + codes[1], return_inverse=True)
    first, second = np.divmod(distinct, len(names[1]))
    return [(names[0][i], names[1][j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)], each


def ids_of(notes: Notes, column: str) -> pa.Array:
    """Return the (n,) ids of a column; empty ones are noted, and null, and so is a last line of totals."""
    ids = texts(notes.sheet.columns[column])
    last = _summary_at(ids)
    if last is not None:
        what = f"the id is {ids[last].as_py()!r}: a line of totals or means is no query."
        notes.rows(np.arange(len(ids)) == last, (what for _ in range(len(ids))), "Remove the line, or give the query another id.", column)
    if ids.null_count:
        empty = np.asarray(ids.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
        notes.rows(empty, ("the id is empty." for _ in range(len(empty))), "Give every row an id.", column)
    return ids


def _summary_at(ids: pa.Array) -> int | None:
    """Return the position of a last row that sums up the others: its id says so, and all other ids hold a number."""
    if len(ids) < _ROWS_LEAST or not ids[-1].is_valid or ids[-1].as_py().strip().lower().rstrip(":") not in _SUMMARIES:
        return None
    others = pc.match_substring_regex(ids.slice(0, len(ids) - 1), r"\d")
    return len(ids) - 1 if pc.all(others, min_count=0).as_py() else None


def _quality(notes: Notes, mapping: Mapping, values: NDArray[np.float64], column: str) -> NDArray[np.float64]:
    raw = values
    if mapping.scale is not None:
        low, high = mapping.scale
        values = (values - low) / (high - low)
    outside = (values < -_SLACK) | (values > 1 + _SLACK)
    if outside.any():
        shown = values[outside] if mapping.scale is None else values[outside] * (mapping.scale[1] - mapping.scale[0]) + mapping.scale[0]
        around = "0 to 1" if mapping.scale is None else f"{mapping.scale[0]:g} to {mapping.scale[1]:g}"
        notes.rows(outside, (f"the score is {value:g}, outside {around}." for value in shown), _scale_fix(values, raw), column)
        values[outside] = math.nan
    return np.clip(values, 0.0, 1.0)


def _scale_fix(values: NDArray[np.float64], raw: NDArray[np.float64]) -> str:
    """Return what may mend scores outside 0 to 1. raw : as the file has them, before they were rescaled."""
    known = values[~np.isnan(values)]
    if np.any(known < 0) and np.any(known >= 0) and np.all(known <= 1):
        lowest = float(np.nanmin(raw))
        return f"If {lowest:g} means not recorded, say so: missing = {lowest:g}."
    if np.mean(known > 1) < 0.2:
        return "Correct it, or leave the cell empty if the model was not run."
    low, high = next(iter(scale_question(float(known.min()), float(known.max())).choices.values()))
    return f"Rescale {low:g}..{high:g} to 0..1 (scale = {low:g}, {high:g}), or correct the cell."


def _note_bad(notes: Notes, cells: pa.Array, bad: NDArray[np.bool_], column: str, kind: str) -> None:
    wrong = np.flatnonzero(bad)
    encoded = texts(cells.take(pa.array(wrong))).dictionary_encode()
    said = [*encoded.dictionary.to_pylist(), None]
    codes = np.asarray(encoded.indices.fill_null(len(said) - 1).to_numpy(zero_copy_only=False), dtype=np.int64)
    fixes = [number_fix(text or "inf") for text in chunked(said)]
    for fix in dict.fromkeys(fixes[code] for code in codes.tolist()):
        mine = wrong[np.isin(codes, [i for i, each in enumerate(fixes) if each == fix])]
        mask = np.zeros(len(bad), dtype=np.bool_)
        mask[mine] = True
        shown = (said[codes[at]] for at in np.searchsorted(wrong, mine).tolist())
        notes.rows(mask, (f"{_cut(text)!r} is not a {kind}." for text in shown), fix, column)


def _cut(text: str | None) -> str:
    text = text or "inf"
    return text if len(text) <= 40 else text[:39] + "…"
