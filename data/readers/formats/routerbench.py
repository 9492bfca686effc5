"""RouterBench's tables: a row a query; for each model its score, `model|model_response` and `model|total_cost`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Format
from data.readers.profile import Profile

_ROLES = {"query_id": "sample_id", "prompt": "prompt", "task": "eval_name", "split": "split"}
_SUFFIXES = {"response": "|model_response", "cost_usd": "|total_cost"}


class RouterBench(Format):
    """Source: arXiv 2403.12031, and the columns of huggingface.co/datasets/withmartian/routerbench (`routerbench_0shot`, `_5shot`)."""

    id = "routerbench"
    title = "RouterBench set"
    about = (
        "Recorded by RouterBench (arXiv 2403.12031): the score (0 to 1) of each model, what it said, and what the call cost in USD at the "
        "prices of early 2024. No tokens or times. `oracle_model_to_route_to` names the cheapest model that was right: it is known only "
        "afterwards, so it is no model and no feature. Published as a pickle, whose table is read without running what is in it."
    )

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping if there are a sample id, an evaluation's name, and scores with `|total_cost` or `|model_response` beside."""
        if not {"sample_id", "eval_name"} <= set(found):
            return None
        models = [name for name in found if any(f"{name}{suffix}" in found for suffix in _SUFFIXES.values())]
        if not models:
            return None
        any_table = wide.guess(sheet, found)  # what somebody added to the published columns: times, tokens, signals
        more, signals = (any_table.mapping.cells, any_table.mapping.signals) if any_table else ({}, {})
        beside = {role: {m: f"{m}{suffix}" for m in models if f"{m}{suffix}" in found} for role, suffix in _SUFFIXES.items()}
        cells = {"quality": {m: m for m in models}, **{role: each for role, each in beside.items() if each}}
        cells |= {role: {m: c for m, c in each.items() if m in models} for role, each in more.items() if role not in ("answer", *cells)}
        query = {role: name for role, name in _ROLES.items() if name in found and found[name].kind != "empty"}
        base = wide.finished(sheet, found, shape="wide", query=query, cells=cells, signals=signals)
        return replace(base, reader=self.id, title=self.title)
