"""Facts of a model that its name states: size and release date. What a name does not say is unknown, never guessed."""

from __future__ import annotations

import datetime as dt
import re

from data.models import ModelCard

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z0-9])")
_DATE = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_DAYS = 365.25


def billions(card: ModelCard) -> float:
    """Return parameters in billions as the name says them ("llama-2-13b", "mixtral-8x7b" = 56, "smollm2-135m"); NaN if it says none."""
    found = _SIZE.search(card.name.lower())
    if found is None:
        return float("nan")
    copies, size, unit = found.groups()
    return float(copies or 1) * float(size) * (1.0 if unit == "b" else 1e-3)


def released(card: ModelCard) -> float:
    """Return the date in the name ("gpt-4o-2024-05-13", "claude-3-haiku-20240307") in years; NaN if there is none.

    A card's own date is that of its price, which says nothing of the model's age.
    """
    for found in _DATE.finditer(card.name):
        try:
            return dt.date(*(int(part) for part in found.groups())).toordinal() / _DAYS
        except ValueError:  # digits that are no date
            continue
    return float("nan")
