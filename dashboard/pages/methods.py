"""Methods: every strategy as a card with a picture of its rule, filters, and the survey's table of what each takes care of."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from dashboard import play, state
from dashboard.charts.figures import plain
from dashboard.components import header
from dashboard.components.methods import card, filters, survey
from dashboard.components.methods.facets import FAMILIES, Method
from dashboard.words import methods as words
from strategies.registry import discover, is_own, own_folder
from strategies.study.prepare import Study


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    if not state.view().slots:
        state.change(slots=play.default_slots(study), selected="a")  # what Trade-offs would open with is in play here too
    mode = st.context.theme.type or "light"
    st.html(card.style(mode))
    st.title(words.TITLE, anchor=False)
    st.markdown(words.INTRO)
    _, problems = discover()
    for problem in problems:
        st.warning(plain(words.BROKEN.format(what=problem)), icon=":material/error:")
    methods = of(study)
    left = filters.draw(methods)
    cards(left, mode=mode)
    table(methods, left)
    own(methods)
    state.publish()


def of(study: Study) -> list[Method]:
    """Return every method as it stands on this data, by family."""
    found, _ = discover()
    kinds = sorted(found.values(), key=lambda kind: FAMILIES.index(kind.card.family))
    return [Method(kind=kind, lacks=play.missing(kind, study), offered=play.offers(kind), own=is_own(kind)) for kind in kinds]


def cards(methods: list[Method], *, mode: str) -> None:
    """Draw the cards, a heading a family."""
    for family, members in groupby(methods, key=lambda method: method.kind.card.family):
        here = list(members)
        title, about = words.FAMILIES[family]
        st.subheader(words.COUNT.format(title=title, n=len(here)), anchor=family)
        st.caption(about)
        with st.container(horizontal=True, gap="small", key=f"cards-{family}"):
            for method in here:
                card.draw(method, mode=mode)


def table(methods: list[Method], left: list[Method]) -> None:
    """Draw the survey's table."""
    st.subheader(words.SURVEY, anchor="survey")
    st.markdown(survey.finding())
    st.html(survey.table(methods, {method.id for method in left}))
    st.html(survey.source())


def own(methods: list[Method]) -> None:
    """Say how strategies of one's own come to this page, or where they are read from."""
    folder = own_folder()
    st.subheader(words.OWN_TITLE, anchor=False)
    if folder is None:
        st.caption(words.OWN_HOW)
        return
    st.caption(plain(words.OWN_HERE.format(folder=folder, n=sum(method.own for method in methods))))
