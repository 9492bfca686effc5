"""LLMRouter's sets: records of a question and an object of scores by model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Format
from data.readers.profile import Profile


class LLMRouter(Format):
    """Source: github.com/ulab-uiuc/LLMRouter."""

    id = "llmrouter"
    title = "LLMRouter set"
    about = (
        "In the shape of LLMRouter's sets: the score (0 to 1) of each model for a question. No tokens or times, so a cost needs an assumed "
        "number of tokens. LLMRouter's own are of public benchmarks, and some of their test questions occur in the training file too."
    )

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping if all scores lie in one object `scores` beside a question."""
        scores = [name for name in found if name.startswith("scores.")]
        if len(scores) < 2 or "question" not in found:
            return None
        base = wide.guess(sheet, found)
        if base is None:
            return None
        quality = {name.removeprefix("scores."): name for name in scores}
        mapping = replace(base.mapping, cells={"quality": quality})
        return replace(base, reader=self.id, title=self.title, mapping=mapping)
