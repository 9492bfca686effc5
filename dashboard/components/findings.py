"""The audit step: each finding with its rows, what it means, and a choice that goes into the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import compute
from dashboard.charts.figures import full, plain
from dashboard.charts.table import table as html_table
from dashboard.words import sets as words
from data.audit import Choice, Finding, apply, audit
from data.outcomes import OutcomeTable
from data.problems import SHOWN, listed

ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "info": ":gray[:material/info:]"}
_SHORT = 80


def step(key: str, table: OutcomeTable) -> dict[str, Choice]:
    """Draw the findings; return finding -> choice of those that are open."""
    found = compute.kept(f"audit.{key}.{table.fingerprint}", lambda: audit(table))
    if not found:
        st.caption(f":green[:material/check_circle:] {words.FINDINGS_NONE}")
        return {}
    title = words.FINDING_ONE if len(found) == 1 else words.FINDINGS_TITLE.format(n=len(found))
    choices: dict[str, Choice] = {}
    with st.expander(title, icon=":material/fact_check:", expanded=any(f.severity == "error" for f in found)):
        for finding in found:
            chosen = _finding(key, table, finding)
            if chosen:
                choices[finding.id] = chosen
    return choices


def _finding(key: str, table: OutcomeTable, finding: Finding) -> Choice | None:
    st.markdown(f"{ICONS[finding.severity]} **{plain(finding.title)}**")
    st.caption(plain(finding.meaning))
    chosen: Choice | None = None
    if not finding.settled:
        options: list[Choice] = list(finding.choices)
        at = options.index("keep") if "keep" in options else 0
        chosen = st.radio(
            words.CHOICE, options, index=at, key=f"{key}.finding.{finding.id}", horizontal=True, persist_state="session",
            format_func=lambda c: f"{words.CHOICES[c]}: {finding.choices[c]}",
        )  # fmt: skip
    if len(finding.rows) and st.toggle(
        words.FINDING_ROWS.format(n=len(finding.rows)), key=f"{key}.rows.{finding.id}", persist_state="session"
    ):
        st.html(html_table(words.FINDING_HEAD, rows(table, finding), right=(0,), label=finding.title))
        if len(finding.rows) > SHOWN:
            st.caption(words.MORE_ROWS.format(n=len(finding.rows) - SHOWN))
    return chosen


def rows(table: OutcomeTable, finding: Finding) -> list[list[str]]:
    """Return up to twenty of a finding's rows as texts: row, query, its prompt, the models' scores and costs there."""
    prompts = table.queries.prompts
    return [
        [
            f"{row + 1:,}",
            table.queries.ids[row] or "",
            _cut(prompts[row] if prompts is not None else ""),
            _cells(table, finding.models or table.models, row),
        ]
        for row in (int(r) for r in finding.rows[:SHOWN])
    ]


def _cut(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"


def _cells(table: OutcomeTable, models: Sequence[str], row: int) -> str:
    said = []
    for model in models:
        m = table.index(model)
        parts = [(words.SCORE, float(table.quality(m)[row])), (words.COST, float(table.cost_usd(m)[row]))]
        known = ", ".join(f"{name} {full(round(value, 9))}" for name, value in parts if full(value))
        said.append(f"{table.cards[m].short}: {known or words.NOT_RUN}")
    return listed(said, 4)


def settled(table: OutcomeTable, choices: Mapping[str, Choice]) -> OutcomeTable:
    """Return the table after all choices, each noted in its history; rows are looked up anew after each one."""
    for name, choice in choices.items():
        finding = next((f for f in audit(table) if f.id == name and not f.settled), None)
        if finding is not None:
            table = apply(table, finding, choice)
    return table
