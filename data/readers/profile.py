"""What a column looks like: what a guess rests on, besides its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.readers import kept
from data.readers.base import Column, Kind, Sheet
from data.readers.values import is_text, parsed, texts
from data.readers.watch import step

_MOSTLY = 0.5
_SHORT = 20
_THREADS = 4
_LARGE = 50_000  # rows from which threads are worth their start
_NEARLY = r"^\s*[$€£¥]?\s*[-+]?[$€£¥]?\d[\d.,]*(e[-+]?\d+)?\s*([%$€£¥]|[A-Za-z]{1,3})?\s*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Facts of one column.

    numeric : share of the filled cells that are numbers; low, high : their range; inside : share of them in [0, 1].
    nearly : share that are numbers but for a currency, a percent sign or a decimal comma. length : mean length of texts.
    """

    name: str
    kind: Kind
    filled: int
    distinct: int
    numeric: float
    nearly: float
    low: float
    high: float
    inside: float
    length: float


def profiles(sheet: Sheet, known: Iterable[tuple[Sheet, Mapping[str, Profile]]] = ()) -> dict[str, Profile]:
    """Return column -> profile of every column of a sheet; what is known of the very same columns is taken over."""
    done = {id(other.columns[name]): found for other, each in known for name, found in each.items()}
    new = {name: column for name, column in sheet.columns.items() if id(column) not in done}
    made = _made(new) if len(sheet) >= _LARGE else {name: profile(name, column) for name, column in new.items()}
    return {name: made[name] if name in made else done[id(column)] for name, column in sheet.columns.items()}


def _made(columns: Mapping[str, pa.Array]) -> dict[str, Profile]:
    """Return the profiles of long columns, several at a time: Arrow and NumPy let other threads run."""
    made: dict[str, Profile] = {}
    with ThreadPoolExecutor(max_workers=max(1, min(_THREADS, pa.cpu_count()))) as pool:
        for found in pool.map(profile, columns, columns.values()):
            made[found.name] = found
            try:
                step(len(made), len(columns))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return made


def profile(name: str, column: pa.Array) -> Profile:
    """Return the profile of one column.

    kind : "flag" = only 0 / 1 or words for them, "unit" = numbers that mostly lie in [0, 1], "number", "text", "empty".
    """
    values, bad = parsed(column, words=True)
    known = values[~np.isnan(values)]
    filled = len(known) + int(bad.sum())
    share = len(known) / filled if filled else 0.0
    inside = float(np.mean((known >= 0) & (known <= 1))) if len(known) else 0.0
    length = float(pc.mean(pc.utf8_length(column)).as_py() or 0.0) if is_text(column) else 0.0
    return Profile(
        name=name,
        kind=_kind(known, filled, share, inside),
        filled=filled,
        distinct=_distinct(column, known),
        numeric=share,
        nearly=_nearly(column) if share < 1.0 and is_text(column) and length <= _SHORT else share,
        low=float(known.min()) if len(known) else float("nan"),
        high=float(known.max()) if len(known) else float("nan"),
        inside=inside,
        length=length,
    )


def _distinct(column: pa.Array, known: NDArray[np.float64]) -> int:
    """Return the number of distinct values; a number that is written in two ways is one."""
    if not pa.types.is_floating(column.type) and not (is_text(column) and kept.numbers(column) is not None):
        return len(kept.encoded(column).dictionary) if is_text(column) else int(pc.count_distinct(column).as_py())
    if len(known) < _LARGE:
        return len(np.unique(known))
    import pandas as pd

    return len(pd.unique(known))  # does not sort


def column_card(sheet: Sheet, found: Profile, role: str, model: str) -> Column:
    """Return a column as the mapping step shows it, with up to three examples."""
    head = texts(sheet.columns[found.name].slice(0, 200)).to_pylist()
    examples = tuple(dict.fromkeys(shortened(text) for text in head if text))[:3]
    return Column(name=found.name, kind=found.kind, filled=found.filled, distinct=found.distinct, examples=examples, role=role, model=model)


def shortened(text: str, length: int = 120) -> str:
    """Return a text on one line, cut after `length` characters."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _nearly(column: pa.Array) -> float:
    distinct, codes = kept.encoded(column).dictionary, kept.codes(column)
    count = np.bincount(codes[codes >= 0], minlength=len(distinct))
    matched = np.asarray(pc.match_substring_regex(distinct, _NEARLY).to_numpy(zero_copy_only=False), dtype=np.bool_)
    filled = np.asarray(pc.binary_length(distinct).to_numpy(zero_copy_only=False)) > 0
    total = int(count[filled].sum())
    return float(count[filled & matched].sum() / total) if total else 0.0


def _kind(known: np.ndarray[tuple[int, ...], np.dtype[np.float64]], filled: int, share: float, inside: float) -> Kind:
    if not filled:
        return "empty"
    if share < _MOSTLY:
        return "text"
    if share == 1.0 and bool(np.all((known == 0) | (known == 1))):
        return "flag"
    return "unit" if inside > _MOSTLY else "number"
