"""A plane the size of a stamp: single models, quality against cost. One small SVG, so that a gallery stays light."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import theme

WIDTH, HEIGHT = 260, 108
_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 12, 12, 22
_RADIUS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One single model. cost : mean USD per query, NaN = not known. quality : mean in [0, 1], NaN = not known."""

    name: str
    cost: float
    quality: float


def thumbnail(dots: Sequence[Dot], *, mode: str, caption: str) -> str:
    """Return the picture as one SVG element; `caption` is written along the horizontal axis."""
    colours = theme.palette(mode)
    drawn = [dot for dot in dots if not math.isnan(dot.quality)]
    across = _across(drawn)
    up = _scaled([dot.quality for dot in drawn], HEIGHT - _BOTTOM - _RADIUS - 2, _TOP)
    floor = HEIGHT - _BOTTOM + 4
    parts = [f'<line x1="{_LEFT}" y1="{floor}" x2="{WIDTH - _RIGHT}" y2="{floor}" stroke="{colours.line}"/>']
    for rank, i in enumerate(sorted(range(len(drawn)), key=lambda i: across[i])):
        share = rank / max(len(drawn) - 1, 1)
        title = html.escape(f"{drawn[i].name}: {drawn[i].quality:.1%}")
        parts.append(
            f'<circle cx="{across[i]:.1f}" cy="{up[i]:.1f}" r="{_RADIUS}" fill="{theme.model_colour(share, mode)}" '
            f'stroke="{colours.paper}"><title>{title}</title></circle>'
        )
    written = f'font-size="11" fill="{colours.muted}" font-family="Source Sans, system-ui, sans-serif"'
    parts.append(f'<text x="{_LEFT}" y="{HEIGHT - 5}" {written}>{html.escape(caption)}</text>')
    label = html.escape(f"{len(drawn)} models, {caption}", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" aria-label="{label}" style="display:block">'
        + "".join(parts)
        + "</svg>"
    )


def priced(dots: Sequence[Dot]) -> bool:
    """Whether at least two models have a cost: else the horizontal place says nothing."""
    return sum(not math.isnan(dot.cost) for dot in dots) >= 2


def _across(dots: Sequence[Dot]) -> list[float]:
    """Return the horizontal places: by log cost, or by the order of quality where no cost is known."""
    low, high = _LEFT + _RADIUS, WIDTH - _RIGHT - _RADIUS
    if not priced(dots):
        order = {i: rank for rank, i in enumerate(sorted(range(len(dots)), key=lambda i: dots[i].quality))}
        return _scaled([float(order[i]) for i in range(len(dots))], low, high)
    known = [dot.cost for dot in dots if dot.cost > 0]
    least = min(known, default=1.0)
    logs = [math.log10(max(dot.cost, least / 3)) if not math.isnan(dot.cost) else math.nan for dot in dots]
    middle = math.fsum(x for x in logs if not math.isnan(x)) / max(sum(not math.isnan(x) for x in logs), 1)
    return _scaled([middle if math.isnan(x) else x for x in logs], low, high)


def _scaled(values: Sequence[float], start: float, end: float) -> list[float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high - low < 1e-12:
        return [(start + end) / 2 for _ in values]
    return [start + (end - start) * (value - low) / (high - low) for value in values]
