"""A person's own sets: kept on this computer until they are deleted, with the name and hash of the files they came from."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.outcomes import Kind, OutcomeTable
from data.problems import refuse
from data.readers.base import Upload
from data.stores.columns import open_table, save

HOME_VARIABLE = "ROUTESCOPE_HOME"
_ENTRY = "entry.json"
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kept set. id : the fingerprint of its table, which links carry. files : (name, sha256) as they were uploaded.

    kind : the badge; a simulated set that is kept stays simulated.
    """

    id: str
    title: str
    files: tuple[tuple[str, str], ...]
    queries: int
    models: int
    added: str
    kind: Kind = "yours"


def home() -> Path:
    """Return the folder of a person's sets: ROUTESCOPE_HOME if it is set, else the system's place for such data."""
    given = os.environ.get(HOME_VARIABLE, "")
    if given:
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("routescope", appauthor=False)


def add(table: OutcomeTable, files: Sequence[Upload] = (), *, title: str = "") -> Entry:
    """Keep a table and return its entry; the same table is kept once, under the newer title."""
    entry = Entry(
        id=table.fingerprint,
        title=title.strip() or table.origin.name,
        files=tuple((upload.name, upload.sha256) for upload in files),
        queries=len(table),
        models=len(table.models),
        added=datetime.now(tz=UTC).isoformat(timespec="milliseconds"),
        kind="simulated" if table.origin.kind == "simulated" else "yours",
    )
    folder = _folder(entry.id)
    save(table, folder / "table")
    _write(entry)
    return entry


def entries() -> tuple[Entry, ...]:
    """Return all kept sets, the newest first; a folder that can't be read is passed over."""
    found = []
    for path in sorted((home() / "sets").glob(f"*/{_ENTRY}")):
        try:
            found.append(_read(path))
        except (ValueError, TypeError, KeyError):
            continue
    return tuple(sorted(found, key=lambda entry: entry.added, reverse=True))


def get(entry_id: str) -> OutcomeTable:
    """Return the table of a kept set; raises ProblemError if there is none of that id."""
    return open_table(_known(entry_id) / "table")


def is_id(text: str) -> bool:
    """Whether a text has the form of a kept set's id."""
    return _ID.fullmatch(text) is not None


def find_file(sha256: str) -> Entry | None:
    """Return the kept set that came from the file with this hash, or None."""
    return next((entry for entry in entries() if any(known == sha256 for _, known in entry.files)), None)


def rename(entry_id: str, title: str) -> Entry:
    """Return the entry under its new title; raises ProblemError for an empty one or an unknown id."""
    if not title.strip():
        raise refuse("the name is empty.", "Give the set a name.")
    old = _read(_known(entry_id) / _ENTRY)
    entry = Entry(**{**asdict(old), "title": title.strip()[:200]})
    _write(entry)
    return entry


def delete(entry_id: str) -> None:
    """Remove a kept set and all of its files; raises ProblemError if there is none of that id."""
    shutil.rmtree(_known(entry_id))


def _folder(entry_id: str) -> Path:
    if not is_id(entry_id):  # ids come from links: nothing else may become a path
        raise refuse(f"{entry_id[:40]!r} is no id of a set.", "Choose a set from the list.")
    return home() / "sets" / entry_id


def _known(entry_id: str) -> Path:
    folder = _folder(entry_id)
    if not (folder / _ENTRY).is_file():
        raise refuse("this set isn't on this computer.", "Upload its file again.")
    return folder


def _write(entry: Entry) -> None:
    path = _folder(entry.id) / _ENTRY
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(asdict(entry), ensure_ascii=False, indent=1), encoding="utf-8")
    scratch.replace(path)


def _read(path: Path) -> Entry:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Entry(**{**values, "files": tuple((str(name), str(sha256)) for name, sha256 in values["files"])})
