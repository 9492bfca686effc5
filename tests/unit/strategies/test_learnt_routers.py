"""Every router that is learnt from embeddings, on data that is small, empty, constant or full of holes."""

import numpy as np
import pytest

from strategies import find, frontier, replay
from strategies.knobs import turns
from tests.embedded import at_points, scattered
from tests.worlds import NAN

EXPECTING = ("ridge-router", "mlp-router", "boosted-router", "cluster-router", "carrot", "tryage", "zooter", "forc", "routoo")
PAIRS = ("hybrid-llm", "routellm-sw", "routellm-mf", "routellm-classifier")
BATCH = ("forc-batch", "optllm")
RNG = np.random.default_rng(4)
POINTS = scattered(24, 5, 3)
GRADED = RNG.random((24, 2))
COST = RNG.random((24, 2)) + np.array([0.1, 1.0])

WORLDS = {
    "two queries": at_points([[1, 0], [0, 1]], [[1, 0], [0, 1]], cost=[[1, 2], [1, 2]]),
    "graded": at_points(POINTS, GRADED, cost=COST),
    "one vector for all": at_points(np.tile([0.6, 0.8], (24, 1)), GRADED, cost=COST),
    "vectors of nothing": at_points(np.zeros((24, 3)), GRADED, cost=COST),
    "nearly always right": at_points(POINTS, np.array([[1, 1]] * 23 + [[0, 1]]), cost=COST),
    "one price": at_points(POINTS, GRADED, cost=np.ones((24, 2))),
    "holes": at_points(
        POINTS,
        np.where((np.arange(24) % 5 == 0)[:, None] & [[True, False]], NAN, GRADED),
        cost=np.where((np.arange(24) % 7 == 0)[:, None], NAN, COST),
    ),
    "more dimensions than queries": at_points(scattered(24, 6, 60), GRADED, cost=COST),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", [*EXPECTING, *PAIRS, *BATCH])
def test_it_fits_and_decides_without_a_warning(kind, world):
    """A model is called on each query, the curve has both ends, the scores are numbers."""
    table = WORLDS[world]
    policy = find(kind)().fit(table)
    run = replay(policy, table)
    assert np.isin(run.answer, [0, 1]).all()
    assert not np.isnan(run.score(0)).any()
    curve = frontier(policy, table, turns(policy)[0].name)
    assert len(curve.setting) >= 1
    assert curve.answered.sum(axis=0) == pytest.approx(np.ones(len(curve.setting)))


@pytest.mark.parametrize("kind", [*EXPECTING, *PAIRS])
def test_one_query_alone_is_decided_as_among_all(kind):
    """What the live page asks of one prompt is what the replay said of it, to the bit."""
    table = WORLDS["graded"]
    policy = find(kind)().fit(table)
    run = replay(policy, table)
    for row in (0, 11, 23):
        one = replay(policy, table.take(np.array([row])))
        assert one.answer[0] == run.answer[row]
        assert one.score(0)[0] == run.score(0)[row]
    none = replay(policy, table.take(np.array([], dtype=int)))
    assert none.n == 0
