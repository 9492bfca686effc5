"""How numbers are written: money with three significant digits, per cent with one decimal, never "nan"."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

DASH = "–"
SHORTEST_S = 0.0005  # below it a time is written as short: rounded to 0 ms it would read as not measured
_ADDRESS = re.compile(r"(?<!`)https?://[^\s)`]+")


def usd(value: float) -> str:
    """Return an amount without its sign and unit, three significant digits: 0.84, 12.4, 1,240; a dash where not known."""
    if math.isnan(value):
        return DASH
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 9)}f}"


def money(value: float) -> str:
    """Return an amount with its sign, a dash where not known."""
    return DASH if math.isnan(value) else f"${usd(value)}"


def rounded(value: float, digits: int = 1) -> str:
    """Return a number with so many decimals, halves away from zero as browsers do: 58.25 is 58.3 on every page."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


def percent(share: float) -> str:
    """Return a share in per cent with one decimal, a dash where not known."""
    return DASH if math.isnan(share) else f"{rounded(100 * share)} %"


def seconds(value: float) -> str:
    """Return a time in ms under a second, else in s; a dash where not known."""
    if math.isnan(value):
        return DASH
    if 0 < value < SHORTEST_S:
        return "< 1 ms"
    return f"{value * 1000:,.0f} ms" if value < 0.9995 else f"{value:,.1f} s"


def count(value: float) -> str:
    """Return a count or a mean of counts, a dash where not known."""
    return DASH if math.isnan(value) else f"{value:,.0f}"


def full(value: float) -> str:
    """Return a number at full precision for a hover, empty where not known."""
    return "" if math.isnan(value) else f"{value:.15g}"


def plain(text: str) -> str:
    """Return a text for Markdown: dollar signs stay dollar signs, addresses are shown as they are and not linked."""
    return _ADDRESS.sub(r"`\g<0>`", text).replace("$", "\\$")
