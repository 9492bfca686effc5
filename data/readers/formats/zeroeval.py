"""ZeroEval: matrices of many models' 0 / 1 under ids such as `crux-test-#7`, and the result file of one model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from data.readers import wide
from data.readers.base import Guess, Sheet
from data.readers.formats.base import Document, Format, Row, first
from data.readers.profile import Profile
from data.readers.values import distinct

_TRIES, _SAID = 100, (r'"(.*?)"\s*[,}]', r"([^,\s]+)")
_ID = re.compile(r".+-#\d+")


class ZeroEval(Format):
    """Source: github.com/WildEval/ZeroEval."""

    id = "zeroeval"
    title = "ZeroEval results"
    about = (
        "Recorded by ZeroEval: 1 = right, 0 = wrong, empty = no answer could be read, which counts as wrong there. In a model's own result "
        "file the answer is read from its JSON and compared with the reference, quotes around them left out. No tokens, costs or times."
    )

    def knows(self, document: Document) -> bool:
        """Whether records hold a question, its answer, and what a generator put out."""
        record = first(document)
        return {"id", "question", "answer", "output", "generator"} <= set(record) and isinstance(record["output"], list)

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield the one row of a question."""
        answer = _answer(said := record["output"][0] or "")
        yield {
            "query_id": str(record["id"]),
            "prompt": record["question"],
            "reference": str(record["answer"]),
            "task": record.get("dataset"),
            "model": str(record["generator"]),
            "quality": float(answer is not None and _bare(answer) == _bare(record["answer"])),
            "answer": answer,
            "response": said,
        }

    def guess(self, sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
        """Return the mapping if ids have ZeroEval's form and all scores are 0, 1 or empty; empty means wrong there."""
        column = wide.query_roles(sheet, found).get("query_id", "")
        if not column or not all(_ID.fullmatch(text) for text in distinct(sheet.columns[column]).to_pylist()):
            return None
        base = wide.guess(sheet, found)
        scores = base.mapping.cells.get("quality", {}) if base else {}
        if base is None or "reference" not in base.mapping.query or {found[name].kind for name in scores.values()} != {"flag"}:
            return None
        questions = tuple(replace(q, default="wrong") if q.field == "empty_answer_means" else q for q in base.questions)
        mapping = replace(base.mapping, empty_answer_means="wrong", scorer="exact")
        return replace(base, reader=self.id, title=self.title, mapping=mapping, questions=questions)


def _bare(answer: Any) -> str:
    return str(answer).strip("'\"").replace("\n", "\\n")


def _answer(text: str) -> str | None:
    """Return what the first JSON object with an `answer` gives, else what stands after that word; None if nothing does."""
    for match in islice(re.finditer(r"\{", text), _TRIES):
        try:
            record = json.JSONDecoder(strict=False).raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            continue
        if "answer" in record:
            return str(record["answer"])
    found = next(filter(None, (re.search(rf'"?answer"?\s*:\s*{said}', text, re.DOTALL) for said in _SAID)), None)
    return None if found is None else found.group(1)
