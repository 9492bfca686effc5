"""What a live query cannot give: paid signals and repeated answers; and what it gives only where somebody judges."""

import pytest

from data.live.judge import Opinion
from data.models import ModelCard
from data.problems import ProblemError
from data.queries import QuerySet
from strategies.engines.calling import LiveSource
from strategies.engines.fees import NOBODY


def test_a_live_query_is_asked_once():
    """Nobody is asked once more for a signal, so none has a price; repeated answers are refused with the way to record them."""
    source = LiveSource(QuerySet.build(["q"], prompts=["what is one"]), [ModelCard(name="a")], lambda m: None)
    assert source.price("self_check", 0) is None
    with pytest.raises(ProblemError, match=r"asked once a question here.*several samples"):
        source.samples(0)


def test_a_judge_is_asked_once_and_only_when_asked_for():
    """Its chances are a feature, what it cost is the feature's price; nothing else of the query asks it, and no model's signal does."""
    asked = []

    def judge():
        asked.append("once")
        return Opinion(chances=(0, 0, 0.5, 0.25, 0.25), cost_usd=0.5, latency_s=2.0)

    source = LiveSource(QuerySet.build(["q"], prompts=["what is one"]), [ModelCard(name="a")], lambda m: None, judge=judge)
    source.feature("text")
    assert (source.price("text", NOBODY), source.price("judge", 0), asked) == (None, None, [])
    assert [source.feature("judge").tolist() for _ in range(2)] == [[[0, 0, 0.5, 0.25, 0.25]]] * 2
    assert [column.tolist() for column in source.price("judge", NOBODY)] == [[0.5], [2.0]]
    assert asked == ["once"]


def test_without_a_judge_there_is_no_opinion():
    """It says who could give one."""
    source = LiveSource(QuerySet.build(["q"], prompts=["what is one"]), [ModelCard(name="a")], lambda m: None)
    with pytest.raises(ProblemError, match="nobody judges"):
        source.feature("judge")
