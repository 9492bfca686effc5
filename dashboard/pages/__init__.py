"""One file a page: read state, ask compute, draw. A page is imported when it is opened."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import streamlit as st


def _page(name: str) -> Callable[[], None]:
    def show() -> None:
        importlib.import_module(f"dashboard.pages.{name}").show()

    show.__name__ = name
    return show


def _pages() -> dict[str, Any]:
    return {
        "tradeoffs": st.Page(_page("tradeoffs"), title="Trade-offs", icon=":material/show_chart:", url_path="tradeoffs", default=True),
        "decisions": st.Page(_page("decisions"), title="Decisions", icon=":material/account_tree:", url_path="decisions"),
        "sets": st.Page(_page("sets"), title="Data", icon=":material/table_view:", url_path="data"),
        "models": st.Page(_page("models"), title="Models", icon=":material/memory:", url_path="models"),
    }


def navigation() -> Any:
    """Return the navigation: what is not built is not in it."""
    pages = _pages()
    return st.navigation({"Explore": [pages["tradeoffs"], pages["decisions"]], "Run": [pages["sets"], pages["models"]]}, position="top")


def go(name: str) -> None:
    """Switch to a page by its file's name; ends this run. Not for callbacks."""
    st.switch_page(_pages()[name])
