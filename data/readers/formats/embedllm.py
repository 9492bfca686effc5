"""EmbedLLM's tables: a row a prompt and model, with the label 1 where the model was right."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Format
from data.readers.mapping import EVERY
from data.readers.profile import Profile

_COLUMNS = {"prompt_id", "prompt", "model_name", "label"}


class EmbedLLM(Format):
    """Source: arXiv 2410.02223; github.com/richardzhuang0412/EmbedLLM and the CSV files of huggingface.co/datasets/RZ412/EmbedLLM."""

    id = "embedllm"
    title = "EmbedLLM set"
    about = (
        "Recorded by EmbedLLM (arXiv 2410.02223): whether each of 112 open models was right (label 1) on questions of ten benchmarks. "
        "No answers, tokens, costs or times. A prompt that is listed under several task variants counts with the mean of its labels; the "
        "authors' own code takes the best of them. Model names have `__` where the hub has `/`."
    )

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping if there are prompts with an id, models by name, and labels that are 0 or 1."""
        if not set(found) >= _COLUMNS or found["label"].kind != "flag":
            return None
        query = {"query_id": "prompt_id", "prompt": "prompt", "model": "model_name"}
        query.update({role: name for role, name in (("task", "category"), ("split", "split")) if name in found})
        variant = next((name for name in ("category_id", "category") if name in found), "")
        if variant and _repeated(sheet):
            query = {role: name for role, name in query.items() if name != variant} | {"sample": variant}
        base = wide.finished(sheet, found, shape="long", query=query, cells={"quality": {EVERY: "label"}}, signals={})
        return Guess(reader=self.id, title=self.title, mapping=base.mapping, questions=base.questions)


def _repeated(sheet: Sheet) -> bool:
    """Whether a prompt and model have several rows: one for each task variant that lists the prompt."""
    keys = pa.table({name: sheet.columns[name] for name in ("prompt_id", "model_name")})
    return len(keys.group_by(["prompt_id", "model_name"]).aggregate([])) < len(sheet)
