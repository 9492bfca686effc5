"""Two strategies, or a strategy and a single model, beside each other: which outcomes, at which goal, counted by task."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.registry import find
from strategies.study.beside import MODEL, Asked, Side, asked, beside, known, measured
from strategies.study.compare import begun
from strategies.study.compare_row import goal_beside, row
from strategies.study.compare_values import Comparison
from strategies.study.curves import fitted, shown, started
from strategies.study.prepare import Study, prepare
from strategies.uncertainty.versus import Verdict, versus
from tests.unit.strategies.study.test_study import world


@pytest.fixture(scope="module")
def study() -> Study:
    """A study with one split."""
    return prepare(world(1200))


@pytest.fixture(scope="module")
def now(study: Study) -> Comparison:
    """A comparison of two."""
    rows = tuple(row(study, find(name), keep=0.97) for name in ("margin-cascade", "random-mix"))
    return replace(begun(study, []), rows=rows)


def test_what_a_row_keeps_is_what_its_points_say(study: Study, now: Comparison) -> None:
    """Means of the outcomes that are kept are the row's figures at all three points."""
    for point in ("at", "equal_quality", "equal_cost"):
        side = known(study, now, Asked(id="margin-cascade", point=point))
        told = getattr(now.row("margin-cascade"), point)
        assert side is not None
        assert side.quality.mean(dtype=float) == pytest.approx(told.quality)
        assert side.cost.mean(dtype=float) == pytest.approx(told.cost)
        assert side.met == told.met
        assert len(side.quality) == len(study.rows)


def test_against_a_single_model_the_goal_is_that_models(study: Study, now: Comparison) -> None:
    """At equal cost with the cheap model the cascade may spend no more than it; that is fitted anew, for rows keep the best one's goal."""
    cheap, best = study.pool[0], study.best
    pair = ("margin-cascade", f"{MODEL}{cheap}")
    first, second = asked(study, pair, "equal_cost")
    assert (first.model, second.id) == (cheap, pair[1])
    assert known(study, now, first) is None
    assert asked(study, pair, "at")[0].model == ""
    usual = asked(study, ("margin-cascade", "random-mix"), "equal_cost")[0]
    assert usual.model == best
    assert known(study, now, usual) is not None
    side, alone = measured(study, find("margin-cascade"), first, keep=0.97), known(study, now, second)
    wanted = shown(started(fitted(study, find("margin-cascade")()), goal_beside(study, "equal_cost", cheap)))
    assert alone is not None
    assert np.array_equal(side.quality, wanted.quality)
    assert np.array_equal(alone.quality, study.tested.quality(cheap))
    assert side.cost.mean() <= 1.1 * alone.cost.mean()
    again = measured(study, find("margin-cascade"), usual, keep=0.97)
    assert np.array_equal(again.quality, now.row("margin-cascade").kept["equal_cost"][0])


def test_equal_quality_with_a_model_is_as_good_on_calibrate(study: Study) -> None:
    """The goal is that model's own quality on calibrate, not that of the best there."""
    goal = goal_beside(study, "equal_quality", study.pool[1])
    quality = study.parts[0].calibrate.mean("quality")
    assert goal.keep == pytest.approx(quality[study.pool[1]] / max(quality.values()))
    with pytest.raises(ProblemError, match="no point"):
        asked(study, ("a", "b"), "nowhere")


def test_wins_ties_and_losses_are_counted_by_task(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand-made: A wins 30 of the first task, loses 10 of the second; the figures are those of `versus` with the tasks as strata."""
    n = len(study.rows)
    tasks = (np.arange(n) >= 200).astype(np.int32)
    monkeypatch.setattr(Study, "strata", property(lambda _: tasks))
    object.__setattr__(study.tested.queries, "task_names", ("easy", "hard"))
    base = np.tile([0.0, 1.0], n // 2 + 1)[:n].astype(np.float32)
    better = base.copy()
    better[np.flatnonzero(base[:200] == 0)[:30]] = 1
    better[200 + np.flatnonzero(base[200:] == 1)[:10]] = 0
    cost = np.ones(n, dtype=np.float32)
    a, b = (Side(id=name, title=name, quality=quality, cost=cost) for name, quality in (("a", better), ("b", base)))
    found = beside(study, a, b)
    counted = {each.task: (each.wins, each.ties, each.losses) for each in found.tasks}
    assert counted == {"easy": (30, 170, 0), "hard": (0, n - 210, 10)}
    assert [each.task for each in found.tasks] == ["hard", "easy"]  # the largest first
    assert (found.whole.wins, found.whole.losses, found.whole.queries) == (30, 10, n)
    assert found.whole.difference == pytest.approx(20 / n)
    assert found.found == versus(better, base, cost, cost, strata=tasks)
    assert found.found.quality.verdict is Verdict.MORE
    assert found.found.cost.verdict is Verdict.SAME


def test_a_small_cross_fitted_set_is_compared_exactly() -> None:
    """Under 100 queries, all of them tested by five-way cross-fitting: intervals and p are exact counts."""
    few = prepare(world(80))
    both = [measured(few, find(name), Asked(id=name, point="at"), keep=0.97) for name in ("margin-cascade", "random-mix")]
    alone = known(few, begun(few, []), Asked(id=f"{MODEL}{few.best}", point="at"))
    assert few.crossed
    assert alone is not None
    found = beside(few, both[0], alone)
    assert (found.found.n, found.found.quality.method, found.found.quality.flips) == (80, "exact", "exact")
    assert found.whole.wins + found.whole.losses == found.found.quality.pairs
