"""PlanBench results: one document a model, its planning problems with the plan that was read and whether it is valid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.formats.base import Document, Format, Row, agreed, dig, first


class PlanBench(Format):
    """Source: github.com/karthikv792/LLMs-Planning, `llm_planning_analysis/results`; arXiv 2206.10498."""

    id = "planbench"
    title = "PlanBench results"
    about = (
        "Recorded by PlanBench (arXiv 2206.10498): right = a plan validator accepted the plan. Token counts and times exist only where the "
        "provider's answer was kept; recorded costs of zero mean that no cost was recorded, so they are left unknown. MIT licence."
    )

    def knows(self, document: Document) -> bool:
        """Whether there are instances with a true plan beside a model's own."""
        record = dig(first(document), "instances.0")
        return isinstance(record, dict) and {"ground_truth_plan", "extracted_llm_plan", "instance_id"} <= set(record)

    def records(self, document: Document) -> Sequence[Any]:
        """Return the planning problems."""
        return list(document.value["instances"])

    def rows(self, record: Any, document: Document) -> Iterator[Row]:
        """Yield the one row of a problem."""
        costs = dig(record, "response_object.costs.total")
        # Without token counts it is another provider's object, kept for the odd record only: three slow ones are no model's latency.
        timed = dig(record, "response_object.usage") is not None
        yield {
            "query_id": str(record["instance_id"]),
            "prompt": record.get("query"),
            "reference": _plan(record.get("ground_truth_plan")),
            "task": document.value.get("domain"),
            "model": str(document.value["engine"]),
            "quality": record["llm_correct"] if "llm_correct" in record else record["correct"],
            "answer": _plan(record.get("extracted_llm_plan")),
            "response": record.get("llm_raw_response"),
            "cost_usd": costs or None,
            "latency_s": dig(record, "response_object.time_taken") if timed else None,
            "tokens_in": dig(record, "response_object.usage.prompt_tokens"),
            "tokens_out": dig(record, "response_object.usage.completion_tokens"),
            "tokens_total": dig(record, "response_object.usage.total_tokens"),
            "tokens_reasoning": dig(record, "response_object.usage.completion_tokens_details.reasoning_tokens"),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows with the wording that most files have: one differs in white space."""
        return agreed(rows, "prompt", "reference", "task")


def _plan(plan: Any) -> str | None:
    return "\n".join(str(step) for step in plan) if isinstance(plan, list) else plan
