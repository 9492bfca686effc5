"""LLMRouterBench's archive: its result files, streamed out of the tar one after the other, without what no table needs.

Nothing is written to the disk, no member's path is used as one, and each is read within a limit.
"""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from data.problems import refuse
from data.readers.base import Upload
from data.readers.watch import step

_MEMBER_MOST = 2**29
_ANSWER_MOST = 200  # characters: a longer prediction is a whole answer or program, which would be most of the table
_STAMP = re.compile(r"(\d{8}_\d{6})\.json$")
_KEPT = ("index", "score", "prompt_tokens", "completion_tokens", "cost")
_NAMES = ("dataset_name", "split", "model_name")
Query: TypeAlias = "tuple[str, str, Any]"  # dataset, split, index
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which runs of the archive make a set: by the folders `<dataset>/<split>/<model>`; no splits = all."""

    datasets: tuple[str, ...]
    models: tuple[str, ...]
    splits: tuple[str, ...] = ()

    def takes(self, dataset: str, split: str, model: str) -> bool:
        """Whether a run is part of the set."""
        return dataset in self.datasets and model in self.models and (not self.splits or split in self.splits)


def unpacked(path: Path, *, choice: Choice) -> Iterable[Upload]:
    """Return the newest run of each dataset, split and model as a file that the reader of LLMRouterBench knows.

    A query's text stands in one of its runs only, and long answers are left out: with them the archive takes several times the memory.
    Raises ProblemError for a damaged archive, and for one without any run of the choice.
    """
    newest: dict[tuple[str, str, str], tuple[str, dict[str, Any]]] = {}
    texts: dict[Query, dict[str, Any]] = {}
    try:
        for name, data in _members(path, choice):
            folders = _folders(name)
            run = _kept(data, texts, folders)
            stamp = found.group(1) if (found := _STAMP.search(name)) else ""
            if run is not None and stamp >= newest.get(folders, ("", {}))[0]:
                newest[folders] = (stamp, run)
    except _BROKEN as error:
        raise refuse(f"the archive can't be read ({type(error).__name__}).", "Fetch it again; it may be cut.", file=path.name) from None
    if not newest:
        raise refuse("the archive holds none of the results that make this set.", "It may have been arranged anew.", file=path.name)
    return [_written(folders, run, texts) for folders, (_, run) in sorted(newest.items())]


def _written(folders: tuple[str, str, str], run: dict[str, Any], texts: dict[Query, dict[str, Any]]) -> Upload:
    """Return a run as a file, with the texts of those queries that no earlier one brought."""
    dataset, split, _ = folders
    records = [{**record, **texts.pop((dataset, split, record["index"]), {})} for record in run["records"]]
    data = json.dumps({**run, "records": records}, ensure_ascii=False).encode("utf-8", "replace")
    return Upload(f"{'-'.join(folders)}.json", data)


def _members(path: Path, choice: Choice) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the result files of a choice; the archive is read once, from its start."""
    whole = path.stat().st_size
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as archive:
        for member in archive:
            step(file.tell(), whole)
            folders = _folders(member.name)
            if not member.isfile() or not member.name.endswith(".json") or not choice.takes(*folders):
                continue
            stream = archive.extractfile(member)
            if stream is None or member.size > _MEMBER_MOST:
                continue
            yield member.name, stream.read()


def _folders(name: str) -> tuple[str, str, str]:
    """Return the three folders that a result file lies in: dataset, split, model."""
    parts = ["", "", "", *name.split("/")]
    return parts[-4], parts[-3], parts[-2]


def _kept(data: bytes, texts: dict[Query, dict[str, Any]], folders: tuple[str, str, str]) -> dict[str, Any] | None:
    """Return a run without its texts, None for a trial run and for what is no run; texts : takes those that are new."""
    dataset, split, _ = folders
    try:
        run = json.loads(data)
        if run.get("demo"):
            return None
        for record in run["records"]:
            said = {"origin_query": record.get("origin_query") or record.get("prompt"), "ground_truth": record.get("ground_truth")}
            texts.setdefault((dataset, split, record["index"]), said)
        named = {key: run.get(key) or where for key, where in zip(_NAMES, folders, strict=True)}
        sums = {key: run.get(key) for key in ("performance", "counts")}
        return {**sums, **named, "records": [_record(record) for record in run["records"]]}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _record(record: Any) -> dict[str, Any]:
    kept = {name: record[name] for name in _KEPT if name in record}
    answer = record.get("prediction")
    short = isinstance(answer, (str, int, float)) and len(str(answer)) <= _ANSWER_MOST
    return {**kept, "prediction": answer} if short else kept
