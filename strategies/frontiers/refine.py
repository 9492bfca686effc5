"""Where to look along a knob: close together where decisions change, wide apart where they do not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from strategies.engines.run import Run, exact_mean
from strategies.protocol import Doubles

FIRST = 9
_STEP = 0.04  # nearer than this, in shares of the curve, nothing more is looked at
_FINEST = 2.0**-14  # of the range: what changes at one value would be halved without end


def refined(act: Callable[[float], Run], low: float, high: float, most: int) -> dict[float, Run]:
    """Return setting -> run, ascending, of at most `most` settings: FIRST even ones, then always the middle of the widest step.

    How wide a step is: by how much cost and quality move, in shares of what the whole curve does, and on how many of the queries the
    decisions differ; a shorter step counts less. Two settings with equal decisions are taken to be equal in between: true for a knob
    that moves each query once.
    """
    runs = {float(at): act(float(at)) for at in np.linspace(low, high, min(FIRST, most))}
    differing: dict[tuple[float, float], float] = {}
    while len(runs) < most:
        settings = sorted(runs)
        steps = list(pairwise(settings))
        differing |= {step: _differing(*(runs[at] for at in step)) for step in steps if step not in differing}
        share = np.array([differing[step] for step in steps])
        width = share + sum(_moved(np.array([exact_mean(getattr(runs[at], name)) for at in settings])) for name in ("cost_usd", "quality"))
        length = np.diff(settings) / (high - low)
        open_ = (share > 0) & (width > _STEP) & (length > _FINEST)
        if not open_.any():
            break
        widest = int(np.where(open_, width * np.sqrt(length), 0).argmax())  # a jump stays as wide however often it is halved
        middle = sum(steps[widest]) / 2
        runs[middle] = act(middle)
    return dict(sorted(runs.items()))


def _differing(one: Run, other: Run) -> float:
    """Return the share of queries with another answer or other calls."""
    return float(((one.answer != other.answer) | (one.called != other.called).any(axis=1)).mean())


def _moved(values: Doubles) -> Doubles:
    """Return (K - 1,) how far each step goes, as a share of the range; 0 where it is not known."""
    known = values[~np.isnan(values)]
    reach = float(np.ptp(known)) if len(known) else 0.0
    return np.nan_to_num(np.abs(np.diff(values))) / (reach or 1.0)
