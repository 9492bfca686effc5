"""Home: the plane with every strategy in play, the point that is dragged, and what it means."""

from __future__ import annotations

import math

import streamlit as st

from dashboard import compute, exports, play, scenes, state
from dashboard.components import allfigures, cautions, claim, embedding, energy, header, knobs, scores, share
from dashboard.components.plane import read_commit, stage
from dashboard.components.plane.pack import pack
from dashboard.components.plane.scene import Nudge
from dashboard.components.trace.amounts import grouped
from dashboard.pages import go
from dashboard.scenes import Look, Placed
from dashboard.words import tradeoffs as words
from strategies.study.curves import Fitted
from strategies.study.prepare import Study

STAGE = "stage"


def show() -> None:
    """Draw the page."""
    study = header.opened()
    if study is None:
        return
    with st.spinner(words.FITTING.format(n=grouped(len(study.table)))):
        placed = in_play(study)
        picture = _picture(study, placed)
    if opened_from_plane(placed):
        go("decisions")
    with st.container(key="stage-place"):
        stage(picture, _nudge(study, placed), key=STAGE, on_commit=committed)
    panel(study, placed)  # after the stage, so that the browser hears of the cards before it draws the sliders again
    below(study, placed)
    state.publish()


def looked() -> Look:
    """Return how the view looks at the picture."""
    view = state.view()
    return Look(axis=view.axis, scale=view.scale, selected=view.selected, knob=view.knob, monthly=view.monthly)


def in_play(study: Study) -> list[Placed]:
    """Return the strategies in play, fitted, those of a fresh view chosen for the data."""
    view = state.view()
    if not view.slots:
        view = state.change(slots=play.default_slots(study), selected="a")
    usable = [slot for slot in view.slots if not play.lacks(study, slot)]
    return [
        Placed(
            letter=slot.letter, fit=compute.in_play(study, slot), first=compute.first(study, slot), colour=state.LETTERS.index(slot.letter)
        )
        for slot in usable
    ]


def _picture(study: Study, placed: list[Placed]) -> bytes:
    look = looked()
    return compute.kept(scenes.scene_key(study, placed, look), lambda: pack(scenes.scene(study, placed, look), mount=STAGE))


def panel(study: Study, placed: list[Placed]) -> None:
    """Draw the controls in the sidebar: strategies, their sliders, axis, money."""
    view = state.view()
    fits = {p.letter: p.fit for p in placed}
    with st.sidebar:
        st.subheader(words.IN_PLAY)
        for slot in view.slots:
            knobs.entry(study, slot, fits.get(slot.letter), selected=slot.letter == view.selected)
        knobs.adder(study)
        embedding.offer(view.data, study)
        knobs.view_settings(study)


def _nudge(study: Study, placed: list[Placed]) -> Nudge:
    view = state.view()
    selected = next((p for p in placed if p.letter == view.selected), placed[0] if placed else None)
    settings = {p.letter: play.settings_of(p.fit) for p in placed}
    floor, budget = view.lines.get("floor", math.nan), view.lines.get("budget", math.nan)
    if selected is None:
        return Nudge(slot="", settings=settings, floor=floor, budget=budget)
    slot = view.slot(selected.letter)
    before = None if slot is None else play.earlier(study, slot, state.before(selected.letter))
    picked = "" if slot is None else exports.picked_words(selected.fit, slot.picked)
    changed = scenes.changed_words(play.changed(selected.fit, before))
    knob = compute.knob_in_hand(selected.fit, view.knob)
    said = () if slot is None else cautions.told(study, cautions.of_point(study, placed, selected, slot, knob), selected.fit)
    open_ones, away = cautions.split(said)
    return Nudge(
        slot=selected.letter, settings=settings, exact=scenes.exact(study, selected.fit, view.axis),
        what_changed=f"{picked} {changed}".strip(), knob=knob, floor=floor, budget=budget,
        cautions=open_ones, away=away,
    )  # fmt: skip


def committed() -> None:
    """Take over what was dragged or clicked in the plane: runs before the page is drawn again."""
    raw = dict(state.get(STAGE) or {}).get("commit")
    if raw is None:
        return
    commit = read_commit(raw)
    if commit.kind == "select":
        state.change(selected=commit.slot, knob=commit.knob)
    elif commit.kind == "open":
        state.put("open", commit.slot or commit.target)
    elif commit.kind in {"floor", "budget"}:
        lines = {name: value for name, value in state.view().lines.items() if name != commit.kind}
        state.change(lines=lines if math.isnan(commit.value) else {**lines, commit.kind: commit.value})
    elif commit.kind == "dismiss":
        cautions.dismiss(commit.target)
    elif commit.kind == "scale":
        state.change(scale=commit.target)
    elif commit.kind == "set":
        if commit.slot != state.view().selected or (commit.knob and commit.knob != state.view().knob):
            state.change(selected=commit.slot, knob=commit.knob)
        state.set_slot(commit.slot, knobs={commit.knob: commit.value})


def opened_from_plane(placed: list[Placed]) -> bool:
    """Take over a click on a curve or dot: its strategy is selected; True if there are decisions to show."""
    wanted = state.get("open")
    state.forget("open")
    letters = {p.letter for p in placed}
    if wanted in letters:
        state.change(selected=wanted, knob="")
        return True
    return False


def below(study: Study, placed: list[Placed]) -> None:
    """Draw what is under the plane: undo, the policy to take away, the scores."""
    selected: Fitted | None = next((p.fit for p in placed if p.letter == state.view().selected), None)
    if selected is None:
        return
    share.bar(study, selected, placed, looked())
    claim.offer(study, selected)
    allfigures.section(study, selected, compute.knob_in_hand(selected, state.view().knob))
    energy.section(study, selected)
    if study.drawable:
        scores.table(study, placed)
