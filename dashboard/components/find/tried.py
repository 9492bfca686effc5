"""What was tried: every kind of policy with how much of it was searched or why not, and the way from safe to bold with its p-values."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.charts.figures import plain
from dashboard.charts.table import table
from dashboard.components.find import told
from dashboard.components.plane.figures import percent, seconds, significant
from dashboard.components.trace.amounts import grouped
from dashboard.words import find as words
from strategies.solver.answer import MISSES, Answer
from strategies.study.prepare import Study

_LEAST_P = 0.0005


def draw(study: Study, found: Answer) -> None:
    """Draw it all under one fold."""
    with st.expander(words.TRIED, icon=":material/checklist:"):
        searched = [each for each in found.tried if each.status == "searched"]
        said = words.TRIED_SAID.format(
            settings=grouped(found.searched_settings), families=len(searched), seconds=seconds(found.seconds), tested=len(found.tested)
        )
        st.markdown(plain(f"{said} {told.parts(found)}"))
        if found.question.proved:
            st.markdown(f"**{words.WAY}**")
            st.html(table(words.WAY_HEAD, way(study, found), right=(1, 2, 3), label=words.WAY))
            st.caption(plain(method(found)))
        st.html(table(words.TRIED_HEAD, kinds(found), right=(1, 2), label=words.TRIED))
        st.caption(words.LEFT_OUT)


def way(study: Study, found: Answer) -> list[list[str]]:
    """Return a row a policy that was put to the proof."""
    return [
        [
            told.plan(study, option).replace("**", ""), percent(option.quality), told.amount(option.cost, found.cost_unit),
            p_value(option.p), words.YES if option.certified else words.NO,
        ]
        for option in found.tested
    ]  # fmt: skip


def p_value(p: float) -> str:
    """Return a p-value with two significant digits, no finer than a thousandth."""
    return f"< {2 * _LEAST_P:g}" if p < _LEAST_P else significant(p, 2)


def kinds(found: Answer) -> list[list[str]]:
    """Return a row a kind of policy: how much of it was searched, or why it was not."""
    rows = []
    for each in found.tried:
        there = each.status == "searched"
        said = f"{words.STATUS[each.status]}{each.said}"
        rows.append([each.title, grouped(each.settings) if there else "", seconds(each.seconds) if there else "", said])
    return rows


def method(found: Answer) -> str:
    """Return how the proofs were made, and what they assume."""
    proofs = [proof for option in found.tested for proof in option.proofs]
    used = dict.fromkeys(proof.method for proof in proofs)
    delta = found.question.delta
    said = words.METHOD.format(level=f"{delta / MISSES:g}", delta=f"{delta:g}", tests=" ".join(words.TESTS[name] for name in used))
    ceilings = [proof.ceiling for proof in proofs if not math.isnan(proof.ceiling)]
    if not ceilings:
        return said
    bound = max(ceilings)
    amount = told.per_wrong(bound, found.cost_unit) if found.cost_unit != "share" else significant(bound)
    return f"{said} {words.CEILING.format(amount=amount)}"
