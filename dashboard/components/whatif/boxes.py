"""Widgets of one assumption each, made from its declaration: a factor, a share, a number that may be left empty."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.whatif import work
from dashboard.words import whatif as words
from data.problems import ProblemError
from strategies.whatif.change import Change, knobs_of
from strategies.whatif.conditions import Mix
from strategies.whatif.scenario import Scenario

_TIMES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)


def times(now: Scenario, kind: type[Change], about: str, label: str, help_text: str) -> None:
    """Draw a factor: notches from a tenth to ten times, and where it stands."""
    field = "weight" if kind is Mix else "factor"
    value = float(getattr(now.find(kind, about) or kind(), field))
    key = held(f"whatif.{kind.word}.{about}.{field}", value)
    st.select_slider(
        label, sorted({*_TIMES, value}), key=key, format_func=lambda v: words.TIMES.format(value=v), help=help_text, on_change=moved,
        args=(kind, about, field, key),
    )  # fmt: skip


def share(now: Scenario, kind: type[Change], about: str, field: str, label: str) -> None:
    """Draw a share from 0 to the end of its declared range, in steps of a hundredth."""
    spec = next(spec for item, spec in knobs_of(kind) if item.name == field)
    value = float(getattr(now.find(kind, about) or kind(), field))
    key = held(f"whatif.{kind.word}.{about}.{field}", round(100 * value))
    st.slider(label, 0, round(100 * float(spec.high)), key=key, format="%d %%", on_change=moved, args=(kind, about, field, key, 0.01))


def number(
    now: Scenario, kind: type[Change], about: str, field: str, label: str, *, help_text: str = "", hint: str = "", none: float = math.nan
) -> None:
    """Draw a number that may be left empty; range and help are those that the assumption declares."""
    spec = next(spec for item, spec in knobs_of(kind) if item.name == field)
    value: Any = getattr(now.find(kind, about) or kind(), field)
    shown = None if math.isnan(value) or value == none else int(value) if spec.whole else float(value)
    key = held(f"whatif.{kind.word}.{about}.{field}", shown)
    ends: dict[str, Any] = {"min_value": int(spec.low), "max_value": int(float(spec.high)), "step": 1} if spec.whole else {
        "min_value": float(spec.low), "max_value": float(spec.high), "format": "%g",
    }  # fmt: skip
    st.number_input(
        label,
        value=None,
        key=key,
        help=help_text or spec.help,
        placeholder=hint or " ",
        on_change=moved,
        args=(kind, about, field, key),
        **ends,
    )


def held(key: str, value: Any) -> str:
    """Return the key of a widget that shows what the scenario says."""
    state.put(key, value)
    return key


def moved(kind: type[Change], about: str, field: str, key: str, scale: float = 1.0) -> None:
    """Take one number over; an empty box is the declared default."""
    current = work.scenario().find(kind, about) or _about_of(kind, about)
    default = next(item.default for item in fields(kind) if item.name == field)
    value = state.get(key)
    try:
        work.put(replace(current, **{field: default if value is None else value * scale if scale != 1 else value}))
    except ProblemError as error:
        work.refuse(error)


def _about_of(kind: type[Change], about: str) -> Change:
    named = next((item.name for item in fields(kind) if "subject" in item.metadata), "")
    values: dict[str, Any] = {named: about} if named else {}
    return kind(**values)
