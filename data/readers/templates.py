"""Sample files to download and fill in, and queries pasted as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from data.problems import Problem, ProblemError, refuse
from data.queries import QuerySet

_PASTED_MOST = 1_000
_MODELS = ("small", "large")
# id, task, prompt, reference, then for each model: answer, score, cost in USD, seconds, tokens in, tokens out
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("q1", "sums", "What is 17 + 26?", "43", ("43", 1, 0.00002, 0.4, 12, 3), ("43", 1, 0.0006, 1.1, 12, 3)),
    ("q2", "sums", "What is 19 x 7?", "133", ("123", 0, 0.00002, 0.4, 12, 3), ("133", 1, 0.0006, 1.2, 12, 3)),
    ("q3", "facts", "Which planet is hottest?", "Venus", ("Venus", 1, 0.00003, 0.5, 14, 2), ("Venus", 1, 0.0006, 1.0, 14, 2)),
    ("q4", "facts", "How many sides has a heptagon?", "7", ("7", 1, 0.00003, 0.4, 13, 2), ("seven", 1, 0.0006, 1.0, 13, 2)),
    ("q5", "tone", "Is 'never again' praise or blame?", "blame", ("praise", 0, 0.00003, 0.5, 18, 2), ("blame", 1, 0.0007, 1.3, 18, 2)),
    ("q6", "tone", "Is 'well worth it' praise or blame?", "praise", ("praise", 1, 0.00003, 0.5, 17, 2), ("praise", 1, 0.0007, 1.2, 17, 2)),
)  # fmt: skip
_FIELDS = ("answer", "score", "cost_usd", "latency_s", "input_tokens", "output_tokens")


def wide_csv() -> bytes:
    """Return a CSV with a row per query and columns per model: `small_score`, `small_cost_usd`, ..."""
    header = ["id", "task", "prompt", "reference", *(f"{model}_{field}" for model in _MODELS for field in _FIELDS)]
    return _csv([header, *([*row[:4], *row[4], *row[5]] for row in _ROWS)])


def long_csv() -> bytes:
    """Return a CSV with a row per query and model."""
    header = ["id", "task", "prompt", "reference", "model", *_FIELDS]
    return _csv([header, *([*row[:4], model, *row[4 + m]] for row in _ROWS for m, model in enumerate(_MODELS))])


def nested_jsonl() -> bytes:
    """Return JSONL with an object per query and an object per model inside."""
    records = [
        {
            **dict(zip(("id", "task", "prompt", "reference"), row[:4], strict=True)),
            **{model: dict(zip(_FIELDS, row[4 + m], strict=True)) for m, model in enumerate(_MODELS)},
        }
        for row in _ROWS
    ]
    return "".join(json.dumps(record) + "\n" for record in records).encode()


TEMPLATES: Mapping[str, Callable[[], bytes]] = {
    "outcomes-wide.csv": wide_csv,
    "outcomes-long.csv": long_csv,
    "outcomes-nested.jsonl": nested_jsonl,
}


def paste(text: str) -> QuerySet:
    """Return the query set of pasted text: a question a line, its reference after a TAB if there is one.

    Empty lines are skipped. Raises ProblemError without any question, over 1,000 of them, and for a line of two TABs or more.
    """
    lines = [(number, line.strip("\r ")) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise refuse("there is no question in the text.", "Write one question a line.")
    if len(lines) > _PASTED_MOST:
        raise refuse(f"there are {len(lines):,} questions; {_PASTED_MOST:,} can be pasted.", "Upload them as a file.")
    problems = [
        Problem(what="the line has more than one TAB.", fix="Write: question, TAB, reference.", row=number)
        for number, line in lines
        if line.count("\t") > 1
    ]
    if problems:
        raise ProblemError(*problems)
    parted = [line.partition("\t") for _, line in lines]
    references = [reference.strip() or None for _, _, reference in parted]
    return QuerySet.build(
        [str(i + 1) for i in range(len(parted))],
        prompts=[question.strip() for question, _, _ in parted],
        references=references if any(references) else None,
    )


def _csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
