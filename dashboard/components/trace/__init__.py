"""The trace: one query's way as stations, what the others would have said, and where it would have turned.

Its markup is made in Python (`twin`), so that the page and an exported file are one; the module in `trace.js` only brings
folds and sliders to life. Python hears of a slider when the reader takes a setting over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.components.trace import twin
from dashboard.components.trace.build import built
from dashboard.components.trace.scene import TraceScene
from dashboard.words import decisions as words
from data.problems import refuse

__all__ = ["TraceScene", "Used", "built", "read_use", "show"]

_LONGEST = 60
_TRACE = st.components.v2.component(
    "routescope_trace",
    html='<div class="mount"></div>',
    css=twin.css(),
    js=Path(__file__).with_name("trace.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A setting that the reader took over from the trace."""

    knob: str
    value: float


def show(markup: str, *, key: str, on_use: Callable[[], None]) -> None:
    """Draw the trace. markup : `twin.body(scene, live=True)`; on_use : called before the script when a setting is taken over.

    The raw value is then `use` in the state under `key`, for `read_use`.
    """
    _TRACE(key=key, data={"html": markup}, on_use_change=on_use, height="content")


def read_use(raw: object) -> Used:
    """Return what came from the browser as a typed value; ProblemError for anything that the trace never sends."""
    knob, value = (raw.get("knob"), raw.get("value")) if isinstance(raw, Mapping) and set(raw) == {"knob", "value"} else (None, None)
    if not isinstance(knob, str) or not 0 < len(knob) <= _LONGEST:
        raise refuse(words.STRANGE, words.STRANGE_FIX)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise refuse(words.STRANGE, words.STRANGE_FIX)
    return Used(knob=knob, value=float(value))
