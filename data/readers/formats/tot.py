"""Tree of Thoughts logs: a record a puzzle, all answers of one way of asking, and what the whole run has used so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from data.readers import long
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Document, Format, Row, agreed, dig, first, named_by_file
from data.readers.profile import Profile

_USED = {"prompt_tokens": "tokens_in", "completion_tokens": "tokens_out", "cost": "cost_usd"}
_TABLE = {"arm", "idx", "n_samples", "mean_r", "cost_usd"}


class TreeOfThoughts(Format):
    """Source: github.com/princeton-nlp/tree-of-thought-llm, `logs`; arXiv 2305.10601."""

    id = "tot"
    title = "Tree of Thoughts logs"
    about = (
        "Recorded by Tree of Thoughts (arXiv 2305.10601): right = an answer makes 24 of the four numbers. A model here is a way of asking "
        "GPT-4, named after its file. Each answer is a sample. Where answers were drawn one by one, each costs its share of the puzzle's "
        "cost; where a tree was searched, the search yields all its candidates at once, so each costs the whole search. MIT licence."
    )
    by_position: ClassVar[Mapping[str, str]] = {"prompt": "Puzzles"}

    def knows(self, document: Document) -> bool:
        """Whether records have answers beside a counter of what was used so far."""
        return {"idx", "ys", "usage_so_far"} <= set(first(document))

    def records(self, document: Document) -> Sequence[Any]:
        """Return (record, what it used, whether the counter began again before it): the counter runs over the whole file."""
        found, before = [], dict.fromkeys(_USED, 0)
        for record in document.value:
            now = record["usage_so_far"]
            again = any(now[name] < before[name] for name in _USED)
            found.append((record, {role: now[name] - (0 if again else before[name]) for name, role in _USED.items()}, again))
            before = now
        return found

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield a row an answer."""
        puzzle, used, again = record
        scores = [each["r"] for each in puzzle["infos"]] if "infos" in puzzle else puzzle["accs"]
        share = 1 if "steps" in puzzle else len(puzzle["ys"])
        for i, (text, score) in enumerate(zip(puzzle["ys"], scores, strict=True)):
            yield {
                "query_id": str(puzzle["idx"]),
                "prompt": dig(puzzle, "steps.0.x"),
                "sample": i,
                "quality": float(score),
                "response": text,
                **{role: value / share for role, value in used.items()},
                "cost_covers": "the whole search" if share == 1 else "one answer",
                "counter_began_again": again,
            }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows with the arm of their file, and the puzzle where the log of a search says it."""
        return agreed(named_by_file(rows, r"_start\d+_end\d+"), "prompt")

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Say which arms can't be billed by the answer, and where a counter began again."""
        arms = sorted({row["model"] for row in rows if row["cost_covers"] == "the whole search"})
        if arms:
            yield f"one search yields all answers of {', '.join(arms)}: each of them costs the whole search.", "Don't draw several of them."
        for model, query in sorted({(row["model"], row["query_id"]) for row in rows if row["counter_began_again"]}):
            yield f"the counter of {model} begins again at {query}: the cost there counts from zero.", "Nothing to do; the run was resumed."

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping of a table of such logs, a row an arm and puzzle: costs and tokens are those of all its answers."""
        base = long.guess(sheet, found) if set(found) >= _TABLE else None
        if base is None:
            return None
        shared = {role: "n_samples" for role in _USED.values() if role in base.mapping.cells}
        return replace(base, reader=self.id, title=self.title, mapping=replace(base.mapping, divided_by=shared))
