"""What A against B says, in words: one sentence, how both were set, the figures as rows of a table."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from dashboard.charts.figures import DASH, plain
from dashboard.charts.table import Cell
from dashboard.components.compare.told import MINUS, cost, points
from dashboard.components.plane.figures import money, percent, significant
from dashboard.components.trace.amounts import grouped
from dashboard.words import pair as words
from strategies.study.beside import Asked, Beside, model_of
from strategies.study.compare import Comparison
from strategies.study.prepare import Study
from strategies.uncertainty.versus import Difference, Verdict


def sentence(found: Beside) -> str:
    """Return whether the two can be told apart, how many queries would settle it, and what A costs beside B."""
    quality = found.found.quality
    told = {"n": grouped(quality.n), "a": found.a.title, "b": found.b.title}
    if quality.verdict in {Verdict.MORE, Verdict.LESS}:
        ahead = quality.verdict is Verdict.MORE
        ends = (quality.low, quality.high) if ahead else (-quality.high, -quality.low)
        names = (told["a"], told["b"]) if ahead else (told["b"], told["a"])
        told |= {"better": names[0], "worse": names[1], "gap": points(abs(quality.mean)), "low": points(ends[0]), "high": points(ends[1])}
        said = words.TOLD.format(**told)
    elif quality.verdict is Verdict.UNTOLD:
        said = words.UNTOLD.format(**told) + (words.NEVER if math.isinf(quality.more) else words.SETTLE.format(more=about(quality.more)))
    else:
        said = (words.SAME if quality.verdict is Verdict.SAME else words.UNKNOWN).format(**told)
    return plain(said + _cost(found) + "." + (words.FEW if quality.method == "exact" else ""))


def _cost(found: Beside) -> str:
    """Return what A costs beside B, only where that is told."""
    told = found.found.cost
    if told.verdict not in {Verdict.MORE, Verdict.LESS}:
        return words.CHEAPER[told.verdict.value]
    other = float(found.b.cost.mean(dtype="float64"))
    more, unsure = told.verdict is Verdict.MORE, found.found.quality.verdict is Verdict.UNTOLD
    if other <= 0:
        return (words.DEARER if more else words.CHEAP).format(a=found.a.title)
    if told.mean >= other:
        return words.TIMES.format(a=found.a.title, times=significant(1 + told.mean / other, 2))
    templates = (words.TOLD_LESS, words.TOLD_MORE) if unsure else (words.LESS, words.MORE)
    return templates[more].format(a=found.a.title, share=percent(abs(told.mean) / other))


def about(queries: float) -> str:
    """Return a number of queries no finer than it is known: two digits."""
    digits = max(0, math.floor(math.log10(max(queries, 1))) - 1)
    return grouped(math.ceil(queries / 10**digits) * 10**digits)


def how(study: Study, wanted: tuple[Asked, Asked], found: Beside, now: Comparison) -> str:
    """Return how both were set, and whether one of them could not be."""
    strategies = [(each, side) for each, side in zip(wanted, (found.a, found.b), strict=True) if not model_of(each.id)]
    if not strategies:
        return words.HOW_MODELS
    first = strategies[0][0]
    tested, model = study.tested, first.model or study.best
    said = words.HOW[first.point].format(
        model=tested.cards[tested.index(model)].short, cost=cost(now, float(tested.mean("cost_usd")[model])),
        keep=percent(now.about.keep, 0),
    )  # fmt: skip
    unmet = "".join(words.UNMET[each.point].format(title=side.title) for each, side in strategies if not side.met)
    return plain(said + unmet)


def amount(value: float, unit: str) -> str:
    """Return a mean cost in the data's unit, which the head of its column names."""
    return money(1000 * value) if unit == "USD" else percent(value) if unit == "share" else significant(value)


def figures(found: Beside, unit: str) -> list[list[str | Cell]]:
    """Return the rows of the table: both, the difference with its interval, p, how many more queries. unit : of costs."""
    quality, spent, priced = found.found.quality, found.found.cost, partial(amount, unit=unit)
    means = [[float(values.mean(dtype="float64")) for values in (side.quality, side.cost)] for side in (found.a, found.b)]
    both: list[list[str | Cell]] = [
        [f"{letter}: {side.title}", _known(mean[0], percent), _known(mean[1], priced)]
        for letter, side, mean in zip("AB", (found.a, found.b), means, strict=True)
    ]

    def gap(value: float) -> str:
        return points(value, sign=True)

    def paid(value: float) -> str:
        return (MINUS if value < 0 else "+" if value > 0 else "") + priced(abs(value))

    ends = [_interval(each, form) for each, form in ((quality, gap), (spent, paid))]
    return [
        *both,
        [words.ROW_LESS, _known(quality.mean, gap), _known(spent.mean, paid)],
        [words.ROW_INTERVAL, *ends],
        [words.ROW_P, *(_p(each) for each in (quality, spent))],
        [words.ROW_MORE, *(Cell(_more(each), words.MORE_HELP) for each in (quality, spent))],
    ]


def _known(value: float, form: Callable[[float], str]) -> str:
    return DASH if math.isnan(value) else form(value)


def _interval(found: Difference, form: Callable[[float], str]) -> Cell:
    if math.isnan(found.low):
        return Cell(DASH, words.METHODS["unknown"])
    return Cell(words.ENDS.format(low=form(found.low), high=form(found.high)), words.METHODS[found.method])


def _p(found: Difference) -> Cell:
    if math.isnan(found.p):
        return Cell(DASH, words.P_HELP[found.flips])
    return Cell(words.SMALL_P if found.p < words.P_LEAST else significant(found.p, 2), words.P_HELP[found.flips])


def _more(found: Difference) -> str:
    if math.isnan(found.more):
        return DASH
    if math.isinf(found.more):
        return words.ENDLESS
    return words.ABOUT.format(n=about(found.more)) if found.more else words.SETTLED
