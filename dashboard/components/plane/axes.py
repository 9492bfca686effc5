"""Domain, scales and ticks of the exported picture: the Python twin of axes.js."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from dashboard.components.plane.scene import Dot, Scene, points

LEFT, RIGHT, TOP, BOTTOM = 66.0, 800.0, 118.0, 500.0
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plane:
    """Scales from data to pixels. x0..x1, y0..y1 : the domain drawn; log : x in log scale."""

    x0: float
    x1: float
    y0: float
    y1: float
    log: bool

    def x(self, value: float) -> float:
        """Return the pixel column of an x value."""
        low, high, at = (math.log(max(v, self.x0 * 1e-3)) if self.log else v for v in (self.x0, self.x1, value))
        return LEFT + (at - low) / (high - low) * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        """Return the pixel row of a quality."""
        return BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (BOTTOM - TOP)


def fit(scene: Scene) -> Plane:
    """Return the scales that hold everything known of a scene; log only if it asks for it and every x is above zero."""
    parts = list(points(scene))
    x, y = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    both = np.isfinite(x) & np.isfinite(y)
    x, y = (x[both], y[both]) if both.any() else (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    if not any(s.curves for s in scene.strategies):
        ends = [v for d in _all_dots(scene) for v in (d.y_low, d.y_high) if math.isfinite(v)]
        y = np.append(y, ends)
    low, high, bottom, top = float(x.min()), float(x.max()), float(y.min()), float(y.max())
    pad, log = max(0.01, (top - bottom) * 0.08), scene.axis.log and low > 0
    if log:
        room = max(1.12, (high / low) ** 0.05)
        left, right = low / room, high * room
    else:
        left = min(0.0, low) if low < 0.4 * high else low - 0.08 * (high - low)
        right = high + 0.05 * max(high - left, 1e-9)
        left -= 0.02 * (right - left)
    return Plane(left, right, max(0.0, bottom - 1.6 * pad), min(1.0, top + pad) + (0.004 if top + pad > 1 else 0), log)


def _all_dots(scene: Scene) -> Iterable[Dot]:
    yield from scene.dots
    yield from (s.point_only for s in scene.strategies if s.point_only is not None)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return about `most` round numbers (1, 2 or 5 times a power of ten apart) between two values."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1, 2, 5, 10) if m * power >= raw), raw)
    return [i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round numbers between two positive values, evenly spread in log scale."""
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        round_ones = [m * 10.0**e for e in tens for m in steps if low <= m * 10.0**e <= high]
        if 1 < len(round_ones) <= most:
            return round_ones
    return ticks(low, high, most)


def chords(plane: Plane, xs: Sequence[float], ys: Sequence[float]) -> list[Point]:
    """Return a hull in pixels. Mixing is linear in cost, so that a chord is bent on a log axis."""
    if len(xs) == 0:
        return []
    fine = np.concatenate([np.linspace(a, b, 24) for a, b in pairwise(xs)]) if len(xs) > 1 else np.asarray(xs)
    return [(plane.x(float(x)), plane.y(float(y))) for x, y in zip(fine, np.interp(fine, xs, ys), strict=True)]


def runs(plane: Plane, xs: Iterable[float], ys: Iterable[float]) -> list[list[Point]]:
    """Return a curve in pixels as runs of known points, vertices a third of a pixel apart at least: a hole stays a hole."""
    out: list[list[Point]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if not (math.isfinite(x) and math.isfinite(y)):
            out += [[]] if out[-1] else []
            continue
        at = plane.x(float(x)), plane.y(float(y))
        if not out[-1] or abs(at[0] - out[-1][-1][0]) >= 0.34 or abs(at[1] - out[-1][-1][1]) >= 0.34:
            out[-1].append(at)
    return [run for run in out if run]
