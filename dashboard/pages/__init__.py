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


def navigation() -> Any:
    """Return the navigation: what is not built is not in it."""
    return st.navigation(
        {
            "Explore": [
                st.Page(_page("tradeoffs"), title="Trade-offs", icon=":material/show_chart:", url_path="tradeoffs", default=True),
                st.Page(_page("decisions"), title="Decisions", icon=":material/account_tree:", url_path="decisions"),
            ],
            "Run": [
                st.Page(_page("sets"), title="Data", icon=":material/table_view:", url_path="data"),
                st.Page(_page("models"), title="Models", icon=":material/memory:", url_path="models"),
            ],
        },
        position="top",
    )
