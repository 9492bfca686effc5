"""What a published headline is, the data it comes from, and how ours is compared with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from data.load import load
from data.outcomes import OutcomeTable
from data.problems import ProblemError, refuse

Tag: TypeAlias = Literal["printed", "counted"]
_FILES = "a table is not enough: the origin's own files are needed"
Verdict: TypeAlias = Literal["agrees", "differs", "bring", "stated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where headlines come from. cite : paper, repository, commit or date. licence : of the data.

    folder, files : where the data lies below the folder of recorded outcomes, () = all of it; "" = none is kept there, or none is
    needed. models, queries, named : by which somebody's copy is recognised: all of these models, one of these numbers of queries, this
    word in its name; what is empty does not count, but something has to be said of the models or the name.
    """

    id: str
    title: str
    cite: str
    url: str
    licence: str = ""
    folder: str = ""
    files: tuple[str, ...] = ()
    models: frozenset[str] = frozenset()
    queries: tuple[int, ...] = ()
    named: str = ""

    def fits(self, table: OutcomeTable) -> bool:
        """Whether a table looks like a copy of this data: the same models, as many queries, a name that says so."""
        known = bool(self.models or self.named) and table.origin.kind != "simulated"
        named = self.named in table.origin.name.casefold()
        return known and named and self.models <= set(table.models) and (not self.queries or len(table) in self.queries)


@dataclass(frozen=True, eq=False)
class Copy:
    """A copy of a source's data: its table, and the folder of its files where there is one (a set of the user has only a table)."""

    source: Source
    given: OutcomeTable | None = None
    folder: Path | None = None

    @cached_property
    def table(self) -> OutcomeTable:
        """The table, as it is read."""
        if self.given is not None:
            return self.given
        if self.folder is None:
            raise refuse(f"there is no copy of {self.source.title}.", "Bring its data: upload it on the Data page.")
        places = [self.folder / name for name in self.source.files]
        return load(self.folder if not places else places[0] if len(places) == 1 else places)

    @cached_property
    def clean(self) -> OutcomeTable:
        """The table without the queries that its origin marks as contaminated, which published figures leave out."""
        marked = self.table.queries.meta.get("contaminated")
        return self.table if marked is None else self.table.take(~np.asarray(marked.known()))

    def quality(self, model: str) -> float:
        """Return a model's mean quality over the queries it ran, of the clean table."""
        return self.clean.mean("quality")[model]


Compute: TypeAlias = Callable[[Copy], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One published figure.

    published : in `unit` (%, points of 100, USD ...), with the digits it was given in. tolerance : half a unit of its last digit, or
    what its source allows. tag : "printed" by its authors, or "counted" by somebody else from the authors' file. ours : from a copy of
    the data (which a figure of figures does not look at); None = no formula of ours works on an outcome table alone. files : a table
    is not enough, the origin's files are needed. free : no data is needed. why : the known reason of a difference, or what is missing.
    """

    id: str
    source: Source
    what: str
    published: float
    unit: str
    tolerance: float
    tag: Tag = "printed"
    ours: Compute | None = None
    files: bool = False
    free: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A headline beside ours, NaN where there is no copy of the data."""

    headline: Headline
    ours: float
    why: str = ""
    verdict: Verdict = field(default="bring")

    @property
    def difference(self) -> float:
        """Ours less the published figure."""
        return self.ours - self.headline.published


def compared(headline: Headline, copy: Copy | None) -> Outcome:
    """Return what ours is; "bring" where there is no copy of the data, or it does not hold what the figure needs.

    "stated" : no formula of ours gives this figure from an outcome table, with or without a copy.
    """
    if headline.ours is None:
        return Outcome(headline=headline, ours=math.nan, why=headline.why, verdict="stated")
    if (copy is None and not headline.free) or (headline.files and (copy is None or copy.folder is None)):
        return Outcome(headline=headline, ours=math.nan, why=_FILES if headline.files and copy is not None else "")
    try:
        ours = float(headline.ours(copy or Copy(headline.source)))
    except (ProblemError, KeyError, OSError):
        ours = math.nan
    if math.isnan(ours):
        return Outcome(headline=headline, ours=ours, why="this copy does not hold what it needs")
    agrees = abs(ours - headline.published) <= headline.tolerance * (1 + 1e-9)
    return Outcome(headline=headline, ours=ours, verdict="agrees" if agrees else "differs", why=headline.why)


def place_of(source: Source, root: Path | None) -> Copy | None:
    """Return the copy of a source below the folder of recorded outcomes, or None."""
    if root is None or not source.folder or not (root / source.folder).is_dir():
        return None
    return Copy(source, folder=root / source.folder)


def among(source: Source, tables: Sequence[OutcomeTable]) -> Copy | None:
    """Return the first of somebody's own tables that looks like a copy of this data, or None."""
    return next((Copy(source, given=table) for table in tables if source.fits(table)), None)
