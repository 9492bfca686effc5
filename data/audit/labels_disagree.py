"""Scores that the recorded answers and references don't bear out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.problems import listed
from data.readers.wide import scorer_for
from data.scoring import scorers

_CELLS_MOST = 50_000
_CELLS_LEAST = 10  # of a label, before an agreement is believed
_SHARE = 0.01
_SAMPLE = 500
_NAMED = 4
# With how much agreement a scorer is taken for the one that made the labels, where the data doesn't name it. A number is read from an
# answer safely, a letter less so; that two texts are equal says little unless it nearly always agrees.
_TRUST = {"numeric": 0.8, "multiple_choice": 0.9, "normalised": 0.95, "exact": 0.95}
_TRUST_NAMED = 0.8
_Said: TypeAlias = tuple[str, str]


class LabelsDisagree(Check):
    """An answer that equals its reference and is recorded as wrong, or the other way round: a judge erred, or rows were mixed up."""

    id = "labels_disagree"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which scoring the recorded answer anew gives another label, where that is over 1 % of a model's cells.

        Each task has its scorer: the one that the table names if it is one of ours, else the one that its references ask for and that
        agrees best. Silent for a task where it doesn't agree with most of the right and most of the wrong labels (`_TRUST`): they come
        from another scorer, and nothing can be said. At most 50,000 cells, in evenly spaced rows.
        """
        again = _compared(table)
        counts, cells = again.wrong.sum(axis=0), again.checked.sum(axis=0)
        guilty = np.flatnonzero(counts > np.maximum(0, _SHARE * cells))
        if not len(guilty):
            return
        wrong = again.wrong & np.isin(np.arange(len(table.models)), guilty)
        order = guilty[np.argsort(-counts[guilty], kind="stable")]
        said = [f"{table.cards[m].short} {int(counts[m]):,} of {int(cells[m]):,}" for m in order.tolist()]
        right = int((wrong & (table.numbers["quality"] == 1)).sum())
        drawn = f" {int(cells.sum()):,} cells, evenly drawn, were checked." if wrong.size > _CELLS_MOST else ""
        yield Finding(
            id=self.id,
            severity="warning",
            title="Scores that disagree with the answers",
            rows=np.flatnonzero(wrong.any(axis=1)),
            models=tuple(table.models[m] for m in guilty),
            meaning=(
                f"Scored anew ({listed(sorted(scorers()[each].title.lower() for each in again.used))}), "
                f"{counted(int(wrong.sum()), 'cell gets', 'cells get')} another score ({listed(said, _NAMED)}): {right:,} recorded right "
                f"and found wrong, {int(wrong.sum()) - right:,} recorded wrong and found right. Either the labels or the scorer err there, "
                f"and the means of these models are uncertain by as much.{drawn}"
            ),
            choices={
                "repair": "take the score that the answer gets",
                "exclude": "leave these queries out for all models",
                "keep": "trust the recorded scores",
            },
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the labels of these cells turned round."""
        wrong = _compared(table).wrong & at_rows(table, finding) & np.isin(table.models, finding.models)
        quality = table.numbers["quality"]
        return with_cells(table, {"quality": np.where(wrong, 1 - quality, quality)})


@dataclass(frozen=True, eq=False, slots=True)
class _Again:
    """What scoring anew gave: (n, M) whether a label is another one, (n, M) whether it was checked, and the scorers used."""

    wrong: NDArray[np.bool_]
    checked: NDArray[np.bool_]
    used: set[str] = field(default_factory=set)


def _compared(table: OutcomeTable) -> _Again:
    """Return what scoring the answers anew gives, task by task, where a scorer is trusted."""
    shape = (len(table), len(table.models))
    again = _Again(np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_))
    if table.queries.references is None or not (table.responses or table.answers):
        return again
    wanted = table.queries.references.filled()
    said = [_said(table, model) for model in table.models]
    quality = table.numbers["quality"]
    step = np.unique(np.linspace(0, shape[0] - 1, min(shape[0], max(1, _CELLS_MOST // shape[1]))).astype(np.int64))
    tasks = np.zeros(shape[0], dtype=np.int32) if table.queries.tasks is None else table.queries.tasks
    for task in np.unique(tasks[step]).tolist():
        cells = [
            (row, m)
            for row in step[tasks[step] == task].tolist()
            for m in range(shape[1])
            if quality[row, m] in (0.0, 1.0) and any(said[m][row]) and wanted[row].strip()
        ]
        scorer, found = _trusted(table, cells, [(said[m][row], wanted[row]) for row, m in cells])
        again.used.update([scorer] if scorer else [])
        for (row, m), right in zip(cells, found, strict=False):
            again.checked[row, m] = right is not None
            again.wrong[row, m] = right is not None and right != (quality[row, m] == 1.0)
    return again


def _trusted(table: OutcomeTable, cells: list[tuple[int, int]], texts: list[tuple[_Said, str]]) -> tuple[str, list[bool | None]]:
    """Return the scorer that agrees best with some cells' labels and what it finds; "" and nothing where none is trusted."""
    labels = [table.numbers["quality"][row, m] == 1.0 for row, m in cells]
    named = table.origin.scorer if table.origin.scorer in scorers() else ""
    fits = named or scorer_for([reference for _, reference in texts[:: max(1, len(texts) // _SAMPLE)]])
    best: tuple[float, str, list[bool | None]] = (0.0, "", [])
    for each in [named] if named else list(dict.fromkeys((fits, "exact", "normalised"))):
        if not each:
            continue
        score = _scored(each)
        found = [score(*pair) for pair in texts]
        agreed = _agreement(labels, found)
        if agreed >= (_TRUST_NAMED if named else _TRUST[each]) and agreed > best[0]:
            best = (agreed, each, found)
    return best[1], best[2]


def _agreement(labels: Sequence[bool], found: Sequence[bool | None]) -> float:
    """Return with what share of the right labels a scorer agrees, or of the wrong ones if that is less; 0 without enough of them.

    Both sides count: where nearly all labels are wrong, a scorer that finds nothing right agrees with nearly all.
    """
    known = np.array([right is not None for right in found], dtype=np.bool_)
    same = np.array([right == label for label, right in zip(labels, found, strict=True)], dtype=np.bool_)[known]
    right = np.array(labels, dtype=np.bool_)[known]
    sides = [same[mine] for mine in (right, ~right) if mine.sum() >= _CELLS_LEAST]
    return min(float(side.mean()) for side in sides) if right.sum() >= _CELLS_LEAST else 0.0


def _scored(scorer: str) -> Callable[[_Said, str], bool | None]:
    """Return whether an answer is right, None where that can't be told; a number or a letter is read from all that was said.

    Equal are the short form and the reference without the quotation marks around the whole of them; what is left may have spaces at
    its ends, which a file doesn't keep safely: then nothing is told.
    """
    score = scorers()[scorer].score
    if scorer == "exact":
        return lambda said, reference: _equal(said[0] or said[1], reference)
    first = 0 if scorer == "normalised" else 1
    remembered = lru_cache(maxsize=_CELLS_MOST)(lambda answer, reference: score(answer, reference) >= 1)
    return lambda said, reference: bool(remembered(said[first] or said[1 - first], reference))


def _equal(answer: str, reference: str) -> bool | None:
    answer, reference = (text.strip().strip("'\"") for text in (answer, reference))
    return answer.strip() == reference if reference and reference == reference.strip() else None


def _said(table: OutcomeTable, model: str) -> list[_Said]:
    """Return n pairs of a model's short answer and its whole response, "" where one is not recorded."""
    texts = [column.get(model) for column in (table.answers, table.responses)]
    short, whole = ([""] * len(table) if column is None else column.filled() for column in texts)
    return list(zip(short, whole, strict=True))
