"""Every registered strategy keeps every promise that its card makes."""

from dataclasses import dataclass

import numpy as np
import pytest

from strategies.conformance import ConformanceError, checks, hold
from strategies.engines.loop import BoundLoopView
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy
from strategies.registry import discover

FOUND, BROKEN = discover()
SUITE = [pytest.param(check, id=f"{identity}: {name}") for identity, kind in FOUND.items() for name, check in checks(kind)]


@pytest.mark.parametrize("check", SUITE)
def test_conforms(check):
    """The check raises nothing."""
    check()


def test_every_file_of_strategies_can_be_imported():
    """The registry reports no problem."""
    assert BROKEN == ()


CARD = Card(id="outsider", title="Outsider", family="cascade", source="a test", rule="none", idea="Breaks one promise.")


@dataclass(frozen=True, eq=False)
class Honest(Strategy):
    """The first model, then the last where the margin is low."""

    card = CARD
    t: float = knob(0.6, low=0, high=1.01, unit="margin", help="Below it the last model is called.", cuts=1)

    def decide(self, view):
        """Cut at the margin."""
        last = len(view.models) - 1
        if view.stage == 0:
            return Decision(stop=False, call=0)
        if view.stage == 2:
            return Decision(stop=True, answer=last)
        margin = view.signal("margin", 0)
        return Decision(margin >= np.float32(self.t), 0, last, margin)


@dataclass(frozen=True, eq=False)
class Peeping(Honest):
    """Reads quality through a source that a view hides."""

    def decide(self, view):
        """Look at the truth before deciding."""
        BoundLoopView(view._state, view._seed).quality(0)
        return super().decide(view)


@dataclass(frozen=True, eq=False)
class Ranking(Honest):
    """Compares each query with the others: depends on who stands beside it."""

    def decide(self, view):
        """Cut at the median of the open queries."""
        decision = super().decide(view)
        if view.stage != 1:
            return decision
        return Decision(decision.score >= np.median(decision.score), 0, decision.call, decision.score)


@dataclass(frozen=True, eq=False)
class Coarse(Honest):
    """Breaks what a cutting knob promises: it stops where the score is strictly above."""

    def decide(self, view):
        """Use the wrong comparison."""
        decision = super().decide(view)
        return decision if view.stage != 1 else Decision(decision.score > np.float32(self.t), 0, decision.call, decision.score)


def broken(kind):
    """Return the names of the checks that a strategy fails."""
    failed = set()
    for name, check in checks(kind):
        try:
            check()
        except Exception:  # noqa: BLE001 - whatever it raises, it fails
            failed.add(name)
    return failed


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Honest, set()),
        (Peeping, {"never touches quality"}),
        (Ranking, {"rows are independent"}),
        (Coarse, {"curve of t equals replay"}),
    ],
)
def test_an_outsiders_mistake_is_found(kind, wanted):
    """The suite passes an honest strategy and names what another one breaks."""
    found = broken(kind)
    assert wanted <= found
    assert bool(found) == bool(wanted)


def test_a_broken_promise_is_a_sentence():
    """What does not hold is raised with its sentence."""
    with pytest.raises(ConformanceError, match="it is false"):
        hold(False, "it is false")
