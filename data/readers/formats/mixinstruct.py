"""MixInstruct: a record an instruction, with a reference and the candidates of several models, each scored against the reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc

from data.readers.base import Question, Sheet
from data.readers.formats.base import Document, Format, Row, dig, first
from data.readers.mapping import EVERY, Mapping
from data.readers.values import is_text

# Likenesses between 0 and 1; the first that a candidate has counts. BARTScore is a log-likelihood, and BLEU runs to 100.
_IN_UNIT = ("bertscore", "rougeL", "rougeLsum", "rouge1", "rouge2", "bleurt")
_QUESTION = "Which likeness to the reference counts as quality?"
_METRICS = (*_IN_UNIT, "bartscore", "bleu")


class MixInstruct(Format):
    """Source: LLM-Blender, arXiv 2306.02561; github.com/yuchenlin/LLM-Blender, and huggingface.co/datasets/llm-blender/mix-instruct."""

    id = "mixinstruct"
    title = "MixInstruct set"
    about = (
        "Recorded by LLM-Blender (arXiv 2306.02561): what eleven models answered to instructions, scored by likeness to one reference. "
        "A high score means similar words, not a right answer, and models differ little. BERTScore counts unless another metric is chosen. "
        "All metrics need the reference, so none of them is a confidence signal. No tokens, costs or times. Pairwise verdicts of a judge "
        "(`cmp_results`) are not read."
    )

    def knows(self, document: Document) -> bool:
        """Whether a record has candidates that name their model and hold scores, beside an instruction or input."""
        record = first(document)
        candidate = dig(record, "candidates.0")
        shaped = isinstance(candidate, dict) and {"model", "text", "scores"} <= set(candidate)
        return shaped and isinstance(candidate["scores"], dict) and bool({"instruction", "input"} & set(record))

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002  # nothing else of the file is needed
        """Yield a row a candidate, its metrics beside as columns without a role."""
        output, known = record.get("output"), str(record["id"])
        names = [candidate["model"] for candidate in record["candidates"]]
        for candidate in record["candidates"]:
            scores = {name: float(candidate["scores"][name]) for name in _METRICS if candidate["scores"].get(name) is not None}
            decoding = f" ({candidate['decoding_method']})" if names.count(candidate["model"]) > 1 else ""
            yield {
                "query_id": known,
                "prompt": "\n\n".join(text for text in (record.get("instruction"), record.get("input")) if text),
                "reference": output[0] if isinstance(output, list) and output else output or None,
                "task": known.partition("/")[0] if "/" in known else None,
                "model": f"{candidate['model']}{decoding}",
                "quality": next((scores[name] for name in _IN_UNIT if name in scores), None),
                "response": candidate["text"],
                **scores,
            }

    def questions(self, sheet: Sheet, mapping: Mapping) -> tuple[Question, ...]:
        """Return the choice among the metrics that lie between 0 and 1."""
        columns = {name: sheet.columns[name] for name in _IN_UNIT if name in sheet.columns and not is_text(sheet.columns[name])}
        ends = {name: pc.min_max(column).as_py() for name, column in columns.items()}
        fit = [name for name, end in ends.items() if end["min"] is not None and 0 <= end["min"] <= end["max"] <= 1]
        if len(fit) < 2:
            return ()
        choices = {name: mapping.cells if name == next(iter(columns)) else {**mapping.cells, "quality": {EVERY: name}} for name in fit}
        return (Question(field="cells", text=_QUESTION, choices=choices, default=choices[fit[0]]),)
