"""lm-evaluation-harness: samples, a record a document and filter of answers, and the results file that names their model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from data.readers.base import Question, Sheet
from data.readers.formats.base import FILE, Document, Format, Row, dig, first
from data.readers.harness import model_of, models_of, options_of, score_of, task_of
from data.readers.mapping import EVERY, Mapping

_PROMPTS = ("question", "query", "problem", "instruction", "input", "text", "ctx")
_BY = "score by "


class LMEval(Format):
    """Source: github.com/EleutherAI/lm-evaluation-harness, `lm_eval/loggers/evaluation_tracker.py` (`--log_samples`)."""

    id = "lm_eval"
    title = "lm-evaluation-harness samples"
    about = (
        "Recorded by lm-evaluation-harness: a document's score by its task's metric. No tokens, costs or times. The model is that of the "
        "results file of the same date or folder, else it bears the folder's or file's name. Where several filters read an answer, the "
        "strict one counts unless another is chosen. The margin is the likeliest option's probability less the second's."
    )

    def knows(self, document: Document) -> bool:
        """Whether the records are samples with filtered responses, or the document is a results file that names its model."""
        record = first(document)
        return {"doc_id", "doc", "filtered_resps"} <= set(record) or ({"results", "configs"} <= set(record) and bool(model_of(record)))

    def rows(self, record: Any, document: Document) -> Iterator[Row]:
        """Yield the row of a sample, or one that only names the model."""
        if "filtered_resps" not in record:
            yield {"@model": model_of(record)}
            return
        task, target, doc = record.get("task_name") or task_of(document.file), record.get("target"), record["doc"]
        compared = options_of(record["filtered_resps"])
        said = dig(record, "filtered_resps.0") if compared is None else compared[0] if str(target).isdigit() else None
        yield {
            "query_id": "-".join(part for part in (task, str(record["doc_id"]), (record.get("doc_hash") or "")[:8]) if part),
            "prompt": next((doc[key] for key in _PROMPTS if isinstance(doc.get(key), str)), dig(record, "arguments.gen_args_0.arg_0")),
            "reference": None if target is None else str(target),
            "task": task or None,
            "answer": said if isinstance(said, str) else None,
            "response": dig(record, "resps.0.0") if compared is None else None,
            "signal.margin": None if compared is None else compared[1],
            "@filter": record.get("filter") or "none",
            "@score": score_of(record),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return one row a document and model; filters that read the same answer are columns beside, the strict one is the quality."""
        samples = [row for row in rows if "@model" not in row]
        models = models_of((row[FILE] for row in samples), {row[FILE]: row["@model"] for row in rows if "@model" in row})
        documents: dict[tuple[Any, ...], dict[str, Row]] = {}
        seen: Counter[Any] = Counter()
        for row in samples:
            key = (models[row[FILE]], row["query_id"], row["@filter"])
            seen[key] += 1  # a document that occurs twice stays twice
            documents.setdefault((*key[:2], seen[key]), {})[row["@filter"]] = row
        filters = sorted({row["@filter"] for row in samples}, key=lambda name: ("strict" not in name, name))
        return [_joined(key[0], each, filters) for key, each in documents.items()]

    def questions(self, sheet: Sheet, mapping: Mapping) -> tuple[Question, ...]:
        """Return the choice among several filters; a document that a filter did not read keeps its other score."""
        names = [name.removeprefix(_BY) for name in sheet.columns if name.startswith(_BY)]
        choices = {name: {**mapping.cells, "quality": {EVERY: f"{_BY}{name}"}} if i else mapping.cells for i, name in enumerate(names)}
        text = "Whose reading of the answers counts?"
        return (Question(field="cells", text=text, choices=choices, default=mapping.cells),) if names else ()


def _joined(model: str, by_filter: dict[str, Row], filters: list[str]) -> Row:
    best = next(by_filter[name] for name in filters if name in by_filter)
    scores = {f"{_BY}{name}": by_filter.get(name, best)["@score"] for name in filters} if len(filters) > 1 else {}
    return {**best, "model": model, "quality": best["@score"], **scores}
