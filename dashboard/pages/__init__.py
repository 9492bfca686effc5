"""One file a page: read state, ask compute, draw. A page is imported when it is opened."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.words import header as words

_LOG = logging.getLogger(__name__)


def _page(name: str) -> Callable[[], None]:
    def show() -> None:
        try:
            importlib.import_module(f"dashboard.pages.{name}").show()
        except Exception as error:  # noqa: BLE001 - a page's own mistake: said in words, never a stack trace in a reader's face
            _LOG.exception("the page %s failed", name)
            st.error(words.FAILED.format(kind=type(error).__name__, what=str(error) or words.NO_DETAILS), icon=":material/error:")
            st.button(words.AGAIN, icon=":material/refresh:")

    show.__name__ = name
    return show


def _pages() -> dict[str, Any]:
    return {
        "tradeoffs": st.Page(_page("tradeoffs"), title="Trade-offs", icon=":material/show_chart:", url_path="tradeoffs", default=True),
        "decisions": st.Page(_page("decisions"), title="Decisions", icon=":material/account_tree:", url_path="decisions"),
        "methods": st.Page(_page("methods"), title="Methods", icon=":material/category:", url_path="methods"),
        "compare": st.Page(_page("compare"), title="Compare", icon=":material/leaderboard:", url_path="compare"),
        "find": st.Page(_page("find"), title="Find", icon=":material/search:", url_path="find"),
        "whatif": st.Page(_page("whatif"), title="What if", icon=":material/tune:", url_path="what-if"),
        "sets": st.Page(_page("sets"), title="Data", icon=":material/table_view:", url_path="data"),
        "models": st.Page(_page("models"), title="Models", icon=":material/memory:", url_path="models"),
        "signals": st.Page(_page("signals"), title="Signals", icon=":material/sensors:", url_path="signals"),
        "published": st.Page(_page("published"), title="Published", icon=":material/fact_check:", url_path="published"),
        "lab": st.Page(_page("lab"), title="Lab", icon=":material/science:", url_path="lab"),
    }


def navigation() -> Any:
    """Return the navigation: what is not built is not in it.

    Flat, explore before run before understand: groups fold into menus at the top, and a menu hides what a first visitor needs. Eleven
    fit beside the sidebar at 1440 pixels; on a phone they are a list.
    """
    return st.navigation(list(_pages().values()), position="top")


def go(name: str) -> None:
    """Switch to a page by its file's name; ends this run. Not for callbacks."""
    st.switch_page(_pages()[name])
