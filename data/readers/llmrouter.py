"""LLMRouter's sets: records of a question and an object of scores by model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.profile import Profile


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the mapping if all scores lie in one object `scores` beside a question."""
    scores = [name for name in found if name.startswith("scores.")]
    if len(scores) < 2 or "question" not in found:
        return None
    base = wide.guess(sheet, found)
    if base is None:
        return None
    quality = {name.removeprefix("scores."): name for name in scores}
    mapping = replace(base.mapping, cells={"quality": quality})
    return replace(base, reader="llmrouter", title="LLMRouter set", mapping=mapping)
