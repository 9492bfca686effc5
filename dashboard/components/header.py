"""The line above every page that shows numbers: which data, what kind, how many, which split."""

from __future__ import annotations

import streamlit as st

from dashboard import audits, compute, state
from dashboard.charts.figures import plain
from dashboard.components import knobs
from dashboard.components.trace.amounts import grouped
from dashboard.pages import go
from dashboard.words import header as words
from data.problems import ProblemError
from strategies.study.prepare import WEIGHTS, Study

AUDIT_S = 0.4
COLOURS = {"recorded": "gray", "simulated": "orange", "yours": "blue"}
LEFT_OUT_MOST = 4
BY_CHOICE = ("not chosen", "one of many")  # nobody needs a word about these
AUDIT_MOST = 6
AUDIT_ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "info": ":gray[:material/info:]"}


def opened() -> Study | None:
    """Return the study of the current view with its header drawn; None (and a way out on the page) where there is none."""
    view = state.view()
    for problem in state.problems():
        st.warning(_sentence(str(problem)), icon=":material/link_off:")
    try:
        if not view.data:
            view = state.change(data=compute.default_data())
        choose(view.data)
        view = state.view()
        previewed = bool(state.get("preview")) and compute.preview_ready(view.data)
        study = compute.study(view, preview=previewed)
    except ProblemError as error:
        _failed(error, view)
        return None
    badge(study, previewed=previewed)
    return study


def choose(current: str) -> None:
    """Draw the choice of data, in the sidebar."""
    entries = {entry.key: entry for entry in compute.gallery()}
    if current not in entries:
        return
    state.put("data", current)
    st.sidebar.selectbox(words.DATA, list(entries), key="data", format_func=lambda key: entries[key].name, on_change=_chosen)


def _chosen() -> None:
    key = state.get("data")
    file = next((entry.file for entry in compute.gallery() if entry.key == key), "")
    fresh = dict.fromkeys(("slots", "pool", "pair"), ()) | dict.fromkeys(("knob", "query", "quick", "task", "whatif", "find"), "")
    state.change(data=key, file=file, weights={}, lines={}, selected="a", **fresh)


def badge(study: Study, *, previewed: bool = False) -> None:
    """Draw the badge: recorded, simulated or yours; queries, models, split; what the comparison leaves out."""
    table = study.table
    kind = words.KINDS[study.whole.origin.kind]
    split = words.CROSSED if study.crossed else words.SPLIT.format(n=grouped(len(study.rows)))
    facts = words.FACTS.format(name=study.whole.origin.name, n=grouped(len(study.whole)), models=len(study.pool), split=split)
    colour = COLOURS[study.whole.origin.kind]
    line = f":{colour}-badge[{kind}] {facts}"
    if study.assumed:
        line += f" :orange-badge[{words.NO_PRICE if table.cost_unit == 'share' else words.ASSUMED}]"
    if previewed:
        line += f" :orange-badge[{words.PREVIEW.format(n=grouped(len(study.table)))}]"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="data-badge"):
        st.markdown(line, help=notes(study) or None, width="content")
        audit(state.view().data)
    if said := left_out(study):
        st.caption(f":orange[:material/warning:] {plain(said)}")
    if len(table) < len(study.whole):
        st.caption(words.COVERAGE.format(n=grouped(len(table)), all=grouped(len(study.whole))))


def audit(key: str) -> None:
    """Draw what the audit says of a set: open findings by severity, settled ones; a press shows them, another leads to the Data page."""
    found = compute.audit_of(key, wait_s=AUDIT_S)
    if not found.ready:
        audit_running(key)
        return
    label, colour = _audit_words(found)
    with st.popover(f":{colour}[{label}]", type="tertiary", icon=":material/fact_check:", help=words.AUDIT_HELP, key="audit-badge"):
        for finding in found.findings[:AUDIT_MOST]:
            icon = ":green[:material/check:]" if finding.settled else AUDIT_ICONS[finding.severity]
            st.markdown(f"{icon} **{plain(finding.title)}**" + (f" ({words.AUDIT_SETTLED})" if finding.settled else ""))
            if not finding.settled:
                st.caption(plain(finding.meaning))
        if len(found.findings) > AUDIT_MOST:
            st.caption(words.AUDIT_MORE.format(n=len(found.findings) - AUDIT_MOST))
        if not found.findings:
            st.caption(words.AUDIT_NOTHING_LONG if not found.error else found.error)
        if st.button(words.AUDIT_GO if found.open else words.AUDIT_LOOK, icon=":material/table_view:", key="audit-go"):
            state.put("card.section", "audit")
            state.put("card.scroll", True)
            go("sets")


@st.fragment(run_every=2.0)
def audit_running(key: str) -> None:
    """Say that the audit is still looking, until it has ended: then the page is drawn again."""
    if compute.audit_of(key, wait_s=0.0).ready:
        st.rerun(scope="app")
    st.markdown(f":gray[:material/fact_check: {words.AUDIT_RUNNING}]", width="content")


def _audit_words(found: audits.Audit) -> tuple[str, str]:
    """Return what the badge says, and its colour."""
    if found.error:
        return words.AUDIT_FAILED, "orange"
    settled = len(found.findings) - len(found.open)
    tail = words.AUDIT_TAIL.format(n=settled) if settled else ""
    if not found.open:
        return (words.AUDIT_DECIDED.format(n=settled) if settled else words.AUDIT_CLEAN), "green"
    parts = [(found.count(severity), words.SEVERITIES[severity]) for severity in audits.SEVERITIES]
    said = ", ".join(f"{n} {one if n == 1 else many}" for n, (one, many) in parts if n)
    return words.AUDIT_OPEN.format(said=said) + tail, {"error": "red", "warning": "orange", "info": "gray"}[found.gravest]


def audit_badge(found: audits.Audit) -> str:
    """Return the audit's badge as Markdown."""
    if not found.ready:
        return f":gray-badge[{words.AUDIT_RUNNING}]"
    label, colour = _audit_words(found)
    return f":{colour}-badge[{label}]"


def left_out(study: Study) -> str:
    """Return which models are out of play for want of answers or costs, and why; empty where none is. The best may be among them."""
    out = [each for each in study.left_out if not each.reason.startswith(BY_CHOICE)]
    if not out:
        return ""
    named = [f"{study.whole.cards[study.whole.index(each.model)].short} ({each.reason})" for each in out[:LEFT_OUT_MOST]]
    more = [words.LEFT_OUT_MORE.format(n=len(out) - LEFT_OUT_MOST)] if len(out) > LEFT_OUT_MOST else []
    return words.LEFT_OUT.format(models="; ".join([*named, *more]))


def notes(study: Study) -> str:
    """Return what there is to know about the comparison, for the badge's help."""
    lines = [] if study.crossed else [words.SPLIT_LONG.format(n=grouped(len(study.rows)))]
    if study.assumed and study.table.cost_unit != "share":
        lines.append(words.ASSUMED_LONG)
    if study.left_out:
        lines.append(words.LEFT_OUT.format(models="; ".join(f"{out.model} ({out.reason})" for out in study.left_out[:8])))
    if study.crossed:
        lines.append(words.CROSSED_LONG)
    lines += [f"{line.action}: {line.detail}" for line in study.whole.history[-6:]]
    return "\n\n".join(lines)


def _failed(error: ProblemError, view: state.View) -> None:
    st.title(words.NOTHING_TITLE)
    if view.data and compute.is_here(view.data):
        whole = compute.table(view.data)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            colour, kind = COLOURS[whole.origin.kind], words.KINDS[whole.origin.kind]
            st.markdown(
                f":{colour}-badge[{kind}] **{plain(whole.origin.name)}** · {plain(compute.facts(view.data).sentence)}", width="content"
            )
            audit(view.data)
    if view.file and view.data not in {entry.key for entry in compute.gallery()}:
        st.info(words.LINK_FILE.format(file=view.file, key=view.data), icon=":material/upload_file:")
    st.error(_sentence(str(error)), icon=":material/error:")
    if error.problems and error.problems[0].column == WEIGHTS:
        knobs.weights_form({card.name: card for card in compute.table(view.data).cards if card.name in view.pool})
    here = bool(view.data) and compute.is_here(view.data)
    if st.button(words.TO_DATA, icon=":material/table_view:", type="primary" if here else "secondary"):
        go("sets")
    if view.pool:
        st.button(words.USUAL_MODELS, icon=":material/undo:", on_click=_usual_models)
    if st.button(words.BACK_TO_DEFAULT, icon=":material/home:", type="secondary" if here else "primary"):
        state.change(
            **{
                f: getattr(state.View(), f)
                for f in ("data", "file", "slots", "selected", "knob", "pool", "weights", "lines", "query", "quick", "task")
            }
        )
        st.rerun()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _usual_models() -> None:
    state.change(pool=(), weights={}, slots=(), selected="a", knob="")
