"""Queries that some model was not run on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Choice, Finding, at_rows, with_cells
from data.audit.evidence import LEAST, SIGMAS, association, counted, uneven
from data.audit.one_model_a_query import cascade_rows, is_log
from data.outcomes import OutcomeTable
from data.problems import listed

_NAMED = 4


class MissingCells(Check):
    """A policy that calls a hole has an unknown result there."""

    id = "missing_cells"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which the quality of some model is not known; nothing where each query was one model's, or none is scored."""
        holes = np.isnan(table.numbers["quality"])
        if not holes.any() or holes.all() or is_log(table) or cascade_rows(table).any():
            return
        share = float(holes.mean())
        rows = np.flatnonzero(holes.any(axis=1))
        yield Finding(
            id=self.id,
            severity="warning" if share > 0.01 else "info",
            title="Missing outcomes",
            rows=rows,
            models=tuple(table.models[m] for m in np.flatnonzero(holes.any(axis=0))),
            meaning=(
                f"{int(holes.sum()):,} of {holes.size:,} cells ({share:.1%}) are not known: {_by_model(table, holes)}. "
                "A strategy that calls one has an unknown value; models are compared only where all of them are known"
                f" ({counted(len(table) - len(rows), 'query', 'queries')}). {_why(table, holes)}"
            ),
            choices=_choices(table, holes),
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with every unknown quality counted as 0."""
        quality = table.numbers["quality"]
        return with_cells(table, {"quality": np.where(at_rows(table, finding) & np.isnan(quality), np.float32(0), quality)})


def _choices(table: OutcomeTable, holes: NDArray[np.bool_]) -> dict[Choice, str]:
    unbilled = holes & np.isnan(table.numbers["cost_usd"]) if table.has("cost_usd") else np.zeros_like(holes)
    wrong = "count them as wrong (0)"
    choices: dict[Choice, str] = {
        "repair": f"{wrong}; comparisons by cost still leave out those whose cost is not known" if unbilled.any() else wrong,
        "keep": "leave them unknown, and say the coverage",
    }
    if not holes.any(axis=1).all():
        choices["exclude"] = "compare on the queries where all models are known"
    return choices


def _by_model(table: OutcomeTable, holes: NDArray[np.bool_]) -> str:
    """Return how many cells each model lacks, the emptiest first."""
    counts = holes.sum(axis=0)
    order = [m for m in np.argsort(-counts, kind="stable").tolist() if counts[m]]
    return listed([f"{table.cards[m].short} {int(counts[m]):,}" for m in order], _NAMED)


def _why(table: OutcomeTable, holes: NDArray[np.bool_]) -> str:
    """Return whether the holes are at random: by a recorded probability, or as far as task, difficulty and length tell."""
    drawn = _drawn(table, holes)
    if drawn is not None:
        return drawn
    tested = [m for m in range(len(table.models)) if LEAST <= int(holes[:, m].sum()) <= len(table) - LEAST]
    if not tested:
        return "They are too few or too many to say whether they are missing at random."
    found: dict[str, list[str]] = {}
    for m in tested:
        for cause, sigmas in _causes(table, holes, m).items():
            if abs(sigmas) > SIGMAS:
                found.setdefault(cause, []).append(table.cards[m].short)
    if not found:
        return (
            "They don't depend on task, prompt length or how the other models did (none by more than 4 standard errors), "
            "so they look missing at random."
        )
    causes = "; ".join(f"on {cause} ({listed(models, _NAMED)})" for cause, models in found.items())
    return f"They are not missing at random: they depend {causes}, so means over what is known compare different queries."


def _drawn(table: OutcomeTable, holes: NDArray[np.bool_]) -> str | None:
    """Return words where every model with holes was run with a recorded probability below 1."""
    chances = table.numbers.get("propensity")
    if chances is None:
        return None
    some = holes.any(axis=0)
    run = ~holes[:, some]
    known = chances[:, some][run]
    if not len(known) or not bool(np.all((known > 0) & (known <= 1))) or not bool(np.any(known < 1)):
        return None
    low, high = float(known.min()), float(known.max())
    shown = f"{low:.3g}" if high - low < 1e-6 else f"{low:.3g} to {high:.3g}"
    return (
        f"They are missing at random with a known propensity: these models were run with the recorded probability {shown}. "
        "Weighting each outcome by one over it gives fair means, with wider intervals."
    )


def _causes(table: OutcomeTable, holes: NDArray[np.bool_], model: int) -> dict[str, float]:
    """Return what the holes of a model may depend on -> in how many standard errors they do.

    Outcomes and length are compared within tasks, so that each cause is counted once.
    """
    mine, tasks, prompts = holes[:, model], table.queries.tasks, table.queries.prompts
    causes = {} if tasks is None else {"the task": uneven(mine, tasks)}
    quality = table.numbers["quality"].astype(np.float64)
    others = np.delete(quality, model, axis=1)
    known = np.isfinite(others)
    if known.any():
        others = np.where(known, others, 0.0)
        usual = others.sum(axis=0) / np.maximum(1, known.sum(axis=0))
        hard = np.where(known, others - usual, 0.0).sum(axis=1) / np.maximum(1, known.sum(axis=1))
        seen = known.any(axis=1)
        causes["how the other models did"] = association(hard[seen], mine[seen], None if tasks is None else tasks[seen])
    if prompts is not None:
        lengths = np.array([len(text) for text in prompts.filled()], dtype=np.int64)
        causes["the length of the prompt"] = association(lengths, mine, tasks)
    return causes
