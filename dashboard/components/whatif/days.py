"""Prices of a day: by the list that comes along, or by one of the user's own, which is kept on the disk."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import plain
from dashboard.components.whatif import work
from dashboard.components.whatif.boxes import held
from dashboard.words import whatif as words
from data.outcomes import OutcomeTable
from data.problems import ProblemError
from strategies.study.prepare import Study
from strategies.whatif.prices import PricesOf
from strategies.whatif.scenario import Scenario


def panel(study: Study, now: Scenario) -> None:
    """Draw the choice of a day and a list, and where a list of one's own is added."""
    said, lists = now.find(PricesOf) or PricesOf(), work.books()
    days = compute.kept(f"whatif.days.{study.key}", lambda: _listed_days(study.table))
    names = ([""] if days is not None else []) + list(lists)
    if names:
        if len(names) > 1 or names[0]:
            key = held("whatif.day.book", said.book if said.book in names else names[0])
            st.selectbox(words.BOOK_CHOICE, names, key=key, format_func=lambda name: name or words.BOOK_LIST, on_change=_day_moved)
        known = lists[said.book].days if said.book in lists else days or ()
        told = words.DAY_HELP.format(days=", ".join(known[-6:]) or words.UNKNOWN)
        key = held("whatif.day.day", date.fromisoformat(said.day) if said.day else None)
        st.date_input(words.DAY_LABEL, value=None, key=key, help=told, min_value=date(2020, 1, 1), on_change=_day_moved)
        if not said.book and days is not None:
            key = held("whatif.day.processing", said.processing)
            st.segmented_control(
                words.PROCESSING_LABEL, list(words.PROCESSING), key=key, format_func=words.PROCESSING.__getitem__, on_change=_day_moved
            )
    else:
        st.caption(words.DAY_NONE)
    st.file_uploader(words.BOOK, type=["csv"], key="whatif.book", help=plain(words.BOOK_HELP), on_change=_book)


def _listed_days(table: OutcomeTable) -> tuple[str, ...] | None:
    """Return the days on which the list that comes along changes a price of these models; None where it knows none of them."""
    from data.prices import match
    from data.whatif.snapshots import changes

    return changes(table.models) if any(match(name) is not None for name in table.models) else None


def _day_moved() -> None:
    day = state.get("whatif.day.day")
    book, processing = str(state.get("whatif.day.book") or ""), str(state.get("whatif.day.processing") or "standard")
    work.put(PricesOf(day=day.isoformat() if day else "", book=book, processing="standard" if book else processing))


def _book() -> None:
    given = state.get("whatif.book")
    if given is None:
        return
    try:
        name = work.keep_book(given.name, given.getvalue())
    except ProblemError as error:
        work.refuse(error)
        return
    said = work.scenario().find(PricesOf) or PricesOf()
    days = work.books()[name].days
    work.put(PricesOf(day=said.day or (days[-1] if days else datetime.now(tz=UTC).date().isoformat()), book=name))
