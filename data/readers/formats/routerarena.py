"""RouterArena's files: a router's predictions (which model it chose, what that model answered), and cached results by model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from data.readers.formats.base import Document, Format, Row, dig, first, sampled

_IDS = ("global index", "global_index")
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")  # what RouterArena's prompts ask for


class RouterArena(Format):
    """Source: arXiv 2510.00202; github.com/RouteWorks/RouterArena, `router_inference/predictions` and `cached_results`."""

    id = "routerarena"
    title = "RouterArena results"
    about = (
        "Recorded by RouterArena (arXiv 2510.00202): the score (0 to 1) of an answer by the benchmark's own metric, its tokens, and a cost "
        "in USD computed from them. No times. In a router's predictions each query went to the model that the router chose, so its models "
        "answered different queries; entries `for_optimality` ran the others too. A call that failed has no score. Reworded prompts of the "
        "robustness files are queries of their own. The task is the part of the id before its number."
    )

    def knows(self, document: Document) -> bool:
        """Whether the records have a global index, and a chosen model beside its result."""
        record = first(document)
        chosen = {"prediction", "generated_result"} <= set(record) or {"llm_selected", "generated_answer"} <= set(record)
        return chosen and any(name in record for name in _IDS)

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield the one row of a call, none of a choice whose model was never called."""
        result = record if "llm_selected" in record else record["generated_result"]
        if result is None:
            return
        known = str(record.get("global index") or record["global_index"])
        worked = result.get("success") is not False
        yield {
            "query_id": known,
            "prompt": record.get("prompt") or record.get("prompt_formatted") or record.get("question"),
            "reference": dig(record, "evaluation_result.ground_truth"),
            "task": known.rpartition("_")[0] or known,
            "model": str(record.get("llm_selected") or record["prediction"]),
            "@run": str(record.get("run_number") or 1),
            "quality": _either(record, "accuracy", "evaluation_result.score") if worked else None,
            "answer": (_BOXED.findall(result.get("generated_answer") or "") or [None])[-1] if worked else None,
            "response": result.get("generated_answer") if worked else None,
            "cost_usd": _either(record, "cost", "evaluation_result.inference_cost") if worked else None,
            "tokens_in": _either(result, "token_usage.input_tokens", "token_usage.prompt_tokens") if worked else None,
            "tokens_out": _either(result, "token_usage.output_tokens", "token_usage.completion_tokens") if worked else None,
            "tokens_total": dig(result, "token_usage.total_tokens") if worked else None,
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return each answer once, as the files of several routers repeat cached ones; further answers of a model are its samples."""
        wordings: dict[str, set[str]] = {}
        for row in rows:
            wordings.setdefault(row["query_id"], set()).update([row["prompt"]] if row["prompt"] else [])
        calls: dict[tuple[str, str], dict[Any, Row]] = {}
        for row in rows:
            several = sorted(wordings[row["query_id"]])
            wording = f" (wording {several.index(row['prompt']) + 1})" if len(several) > 1 and row["prompt"] else ""
            name = f"{row['query_id']}{wording}"
            one = calls.setdefault((name, row["model"]), {}).setdefault(row["response"], {**row, "query_id": name})
            one.update({key: value for key, value in row.items() if one.get(key) is None})
        for answers in calls.values():
            if len(answers) > 1:
                answers.pop(None, None)  # a failed call that was made again
        order = (sorted(answers.values(), key=lambda row: (row["@run"], str(row["response"]))) for answers in calls.values())
        return sampled([row for answers in order for row in answers])


def _either(record: Any, *paths: str) -> Any:
    return next((value for path in paths if (value := dig(record, path)) is not None), None)
