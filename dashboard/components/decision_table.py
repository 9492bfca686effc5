"""The table of decisions, one row a query, and what they say together in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.compute as pc
import streamlit as st

from dashboard import theme
from dashboard.charts.figures import rounded
from dashboard.components.trace import amounts
from dashboard.words import decisions as words
from data.outcomes import OutcomeTable
from data.texts import Texts
from strategies.blend import Blend
from strategies.engines.run import exact_mean
from strategies.protocol import Ints, Strategy
from strategies.study.decisions import RIGHT, Decisions
from strategies.uncertainty.bootstrap import Interval, intervals_of

MOST = 5000
_START = 90
_TALL, _SHORT = 423, 143  # eleven rows, three rows
_WIDEST_PATH = 380
_TINY_USD = 0.001
_PALE, _BLACK_ABOVE, _WHITE_UP_TO = 0.3, 0.52, 0.18  # luminance: white reaches 4.5 : 1 up to 0.18, the grid writes black above 0.5


def frame(found: Decisions, rows: Ints) -> Any:
    """Return a pandas frame of these queries only: path and outcome as lists of labels, numbers as numbers."""
    import pandas as pd

    shown, tested = found.shown, found.shown.study.tested
    names = np.array(labels(tested), dtype=object)
    columns: dict[str, Any] = {
        "path": [[str(names[m]) for m in way if m >= 0] for way in shown.rounds[rows]],
        "right": [[_outcome(value)] for value in shown.quality[rows]],
    }
    if tested.queries.prompts is not None:
        columns["prompt"] = _starts(tested.queries.prompts, rows)
    if np.any((shown.quality > 0) & (shown.quality < 1)):
        columns["quality"] = shown.quality[rows]
    scale = money_scale(found)
    columns |= {"cost": shown.cost[rows].astype(np.float64) * scale, "regret": found.regret[rows] * scale}
    for stage in range(1, shown.rounds.shape[1] + 1):
        score = shown.score(stage)
        if not np.isnan(score).all():
            columns[f"confidence {stage}"] = score[rows]
    if not np.isnan(shown.latency).all():
        columns["latency"] = shown.latency[rows]
    if tested.queries.tasks is not None:
        columns["task"] = np.array(tested.queries.task_names, dtype=object)[tested.queries.tasks[rows]]
    columns["query"] = tested.queries.ids.take(rows).to_list()
    return pd.DataFrame(columns)


def money_scale(found: Decisions) -> float:
    """Return 1,000 where single calls cost less than a tenth of a cent (shown per 1,000 queries), else 1."""
    cost = found.shown.cost[~np.isnan(found.shown.cost)]
    tiny = found.shown.study.table.cost_unit == "USD" and len(cost) > 0 and float(np.median(cost)) < _TINY_USD
    return 1000.0 if tiny else 1.0


def labels(table: OutcomeTable) -> list[str]:
    """Return a label for each model: its short name, or the whole one where two share a short name."""
    short = [card.short for card in table.cards]
    return [card.short if short.count(card.short) == 1 else card.name for card in table.cards]


def _outcome(quality: float) -> str:
    if np.isnan(quality):
        return f"{theme.glyph(None)[0]} {words.UNKNOWN}"
    return f"{theme.glyph(True)[0]} {words.RIGHT}" if quality >= RIGHT else f"{theme.glyph(False)[0]} {words.WRONG}"


def _starts(column: Texts, rows: Ints) -> list[str]:
    texts = column.take(rows).arrow()
    return [" ".join(text.split())[:_START] if text else "" for text in pc.utf8_slice_codeunits(texts, 0, 2 * _START).to_pylist()]


def config(found: Decisions, mode: str) -> dict[str, Any]:
    """Return the columns' look: chips in the models' colours, bars for confidence, money with three significant digits."""
    tested = found.shown.study.tested
    unit, names, helps = tested.cost_unit, words.COLUMNS, words.COLUMN_HELP
    c, last = st.column_config, max(len(tested.models) - 1, 1)
    outcomes = [_outcome(1.0), _outcome(0.0), _outcome(float("nan"))]
    shades = [legible(theme.model_colour(m / last, mode)) for m in range(len(tested.models))]
    money = "USD_1k" if money_scale(found) > 1 else unit
    dollar = "$%.3g" if unit == "USD" else "%.3g"
    stages = {
        f"confidence {stage}": c.ProgressColumn(
            names["confidence"].format(stage=stage), help=helps["confidence"].format(stage=stage),
            format="%.2f", min_value=0, max_value=1, width=96,
        )
        for stage in range(1, found.shown.rounds.shape[1] + 1)
    }  # fmt: skip
    return {
        "path": c.MultiselectColumn(names["path"], help=helps["path"], options=labels(tested), color=shades, width=_path_width(found)),
        "right": c.MultiselectColumn(
            names["right"],
            help=helps["right"],
            options=outcomes,
            color=[legible(theme.glyph(r, mode)[1]) for r in (True, False, None)],
            width="small",
        ),
        "prompt": c.TextColumn(names["prompt"], width=300),
        "quality": c.NumberColumn(names["quality"], format="%.3f", width="small"),
        "cost": c.NumberColumn(words.COST_UNITS[money], help=helps["cost"], format=dollar, width="small"),
        "regret": c.NumberColumn(words.REGRET_UNITS[money], help=helps["regret"], format=dollar, width="small"),
        **stages,
        "latency": c.NumberColumn(names["latency"], help=helps["latency"], format="%.3g s", width="small"),
        "task": c.TextColumn(names["task"], width="small"),
        "query": c.TextColumn(names["query"], width="small"),
    }


def legible(colour: str) -> str:
    """Return a chip's colour, moved just so far that the grid's text on it can be read: black above luminance 0.5, else white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    end = 1.0 if _luminance(parts) > _PALE else 0.0
    while not (_luminance(parts) > _BLACK_ABOVE or _luminance(parts) <= _WHITE_UP_TO):
        parts = [part + 0.04 * (end - part) for part in parts]
    return "#" + "".join(f"{round(255 * part):02X}" for part in parts)


def _luminance(parts: list[float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _path_width(found: Decisions) -> int:
    """Return the pixels that the longest path needs."""
    wide = np.array([7 * len(label) + 18 for label in labels(found.shown.study.tested)])
    ways = found.shown.rounds
    return int(min(_WIDEST_PATH, max(110, 12 + np.where(ways >= 0, wide[ways], 0).sum(axis=1).max())))


def table(found: Decisions, rows: Ints, *, key: str, mode: str, folded: bool, on_select: Callable[[], None]) -> None:
    """Draw the rows; choosing one calls `on_select`. folded : fewer rows, to leave room for the trace below."""
    shown = rows[:MOST]
    tall = min(_SHORT if folded else _TALL, 38 + 35 * len(shown))
    st.dataframe(
        frame(found, shown), key=key, hide_index=True, column_config=config(found, mode), on_select=on_select, selection_mode="single-row",
        height=tall, placeholder="", alt=words.TABLE_ALT,
    )  # fmt: skip


def notes(found: Decisions, policy: Strategy) -> str:
    """Return what a reader has to know of the figures: graded answers, one draw of many."""
    quality = found.shown.quality
    graded = words.GRADED.format(cut=RIGHT) if np.any((quality > 0) & (quality < 1)) else ""
    return f"{graded} {words.DRAW if isinstance(policy, Blend) else ''}".strip()


def sentence(found: Decisions, strategy: str) -> str:
    """Return what the strategy did, in plain words, and beside it what the best single model would have done."""
    shown, study = found.shown, found.shown.study
    best = study.tested.index(study.best)
    right, cost, best_right, best_cost = intervals_of(
        found.right, shown.cost, study.tested.quality(best) >= RIGHT, study.tested.cost_usd(best), strata=study.strata
    )
    did = words.SENTENCE.format(
        strategy=strategy, n=amounts.grouped(len(found.right)), right=_share(right), cost=mean_cost(found, shown.cost, cost),
        spread=_spread(found),
    )  # fmt: skip
    against = words.AGAINST.format(
        model=study.tested.cards[best].short, right=_share(best_right), cost=mean_cost(found, study.tested.cost_usd(best), best_cost)
    )
    return f"{did.strip()} {against}"


def _share(interval: Interval) -> str:
    """Return a share with half its 95 % interval: `83.3 % ± 3.1`."""
    half = (interval.high - interval.low) / 2
    return f"{amounts.percent(interval.mean)} ± {rounded(100 * half)}"


def mean_cost(found: Decisions, cost: Any, interval: Interval) -> str:
    """Return a mean cost in the table's unit, with half its 95 % interval where it varies."""
    study = found.shown.study
    mean, half = exact_mean(cost), (interval.high - interval.low) / 2
    if np.isnan(mean):
        return words.COST_UNKNOWN.format(n=amounts.grouped(int(np.isnan(cost).sum())))
    if study.table.cost_unit == "USD":
        return words.MEAN_USD.format(
            amount=amounts.dollars(1000 * mean) + (f" ± {amounts.significant(1000 * half, 2)}" if half > 0 else "")
        )
    if study.table.cost_unit == "share":
        return words.MEAN_SHARE.format(share=_share(interval) if half > 0 else amounts.percent(mean), model=study.table.cards[-1].short)
    return words.MEAN_RELATIVE.format(amount=amounts.bare(mean) + (f" ± {amounts.significant(half, 2)}" if half > 0 else ""))


def _spread(found: Decisions) -> str:
    """Return the share that was escalated; for strategies that ask once, the share of the dearest model that was asked."""
    if found.escalates:
        if found.shown.study.table.cost_unit == "share":
            return ""  # the cost said it already
        return words.SPREAD_ESCALATED.format(share=amounts.percent(float(found.escalated.mean())))
    last = int(np.flatnonzero(found.shown.called.any(axis=0))[-1])
    share = float(found.shown.called[:, last].mean())
    return words.SPREAD_ROUTED.format(share=amounts.percent(share), model=found.shown.study.tested.cards[last].short)
