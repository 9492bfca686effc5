"""Summaries of token log-probabilities by the names of their columns."""

import pytest

from data.problems import ProblemError
from strategies.predictors.tokens import columns, level, quantiles


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("min_logprob", 0.0), ("logprob_q25", 0.25), ("logprob_q2.5", 0.025), ("logprob_q100", 1.0)]
    + [(name, None) for name in ("logprob_q101", "logprob_q", "logprob_qx", "mean_logprob", "25")],
)
def test_the_name_says_the_quantile(name, wanted):
    """The number after the prefix is the quantile in per cent; other names hold none."""
    assert level(name) == wanted


def test_between_two_quantiles_lies_a_straight_line():
    """A recorded one is taken as it is; outside there is nothing to take."""
    names = ("logprob_q50", "margin", "min_logprob")
    assert list(quantiles(names)) == [0.0, 0.5]
    assert columns(names, "quantile", 0.5) == [("logprob_q50", 1.0)]
    assert columns(names, "quantile", 0.125) == [("min_logprob", 0.75), ("logprob_q50", 0.25)]
    assert columns(names, "sum", 0.125) == [("sum_logprob", 1.0)]
    with pytest.raises(ProblemError, match="outside the recorded"):
        columns(names, "quantile", 0.6)
