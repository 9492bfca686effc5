"""Recorded summaries of an answer's token log-probabilities: their sum, their mean, and quantiles of them."""

from __future__ import annotations

from collections.abc import Iterable

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.signals import instead, known

SUMMARIES = {"sum": "sum_logprob", "average": "mean_logprob"}
QUANTILE = "logprob_q"  # and the level in per cent: logprob_q25
TO_RECORD = "Map it on the Data page, or run the models live at an endpoint that returns log-probabilities."


def level(name: str) -> float | None:
    """Return which quantile of the tokens a signal holds (the least one is the 0-quantile), None where it holds none."""
    if name == "min_logprob":
        return 0.0
    number = name.removeprefix(QUANTILE)
    if name == number or not number.replace(".", "", 1).isdigit() or float(number) > 100:
        return None
    return float(number) / 100


def quantiles(names: Iterable[str]) -> dict[float, str]:
    """Return level -> signal of those names that hold quantiles, ascending."""
    return dict(sorted((at, name) for name in names if (at := level(name)) is not None))


def recorded(table: OutcomeTable) -> list[str]:
    """Return the signals of a table that hold any of these summaries."""
    quantile = quantiles(table.signals).values()
    return [name for name in (*SUMMARIES.values(), *quantile) if known(table, name)]


def lacking(table: OutcomeTable, summary: str, a: float) -> str:
    """Return in words which column a summary ("sum", "average", or "quantile" at level a) needs, or an empty string."""
    if summary in SUMMARIES:
        name = SUMMARIES[summary]
        return "" if known(table, name) else f"Chow-{summary.title()} needs the signal {name}. {TO_RECORD}{instead(table, name)}"
    found = quantiles(recorded(table))
    if not found:
        return (
            f"Chow-Quantile needs the signal min_logprob for the weakest token, or {QUANTILE}25 for the 0.25-quantile. "
            f"{TO_RECORD}{instead(table, 'min_logprob')}"
        )
    if not min(found) <= a <= max(found):
        held = ", ".join(found.values())
        return (
            f"Chow-Quantile({a:g}) needs a signal {QUANTILE}{100 * a:g}, a quantile of the tokens (here: {held}): map it on the Data page."
        )
    return ""


def columns(names: Iterable[str], summary: str, a: float) -> list[tuple[str, float]]:
    """Return (signal, weight) whose weighted sum is the summary; between two recorded quantiles, the straight line between them."""
    if summary in SUMMARIES:
        return [(SUMMARIES[summary], 1.0)]
    found = quantiles(names)
    low = max((at for at in found if at <= a), default=None)
    high = min((at for at in found if at >= a), default=None)
    if low is None or high is None:
        raise refuse(f"Chow-Quantile({a:g}) lies outside the recorded quantiles.", f"Record the signal {QUANTILE}{100 * a:g}.")
    if low == high:
        return [(found[low], 1.0)]
    share = (a - low) / (high - low)
    return [(found[low], 1 - share), (found[high], share)]
