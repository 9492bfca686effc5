"""Texts that are there only where the answer was right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.problems import listed
from data.texts import Texts

_LEAST = 5
_NEARLY_ALL = 0.9


class AnswersReveal(Check):
    """A log that kept a text only where it was right: whoever reads the text, or its length, reads the outcome."""

    id = "answers_reveal"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which a model's text is missing because its answer was wrong.

        A model counts where at least five runs have no text, all of them wrong, and at least nine of ten wrong runs have none. A tool
        that says by its signal `answered` that it could not answer hides nothing.
        """
        empty = {m: found for m in range(len(table.models)) if (found := _emptied(table, m)).any()}
        if not empty:
            return
        rows = np.flatnonzero(np.any(list(empty.values()), axis=0))
        count = sum(int(each.sum()) for each in empty.values())
        yield Finding(
            id=self.id,
            severity="warning",
            title="Texts kept only where they were right",
            rows=rows,
            models=tuple(table.models[m] for m in empty),
            meaning=(
                f"{counted(count, 'answer has', 'answers have')} no text, and every one of them is wrong: the text was kept only where the "
                "answer passed. A confidence that is read from the texts (their length, whether they agree) would know the outcome, so a "
                "cascade that uses it looks better than it can be."
            ),
            choices={
                "repair": f"take the texts of {listed([table.cards[m].short for m in empty], 4)} as not recorded",
                "exclude": "leave these queries out for all models",
                "keep": "the texts stay; don't trust a confidence that is read from them",
            },
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table without the texts of these models; their scores stay."""
        gone = set(finding.models)
        kept = [{name: text for name, text in each.items() if name not in gone} for each in (table.responses, table.answers)]
        return replace(table, responses=kept[0], answers=kept[1], stored_fingerprint="")


def _emptied(table: OutcomeTable, model: int) -> NDArray[np.bool_]:
    """Return (n,) whether a run of a model has no text because it was wrong; all False where the texts don't reveal it."""
    nothing = np.zeros(len(table), dtype=np.bool_)
    texts = table.responses.get(table.models[model])
    if texts is None or _says_so(table, model):
        return nothing
    quality = table.quality(model)
    ran, wrong = ~np.isnan(quality), quality == 0
    empty = ran & ~_filled(texts)
    reveals = empty.sum() >= _LEAST and bool(wrong[empty].all()) and empty.sum() >= _NEARLY_ALL * wrong.sum() and bool((ran & ~empty).any())
    return empty if reveals else nothing


def _says_so(table: OutcomeTable, model: int) -> bool:
    """Whether a model has a signal of its own for "no answer"."""
    answered = table.signals.get("answered")
    return answered is not None and bool((answered[:, model] == 0).any())


def _filled(texts: Texts) -> NDArray[np.bool_]:
    """Return (n,) whether a text holds anything but white space."""
    import pyarrow.compute as pc

    array = texts.arrow()
    said = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(array)), 0).fill_null(False)
    combined = said.combine_chunks() if hasattr(said, "combine_chunks") else said
    return np.asarray(combined.to_numpy(zero_copy_only=False), dtype=np.bool_)
