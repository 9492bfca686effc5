"""Two tables of the same queries as one: the models of the second beside those of the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.problems import refuse


def beside(first: OutcomeTable, second: OutcomeTable) -> OutcomeTable:
    """Return the table of all models, with the queries, features and samples of the first, the origin and history of the second.

    What one of them did not record is NaN for its models. Raises ProblemError where the queries' ids differ.
    """
    if first.queries.ids.to_list() != second.queries.ids.to_list():
        raise refuse("the tables are not of the same queries.", "Both need the same ids in the same order.", file=second.origin.name)
    return replace(
        first,
        models=(*first.models, *second.models),
        numbers=_columns(first, second, first.numbers, second.numbers),
        signals=_columns(first, second, first.signals, second.signals),
        responses={**first.responses, **second.responses},
        answers={**first.answers, **second.answers},
        cards=(*first.cards, *second.cards),
        origin=second.origin,
        history=second.history,
        stored_fingerprint="",
    )


def _columns(first: OutcomeTable, second: OutcomeTable, left: Mapping[str, Floats], right: Mapping[str, Floats]) -> dict[str, Floats]:
    nothing = [np.full((len(first), len(table.models)), np.nan, np.float32) for table in (first, second)]
    return {name: np.hstack([left.get(name, nothing[0]), right.get(name, nothing[1])]) for name in dict.fromkeys((*left, *right))}
