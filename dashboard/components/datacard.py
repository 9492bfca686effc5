"""The data card of one set: where it comes from, its means over all rows, what is missing, what was done to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import audits, compute, state
from dashboard.audits import Audit
from dashboard.charts import missing
from dashboard.charts.figures import count, full, money, percent, plain, seconds, usd
from dashboard.charts.table import Cell, table
from dashboard.components import arms, findings, gallery, header, report
from dashboard.components.gallery import COLOURS
from dashboard.words import header as header_words
from dashboard.words import sets as words
from data.arms import edited
from data.audit import audit_key
from data.cards import ModelFacts, TableFacts
from data.models import ModelCard
from data.outcomes import HistoryLine, OutcomeTable
from data.problems import ProblemError
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.units import UNITS, current
from data.splits import CROSS_FIT_BELOW

SAVED = "card.saved"
VERDICTS = ("missing_cells", "one_model_a_query", "chosen_by_outcome.selective")
_SCROLL = """<script>
setTimeout(() => document.getElementById("about")?.scrollIntoView({block: "start"}), 120);
</script>"""
SECTION, SCROLL = "card.section", "card.scroll"
SECTIONS = ("overview", "audit", "models", "known", "history")


def card(key: str) -> None:
    """Draw the data card of a set, one section of it at a time."""
    opened, facts = compute.table(key), compute.facts(key)
    st.subheader(words.CARD_TITLE.format(name=opened.origin.name), anchor="about")
    if state.get(SCROLL):
        state.forget(SCROLL)
        st.html(_SCROLL, unsafe_allow_javascript=True)
    kind = opened.origin.kind
    found = compute.audit_of(key)
    st.markdown(
        f":{COLOURS[kind]}-badge[{header_words.KINDS[kind]}] {header.audit_badge(found) if found.ready else ''} {plain(facts.sentence)}."
    )
    if not found.ready:
        header.audit_running(key)
    if version := state.get(SAVED):
        state.forget(SAVED)
        st.success(plain(version), icon=":material/save:")
    section = st.segmented_control(
        words.SECTION, SECTIONS, default="overview", required=True, key=SECTION, label_visibility="collapsed", persist_state="session",
        format_func=lambda name: _section(name, facts, found, opened),
    )  # fmt: skip
    if section == "audit":
        _audit(key, opened, found)
    elif section == "models":
        _models(key, opened)
    elif section == "known":
        _missing(key, opened, facts, found)
    elif section == "history":
        _history(key, opened)
    else:
        _overview(key, opened, facts)


def _section(name: str, facts: TableFacts, found: Audit, opened: OutcomeTable) -> str:
    counted = {"audit": len(found.open), "models": len(facts.models), "known": 0, "history": len(opened.history)}
    n = counted.get(name, 0)
    return f"{words.SECTIONS[name]} ({n:,})" if n else words.SECTIONS[name]


def _overview(key: str, opened: OutcomeTable, facts: TableFacts) -> None:
    if not opened.has("quality"):
        st.info(words.UNSCORED, icon=":material/info:")
    left, right = st.columns([3, 2], gap="large")
    with left:
        calls = None if opened.has("quality") else dict(zip(opened.models, opened.ran.sum(axis=0).tolist(), strict=True))
        means(facts, compute.mean_halves(key), calls)
    with right:
        _about(key, opened, facts)


def _audit(key: str, opened: OutcomeTable, found: Audit) -> None:
    """Draw the findings of a kept set; what is decided makes a new version of it."""
    if not findings.ready(found, audits.job_key(audit_key(opened))):
        return
    report.downloads(key, opened)
    if not found.findings:
        st.caption(f":green[:material/check_circle:] {words.FINDINGS_NONE}")
        return
    chosen = findings.choices(f"card.{key}", opened, found)
    if chosen:
        label = words.DECIDE_ONE if len(chosen) == 1 else words.DECIDE.format(n=len(chosen))
        _version(key, opened, label, lambda: audits.settled(opened, chosen))


def _models(key: str, opened: OutcomeTable) -> None:
    """Draw the models of a kept set; what is changed makes a new version of it."""
    name = f"card.{key}"
    edits = arms.panel(name, opened)
    if edits:
        _version(key, opened, words.ARMS_APPLY, lambda: edited(opened, edits))


def _version(key: str, opened: OutcomeTable, label: str, make: Callable[[], OutcomeTable]) -> None:
    """Draw the button that keeps what `make` gives as a new version; the set itself stays as it is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(words.VERSION_NAME, value=compute.version_name(opened.origin.name), key=f"card.{key}.version", max_chars=120)
        if not st.button(
            label, type="primary", icon=":material/save:", key=f"card.{key}.apply", help=words.VERSION_HELP, disabled=not name.strip()
        ):
            return
    try:
        with st.spinner(words.SAVING.format(name=name)):
            saved = compute.save(make(), name=name.strip(), files=compute.files_of(key))
    except (ProblemError, OSError) as error:
        st.error(f"{words.SAVE_FAILED}: {plain(str(error))}", icon=":material/error:")
        return
    state.forget(f"card.{key}.version")
    state.put(SAVED, (words.VERSION_SAME if saved == key else words.VERSION_SAVED).format(name=name.strip(), old=opened.origin.name))
    gallery.reset_to(saved)
    state.publish()
    st.rerun()


def means(facts: TableFacts, halves: Mapping[str, float], calls: Mapping[str, int] | None = None) -> None:
    """Draw the per-model means, quality with half its 95 % interval; hovering shows full precision. calls : of a log without scores."""
    st.markdown(f"**{words.MEANS}**")
    rows = [_row(each, halves.get(each.card.name, math.nan)) for each in sorted(facts.models, key=_order)]
    if calls is not None:
        rows = [
            [row[0], row[1], f"{calls[each.card.name]:,}", *row[3:]]
            for row, each in zip(rows, sorted(facts.models, key=_order), strict=True)
        ]
        st.html(table(words.MEANS_CALLS, rows, right=(1, 2, 3, 4, 5), label=words.MEANS))
        st.caption(words.MEANS_NOTE_CALLS.format(n=facts.queries))
        return
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


def _missing(key: str, opened: OutcomeTable, facts: TableFacts, found: Audit) -> None:
    """Draw which answers are known, and whether what is not is missing at random."""
    if not facts.missing_cells:
        st.caption(words.MISSING_NONE)
        return
    unscored = not opened.has("quality")
    cells = int(opened.ran.size - opened.ran.sum()) if unscored else facts.missing_cells
    said = (words.MISSING_CALLS if unscored else words.MISSING_SOME).format(n=cells, all=facts.queries * len(facts.models))
    st.markdown(said)
    for finding in found.findings:
        if finding.check in VERDICTS or finding.id in VERDICTS:
            st.markdown(f"{findings.ICONS[finding.severity]} {plain(finding.meaning)}")
    if found.ready and unscored:
        st.caption(words.MISSING_UNSCORED)
    mode = st.context.theme.type or "light"
    picture = compute.kept(
        f"missing.{key}.{mode}", lambda: missing.figure(opened, mode=mode, across=words.MISSING_ACROSS, hover=words.MISSING_HOVER)
    )
    st.plotly_chart(
        picture, width="stretch", key="missing", theme=None, config={"displayModeBar": False}, alt=words.MISSING_ALT.format(words=said)
    )
    st.caption(words.MISSING_LEGEND)


def read_as(line: HistoryLine) -> list[str]:
    """Return how a line that read files took their numbers: scale, units, words for nothing; empty for other lines."""
    if line.action != "read" or "mapping" not in line.values:
        return []
    mapping = ColumnMapping.from_json(line.values["mapping"])
    units = {role: current(role, mapping.factors.get(role, 1.0), mapping.cost_per) for role in UNITS if role in mapping.cells}
    said = [words.READ_UNIT[role].format(unit=unit.title) for role, unit in units.items() if unit is not None and unit != UNITS[role][0]]
    if mapping.scale is not None:
        said.append(words.READ_SCALE.format(scale=words.SCALE.format(low=mapping.scale[0], high=mapping.scale[1])))
    return said + ([words.READ_MISSING.format(words=", ".join(mapping.missing))] if mapping.missing else [])


def _history(key: str, opened: OutcomeTable) -> None:
    report.history(key, opened)
    st.html(
        table(words.HISTORY_HEAD, [[line.action, "; ".join([line.detail, *read_as(line)])] for line in opened.history], label=words.HISTORY)
    )
