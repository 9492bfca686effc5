"""The query set: what was asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.problems import refuse
from data.texts import Texts

_SPACE = re.compile(r"\s+")
_ASCII_SPACE = r"[\t-\r\x1c-\x1f ]+"  # what `\s` is to Python among ASCII


@dataclass(frozen=True, eq=False)
class QuerySet:
    """n queries.

    ids : n unique strings. prompts, references : texts or None where the file has none.
    tasks : (n,) int32 codes into `task_names`, or None. splits : (n,) the file's own split words, or None.
    meta : further columns of the file, by name, as texts.
    """

    ids: Texts
    prompts: Texts | None = None
    references: Texts | None = None
    tasks: NDArray[np.int32] | None = None
    task_names: tuple[str, ...] = ()
    splits: Texts | None = None
    meta: Mapping[str, Texts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("prompts", "references", "tasks", "splits"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self):
                raise refuse(f"{name} has {len(column):,} entries for {len(self):,} queries.", "Give one entry a query.")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def build(
        cls,
        ids: Sequence[str] | pa.Array,
        *,
        prompts: Sequence[str | None] | None = None,
        references: Sequence[str | None] | None = None,
        tasks: Sequence[str] | pa.Array | None = None,
        splits: Sequence[str | None] | None = None,
        meta: Mapping[str, Sequence[str | None]] | None = None,
    ) -> QuerySet:
        """Return a query set from plain sequences of length n, or Arrow texts without nulls."""
        codes, names = (None, ()) if tasks is None else _coded(tasks)
        return cls(
            ids=Texts(ids),
            prompts=None if prompts is None else Texts(prompts),
            references=None if references is None else Texts(references),
            tasks=codes,
            task_names=names,
            splits=None if splits is None else Texts(splits),
            meta={name: Texts(column) for name, column in (meta or {}).items()},
        )

    def take(self, rows: NDArray[Any]) -> QuerySet:
        """Return the queries at rows, (k,) positions."""
        return QuerySet(
            ids=self.ids.take(rows),
            prompts=None if self.prompts is None else self.prompts.take(rows),
            references=None if self.references is None else self.references.take(rows),
            tasks=None if self.tasks is None else self.tasks[rows],
            task_names=self.task_names,
            splits=None if self.splits is None else self.splits.take(rows),
            meta={name: column.take(rows) for name, column in self.meta.items()},
        )

    def task_of(self, row: int) -> str:
        """Return the task of one query, or an empty string."""
        return "" if self.tasks is None else self.task_names[int(self.tasks[row])]

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """(n,) a 64-bit key of each id: what seeded draws depend on, so that order and subsets do not matter."""
        return _hashed(self.ids.arrow())

    @cached_property
    def groups(self) -> NDArray[np.uint64]:
        """(n,) a key shared by queries with the same normalised prompt (or the id, where there is no prompt)."""
        if self.prompts is None:
            return self.keys
        texts = _all_normalised(self.prompts.arrow())
        known = np.asarray(pc.greater(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False), dtype=np.bool_)
        return np.where(known, _hashed(texts), self.keys)

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of ids, prompts and references, 16 hex digits."""
        parts = [self.ids.digest(), *(c.digest() if c is not None else "-" for c in (self.prompts, self.references))]
        return hashlib.blake2b("|".join(parts).encode(), digest_size=8).hexdigest()


def normalised(text: str) -> str:
    """Return a prompt in the form in which two are called the same: lower case, white space collapsed."""
    return _SPACE.sub(" ", text).strip().lower()


def _hashed(texts: pa.Array) -> NDArray[np.uint64]:
    from pandas.util import hash_array

    return np.asarray(hash_array(np.array(texts.to_pylist(), dtype=object), categorize=False), dtype=np.uint64)


def _all_normalised(prompts: pa.Array) -> pa.Array:
    """Return `normalised` of all texts, "" for null: in one pass by Arrow where Arrow means the same, which is ASCII."""
    plain = prompts.combine_chunks() if isinstance(prompts, pa.ChunkedArray) else prompts
    plain = plain.cast(pa.large_string()).fill_null("")
    ascii_only = pc.string_is_ascii(plain)
    simple = pc.ascii_lower(pc.ascii_trim_whitespace(pc.replace_substring_regex(plain, _ASCII_SPACE, " ")))
    if pc.all(ascii_only, min_count=0).as_py():
        return simple
    rest = [normalised(text) for text in plain.filter(pc.invert(ascii_only)).to_pylist()]
    return pc.replace_with_mask(simple, pc.invert(ascii_only), pa.array(rest, type=pa.large_string()))


def _coded(tasks: Sequence[str] | pa.Array) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    if not isinstance(tasks, pa.Array):
        names, codes = np.unique(np.asarray([str(task) for task in tasks], dtype=object), return_inverse=True)
        return codes.astype(np.int32), tuple(str(name) for name in names)
    encoded = tasks.dictionary_encode()
    found = encoded.dictionary.to_pylist()
    order = sorted(range(len(found)), key=found.__getitem__)
    place = np.empty(len(found), dtype=np.int32)
    place[order] = np.arange(len(found), dtype=np.int32)
    return place[encoded.indices.to_numpy(zero_copy_only=False)], tuple(found[i] for i in order)
