"""What the audit says, to take away: a report as Markdown or as a page, and the history as a file that can be played again."""

from __future__ import annotations

import re
from typing import Literal

import streamlit as st

from dashboard import compute
from dashboard.words import sets as words
from data.outcomes import OutcomeTable


def downloads(key: str, table: OutcomeTable) -> None:
    """Draw the downloads of a set's audit report; it is written when somebody asks for it."""
    stem = stem_of(table.origin.name)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            words.REPORT_PAGE, lambda: written(key, "html"), f"{stem}-audit.html", "text/html", key=f"{key}.report.html",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            words.REPORT_MARKDOWN, lambda: written(key, "md"), f"{stem}-audit.md", "text/markdown", key=f"{key}.report.md",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def written(key: str, form: Literal["html", "md"]) -> str:
    """Return the audit report of a set of this machine."""
    from data.audit import document as parts
    from data.audit.report import document, report

    table = compute.table(key)
    said = document(report(table, findings=compute.findings(key)))
    return parts.page(said, words.REPORT_TITLE.format(name=table.origin.name)) if form == "html" else parts.markdown(said)


def history(key: str, table: OutcomeTable) -> None:
    """Draw the download of a set's history."""
    from data.history import export

    st.download_button(
        words.HISTORY_SAVE, lambda: export(compute.table(key)), f"{stem_of(table.origin.name)}-history.json", "application/json",
        key=f"{key}.history.json", icon=":material/download:", help=words.HISTORY_SAVE_HELP, on_click="ignore",
    )  # fmt: skip


def stem_of(name: str) -> str:
    """Return a name as a file name: letters, digits, hyphens."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60] or "set"
