"""Sweeps of knobs without an exact curve: those of `frontier`, in this process and in others, stopped or whole; fits likewise."""

from __future__ import annotations

import threading
from dataclasses import fields

import numpy as np
import pytest

from data.problems import LeakError, ProblemError, Stopped
from strategies.frontiers.curve import Frontier, frontier
from strategies.frontiers.sweep import has_exact_curve, sweep
from strategies.registry import find
from strategies.work.fits import fits
from strategies.work.processes import Processes
from tests.unit.strategies.study.test_study import world

ARRAYS = [each.name for each in fields(Frontier) if each.name not in {"knob", "models", "n", "exact", "per_query", "mixed"}]


def same(one: Frontier, other: Frontier) -> bool:
    """Whether two curves are equal to the bit."""
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in ARRAYS)


@pytest.mark.parametrize(("name", "knob", "settings"), [("ucb", "alpha", None), ("epsilon-greedy", "epsilon", [0.1, 0.3])])
def test_a_sweep_is_the_frontier_of_its_knob(name: str, knob: str, settings: list[float] | None) -> None:
    """Same settings, values and shares as `frontier`, whose sweep goes through them one by one; every query's values are kept."""
    parts = world(200).split(seed=0)
    policy = find(name)().fit(parts.fit)
    wanted = frontier(policy, parts.test, knob, None if settings is None else np.array(settings))
    found = sweep(policy, parts.test, knob, None if settings is None else np.array(settings[::-1]))
    assert same(found, wanted)
    assert not found.exact
    assert not has_exact_curve(policy, knob)
    for field in ("quality", "cost", "latency"):
        assert np.array_equal(found.per_query(found.setting[:2], field), wanted.per_query(wanted.setting[:2], field))


def test_worker_processes_sweep_and_fit_the_same() -> None:
    """Two workers give the curve and the fitted policies of this process to the bit, and keep at it from run to run."""
    table = world(200).with_feature("embedding", np.random.default_rng(1).random((200, 6), dtype=np.float32))
    parts = table.split(seed=0)
    candidates = [find("hybrid-llm")(seed=seed) for seed in (0, 1, 2)]
    told: list[tuple[int, int]] = []
    with Processes(2) as pool:
        there = fits(candidates, parts.fit, pool=pool, progress=lambda *now: told.append(now))
        here = fits(candidates, parts.fit)
        assert [each.key for each in there.results] == [each.key for each in here.results]
        assert len({each.key for each in here.results}) == 3
        at = np.linspace(0, 1, 7)
        assert same(sweep(here.results[0], parts.test, settings=at, pool=pool), sweep(here.results[0], parts.test, settings=at))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(LeakError):
        fits(candidates, parts.test)


def test_a_stopped_sweep_is_the_curve_so_far() -> None:
    """The settings that were done, with their values, and what is between; with none there is no curve."""
    parts, stop = world(200).split(seed=0), threading.Event()
    policy, at = find("margin-cascade")().fit(parts.fit), np.linspace(0, 1, 5)

    def progress(done: int, total: int) -> None:
        if done == 3:
            stop.set()

    part, whole = sweep(policy, parts.test, settings=at, progress=progress, stop=stop), sweep(policy, parts.test, settings=at)
    assert part.setting.tolist() == [0.0, 0.25, 0.5]
    assert part.edges.tolist() == [0.125, 0.375]
    assert np.array_equal(part.quality, whole.quality[:3])
    assert np.array_equal(part.per_query(at[1:3], "cost"), whole.per_query(at[1:3], "cost"))
    with pytest.raises(Stopped):
        sweep(policy, parts.test, settings=at, stop=stop)


def test_what_has_an_exact_curve() -> None:
    """Cutting knobs, lambda, mixtures, and batch methods that follow a plan; without a knob, a setting or a range a sweep says so."""
    exact = {("margin-cascade", None), ("ridge-router", "lam"), ("random-mix", None), ("forc-batch", "budget"), ("optllm", "budget")}
    assert all(has_exact_curve(find(name)(), knob) for name, knob in exact)
    swept = {("knn-router", "k"), ("routoo", "budget"), ("hybrid-decoding", "tau"), ("forc-batch", "k")}
    assert not any(has_exact_curve(find(name)(), knob) for name, knob in swept)
    table = world(60)
    for name, settings, said in (("cheapest", None, "no knob to turn"), ("margin-cascade", [], "no setting"), ("knn-router", None, "ends")):
        with pytest.raises(ProblemError, match=said):
            sweep(find(name)(), table, settings=settings)
