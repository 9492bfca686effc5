"""Comparing many strategies at once: figures, goals, intervals for all together, worker processes that break, print, die, stop."""

from __future__ import annotations

import json
import math
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.baselines.matched_random import MatchedRandom
from strategies.engines.loop import replay
from strategies.frontiers.curve import frontier
from strategies.frontiers.tune import Goal, tune
from strategies.metrics.plane import aiq, common_range, zero_router
from strategies.registry import discover, find
from strategies.study.compare import begun, comparable, compare, usual_workers
from strategies.study.compare_row import row
from strategies.study.compare_values import LEVEL, Comparison, Row
from strategies.study.compare_workers import Plan, measured
from strategies.study.curves import fitted, shown, started
from strategies.study.prepare import Study, prepare
from strategies.study.scores import lead_of, scores_of
from strategies.uncertainty.areas import aiq_errors
from strategies.work.pool import Began, Died, Ended, Event, Reached, Stop, Task
from tests.unit.strategies.study.test_study import world

OWN = """
import os, time
from dataclasses import dataclass
from strategies.protocol import Card, Decision, Strategy

def card(name):
    return Card(id=name, title=name, family="router", source="a note", rule="answer = 0", idea="The first model.")

class First(Strategy):
    def decide(self, view):
        return Decision(stop=view.stage > 0, answer=0, call=0)

@dataclass(frozen=True, eq=False)
class Talks(First):
    card = card("talks")
    def learn(self, training):
        print("{not a row}")
        return self

@dataclass(frozen=True, eq=False)
class Breaks(First):
    card = card("breaks")
    def learn(self, training):
        raise KeyError("no such column")

@dataclass(frozen=True, eq=False)
class Dies(First):
    card = card("dies")
    def learn(self, training):
        os._exit(7)

@dataclass(frozen=True, eq=False)
class Sleeps(First):
    card = card("sleeps")
    def learn(self, training):
        time.sleep(60)
        return self

@dataclass(frozen=True, eq=False)
class Unsure(First):
    card = card("unsure")
    def missing(self, table):
        raise ZeroDivisionError("of its own")
"""
TIMES = ("fit_s", "decide_us", "peak_mib", "own")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of one's own strategies, most of them bad."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mine.py").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(folder))
    discover.cache_clear()
    yield folder
    monkeypatch.undo()
    discover.cache_clear()


@pytest.fixture(scope="module")
def study() -> Study:
    """A study with one split, a margin and no embeddings."""
    return prepare(world(1200))


@pytest.fixture(scope="module")
def cascade(study: Study) -> Row:
    """The margin cascade's row."""
    return row(study, find("margin-cascade"), keep=0.97)


def test_points_are_chosen_on_calibrate_and_shown_on_test(study: Study, cascade: Row) -> None:
    """The three points are those of `tune` for their goals, replayed on test; the first is the one a fresh strategy starts with."""
    parts, best = study.parts[0], study.best
    fit = fitted(study, find("margin-cascade")())
    on_test = shown(started(fit, Goal(keep=0.97)))
    assert cascade.at is not None
    assert cascade.at.quality == pytest.approx(on_test.quality.mean(dtype=float))
    assert cascade.at.cost == pytest.approx(on_test.cost.mean(dtype=float))
    wanted, budget = parts.calibrate.mean("quality")[best], parts.calibrate.mean("cost_usd")[best]
    # The best single model is the dearest here, and the best on calibrate too.
    for point, goal in ((cascade.equal_quality, Goal(keep=1 - 1e-9)), (cascade.equal_cost, Goal(budget=budget * (1 + 1e-9)))):
        policy = tune(fit.policy, parts.calibrate, goal)
        chosen, tested = replay(policy, parts.calibrate).summary(), replay(policy, parts.test).summary()
        assert point is not None
        assert point.met
        assert (point.quality, point.cost) == pytest.approx((tested.quality, tested.cost_usd))
        assert chosen.quality >= wanted - 1e-9 if goal.keep else chosen.cost_usd <= budget * (1 + 1e-8)
    assert cascade.saving == pytest.approx(1 - cascade.equal_quality.cost / study.tested.mean("cost_usd")[best])


def test_the_area_is_that_of_the_policies_chosen_on_calibrate(study: Study, cascade: Row) -> None:
    """AIQ and its lead over the zero router are those of `plane.aiq` over the common range; the curve's points are policies on test."""
    means = [np.array(list(study.tested.mean(name).values())) for name in ("cost_usd", "quality")]
    ends = common_range(*means)._asdict()
    assert cascade.aiq == pytest.approx(aiq(cascade.cost, cascade.quality, **ends))
    assert cascade.lead == pytest.approx(cascade.aiq - aiq(*zero_router(*means), **ends))
    assert list(cascade.cost) == sorted(cascade.cost)
    assert begun(study, []).reference.zero_aiq == pytest.approx(cascade.aiq - cascade.lead)


def test_one_knob_is_swept_exactly(study: Study) -> None:
    """A strategy with one knob: its curve's points lie on the knob's own exact curve on test."""
    found = row(study, find("random-mix"), keep=0.97)
    curve = frontier(find("random-mix")().fit(study.parts[0].fit), study.parts[0].test, "share")
    assert found.quality == pytest.approx(np.interp(found.cost, np.sort(curve.cost_usd), curve.quality[np.argsort(curve.cost_usd)]))


def test_the_random_control_deals_the_same_shares(study: Study, cascade: Row) -> None:
    """The control's quality is the mixture of the models with the policy's shares; the lead over it is the difference."""
    fit = started(fitted(study, find("margin-cascade")()), Goal(keep=0.97))
    share = replay(fit.policy, study.parts[0].test).summary().answered
    control = MatchedRandom.of(dict(share)).expected(study.parts[0].test)
    at = cascade.at
    assert at is not None
    assert at.random == pytest.approx(control.quality, abs=1e-7)
    assert at.over_random == pytest.approx(at.quality - at.random, abs=1e-6)
    assert at.over_random_low < at.over_random < at.over_random_high
    assert at.random_cost == pytest.approx(at.cost, rel=0.1)


def test_an_unreachable_goal_is_said_and_saves_nothing(study: Study, own: Path) -> None:
    """A strategy that always asks the cheapest model never keeps the best one's quality: no saving is known, and the point says so."""
    found, cheapest = row(study, find("talks"), keep=0.97), study.tested.mean("quality")["m0"]
    assert found.equal_quality is not None
    assert found.equal_cost is not None
    assert not found.equal_quality.met
    assert math.isnan(found.saving)
    assert found.equal_cost.met
    assert found.equal_cost.quality == pytest.approx(cheapest)
    assert found.equal_cost.over_random == pytest.approx(0, abs=1e-7)
    assert found.quality == pytest.approx((cheapest,))


def test_a_small_set_is_cross_fitted_as_on_the_other_pages() -> None:
    """Under 1,000 queries every query is tested once, and the frontier rests on all of them."""
    small = prepare(world(300))
    found = row(small, find("margin-cascade"), keep=0.97)
    done = shown(started(fitted(small, find("margin-cascade")()), Goal(keep=0.97)))
    assert small.crossed
    assert found.at is not None
    assert found.at.quality == pytest.approx(done.quality.mean(dtype=float))
    assert len(found.cost) > 2
    assert min(found.cost) >= small.tested.mean("cost_usd")["m0"] * 0.99
    assert found.aiq > begun(small, []).reference.zero_aiq - 0.05


def test_too_few_queries_have_points_and_no_curve() -> None:
    """Under 100 tested queries there is no curve and no area, but exact intervals of the points."""
    found = row(prepare(world(80)), find("margin-cascade"), keep=0.97)
    assert (found.cost, found.quality, found.draws) == ((), (), ())
    assert math.isnan(found.aiq)
    assert found.at is not None
    assert found.at.quality_low < found.at.quality < found.at.quality_high


def plain(identity: str, lead: float, draws: np.ndarray) -> Row:
    """A row with nothing but an area, a lead and their resampled errors."""
    drawn = dict.fromkeys(("draws", "most", "least"), tuple(draws))
    return Row(id=identity, title=identity, family="router", status="compared", aiq=lead, lead=lead, **drawn)


def compared(study: Study, *rows: Row) -> Comparison:
    """A comparison of made-up rows."""
    return replace(begun(study, []), rows=rows)


def test_one_strategys_bound_is_that_of_the_scores_table(study: Study, cascade: Row) -> None:
    """For one strategy the bound is its lead less the 95 % quantile of its resampled errors, in both tables."""
    bound = compared(study, cascade).bounds["margin-cascade"]
    assert bound == pytest.approx(cascade.lead - np.quantile(cascade.draws, LEVEL))
    mix = row(study, find("random-mix"), keep=0.97)
    fit = fitted(study, find("random-mix")())
    alone = scores_of(fit, frontier(fit.policy, study.parts[0].test, "share"))
    assert alone["aiq_gain_low"] == pytest.approx(compared(study, mix).bounds["random-mix"], abs=0.002)


def test_what_is_claimed_of_an_area_keeps_the_mix_of_tasks(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """The errors are those of `aiq_errors` with the tasks as strata: the lead's at most the curve's less the mix's own at least."""
    fit = fitted(study, find("random-mix")())
    at = np.linspace(0, 1, 5)
    curve = frontier(fit.policy, study.parts[0].test, "share", at)
    cost, quality = curve.per_query(at, "cost"), curve.per_query(at, "quality")
    tested = study.tested
    costs, qualities = (np.stack([tested.column(name, m) for m in range(len(tested.models))], axis=1) for name in ("cost_usd", "quality"))
    shared = common_range(costs.mean(axis=0, dtype=float), qualities.mean(axis=0, dtype=float))
    without = lead_of(study, cost, quality, shared)
    tasks = (study.tested.quality(study.best) > 0.5).astype(np.int64)
    monkeypatch.setattr(Study, "strata", property(lambda _: tasks))
    found = lead_of(study, cost, quality, shared)
    ends = {"cheapest": qualities[:, 0], "low": shared.low, "high": shared.high, "strata": tasks}
    own, blind = aiq_errors(cost, quality, **ends), aiq_errors(costs, qualities, **ends)
    assert found is not None
    assert found.lead == pytest.approx(own.shown - blind.shown)
    assert np.corrcoef(own.most, found.most)[0, 1] > 0.99
    assert without is not None
    assert found.most.std() < 0.95 * without.most.std()  # what the tasks explain is no chance
    assert lead_of(study, cost, quality, shared._replace(high=shared.low)) is None


def test_the_best_is_corrected_for_having_been_chosen(study: Study) -> None:
    """Of ten level ones the first is lucky, so corrected; all may be the best; one far behind may not, one without area isn't ranked."""
    random = np.random.default_rng(1)
    rows = [plain(f"s{i}", 0.7 + random.normal(0, 0.01), random.normal(0, 0.01, 300)) for i in range(10)]
    now = compared(study, *rows, plain("behind", 0.6, random.normal(0, 0.01, 300)), plain("unknown", math.nan, np.zeros(0)))
    best = now.best
    assert best is not None
    assert best.id == now.compared[0].id
    assert best.bound < best.corrected < best.shown
    assert best.corrected == pytest.approx(0.7, abs=0.01)
    assert set(best.tied) == {row.id for row in rows} - {best.id}
    assert len(best.ranked) == 11
    told = {each["id"]: each["may_be_best"] for each in now.to_json()["strategies"]}
    assert (told[best.id], told["behind"], told["unknown"]) == (True, False, None)
    assert now.to_json()["best"]["corrected"] == best.corrected
    assert compared(study, rows[0]).best is None


def test_the_best_of_few_queries_is_counted() -> None:
    """Under 100 queries there are no areas: the best is that of quality at equal cost, by exact counts."""
    few = prepare(world(80))
    rows = [row(few, find(name), keep=0.97) for name in ("margin-cascade", "random-mix", "zero-router")]
    best = compared(few, *rows).best
    assert best is not None
    assert (best.figure, best.method) == ("equal_cost", "exact")
    figures = {each.id: each.equal_cost.quality for each in rows}
    assert best.id in figures
    assert best.shown == pytest.approx(max(value for name, value in figures.items() if name in best.ranked), abs=1e-6)
    assert best.bound < best.corrected


def test_many_useless_strategies_do_not_make_a_good_one(study: Study) -> None:
    """Of 20 strategies without any lead, a bound above 0 shows up in one comparison of twenty; without the correction in most."""
    random, wrong, naive = np.random.default_rng(0), 0, 0
    for _ in range(200):
        leads = random.normal(size=20)
        draws = random.normal(size=(20, 200))
        rows = [plain(f"s{i}", lead, each) for i, (lead, each) in enumerate(zip(leads, draws, strict=True))]
        wrong += any(bound > 0 for bound in compared(study, *rows).bounds.values())
        naive += any(row.lead > np.quantile(row.draws, LEVEL) for row in rows)
    assert wrong <= 20  # 10 are expected
    assert naive > 100


def test_rows_without_spread_or_draws_are_no_obstacle(study: Study) -> None:
    """A lead that does not vary is its own bound; one that was not resampled has none; the best comes first, unknown ones last."""
    none = np.zeros(0)
    found = compared(study, plain("still", 0.1, np.zeros(50)), plain("unknown", math.nan, none), plain("undrawn", 0.2, none))
    assert found.bounds["still"] == 0.1
    assert math.isnan(found.bounds["unknown"])
    assert math.isnan(found.bounds["undrawn"])
    assert [each.id for each in found.compared] == ["undrawn", "still", "unknown"]


def test_a_row_survives_json(study: Study, cascade: Row) -> None:
    """What a worker writes is what is read; what is taken away holds every row, without the resampled leads."""
    assert Row.from_json(json.loads(json.dumps(cascade.to_json()))) == cascade
    told = json.loads(json.dumps(compared(study, cascade).to_json()))
    assert told["strategies"][0]["lead_at_least"] < told["strategies"][0]["lead"]
    assert not {"draws", "most", "least", "kept"} & set(told["strategies"][0])
    assert told["about"]["fingerprint"] == study.whole.fingerprint
    assert told["about"]["seed"] == 0


def test_workers_measure_what_the_same_process_measures(study: Study, cascade: Row, own: Path) -> None:
    """Rows come one by one with the same figures; what breaks, dies, prints or is missing costs its own row and nothing else."""
    seen: list[Comparison] = []
    kinds = [find(name) for name in ("dies", "talks", "breaks", "margin-cascade", "knn-router", "unsure")]
    found = compare(study, kinds, workers=2, progress=seen.append)
    rows = {each.id: each for each in found.rows}
    assert not found.stopped
    assert set(rows) == set(found.asked)
    assert [each.status for each in (rows["talks"], rows["margin-cascade"])] == ["compared", "compared"]
    assert rows["knn-router"].status == "missing"
    assert "embedding" in rows["knn-router"].said
    assert (rows["breaks"].status, rows["breaks"].said) == ("failed", "KeyError: 'no such column'")
    assert "code 7" in rows["dies"].said
    assert "ZeroDivisionError" in rows["unsure"].said
    assert rows["unsure"].own
    same = replace(rows["margin-cascade"], **{name: getattr(cascade, name) for name in TIMES})
    assert same == cascade
    assert rows["margin-cascade"].fit_s > 0
    assert rows["margin-cascade"].decide_us > 0
    counts = [len(each.rows) for each in seen]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (2, 6)
    assert any("dies" in each.running for each in seen)
    assert compare(study, kinds[3:5], known=found.rows).rows[0] == rows["margin-cascade"]  # nothing is measured twice


def test_stop_ends_running_work_at_once(study: Study, own: Path) -> None:
    """Set, `stop` ends a sleeping strategy within a second or two; rows until then are kept, no process stays."""
    stop, since = threading.Event(), [0.0]

    def watch(now: Comparison) -> None:
        if "sleeps" in now.running:
            stop.set()
            since[0] = time.monotonic()

    found = compare(study, [find("sleeps"), find("knn-router"), find("talks")], workers=1, progress=watch, stop=stop)
    assert time.monotonic() - since[0] < 30  # of the sixty that it sleeps
    assert found.stopped
    assert found.running == ()
    assert [each.id for each in found.rows] == ["knn-router"]
    children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False).stdout
    assert "compare_workers" not in children


def test_a_set_that_workers_cannot_open_is_said(study: Study) -> None:
    """Where a worker cannot open the set there is an error in words, not one failed row a strategy."""
    with pytest.raises(ProblemError, match="can be compared"):
        list(measured(Plan(table=study.table, models=("nobody",), seed=0, keep=0.97), ["margin-cascade"], workers=1))


def test_a_comparison_says_on_how_many_nodes_it_is_and_what_was_begun_anew(
    study: Study, cascade: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a cluster that loses a node: its nodes before and after, and the strategy that was begun twice, which is under way but once."""

    class Losing:
        """A cluster that does the first piece, on its second node."""

        def events(self, task: Task, stop: Stop | None) -> Iterator[Event]:
            yield from (Reached(3, 24), Began(0), Died(0, "the node is gone", again=True), Reached(2, 16), Began(0), Ended(0, cascade))

    monkeypatch.setattr("strategies.study.compare_workers.pool_at", lambda **_: Losing())
    seen: list[Comparison] = []
    found = compare(study, [find("margin-cascade")], progress=seen.append)
    assert [each.nodes for each in seen] == [0, 3, 3, 3, 2, 2]
    assert [each.again for each in seen] == [0, 0, 0, 1, 1, 1]
    assert max(len(each.running) for each in seen) == 1
    assert found.rows == (cascade,)


def test_what_can_be_compared() -> None:
    """Every strategy with a frontier, no bound, no single model; at least one worker, and no number below none."""
    ids = {kind.card.id for kind in comparable()}
    assert {"knn-router", "margin-cascade", "zero-router"} <= ids
    assert not {"oracle", "cheapest", "matched-random"} & ids
    assert usual_workers() >= 1
    with pytest.raises(ProblemError, match="fewer than none"):
        compare(prepare(world(80)), [], workers=-1)
