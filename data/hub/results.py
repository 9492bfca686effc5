"""LLMRouterBench's archive: its result files, streamed out of the tar one after the other, without what no table needs.

Nothing is written to the disk, no member's path is used as one, and each is read within a limit. A record that is none stays in its
run: the reader names it, with file and row, and leaves it out alone.
"""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from data.hub.base import Note
from data.problems import Problem, refuse
from data.readers.asked import DIGEST, digest
from data.readers.base import Upload
from data.readers.watch import step

_MEMBER_MOST = 2**29
_ANSWER_MOST = 200  # characters: a longer prediction is a whole answer or program, which would be most of the table
_STAMP = re.compile(r"(\d{8}_\d{6})\.json$")
_KEPT = ("index", "score", "prompt_tokens", "completion_tokens", "cost")
_NAMES = ("dataset_name", "split", "model_name")
Query: TypeAlias = "tuple[str, str, str, str]"  # dataset, split, index, and the digest of its text: an index alone proves nothing
_WHY_MOST = 120  # characters
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


def unpacked(path: Path, note: Note = lambda _: None, *, choice: Choice) -> Iterable[Upload]:
    """Return the newest run of each dataset, split and model as a file that the reader of LLMRouterBench knows.

    A query's text stands in one of its runs only, and long answers are left out: with them the archive takes several times the memory.
    note : told of each run that can't be read; an older one counts in its place, if there is one.
    Raises ProblemError for a damaged archive, and for one without any run of the choice.
    """
    newest: dict[tuple[str, str, str], tuple[str, dict[str, Any]]] = {}
    texts: dict[Query, dict[str, Any]] = {}
    try:
        for name, data in _members(path, choice, note):
            folders = _folders(name)
            try:
                run = _kept(data, texts, folders)
            except (ValueError, TypeError, RecursionError) as error:
                note(_left_out(name, f"it can't be read ({type(error).__name__}: {error})"[:_WHY_MOST]))
                continue
            stamp = found.group(1) if (found := _STAMP.search(name)) else ""
            if run is not None and stamp >= newest.get(folders, ("", {}))[0]:
                newest[folders] = (stamp, run)
    except _BROKEN as error:
        raise refuse(f"the archive can't be read ({type(error).__name__}).", "Fetch it again; it may be cut.", file=path.name) from None
    if not newest:
        raise refuse("the archive holds none of the results that make this set.", "It may have been arranged anew.", file=path.name)
    return [_written(folders, run, texts) for folders, (_, run) in sorted(newest.items())]


def _left_out(name: str, why: str) -> Problem:
    fix = "If an older run of this model on this dataset is there, it counts instead; else these answers are missing."
    return Problem(what=f"this run is left out: {why}.", fix=fix, file=name)


def _written(folders: tuple[str, str, str], run: dict[str, Any], texts: dict[Query, dict[str, Any]]) -> Upload:
    """Return a run as a file, with the texts of those queries that no earlier one brought."""
    records = [{**record, **texts.pop(_query(folders, record), {})} for record in run["records"]]
    data = json.dumps({**run, "records": records}, ensure_ascii=False).encode("utf-8", "replace")
    return Upload(f"{'-'.join(folders)}.json", data)


def _query(folders: tuple[str, str, str], record: Mapping[str, Any]) -> Query:
    dataset, split, _ = folders
    return dataset, split, str(record.get("index")), str(record.get(DIGEST))


def _members(path: Path, choice: Choice, note: Note) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the result files of a choice; the archive is read once, from its start."""
    whole = path.stat().st_size
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as archive:
        for member in archive:
            step(file.tell(), whole)
            folders = _folders(member.name)
            if not member.isfile() or not member.name.endswith(".json") or not choice.takes(*folders):
                continue
            if member.size > _MEMBER_MOST:
                note(_left_out(member.name, f"it is larger than {_MEMBER_MOST / 2**20:,.0f} MB"))
                continue
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, stream.read()


def _folders(name: str) -> tuple[str, str, str]:
    """Return the three folders that a result file lies in: dataset, split, model."""
    parts = ["", "", "", *name.split("/")]
    return parts[-4], parts[-3], parts[-2]


def _kept(data: bytes, texts: dict[Query, dict[str, Any]], folders: tuple[str, str, str]) -> dict[str, Any] | None:
    """Return a run without its texts, None for a trial run; texts : takes those that are new.

    Raises ValueError, TypeError or RecursionError for what is no run.
    """
    run = json.loads(data)
    if not isinstance(run, dict):
        raise TypeError("no JSON object")
    if run.get("demo"):
        return None
    if not isinstance(run.get("records"), list):
        raise TypeError("no list of records")
    records = [_record(record) if isinstance(record, dict) else {} for record in run["records"]]
    for record, small in zip(run["records"], records, strict=True):
        if small:
            query = _query(folders, small)
            if query not in texts:
                texts[query] = _texts(record)
    named = {key: said if isinstance(said := run.get(key), str) and said else where for key, where in zip(_NAMES, folders, strict=True)}
    return {**{key: run.get(key) for key in ("performance", "counts")}, **named, "records": records}


def _texts(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of a record: of its query as it was before it was wrapped into a prompt, else of the prompt."""
    name = "origin_query" if record.get("origin_query") else "prompt"
    return {name: record.get(name), "ground_truth": record.get("ground_truth")}


def _record(record: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: record[name] for name in _KEPT if name in record} | {DIGEST: digest(record)}
    answer = record.get("prediction")
    short = isinstance(answer, (str, int, float)) and len(str(answer)) <= _ANSWER_MOST
    return {**kept, "prediction": answer} if short else kept
