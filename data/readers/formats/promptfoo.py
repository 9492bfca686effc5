"""promptfoo's results: a record a test, prompt and provider, with what the assertions made of the output."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.formats.base import Document, Format, Row, dig, sampled, written

_KEYS = {"provider", "prompt", "vars", "success", "score"}
_EXPECTED = ("equals", "contains", "icontains", "similar", "factuality")


class Promptfoo(Format):
    """Source: github.com/promptfoo/promptfoo, `src/types/index.ts` (EvaluateResult, summaries of version 2 and 3), `src/evaluator.ts`."""

    id = "promptfoo"
    title = "promptfoo results"
    about = (
        "Recorded by promptfoo: the score (0 to 1) that a test's assertions gave an output; none without assertions or for a failed call. "
        "promptfoo writes 0 for a cost or time that it doesn't know: unknown here, as is the time of an answer from its cache. A model is "
        "a provider, with several prompts each prompt of it. The same variables, description and assertions are one query; repeats samples."
    )

    def knows(self, document: Document) -> bool:
        """Whether there are results of tests with a provider, a prompt and a verdict."""
        return set(dig(self.records(document), "0") or ()) >= _KEYS

    def records(self, document: Document) -> Sequence[Any]:
        """Return the results, wherever the version of the file keeps them."""
        places = (dig(document.value, "results.results"), dig(document.value, "results"), document.value)
        return next((found for found in places if isinstance(found, list)), ())

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield the row of one result."""
        provider, prompt, test = record["provider"], record["prompt"], record.get("testCase") or {}
        response, usage = record.get("response") or {}, dig(record, "response.tokenUsage") or {}
        asserts = test.get("assert") or dig(record, "gradingResult.componentResults") or ()
        failed = record.get("failureReason") == 2 or response.get("output") is None
        variables = {name: value for name, value in record["vars"].items() if not name.startswith("_")}
        yield {
            "@test": json.dumps([variables, test.get("description"), test.get("assert")], sort_keys=True, ensure_ascii=False),
            "@prompt": str(prompt.get("label") or prompt.get("display") or prompt.get("raw")),
            "@order": (record.get("testIdx") or 0, record.get("promptIdx") or 0),
            "prompt": _asked(variables) or prompt.get("raw"),
            "reference": next((str(each["value"]) for each in asserts if each.get("type") in _EXPECTED and each.get("value")), None),
            "model": str((provider.get("label") or provider["id"]) if isinstance(provider, dict) else provider),
            "quality": record["score"] if asserts and not failed else None,
            "response": None if failed else written(response["output"]),
            "cost_usd": record.get("cost") or response.get("cost") or None,
            "latency_s": None if failed or response.get("cached") else (record.get("latencyMs") or 0) / 1000 or None,
            "tokens_in": usage.get("prompt") or None,
            "tokens_out": usage.get("completion") or None,
            "tokens_total": usage.get("total") or None,
            "tokens_reasoning": dig(usage, "completionDetails.reasoning"),
            "tokens_cached": dig(usage, "completionDetails.cacheReadInputTokens"),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows with tests and prompts numbered over all files in the order of the evaluation, repeats as samples."""
        tests, prompts = (_numbered(rows, name, at) for at, name in enumerate(("@test", "@prompt")))
        pairs = Counter(model for model, _ in {(row["model"], row["@prompt"]) for row in rows})
        return sampled([
            {**row, "query_id": f"test {tests[row['@test']]}"}
            | ({"model": f"{row['model']}, prompt {prompts[row['@prompt']]}"} if pairs[row["model"]] > 1 else {})
            for row in sorted(rows, key=lambda row: row["@order"])
        ])  # fmt: skip


def _numbered(rows: list[Row], name: str, at: int) -> dict[str, int]:
    """Return text -> its number from 1, by where it comes first in an evaluation."""
    order = sorted(rows, key=lambda row: (row["@order"][at], row[name]))
    return {text: number for number, text in enumerate(dict.fromkeys(row[name] for row in order), start=1)}


def _asked(variables: dict[str, Any]) -> str:
    return "\n".join(written(value) or "" if len(variables) == 1 else f"{name}: {written(value)}" for name, value in variables.items())
