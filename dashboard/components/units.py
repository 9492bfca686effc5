"""Units of costs and latencies, and words for right and wrong: shown as they are read, changed where they are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import streamlit as st

from dashboard import compute
from dashboard.charts.figures import full, money, seconds
from dashboard.drafts import digest
from dashboard.words import sets as words
from data.readers.base import Reading
from data.readers.mapping import Mapping
from data.readers.units import UNITS, Unit, current, named
from data.readers.values import is_text, labels, parsed

MOST_WORDS = 8
_HEAD = 200
EACH = Unit(title=words.UNIT_EACH, factor=1.0)
RIGHT, WRONG, NEITHER = "right", "wrong", "missing"


def said(mapping: Mapping) -> list[str]:
    """Return the units of a mapping in words, for a title: what is read as what."""
    alike = [role for role in UNITS if role in mapping.cells and not _by_name(mapping, mapping.cells[role].values())]
    found = {role: current(role, mapping.factors.get(role, 1.0), mapping.cost_per) for role in alike}
    return [words.UNIT_SAID[role].format(unit=unit.title) for role, unit in found.items() if unit is not None]


def choices(key: str, reading: Reading, mapping: Mapping) -> Mapping:
    """Draw a choice of unit for cost and latency where they are mapped, each with an example; return the mapping with them."""
    roles = [role for role in UNITS if role in mapping.cells]
    if not roles:
        return mapping
    for role, place in zip(roles, st.columns(2, gap="large"), strict=False):
        columns = list(mapping.cells[role].values())
        chosen = _chosen(place, f"{key}.unit.{role}.{digest(columns)}", role, _default(reading, mapping, role, columns))
        if chosen == EACH:
            place.caption(words.UNIT_EACH_HELP)
            continue
        mapping = _with(mapping, role, chosen, columns)
        example = _example(reading, columns)
        if example is not None:
            place.caption(_converted(role, chosen, example))
    return mapping


def _by_name(mapping: Mapping, columns: Iterable[str]) -> bool:
    """Whether the columns of a role have units of their own, by their names."""
    return any(column in mapping.factors for column in columns)


def _default(reading: Reading, mapping: Mapping, role: str, columns: Sequence[str]) -> Unit:
    """Return the unit that a mapping says; for columns that a person just mapped, the one that their names say."""
    if _by_name(mapping, columns):
        return EACH
    factor = mapping.factors.get(role, 1.0)
    if columns == list(reading.mapping.cells.get(role, {}).values()) or factor != 1.0:
        return current(role, factor, mapping.cost_per) or Unit(title=words.UNIT_OTHER.format(factor=factor), factor=factor)
    units = {named(role, column) for column in columns}
    return units.pop() if len(units) == 1 else UNITS[role][0]


def _chosen(place: st.delta_generator.DeltaGenerator, key: str, role: str, default: Unit) -> Unit:
    offered = {unit.title: unit for unit in (*UNITS[role], *([] if default in UNITS[role] else [default]))}
    titles = list(offered)
    picked = place.selectbox(words.UNIT_OF[role], titles, index=titles.index(default.title), key=key, persist_state="session")
    return offered.get(picked or default.title, default)


def _with(mapping: Mapping, role: str, unit: Unit, columns: Sequence[str]) -> Mapping:
    factors = {name: factor for name, factor in mapping.factors.items() if name != role and name not in columns}
    if unit.factor != 1.0:
        factors[role] = unit.factor
    per = unit.per if role == "cost_usd" else mapping.cost_per
    same = dict(mapping.factors) == factors and per == mapping.cost_per
    return mapping if same else replace(mapping, factors=factors, cost_per=per)


def _example(reading: Reading, columns: Sequence[str]) -> float | None:
    """Return the first number of the columns that is not zero, None where there is none among the first rows."""
    for column in columns:
        values, _ = parsed(reading.sheet.columns[column].slice(0, _HEAD)) if column in reading.sheet.columns else (np.array([]), None)
        known = values[~np.isnan(values) & (values != 0)]
        if len(known):
            return float(known[0])
    return None


def _converted(role: str, unit: Unit, example: float) -> str:
    value = example * unit.factor
    if role == "latency_s":
        return words.UNIT_EXAMPLE.format(raw=full(example), value=seconds(value))
    shown = money(value * 1e6 if unit.per == "token" else value).replace("$", "\\$")
    return (words.UNIT_EXAMPLE_PRICE if unit.per == "token" else words.UNIT_EXAMPLE_COST).format(raw=full(example), value=shown)


def score_words(key: str, reading: Reading, mapping: Mapping) -> Mapping:
    """Draw what each unknown word of the score columns means: right, wrong, or not recorded; return the mapping with the answers."""
    columns = [c for c in mapping.cells.get("quality", {}).values() if c in reading.sheet.columns]
    if not columns:
        return mapping
    unknown = compute.kept(f"words.{key}.{digest(columns)}", lambda: unknown_words([reading.sheet.columns[c] for c in columns]))
    found = [word for word in unknown if word not in mapping.missing]  # those that were typed there are known now
    if not found or len(unknown) > MOST_WORDS:
        return mapping
    st.markdown(words.SCORE_WORDS)
    meant: dict[str, list[str]] = {RIGHT: [], WRONG: [], NEITHER: []}
    places = st.columns(2, gap="large")
    before = {RIGHT: mapping.right, WRONG: mapping.wrong}
    for at, word in enumerate(found):
        default = next((name for name, given in before.items() if word in given), None)
        picked = places[at % 2].segmented_control(
            f"`{word}`", [RIGHT, WRONG, NEITHER], default=default, key=f"{key}.word.{digest(word)}",
            format_func=words.WORD_MEANS.__getitem__, persist_state="session",
        )  # fmt: skip
        if picked:
            meant[picked].append(word)
    return replace(mapping, right=tuple(meant[RIGHT]), wrong=tuple(meant[WRONG]), missing=(*mapping.missing, *meant[NEITHER]))


def unknown_words(columns: Sequence[pa.Array]) -> tuple[str, ...]:
    """Return the distinct texts of score columns that are neither numbers nor known words, in lower case; at most one too many."""
    found: dict[str, None] = {}
    for column in columns:
        if not is_text(column):
            continue
        distinct = column.unique()
        _, bad = parsed(distinct, words=True)
        for text in labels(distinct.filter(pa.array(bad))):
            found.setdefault(text.strip().lower(), None)
            if len(found) > MOST_WORDS:
                return tuple(found)
    return tuple(found)
