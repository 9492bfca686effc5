"""The bootstrap in blocks: that of `bands` to the bit, and one of its own where that has a formula."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from data.problems import ProblemError, Stopped
from strategies.uncertainty import resample
from strategies.uncertainty.bootstrap import bands
from strategies.work import bootstrap_blocks as blocks
from strategies.work.bootstrap_blocks import bootstrap_blocks
from strategies.work.pool import steady


@pytest.mark.parametrize("strata", [False, True])
def test_blocks_are_the_resamples_of_bands(strata: bool) -> None:
    """Means and both ends of every column are those of `bands`, to the bit, with an unknown column and an odd last block too."""
    random = np.random.default_rng(0)
    x = random.random((700, 6), dtype=np.float32)
    x[3, 2] = np.nan
    kinds = random.integers(0, 4, len(x)) if strata else None
    with steady():
        wanted = bands(x, strata=kinds, seed=7)
    found = bootstrap_blocks(x, strata=kinds, seed=7)
    assert all(np.array_equal(getattr(found.bands(), name), getattr(wanted, name), equal_nan=True) for name in ("mean", "low", "high"))
    assert found.bands().method == "bootstrap"
    assert np.array_equal(found.means, found.noise + found.mean, equal_nan=True)
    assert bootstrap_blocks(x, resamples=130, strata=kinds).noise.shape == (130, 6)


@pytest.mark.parametrize("strata", [False, True])
def test_more_queries_than_can_be_kept_are_resampled_block_by_block(strata: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the resamples are drawn from each block's own seed: their spread is the formula's, whatever is held at a time.

    Where each stratum is constant, and keeps its size, nothing is left to chance.
    """
    monkeypatch.setattr(resample, "MANY", 500)
    random = np.random.default_rng(1)
    kinds = random.integers(0, 3, 2000) if strata else None
    x = random.random((2000, 3))
    x[:, 2] = 1.0 if kinds is None else kinds
    found = bootstrap_blocks(x, strata=kinds, resamples=1000)
    assert np.std(found.noise[:, :2], axis=0) == pytest.approx(x[:, :2].std(axis=0) / np.sqrt(2000), rel=0.08)
    assert found.noise[:, 2] == pytest.approx(0, abs=1e-12)
    assert not np.array_equal(found.noise[:100], found.noise[100:200])
    monkeypatch.setattr(blocks, "_CELLS", 30 * 2000)
    assert np.allclose(bootstrap_blocks(x, strata=kinds, resamples=1000).noise, found.noise, rtol=0, atol=1e-12)


def test_a_stopped_bootstrap_is_one_of_fewer_resamples() -> None:
    """The first blocks are those of the whole; with none there is nothing to return; shapes that do not fit are refused."""
    x, stop = np.random.default_rng(2).random((50, 2)), threading.Event()

    def progress(done: int, total: int) -> None:
        assert total == 10
        if done == 2:
            stop.set()

    part = bootstrap_blocks(x, progress=progress, stop=stop)
    assert np.array_equal(part.noise, bootstrap_blocks(x).noise[:200])
    with pytest.raises(Stopped):
        bootstrap_blocks(x, stop=stop)
    for wrong in (np.zeros(5), np.zeros((1, 2))):
        with pytest.raises(ProblemError, match="cannot be resampled"):
            bootstrap_blocks(wrong)
