"""What is said of the simulated world in words: the badge on top, its models in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import lab
from dashboard.charts.figures import DASH, money, percent, plain
from dashboard.charts.lab import auroc
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
    if outline.known < outline.whole:
        st.caption(words.COVERED.format(n=grouped(outline.known), all=grouped(outline.whole)))


def models(world: World, outline: Outline) -> None:
    """Draw the models as a table: what this draw shows of each, what is known of it, where its numbers come from."""
    per = 1000.0 if outline.cost_unit == "USD" else 1.0
    head = words.TABLE_HEAD if outline.cost_unit == "USD" else words.TABLE_HEAD_OTHER
    rows = []
    for spot in outline.models:
        model = world.model(spot.id)
        cost = money(per * spot.cost) if outline.cost_unit == "USD" else f"{spot.cost:.3g}"
        ahead = world.ex_ante if model.ex_ante_auroc is None else model.ex_ante_auroc
        after = world.post_hoc if model.confidence_auroc is None else model.confidence_auroc
        source = ", ".join(part for part in (model.source, model.date) if part) or DASH
        rows.append([model.title or model.name, percent(spot.quality), cost, auroc(ahead), auroc(after), source])
    with st.expander(words.TABLE, icon=":material/table:"):
        st.html(table(head, rows, label=words.TABLE))
        st.caption(words.ABOUT_AUROC)


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
