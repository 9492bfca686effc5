"""LLMRouterBench's result files: one model's answers to one dataset, with scores, tokens and costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.readers import asked
from data.readers.formats.base import FILE, Document, Format, Row, named_by_file, sampled, whole

_STAMP = r"(?:-?\d{8}_\d{6})?$"  # when the run ended, at the end of a file's name
_KEYS, _LOOKED_AT = frozenset({"index", "score", "prompt_tokens"}), 20


class LLMRouterBench(Format):
    """Source: arXiv 2601.07206; github.com/ynulihao/LLMRouterBench (README and `data_collector/storage.py`), `results/bench`."""

    id = "llmrouterbench"
    title = "LLMRouterBench results"
    about = (
        "Recorded by LLMRouterBench (arXiv 2601.07206): the score (0 to 1) of each answer by its dataset's own metric, for some datasets "
        "by a judge; its tokens; its cost in USD. A cost of 0 means that no price was set, so it is unknown. No times: the time in a file "
        "is that of the whole run. Trial runs (`demo`) are left out; further runs of a model on a dataset are its samples."
    )

    def knows(self, document: Document) -> bool:
        """Whether a document has the sums of a run, and records with a query as it was before it was wrapped into a prompt."""
        value = document.value
        if not isinstance(value, dict) or not {"performance", "counts", "records"} <= set(value) or not isinstance(value["records"], list):
            return False
        first = value["records"][:_LOOKED_AT]  # one of them may be damaged
        return not first or any(isinstance(record, dict) and set(record) >= _KEYS for record in first)

    def records(self, document: Document) -> list[Any]:
        """Return the records of a run, none of a trial run."""
        run = whole(document.value, "the result", document)
        return [] if run.get("demo") else list(run["records"])

    def rows(self, record: Any, document: Document) -> Iterator[Row]:
        """Yield the one row of an answer."""
        run, index = document.value, record["index"]
        if index == "" or isinstance(index, bool) or not isinstance(index, (int, float, str)):
            raise ValueError("index is neither a number nor a text")
        task = run.get("dataset_name") or document.file.rpartition("/")[2].partition("-")[0]
        split = run.get("split")
        yield {
            "query_id": "-".join(str(part) for part in (task, split, index) if part is not None and part != ""),
            "prompt": record.get("origin_query") or record.get("prompt") or None,
            "reference": _plain(record.get("ground_truth")),
            "task": task,
            "model": run.get("model_name") or None,
            "quality": None if record["score"] is None else float(record["score"]),
            "answer": _plain(record.get("prediction")),
            "response": _plain(record.get("raw_output")),
            "cost_usd": record.get("cost") or None,
            "tokens_in": record.get("prompt_tokens"),
            "tokens_out": record.get("completion_tokens"),
            asked.TEXT: asked.digest(record),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows of all runs that were asked the same; a run without the name of its model is named by its file."""
        named = named_by_file(rows, _STAMP) if any(not row["model"] for row in rows) else rows
        ordered = sorted(named, key=lambda row: (row["query_id"], row["model"], row[FILE]))
        return asked.once(sampled(asked.compared(ordered)), "prompt", "reference")

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Name the answers that were left out as their model was asked another text, and the queries whose texts nothing compares."""
        return asked.remarks(rows)


def _plain(value: Any) -> str | None:
    """Return a text or number as a text; longer things (lists of a judge's words) are none of one."""
    return str(value) if isinstance(value, (str, int, float)) and value != "" else None
