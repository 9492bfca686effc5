"""RouterBench's predictive router with a line a model (arXiv 2403.12031): the rule by hand, and what foresight has to be worth."""

import numpy as np
import pytest

from strategies import find, frontier, replay
from tests.embedded import at_points, drawn_right, halves

RIDGE = find("ridge-router")


def test_the_rule_by_hand():
    """With q = (0.3 + 0.1 x1 + 0.2 x2, 0.6 + 0.1 x2), c = (1, 3 + 2 x1): both trades turn at lambda = 0.05."""
    policy = RIDGE().with_state(
        names=np.array(["a", "b"]), mean=np.zeros(4), spread=np.ones(4), low=np.array([0, 0, 0, 0.0]), high=np.array([1, 1, 9, 9.0]),
        coefficients=np.array([[0.1, 0.2], [0.0, 0.1], [0, 0], [2, 0.0]]), intercept=np.array([0.3, 0.6, 1, 3.0]),
    )  # fmt: skip
    table = at_points([[1, 0], [0, 2]], [[0, 1], [1, 0]], cost=[[1, 5], [1, 3]])
    # x = (1, 0): q = (0.4, 0.6), c = (1, 5): b pays 0.2 for 4, so it wins below 0.05. x = (0, 2): q = (0.7, 0.8), c = (1, 3): below 0.05.
    assert replay(policy, table).answer.tolist() == [1, 1]
    curve = frontier(policy, table, "lam")
    assert replay(RIDGE(lam=0.049, state=policy.state), table).answer.tolist() == [1, 1]
    assert replay(RIDGE(lam=0.051, state=policy.state), table).answer.tolist() == [0, 0]
    assert curve.answered[:, -1].tolist() == [1, 0]
    assert replay(RIDGE(lam=0.02, state=policy.state), table).score(0) == pytest.approx([0.6 - 0.1, 0.8 - 0.06])


def table_of(slope):
    """Return a maker of tables whose cheap model is right with chance 0.5 + slope * x1, the dear one with 0.8."""

    def make(points, seed):
        chance = np.stack([0.5 + slope * points[:, 0], np.full(len(points), 0.8)], axis=1)
        return at_points(points, drawn_right(chance, seed), cost=np.tile([1.0, 10.0], (len(points), 1)))

    return make


@pytest.mark.parametrize(("slope", "least", "most"), [(0.45, 0.05, 1.0), (0.0, -1.0, 0.02)])
def test_it_beats_blind_mixing_where_the_query_tells_and_only_there(slope, least, most):
    """RouterBench's yardstick: the gain over the Zero router (the chord of two models) is real with foresight, nil without."""
    fit, test = halves(table_of(slope))
    curve = frontier(RIDGE().fit(fit), test)
    mix = np.interp(curve.cost_usd, [1, 10], [test.quality(m).mean() for m in range(2)])
    assert least < (curve.quality - mix).max() < most
