"""The filters of the Methods page: what kind, and what a method has to be. They live in the view, so that a link keeps them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import state
from dashboard.components.methods.facets import FAMILIES, TRAITS, Method, passing
from dashboard.words import methods as words

_FAMILY, _TRAIT = "methods.family", "methods.trait"


def draw(methods: Sequence[Method]) -> list[Method]:
    """Draw the filters and return the methods that they leave."""
    chosen = state.view().methods
    here = {method.kind.card.family for method in methods}
    families = [name for name in FAMILIES if name in here or name in chosen]
    state.put(_FAMILY, [name for name in families if name in chosen])
    state.put(_TRAIT, [name for name in TRAITS if name in chosen])
    st.pills(words.FAMILY, families, selection_mode="multi", key=_FAMILY, format_func=_family, on_change=_set)
    st.pills(words.TRAIT, TRAITS, selection_mode="multi", key=_TRAIT, format_func=words.TRAITS.__getitem__, on_change=_set)
    left = passing(methods, chosen)
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(words.SHOWN.format(n=len(left), total=len(methods)), width="content")
            st.button(words.CLEAR, icon=":material/undo:", on_click=_clear, key="methods.clear")
    if not left:
        st.info(words.NONE, icon=":material/filter_alt_off:")
    return left


def _family(name: str) -> str:
    return words.FAMILIES[name][0]


def _set() -> None:
    state.change(methods=(*(state.get(_FAMILY) or ()), *(state.get(_TRAIT) or ())))


def _clear() -> None:
    state.change(methods=())
