"""All sets of this machine as cards: thumbnail plane, badge, size, where a published one is from; open, rename, delete."""

from __future__ import annotations

import math

import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import plain
from dashboard.charts.thumbnail import Dot, priced, thumbnail
from dashboard.components import benchmarks
from dashboard.compute import Entry
from dashboard.words import benchmarks as benchmark_words
from dashboard.words import header as header_words
from dashboard.words import sets as words
from data.problems import ProblemError

COLOURS = {"recorded": "gray", "simulated": "orange", "yours": "blue"}
PUBLISHED = "violet"


def cards(current: str) -> str:
    """Draw the gallery, `current` marked; return the key of the set whose Open was pressed, or an empty string."""
    pressed = ""
    with st.container(horizontal=True, gap="medium"):
        for entry in compute.gallery():
            with st.container(border=True, width=300, height="stretch", gap="small"):
                if _card(entry, current=entry.key == current):
                    pressed = entry.key
    return pressed


def reset_to(key: str) -> None:
    """Make a set the view's data, with strategies chosen anew; the link's own view is kept if it waited for this set."""
    view = state.view()
    file = next((entry.file for entry in compute.gallery() if entry.key == key), "")
    if view.data == key:
        state.change(file=file)
        return
    state.change(data=key, file=file, slots=(), pool=(), weights={}, lines={}, selected="a", knob="", query="", quick="", task="")


def _models(count: int) -> str:
    return words.ONE_MODEL if count == 1 else words.MANY_MODELS.format(models=count)


def _card(entry: Entry, *, current: bool) -> bool:
    st.markdown(f"**{plain(entry.name)}**")
    try:
        image, said = picture(entry.key)
        st.image(image, width="stretch", alt=f"{entry.name}: {said}")
    except (ProblemError, OSError) as error:
        st.caption(words.BROKEN.format(name=entry.name, why=str(error)))
    origin = _origin(entry)
    colour, kind = (PUBLISHED, benchmark_words.KIND) if origin else (COLOURS[entry.kind], header_words.KINDS[entry.kind])
    st.markdown(words.SIZE.format(colour=colour, kind=kind, n=entry.queries, models=_models(entry.models)))
    if origin:
        st.caption(origin)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        pressed = st.button(
            words.OPENED if current else words.OPEN, key=f"open.{entry.key}", type="secondary", icon=":material/show_chart:"
        )
        if entry.own:
            _manage(entry)
    return pressed


def _origin(entry: Entry) -> str:
    """Return where a set of one's own is from if it was made of a published benchmark, else nothing."""
    try:
        return benchmarks.origin(compute.table(entry.key)) if entry.own else ""
    except (ProblemError, OSError):  # its picture says so
        return ""


def picture(key: str) -> tuple[str, str]:
    """Return a set's thumbnail, made once for each theme, and what it shows in words."""
    mode = st.context.theme.type or "light"
    return compute.kept(f"thumbnail.{key}.{mode}", lambda: _picture(key, mode))


def _picture(key: str, mode: str) -> tuple[str, str]:
    facts = compute.facts(key)
    dots = [Dot(name=m.card.short, cost=m.mean_cost_usd, quality=m.mean_quality) for m in facts.models]
    scored = any(not math.isnan(dot.quality) for dot in dots)
    said = words.ALONG_NOTHING if not scored else words.ALONG_COST if priced(dots) else words.ALONG_ORDER
    return thumbnail(dots, mode=mode, caption=said), said


def _manage(entry: Entry) -> None:
    with st.popover(" ", icon=":material/edit:", help=words.RENAME, key=f"renaming.{entry.key}"):
        name = st.text_input(words.NAME, value=entry.name, key=f"name.{entry.key}", max_chars=120)
        st.button(words.RENAME_DO, key=f"rename.{entry.key}", on_click=_rename, args=(entry.key, name), disabled=not name.strip())
    with st.popover(" ", icon=":material/delete:", help=words.DELETE, key=f"deleting.{entry.key}"):
        st.markdown(words.DELETE_ASK.format(name=entry.name))
        st.button(words.DELETE_DO, key=f"delete.{entry.key}", type="primary", icon=":material/delete:", on_click=_delete, args=(entry.key,))


def _rename(key: str, name: str) -> None:
    compute.rename(key, name)


def _delete(key: str) -> None:
    compute.delete(key)
    if state.view().data == key:
        default = state.View()
        state.change(data=default.data, file=default.file, slots=(), pool=(), weights={}, lines={}, selected="a", knob="", query="")
