"""What is said beside a figure without being asked."""

from dataclasses import replace

import numpy as np
import pytest

from data.derived.base import Derived, with_arms
from data.outcomes import Origin, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from strategies.registry import find
from strategies.study.curves import curves, fitted
from strategies.study.prepare import prepare
from strategies.study.warnings import IDS, SEVERITIES, cautions
from strategies.uncertainty.winner import winner


def table(n=1200, *, scorer="exact", kind="recorded", splits=None, tasks=None, costs=(1e-4, 1e-3, 1e-2)):
    """Three models, each better and dearer than the one before, with a margin; all recorded, nothing assumed."""
    rng = np.random.default_rng(0)
    quality = (rng.random((n, 3)) < [0.5, 0.7, 0.9]).astype(np.float32)
    queries = QuerySet.build([f"q{i}" for i in range(n)], tasks=tasks or ["a", "b"] * (n // 2), splits=splits)
    cost = np.array(costs) * rng.lognormal(0, 0.1, (n, 3))
    signals = {"margin": np.clip(quality * 0.3 + rng.random((n, 3)), 0, 1)}
    return outcome_table(
        ["s", "m", "l"], quality, cost_usd=cost, signals=signals, queries=queries, origin=Origin(name="t", kind=kind, scorer=scorer)
    )


@pytest.fixture(scope="module")
def study():
    """A study of which nothing has to be said."""
    return prepare(table())


@pytest.fixture(scope="module")
def fit(study):
    """A cascade fitted on it."""
    return fitted(study, find("margin-cascade")(chain=("s", "l"), thresholds=(0.5,), signal="margin"))


def ids(found):
    """Return the ids of warnings."""
    return [each.id for each in found]


def only(found, name):
    """Return the one warning of that id."""
    (each,) = [one for one in found if one.id == name]
    return each


def test_nothing_is_said_where_nothing_has_to_be(study, fit):
    """1,200 recorded queries, priced, split in three, the setting within what calibrate saw."""
    assert cautions(study) == ()
    assert cautions(study, fit, drawn=curves(fit, "t1")) == ()


def test_a_setting_picked_on_test_is_the_gravest(study, fit):
    """The knobs are named that are the policy's own; the same split was tuned on and is shown."""
    found = only(cautions(study, fit, picked=("t1", "t9")), "tuned-on-test")
    assert (found.severity, found.names, found.numbers) == ("serious", ("t1",), {"queries": 480})
    assert cautions(study, fit, picked=("t9",)) == ()


def test_cross_fitting_chooses_where_it_shows():
    """Under 1,000 queries: a note, unless a setting was picked on them, which is graver; a policy without a knob has nothing to choose."""
    small = prepare(table(400))
    own = fitted(small, find("margin-cascade")(chain=("s", "l"), thresholds=(0.5,), signal="margin"))
    assert only(cautions(small, own), "tuned-crossed").numbers == {"queries": 400}
    assert ids(cautions(small, own, picked=("t1",))) == ["tuned-on-test"]
    assert cautions(small, fitted(small, find("single")(model="l"))) == ()


def test_the_best_of_many_comes_with_its_corrected_figure(study):
    """Twenty that tie: a caution with what `winner` says; one that leads by far: a note; one alone: nothing."""
    rng = np.random.default_rng(1)
    ties, lead = winner(rng.random((300, 20))), winner(rng.random((300, 3)) + np.array([2, 0, 0]))
    found = only(cautions(study, best=ties), "best-of-many")
    assert found.severity == "caution"
    assert found.numbers == {
        "candidates": 20, "shown": ties.shown, "corrected": ties.corrected, "bound": ties.bound, "level": 0.95
    }  # fmt: skip
    assert only(cautions(study, best=lead), "best-of-many").severity == "note"
    assert cautions(study, best=winner(rng.random((300, 1)))) == ()


def test_fewer_than_a_hundred_tested_queries():
    """80 queries, all tested once: the exact interval of 40 of 80 is 0.386 to 0.614."""
    found = only(cautions(prepare(table(80))), "few-queries")
    assert found.severity == "serious"
    assert (found.numbers["queries"], found.numbers["least"]) == (80, 100)
    assert found.numbers["half"] == pytest.approx(0.114, abs=0.001)
    assert "few-queries" not in ids(cautions(prepare(table(100))))


def test_a_setting_that_calibrate_never_saw(study, fit):
    """A threshold beyond the last one that changes anything on calibrate."""
    drawn = curves(fit, "t1")
    high = float(drawn.chosen.setting[-1])
    found = only(cautions(study, fit.turned("t1", high + 0.001), drawn=drawn), "setting-extrapolated")
    assert found.names == ("t1",)
    assert found.numbers == {"setting": pytest.approx(high + 0.001), "low": drawn.chosen.setting[0], "high": high}


def test_a_cost_that_calibrate_never_saw(study, fit):
    """Test queries that cost three times as much as any setting did on calibrate; a difference within chance is not told."""
    drawn = curves(fit, "t1")
    dear = replace(drawn, shown=replace(drawn.shown, per_query=lambda at, name: 3 * drawn.chosen.cost_usd.max() * np.ones((480, len(at)))))
    found = only(cautions(study, fit, drawn=dear), "cost-extrapolated")
    assert found.numbers["cost"] == pytest.approx(3 * found.numbers["high"])
    paid = drawn.chosen.cost_usd.max() * (1 + np.random.default_rng(2).normal(0.01, 1, (480, 1)))
    near = replace(drawn, shown=replace(drawn.shown, per_query=lambda at, name: paid))
    assert cautions(study, fit, drawn=near) == ()


def test_another_mix_of_tasks(study):
    """Half a and half b were seen; nine tenths b is 0.4 away; 0.45 to 0.55 is not told; tasks that are not there are refused."""
    found = only(cautions(study, mix={"a": 1, "b": 9}), "mix-unlike")
    assert found.numbers == {"distance": pytest.approx(0.4), "limit": 0.1, "unseen": 0}
    assert found.names == ("a", "b")
    assert cautions(study, mix={"a": 45, "b": 55}) == ()
    for wrong in ({"c": 1}, {"a": -1, "b": 2}, {}):
        with pytest.raises(ProblemError, match="Tasks: a, b"):
            cautions(study, mix=wrong)


def test_a_files_own_split_with_an_unlike_test_part():
    """Its test part has a task that calibrate has not: 0.5 of the tested queries."""
    splits = np.resize(["train", "dev", "test", "test"], 1200)
    tasks = np.where(splits == "test", np.resize(["a", "a", "a", "c", "a", "a", "c", "a"], 1200), "a")
    found = only(cautions(prepare(table(splits=splits.tolist(), tasks=tasks.tolist()))), "mix-unlike")
    assert found.numbers["unseen"] == pytest.approx(0.5)
    assert found.names[0] in {"a", "c"}


def test_without_tasks_there_is_no_mix():
    """A table without tasks has nothing to compare."""
    plain = outcome_table(["s", "l"], (np.random.default_rng(0).random((1000, 2)) < [0.5, 0.8]), cost_usd=np.ones((1000, 2)) * [1e-4, 1e-3])
    assert cautions(prepare(plain)) == ()


def test_a_judge_that_scored_errs_too(study):
    """Scored by a judge: said, with an unknown error; with 5 % wrong verdicts the best model's quality is known to 5 points."""
    judged = prepare(table(scorer="LLM judge (gpt-4)"))
    found = only(cautions(judged), "judge-error")
    assert np.isnan([found.numbers["error"], found.numbers["low"], found.numbers["high"]]).all()
    known = only(cautions(study, judge_error=0.05), "judge-error").numbers
    shown = study.tested.mean("quality")["l"]
    assert (known["low"], known["high"]) == pytest.approx((shown - 0.05, shown + 0.05))
    assert only(cautions(study, judge_error=0.4), "judge-error").numbers["high"] == 1
    with pytest.raises(ProblemError, match="cannot err"):
        cautions(study, judge_error=5)


def test_policies_that_know_the_truth(study):
    """A simulated judge with its error, and an oracle, are no strategies that anyone could run."""
    noisy = fitted(study, find("judge-noise-cascade")(error=0.2))
    assert only(cautions(study, noisy), "simulated-judge").numbers == {"error": 0.2}
    assert only(cautions(study, fitted(study, find("oracle")())), "knows-truth").severity == "serious"


def test_simulated_sets_and_derived_models():
    """A simulated world is simulated whole; an arm derived on a recorded set is named."""
    world = only(cautions(prepare(table(kind="simulated", scorer="simulated"))), "simulated")
    assert (world.names, world.numbers) == ((), {"models": 3, "of": 3})
    base = table()
    arm = Derived(name="x", how="l, halved", numbers={"quality": base.quality("l"), "cost_usd": base.cost_usd("l") / 2})
    found = cautions(prepare(with_arms(base, [arm])))
    assert only(found, "simulated").names == ("x (simulated)",)
    assert only(found, "simulated").numbers == {"models": 1, "of": 4}
    assert only(found, "assumed-prices").names == ("x (simulated)",)


def test_what_is_missing():
    """Queries without an answer of every model, and a model without a price: how many, and which; models not chosen are no warning."""
    base = table()
    quality, cost = np.array(base.numbers["quality"]), np.array(base.numbers["cost_usd"])
    quality[:30, 1] = np.nan
    holes = replace(base, numbers={"quality": quality, "cost_usd": cost}, stored_fingerprint="")
    found = only(cautions(prepare(holes)), "missing")
    assert (found.severity, found.names) == ("note", ())
    assert found.numbers == {"coverage": 1170 / 1200, "queries": 30, "models": 0}
    cost[:, 1] = np.nan
    found = only(cautions(prepare(replace(holes, numbers={"quality": quality, "cost_usd": cost}))), "missing")
    assert (found.names, found.numbers["models"]) == (("m",), 1)
    assert cautions(prepare(base, pool=("s", "l"))) == ()
    cost[:, 1], quality[:400, 1] = 1e-3, np.nan
    chosen = prepare(replace(holes, numbers={"quality": quality, "cost_usd": cost}), pool=("s", "m", "l"))
    assert only(cautions(chosen), "missing").severity == "caution"


def test_assumed_prices_and_energy(study):
    """Typed relative prices are assumed for all; energy by the tier that each model's figure has."""
    base = table()
    free = replace(base, numbers={"quality": base.numbers["quality"]}, stored_fingerprint="")
    found = only(cautions(prepare(free, weights={"s": 1, "m": 5, "l": 20})), "assumed-prices")
    assert (found.names, found.numbers) == (("s", "m", "l"), {"models": 3, "of": 3})
    found = cautions(study, energy={"s": "assumed", "m": "estimated", "elsewhere": "assumed"})
    assert only(found, "assumed-energy").names == ("s",)


def test_the_gravest_comes_first():
    """By severity, then in the order in which ids are listed."""
    small = prepare(table(80, scorer="judge", kind="simulated"))
    own = fitted(small, find("margin-cascade")(chain=("s", "l"), thresholds=(0.5,), signal="margin"))
    found = cautions(small, own, picked=("t1",), best=winner(np.random.default_rng(1).random((300, 20))))
    assert ids(found) == ["tuned-on-test", "few-queries", "best-of-many", "judge-error", "simulated"]
    ranks = [(SEVERITIES.index(each.severity), IDS.index(each.id)) for each in found]
    assert ranks == sorted(ranks)
