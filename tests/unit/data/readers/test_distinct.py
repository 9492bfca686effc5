"""Distinct values of a column that comes in parts."""

import numpy as np
import pyarrow as pa
import pytest

from data.readers.distinct import Distinct


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.int64(), pa.int8(), pa.uint64(), pa.float64()])
def test_codes_name_their_values_whatever_the_parts(kind):
    """Each value has one number in all parts, numbers are given in turn, and the values by number are what was put in."""
    rng, seen, codes = np.random.default_rng(0), Distinct(), []
    numbers = rng.integers(0, 90, 400)
    column = pa.array(numbers).cast(kind)
    for start, end in ((0, 3), (3, 3), (3, 150), (150, 400)):  # slices: their buffers begin earlier
        codes.append(seen.codes(column.slice(start, end - start)))
    every = np.concatenate(codes)
    assert seen.values.take(pa.array(every)).equals(column)
    assert seen.count == len(seen.values) == len(np.unique(numbers)) == every.max() + 1


def test_empty_texts_and_letters_of_several_bytes_are_values_like_others():
    """What ends in no byte, or in part of a letter."""
    seen = Distinct()
    assert seen.codes(pa.array(["", "é", "\u3042", "e", "", "é"])).tolist()[-2:] == seen.codes(pa.array(["", "é"])).tolist()
    assert seen.count == 4
    assert Distinct().codes(pa.array([""])).tolist() == [0]
