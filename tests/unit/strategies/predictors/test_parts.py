"""Seeded halves and samples of what a strategy learns from."""

import numpy as np

from strategies.engines.recorded import Columns
from strategies.predictors.parts import halves, some
from strategies.protocol import Training
from tests.worlds import proving_ground


def learnt(table):
    """Return the training of a table."""
    return Training(table, Columns(table))


def test_halves_share_no_query_and_leave_none_out():
    """Each query is scored once, by what was learnt on the other half."""
    table = proving_ground(31, 2)
    seen = []
    for part, rows in halves(learnt(table), seed=1):
        assert set(part.table.queries.ids) & {table.queries.ids[i] for i in rows} == set()
        seen += rows.tolist()
    assert sorted(seen) == list(range(31))


def test_a_lone_query_is_on_both_sides():
    """There is nothing to halve."""
    ((part, rows),) = halves(learnt(proving_ground(1, 2)), seed=0)
    assert (len(part), rows.tolist()) == (1, [0])


def test_a_sample_hangs_on_the_queries_not_on_their_order():
    """The same queries are drawn whatever row they stand in; another seed draws others; few enough are all taken."""
    table = proving_ground(40, 2)
    turned = table.take(np.arange(40)[::-1])
    drawn = [set(some(learnt(t), 10, seed).table.queries.ids) for t, seed in ((table, 0), (turned, 0), (table, 1))]
    assert len(drawn[0]) == 10
    assert drawn[0] == drawn[1] != drawn[2]
    whole = learnt(table)
    assert some(whole, 40, 0) is whole
