"""The world in the sidebar: which one, the three sliders that matter most, and everything else under "more"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import lab, state
from dashboard.charts.figures import plain
from dashboard.components.lab import dials
from dashboard.words import lab as words
from data.problems import listed
from data.simulator import World
from data.simulator.parameters import options, parameters

if TYPE_CHECKING:
    from data.simulator import Preset

FIRST = ("ex_ante", "post_hoc", "correlation")
_ALIKE = {"overconfidence": words.OVERCONFIDENCE, "temperature": words.TEMPERATURE}
_LEFT = frozenset({*FIRST, "n", "seed", "cost_unit", "difficulty_shape"})
_SIZED = {"drift": -1.0, "topic": 3.0, "price": 3.0, "slowdown": 3.0}
_SINCE = 0.6  # the test begins there


def choice(offered: Mapping[str, str], current: str) -> None:
    """Draw which world one starts from; offered : name -> words."""
    key = dials.hold("lab.world", current)
    named = offered.__getitem__
    st.selectbox(words.WORLD, list(offered), key=key, format_func=named, help=words.WORLD_HELP, on_change=_chosen, args=(key,))


def _chosen(key: str) -> None:
    if dials.moved("lab.world", key):
        dials.keep({"world": state.get(key), "share": dials.now().get("share", "")})


def sources(preset: Preset | None) -> None:
    """Draw where the world's numbers come from, with dates; the rest is said to be assumption."""
    if preset is not None:
        st.caption(plain(preset.idea))
        for note in preset.world.notes:
            st.caption(plain(note))
    with st.popover(words.SOURCES, icon=":material/menu_book:", width="stretch"):
        if preset is None:
            st.markdown(words.TWIN_SOURCE)
        else:
            for said in by_source(preset):
                st.markdown(plain(said))
        st.caption(words.DRAWN)


def by_source(preset: Preset) -> list[str]:
    """Return one line a source of a preset: what it says, when, where, and which figures are taken from it."""
    taken: dict[tuple[str, str, str], list[str]] = {}
    for figure in preset.figures:
        what = taken.setdefault((figure.source, figure.date, figure.url), [])
        name = words.FIGURES.get(figure.what, figure.what)
        if name not in what:
            what.append(name)
    return [words.SOURCE.format(figures=listed(what, 4), text=text, date=date, url=url) for (text, date, url), what in taken.items()]


def first(world: World, at: tuple[float, float]) -> None:
    """Draw the three sliders that matter most. at : (ex ante, post hoc) of the world."""
    dials.slider("ex_ante", words.EX_ANTE, (0.5, 1.0), at[0], help_text=words.EX_ANTE_HELP)
    dials.slider("post_hoc", words.POST_HOC, (0.5, 1.0), at[1], help_text=words.POST_HOC_HELP)
    if len(world.models) > 1:
        phi, low, high = lab.correlation_of(world)
        ends = math.floor(100 * low) / 100, math.ceil(100 * high) / 100
        spec = dict(parameters(World))["correlation"]
        dials.slider("correlation", words.CORRELATION, ends, phi, help_text=spec.help)


def more(world: World) -> None:
    """Draw the rest: the queries, the models, what changes on the way, and the way back. world : before it was moved on the map."""
    with st.expander(words.MORE, icon=":material/tune:"):
        known = dict(parameters(World))
        dials.sizes(world, known["n"])
        for name, spec in known.items():
            if name not in _LEFT and _matters(world, name):
                dials.dial(name, spec, getattr(world, name))
        shape = dict(options(World))["difficulty_shape"]
        dials.option("difficulty_shape", shape, world.difficulty_shape)
        own = dict(parameters(type(world.models[0])))
        for name, title in _ALIKE.items():
            mean = sum(getattr(model, name) for model in world.models) / len(world.models)
            dials.dial(f"{lab.ALIKE}{name}", own[name], mean, label=title)
        st.caption(words.CALIBRATION_NOTE)
        dials.dial("seed", known["seed"], world.seed)
    with st.expander(words.MODELS, icon=":material/memory:"):
        _model(world)
    with st.expander(words.CHANGES, icon=":material/timeline:"):
        _changes(world)
    if lab.dial_values(state.view().lab) or state.view().lab.get("shifts"):
        st.button(words.RESET, icon=":material/undo:", help=words.RESET_HELP, width="stretch", on_click=reset)


def _matters(world: World, name: str) -> bool:
    """Whether a number does anything: prompts have no length where calls have one price each."""
    return ("prompt" not in name and not name.startswith("tokens_in")) or any(m.price_usd_per_query is None for m in world.models)


def reset() -> None:
    """Take back everything that was turned."""
    dials.keep({name: value for name, value in dials.now().items() if name not in {"dials", "shifts"}})


def _model(world: World) -> None:
    """Draw one model's numbers."""
    titles = {model.name: model.title or model.name for model in world.models}
    if state.get("lab.model") not in titles:
        state.put("lab.model", next(iter(titles)))
    name = st.selectbox(words.MODEL, list(titles), key="lab.model", format_func=titles.__getitem__)
    model = world.model(name)
    by_query = model.price_usd_per_query is not None
    for field, spec in parameters(model):
        if field in ("strengths", "ability" if model.accuracy is not None else "accuracy"):
            continue
        if field.startswith(("price", "tokens_in")) and (field == "price_usd_per_query") != by_query:
            continue
        dials.dial(f"models.{name}.{field}", spec, getattr(model, field))


def _changes(world: World) -> None:
    """Draw what changes on the way, each with its own numbers, and the choice of one more."""
    st.caption(words.CHANGES_HELP)
    shifts = list(state.view().lab.get("shifts", []))
    for at, each in enumerate(shifts):
        with st.container(border=True):
            _change(world, at, dict(each))
    if len(shifts) < state.MOST_SHIFTS:
        kinds = [kind for kind in words.KINDS if kind != "topic" or len(world.topics) > 1]
        key = dials.hold("lab.add", None)
        st.selectbox(
            words.ADD_CHANGE, kinds, index=None, key=key, placeholder=words.ADD_CHANGE, label_visibility="collapsed",
            format_func=words.KINDS.__getitem__, on_change=_added, args=(world, key),
        )  # fmt: skip


def _change(world: World, at: int, each: dict[str, Any]) -> None:
    kind = str(each["kind"])
    head, out = st.columns([5, 1], vertical_alignment="center")
    head.markdown(f"**{words.KIND_SHORT[kind]}**")
    out.button(" ", key=f"lab.out.{at}", icon=":material/close:", type="tertiary", help=words.DROP_CHANGE, on_click=_dropped, args=(at,))
    whom = "topic" if kind == "topic" else "model"
    names = [t.name for t in world.topics] if kind == "topic" else ["", *(m.name for m in world.models)]
    titles = {"": words.ALL_MODELS, **{m.name: m.title or m.name for m in world.models}}
    name = f"lab.shift.{at}"
    title, key = words.OF_TOPIC if whom == "topic" else words.OF_MODEL, dials.hold(f"{name}.{whom}", each.get(whom, names[0]))
    st.selectbox(title, names, key=key, format_func=lambda one: titles.get(one, one), on_change=_edited, args=(at, whom, key))
    key = dials.hold(f"{name}.when", (float(each.get("at", _SINCE)), float(each.get("until", 1.0))))
    st.slider(words.WHEN, 0.0, 1.0, step=0.05, key=key, on_change=_edited, args=(at, "when", key))
    if kind in _SIZED:
        key, low = dials.hold(f"{name}.size", float(each.get("size", _SIZED[kind]))), -5.0 if kind == "drift" else 0.0
        high = 20.0 if low == 0 else 5.0
        st.slider(words.SIZES[kind], low, high, step=0.1, key=key, on_change=_edited, args=(at, "size", key))


def _added(world: World, key: str) -> None:
    kind = state.get(key)
    if kind and dials.moved("lab.add", key):
        new: dict[str, Any] = {"kind": kind, "at": _SINCE, "until": 1.0}
        if kind in _SIZED:
            new["size"] = _SIZED[kind]
        if kind == "topic":
            new["topic"] = world.topics[0].name
        if kind == "outage":
            new |= {"model": world.models[0].name, "until": 0.8}
        dials.keep({**dials.now(), "shifts": [*dials.now().get("shifts", []), new]})


def _edited(at: int, field: str, key: str) -> None:
    if dials.moved(f"lab.shift.{at}.{field}", key):
        value = state.get(key)
        _write(at, dict(zip(("at", "until"), value, strict=True)) if field == "when" else {field: value})


def _write(at: int, values: dict[str, Any]) -> None:
    shifts = [{**each, **values} if i == at else each for i, each in enumerate(dials.now().get("shifts", []))]
    dials.keep({**dials.now(), "shifts": shifts})


def _dropped(at: int) -> None:
    dials.keep({**dials.now(), "shifts": [each for i, each in enumerate(dials.now().get("shifts", [])) if i != at]})
