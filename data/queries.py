"""The query set: what was asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.problems import refuse
from data.texts import Texts

_SPACE = re.compile(r"\s+")


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
        ids: Sequence[str],
        *,
        prompts: Sequence[str | None] | None = None,
        references: Sequence[str | None] | None = None,
        tasks: Sequence[str] | None = None,
        splits: Sequence[str | None] | None = None,
        meta: Mapping[str, Sequence[str | None]] | None = None,
    ) -> QuerySet:
        """Return a query set from plain sequences of length n."""
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
        from pandas.util import hash_array

        return np.asarray(hash_array(np.array(self.ids.to_list(), dtype=object), categorize=False), dtype=np.uint64)

    @cached_property
    def groups(self) -> NDArray[np.uint64]:
        """(n,) a key shared by queries with the same normalised prompt (or the id, where there is no prompt)."""
        if self.prompts is None:
            return self.keys
        from pandas.util import hash_array

        texts = [normalised(text or "") for text in self.prompts.to_list()]
        keys = np.asarray(hash_array(np.array(texts, dtype=object), categorize=False), dtype=np.uint64)
        return np.where(np.array([bool(text) for text in texts], dtype=np.bool_), keys, self.keys)

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of ids, prompts and references, 16 hex digits."""
        parts = [self.ids.digest(), *(c.digest() if c is not None else "-" for c in (self.prompts, self.references))]
        return hashlib.blake2b("|".join(parts).encode(), digest_size=8).hexdigest()


def normalised(text: str) -> str:
    """Return a prompt in the form in which two are called the same: lower case, white space collapsed."""
    return _SPACE.sub(" ", text).strip().lower()


def _coded(tasks: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    names, codes = np.unique(np.asarray([str(task) for task in tasks], dtype=object), return_inverse=True)
    return codes.astype(np.int32), tuple(str(name) for name in names)
