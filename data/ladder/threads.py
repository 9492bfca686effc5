"""One thread for NumPy's matrix products while an embedded model answers.

Their matrices are small: two threads of OpenBLAS that wait for each other on busy cores were up to 30 times slower than one
(64 answers of R4 on two cores beside two busy processes: 1.3 s against 0.06 s).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_LOCK = Lock()
_HELD: list[Any] = []  # one entry a use under way; the first holds the limit, which is the whole process's


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep matrix products on the calling thread; uses may overlap, the last to end gives the threads back."""
    with _LOCK:
        _HELD.append(_limited() if not _HELD else None)
    try:
        yield
    finally:
        with _LOCK:
            # Whoever ends takes an entry without the limit while there is one.
            limit = _HELD.pop()
            if limit is not None:
                _take_over()
                limit.restore_original_limits()
                _take_over()


def _limited() -> Any:
    _take_over()
    return _controller().limit(limits=1, user_api="blas")


def _take_over() -> None:
    """Let this thread set the limit: threadpoolctl ignores all but the first that did, but here the last may be another."""
    from threadpoolctl import OpenBLASController  # type: ignore[import-untyped]

    OpenBLASController.clear_controlling_thread(force=True)


@cache
def _controller() -> Any:
    import numpy  # noqa: F401, ICN001 - only libraries that are loaded already are found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
