"""LLMRouterBench's result files: one model's answers to one dataset, with scores, tokens and costs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from data.problems import listed
from data.readers.formats.base import FILE, NUMBER, Document, Format, Row, named_by_file, sampled, whole

DIGEST = "query_digest"  # of a record whose text was left out, as another run of the same dataset has it: what `digest` said of it
_OF_QUERY = ("prompt", "reference")
_STAMP = r"(?:-?\d{8}_\d{6})?$"  # when the run ended, at the end of a file's name
_TEXT, _LEFT = "@text", "@left out"
_KEPT = ("query_id", "task", "model", FILE, NUMBER)  # of a row whose cell is missing
_ASKED, _WRAPPED = "q", "p"
_KEYS = frozenset({"index", "score", "prompt_tokens"})
_LOOKED_AT, _SHOWN = 20, 4


class LLMRouterBench(Format):
    """Source: arXiv 2601.07206; github.com/ynulihao/LLMRouterBench (README and `data_collector/storage.py`), `results/bench`.

    The runs of several models are joined by dataset, split and index. An index alone is no proof: the texts that the models were asked
    (`origin_query`) have to be the same, spaces aside. Of several the one that most models were asked counts, of equally many that of
    the first of these models by name; the answers to the others are missing, and told.
    """

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
            _TEXT: digest(record),
        }

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the rows of all runs, in an order of their own; a run without the name of its model is named by its file.

        The texts of a query stand in its first row only: some are whole repositories, and every model's run repeats them.
        """
        named = named_by_file(rows, _STAMP) if any(not row["model"] for row in rows) else rows
        by_query = groupby(sorted(named, key=lambda row: (row["query_id"], row["model"], row[FILE])), lambda row: row["query_id"])
        ordered = sampled([row for _, same in by_query for row in _of_one_text(list(same))])
        said: dict[tuple[str, str], Any] = {}
        for row in ordered:
            for role in _OF_QUERY:
                said[row["query_id"], role] = said.get((row["query_id"], role)) or row[role]
        return [{**row, **{role: said.pop((row["query_id"], role), None) for role in _OF_QUERY}} for row in ordered]

    def remarks(self, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
        """Name the answers that were left out as their model was asked another text, and the queries whose texts nothing compares."""
        left = [each for row in rows for each in row.get(_LEFT, ())]
        if left:
            count = len({each["query_id"] for each in left})
            places = [f"{each['query_id']} of {each['model']} ({each[FILE]}, record {each[NUMBER]:,})" for each in left]
            answers = "1 answer is" if len(left) == 1 else f"{len(left):,} answers are"
            queries = "1 query" if count == 1 else f"{count:,} queries"
            what = (
                f"{answers} left out, of {queries}: under the same dataset, split and index the model was asked another text "
                f"(origin_query) than others. {listed(places, _SHOWN)}."
            )
            yield what, "These cells are missing. Compare the runs: they were made on other versions of a dataset, or in another order."
        texts: dict[str, set[str]] = {}
        for row in rows:
            texts.setdefault(row["query_id"], set()).add(row[_TEXT])
        alone = [query for query, digests in texts.items() if len(digests) > 1]
        if alone:
            what = f"{len(alone):,} {'query is' if len(alone) == 1 else 'queries are'} joined by the index alone: {listed(alone, _SHOWN)}."
            yield what, "Their texts can't be compared, as origin_query is missing and the prompts differ. Look whether they are the same."


def digest(record: Mapping[str, Any]) -> str:
    """Return what tells the text of a record's query from others, spaces aside: of `origin_query`, else of its prompt; "" = it has none."""
    if isinstance(given := record.get(DIGEST), str):
        return given
    kind = _ASKED if record.get("origin_query") else _WRAPPED
    text = record.get("origin_query") or record.get("prompt")
    if not text:
        return ""
    plain = " ".join(text.split()) if isinstance(text, str) else json.dumps(text, sort_keys=True)
    return kind + hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _of_one_text(rows: list[Row]) -> list[Row]:
    """Return the rows of a query, emptied or gone where they are of another text, which the first notes; rows : by model."""
    models: dict[str, list[str]] = {}
    for row in rows:
        if row[_TEXT].startswith(_ASKED) and row["model"] not in models.setdefault(row[_TEXT], []):
            models[row[_TEXT]].append(row["model"])
    if len(models) < 2:
        return rows
    most = min(models, key=lambda text: (-len(models[text]), models[text][0], text))
    left = [row for row in rows if row[_TEXT] in models and row[_TEXT] != most]
    kept = [row for row in rows if row[_TEXT] not in models or row[_TEXT] == most]
    known = {row["model"] for row in kept}
    # A model stays in the table though all of its answers are left out: without a column nobody would miss it.
    empty = {row["model"]: {**dict.fromkeys(row), **{name: row[name] for name in _KEPT}, _TEXT: most} for row in left}
    return [{**kept[0], _LEFT: left}, *kept[1:], *(row for model, row in empty.items() if model not in known)]


def _plain(value: Any) -> str | None:
    """Return a text or number as a text; longer things (lists of a judge's words) are none of one."""
    return str(value) if isinstance(value, (str, int, float)) and value != "" else None
