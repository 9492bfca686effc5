"""Deferral on token probabilities: what it needs, what it resolves, what a turned knob does."""

import pytest

from data.problems import ProblemError
from strategies import replay
from strategies.cascades.chow import ChowDeferral
from strategies.knobs import turned
from tests.worlds import NAN, bare, by_hand, proving_ground

MEANS = [-0.9, -0.5, -0.2, -0.1]


def told(**signals):
    """Return four queries and three models, a the cheapest and c the best; signals are given for a and b."""
    columns = {name: [[u, v, NAN] for u, v in zip(*pair, strict=True)] for name, pair in signals.items()}
    return by_hand([[0, 0, 1], [0, 0, 1], [1, 1, 1], [1, 1, 0]], cost=[[1, 2, 9]] * 4, **columns)


def test_the_rate_is_the_share_deferred_and_silence_defers():
    """Rate 0 keeps all, 1 keeps none, one half the surer half; an answer without log-probability is never kept above 0."""
    table = told(mean_logprob=(MEANS, MEANS))
    fitted = ChowDeferral().fit(table)
    assert fitted.chain == ("a", "c")
    for rate, kept in ((0, 4), (0.25, 3), (0.5, 2), (1, 0)):
        assert int((replay(turned(fitted, "rate", rate), table).answer == 0).sum()) == kept
    silent = told(mean_logprob=([*MEANS[:3], NAN], MEANS))
    assert replay(turned(fitted, "rate", 0.1), silent).path[3] == (0, 2)


def test_summary_and_quantile_can_be_changed_after_the_fit():
    """All recorded summaries are kept, so that a turned quantile is ranked among its own scores."""
    table = told(min_logprob=([-4, -3, -2, -1], MEANS), logprob_q100=([-0.1, -0.2, -0.3, -0.4], MEANS), mean_logprob=(MEANS, MEANS))
    fitted = ChowDeferral(score="quantile", a=0.0, rate=0.25).fit(table)
    assert replay(fitted, table).path.index((0, 2)) == 0
    assert replay(turned(fitted, "a", 1.0), table).path.index((0, 2)) == 3
    assert replay(turned(fitted, "a", 0.75), table).score(1).argmin() == 0  # -1.08, -0.90, -0.73, -0.55


def test_the_cheapest_model_that_speaks_is_asked_first():
    """A model without log-probabilities cannot be scored; one that was named nevertheless is refused."""
    table = told(mean_logprob=([NAN] * 4, MEANS))
    assert ChowDeferral().fit(table).chain == ("b", "c")
    with pytest.raises(ProblemError, match="a has no mean_logprob"):
        ChowDeferral(chain=("a", "c")).fit(table)
    assert "two models" in ChowDeferral().missing(table.select(["b"]))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"score": "sum"}, "needs the signal sum_logprob"),
        ({"score": "quantile"}, "needs the signal min_logprob for the weakest token, or logprob_q25"),
    ],
)
def test_what_is_lacking_is_said_by_column(given, words):
    """The proving ground has means only; other summaries are named, with the way to get them."""
    table = proving_ground(20)
    assert ChowDeferral().missing(table) == ""
    assert words in ChowDeferral(**given).missing(table)
    assert "live" in ChowDeferral(**given).missing(table)
    with pytest.raises(ProblemError, match=words):
        ChowDeferral(**given).fit(table)
    assert "mean_logprob" in ChowDeferral().missing(bare(table))


def test_a_quantile_beyond_the_recorded_ones_is_refused():
    """With the weakest token alone no other quantile can be told; between two recorded ones it can."""
    table = told(min_logprob=(MEANS, MEANS))
    policy = ChowDeferral(score="quantile", a=0.0)
    assert policy.missing(table) == ""
    assert "logprob_q50" in turned(policy, "a", 0.5).missing(table)
    with pytest.raises(ProblemError, match="outside the recorded quantiles"):
        replay(turned(policy.fit(table), "a", 0.5), table)
    both = told(min_logprob=(MEANS, MEANS), logprob_q60=(MEANS, MEANS))
    assert turned(policy, "a", 0.5).missing(both) == ""
