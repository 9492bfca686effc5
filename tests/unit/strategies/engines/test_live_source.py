"""What a live query cannot give: paid signals and repeated answers."""

import pytest

from data.models import ModelCard
from data.problems import ProblemError
from data.queries import QuerySet
from strategies.engines.calling import LiveSource


def test_a_live_query_is_asked_once():
    """Nobody is asked once more for a signal, so none has a price; repeated answers are refused with the way to record them."""
    source = LiveSource(QuerySet.build(["q"], prompts=["what is one"]), [ModelCard(name="a")], lambda m: None)
    assert source.price("self_check", 0) is None
    with pytest.raises(ProblemError, match=r"asked once a question here.*several samples"):
        source.samples(0)
