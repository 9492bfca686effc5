"""Aider's predictions for SWE-bench: one file a problem, the attempts of a cascade of two models and which of them was submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Document, Format, Row
from data.readers.mapping import EVERY
from data.readers.profile import Profile

UNNAMED = "(not named)"
_OUTCOMES = ("edit_outcome", "lint_outcome", "test_outcome")
_CHOICE = ("model", "try", "model_patch", *_OUTCOMES)
_ATTEMPTS = {"instance_id", "model", "try", "cost_usd", *_OUTCOMES}
_INSTANCES = {"instance_id", "chosen_model", "total_cost_usd", "resolved", *_OUTCOMES}


class Aider(Format):
    """Source: github.com/paul-gauthier/aider-swe-bench, `predictions`."""

    id = "aider"
    title = "recorded cascade (Aider on SWE-bench)"
    about = (
        "Recorded by Aider on SWE-bench Lite: models try in turn until an attempt edits, lints and passes the visible tests. Each attempt "
        "is a sample with its own cost. Right (resolved) = the hidden tests pass, known only for the one attempt that was submitted: a "
        "problem that isn't resolved may have had a right attempt, and a model's mean is over the problems where its attempt was taken, so "
        "means can't be compared. The signal plausible is what the cascade accepts by. No prompts, tokens or times. Apache-2.0."
    )

    def knows(self, document: Document) -> bool:
        """Whether there is a list of attempts beside whether the problem was resolved."""
        return isinstance(document.value, dict) and {"instance_id", "all_results", "resolved"} <= set(document.value)

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield a row an attempt, the submitted one first: its patch is the response of its cell."""
        attempts = record["all_results"]
        chosen = next((i for i, each in enumerate(attempts) if all(each.get(k) == record.get(k) for k in _CHOICE)), -1)
        for i in sorted(range(len(attempts)), key=lambda i: i != chosen):
            outcomes = {name: attempts[i].get(name) for name in _OUTCOMES}
            yield {
                "query_id": str(record["instance_id"]),
                "task": str(record["instance_id"]).partition("__")[0],
                "model": str(attempts[i].get("model") or UNNAMED),
                "sample": i + 1,
                "quality": record["resolved"] if i == chosen else None,
                "response": attempts[i].get("model_patch"),
                "cost_usd": attempts[i].get("cost"),
                "signal.plausible": float(all(outcomes.values())),
                **{f"signal.{name}": None if value is None else float(value) for name, value in outcomes.items()},
            }

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Say what can't be concluded, and how many attempts don't name their model."""
        known = sum(row["quality"] is not None for row in rows)
        what = f"{known:,} of {len(rows):,} attempts were submitted; of the others nobody knows whether they were right."
        yield what, "Don't compare the two models' means: each is over the problems on which its attempt was chosen."
        if unnamed := [row["query_id"] for row in rows if row["model"] == UNNAMED]:
            what = f"{len(unnamed):,} attempts at {len(set(unnamed)):,} problems don't name their model: they are {UNNAMED!r} here."
            yield what, "Leave that model out, or merge it with the one that it was."

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping of a table of attempts (a log without scores), or of one of problems (the cascade as one model)."""
        query = {"query_id": "instance_id"}
        if set(found) >= _ATTEMPTS:
            model, shape, cells = EVERY, "long", {"cost_usd": {EVERY: "cost_usd"}}
            query |= {"model": "model", "sample": "order" if "order" in found else "try"}
        elif set(found) >= _INSTANCES:
            model, shape = "the cascade", "wide"
            query |= {"task": "repo"} if "repo" in found else {}
            cells = {"quality": {model: "resolved"}, "cost_usd": {model: "total_cost_usd"}}
        else:
            return None
        signals = {name: {model: name} for name in _OUTCOMES}
        base = wide.finished(sheet, found, shape=shape, query=query, cells=cells, signals=signals)
        return replace(base, reader=self.id, title=self.title)
