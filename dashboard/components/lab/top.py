"""What is said of the simulated world in words: the badge on top, its models in a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import lab
from dashboard.charts.figures import DASH, money, percent, plain
from dashboard.charts.lab import auroc, points
from dashboard.charts.table import table
from dashboard.components.header import COLOURS
from dashboard.components.trace.amounts import grouped
from dashboard.words import header as header_words
from dashboard.words import lab as words

_HYPHEN = "\u2011"  # a date stays on one line

if TYPE_CHECKING:
    from data.simulator import Preset, World
    from strategies.study.outline import Outline


def badge(world: World, outline: Outline) -> None:
    """Draw the badge as on every page: simulated, name, size, split."""
    from strategies.study.phase import DRAW, DRAWS

    split = words.SPLIT_ORDER if world.shifts else words.SPLIT
    facts = words.BADGE.format(
        name=plain(lab.titled(world)), n=grouped(world.n), models=len(world.models), split=split.format(n=grouped(outline.tested))
    )
    line = f":{COLOURS['simulated']}-badge[{header_words.KINDS['simulated']}] {facts}"
    long = words.BADGE_LONG.format(n=grouped(outline.tested), draws=DRAWS, draw=grouped(DRAW))
    st.markdown(line, help=f"{long}\n\n{words.CHANGES_HELP}" if world.shifts else long)
    if world.moved_by:
        st.caption(moved(world))
    if outline.known < outline.whole:
        st.caption(words.COVERED.format(n=grouped(outline.known), all=grouped(outline.whole)))


def moved(world: World) -> str:
    """Return what judge noise and changes on the way made of confidence and foresight: measured beside asked for."""
    from data.simulator.worth import overall

    seen, asked = overall(lab.worth_of(world)), overall(lab.asked_of(world))
    what = words.AND.join(words.MOVERS[name] for name in world.moved_by)
    return words.MOVED.format(
        what=what[0].upper() + what[1:], ex=_known(seen.foresight), ex_asked=_known(asked.foresight), post=_known(seen.confidence),
        post_asked=_known(asked.confidence), gap=points(seen.gap), gap_asked=points(asked.gap), ece=_known(seen.ece),
        ece_asked=_known(asked.ece), chance=_known(seen.chance),
    )  # fmt: skip


def models(world: World, outline: Outline) -> None:
    """Draw the models as a table: what this draw shows of each, beside what was asked for, and where its numbers come from."""
    per = 1000.0 if outline.cost_unit == "USD" else 1.0
    head = words.TABLE_HEAD if outline.cost_unit == "USD" else words.TABLE_HEAD_OTHER
    rows, worth = [], {each.model: each for each in lab.worth_of(world)}
    asked = {each.model: each for each in lab.asked_of(world)}
    for spot in outline.models:
        model = world.model(spot.id)
        cost = money(per * spot.cost) if outline.cost_unit == "USD" else f"{spot.cost:.3g}"
        seen, wanted = worth[spot.id], asked[spot.id]
        told = [_beside(getattr(seen, name), getattr(wanted, name)) for name in ("foresight", "confidence", "ece")]
        source = ", ".join(part for part in (model.source, model.date) if part) or DASH
        rows.append([model.title or model.name, percent(spot.quality), cost, *told, source])
    with st.expander(words.TABLE, icon=":material/table:"):
        st.html(table(head, rows, label=words.TABLE))
        chance = auroc(max(each.chance for each in worth.values()))
        st.caption(words.TABLE_NOTE.format(n=grouped(outline.tested), chance=chance))
        st.caption(words.ABOUT_AUROC)


def _beside(measured: float, asked: float) -> str:
    """Return a measured figure, and in brackets what was asked for where that reads otherwise; a dash where nothing is known."""
    value, wanted = _known(measured), _known(asked)
    return value if value in (wanted, DASH) else words.ASKED.format(value=value, asked=wanted)


def _known(value: float) -> str:
    return DASH if math.isnan(value) else auroc(value)


def published(preset: Preset) -> None:
    """Draw every published figure of a preset, with its source and date."""
    titles = {model.name: model.title or model.name for model in preset.world.models}
    rows = []
    for each in preset.figures:
        name, value = words.FIGURES.get(each.what, each.what), f"{each.value:g} {each.unit}".strip()
        rows.append([name, titles.get(each.model, DASH), each.topic or DASH, value, each.source, each.date.replace("-", _HYPHEN)])
    with st.expander(words.PUBLISHED, icon=":material/menu_book:"):
        st.html(table(words.PUBLISHED_HEAD, rows, label=words.PUBLISHED))
        for note in preset.world.notes:
            st.caption(plain(note))
        st.caption(words.DRAWN)
