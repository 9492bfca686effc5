"""What a signal is worth between two models: by hand, against the loop's own curve, its price billed, its interval by naive resampling."""

from dataclasses import replace

import numpy as np
import pytest

from data.outcomes import outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.texts import Texts
from strategies.frontiers.curve import frontier
from strategies.registry import find
from strategies.study import signal_worth as worth
from strategies.study.prepare import prepare
from strategies.uncertainty.bootstrap import weights

N = 1200


def world(n=N, **signals):
    """Return a cheap and a strong model whose gain hangs on a hidden difficulty, with these signals of (n,) or of difficulty and noise."""
    random = np.random.default_rng(1)
    hard = random.random(n)
    quality = np.column_stack([random.random(n) < 1 - hard, random.random(n) < 1 - 0.2 * hard]).astype(float)
    made = {"confidence": 1 - hard, "margin": np.clip(0.5 + 0.3 * (0.5 - hard) + 0.2 * random.normal(size=n), 0, 1), **signals}
    both = {name: np.column_stack([values, np.full(n, 0.5)]).astype(np.float32) for name, values in made.items()}
    return outcome_table(["cheap", "strong"], quality, cost_usd=np.tile([0.001, 0.01], (n, 1)), signals=both, latency_s=np.ones((n, 2)))


def priced(table, name, usd):
    """Return the table with a price of asking for a signal."""
    return table.with_signal(f"cost_usd:{name}", np.full(table.numbers["quality"].shape, usd, dtype=np.float32))


@pytest.fixture(scope="module")
def found():
    """The two signals of the world, and one that somebody has to be paid for."""
    table = priced(world(self_check=np.random.default_rng(5).random(N)), "self_check", 0.002)
    study = prepare(table)
    return study, worth.signal_worth(study, "cheap", "strong")


def by_the_loop(study, name):
    """Return the gain worked out from the loop's own frontier on test, point by point."""
    (parts,) = study.parts
    policy = find("margin-cascade")(chain=("cheap", "strong"), signal=name).fit(parts.fit)
    curve = frontier(policy, parts.test)
    cost, quality = parts.test.mean("cost_usd"), parts.test.mean("quality")
    grid = np.linspace(cost["cheap"], cost["strong"], 200_001)
    reached = np.interp(grid, curve.cost_usd, curve.quality, left=quality["cheap"])
    return (reached - np.interp(grid, [grid[0], grid[-1]], [quality["cheap"], quality["strong"]])).mean()


def test_the_gain_is_the_area_between_the_loops_curve_and_the_random_mix(found):
    """Every threshold of the replayed cascade, its paid signals billed, against the line between the two models."""
    study, result = found
    assert {row.signal for row in result.rows} == {"confidence", "margin", "self_check"}
    for row in result.rows:
        assert row.net.mean == pytest.approx(by_the_loop(study, row.signal), abs=2e-5)


def test_what_knows_more_is_worth_more(found):
    """Rows are ordered by net gain; the confidence that is the difficulty itself leads, and beats the noisy margin for sure."""
    _, result = found
    assert [row.signal for row in result.rows] == ["confidence", "margin", "self_check"]
    assert (result.reference, result.n, result.cost_unit) == ("confidence", 480, "USD")
    first, second, third = result.rows
    assert (first.against.mean, first.against.low, first.against.high) == (0, 0, 0)
    assert second.against.high < 0 < first.net.low
    assert first.usefulness > second.usefulness > 0.55
    assert first.auroc > second.auroc > third.auroc
    assert first.ece < 0.1


def test_a_price_is_billed_and_told(found):
    """2 USD per 1,000 questions: what it costs is lost from the net gain and not from the gross one."""
    _, result = found
    paid = result.rows[-1]
    assert paid.price_per_1k == pytest.approx(2.0)
    assert paid.net.mean < paid.gross - 0.05
    for row in result.rows[:2]:
        assert row.price_per_1k == 0
        assert row.net.mean == row.gross


def test_by_hand():
    """Two queries: the sure one is right, the unsure one wrong; the strong model is always right."""
    score, nothing = np.array([0.9, 0.1], dtype=np.float32), np.zeros(2)
    seen = worth.Looked(score=score, price=nothing, quality=(np.array([1.0, 0.0]), np.ones(2)), cost=(np.full(2, 1.0), np.full(2, 4.0)))
    # Points (1, 0.5), (3, 1), (5, 1). To a budget of 4: 2 x 0.75 + 1 x 1 over 3, less the mix's 0.75.
    assert worth._gain(seen, nothing) == pytest.approx(2.5 / 3 - 0.75)
    # A price of 1 moves every point: 1 x 0.5 up to (2, 0.5), then 2 x 0.75 up to (4, 1).
    assert worth._gain(seen, np.ones(2)) == pytest.approx(2 / 3 - 0.75)
    # Without a score the wrong one always goes on: straight from the cheap model alone to (3, 1).
    silent = replace(seen, score=np.array([0.9, np.nan], dtype=np.float32))
    assert worth._gain(silent, nothing) == pytest.approx((2 * 1 + 1 * 1 + 0 - 2 * 0.5) / 3 - 0.75)


def test_a_resample_is_the_figure_of_the_resampled_queries(found):
    """The b-th resampled gain is what the whole computation gives on the queries drawn, up to the coarser steps."""
    study, _ = found
    seen = worth._look(worth.fitted(study, find("margin-cascade")(chain=("cheap", "strong"), signal="margin")), [study.parts[0].test])
    spread = worth._resampled(seen)
    counts = weights(len(seen.score), resamples=worth.RESAMPLES)
    for b in (0, 7):
        rows = np.repeat(np.arange(len(seen.score)), counts[b])
        drawn = replace(
            seen, score=seen.score[rows], price=seen.price[rows], quality=tuple(q[rows] for q in seen.quality),
            cost=tuple(c[rows] for c in seen.cost),
        )  # fmt: skip
        assert spread[b + 1] == pytest.approx(worth._gain(drawn, drawn.price), abs=5e-4)


def test_groups_of_queries_spread_as_single_ones_do(found, monkeypatch):
    """Where there are many queries, resampling random groups of them gives an interval of the same width."""
    study, _ = found
    seen = worth._look(worth.fitted(study, find("margin-cascade")(chain=("cheap", "strong"), signal="margin")), [study.parts[0].test])
    single = worth._resampled(seen)[1:].std()
    monkeypatch.setattr(worth, "_GROUPS", 160)
    assert worth._resampled(seen)[1:].std() == pytest.approx(single, rel=0.2)


def test_the_reference_is_not_chosen_on_test():
    """A margin that is perfect on test and noise before stays compared with what was better on calibrate."""
    table = world()
    parts = np.resize(["fit", "calibrate", "test"], N)
    margin = np.random.default_rng(3).random(N)
    gains = table.quality(1) > table.quality(0)
    margin = np.where(parts == "test", np.where(gains, 0.2, 0.8), margin)
    table = replace(world(margin=margin), queries=replace(QuerySet.build([str(i) for i in range(N)]), splits=Texts(parts.tolist())))
    result = worth.signal_worth(prepare(table), "cheap", "strong")
    assert result.rows[0].signal == "margin"
    assert result.reference == "confidence"
    assert result.rows[0].against.low > 0


def test_an_unknown_price_makes_the_net_gain_unknown_and_last():
    """What was asked for at a price nobody recorded is never free: the gross gain is there, the net one is not."""
    table = priced(world(self_check=1 - np.linspace(0, 1, N)), "self_check", np.nan)
    last = worth.signal_worth(prepare(table), "cheap", "strong").rows[-1]
    assert last.signal == "self_check"
    assert np.isnan([last.price_per_1k, last.net.mean, last.net.low, last.against.mean]).all()
    assert not np.isnan(last.gross)


def test_folds_are_weighed_together():
    """Under 1,000 queries every one is tested once, and silent ones are counted."""
    table = world(300, confidence=np.where(np.arange(300) % 10 == 0, np.nan, 0.5))
    result = worth.signal_worth(prepare(table), "cheap", "strong")
    assert result.n == 300
    assert {row.signal: row.missing for row in result.rows} == {"margin": 0, "confidence": 30}


def test_a_chain_is_weighed_step_by_step(found):
    """By default the steps of the study's own chain; a signal that is not there is left out with its reason."""
    study, result = found
    (only,) = worth.worth_along(study, names=("margin", "agreement"))
    assert (only.cheap, only.strong) == ("cheap", "strong")
    assert [row.signal for row in only.rows] == ["margin"]
    assert [name for name, _ in only.left_out] == ["agreement"]
    assert only.rows[0].net == result.rows[1].net


def test_what_cannot_be_weighed_is_refused():
    """Too few queries, and a strong model that costs nothing more."""
    with pytest.raises(ProblemError, match="too few"):
        worth.signal_worth(prepare(world(60)), "cheap", "strong")
    with pytest.raises(ProblemError, match="no budget lies between"):
        worth.signal_worth(prepare(world()), "strong", "cheap")


def test_the_candidates_are_what_a_table_has(found):
    """Recorded ones, those with a price, and one predicted from texts where there are any."""
    study, _ = found
    assert worth.candidates(study.table) == ("margin", "confidence", "self_check")
    table = world(40)
    spoken = replace(table, queries=QuerySet.build([str(i) for i in range(40)], prompts=[f"prompt {i}" for i in range(40)]))
    assert worth.candidates(spoken)[-1] == "predicted"
