"""The plane of an answer, with its key."""

from __future__ import annotations

import html

import streamlit as st

from dashboard import jobs, solving, theme
from dashboard.charts import find as charts
from dashboard.components.find import told
from dashboard.words import find as words
from strategies.solver.answer import Answer, Option
from strategies.study.prepare import Study

_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def plane(study: Study, job: jobs.Job, found: Answer) -> None:
    """Draw where the answer stands, what was put to the proof around it, and what was asked for."""
    mode = st.context.theme.type or "light"
    picture = charts.plane(solving.outline_of(job), marks(study, found), lines(found), mode=mode)
    alt = words.PLANE_ALT.format(said=told.answer(study, found).replace("**", "").replace("\\", ""))
    st.plotly_chart(picture, width="stretch", key="find.plane", theme=None, config=_CONFIG, alt=alt)
    st.html(key(found, mode=mode))
    st.caption(words.CAPTION)


def marks(study: Study, found: Answer) -> list[charts.Mark]:
    """Return every policy that was put to the proof, the answer and the runner-up named; the single models have dots of their own."""
    shown = [option for option in found.tested if option.id != "single" or option is found.chosen]
    return [_mark(study, found, option) for option in shown]


def _mark(study: Study, found: Answer, option: Option) -> charts.Mark:
    kind = "answer" if option is found.chosen else "runner" if option is found.runner_up else ""
    ends = {} if option.report is None else {"low": option.report.quality.low, "high": option.report.quality.high}
    return charts.Mark(
        cost=option.cost, quality=option.quality, said=told.plan(study, option), proved=option.certified, kind=kind, **ends,
    )  # fmt: skip


def lines(found: Answer) -> charts.Lines:
    """Return what was asked for, as lines: a share of the best model's quality is a floor at its quality on test."""
    question = found.question
    keep, floor = question.limit("keep"), question.limit("quality")
    return charts.Lines(
        floor=keep * found.best.quality.mean if keep is not None else floor, budget=question.limit("cost"), value=question.value
    )


def key(found: Answer, *, mode: str) -> str:
    """Return the picture's key as HTML."""
    c = theme.palette(mode)
    signs = []
    if found.chosen is not None:
        signs.append(("⬤", c.accent, words.KEY_ANSWER))
    if found.runner_up is not None and found.runner_up.id != "single":
        signs.append(("◆", c.muted, words.KEY_RUNNER))
    if len(found.certified) > 1:
        signs.append(("●", c.accent, words.KEY_PROVED))
    if any(not option.certified for option in found.tested):
        signs.append(("○", c.muted, words.KEY_OPEN))
    signs += [("●", c.muted, words.KEY_MODELS), ("┄", c.muted, words.KEY_MIX), ("★", c.oracle, words.KEY_ORACLE)]
    if found.question.value is not None and found.chosen is not None:
        signs.append(("⋯", c.accent, words.ISO))
    style = (
        "list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0;"
        f"font:13px/1.5 var(--st-font, {theme.FONT});color:{c.ink}"
    )
    return f'<ul style="{style}">{"".join(_entry(*sign) for sign in signs)}</ul>'


def _entry(sign: str, colour: str, name: str) -> str:
    mark = f'<span aria-hidden="true" style="display:inline-block;width:18px;text-align:center;color:{colour}">{sign}</span>'
    return f'<li style="margin:0;display:flex;align-items:center;gap:6px;font-size:13px">{mark}<span>{html.escape(name)}</span></li>'
