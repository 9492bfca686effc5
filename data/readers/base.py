"""What readers pass to each other: uploads, sheets, columns, questions, a reading."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.problems import Problem

if TYPE_CHECKING:
    from data.models import ModelCard
    from data.outcomes import OutcomeTable
    from data.readers.mapping import Mapping as ColumnMapping

Use: TypeAlias = Literal["rows", "joined", "prices", "contaminated", "another set", "not used"]
Kind: TypeAlias = Literal["empty", "flag", "unit", "number", "text"]
# Limits. What is over one of them is refused in words, before memory is taken for it.
LIMIT_BYTES = 200 * 2**20  # all files of a set that come through the browser, and each of them once decompressed
# Of a path that its owner names, which is no stranger's upload; a long table takes five to six times its file in memory.
PATH_LIMIT_BYTES = 2**30
FILES_MOST = 500  # of a folder or an archive
MEMBERS_MOST = 100_000  # of one gzip file: each costs time, however little it holds
MAX_COLUMNS = 2_000
PROBLEMS_MOST = 1_000  # of the rows of one file that are told one by one
CELLS_MOST = 50_000_000  # queries x models: a field of them takes 200 MB
YAML_BYTES = 2**20  # its parser is slow, and only price lists come as YAML
FILE_COLUMN = "@file"
CONTAMINATED = "contaminated"
ALSO_IN = "also in "


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it came: its name (what isn't text in it as `?`) and its bytes."""

    name: str
    data: bytes

    def __post_init__(self) -> None:
        if not self.name.isascii():  # a file system may give names that aren't Unicode, which no column and no page can hold
            object.__setattr__(self, "name", self.name.encode("utf-8", "replace").decode())

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the bytes, 64 hex digits."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def suffix(self) -> str:
        """Return the last extension in lower case, `.gz` left out: `.csv` for `a.csv.gz`."""
        path = PurePosixPath(self.name.lower())
        return PurePosixPath(path.stem).suffix if path.suffix == ".gz" else path.suffix

    @property
    def stem(self) -> str:
        """Return the file name without folders and extensions that say the format."""
        name = PurePosixPath(self.name).name
        return name.removesuffix(".gz").rsplit(".", 1)[0]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sheet:
    """n rows of one file, or of several with the same columns.

    columns : name -> Arrow array of length n (text, number or boolean), in the file's order.
    rows : (n,) data row in its file, from 1. source : (n,) position in `files`.
    facts : what a JSON document says beside its rows. document : it has a header of its own, so it is a set of its own.
    reader : id of the format whose rows these are (`data.readers.formats`), "" for any table.
    problems : rows that could not be read (left out of `columns`). warnings : what was assumed.
    """

    files: tuple[str, ...]
    format: str
    columns: Mapping[str, pa.Array]
    rows: NDArray[np.int64]
    source: NDArray[np.int32]
    encoding: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    document: bool = False
    reader: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def file(self) -> str:
        """Return the name of the first file."""
        return self.files[0]

    def place(self, row: int) -> tuple[str, int]:
        """Return (file, data row from 1) of the row at a position."""
        return self.files[int(self.source[row])], int(self.rows[row])

    def take(self, at: NDArray[Any]) -> Sheet:
        """Return the sheet at (k,) positions."""
        pick = pa.array(np.asarray(at, dtype=np.int64))
        return replace(self, columns={n: c.take(pick) for n, c in self.columns.items()}, rows=self.rows[at], source=self.source[at])

    def with_columns(self, columns: Mapping[str, pa.Array]) -> Sheet:
        """Return the sheet with further columns of length n; a name that exists already is replaced."""
        return replace(self, columns={**self.columns, **columns})


def sheet_of(
    file: str, kind: str, columns: Mapping[str, pa.Array], *, rows: Sequence[int] | NDArray[np.int64] | None = None, **fields: Any
) -> Sheet:
    """Return a sheet of one file; `rows` are its data rows from 1, all of them by default."""
    length = len(next(iter(columns.values()))) if columns else 0
    numbers = np.arange(1, length + 1, dtype=np.int64) if rows is None else np.asarray(rows, dtype=np.int64)
    return Sheet(files=(file,), format=kind, columns=dict(columns), rows=numbers, source=np.zeros(length, dtype=np.int32), **fields)


class Problems:
    """The problems of one file's rows: the first in full, the others as a number, so that a file of nothing else stays small."""

    def __init__(self, file: str) -> None:
        self.file, self._kept, self._more = file, list[Problem](), 0

    def add(self, problem: Problem) -> None:
        """Take in the problem of one row."""
        if len(self._kept) < PROBLEMS_MOST:
            self._kept.append(problem)
        else:
            self._more += 1

    def last(self, problem: Problem, *, instead: bool) -> None:
        """Take in a problem of the last row, `instead` of the one that was taken in last."""
        if instead and self._more:
            self._more -= 1
        elif instead and self._kept:
            self._kept.pop()
        self.add(problem)

    @property
    def all(self) -> tuple[Problem, ...]:
        """Return the problems in the order in which they came, and how many more there are."""
        if not self._more:
            return tuple(self._kept)
        fix = "Mend the kind that is named for the first of them."
        return (*self._kept, Problem(what=f"{self._more:,} more rows can't be read.", fix=fix, file=self.file))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column as the mapping step shows it; `role` and `model` are what it was taken for, "" = nothing."""

    name: str
    kind: Kind
    filled: int
    distinct: int
    examples: tuple[str, ...]
    role: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the file leaves open; `field` is the part of the mapping that answers it.

    choices : words shown -> value of that field. default : what holds if nobody answers.
    """

    field: str
    text: str
    choices: Mapping[str, Any]
    default: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNote:
    """What became of one file, in words; sha256 identifies it in links."""

    name: str
    use: Use
    words: str
    sha256: str = ""
    bytes: int = 0
    format: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a reader makes of a sheet: its mapping, and what it isn't sure of."""

    reader: str
    title: str
    mapping: ColumnMapping
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reading:
    """What was understood of some files, before anything is decided.

    sheet : the rows, companion files joined. mapping : the guess, to be changed or confirmed.
    problems : what stands in the way under the guess. warnings : what was assumed. understood : one sentence.
    preview : up to 20 rows, column -> text. needs_mapping : the guess isn't enough, a person has to say more.
    table : the table under the guess (rows with problems left out), or None if there is none.
    """

    name: str
    reader: str
    title: str
    sheet: Sheet
    columns: tuple[Column, ...]
    mapping: ColumnMapping
    files: tuple[FileNote, ...]
    cards: tuple[ModelCard, ...] = ()
    questions: tuple[Question, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    preview: tuple[Mapping[str, str], ...] = ()
    understood: str = ""
    needs_mapping: bool = False
    table: OutcomeTable | None = None
