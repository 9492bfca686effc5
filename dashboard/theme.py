"""Every colour of the product, for light and dark, and the Plotly template made from them.

Models lie on an ordered scale (one slate hue, pale = cheap, deep = dear; reversed in the dark, so that the dear one always
stands out most). Strategies come from a categorical palette of eight whose members stay apart under simulated
protanopia, deuteranopia and tritanopia (the unit test measures it). Right and wrong always carry a glyph too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Mode: TypeAlias = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one mode as #RRGGBB. strategies : eight, by order of use; models : stops of the scale, cheap to dear."""

    paper: str
    panel: str
    ink: str
    muted: str
    faint: str
    line: str
    accent: str
    right: str
    wrong: str
    warn: str
    oracle: str
    strategies: tuple[str, ...]
    models: tuple[str, ...]


LIGHT = Palette(
    paper="#FFFDF9",
    panel="#F4F1EA",
    ink="#14171B",
    muted="#5D6269",
    faint="#8C9096",
    line="#DCD7CC",
    accent="#3A55C4",
    right="#146C53",
    wrong="#A9322A",
    warn="#7A5B00",
    oracle="#7A6A3A",
    strategies=("#4967E3", "#A93500", "#146C53", "#CF5295", "#9E8139", "#0C96CC", "#45339B", "#6A151D"),
    models=("#A9B6C4", "#75879B", "#4A5D73", "#1F2F42"),
)
DARK = Palette(
    paper="#15181C",
    panel="#1E2227",
    ink="#E8E5DE",
    muted="#A7ABB1",
    faint="#7D838B",
    line="#363C43",
    accent="#7C95F7",
    right="#4CC7A0",
    wrong="#F08A7E",
    warn="#E3BF5B",
    oracle="#CDBB84",
    strategies=("#2AB0FA", "#FA7100", "#D2FCA4", "#F797B1", "#FDC805", "#88EFFC", "#8967CA", "#B2767B"),
    models=("#4F5E70", "#7B8DA2", "#AAB9C9", "#DEE7F0"),
)
PALETTES: Mapping[Mode, Palette] = {"light": LIGHT, "dark": DARK}
RIGHT_GLYPH, WRONG_GLYPH, UNKNOWN_GLYPH = "✓", "✗", "?"
FONT = "'Source Sans', 'Source Sans Pro', system-ui, sans-serif"
SERIF = "'Source Serif', 'Source Serif Pro', Georgia, serif"


def palette(mode: str) -> Palette:
    """Return the colours of a mode; anything that isn't "dark" is light (what Streamlit says before it knows)."""
    return DARK if mode == "dark" else LIGHT


def strategy_colour(index: int, mode: str = "light") -> str:
    """Return the colour of the index-th strategy in play, as #RRGGBB; from the ninth on they repeat."""
    colours = palette(mode).strategies
    return colours[index % len(colours)]


def model_colour(rank: float, mode: str = "light") -> str:
    """Return a model's colour as #RRGGBB. rank : 0 cheapest .. 1 dearest; unknown (NaN) is the middle of the scale."""
    stops = palette(mode).models
    at = (0.5 if rank != rank else min(1.0, max(0.0, rank))) * (len(stops) - 1)  # noqa: PLR0124 (NaN is not itself)
    low = min(int(at), len(stops) - 2)
    return mix(stops[low], stops[low + 1], at - low)


def glyph(right: bool | None, mode: str = "light") -> tuple[str, str]:
    """Return (glyph, colour) of a right, wrong or unknown answer."""
    colours = palette(mode)
    if right is None:
        return UNKNOWN_GLYPH, colours.muted
    return (RIGHT_GLYPH, colours.right) if right else (WRONG_GLYPH, colours.wrong)


def plain() -> dict[str, Any]:
    """Return both palettes as plain values, for the browser."""
    return {mode: asdict(colours) for mode, colours in PALETTES.items()}


def plotly_template(mode: str = "light") -> dict[str, Any]:
    """Return a Plotly template as a plain dict: no grid box, hairlines, the categorical and the model scale."""
    c = palette(mode)
    axis = {
        "gridcolor": c.line,
        "linecolor": c.line,
        "zerolinecolor": c.line,
        "tickcolor": c.line,
        "ticks": "outside",
        "showline": True,
        "gridwidth": 0.5,
        "automargin": True,
        "title": {"font": {"size": 13, "color": c.muted}},
        "tickfont": {"size": 12, "color": c.muted},
    }
    scale = [[i / (len(c.models) - 1), colour] for i, colour in enumerate(c.models)]
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": c.ink},
        "colorway": list(c.strategies),
        "colorscale": {"sequential": scale},
        "xaxis": axis,
        "yaxis": axis,
        "margin": {"l": 48, "r": 16, "t": 24, "b": 40},
        "legend": {"orientation": "h", "y": 1.08, "x": 0, "font": {"size": 12}},
        "hoverlabel": {"bgcolor": c.panel, "bordercolor": c.line, "font": {"color": c.ink, "family": FONT}},
    }
    return {"layout": layout, "data": {}}


def mix(a: str, b: str, share: float) -> str:
    """Return the #RRGGBB colour `share` (0 to 1) of the way from a to b."""
    parts = (round(int(a[i : i + 2], 16) * (1 - share) + int(b[i : i + 2], 16) * share) for i in (1, 3, 5))
    return "#" + "".join(f"{part:02X}" for part in parts)


def ink_on(colour: str) -> str:
    """Return the text colour that reads best on a #RRGGBB ground."""
    return "#000000" if luminance(colour) > 0.179 else "#FFFFFF"


def luminance(colour: str) -> float:
    """Return the relative luminance of #RRGGBB, 0 to 1. Source: WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #RRGGBB colours, 1 to 21. Source: WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# The plane's place is kept while it loads, so that nothing below it jumps.
_STAGE_PLACE = ".st-key-stage-place {min-height: 47rem} @media (max-width: 640px) {.st-key-stage-place {min-height: 58rem}}"


def style(mode: str | None) -> str:
    """Return the few rules that config.toml has no key for, as a style element.

    The dark accent is light enough to be read as text, so white on it is not: its buttons are written in the paper's colour.
    """
    ink = f"button[kind^=primary] :is(p, span) {{color: {palette('dark').paper}}}" if mode == "dark" else ""
    return f"<style>{_STAGE_PLACE} {ink}</style>"


# Two ways from one point, one of them taken: drawn in the accent, which carries on both grounds.
_WAYS = (
    '<g fill="none" stroke="#5B77EC" stroke-width="2.6" stroke-linecap="round"><path d="M6 24 C14 24 16 8 26 8"/>'
    '<path d="M6 24 C14 24 16 22 26 22" opacity=".4"/></g><circle cx="6" cy="24" r="3.4" fill="#5B77EC"/>'
    '<circle cx="27" cy="8" r="3.4" fill="#5B77EC"/>'
)
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">{_WAYS}</svg>'
LOGO = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 172 32" width="172" height="32">{_WAYS}'
    '<text x="40" y="23" font-family="Source Serif 4, Georgia, serif" font-size="20" font-weight="600" fill="#5B77EC">'
    "RouteScope</text></svg>"
)
