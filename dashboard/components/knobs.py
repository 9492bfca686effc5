"""Sliders and choices of a strategy, made from its declarations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dashboard import compute, play, scenes, state
from dashboard.components.plane.figures import significant
from dashboard.state import Slot
from dashboard.words import tradeoffs as words
from data.models import ModelCard
from data.signals import derived, given
from strategies.knobs import Turn, declared, setting
from strategies.registry import find
from strategies.study.curves import Fitted, sweepable
from strategies.study.prepare import Study

_NOTCHES = 200


def entry(study: Study, slot: Slot, fit: Fitted | None, *, selected: bool) -> None:
    """Draw one strategy in play: its name (a click selects it), its sliders, the way out of play."""
    kind = find(slot.strategy)
    with st.container(border=selected):
        name, out = st.columns([6, 1], vertical_alignment="center")
        name.button(
            kind.card.title, key=f"select.{slot.letter}", type="tertiary",
            icon=":material/radio_button_checked:" if selected else ":material/radio_button_unchecked:",
            help=f"{kind.card.idea} {words.SELECT_HELP}", on_click=_selected, args=(slot.letter,),
        )  # fmt: skip
        out.button(
            " ",
            key=f"drop.{slot.letter}",
            icon=":material/close:",
            type="tertiary",
            help=words.REMOVE,
            on_click=state.drop_slot,
            args=(slot.letter,),
        )
        if fit is None:
            st.caption(words.UNDRAWN.format(why=play.lacks(study, slot)))
            return
        note = scenes.note_of(fit)
        if note:
            st.caption(note)
        if selected:
            panel(slot, fit)


def _selected(letter: str) -> None:
    state.change(selected=letter, knob="")


def adder(study: Study) -> None:
    """Draw the choice of one more strategy; what cannot run says why."""
    if len(state.view().slots) >= state.MOST_SLOTS:
        return
    offered = {kind.card.id: (kind.card.title, why) for kind, why in play.offered(study)}
    state.put("add", None)
    st.selectbox(
        words.ADD, list(offered), index=None, key="add", label_visibility="collapsed", placeholder=words.ADD, help=words.ADD_HELP,
        format_func=lambda i: offered[i][0] + (f" — {offered[i][1]}" if offered[i][1] else ""), on_change=_added, args=(offered,),
    )  # fmt: skip


def _added(offered: dict[str, tuple[str, str]]) -> None:
    wanted = state.get("add")
    if wanted and not offered[wanted][1]:
        state.add_slot(wanted)


def view_settings(study: Study) -> None:
    """Draw what concerns the whole picture: axis, money, models in play, assumed prices."""
    view = state.view()
    names = scenes.axes(study)
    if len(names) > 1:
        state.put("axis", view.axis if view.axis in names else names[0])
        st.segmented_control(words.AXIS, names, key="axis", format_func=lambda a: words.AXES[a], help=words.AXIS_HELP, on_change=_set_axis)
    if study.table.cost_unit == "USD":
        state.put("monthly", int(view.monthly))
        st.number_input(
            words.MONTHLY, 0, 10_000_000_000, step=10_000, key="monthly", help=words.MONTHLY_HELP, on_change=_set, args=("monthly",)
        )
    if len(study.whole.models) > 2:
        with st.expander(words.POOL, icon=":material/checklist:", key="pool-box", on_change="rerun"):
            few = len(state.get("pool", study.pool)) < 2
            if not few:  # while fewer than two are chosen the choice stays open, and the picture as it was
                state.put("pool", list(study.pool))
            st.multiselect(
                words.POOL, list(study.whole.models), key="pool", label_visibility="collapsed", help=words.POOL_HELP, on_change=_set_pool
            )
            if few:
                st.caption(words.POOL_FEW)
            elif missing := unpriced(study):
                st.caption(words.POOL_UNPRICED.format(models=", ".join(card.short for card in missing)))
    if study.table.cost_unit != "USD":
        _weights(study)


def unpriced(study: Study) -> list[ModelCard]:
    """Return the models that the reader wants in play but of which no price is known."""
    missing = {out.model for out in study.left_out if np.isnan(study.whole.mean("cost_usd")[out.model])}
    return [card for card in study.whole.cards if card.name in missing and card.name in state.view().pool]


def _weights(study: Study) -> None:
    with st.expander(words.WEIGHTS, icon=":material/sell:", expanded=study.table.cost_unit == "relative"):
        st.caption(words.WEIGHTS_HELP)
        missing = unpriced(study)
        names = (*study.pool, *(card.name for card in missing))
        for card in (*study.table.cards, *missing):
            key = f"weight.{card.name}"
            known = card.name in study.pool
            state.put(key, float(card.relative_price) if known else None)
            st.number_input(
                card.short, 0.0, 1e9, value=None, key=key, placeholder=words.WEIGHT_EXAMPLE, on_change=_set_weights, args=(names,)
            )


def weights_form(cards: Mapping[str, ModelCard]) -> None:
    """Ask for the relative prices of models of which no price is known; nothing is assumed before it is typed."""
    with st.form("weights"):
        st.caption(words.WEIGHTS_HELP)
        for name, card in cards.items():
            st.number_input(card.short, 0.0, 1e9, value=None, placeholder=words.WEIGHT_EXAMPLE, key=f"weight.{name}")
        st.form_submit_button(words.WEIGHTS_APPLY, type="primary", on_click=_set_weights, args=(tuple(cards),))


def _set_weights(names: tuple[str, ...]) -> None:
    typed = {name: state.get(f"weight.{name}") for name in names}
    state.change(weights={name: float(value) for name, value in typed.items() if value is not None})


def _set(name: str) -> None:
    value = state.get(name)
    if value is not None:
        state.change(**{name: value})


def _set_axis() -> None:
    """Change what stands across; a budget and a scale belong to the axis that they were drawn on."""
    if state.get("axis") is not None:
        floor = {name: value for name, value in state.view().lines.items() if name == "floor"}
        state.change(axis=state.get("axis"), lines=floor, scale="")


def _set_pool() -> None:
    chosen = tuple(state.get("pool"))
    if len(chosen) >= 2:
        state.change(pool=chosen, slots=(), selected="a", knob="")


def panel(slot: Slot, fit: Fitted) -> None:
    """Draw a slot's sliders: the draggable ones in sight, the others and the choices under "more"."""
    swept = sweepable(fit.policy)
    for turn in play.sliders(fit):
        if turn.name in swept:
            slider(slot, fit, turn)
    rest = [turn for turn in play.sliders(fit) if turn.name not in swept]
    options = [*declared(fit.policy, "arms"), *declared(fit.policy, "choice")]
    if rest or options:
        with st.popover("More", icon=":material/tune:", width="stretch"):
            for turn in rest:
                slider(slot, fit, turn)
            for field, spec in declared(fit.policy, "arms"):
                _arms(slot, fit, field.name, spec)
            for field, spec in declared(fit.policy, "choice"):
                _choice(slot, fit, field.name, spec)


def slider(slot: Slot, fit: Fitted, turn: Turn) -> None:
    """Draw one slider. The exact setting lives in the view; the slider shows it rounded to its step."""
    key = f"{slot.letter}.{turn.name}"
    value = setting(fit.policy, turn.name)
    help_text = f"{turn.knob.help} Higher {turn.knob.higher}." if turn.knob.higher else turn.knob.help
    if turn.knob.high == "data":
        _log_slider(slot, fit, turn, key, value)
        return
    low, high = float(turn.knob.low), float(turn.knob.high)
    if turn.knob.whole:
        state.put(key, round(value))
        st.slider(turn.title, int(low), int(high), key=key, help=help_text, on_change=_moved, args=(slot.letter, turn.name, key))
        return
    state.put(key, min(max(round(value, 2), low), high))
    st.slider(turn.title, low, high, step=0.01, key=key, help=help_text, on_change=_moved, args=(slot.letter, turn.name, key))


def _log_slider(slot: Slot, fit: Fitted, turn: Turn, key: str, value: float) -> None:
    """Draw a slider whose end the data sets: notches in log10, zero as a notch of its own."""
    points = compute.knob_curves(fit, turn.name).shown.setting
    positive = points[points > 0]
    if not len(positive):
        return
    low, high = math.log10(float(positive[0])), math.log10(float(positive[-1]))
    notches = [0.0, *(10 ** (low + (high - low) * i / _NOTCHES) for i in range(_NOTCHES + 1))]
    notches = sorted({*notches, float(value)})  # the exact setting has a notch too: both sliders show the same number
    state.put(key, float(value))
    st.select_slider(
        turn.title, notches, key=key, format_func=significant,
        help=f"{turn.knob.help} Higher {turn.knob.higher}.",
        on_change=_moved, args=(slot.letter, turn.name, key),
    )  # fmt: skip


def _moved(letter: str, name: str, key: str) -> None:
    state.set_slot(letter, knobs={name: float(state.get(key))})


def _arms(slot: Slot, fit: Fitted, name: str, spec: Any) -> None:
    key = f"{slot.letter}.{name}"
    current = getattr(fit.policy, name)
    pool = list(fit.study.pool)
    short = {m: c.short for m, c in zip(pool, fit.study.table.cards, strict=True)}
    if isinstance(current, str):
        state.put(key, current if current in pool else pool[0])
        st.selectbox(
            spec.title or name,
            pool,
            key=key,
            format_func=lambda m: short[m],
            help=spec.help,
            on_change=_picked,
            args=(slot.letter, name, key),
        )
        return
    state.put(key, [m for m in current if m in pool])
    st.multiselect(
        spec.title or name, pool, key=key, format_func=lambda m: short[m], help=spec.help, max_selections=spec.most,
        on_change=_picked, args=(slot.letter, name, key, spec.least),
    )  # fmt: skip


def _choice(slot: Slot, fit: Fitted, name: str, spec: Any) -> None:
    key = f"{slot.letter}.{name}"
    table = fit.study.table
    known = [o for o in spec.options if o in {"auto", "predicted"} or given(table, o)] if name == "signal" else list(spec.options)
    computed = [o for o in spec.options if name == "signal" and o not in known and derived(table, o) is not None]
    known += [*computed, *(s for s in table.signals if spec.free and s not in known)]
    current = slot.options.get(name, getattr(fit.policy, name))
    state.put(key, current if current in known else known[0])

    def said(word: str) -> str:
        return words.CHOICES.get(word, word) + (words.COMPUTED.get(word, "") if word in computed else "")

    st.selectbox(spec.title or name, known, key=key, help=spec.help, format_func=said, on_change=_picked, args=(slot.letter, name, key))


def _picked(letter: str, name: str, key: str, least: int = 1) -> None:
    value = state.get(key)
    if isinstance(value, list):
        if len(value) < least:
            return  # too few models to be a chain: the last good choice stays
        value = tuple(value)
    state.set_slot(letter, options={name: value})
