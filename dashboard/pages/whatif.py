"""What if: assumptions about prices, times, failures, judges, tasks and load, and what they change for a strategy in play."""

from __future__ import annotations

import streamlit as st

from dashboard import compute, play, state
from dashboard.charts.figures import plain
from dashboard.components import claim, header
from dashboard.components.whatif import cards, hinges, levers, told, work
from dashboard.words import whatif as words
from data.problems import ProblemError
from strategies.registry import find
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.whatif.change import Change
from strategies.whatif.scenario import Scenario

_CHOSEN = "whatif.strategy"
# Beside a long column of levers the figures stay in sight.
_STAY = """<style>
@media (min-width: 900px) and (min-height: 700px) {
  .st-key-whatif-stage [data-testid="stColumn"]:first-child > [data-testid="stVerticalBlock"] { height: 100%; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-whatif-results) { position: sticky; top: 4.5rem; }
}
</style>"""


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    st.title(words.TITLE, anchor=False)
    st.markdown(words.INTRO)
    with st.spinner(words.COUNTING):
        fits, letters = in_play(study)
    if not fits:
        st.info(words.NOBODY_IN_PLAY)
        state.publish()
        return
    now = work.scenario()
    if said := work.problem():
        st.warning(plain(said), icon=":material/error:")
    with st.container(key="whatif-stage"):
        left, right = st.columns([3, 2], gap="large")
    st.html(_STAY)
    with left, st.container(key="whatif-results"):
        chosen = strategy(fits, letters)
        assumed(study, now)
        effects(study, fits, chosen, now)
    with right, st.container(key="whatif-levers"):
        levers.panel(study, now)
    hinges.tornado(study, fits, chosen, now)
    hinges.flips(study, fits, now)
    state.publish()


def in_play(study: Study) -> tuple[dict[str, Fitted], dict[str, str]]:
    """Return title -> fitted strategy of all in play, and title -> its letter; those of a fresh view are chosen for the data."""
    view = state.view()
    if not view.slots:
        view = state.change(slots=play.default_slots(study), selected="a")
    fits: dict[str, Fitted] = {}
    letters: dict[str, str] = {}
    for slot in view.slots:
        if play.lacks(study, slot):
            continue
        title = find(slot.strategy).card.title
        title = f"{title} ({slot.letter})" if title in fits else title
        fits[title], letters[title] = compute.in_play(study, slot), slot.letter
    return fits, letters


def strategy(fits: dict[str, Fitted], letters: dict[str, str]) -> str:
    """Draw which strategy is looked at: the one selected everywhere."""
    current = next((title for title, letter in letters.items() if letter == state.view().selected), next(iter(fits)))
    state.put(_CHOSEN, current)
    picked = st.selectbox(words.STRATEGY, list(fits), key=_CHOSEN, help=words.STRATEGY_HELP, on_change=_selected, args=(letters,))
    return picked or current


def _selected(letters: dict[str, str]) -> None:
    state.change(selected=letters[str(state.get(_CHOSEN))], knob="")


def assumed(study: Study, now: Scenario) -> None:
    """Draw what is assumed, each with a way to take it back, and the reset."""
    if not now.code:
        st.caption(words.NOTHING)
        return
    with st.container(horizontal=True, key="whatif-assumed"):
        for at, change in enumerate(now.active):
            st.button(
                plain(levers.said(study, change)), key=f"whatif.drop.{at}", icon=":material/close:", help=words.REMOVE, on_click=_drop,
                args=(change,),
            )  # fmt: skip
        st.button(words.RESET, key="whatif.reset", type="tertiary", icon=":material/restart_alt:", help=words.RESET_HELP, on_click=_reset)


def _drop(change: Change) -> None:
    work.keep(work.scenario().drop(type(change), change.about))


def _reset() -> None:
    state.change(whatif="")


def effects(study: Study, fits: dict[str, Fitted], chosen: str, now: Scenario) -> None:
    """Draw what changes: sentences, cards, what was assumed in full."""
    try:
        with st.spinner(words.COUNTING):
            found = work.result(study, fits, chosen, now)
    except ProblemError as error:
        st.warning(plain(words.FAILED.format(why=str(error))), icon=":material/error:")
        return
    st.markdown(told.as_it_is(study, chosen, found.effect.before))
    if now.code:
        st.markdown(told.under(study, found.effect, now))
    cards.draw(study, found.effect, now)
    claim.offer_assumed(study, fits[chosen], found.effect, now)
    if said := told.newcomer(study, chosen, now, found.effect.after):
        st.markdown(said)
        st.caption(words.EXACT_NOTE)
    st.markdown(told.recommended(study, found, now))
    if found.effect.after.said:
        st.caption(plain(f"**{words.ASSUMED}:** " + "; ".join(line.detail for line in found.effect.after.said) + "."))
