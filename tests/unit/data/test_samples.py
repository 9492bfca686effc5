"""Repeated answers as a ragged table."""

import numpy as np

from data.samples import Samples


def test_samples_know_their_place():
    """A ragged table of samples is filled up with -1 and NaN."""
    samples = Samples(
        query=np.array([0, 0, 2], np.int32), model=np.array([1, 1, 1], np.int32), quality=np.array([1, 0, 1], np.float32),
        code=np.array([4, 5, 6], np.int32),
    )  # fmt: skip
    code, quality = samples.dense(1, 3)
    assert code.tolist() == [[4, 5], [-1, -1], [6, -1]]
    assert np.isnan(quality).tolist() == [[False, False], [True, True], [False, True]]
    assert samples.dense(0, 3)[0].shape == (3, 0)
