"""One lever: what a wrong answer costs. The policy worth most is always a vertex of the hull, so the lever snaps from vertex to vertex.

worth = value * quality - cost, per query. Policies of equal worth lie on a line of slope 1 / value in the plane of cost and quality: the
iso-utility line. The best one is where the highest of these lines touches the hull. Source: RouterBench, arXiv 2403.12031 (willingness
to pay; our value is its lambda' in the table's cost unit).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from data.problems import refuse
from strategies.frontiers.hull import hull
from strategies.protocol import Doubles, Ints
from strategies.solver.lines import Line
from strategies.solver.search import Searched


@dataclass(frozen=True, eq=False, kw_only=True)
class Lever:
    """The vertices of the hull of everything searched, V of them, cost ascending, as they look on the search half.

    cost, quality : (V,). value : (V,) ascending; from value[i] on vertex i is worth most, until value[i + 1]; value[0] = 0. Between two
    neighbours, at the value itself, both are worth the same. point : (V,) positions among the points that were given.
    """

    cost: Doubles
    quality: Doubles
    value: Doubles
    point: Ints

    def at(self, value: float) -> int:
        """Return the vertex that is worth most when a wrong answer costs `value`; the dearer one at a breakpoint."""
        return max(int(np.searchsorted(self.value, value, side="right")) - 1, 0)

    def slope(self, value: float) -> float:
        """Return the quality that one unit of cost has to buy at this value: the slope of the iso-utility line; inf at 0."""
        return np.inf if value == 0 else 1.0 / value

    def snapped(self, value: float) -> float:
        """Return a value in the middle of the range over which the choice stays as it is; twice the last breakpoint past it."""
        at = self.at(value)
        high = self.value[at + 1] if at + 1 < len(self.value) else 3 * self.value[at]
        return float((self.value[at] + high) / 2) if high > 0 else float(value)


def lever(cost: ArrayLike, quality: ArrayLike) -> Lever:
    """Return the lever over (P,) points; unknown ones are left out. ProblemError where none is known."""
    x, y = np.asarray(cost, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    vertices = hull(x, y)
    if not len(vertices):
        raise refuse("no policy has a known cost and quality.", "Type prices on the Data page.")
    value = np.append(0.0, np.diff(x[vertices]) / np.diff(y[vertices]))
    return Lever(cost=x[vertices], quality=y[vertices], value=value, point=vertices)


def lever_of(searched: Searched) -> tuple[Lever, tuple[tuple[Line, int], ...]]:
    """Return the lever over everything searched, and the line and setting of each of its vertices."""
    lines = searched.lines
    cost = np.concatenate([line.means(lambda seen, _: seen.cost.astype(np.float64)) for line in lines])
    quality = np.concatenate([line.means(lambda seen, _: seen.quality.astype(np.float64)) for line in lines])
    found = lever(cost, quality)
    starts = np.cumsum([0, *(len(line) for line in lines)])
    which = np.searchsorted(starts, found.point, side="right") - 1
    return found, tuple((lines[int(at)], int(point - starts[at])) for at, point in zip(which, found.point, strict=True))
