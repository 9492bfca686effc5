"""The stage: plane, cards, flow and knobs as one custom component that follows a drag without asking Python.

Two mounts: the scene travels as bytes and only when it changes, the nudge is a small JSON of every run. Their code is one
plain ES module each, joined here from the files in `browser/` (an inline component cannot import).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import streamlit as st

from dashboard import theme
from dashboard.components.plane.pack import pack, plain_nudge
from dashboard.components.plane.scene import (
    Axis,
    Bands,
    Commit,
    Dot,
    Exact,
    KnobCurve,
    Nudge,
    Scene,
    Strategy,
    Told,
)
from data.problems import refuse

__all__ = ["Axis", "Bands", "Commit", "Dot", "Exact", "KnobCurve", "Nudge", "Scene", "Strategy", "Told", "read_commit", "stage"]

_HERE = Path(__file__).parent / "browser"
# In the order in which later files use what earlier ones declare.
PARTS = (
    "data.js",
    "numbers.js",
    "axes.js",
    "labels.js",
    "find.js",
    "draw.js",
    "finding.js",
    "cautions.js",
    "cards.js",
    "follow.js",
    "lines.js",
    "pointer.js",
    "stage.js",
)
KINDS = get_args(get_type_hints(Commit)["kind"])
_LONGEST = 200


def module() -> str:
    """Return the browser's side as one ES module, colours included."""
    parts = [f"const PALETTES = {json.dumps(theme.plain())};"]
    parts += [(_HERE / name).read_text(encoding="utf-8") for name in PARTS]
    return "\n".join(parts)


_STAGE = st.components.v2.component(
    "routescope_stage",
    html=(_HERE / "stage.html").read_text(encoding="utf-8"),
    css=(_HERE / "stage.css").read_text(encoding="utf-8"),
    js=module(),
)
_NUDGE = st.components.v2.component("routescope_nudge", js=(_HERE / "nudge.js").read_text(encoding="utf-8"))


def stage(scene: Scene | bytes, nudge: Nudge, *, key: str, on_commit: Callable[[], None] | None = None) -> Commit | None:
    """Show the stage and return the reader's last commit, or None before the first.

    scene : what to draw, or the bytes of `pack(scene, mount=key)` if the caller keeps them; sent only when its bytes change.
    nudge : selection, settings and exact figures of this run. on_commit : called once before the script when the reader let
    go, chose or opened something; the raw value is then `commit` in the state under `key`, for `read_commit`.
    """
    data = scene if isinstance(scene, bytes) else pack(scene, mount=key)
    mounted = _STAGE(key=key, data=data, on_commit_change=on_commit or _nothing, height="content")
    _NUDGE(key=f"{key}-nudge", data=plain_nudge(nudge, key), height=1)
    raw = getattr(mounted, "commit", None)
    return None if raw is None else read_commit(raw)


def read_commit(raw: object) -> Commit:
    """Return what came from the browser as a typed value; ProblemError for anything that the stage never sends."""
    if not isinstance(raw, Mapping) or set(raw) - {"kind", "slot", "knob", "value", "target", "serial"}:
        raise _strange()
    kind, value, serial = raw.get("kind"), raw.get("value"), raw.get("serial", 0)
    words = {name: raw.get(name, "") for name in ("slot", "knob", "target")}
    if kind not in KINDS or not all(isinstance(word, str) and len(word) <= _LONGEST for word in words.values()):
        raise _strange()
    if isinstance(value, bool) or not isinstance(value, (int, float, type(None))) or (value is not None and not math.isfinite(value)):
        raise _strange()
    if isinstance(serial, bool) or not isinstance(serial, (int, float)) or not math.isfinite(serial):
        raise _strange()
    if kind == "set" and (value is None or not words["slot"] or not words["knob"]):
        raise _strange()
    return Commit(kind=cast("Any", kind), value=math.nan if value is None else float(value), serial=int(serial), **words)


def _strange() -> Exception:
    return refuse("the stage sent something that it never sends.", "Reload the page.")


def _nothing() -> None:
    """Do nothing: a state value exists only beside a callback."""
