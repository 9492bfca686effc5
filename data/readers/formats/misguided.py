"""MisguidedAttention's evaluations: judged answers by prompt and model, and the queries' own files with tokens beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.formats.base import Document, Format, Row, agreed, dig

_JUDGED = {"criteria_results", "total_score", "original_response"}
_RAW = "not judged"


class Misguided(Format):
    """Source: github.com/cpldcpu/MisguidedAttention, `eval`."""

    id = "misguided"
    title = "MisguidedAttention evaluations"
    about = (
        "Recorded by MisguidedAttention: 0, 0.5 or 1 = how far an answer meets the criteria of its puzzle, as a judge model found, which "
        "errs at times. Each answer is a sample. The reference is the list of criteria, in the wording that most files have. Tokens are "
        "known only where the queries' own file holds the very text that was judged; they count reasoning where the provider does. CC0."
    )

    def knows(self, document: Document) -> bool:
        """Whether these are judged answers by prompt and model, or a list of queries with several outputs each."""
        if not isinstance(document.value, dict) or not document.value:
            return False
        outputs = dig(document.value, "results.0")
        if isinstance(outputs, dict):
            return {"prompt_id", "llm", "output"} <= set(outputs)
        by_model = next(iter(document.value.values()))
        return set(dig(list(by_model.values()), "0.0")) >= _JUDGED

    def records(self, document: Document) -> Sequence[Any]:
        """Return (prompt id, model -> judged answers), or the queries."""
        queries = document.value.get("results")
        return queries if isinstance(queries, list) else list(document.value.items())

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield a row an answer."""
        yield from _outputs(record) if isinstance(record, dict) else ()
        query, by_model = ("", {}) if isinstance(record, dict) else record
        for model, answers in by_model.items():
            for i, answer in enumerate(answers):
                yield {
                    "query_id": query,
                    "prompt": answer.get("original_question"),
                    "reference": "\n".join(each["criterion"] for each in answer["criteria_results"]),
                    "model": model,
                    "sample": i,
                    "quality": answer["total_score"],
                    "response": answer["original_response"],
                }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the judged answers with the tokens of the same text at the same place; the queries alone where nothing is judged."""
        raw = {(row["query_id"], row["model"], row["sample"]): row for row in rows if row.pop(_RAW, False)}
        judged = [row for row in rows if "quality" in row]
        for row in judged:
            other = raw.get((row["query_id"], row["model"], row["sample"]), {})
            if other.get("response") == row["response"]:
                row.update({role: value for role, value in other.items() if role.startswith("tokens_")})
        return agreed(judged or rows, "prompt", "reference")

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Say where answers are missing: then the mean over answers is not the mean over prompts."""
        cells = Counter((row["model"], row["query_id"]) for row in rows)
        most = {model: max(n for (other, _), n in cells.items() if other == model) for model in {model for model, _ in cells}}
        if fewer := sum(count < most[model] for (model, _), count in cells.items()):
            yield f"{fewer:,} cells hold fewer answers than the others of their model.", "Means are over prompts; over answers they differ."


def _outputs(record: dict[str, Any]) -> Iterator[Row]:
    for i, text in enumerate(record["output"]):
        used = {"tokens_out": f"tokens_completion.{i}", "tokens_reasoning": f"completion_tokens_details.{i}.reasoning_tokens"}
        cell = {"query_id": str(record["prompt_id"]), "model": str(record["llm"]), "sample": i, "response": text, _RAW: True}
        yield {**cell, "prompt": record.get("prompt"), **{role: dig(record, path) for role, path in used.items()}}
