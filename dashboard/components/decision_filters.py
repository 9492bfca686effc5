"""Which decisions are looked at and in which order: quick sets with their money, task, search, order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import streamlit as st

from dashboard import state
from dashboard.components.decision_table import MOST
from dashboard.components.trace import amounts
from dashboard.words import decisions as words
from data.outcomes import OutcomeTable
from data.texts import Texts
from strategies.protocol import Bools, Doubles, Ints
from strategies.study.decisions import Decisions, QuickSet
from strategies.study.prepare import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked at. quick : id of a quick set; task, text : empty = all; order : a key of the words' ORDERS."""

    quick: str = ""
    task: str = ""
    text: str = ""
    order: str = "regret"


def positions(found: Decisions, sets: Mapping[str, QuickSet], chosen: Filter) -> Ints:
    """Return the tested queries that pass the filter, (k,) positions in the chosen order."""
    tested = found.shown.study.tested
    mask = np.ones(len(tested), dtype=np.bool_)
    if chosen.quick in sets:
        mask &= sets[chosen.quick].mask
    if chosen.task in tested.queries.task_names and tested.queries.tasks is not None:
        mask &= tested.queries.tasks == tested.queries.task_names.index(chosen.task)
    if chosen.text.strip():
        mask &= matching(tested, chosen.text.strip())
    rows = np.flatnonzero(mask)
    by = _ORDERS.get(chosen.order, _ORDERS["regret"])(found)[rows]
    return rows[np.argsort(np.where(np.isnan(by), np.inf, -by), kind="stable")]


_ORDERS: dict[str, Callable[[Decisions], Doubles]] = {
    "regret": lambda found: found.regret,
    "cost": lambda found: found.shown.cost.astype(np.float64),
    "unsure": lambda found: -found.confidence.astype(np.float64),
    "sure": lambda found: found.confidence.astype(np.float64),
    "latency": lambda found: found.shown.latency.astype(np.float64),
    "data": lambda found: -found.shown.study.rows.astype(np.float64),
}


def orders(found: Decisions) -> list[str]:
    """Return the orders that this data has something to sort by."""
    without = set()
    if np.isnan(found.confidence).all():
        without |= {"unsure", "sure"}
    if np.isnan(found.shown.latency).all():
        without.add("latency")
    return [name for name in words.ORDERS if name not in without]


def matching(tested: OutcomeTable, text: str) -> Bools:
    """Return (n,) whether a text occurs in a query's id or prompt; case does not matter."""
    columns = [tested.queries.ids, *([tested.queries.prompts] if tested.queries.prompts is not None else [])]
    hits = np.zeros(len(tested), dtype=np.bool_)
    for column in columns:
        found = pc.fill_null(pc.match_substring(column.arrow(), text, ignore_case=True), fill_value=False)
        hits |= np.asarray(found, dtype=np.bool_)
    return hits


def place_of(ids: Texts, query: str) -> int:
    """Return the position of a query by id, -1 = there is none."""
    return int(pc.index(ids.arrow(), query).as_py())


def filters(study: Study, found: Decisions, sets: dict[str, QuickSet]) -> Filter:
    """Draw the quick sets with their meaning, the task, the search and the order; return what was chosen."""
    view = state.view()
    quick = view.quick if view.quick in sets else ""
    state.put("quick", quick or None)
    st.pills(
        words.SETS_LABEL, list(sets), key="quick", format_func=lambda i: pill(sets[i], found).replace("$", "\\$"),
        help=words.SETS_HELP, on_change=_narrowed, args=("quick",),
    )  # fmt: skip
    st.caption(meaning(sets.get(quick), found).replace("$", "\\$"))
    search, order, task = st.columns([2, 1.3, 1.3])
    hint = words.SEARCH_HINT if study.table.queries.prompts is not None else words.SEARCH_HINT_IDS
    text = search.text_input(words.SEARCH, key="find", bind="query-params", placeholder=hint, icon=":material/search:")
    known = orders(found)
    by = order.selectbox(words.ORDER, known, key="order", bind="query-params", format_func=words.ORDERS.__getitem__)
    names = study.table.queries.task_names if study.table.queries.tasks is not None else ()
    if len(names) > 1:
        state.put("task", view.task if view.task in names else "")
        every = {"": words.TASK_ALL} | {name: name for name in names}
        task.selectbox(words.TASK, list(every), key="task", format_func=every.__getitem__, on_change=_narrowed, args=("task",))
    return Filter(quick=quick, task=view.task, text=text or "", order=by)


def _narrowed(name: str) -> None:
    state.change(**{name: state.get(name) or ""})


def clear() -> None:
    """Show all queries again."""
    state.put("find", "")
    state.change(quick="", task="")


def count_words(total: int, order: str) -> str:
    """Return how many queries are listed, and whether that is all of them."""
    short = words.ORDER_SHORT[order]
    if total == 1:
        return words.COUNT_ONE
    if total > MOST:
        return words.COUNT_CUT.format(shown=amounts.grouped(MOST), n=amounts.grouped(total), order=short)
    return words.COUNT.format(n=amounts.grouped(total), order=short)


def money(value: float, found: Decisions) -> str:
    """Return what hangs on a set of queries; an empty string where it is not known."""
    unit = found.shown.study.table.cost_unit
    if np.isnan(value):
        return ""
    if unit == "USD":
        return amounts.dollars(value)
    return (words.SENT if unit == "share" else words.RELATIVE).format(n=amounts.grouped(value), amount=amounts.bare(round(value, 1)))


def pill(group: QuickSet, found: Decisions) -> str:
    """Return a quick set as its name, count and money."""
    text = money(group.cost, found) if group.count else ""
    return (words.SET_MONEY if text else words.SET_PLAIN).format(title=group.title, n=amounts.grouped(group.count), money=text)


def meaning(group: QuickSet | None, found: Decisions) -> str:
    """Return what a quick set is, and what its money means."""
    if group is None:
        return words.SET_ALL.format(n=amounts.grouped(len(found.right)))
    text = money(group.cost, found)
    spent = (words.SET_SAVED if group.id == "needless" else words.SET_PAID).format(money=text) if text and group.count else ""
    return words.SET_MEANING.format(meaning=group.meaning, money=spent).strip()
