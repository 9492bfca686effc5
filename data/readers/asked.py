"""Whether models whose answers stand under one id were asked the same text: an index alone is no proof of it.

Of several texts (`origin_query`, spaces aside) the one that most models were asked counts, of equally many that of the first of these
models by name. The answers to the others are missing, and told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from data.problems import listed
from data.readers.formats.base import FILE, NUMBER, Row

DIGEST = "query_digest"  # of a record whose text was left out, as another record has it: what `digest` said of it
TEXT, LEFT = "@text", "@left out"  # notes of a row: the digest of its text, and the rows of its query that were left out
_KEPT = ("query_id", "task", "model", FILE, NUMBER)  # of a row whose cell is missing
_ASKED, _WRAPPED = "q", "p"
_SHOWN = 4


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


def compared(rows: Sequence[Row]) -> list[Row]:
    """Return rows with `TEXT`, sorted by query and model, without the answers to another text than that of their query."""
    return [row for _, same in groupby(rows, lambda row: row["query_id"]) for row in _of_one_text(list(same))]


def once(rows: Sequence[Row], *roles: str) -> list[Row]:
    """Return rows with the texts of a query in its first alone: some are whole repositories, and every model's run repeats them."""
    said: dict[tuple[str, str], Any] = {}
    for row in rows:
        for role in roles:
            said[row["query_id"], role] = said.get((row["query_id"], role)) or row[role]
    return [{**row, **{role: said.pop((row["query_id"], role), None) for role in roles}} for row in rows]


def remarks(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Yield (what, fix) of the answers that `compared` left out, and of the queries whose texts nothing compares."""
    left = [each for row in rows for each in row.get(LEFT, ())]
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
        texts.setdefault(row["query_id"], set()).add(row[TEXT])
    alone = [query for query, digests in texts.items() if len(digests) > 1]
    if alone:
        what = f"{len(alone):,} {'query is' if len(alone) == 1 else 'queries are'} joined by the index alone: {listed(alone, _SHOWN)}."
        yield what, "Their texts can't be compared, as origin_query is missing and the prompts differ. Look whether they are the same."


def _of_one_text(rows: list[Row]) -> list[Row]:
    """Return the rows of a query, emptied or gone where they are of another text, which the first notes; rows : by model."""
    models: dict[str, list[str]] = {}
    for row in rows:
        if row[TEXT].startswith(_ASKED) and row["model"] not in models.setdefault(row[TEXT], []):
            models[row[TEXT]].append(row["model"])
    if len(models) < 2:
        return rows
    most = min(models, key=lambda text: (-len(models[text]), models[text][0], text))
    left = [row for row in rows if row[TEXT] in models and row[TEXT] != most]
    kept = [row for row in rows if row[TEXT] not in models or row[TEXT] == most]
    known = {row["model"] for row in kept}
    # A model stays in the table though all of its answers are left out: without a column nobody would miss it.
    empty = {row["model"]: {**dict.fromkeys(row), **{name: row[name] for name in _KEPT}, TEXT: most} for row in left}
    return [{**kept[0], LEFT: left}, *kept[1:], *(row for model, row in empty.items() if model not in known)]
