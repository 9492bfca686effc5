"""The line above every page that shows numbers: which data, what kind, how many, which split."""

from __future__ import annotations

import streamlit as st

from dashboard import compute, state
from dashboard.components import knobs
from dashboard.components.trace.amounts import grouped
from dashboard.pages import go
from dashboard.words import header as words
from data.problems import ProblemError
from strategies.study.prepare import WEIGHTS, Study


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
    state.change(data=key, file=file, slots=(), pool=(), weights={}, lines={}, selected="a", knob="", query="", quick="", task="")


def badge(study: Study, *, previewed: bool = False) -> None:
    """Draw the badge: recorded, simulated or yours; queries, models, split; what the comparison leaves out."""
    table = study.table
    kind = words.KINDS[study.whole.origin.kind]
    split = words.CROSSED if study.crossed else words.SPLIT.format(n=grouped(len(study.rows)))
    facts = words.FACTS.format(name=study.whole.origin.name, n=grouped(len(study.whole)), models=len(study.pool), split=split)
    colour = {"recorded": "gray", "simulated": "orange", "yours": "blue"}[study.whole.origin.kind]
    line = f":{colour}-badge[{kind}] {facts}"
    if study.assumed:
        line += f" :orange-badge[{words.NO_PRICE if table.cost_unit == 'share' else words.ASSUMED}]"
    if previewed:
        line += f" :orange-badge[{words.PREVIEW.format(n=grouped(len(study.table)))}]"
    st.markdown(line, help=notes(study) or None)
    if len(table) < len(study.whole):
        st.caption(words.COVERAGE.format(n=grouped(len(table)), all=grouped(len(study.whole))))


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
    if view.file and view.data not in {entry.key for entry in compute.gallery()}:
        st.info(words.LINK_FILE.format(file=view.file, key=view.data), icon=":material/upload_file:")
    st.error(_sentence(str(error)), icon=":material/error:")
    if error.problems and error.problems[0].column == WEIGHTS:
        knobs.weights_form({card.name: card for card in compute.table(view.data).cards if card.name in view.pool})
    if st.button(words.TO_DATA, icon=":material/table_view:"):
        go("sets")
    if view.pool:
        st.button(words.USUAL_MODELS, icon=":material/undo:", on_click=_usual_models)
    if st.button(words.BACK_TO_DEFAULT, icon=":material/home:", type="primary"):
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
