"""Prompts that are known to be in some model's, or router's, training data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Choice, Finding
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.problems import listed
from data.readers.base import ALSO_IN
from data.texts import Texts

_NAMES = frozenset({"contaminated", "contamination"})
_NO = frozenset({"", "no", "false", "0", "nan", "none"})
_WORDS = frozenset({"yes", "true", "1", "contaminated", "likely_contaminated"})


class Contaminated(Check):
    """A list or column that came with the data names them; published figures are mostly without these rows."""

    id = "contaminated"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows that a companion file or a column marks, and those whose prompt is in another file of the set too."""
        rows = _marked(table)
        if len(rows):
            yield Finding(
                id=self.id,
                severity="warning",
                title="Contaminated prompts",
                rows=rows,
                models=(),
                meaning="The data says that these prompts are known, or likely, to be in training data, so they may be too easy.",
                choices={"exclude": "leave them out, as the published figures do", "keep": "count them"},
            )
        yield from self._elsewhere(table)

    def _elsewhere(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows that train and test files share: of a prompt in both, what is learnt in one is known in the other."""
        marks = {name: _yes(column) for name, column in table.queries.meta.items() if name.startswith(ALSO_IN)}
        marks = {name.removeprefix(ALSO_IN): mine for name, mine in marks.items() if mine.any()}
        if not marks:
            return
        rows = np.logical_or.reduce(list(marks.values()))
        shared = listed([f"{int(mine.sum()):,} in {file}" for file, mine in marks.items()], 4)
        choices: dict[Choice, str] = {"keep": "count them"}
        if not rows.all():
            choices["exclude"] = "leave them out"
        yield Finding(
            id=f"{self.id}.other_file",
            severity="warning",
            title="Prompts that another file of the set holds too",
            rows=np.flatnonzero(rows),
            models=(),
            meaning=(
                f"{counted(int(rows.sum()), 'prompt')} of {len(table):,} occur in another file that came with this one ({shared}). "
                "What is fitted on one of the files has seen them, so its figures on the other are too good."
            ),
            choices=choices,
        )


def _yes(column: Texts) -> NDArray[np.bool_]:
    return np.array([(mark or "").strip().lower() not in _NO for mark in column], dtype=np.bool_)


def _marked(table: OutcomeTable) -> NDArray[np.int64]:
    rows = np.zeros(len(table), dtype=np.bool_)
    for name, marks in table.queries.meta.items():
        if name.rsplit(".", 1)[-1].lower() in _NAMES:
            rows |= np.array([(mark or "").lower() in _WORDS for mark in marks], dtype=np.bool_)
    return np.flatnonzero(rows)
