"""The exact frontier of a batch method's plan: its moves, one after the other, in one pass."""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable
from strategies.batch import BatchRouter, Plan
from strategies.engines.loop import State, view_for
from strategies.engines.recorded import columns
from strategies.engines.source import Source
from strategies.frontiers.breakpoints import called_alone
from strategies.frontiers.moves import Moves


def plan_of(policy: BatchRouter, data: OutcomeTable | Source) -> Plan:
    """Return who is called at every setting, as the policy plans it for all queries of the data together."""
    return policy.plan(*policy.estimate(view_for(policy, State(columns(data)))))


def planned_moves(plan: Plan, data: OutcomeTable | Source) -> Moves:
    """Return the plan's moves with their outcomes."""
    source: Source = columns(data)
    order = np.argsort(plan.row, kind="stable")
    row, to = plan.row[order], plan.to[order]
    before = plan.start[row]
    again = np.flatnonzero(row[1:] == row[:-1]) + 1
    before[again] = to[again - 1]
    return Moves(
        start=called_alone(source, np.arange(len(plan.start)), plan.start), row=row, at=plan.at[order],
        before=called_alone(source, row, before), after=called_alone(source, row, to),
    )  # fmt: skip
