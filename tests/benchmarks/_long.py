"""A long table of 200,000 queries and five models, as CSV and as JSONL, with and without prompts: what `read_long` reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

QUERIES, MODELS = 200_000, 5
_WORDS = [
    "the",
    "of",
    "model",
    "route",
    "cost",
    "query",
    "answer",
    "which",
    "when",
    "price",
    "latency",
    "small",
    "large",
    "set",
    "table",
    "number",
    "prove",
    "find",
    "write",
    "code",
    "list",
]


def table(*, prompts: bool, queries: int = QUERIES, seed: int = 0) -> pa.Table:
    """Return a row per query and model: id, prompt, task, model, score, cost, latency and tokens, some cells empty."""
    rng = np.random.default_rng(seed)
    query, model = np.repeat(np.arange(queries), MODELS), np.tile(np.arange(MODELS), queries)
    rows = len(query)
    columns = {"id": pa.array([f"q-{i:06d}" for i in range(queries)]).take(pa.array(query))}
    if prompts:
        said = rng.integers(0, len(_WORDS), (queries, 9))
        texts = [f"What is {' '.join(_WORDS[j] for j in row)}, {i}?" for i, row in enumerate(said.tolist())]
        columns["prompt"] = pa.array(texts).take(pa.array(query))
    columns["task"] = pa.array(["math", "code", "chat", "law"]).take(pa.array(query % 4))
    columns["model"] = pa.array([f"org/model-{m}" for m in range(MODELS)]).take(pa.array(model))
    columns["score"] = pa.array((rng.random(rows) < 0.5 + 0.08 * model).astype(np.int64))
    columns["cost_usd"] = pa.array(np.round(rng.random(rows) * 10.0 ** (model - 5), 8), mask=rng.random(rows) < 0.001)
    columns["latency_s"] = pa.array(np.round(rng.random(rows) * 3, 3))
    columns["input_tokens"] = pa.array(rng.integers(20, 900, rows))
    columns["output_tokens"] = pa.array(rng.integers(1, 500, rows))
    return pa.table(columns)


def write_csv(rows: pa.Table, path: Path) -> Path:
    """Write a table as CSV, texts quoted."""
    pyarrow.csv.write_csv(rows, path)
    return path


def write_jsonl(rows: pa.Table, path: Path) -> Path:
    """Write a table as JSONL as Python writes it."""
    columns = rows.to_pydict()
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in zip(*columns.values(), strict=True))
    return path
