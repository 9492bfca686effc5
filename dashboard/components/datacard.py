"""The data card of one set: where it comes from, its means over all rows, what is missing, what was done to it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from dashboard import compute
from dashboard.charts import missing
from dashboard.charts.figures import count, full, money, percent, seconds, usd
from dashboard.charts.table import Cell, table
from dashboard.components.gallery import COLOURS
from dashboard.words import header as header_words
from dashboard.words import sets as words
from data.cards import ModelFacts, TableFacts
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.splits import CROSS_FIT_BELOW


def card(key: str) -> None:
    """Draw the data card of a set."""
    opened, facts = compute.table(key), compute.facts(key)
    st.subheader(words.CARD_TITLE.format(name=opened.origin.name), anchor=False)
    kind = opened.origin.kind
    st.markdown(f":{COLOURS[kind]}-badge[{header_words.KINDS[kind]}] {_audit(key)} {facts.sentence}.")
    left, right = st.columns([3, 2], gap="large")
    with left:
        means(facts, compute.mean_halves(key))
    with right:
        _about(key, opened, facts)
    _missing(key, opened, facts)
    _history(opened)


def _audit(key: str) -> str:
    """Return the audit's badge: what is open, what was decided."""
    found = compute.findings(key)
    still = sum(not finding.settled for finding in found)
    if still:
        return f":orange-badge[{words.AUDIT_OPEN.format(n=still)}]"
    return f":green-badge[{words.AUDIT_DECIDED.format(n=len(found)) if found else words.AUDIT_CLEAN}]"


def means(facts: TableFacts, halves: Mapping[str, float]) -> None:
    """Draw the per-model means, quality with half its 95 % interval; hovering shows full precision."""
    st.markdown(f"**{words.MEANS}**")
    rows = [_row(each, halves.get(each.card.name, math.nan)) for each in sorted(facts.models, key=_order)]
    st.html(table(words.MEANS_HEAD, rows, right=(1, 2, 3, 4, 5), label=words.MEANS))
    st.caption(words.MEANS_NOTE.format(n=facts.queries, oracle=percent(facts.oracle)), help=full(facts.oracle) or None)


def _order(each: ModelFacts) -> tuple[float, float]:
    cost = math.inf if math.isnan(each.mean_cost_usd) else each.mean_cost_usd
    return cost, -1.0 if math.isnan(each.mean_quality) else each.mean_quality


def _row(each: ModelFacts, half: float) -> list[str | Cell]:
    tokens = (
        "–"
        if math.isnan(each.mean_tokens_in) and math.isnan(each.mean_tokens_out)
        else (f"{count(each.mean_tokens_in)} / {count(each.mean_tokens_out)}")
    )
    return [
        Cell(each.card.short, each.card.name),
        Cell(percent(each.mean_quality) + ("" if math.isnan(half) else f" ± {100 * half:.1f}"), full(each.mean_quality)),
        Cell(percent(each.coverage), f"{each.known:,} / {each.known + each.missing:,}"),
        Cell(money(1000 * each.mean_cost_usd), full(1000 * each.mean_cost_usd)),
        Cell(seconds(each.mean_latency_s), full(each.mean_latency_s)),
        tokens,
        Cell(price(each.card), " ".join(part for part in (each.card.source, each.card.date, each.card.note) if part)),
    ]


def price(card_of: ModelCard) -> str:
    """Return a model's price in words, with who says so."""
    if not math.isnan(card_of.price_in_usd_per_mtok):
        said = words.PRICE_M.format(price_in=card_of.price_in_usd_per_mtok, price_out=card_of.price_out_usd_per_mtok)
    elif not math.isnan(card_of.price_usd_per_query):
        said = words.PRICE_Q.format(usd=usd(1000 * card_of.price_usd_per_query))
    elif not math.isnan(card_of.price_usd_per_hour):
        said = words.PRICE_H.format(usd=card_of.price_usd_per_hour)
    elif not math.isnan(card_of.relative_price):
        said = words.PRICE_R.format(weight=card_of.relative_price)
    else:
        return words.NOT_KNOWN
    return f"{said} ({words.TIERS[card_of.tier]})"


def _about(key: str, opened: OutcomeTable, facts: TableFacts) -> None:
    origin = opened.origin
    tasks = ", ".join(f"{name} ({n:,})" for name, n in facts.tasks[:6]) + (" …" if len(facts.tasks) > 6 else "")
    lines = [
        (words.ORIGIN, origin.source or words.NOT_KNOWN),
        (words.LICENCE, origin.licence or words.NO_LICENCE),
        (words.SPLITS, splits(key, opened)),
        (words.SCORED_BY, origin.scorer or words.SCORED_RECORDED),
        (words.EMPTY_MEANS, origin.empty_answer_means),
        *([(words.TASKS, words.TASKS_SOME.format(n=len(facts.tasks), names=tasks))] if tasks else []),
        (words.FINGERPRINT, opened.fingerprint),
    ]
    st.html(table(("", ""), [list(line) for line in lines], label=words.CARD_TITLE.format(name=origin.name)))
    if origin.note:
        st.caption(origin.note)


def splits(key: str, opened: OutcomeTable) -> str:
    """Return how the set is split, in words."""
    if len(opened) < CROSS_FIT_BELOW and opened.queries.splits is None:
        return words.SPLIT_CROSS
    sizes = compute.split_sizes(key)
    if opened.queries.splits is not None:
        return words.SPLIT_FILE.format(parts=", ".join(f"{name} {n:,}" for name, n in sizes.items()))
    return words.SPLIT_OWN.format(**sizes)


def _missing(key: str, opened: OutcomeTable, facts: TableFacts) -> None:
    st.markdown(f"**{words.MISSING_TITLE}**")
    if not facts.missing_cells:
        st.caption(words.MISSING_NONE)
        return
    said = words.MISSING_SOME.format(n=facts.missing_cells, all=facts.queries * len(facts.models))
    st.caption(said)
    mode = st.context.theme.type or "light"
    picture = compute.kept(
        f"missing.{key}.{mode}", lambda: missing.figure(opened, mode=mode, across=words.MISSING_ACROSS, hover=words.MISSING_HOVER)
    )
    st.plotly_chart(
        picture, width="stretch", key="missing", theme=None, config={"displayModeBar": False}, alt=words.MISSING_ALT.format(words=said)
    )


def _history(opened: OutcomeTable) -> None:
    with st.expander(words.HISTORY, icon=":material/history:"):
        st.html(table(words.HISTORY_HEAD, [[line.action, line.detail] for line in opened.history], label=words.HISTORY))
