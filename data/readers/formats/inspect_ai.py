"""Inspect AI logs: one document an evaluation of one model, JSON or `.eval`, with a sample a question and epoch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.calls import CALL, NOTE, Calls, failed
from data.readers.chat import asked, reply
from data.readers.formats.base import Document, Row, dig
from data.readers.inspect_log import MARK, marks, used

_OTHERS = ("samples that called other models too (graders, tools): their tokens are not billed to the model", "Nothing to do.")


class InspectAI(Calls):
    """Source: inspect.aisi.org.uk, `inspect_ai.log.EvalLog`."""

    id = "inspect_ai"
    title = "Inspect AI log"
    about = (
        "Recorded by Inspect AI. Right is what the task's scorer says: C = 1, P = 0.5, I and N = 0, numbers as they are. Of several "
        "scorers the first that all scored samples of a task have counts, the others are columns. Tokens and latency are those of the "
        "model's own calls outside of scorers; where a log has no events, its total for the model, which includes grading by the same "
        "model. Epochs and repeated runs are samples. A sample that ended in an error has no outcome."
    )
    by_id = True

    def knows(self, document: Document) -> bool:
        """Whether there is an evaluation with a task and a model, beside its plan, samples or status."""
        value = document.value
        return isinstance(value, dict) and {"model", "task"} <= set(value["eval"]) and bool({"samples", "plan", "status"} & set(value))

    def records(self, document: Document) -> Sequence[Any]:
        """Return the samples."""
        return list(document.value.get("samples") or [])

    def rows(self, record: Any, document: Document) -> Iterator[Row]:
        """Yield the row of a sample, and what there is to say of it."""
        log, status = document.value["eval"], document.value.get("status", "success")
        target = record.get("target") or ""
        row = {
            "query_id": f"{log['task']}/{record['id']}",
            **asked(record["input"]),
            "reference": ("\n".join(map(str, target)) if isinstance(target, list) else str(target)).strip() or None,
            "task": str(log["task"]),
            "model": str(log["model"]),
            CALL: record.get("uuid"),
            "timestamp": record.get("started_at") or dig(record, "events.0.timestamp") or log.get("created"),
        }
        if status != "success":
            yield {NOTE: (f"samples of a run that ended as {status!r}: others may be missing", "Run it to its end to compare over all.")}
        if record.get("error"):
            yield failed(row)
            return
        if set(record.get("model_usage") or {}) - {row["model"]}:
            yield {NOTE: _OTHERS}
        given = record.get("scores") or ({"score": record["score"]} if record.get("score") else {})
        turns = [each for each in record.get("messages") or [] if each.get("role") == "assistant"]
        yield {
            **row,
            **used(record, row["model"]),
            **marks(given),
            "answer": next((score["answer"] for score in given.values() if score.get("answer") is not None), None),
            "response": reply(record.get("output")) or reply(turns[-1:]),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows with the score that counts for each task."""
        scored = [(row.get("task"), [name for name in row if name.startswith(MARK)]) for row in rows]
        total, having = Counter(task for task, names in scored if names), Counter((task, name) for task, names in scored for name in names)
        counts = {task: name for (task, name), count in reversed(having.items()) if count == total[task]}
        return super().together([{**row, "quality": row.get(counts.get(row.get("task"), ""))} for row in rows])
