"""Published figures and ours as text, with the digits that the published one has."""

from __future__ import annotations

import math

from strategies.published.base import Headline, Outcome

MINUS = "\u2212"
NOTHING = "\u2013"


def digits(headline: Headline) -> int:
    """Return how many decimals a figure is given in: those that its tolerance leaves."""
    return 0 if headline.tolerance == 0 else max(0, math.floor(-math.log10(headline.tolerance) + 1e-9))


def figure(value: float, headline: Headline) -> str:
    """Return a value with the decimals of the published one and a comma at thousands; a dash where it is not known."""
    return NOTHING if math.isnan(value) else f"{value:,.{digits(headline)}f}".replace("-", MINUS)


def difference(outcome: Outcome) -> str:
    """Return ours less the published figure, signed, with one more decimal; a dash where ours is not known."""
    value = outcome.difference
    if math.isnan(value):
        return NOTHING
    text = f"{abs(value):,.{digits(outcome.headline) + 1}f}"
    return text if not float(text.replace(",", "")) else f"{'+' if value > 0 else MINUS}{text}"
