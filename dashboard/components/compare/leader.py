"""The best of many, in one sentence above the table: its figure, the same corrected for having been chosen, who may be as good."""

from __future__ import annotations

from dashboard.charts.figures import plain
from dashboard.components.plane.figures import percent
from dashboard.words import pair as words
from data.problems import listed
from strategies.study.compare import Comparison, Row


def told(now: Comparison) -> str:
    """Return the sentence, "" where fewer than two strategies can be ranked."""
    best = now.best
    first = None if best is None else now.row(best.id)
    if best is None or first is None:
        return ""
    said = words.LEADS.format(
        title=first.title, figure=words.FIGURES[best.figure], shown=percent(best.shown), n=len(best.ranked),
        corrected=percent(best.corrected), bound=percent(best.bound), level=percent(best.level, 0),
    )  # fmt: skip
    names = [row.title for each in best.tied if (row := now.row(each)) is not None]
    if not names:
        return plain(said + words.NO_TIES)
    if len(names) == len(best.ranked) - 1 and len(names) > 1:
        return plain(said + words.ALL_TIES)
    ties = words.ONE_TIE if len(names) == 1 else words.TIES
    return plain(said + ties.format(names=listed(names, words.NAMED)))


def mark(now: Comparison, row: Row) -> str | None:
    """Return how a row stands to the best, in a word; None for one that is surely behind it, or not ranked."""
    best = now.best
    if best is None:
        return None
    return words.LEADER if row.id == best.id else words.TIED if row.id in best.tied else None
