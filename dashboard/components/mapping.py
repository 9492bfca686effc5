"""The mapping step: open questions as choices, columns to roles, scorer, preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.components import units
from dashboard.words import sets as words
from data.readers.base import Question, Reading
from data.readers.mapping import CELL_ROLES, EVERY, QUERY_ROLES, ROW_ROLES
from data.readers.mapping import Mapping as ColumnMapping

FEW = 3
UNIT = (0.0, 1.0)
SCALES = (UNIT, (0.0, 100.0), (1.0, 5.0), (0.0, 5.0), (1.0, 10.0), (0.0, 10.0), (-1.0, 1.0))


def questions(key: str, reading: Reading, mapping: ColumnMapping, *, known: bool = False) -> ColumnMapping:
    """Draw what the files leave open as choices; return the mapping with the answers. known : the mapping answered them last time."""
    for question in reading.questions:
        before = {"default": getattr(mapping, question.field)} if known else {}
        answer = _asked(key, _with(question, before))
        mapping = replace(mapping, **{question.field: answer})
    return mapping


def _with(question: Question, before: Mapping[str, Any]) -> Question:
    """Return a question whose chosen answer is the one of last time, or the likely one."""
    if not before:
        # Of scales the likely one comes first: it is shown as chosen, and can be changed.
        return replace(question, default=next(iter(question.choices.values()))) if question.field == "scale" else question
    answer = before["default"]
    choices = question.choices
    if answer not in choices.values():
        choices = {words.AS_LAST_TIME.format(value=_said(answer)): answer, **choices}
    return replace(question, choices=choices, default=answer)


def _said(value: Any) -> str:
    return words.SCALE.format(low=value[0], high=value[1]) if isinstance(value, tuple) and len(value) == 2 else str(value)


def _asked(key: str, question: Question) -> Any:
    choices = list(question.choices)
    default = next((i for i, word in enumerate(choices) if question.choices[word] == question.default), 0)
    name = f"{key}.q.{question.field}"
    if len(choices) <= FEW:
        chosen = st.radio(question.text, choices, index=default, key=name, horizontal=True, persist_state="session")
    else:
        chosen = st.selectbox(question.text, choices, index=default, key=name, persist_state="session", width=420)
    return question.choices[chosen or choices[default]]


def columns(key: str, reading: Reading, mapping: ColumnMapping) -> ColumnMapping:
    """Draw the columns with their roles, the preview and the scorer; return the mapping as corrected."""
    title = " ".join([words.COLUMNS_TITLE, *units.said(mapping)])
    with st.expander(title, icon=":material/view_column:", expanded=reading.table is None, key=f"{key}.expander"):
        st.caption(words.COLUMNS_INTRO)
        edited = _editor(key, reading, mapping)
        changed = corrected(mapping, reading, edited)
        changed = _details(key, reading, changed)
        said = words.PREVIEW_ONE if len(reading.preview) == 1 else words.PREVIEW.format(n=len(reading.preview))
        st.caption(said)
        st.dataframe([dict(row) for row in reading.preview], hide_index=True, height=220, alt=said)
    return changed


def _editor(key: str, reading: Reading, mapping: ColumnMapping) -> list[dict[str, Any]]:
    import pandas as pd

    used = mapping.columns
    rows = [
        {
            "column": c.name,
            "role": _role(used.get(c.name, ("", ""))[0]) or None,
            "model": used.get(c.name, ("", ""))[1] or None,
            "kind": c.kind,
            "example": c.examples[0] if c.examples else "",
        }
        for c in reading.columns
    ]
    config = {
        "column": st.column_config.TextColumn(words.COLUMN, disabled=True),
        "role": st.column_config.SelectboxColumn(
            words.ROLE, options=list(words.ROLES), width="medium", format_func=lambda r: words.ROLES[str(r)], help=words.ROLE_HELP
        ),
        "model": st.column_config.TextColumn(words.MODEL, help=words.MODEL_HELP),
        "kind": st.column_config.TextColumn(words.LOOKS, disabled=True, width="small"),
        "example": st.column_config.TextColumn(words.EXAMPLE, disabled=True),
    }
    frame = pd.DataFrame(rows, columns=list(config))
    edited = st.data_editor(frame, column_config=config, hide_index=True, key=f"{key}.columns", placeholder="", alt=words.COLUMNS_TITLE)
    return [{str(name): value for name, value in row.items()} for row in edited.to_dict("records")]


def corrected(mapping: ColumnMapping, reading: Reading, rows: Sequence[Mapping[str, Any]]) -> ColumnMapping:
    """Return the mapping with the roles that a person set; unchanged where none was changed."""
    used = mapping.columns
    before = {c.name: (_role(used.get(c.name, ("", ""))[0]), used.get(c.name, ("", ""))[1]) for c in reading.columns}
    after = {str(row["column"]): (_text(row["role"]), _text(row["model"])) for row in rows}
    if before == after:
        return mapping
    query = {role: column for column, (role, _) in after.items() if role in (*QUERY_ROLES, *ROW_ROLES)}
    query = {**{r: c for r, c in mapping.query.items() if c.startswith("@") and r not in query}, **query}
    long = "model" in query
    cells: dict[str, dict[str, str]] = {}
    signals: dict[str, dict[str, str]] = {}
    named = {column: role.removeprefix("signal ").strip() for column, (role, _) in used.items() if role.startswith("signal ")}
    for column, (role, model) in after.items():
        whose = EVERY if long else model or column
        if role in CELL_ROLES:
            cells.setdefault(role, {})[whose] = column
        elif role == "signal":
            signals.setdefault(named.get(column, column), {})[whose] = column
    return replace(
        mapping, shape="long" if long else "wide", query=query, cells=cells, signals=signals, scorer=_needed(mapping, query, cells)
    )


def _role(role: str) -> str:
    return "signal" if role.startswith("signal") else role


def _text(value: Any) -> str:
    """Return a cell of the editor as text; an emptied one is None or NaN."""
    return value.strip() if isinstance(value, str) else ""


def _needed(mapping: ColumnMapping, query: Mapping[str, str], cells: Mapping[str, Any]) -> str:
    scored = "quality" not in cells and "reference" in query and "answer" in cells
    return mapping.scorer or ("normalised" if scored else "")


def _details(key: str, reading: Reading, mapping: ColumnMapping) -> ColumnMapping:
    """Draw units, scale and words of the scores, further words for "not recorded", and the scorer; return the mapping with them."""
    mapping = units.choices(key, reading, mapping)
    left, right = st.columns(2, gap="large")
    if "quality" in mapping.cells and not any(question.field == "scale" for question in reading.questions):
        with left:
            mapping = replace(mapping, scale=_scale(key, mapping.scale))
    typed = right.text_input(
        words.MISSING_WORDS, value=", ".join(mapping.missing), key=f"{key}.missing", placeholder=words.MISSING_WORDS_EXAMPLE,
        help=words.MISSING_WORDS_HELP, persist_state="session",
    )  # fmt: skip
    missing = tuple(word.strip().lower() for word in (typed or "").split(",") if word.strip())
    if missing != mapping.missing:
        mapping = replace(mapping, missing=missing)
    return _scorer(key, reading, mapping)


def _scale(key: str, given: tuple[float, float] | None) -> tuple[float, float] | None:
    ends = list(dict.fromkeys([given or UNIT, *SCALES]))
    named = {words.SCALE.format(low=low, high=high): (low, high) for low, high in ends}
    chosen = st.selectbox(words.SCALE_TITLE, list(named), key=f"{key}.scale", persist_state="session")
    ends_of = named.get(chosen or "", UNIT)
    return None if ends_of == UNIT else ends_of


def _scorer(key: str, reading: Reading, mapping: ColumnMapping) -> ColumnMapping:
    """Draw the choice of scorer where answers are compared, unless it is an open question already."""
    compared = "quality" not in mapping.cells and ({"answer", "response"} & set(mapping.cells)) and "reference" in mapping.query
    if not compared or any(question.field == "scorer" for question in reading.questions):
        return mapping
    return replace(mapping, scorer=scorer(f"{key}.scorer", mapping.scorer))


def scorer(key: str, default: str) -> str:
    """Draw the choice of scorer with what each one does; return its id."""
    from data.scoring import scorers

    found = scorers()
    ids = list(found)
    at = ids.index(default) if default in ids else 0
    chosen = st.selectbox(
        words.SCORER, ids, index=at, key=key, format_func=lambda i: found[i].title, help=found[ids[at]].help, persist_state="session"
    )
    return str(chosen)
