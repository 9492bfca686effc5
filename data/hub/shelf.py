"""Where fetched files lie: in the user's data folder, by home, repository and commit; and which kept sets were made of them.

hub/files/<hub or github>/<owner>--<name>/<commit>/<path>     fetched and checked; `.part` beside it while it is being fetched
hub/by-hand/<id>/<file>                                       put there by a person, where the home can't be reached
hub/fetched/<id>.json                                         the set that was made of a source
hub/fetched/<id>.files.json                                   the files that a fetch ended with, and their commit
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from data.hub.base import Source, Wanted
from data.problems import ProblemError, refuse
from data.stores import home as store

BLOCK = 1 << 20
PART = ".part"
_SAFE = re.compile(r"[A-Za-z0-9._-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One file on this computer. name : its path in the repository; sha256 : of its bytes."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """All files of a source as a fetch ended with them. licence : what the home said, "" = nothing."""

    files: tuple[Stored, ...]
    commit: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a source became: the id of the kept set, and the commit that its files are of."""

    key: str
    commit: str


def folder() -> Path:
    """Return the folder of everything that was fetched."""
    return store.home() / "hub"


def place(source: Source, commit: str, path: str) -> Path:
    """Return where a file of the source's repository is kept; raises ProblemError for a path that would lead elsewhere."""
    parts = PurePosixPath(path).parts
    if _COMMIT.fullmatch(commit) is None or not parts or not all(_SAFE.fullmatch(part) and part.strip(".") for part in parts):
        raise refuse(f"{path[:80]!r} at {commit[:40]!r} is no file of a published benchmark.", "Fetch it by hand.")
    return _files(source) / commit / Path(*parts)


def begun(path: Path) -> int:
    """Return how many bytes of a file were fetched before its transfer broke off or was stopped."""
    part = path.with_name(path.name + PART)
    return part.stat().st_size if part.is_file() else 0


def by_hand(source: Source) -> Path:
    """Return the folder in which a person may put the files of a source."""
    return folder() / "by-hand" / source.id


def given(source: Source, where: Path | None = None) -> tuple[tuple[Wanted, Path], ...]:
    """Return the files that a person put there, each with what it stands for, all that the source wants; none where one is missing."""
    found: list[tuple[Wanted, Path]] = []
    for wanted in source.files:
        name = PurePosixPath(wanted.path).name
        here = where if where is not None and where.is_file() and len(source.files) == 1 else None
        matched = [here] if here is not None else sorted((where or by_hand(source)).glob(name))
        if not matched:
            return ()
        found += [(wanted, each) for each in matched]
    return tuple(found)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept(source: Source) -> int:
    """Return how many bytes of a source's files lie here, of all commits, parts included."""
    total = 0
    for path in _mine(source):
        with contextlib.suppress(FileNotFoundError):  # a part gets its own name when it is whole, while somebody looks
            total += path.stat().st_size
    return total


def clear(source: Source) -> None:
    """Delete the fetched files of a source; the sets that were made of them stay."""
    for path in _mine(source):
        path.unlink(missing_ok=True)


def complete(source: Source, commit: str, files: Sequence[Stored], *, licence: str) -> None:
    """Note that all files of a source are here."""
    named = {each.name: each.sha256 for each in files}
    _write(_note(source, ".files"), {"commit": commit, "licence": licence, "files": named})


def completed(source: Source) -> Complete | None:
    """Return the files of a source that are all here, of its revision if it is pinned; None where one is missing."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, ProblemError):
        said = json.loads(_note(source, ".files").read_text(encoding="utf-8"))
        commit = str(said["commit"])
        places = [Stored(name=name, path=place(source, commit, name), sha256=str(hash_)) for name, hash_ in said["files"].items()]
        if places and all(each.path.is_file() for each in places) and source.revision in ("", commit):
            return Complete(files=tuple(places), commit=commit, licence=str(said["licence"]))
    return None


def remember(source: Source, made: Made) -> None:
    """Note which set a source became."""
    _write(_note(source), {"key": made.key, "commit": made.commit})


def made(source: Source) -> Made | None:
    """Return the set that a source became, None where there is none, or it was deleted."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(_note(source).read_text(encoding="utf-8"))
        found = Made(key=str(said["key"]), commit=str(said["commit"]))
        if any(entry.id == found.key for entry in store.entries()):
            return found
    return None


def _mine(source: Source) -> list[Path]:
    """Return the files that a source wants, of all commits, as far as they are here; other sources may share the repository."""
    root = _files(source)
    there = ((path, "/".join(path.relative_to(root).parts[1:]).removesuffix(PART)) for path in sorted(root.rglob("*")) if path.is_file())
    return [path for path, name in there if any(wanted.takes(name) for wanted in source.files)]


def _files(source: Source) -> Path:
    return folder() / "files" / source.home / source.repository.replace("/", "--")


def _note(source: Source, kind: str = "") -> Path:
    return folder() / "fetched" / f"{source.id}{kind}.json"


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    scratch.replace(path)
