"""Repeated answers of one model to one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Repeated answers as a ragged second table: s rows, sorted by (query, model).

    query, model : (s,) positions in the outcome table. quality : (s,). code : (s,) int32, equal = same answer, -1 = none.
    """

    query: NDArray[np.int32]
    model: NDArray[np.int32]
    quality: NDArray[np.float32]
    code: NDArray[np.int32]

    def at(self, rows: NDArray[np.int64], size: int) -> Samples:
        """Return the samples of the queries at (k,) positions of `size`, numbered anew."""
        return self._kept(query=_renumbered(self.query, rows, size), model=self.model)

    def of(self, models: Sequence[int], size: int) -> Samples:
        """Return the samples of the models at some positions of `size`, numbered anew."""
        return self._kept(query=self.query, model=_renumbered(self.model, np.asarray(models), size))

    def dense(self, model: int, size: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return (size, K) codes and qualities of one model, K the most that any query has; -1 and NaN where there are fewer."""
        mine = np.flatnonzero(self.model == model)
        query = self.query[mine]
        count = np.bincount(query, minlength=size)
        place = np.arange(len(mine)) - (np.cumsum(count) - count)[query]
        code = np.full((size, int(count.max(initial=0))), -1, dtype=np.int32)
        quality = np.full(code.shape, np.nan, dtype=np.float32)
        code[query, place], quality[query, place] = self.code[mine], self.quality[mine]
        return code, quality

    def _kept(self, *, query: NDArray[np.int32], model: NDArray[np.int32]) -> Samples:
        """Return the samples whose query and model are still there (not -1), sorted again."""
        keep = np.flatnonzero((query >= 0) & (model >= 0))
        order = keep[np.lexsort((model[keep], query[keep]))]
        return Samples(query=query[order], model=model[order], quality=self.quality[order], code=self.code[order])


def _renumbered(old: NDArray[np.int32], at: NDArray[Any], size: int) -> NDArray[np.int32]:
    place = np.full(size, -1, dtype=np.int32)
    place[at] = np.arange(len(at), dtype=np.int32)
    return place[old]
