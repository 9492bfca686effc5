"""Lab: a simulated world whose assumptions are sliders, its plane, and the map of who wins, routing or cascading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import compute, jobs, lab, pages, state
from dashboard.charts.figures import plain
from dashboard.components import gallery, waiting
from dashboard.components.lab import likeness, own, pictures, top, world
from dashboard.words import lab as words
from data.problems import ProblemError

if TYPE_CHECKING:
    from data.simulator import Preset, World
    from strategies.study.prepare import Study
    from strategies.study.twin import Fidelity

_GONE = "lab.map"


def show() -> None:
    """Draw the page."""
    for problem in state.problems():
        st.warning(str(problem), icon=":material/link_off:")
    study = own.study()
    preset, twin = started(study)
    base = preset.world if preset is not None else None if twin is None else twin.twin.world
    if base is None:
        state.publish()
        return
    try:
        current = lab.world_of(base, state.view().lab)
        with st.spinner(words.FIRST):
            outline = lab.outline_of(current)
    except ProblemError as error:
        failed(error)
        return
    with st.sidebar:
        world.sources(preset)
        world.first(current, _place(current))
        world.more(lab.ground_of(base, state.view().lab))
    top.badge(current, outline)
    drawn(current, base, study, twin=twin is not None)
    if twin is not None:
        likeness.panel(twin, turned=lab.is_turned(state.view().lab))
    top.models(current, outline)
    if preset is not None:
        top.published(preset)
    state.publish()


def started(study: Study | None) -> tuple[Preset | None, Fidelity | None]:
    """Draw the choice of the world; return the preset, or the twin, that is started from. Neither while a twin is fitted."""
    found = lab.presets()
    offered = {name: preset.title for name, preset in found.items()}
    if study is not None:
        offered[lab.TWIN] = words.TWIN_OF.format(name=study.whole.origin.name)
    wanted = str(state.view().lab.get("world", ""))
    current = wanted if wanted in offered else next(iter(found))
    if wanted and wanted != current:
        st.warning(words.UNKNOWN_WORLD.format(name=wanted), icon=":material/link_off:")
    with st.sidebar:
        world.choice(offered, current)
    if current != lab.TWIN or study is None:
        return found[current], None
    return None, fitted(study)


def fitted(study: Study) -> Fidelity | None:
    """Return the twin of the open set and how good it is; while it is fitted, or where it can't be, say so and return None."""
    name = study.whole.origin.name
    job = lab.likeness(study)
    if job.phase != "done":
        st.title(words.TITLE, anchor=False)
    if not waiting.ended(job, words.TWIN_FITTING.format(name=name)):
        return None
    if job.phase != "done":
        said = words.TWIN_STOPPED if job.phase == "stopped" else words.TWIN_FAILED.format(name=name, why=job.error)
        st.error(plain(said), icon=":material/error:")
        st.button(words.TWIN_AGAIN, icon=":material/refresh:", on_click=jobs.ALL.drop, args=(job.key,))
        return None
    found: Fidelity = job.result
    return found


def failed(error: ProblemError) -> None:
    """Say why a world can't be simulated, with the way back."""
    st.title(words.TITLE, anchor=False)
    st.error(plain(words.FAILED.format(why=str(error))), icon=":material/error:")
    st.button(words.FAILED_BACK, icon=":material/undo:", type="primary", on_click=world.reset)
    state.publish()


def drawn(current: World, base: World, study: Study | None, *, twin: bool) -> None:
    """Draw the finding, the plane and the map side by side, and the way to the other pages."""
    outline, at = lab.outline_of(current), _place(current)
    job = lab.diagram(lab.ground_of(base, state.view().lab))
    lab.left(str(state.get(_GONE, "")), job.key)
    state.put(_GONE, job.key)
    if job.partial is None:
        jobs.wait(job, pictures.PATIENCE_S)
    st.title(words.TITLE, anchor=False)
    best = outline.name_of(outline.best)
    phase = job.partial  # one picture for all of the page, though a finer one may come meanwhile
    names, budget = pictures.offered(phase)
    said = pictures.finding(phase, at, budget, best)
    st.markdown(said)
    pictures.budgets(names, budget, best)
    left, right = st.columns(2, gap="large")
    with left:
        pictures.plane(outline, name=lab.titled(current), budget=budget)
        keep(current)
    with right:
        st.subheader(words.MAP, anchor=False)
        place = own.place(study)
        pictures.diagram(job, phase, pictures.Look(at=at, budget=budget, yours=place, said=said))
        own.words_of(study, place, budget, twin=twin)


def keep(current: World) -> None:
    """Draw the way to the other pages: this draw is kept as a set."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(words.OPEN, type="primary", icon=":material/show_chart:", help=words.OPEN_HELP)
        st.caption(words.LINK)
    if pressed:
        table = lab.table_of(current)
        slots = lab.slots_of(table)
        gallery.reset_to(compute.save(table, name=words.SAVED_NAME.format(name=lab.titled(current))))
        state.change(slots=slots, selected="a")
        state.publish()
        pages.go("tradeoffs")


def _place(current: World) -> tuple[float, float]:
    from strategies.study.phase import predictability

    return predictability(current)
