"""RouteLLM's evaluation files: a prompt, two models' True / False, for GSM8K their responses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.profile import Profile


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the mapping if the sheet is a prompt, two models' flags, at most their responses, and nothing else.

    Source: RouteLLM, arXiv 2406.18665, evals.
    """
    own = [name for name in found if not name.startswith("@")]
    flags = [name for name in own if found[name].kind == "flag"]
    rest = set(own) - set(flags) - {f"{name}_response" for name in flags}
    if len(flags) != 2 or len(rest) != 1 or found[next(iter(rest))].kind != "text":
        return None
    base = wide.guess(sheet, {name: found[name] for name in own})
    if base is None or set(base.mapping.cells["quality"]) != set(flags):
        return None
    mapping = replace(base.mapping, query={"prompt": next(iter(rest))})
    return replace(base, reader="routellm", title="RouteLLM evaluation", mapping=mapping)
