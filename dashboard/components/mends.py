"""Problems that one press mends: scores on another scale, and a number that stands for no score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard import state
from dashboard.components.mapping import SCALES
from dashboard.drafts import Draft
from dashboard.words import sets as words
from data.readers.base import Reading
from data.readers.mapping import Mapping
from data.readers.values import parsed
from data.readers.wide import scale_question

BEYOND = 0.2  # of a column: fewer scores above 1 are mistakes, not a scale
NONE_SCORED = -1.0  # what many tools write where no score is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Mends:
    """What would mend scores outside their scale. scale : the one that they look like; missing : the number that is no score."""

    scale: tuple[float, float] | None = None
    missing: float | None = None


def found(reading: Reading, mapping: Mapping) -> Mends:
    """Return what would mend the scores of a reading under a mapping; nothing where they are in order or nothing simple would."""
    columns = [c for c in mapping.cells.get("quality", {}).values() if c in reading.sheet.columns]
    lows, highs, missing, beyond = [], [], False, False
    for column in columns:
        values, _ = parsed(reading.sheet.columns[column], words=True, missing=mapping.missing)
        known = values[np.isfinite(values)]
        scores = known[known != NONE_SCORED]
        if not len(scores):
            continue
        missing |= len(scores) < len(known) and float(scores.min()) >= 0
        beyond |= float(np.mean(scores > 1)) >= BEYOND
        lows.append(float(scores.min()))
        highs.append(float(scores.max()))
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    asked = any(question.field == "scale" for question in reading.questions)
    scale = None
    if mapping.scale is None and not asked and beyond:
        likely = next(iter(scale_question(low, high).choices.values()))
        scale = likely if likely in SCALES else None
    taken = mapping.scale is not None and mapping.scale[0] <= NONE_SCORED
    return Mends(scale=scale, missing=NONE_SCORED if missing and not taken else None)


def buttons(value: Draft) -> None:
    """Draw a button for each mend; it sets what can be set by hand under Columns."""
    mends = found(value.reading, value.mapping)
    with st.container(horizontal=True, gap="small"):
        if mends.scale is not None:
            said = words.SCALE.format(low=mends.scale[0], high=mends.scale[1])
            st.button(
                words.MEND_SCALE.format(scale=said), key=f"{value.key}.mend.scale", icon=":material/build:", help=words.MEND_SCALE_HELP,
                on_click=state.put, args=(f"{value.widgets}.scale", said),
            )  # fmt: skip
        if mends.missing is not None:
            typed = ", ".join([*value.mapping.missing, f"{mends.missing:g}"])
            st.button(
                words.MEND_MISSING.format(value=mends.missing), key=f"{value.key}.mend.missing", icon=":material/build:",
                help=words.MEND_MISSING_HELP.format(value=mends.missing), on_click=state.put, args=(f"{value.widgets}.missing", typed),
            )  # fmt: skip
