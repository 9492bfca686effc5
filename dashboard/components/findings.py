"""The audit: each finding with its rows, what it means, what each choice would do to the conclusions, and the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import audits, jobs, state
from dashboard.audits import Audit
from dashboard.charts.figures import full, plain
from dashboard.charts.table import table as html_table
from dashboard.components import waiting
from dashboard.words import sets as words
from data.audit import Choice, Effect, Finding
from data.outcomes import OutcomeTable
from data.problems import SHOWN, listed

ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "info": ":gray[:material/info:]"}
COLOURS = {"error": "red", "warning": "orange", "info": "gray"}
CURRENT = "audit.draft"
_SHORT = 80
_EFFECTS = 4
_MODELS = 4


def step(key: str, table: OutcomeTable, content: str) -> dict[str, Choice]:
    """Draw the audit of a table in the making; return finding -> choice. content : what stands for its figures and history."""
    job = audits.job_key(content)
    before = state.get(CURRENT)
    if before is not None and before != job:
        jobs.ALL.drop(before)  # what is looked at now is another table: nobody waits for that one
    state.put(CURRENT, job)
    found = audits.looked(content, table)
    if not ready(found, job):
        return {}
    if not found.findings:
        st.caption(f":green[:material/check_circle:] {words.FINDINGS_NONE}")
        return {}
    with st.expander(title(found), icon=":material/fact_check:", expanded=found.gravest == "error", key=f"{key}.findings"):
        return choices(key, table, found)


def ready(found: Audit, job_key: str) -> bool:
    """Return whether an audit has ended, with its progress or its failure drawn where it hasn't."""
    if not found.ready:
        job = jobs.ALL.get(job_key)
        if job is not None:
            waiting.ended(job, words.AUDITING, patience_s=0.0)
        return False
    if found.error:
        st.warning(words.AUDIT_FAILED.format(why=plain(found.error)), icon=":material/report:")
        return False
    return True


def title(found: Audit) -> str:
    """Return what is open and what was decided, in words."""
    said = counts(found)
    return words.FINDINGS_TITLE.format(said=said) if said else words.FINDINGS_DECIDED.format(n=len(found.findings))


def counts(found: Audit) -> str:
    """Return how many findings of each severity are open: `1 error, 2 warnings`; empty where none is."""
    named = [(found.count(severity), words.SEVERITIES[severity]) for severity in audits.SEVERITIES]
    return ", ".join(f"{n} {one if n == 1 else many}" for n, (one, many) in named if n)


def choices(key: str, table: OutcomeTable, found: Audit) -> dict[str, Choice]:
    """Draw every finding with its choice; return finding -> choice of those that were made."""
    made: dict[str, Choice] = {}
    if found.open:
        st.caption(words.FINDINGS_INTRO)
    for finding in found.findings:
        chosen = _finding(key, table, finding, found.effects.get(finding.id, {}))
        if chosen:
            made[finding.id] = chosen
    if len(made) > 1:
        _together(key, table, made, found)
    return made


def _together(key: str, table: OutcomeTable, made: Mapping[str, Choice], found: Audit) -> None:
    """Draw what all choices do together, when somebody asks: they may overlap."""
    if st.toggle(words.TOGETHER, key=f"{key}.together", persist_state="session"):
        with st.spinner(words.AUDITING):
            effect = audits.together(table, made, found.now)
        st.markdown(plain(effect_words(effect) if effect is not None else words.TOGETHER_NOT))


def _finding(key: str, table: OutcomeTable, finding: Finding, effects: Mapping[Choice, Effect]) -> Choice | None:
    with st.container(border=True):
        st.markdown(f"{ICONS[finding.severity]} **{plain(finding.title)}** {_where(table, finding)}")
        st.markdown(plain(finding.meaning))
        chosen = None if finding.settled else _choice(key, finding, effects)
        if finding.settled:
            st.caption(f":green[:material/check:] {words.SETTLED.format(choice=words.CHOICES[finding.settled])}")
        if len(finding.rows) and st.toggle(
            words.FINDING_ROW if len(finding.rows) == 1 else words.FINDING_ROWS.format(n=len(finding.rows)),
            key=f"{key}.rows.{finding.id}",
            persist_state="session",
        ):
            st.html(html_table(words.FINDING_HEAD, rows(table, finding), right=(0,), label=finding.title))
            if len(finding.rows) > SHOWN:
                st.caption(words.MORE_ROWS.format(n=len(finding.rows) - SHOWN))
    return chosen


def _where(table: OutcomeTable, finding: Finding) -> str:
    parts = []
    if len(finding.rows):
        parts.append(words.ROWS_ONE if len(finding.rows) == 1 else words.ROWS_MANY.format(n=len(finding.rows)))
    if finding.models and len(finding.models) < len(table.models):
        parts.append(listed([table.cards[table.index(m)].short for m in finding.models if m in table.models], _MODELS))
    return f":gray[{plain(' · '.join(parts))}]" if parts else ""


def _choice(key: str, finding: Finding, effects: Mapping[Choice, Effect]) -> Choice | None:
    offered = sorted(finding.choices, key=list(words.CHOICES).index)
    lines = [f"- **{words.CHOICES[choice]}**: {plain(finding.choices[choice])}{_then(choice, effects)}" for choice in offered]
    st.markdown("\n".join(lines))
    chosen: Choice | None = st.segmented_control(
        words.CHOICE, offered, key=f"{key}.finding.{finding.id}", format_func=words.CHOICES.__getitem__,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return chosen


def _then(choice: Choice, effects: Mapping[Choice, Effect]) -> str:
    effect = effects.get(choice)
    if choice == "keep" or effect is None:
        return ""
    return f". *{plain(effect_words(effect))}*"


def effect_words(effect: Effect) -> str:
    """Return what a choice does to the conclusions as one sentence, the gravest first."""
    if not effect.changed:
        return words.NO_EFFECT
    said = list(effect.words)
    more = words.MORE_EFFECTS.format(n=len(said) - _EFFECTS) if len(said) > _EFFECTS else ""
    text = "; ".join(said[:_EFFECTS])
    return f"{text[:1].upper()}{text[1:]}{more}."


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
        if model not in table.models:
            continue
        m = table.index(model)
        parts = [(name, float(table.column(column, m)[row])) for column, name in words.SHOWN_FIELDS.items() if table.has(column)]
        known = ", ".join(f"{name} {full(round(value, 9))}" for name, value in parts if full(value))
        said.append(f"{table.cards[m].short}: {known or words.NOT_RUN}")
    return listed(said, 4)
