"""Answers kept on disk as they arrive, one line each, so that a broken batch goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.problems import refuse
from data.queries import QuerySet

Key = tuple[int, int, int]  # query row, endpoint, sample
_FILE = "answers.jsonl"
_NOT_KEPT = frozenset({"tokens", "alternatives"})


class Checkpoint:
    """The answers of one batch in a folder; raises ProblemError if the folder holds those of another batch."""

    def __init__(self, folder: Path, queries: QuerySet, endpoints: Sequence[Endpoint]) -> None:
        self._ids = queries.ids.to_list()
        self._names = [endpoint.name for endpoint in endpoints]
        self._path = folder / _FILE
        self._head = {"queries": _digest(queries), "endpoints": [_asked(endpoint) for endpoint in endpoints]}
        self._file: TextIO | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def load(self) -> dict[Key, Answer]:
        """Return the stored answers by (row, endpoint, sample); a torn last line is dropped."""
        if not self._path.exists():
            return {}
        lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not lines or _parsed(lines[0]) != self._head:
            raise refuse(
                "the folder holds answers of another batch: other questions, models or settings.",
                "Choose an empty folder, or start the batch that it belongs to.",
                file=str(self._path.name),
            )
        rows, columns = {query: i for i, query in enumerate(self._ids)}, {name: m for m, name in enumerate(self._names)}
        found: dict[Key, Answer] = {}
        for line in lines[1:]:
            values = _parsed(line) if line.endswith("\n") else None
            if values is not None:
                found[rows[values["id"]], columns[values["endpoint"]], values["sample"]] = _answer(values["answer"])
        if lines[-1:] and not lines[-1].endswith("\n"):
            self._path.write_text("".join(lines[:-1]), encoding="utf-8")
        return found

    def add(self, key: Key, answer: Answer) -> None:
        """Append one answer, on disk when this returns."""
        if self._file is None:
            fresh = not self._path.exists()
            self._file = self._path.open("a", encoding="utf-8")
            if fresh:
                self._write(self._head)
        row, column, sample = key
        values = {name: value for name, value in asdict(answer).items() if name not in _NOT_KEPT and not _unknown(value)}
        self._write({"id": self._ids[row], "endpoint": self._names[column], "sample": sample, "answer": values})

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, values: Any) -> None:
        if self._file is not None:
            self._file.write(json.dumps(values, ensure_ascii=False) + "\n")
            self._file.flush()


def _digest(queries: QuerySet) -> str:
    """Return a hash of ids and prompts that stays the same over versions of this program: a batch may be taken up later."""
    prompts = None if queries.prompts is None else queries.prompts.to_list()
    return hashlib.blake2b(json.dumps([queries.ids.to_list(), prompts]).encode(), digest_size=8).hexdigest()


def _asked(endpoint: Endpoint) -> dict[str, Any]:
    """Return what an answer depends on; not the address, since a local server changes its port from start to start."""
    return {
        "name": endpoint.name,
        "model_id": endpoint.model_id,
        "temperature": endpoint.temperature,
        "max_tokens": endpoint.max_tokens,
        "extra": dict(endpoint.extra),
    }


def _answer(values: dict[str, Any]) -> Answer:
    return Answer(**values)


def _unknown(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None
