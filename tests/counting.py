"""Count calls of functions: what says that work is done on whole columns, on any machine, however busy."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def calls() -> Iterator[list[int]]:
    """Yield a list of one number, how many functions were called within the block, those written in C among them."""
    counted = [0]

    def count(_frame: object, event: str, _argument: object) -> None:
        counted[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counted
    finally:
        sys.setprofile(before)
