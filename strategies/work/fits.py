"""Fits of several strategies at once, by whatever runs heavy work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data.outcomes import OutcomeTable
from strategies.protocol import Strategy
from strategies.work.here import Here
from strategies.work.pool import Done, Pool, Progress, Stop


def fits(
    candidates: Sequence[Strategy], part: OutcomeTable, *, pool: Pool | None = None, progress: Progress | None = None,
    stop: Stop | None = None,
) -> Done[Strategy]:  # fmt: skip
    """Return each candidate fitted on one part of a split, in their order; their seeds are their own, so any pool gives equal ones.

    part : sent once to the workers. pool : None = this process. progress, stop : as for `Pool.run`; `Done.at` says which of them were
    fitted. Raises what `fit` raises: LeakError for the test part, ProblemError for data that a strategy cannot learn from.
    """
    fresh = [replace(each) for each in candidates]  # what a policy has cached stays here
    return (pool or Here()).run(_fitted, fresh, shared=part, progress=progress, stop=stop)


def _fitted(part: OutcomeTable, candidate: Strategy) -> Strategy:
    """Fit one candidate: a piece of work."""
    return replace(candidate.fit(part))
