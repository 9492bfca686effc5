"""Which pair and which signal are looked at; the table of all signals."""

from __future__ import annotations

import math

import streamlit as st

from dashboard import signals, state
from dashboard.charts.figures import DASH
from dashboard.charts.lab import auroc, points
from dashboard.charts.table import Cell
from dashboard.charts.table import table as html_table
from dashboard.components.signals import told
from dashboard.components.trace.amounts import grouped
from dashboard.words import signals as words
from strategies.study.prepare import Study
from strategies.study.signal_shape import PairSignals, Shape
from strategies.study.signal_worth import Worth

_CHEAP, _STRONG, _SIGNAL = "signals.cheap", "signals.strong", "signals.signal"


def models(study: Study, two: signals.Pair) -> None:
    """Draw the choice of both models."""
    left, right = st.columns(2)
    state.put(_CHEAP, two.cheap)
    state.put(_STRONG, two.strong)
    with left:
        st.selectbox(
            words.CHEAP, study.pool[:-1], key=_CHEAP, format_func=lambda model: signals.short(study, model), help=words.CHEAP_HELP,
            on_change=_chosen, args=(study,),
        )  # fmt: skip
    with right:
        st.selectbox(
            words.STRONG, signals.dearer(study, two.cheap), key=_STRONG, format_func=lambda model: signals.short(study, model),
            help=words.STRONG_HELP, on_change=_chosen, args=(study,),
        )  # fmt: skip


def _chosen(study: Study) -> None:
    signal = state.view().signals[2:]
    two = signals.pair(study, (str(state.get(_CHEAP)), str(state.get(_STRONG))))
    state.change(signals=(two.cheap, two.strong, *signal))


def signal(found: PairSignals, two: signals.Pair) -> Shape:
    """Draw the choice of the signal and return its shape: the one of the view where it is there, else the most worth."""
    names = [each.signal for each in found.shapes]
    wanted = "".join(state.view().signals[2:3])
    current = wanted if wanted in names else names[0]
    state.put(_SIGNAL, current)
    st.pills(
        words.SIGNAL, names, key=_SIGNAL, format_func=signals.name, help=words.SIGNAL_HELP, required=True, on_change=_picked, args=(two,),
    )  # fmt: skip
    return found.shape(current) or found.shapes[0]


def _picked(two: signals.Pair) -> None:
    signals.keep(two, str(state.get(_SIGNAL) or ""))


def table(study: Study, found: PairSignals) -> None:
    """Draw one row a signal, the most worth first, and how to read it."""
    worth = {row.signal: row for row in found.worth.rows} if found.worth is not None else {}
    columns = [name for name in words.COLUMNS if name != "net" or worth]
    head = [Cell(words.COLUMNS[name][0], words.COLUMNS[name][1]) for name in columns]
    rows = [[_cells(each, worth.get(each.signal), found.cost_unit)[name] for name in columns] for each in found.shapes]
    label = words.TABLE_ALT.format(cheap=signals.short(study, found.cheap))
    st.html(html_table(head, rows, right=range(1, len(columns)), label=label, whole=True))
    if said := told.left_out(found):
        st.caption(said)
    with st.expander(words.READ):
        st.markdown("\n".join(f"- **{words.COLUMNS[name][0]}**: {words.COLUMNS[name][1]}" for name in columns) + f"\n\n{words.TABLE_NOTE}")


def _cells(shape: Shape, row: Worth | None, unit: str) -> dict[str, Cell]:
    """Return one row of the table by column."""
    known = words.KNOWN.format(known=grouped(shape.quality.n), n=grouped(shape.n))
    price = DASH if math.isnan(shape.price_per_1k) else told.price(shape.price_per_1k, unit) if shape.price_per_1k else words.FREE_CELL
    cells = {
        "signal": Cell(signals.name(shape.signal)), "price": Cell(price.removesuffix(words.PER_1K.format(amount=""))),
        "auroc": Cell(_two(shape.auroc.mean), below=told.ranged(shape.auroc)),
        "usefulness": Cell(_two(shape.usefulness.mean), below=told.ranged(shape.usefulness)),
        "ece": Cell(_three(shape.quality.ece), below=words.ECE_CHANCE.format(chance=_three(shape.chance))),
        "brier": Cell(_three(shape.brier.mean), below=_between(shape.brier.low, shape.brier.high)), "known": Cell(known),
    }  # fmt: skip
    if row is None or math.isnan(row.net.mean):
        return cells | {"net": Cell(DASH)}
    return cells | {"net": Cell(points(row.net.mean), below=words.BETWEEN.format(low=points(row.net.low), high=points(row.net.high)))}


def _two(value: float) -> str:
    return DASH if math.isnan(value) else auroc(value)


def _three(value: float) -> str:
    return DASH if math.isnan(value) else f"{value:.3f}".removeprefix("0")


def _between(low: float, high: float) -> str:
    return "" if math.isnan(low) else words.BETWEEN.format(low=_three(low), high=_three(high))
