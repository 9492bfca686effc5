"""Votes among repeated answers, and how many were recorded."""

import numpy as np
import pytest

from strategies.predictors.votes import recorded_samples, vote
from tests.worlds import by_hand, sampled


def test_the_commonest_answer_wins_and_silence_has_no_vote():
    """Share of all K; a tie goes to the answer seen first; without any answer there is no winner."""
    share, first, code = vote(np.array([[5, 2, 5], [2, 5, 9], [-1, -1, 4], [-1, -1, -1]]))
    assert share == pytest.approx([2 / 3, 1 / 3, 1 / 3, 0])
    assert first.tolist() == [0, 0, 2, 0]
    assert code.tolist() == [5, 2, 4, -1]


def test_as_many_samples_count_as_nine_in_ten_queries_have():
    """One short query of twenty does not cost all others a sample; a model that was asked once is not sampled."""
    table = by_hand([[1, 1, 1]] * 20, cost=[[1, 2, 3]] * 20)
    full = sampled(table, {0: np.ones((20, 4)), 1: np.ones((20, 1))}, right=np.ones(20))
    assert recorded_samples(full) == {"a": 4}
    from dataclasses import replace

    few = np.flatnonzero(~((full.samples.query == 3) & (full.samples.model == 0)) | (np.arange(len(full.samples.query)) == 15))
    cut = replace(full.samples, **{name: getattr(full.samples, name)[few] for name in ("query", "model", "quality", "code")})
    assert recorded_samples(replace(full, samples=cut)) == {"a": 4}
    assert recorded_samples(table) == {}
