"""A log in which each query went to one model, and calls that nobody scored."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Choice, Finding
from data.audit.evidence import LEAST, counted
from data.outcomes import OutcomeTable

_MOSTLY = 0.9


class OneModelAQuery(Check):
    """What another model would have answered is not in such a log; what can be said depends on how the model was picked."""

    id = "one_model_a_query"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows that one model alone answered, where nearly all are such, and the rows without any score."""
        log, cascade = is_log(table), bool(cascade_rows(table).any())
        if log and not cascade:
            yield self._log(table)
        if log or cascade or np.isnan(table.numbers["quality"]).all():  # else they are missing cells
            yield from self._no_quality(table)

    def _log(self, table: OutcomeTable) -> Finding:
        made = called(table)
        alone = made.sum(axis=1) == 1
        words, known = _policy(table, alone)
        return Finding(
            id=self.id,
            severity="info" if known else "warning",
            title="Each query was run by one model",
            rows=np.flatnonzero(alone),
            models=tuple(table.models[m] for m in np.flatnonzero(made[alone].any(axis=0))),
            meaning=(
                f"{int(alone.sum()):,} of {counted(len(table), 'query', 'queries')} were run by a single model. What each model cost, how "
                f"long it took and how it did on its own queries can be said; no strategy can be replayed on them. {words}"
            ),
            choices={"keep": "read each model by itself"},
        )

    def _no_quality(self, table: OutcomeTable) -> Iterator[Finding]:
        unscored = np.isnan(table.numbers["quality"]).all(axis=1)
        if not unscored.any():
            return
        every = bool(unscored.all())
        choices: dict[Choice, str] = {"keep": "leave them unscored"}
        if not every:
            choices["exclude"] = "leave these queries out"
        yield Finding(
            id=f"{self.id}.no_quality",
            severity="warning",
            title="No score" if every else "Queries without any score",
            rows=np.flatnonzero(unscored),
            models=tuple(table.models[m] for m in np.flatnonzero(called(table)[unscored].any(axis=0))),
            meaning=(
                "Nothing says whether an answer was right: cost, latency and tokens can be looked at, quality and every trade-off can't. "
                "Add scores, or references against which answers can be scored."
                if every
                else f"{counted(int(unscored.sum()), 'query has', 'queries have')} no score from any model, so no comparison counts them; "
                "if scores fail on hard or long answers, the rest looks better than it is."
            ),
            choices=choices,
        )


def is_log(table: OutcomeTable) -> bool:
    """Whether at least nine in ten of the queries of which a call is recorded were run by one model, of several."""
    return len(table.models) > 1 and _mostly_one(called(table))


def cascade_rows(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (n,) whether only one of the calls of a query is scored, in a log where some queries took one call and others several."""
    known, calls = ~np.isnan(table.numbers["quality"]), called(table).sum(axis=1)
    one = known.sum(axis=1) == 1
    found = len(table.models) > 1 and _mostly_one(known) and int((one & (calls > 1)).sum()) >= LEAST and bool((one & (calls == 1)).any())
    return one if found else np.zeros_like(one)


def called(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (n, M) whether anything of a call is recorded; a probability may be there for calls that were not made."""
    made = np.zeros((len(table), len(table.models)), dtype=np.bool_)
    for name, values in table.numbers.items():
        if name != "propensity":
            made |= ~np.isnan(values)
    return made


def _mostly_one(made: NDArray[np.bool_]) -> bool:
    runs = made.sum(axis=1)
    return bool(runs.any()) and int((runs == 1).sum()) >= _MOSTLY * int((runs > 0).sum())


def _policy(table: OutcomeTable, alone: NDArray[np.bool_]) -> tuple[str, bool]:
    """Return what is known of how the models were picked, in words, and whether policies can be valued with it."""
    chances = table.numbers.get("propensity")
    picked = np.array([], dtype=np.float32) if chances is None else chances[called(table) & alone[:, None]]
    least = float(picked.min()) if len(picked) and not np.isnan(picked).any() else float("nan")
    if least > 0 and bool((picked < 1).any()):
        words = (
            f"The probability of each pick is recorded (at least {least:.3g}), so the value of another policy can be estimated by "
            "weighting each query by one over it, with wide intervals, as long as that policy only picks what this one might have picked."
        )
        return words, True
    if least == 1:
        words = "The model was picked by a fixed rule (probability 1): nothing is known of what any other pick would have given."
    elif least <= 0:
        words = "Some picks have the recorded probability 0, which can't be."
    else:
        some = "" if np.isnan(picked).all() else " for all of them"
        words = f"With which probability the model was picked is not recorded{some}: a model may have got the easier queries."
    return f"{words} So these means can't be compared, and no other policy can be valued from this log.", False
