"""Numbers in words: thin spaces, a real minus, three significant digits of money, never "nan"."""

from __future__ import annotations

import math

from dashboard.charts.figures import SHORTEST_S, rounded
from dashboard.words import decisions as words

THIN, MINUS = "\u202f", "\u2212"


def grouped(value: float) -> str:
    """Return a whole number with thin spaces in thousands."""
    return f"{round(value):,}".replace(",", THIN).replace("-", MINUS)


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits and no exponent."""
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)) + 1e-12)
    if places <= 0:
        return f"{round(value, places):,.0f}".replace(",", THIN).replace("-", MINUS)
    return f"{value:,.{min(places, 12)}f}".replace(",", THIN).replace("-", MINUS)


def dollars(value: float) -> str:
    """Return an amount of USD: $0.00031 as $0.000310."""
    return f"{MINUS if value < 0 else ''}${significant(abs(value))}"


def price(value: float, unit: str) -> str:
    """Return what one query cost, in the table's cost unit; words where it is not known."""
    if math.isnan(value):
        return words.NO_COST
    return dollars(value) if unit == "USD" else words.PRICE_RELATIVE.format(amount=bare(value))


def delta(value: float, unit: str) -> str:
    """Return a difference of two prices with its sign; words where it is not known or nothing."""
    if math.isnan(value):
        return words.NO_COST
    if value == 0:
        return words.FLIP_SAME_COST
    text = dollars(abs(value)) if unit == "USD" else words.PRICE_RELATIVE.format(amount=bare(abs(value)))
    return ("+" if value > 0 else MINUS) + text


def bare(value: float) -> str:
    """Return a relative price: one decimal where that is enough."""
    return f"{value:.1f}" if value == round(value, 1) and value < 1000 else significant(value)


def seconds(value: float) -> str:
    """Return a latency: milliseconds under one second; words where it was not recorded."""
    if math.isnan(value):
        return words.NO_LATENCY
    if value < 1:
        if 0 < value < SHORTEST_S:
            return f"< 1{THIN}ms"
        ms = 1000 * value
        return f"{ms:.1f}{THIN}ms" if 0 < ms < 10 else f"{ms:.0f}{THIN}ms"
    return f"{value:.2f}{THIN}s" if value < 10 else f"{value:.1f}{THIN}s"


def percent(value: float) -> str:
    """Return a share with one decimal; words where it is not known."""
    return words.NOT_KNOWN if math.isnan(value) else f"{rounded(100 * value)}{THIN}%"


def setting(value: float) -> str:
    """Return a knob's setting, short enough to be read out."""
    return significant(value) if value == 0 or abs(value) < 100 else grouped(value)
