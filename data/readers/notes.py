"""What goes wrong while a mapping is applied, collected with its rows so that the good ones stay usable."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from data.problems import Problem, ProblemError
from data.readers.base import Sheet

_KEPT_PER_COLUMN = 20


class Notes:
    """Problems of one sheet: the first of each column in full, all of their rows as a mask."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.bad = np.zeros(len(sheet), dtype=np.bool_)
        self._at = np.arange(len(sheet))
        self.warnings: list[Problem] = []
        self.history: list[tuple[str, str, dict[str, object]]] = []
        self._found: list[tuple[int, Problem]] = []
        self._more = 0

    def rows(self, at: NDArray[np.bool_], what: Iterable[str], fix: str, column: str) -> None:
        """Note a problem for every row of the (n,) mask; `what` yields a sentence for each of them in order."""
        self.bad |= at
        positions = np.flatnonzero(at)
        for row, words in zip(positions[:_KEPT_PER_COLUMN].tolist(), what, strict=False):
            file, number = self.sheet.place(row)
            self._found.append((row, Problem(what=words, fix=fix, file=file, row=number, column=column)))
        self._more += max(0, len(positions) - _KEPT_PER_COLUMN)

    def narrow(self, keep: NDArray[np.bool_]) -> None:
        """Go on with some rows of the sheet only, (n,) booleans."""
        self.sheet, self.bad, self._at = self.sheet.take(np.flatnonzero(keep)), self.bad[keep], self._at[keep]

    @property
    def bad_rows(self) -> NDArray[np.int64]:
        """Return the positions of the rows with problems in the sheet as it was given."""
        return self._at[self.bad]

    def whole(self, what: str, fix: str, column: str = "") -> None:
        """Note a problem of the whole file, or of a whole column."""
        self._found.append((-1, Problem(what=what, fix=fix, file=self.sheet.file, column=column)))

    def warn(self, what: str, fix: str, column: str = "") -> None:
        """Note something that was assumed, or that a person should know; it stops nothing."""
        self.warnings.append(Problem(what=what, fix=fix, file=self.sheet.file, column=column))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems in the order of their rows, those of the sheet's own reading first."""
        ordered = sorted(self._found, key=lambda pair: pair[0])
        return (*self.sheet.problems, *(problem for _, problem in ordered))

    @property
    def hopeless(self) -> bool:
        """Whether something is wrong that leaving rows out doesn't mend."""
        return any(row < 0 for row, _ in self._found)

    def check(self) -> None:
        """Raise ProblemError if anything was noted."""
        if self.problems:
            raise ProblemError(*self.problems)
