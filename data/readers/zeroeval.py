"""ZeroEval matrices: an id `name-test-#7`, a reference, and many models' 0 / 1, empty where no answer could be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.profile import Profile
from data.readers.values import labels

_ID = re.compile(r".+-#\d+")


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the mapping if ids have ZeroEval's form and all scores are 0, 1 or empty; empty means wrong there."""
    column = wide.query_roles(sheet, found).get("query_id", "")
    if not column or not all(_ID.fullmatch(text) for text in labels(sheet.columns[column])):
        return None
    base = wide.guess(sheet, found)
    if base is None or "quality" not in base.mapping.cells or "reference" not in base.mapping.query:
        return None
    if any(found[name].kind != "flag" for name in base.mapping.cells["quality"].values()):
        return None
    questions = tuple(replace(q, default="wrong") if q.field == "empty_answer_means" else q for q in base.questions)
    mapping = replace(base.mapping, empty_answer_means="wrong", scorer="exact")
    return replace(base, reader="zeroeval", title="ZeroEval matrix", mapping=mapping, questions=questions)
