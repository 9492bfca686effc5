"""Reflexion's HumanEval runs: a line a problem with the solution and whether it was solved; the model is in the file's name only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.formats.base import Document, Format, Row, first, named_by_file

_KEYS = {"task_id", "prompt", "canonical_solution", "test", "solution", "is_solved"}


class Reflexion(Format):
    """Source: github.com/noahshinn/reflexion, `programming_runs/root`; arXiv 2303.11366."""

    id = "reflexion"
    title = "HumanEval runs"
    about = (
        "Recorded by Reflexion (arXiv 2303.11366): solved = HumanEval's tests pass. One file is one run, and its name is the model's. An "
        "empty solution is a wrong answer, not a missing one: some runs keep a solution only where it was solved, so whether there is one "
        "gives the outcome away. No tokens, costs or times. MIT licence; HumanEval is MIT."
    )

    def knows(self, document: Document) -> bool:
        """Whether records hold a HumanEval problem with a solution and its outcome."""
        return set(first(document)) >= _KEYS

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield the one row of a problem."""
        yield {
            "query_id": str(record["task_id"]),
            "prompt": record["prompt"],
            "reference": record["canonical_solution"],
            "quality": record["is_solved"],
            "response": record["solution"],
            "test": record["test"],
            "reflections": record.get("reflections"),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows with the run of their file."""
        return named_by_file(rows, r"_pass_at_(k_)?\d+(_py)?")

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Name the runs in which only solved problems have a solution."""
        runs: dict[str, set[tuple[bool, bool]]] = {}
        for row in rows:
            runs.setdefault(row["model"], set()).add((bool(row["quality"]), bool(row["response"])))
        telling = [run for run, seen in runs.items() if seen == {(True, True), (False, False)}]
        if telling:
            what = f"an empty solution is a wrong one; in {', '.join(telling)} only solved problems have a solution."
            yield what, "Don't judge how sure these runs are by their answers: an answer that is there is a right one."
