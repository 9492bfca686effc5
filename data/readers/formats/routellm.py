"""RouteLLM's evaluation files: a prompt, two models' True / False, for GSM8K their responses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Format
from data.readers.profile import Profile


class RouteLLM(Format):
    """Source: RouteLLM, arXiv 2406.18665, evals."""

    id = "routellm"
    title = "RouteLLM evaluation"
    about = (
        "In the shape of RouteLLM's evaluations (arXiv 2406.18665): whether each of two models answered a prompt right. No tokens, costs "
        "or times. RouteLLM's own are of MMLU and GSM8K, and its published figures leave out the prompts of `contaminated_prompts.jsonl`."
    )

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping if the sheet is a column `prompt`, two models' flags, at most their responses, and nothing else."""
        own = [name for name in found if not name.startswith("@")]
        flags = [name for name in own if found[name].kind == "flag"]
        rest = set(own) - set(flags) - {f"{name}_response" for name in flags}
        if len(flags) != 2 or rest != {"prompt"} or found["prompt"].kind != "text":
            return None
        base = wide.guess(sheet, {name: found[name] for name in own})
        if base is None or set(base.mapping.cells["quality"]) != set(flags):
            return None
        mapping = replace(base.mapping, query={"prompt": "prompt"})
        return replace(base, reader=self.id, title=self.title, mapping=mapping)
