"""The suite names what an online strategy of an outsider breaks, and passes an honest one."""

from dataclasses import dataclass

import numpy as np
import pytest

from strategies.conformance import checks
from strategies.engines.loop import BoundLoopView
from strategies.incremental import Incremental
from strategies.knobs import knob
from strategies.protocol import Card, Decision
from tests.conformance.test_conformance import broken

CARD = Card(id="online-outsider", title="Outsider", family="online", source="a test", rule="none", idea="Breaks one promise.")


@dataclass(frozen=True, eq=False)
class Honest(Incremental):
    """Tallies how right each model was, and asks the best so far; all are tried first."""

    card = CARD
    hope: float = knob(1.0, low=0, high=2, unit="bonus", help="What is hoped of a model that was not tried.")

    def learn(self, training):
        """Begin with nothing."""
        return self.with_state(count=np.zeros(len(training.models)), total=np.zeros(len(training.models)))

    def decide(self, view):
        """Ask the best so far."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        count = self.state["count"]
        mean = np.divide(self.state["total"], count, out=np.full(len(count), self.hope), where=count > 0)
        return Decision(stop=False, call=np.full(len(view), mean.argmax()))

    def absorb(self, feedback):
        """Count what is known."""
        known = feedback.called & ~np.isnan(feedback.quality)
        self.state["count"][known] += 1
        self.state["total"][known] += feedback.quality[known]


@dataclass(frozen=True, eq=False)
class Careless(Honest):
    """Writes into what it was called on."""

    def observe(self, feedback):
        """Learn in place and return itself."""
        self.absorb(feedback)
        return self


@dataclass(frozen=True, eq=False)
class Deaf(Honest):
    """Learns nothing."""

    def absorb(self, feedback):
        """Do nothing."""


@dataclass(frozen=True, eq=False)
class Gullible(Honest):
    """Takes a reward that nobody gave for a number."""

    def absorb(self, feedback):
        """Count every call."""
        self.state["count"][feedback.called] += 1
        self.state["total"][feedback.called] += feedback.quality[feedback.called]


@dataclass(frozen=True, eq=False)
class Growing(Honest):
    """Keeps every reward in an array that grows."""

    def absorb(self, feedback):
        """Lengthen a list."""
        super().absorb(feedback)
        self.state["told"] = np.append(self.state.get("told", np.zeros(0)), feedback.cost)


@dataclass(frozen=True, eq=False)
class Foreseeing(Honest):
    """Looks at how many queries will come."""

    def decide(self, view):
        """Ask by the length of the whole stream."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        return Decision(stop=False, call=np.full(len(view), view._state.source.size % len(view.models)))


@dataclass(frozen=True, eq=False)
class Peeping(Honest):
    """Learns from the truth about everybody."""

    def absorb(self, feedback):
        """Look behind the view."""
        hidden = BoundLoopView(feedback.view._state, 0)
        for m in range(len(self.state["count"])):
            self.state["count"][m] += 1
            self.state["total"][m] += np.nan_to_num(hidden.quality(m)[0])


@dataclass(frozen=True, eq=False)
class Placed(Honest):
    """Hangs on where a query stands in the table."""

    def decide(self, view):
        """Ask by the position of the row."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        rows = np.arange(len(view)) if view._state.rows is None else view._state.rows
        return Decision(stop=False, call=rows % len(view.models))


@dataclass(frozen=True, eq=False)
class Cutting(Honest):
    """Promises a cut that learning breaks."""

    hope: float = knob(1.0, low=0, high=2, unit="bonus", help="What is hoped of a model that was not tried.", cuts=1)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Honest, set()),
        (Careless, {"observes in a copy"}),
        (Deaf, {"it learns"}),
        (Gullible, {"copes with silence"}),
        (Growing, {"it learns"}),
        (Foreseeing, {"later arrivals change nothing"}),
        (Peeping, {"never touches quality", "does not see what it did not call"}),
        (Placed, {"order of rows does not matter"}),
        (Cutting, {"no knob cuts"}),
    ],
)
def test_an_outsiders_mistake_is_found(kind, wanted):
    """The checks that break are named; an honest strategy breaks none."""
    found = broken(kind)
    assert wanted <= found
    assert bool(found) == bool(wanted)


def test_an_online_strategy_is_checked_as_one():
    """Its rows depend on those before them, so that they do not is not asked; what is asked of streams is."""
    names = {name for name, _ in checks(Honest)}
    assert "rows are independent" not in names
    assert {"it learns", "a stream is observing in turn", "trace is the run"} <= names
