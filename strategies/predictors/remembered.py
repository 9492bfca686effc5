"""What was computed from arrays that nobody changes, kept so that a moving slider does not compute it again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

_KEPT: OrderedDict[tuple[Any, ...], tuple[tuple[NDArray[Any], ...], NDArray[Any]]] = OrderedDict()
_MOST_KEPT = 12
_LOCK = threading.Lock()


def remembered(what: str, arrays: tuple[NDArray[Any], ...], make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return make(), kept for the last few calls with the same arrays (by identity) under the same name."""
    key = (what, *(id(array) for array in arrays))
    with _LOCK:
        kept = _KEPT.get(key)
        if kept is not None:
            _KEPT.move_to_end(key)
            return kept[1]
    found = make()
    found.flags.writeable = False
    with _LOCK:
        # The arrays are kept beside the answer, so that their ids cannot be given to others meanwhile.
        _KEPT[key] = (arrays, found)
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def forget() -> None:
    """Drop everything that is kept: what is asked next is computed anew."""
    with _LOCK:
        _KEPT.clear()
