"""Keeping what was computed from arrays that nobody changes."""

import numpy as np
import pytest

from strategies.predictors.remembered import forget, remembered


def test_the_same_arrays_are_computed_once():
    """By identity and name: the same arrays give the same object back, other arrays of equal value or another name do not."""
    made = []

    def make():
        made.append(1)
        return np.zeros(3)

    x, y = np.ones(3), np.ones(3)
    first = remembered("a", (x, y), make)
    assert remembered("a", (x, y), make) is first
    assert len(made) == 1
    remembered("a", (y, x), make)
    remembered("b", (x, y), make)
    assert len(made) == 3
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_only_the_last_few_are_kept():
    """Twelve others later it is computed again."""
    arrays = [np.ones(1) for _ in range(13)]
    first = remembered("many", (arrays[0],), lambda: np.zeros(1))
    for array in arrays[1:]:
        remembered("many", (array,), lambda: np.zeros(1))
    assert remembered("many", (arrays[0],), lambda: np.zeros(1)) is not first


def test_what_is_forgotten_is_computed_again():
    """A timing must not find yesterday's answers."""
    x = np.ones(2)
    first = remembered("forgotten", (x,), lambda: np.zeros(1))
    forget()
    assert remembered("forgotten", (x,), lambda: np.zeros(1)) is not first
