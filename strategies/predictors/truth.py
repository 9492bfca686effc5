"""What declared bounds foresee: the recorded outcomes themselves."""

from __future__ import annotations

from typing import cast

import numpy as np

from strategies.engines.loop import BoundLoopView
from strategies.protocol import Doubles, View


def truth(view: View) -> tuple[Doubles, Doubles]:
    """Return (n, M) recorded quality and cost of all models, NaN = not run or not known; only a bound's view has them."""
    sight, count = cast("BoundLoopView", view), range(len(view.models))
    quality, cost = (np.stack([read(m) for m in count], axis=1).astype(np.float64) for read in (sight.quality, sight.price))
    return quality, cost
