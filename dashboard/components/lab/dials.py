"""Sliders and boxes of a world, made from its declarations; what was turned is written to the view by path."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import lab, state
from data.simulator import Option, Parameter, World

_UNSET = object()
_WIDEST = 20.0  # a wider range is typed
_SIZES = (1000, 2000, 4000, 10_000, 20_000, 50_000)


def now() -> dict[str, Any]:
    """Return the Lab's part of the view."""
    return dict(state.view().lab)


def set_dials(**values: Any) -> None:
    """Turn dials by path; None = as in the world that one started from."""
    dials = {**lab.dial_values(state.view().lab), **values}
    keep({**now(), "dials": {path: value for path, value in dials.items() if value is not None}})


def keep(values: dict[str, Any]) -> None:
    """Write the Lab's part of the view, without what is empty."""
    state.change(lab={name: value for name, value in values.items() if value not in ({}, [], "", None)})


def hold(name: str, value: Any) -> str:
    """Return the key of a widget that shows what the view says: the one that is there, or a new one where it shows something else.

    A widget that is set anew may still send what it showed before, a moment later, and that would pass for the reader's wish. One that
    is replaced can't; and one that isn't touched keeps its open list, and its handle stays in the hand that drags it.
    """
    key = _key(name)
    if state.get(key, value) != value:
        state.put(f"{name}.turn", int(state.get(f"{name}.turn", 0)) + 1)
        key = _key(name)
    if state.get(key, _UNSET) != value:
        state.put(key, value)
    return key


def moved(name: str, key: str) -> bool:
    """Whether a widget that says it was moved is still the one in sight."""
    return key == _key(name)


def _key(name: str) -> str:
    turn = state.get(f"{name}.turn", 0)
    return f"{name}.{turn}" if turn else name


def dial(path: str, spec: Parameter, value: float | None, *, label: str = "") -> None:
    """Draw one number: a slider where the range is short, else a box; an empty box for what isn't given."""
    title = label or _title(spec)
    if spec.scale == "log" or spec.high - spec.low > _WIDEST or value is None:
        key = hold(f"lab.{path}", value)
        kinds: dict[str, Any] = {"min_value": float(spec.low), "max_value": float(spec.high), "format": "%g"}
        st.number_input(title, value=None, key=key, help=spec.help, placeholder=spec.none, on_change=_moved, args=(path, key), **kinds)
        return
    slider(path, title, (spec.low, spec.high), value, help_text=spec.help)


def slider(path: str, title: str, ends: tuple[float, float], value: float, *, help_text: str) -> None:
    """Draw a slider in steps of a hundredth."""
    low, high = float(ends[0]), float(ends[1])
    key = hold(f"lab.{path}", min(max(round(float(value), 2), low), high))
    st.slider(title, low, high, step=0.01, key=key, help=help_text, on_change=_moved, args=(path, key))


def sizes(world: World, spec: Parameter) -> None:
    """Draw how many queries are asked: enough for a split, few enough to follow the slider."""
    offered = sorted({*_SIZES, world.n})
    key = hold("lab.n", world.n)
    st.select_slider(_title(spec), offered, key=key, format_func=lambda n: f"{n:,}", help=spec.help, on_change=_moved, args=("n", key))


def option(path: str, spec: Option, value: str) -> None:
    """Draw a word that is picked from a few."""
    key = hold(f"lab.{path}", value)
    st.selectbox(spec.label, list(spec.options), key=key, help=spec.help, on_change=_moved, args=(path, key))


def _title(spec: Parameter) -> str:
    return f"{spec.label} ({spec.unit})" if spec.unit else spec.label


def _moved(path: str, key: str) -> None:
    value = state.get(key)
    if value is not None and moved(f"lab.{path}", key):
        set_dials(**{path: value})
