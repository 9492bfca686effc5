"""What a published benchmark declares: where it lives, which files, how large, under which licence."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from data.problems import Problem, listed, refuse
from data.readers.base import Upload

Home: TypeAlias = Literal["hub", "github"]
Note: TypeAlias = Callable[[Problem], None]
Unpack: TypeAlias = Callable[[Path, Note], Iterable[Upload]]
_SITES: dict[Home, str] = {"hub": "https://huggingface.co/datasets", "github": "https://github.com"}
NAMES: Mapping[Home, str] = {"hub": "huggingface.co", "github": "github.com"}
_MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file of the repository, or all that a pattern (`*`) matches. bytes, sha256 : as published; None, "" = not known beforehand."""

    path: str
    bytes: int | None = None
    sha256: str = ""

    @property
    def pattern(self) -> bool:
        """Whether this stands for several files."""
        return "*" in self.path

    def takes(self, path: str) -> bool:
        """Whether a file of the repository is wanted: `*` stands for any signs of one name."""
        return fnmatch.fnmatchcase(path, self.path) and path.count("/") == self.path.count("/") if self.pattern else path == self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One published benchmark.

    about : one sentence: what is in it. queries, models : as published, None = not stated; counted : what these figures are of.
    paper : arXiv id, "" = none. home, repository, revision : where it is; revision "" = not pinned, the newest is fetched.
    licence : what the publisher says, "" = not stated. licence_note : where it is said, or what else to know of it.
    about_bytes : the size to expect where the files don't all say theirs. unpack : makes files of an archive, and notes what
    of it can't be read.
    """

    id: str
    title: str
    about: str
    queries: int | None
    models: int | None
    counted: str = ""
    paper: str = ""
    home: Home
    repository: str
    revision: str = ""
    files: tuple[Wanted, ...]
    licence: str = ""
    licence_note: str = ""
    about_bytes: int = 0
    unpack: Unpack | None = field(default=None, compare=False)

    @property
    def exact(self) -> bool:
        """Whether the size of every file is known before it is asked for."""
        return all(wanted.bytes is not None and not wanted.pattern for wanted in self.files)

    @property
    def bytes(self) -> int:
        """Return the size of the download as declared: exact, or about."""
        return sum(wanted.bytes or 0 for wanted in self.files) if self.exact else self.about_bytes

    @property
    def site(self) -> str:
        """Return the name of the site that it lives on."""
        return NAMES[self.home]

    @property
    def page(self) -> str:
        """Return the address of the page that lists its files, for a person."""
        return f"{_SITES[self.home]}/{self.repository}/tree/{self.revision or _MAIN}"

    @property
    def ref(self) -> str:
        """Return the revision that is asked for."""
        return self.revision or _MAIN

    @property
    def names(self) -> tuple[str, ...]:
        """Return the paths of its files in words, patterns as they are."""
        return tuple(wanted.path for wanted in self.files)


@cache
def sources() -> dict[str, Source]:
    """Return id -> source for every declaration in `data.hub.sources`, in the order of their titles."""
    package = importlib.import_module("data.hub.sources")
    found: list[Source] = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"data.hub.sources.{info.name}")
        found += [value for value in vars(module).values() if isinstance(value, Source)]
    return {source.id: source for source in sorted(found, key=lambda source: source.title.lower())}


def find(source_id: str) -> Source:
    """Return a source by id; raises ProblemError if there is none of that id."""
    found = sources().get(source_id)
    if found is None:
        raise refuse(f"there is no published benchmark {source_id!r}.", f"There are: {listed(list(sources()), 20)}.")
    return found
