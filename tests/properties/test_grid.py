"""The grid of two thresholds on any table: ties, holes, silent scores, chains of three and four."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies import find, replay
from strategies.frontiers.bins import COUNT, cutting
from strategies.frontiers.grid import grid
from strategies.knobs import turned
from tests.worlds import drawn

ENOUGH = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LOOKED_AT = 6
levels = st.sampled_from([0.0, 0.2, 0.5, 0.5000001, 1.0, 1.01]) | st.floats(0, 1.01)


@st.composite
def cascades(draw):
    """Draw a table of three or four models, a margin cascade over them in some order, two of its knobs, and settings or none."""
    table = draw(drawn(most=14).filter(lambda each: len(each.models) > 2))
    chain = draw(st.permutations(table.models).flatmap(lambda order: st.integers(3, len(order)).map(lambda k: tuple(order[:k]))))
    policy = find("margin-cascade")(chain=chain, thresholds=tuple(draw(levels) for _ in chain[1:]), signal="margin")
    knobs = draw(st.sampled_from([(a, b) for a in cutting(policy) for b in cutting(policy) if a < b]))
    own = draw(st.booleans())
    given_ = None if own else tuple(np.unique(draw(st.lists(levels, min_size=1, max_size=5))) for _ in range(2))
    return table, policy, knobs, given_


@ENOUGH
@given(cascades(), st.randoms(use_true_random=False))
def test_a_grid_is_brute_force(case, random):
    """At pairs of settings, both corners among them, a replay has the same sums to 1e-9 and the same shares."""
    table, policy, knobs, given_ = case
    found = grid(policy, table, knobs, given_)
    assert max(found.quality.shape) <= COUNT
    pairs = [(i, j) for i in range(found.quality.shape[0]) for j in range(found.quality.shape[1])]
    for i, j in {pairs[0], pairs[-1], *random.sample(pairs, min(LOOKED_AT, len(pairs)))}:
        once = turned(turned(policy, knobs[0], found.settings[0][i]), knobs[1], found.settings[1][j])
        wanted = replay(once, table).summary()
        shown = [found.quality[i, j], found.cost_usd[i, j], found.latency_s[i, j]]
        assert shown == pytest.approx([wanted.quality, wanted.cost_usd, wanted.latency_s], rel=1e-9, abs=1e-12, nan_ok=True)
        assert found.answered[:, i, j] == pytest.approx(list(wanted.answered.values()), abs=1e-6)
        assert found.called[:, i, j] == pytest.approx(list(wanted.called.values()), abs=1e-6)
