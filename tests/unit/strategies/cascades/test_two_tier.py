"""Two tiers by margin: the window, and what is lacking."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import replay
from strategies.cascades.two_tier import TwoTier
from strategies.knobs import turned
from tests.worlds import NAN, bare, by_hand, proving_ground, without


def told(first, second=None):
    """Return three models; margins are given for the first, and for the second where told."""
    columns = np.stack([first, second if second is not None else [NAN] * len(first), [NAN] * len(first)], axis=1)
    return by_hand([[0, 0, 1]] * len(first), cost=[[1, 2, 9]] * len(first), margin=columns)


def test_the_window_keeps_the_last_margins_that_were_known():
    """Ten are kept of twelve, the oldest go first; unknown ones do not count."""
    policy = TwoTier(window=10).fit(told(np.arange(12) / 12))
    assert policy.state["recent"] == pytest.approx(np.arange(2, 12) / 12)
    moved = policy.moved_on(np.array([NAN, 0.5], np.float32))
    assert moved.state["recent"] == pytest.approx([*np.arange(3, 12) / 12, 0.5])
    assert policy.state["recent"][0] == pytest.approx(2 / 12)
    assert moved.key != policy.key


def test_a_narrower_window_looks_at_the_end_only():
    """Turned after the fit, it takes the last ones of what was kept."""
    fitted = TwoTier(budget=0.5).fit(told([*[0.9] * 10, *np.arange(10) / 10]))
    query = told([0.5])
    assert replay(fitted, query).score(1) == pytest.approx(0.25)
    assert replay(turned(fitted, "window", 10), query).score(1) == pytest.approx(0.5)


def test_a_query_without_margin_goes_on():
    """Above a budget of nothing."""
    fitted = TwoTier(budget=0.01).fit(told([0.1, 0.5, 0.9]))
    assert replay(fitted, told([NAN, 0.5])).path == [(0, 2), (0,)]


def test_what_it_lacks_is_said_by_column_and_by_live_run():
    """The margin of the first token, or the confidence that was named in its place; the cheapest model that has it is asked first."""
    table = proving_ground(30)
    assert TwoTier().missing(table) == ""
    for word in ("a column margin", "live run", "log-probabilities", "can use what is here: agreement of repeated answers"):
        assert word in TwoTier().missing(without(table, "signals"))
    assert TwoTier(signal="agreement").missing(table) == ""
    assert "repeated answers" in TwoTier(signal="agreement").missing(bare(table))
    assert "signal sureness:" in TwoTier(signal="sureness").missing(table)
    assert "two models" in TwoTier().missing(table.select(["m0"]))
    with pytest.raises(ProblemError, match="cannot be fitted: It needs the margin"):
        TwoTier().fit(bare(table))
    second = told([NAN, NAN], [0.1, 0.2])
    assert TwoTier().fit(second).chain == ("b", "c")
    with pytest.raises(ProblemError, match="a has no margin"):
        TwoTier(chain=("a", "c")).fit(second)
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(TwoTier(chain=("a", "c")), told([0.1]))
