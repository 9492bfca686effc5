"""Sweeping a share: settings lie where decisions change."""

from dataclasses import dataclass

import numpy as np

from strategies import frontier, replay
from strategies.frontiers.curve import own_curves
from strategies.frontiers.refine import FIRST, refined
from strategies.knobs import knob, turned
from strategies.protocol import Card, Decision, Strategy
from tests.worlds import by_hand, unpriced


def moving(place):
    """Return a policy by whose knob query i goes to the dear model once the knob passes place[i]."""
    at = np.asarray(place, dtype=float)

    @dataclass(frozen=True, eq=False)
    class Moving(Strategy):
        card = Card(id="moving", title="Moving", family="router", source="a test", rule="as told")
        part: float = knob(0.5, low=0, high=1, unit="share", help="Who has moved.")

        def decide(self, view):
            if view.stage:
                return Decision(stop=True, answer=view.last)
            return Decision(stop=False, call=(view.feature("place")[:, 0] < self.part).astype(int))

    rng = np.random.default_rng(0)
    table = by_hand(np.stack([rng.random(len(at)) < 0.5, np.ones(len(at))], axis=1), cost=np.tile([1.0, 9.0], (len(at), 1)))
    return Moving(), table.with_feature("place", at[:, None].astype(np.float32))


def test_settings_crowd_where_queries_move():
    """Of queries that all move between 0.90 and 0.95 most settings see some, at even steps along the curve; both ends are there."""
    policy, table = moving(np.linspace(0.9, 0.95, 400))
    curve = frontier(policy, table)
    assert (curve.setting[0], curve.setting[-1]) == (0.0, 1.0)
    assert (np.diff(curve.setting) > 0).all()
    assert len(curve.setting) == 33
    assert ((curve.setting > 0.89) & (curve.setting < 0.96)).sum() > 20
    assert np.diff(curve.cost_usd).max() < 0.1 * np.ptp(curve.cost_usd)
    for i in (5, 20):
        assert curve.cost_usd[i] == replay(turned(policy, "part", float(curve.setting[i])), table).summary().cost_usd


def test_nothing_is_looked_at_twice_where_nothing_moves():
    """A knob that changes nothing costs a few looks; one jump is halved until it is narrow, and no further."""
    policy, table = moving(np.full(50, 2.0))
    assert len(frontier(policy, table).setting) == FIRST
    policy, table = moving(np.full(50, 0.3))
    settings = np.array(list(refined(lambda at: replay(turned(policy, "part", at), table), 0.0, 1.0, 99)))
    assert 9 < len(settings) < 30
    below, above = settings[settings <= 0.3].max(), settings[settings > 0.3].min()
    assert above - below < 1e-3


def test_a_cost_that_nobody_knows_does_not_stop_the_search():
    """Where costs are missing the answers alone tell where to look."""
    policy, table = moving(np.linspace(0.5, 0.55, 80))
    assert len(frontier(policy, unpriced(table)).setting) > FIRST


def test_folds_share_the_settings_of_the_first():
    """Five sweeps of their own would have five times as many settings in common; exact curves keep their own."""
    policy, table = moving(np.linspace(0.2, 0.9, 60))
    halves = [table.take(np.arange(30)), table.take(np.arange(30, 60))]
    first, second = own_curves([policy, policy], halves, "part")
    assert first.setting.tolist() == second.setting.tolist() == frontier(policy, halves[0]).setting.tolist()
