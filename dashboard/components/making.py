"""From files to a set, one step under the other: what was understood, columns, models, prices, findings, save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import streamlit as st

from dashboard import audits, compute, drafts, jobs, state
from dashboard.charts.figures import plain
from dashboard.components import arms, findings, mapping, memory, mends, pricing, replays, units, uploads, waiting
from dashboard.drafts import Draft, Finished
from dashboard.words import sets as words
from data.audit import Choice
from data.outcomes import OutcomeTable
from strategies.study.prepare import incomparable

SAVING = "upload.saving"
Place: TypeAlias = "st.delta_generator.DeltaGenerator"


def steps(value: Draft) -> str:
    """Draw every step; return the key of the saved set once it was saved, or an empty string."""
    if state.get(SAVING):
        return _saved(value)
    said = st.container()
    uploads.files(value)
    memory.line(value)
    value = replays.step(value)
    # The columns come first where they are needed, and last where they are understood: models and prices are what is missing then.
    asked, above, middle, below = (st.container() for _ in range(4))
    value = _mapped(value, asked, above if value.reading.needs_mapping else below)
    with middle:
        made = finished(value)
        if made is None:
            return ""
        if made.replayed is not None:
            replays.outcome(made.replayed)
        if made.problems:
            _problems(value, made)
        chosen = made.chosen(drop=value.drop)
        with said:
            understood(value, chosen, blocked=bool(made.problems))
        if chosen is None:
            return ""
        edited, edits = arms.step(f"{value.widgets}.{drafts.digest(chosen.models)}", chosen)
        content = drafts.digest(drafts.identity(value), value.drop, edits)
        priced, cards = pricing.step(value.key, edited, content)
        content = drafts.digest(content, [card.to_json() for card in cards])
        choices = findings.step(value.key, priced, content)
    _save(value, priced, choices)
    return ""


def understood(value: Draft, table: OutcomeTable | None, *, blocked: bool = False) -> None:
    """Draw what is understood by now, and the way to give it up. blocked : problems of rows stand in the way, no question."""
    from data.cards import understood as sentence

    reading = value.reading
    sure = table is not None and (not reading.needs_mapping or value.mapping != reading.mapping or value.history is not None)
    said = sentence(table) if sure and table is not None else size(len(reading.sheet), len(reading.columns))
    doubt = words.IN_THE_WAY if blocked and not reading.needs_mapping else words.ONE_STEP if reading.table is not None else words.NOT_YET
    badge = f":green[:material/check_circle:] **{words.UNDERSTOOD}:**" if sure else f":orange[:material/help:] **{doubt}:**"
    left, right = st.columns([7, 1], vertical_alignment="center")
    left.markdown(f"{badge} {plain(said)}.")
    right.button(words.DISCARD, key="discard", icon=":material/close:", help=words.DISCARD_HELP, on_click=uploads.discard, type="tertiary")


def size(rows: int, columns: int) -> str:
    """Return how large a sheet is, in words."""
    said = [one if n == 1 else many.format(n=n) for n, (one, many) in ((rows, words.ROW_COUNT), (columns, words.COLUMN_COUNT))]
    return words.ROWS.format(rows=said[0], columns=said[1])


def _mapped(value: Draft, asked: Place, place: Place) -> Draft:
    """Draw the open questions and the columns; return the draft with the mapping as it stands now."""
    if value.history is not None:
        return value
    with asked:
        answered = mapping.questions(value.widgets, value.reading, value.start, known=value.used)
    with place:
        answered = mapping.columns(value.widgets, value.reading, answered)
    with asked:  # an open question too, but which columns hold scores is known only now
        answered = units.score_words(value.widgets, value.reading, answered)
    if answered != value.mapping:
        value = replace(value, mapping=answered)
        state.put(uploads.DRAFT, value)
    return value


def finished(value: Draft) -> Finished | None:
    """Return what the draft leads to, made once for each mapping and beside the page; None while it is being made, or was stopped."""
    key = drafts.identity(value)
    kept = state.get(uploads.TABLE)
    if kept is not None and kept[0] == key:
        found: Finished = kept[1]
        return found
    if drafts.instant(value):
        made = drafts.made(value)
    else:
        job = jobs.ALL.start(f"make.{key}", words.MAKING, lambda job: jobs.watched(job, lambda: drafts.made(value)))
        if not waiting.ended(job, words.MAKING):
            return None
        if job.phase != "done":
            st.error(plain(job.error or words.MAKING_STOPPED), icon=":material/error:")
            st.button(words.READ_AGAIN, key="make-again", icon=":material/refresh:", on_click=jobs.ALL.drop, args=(job.key,))
            return None
        made = job.result
        jobs.ALL.drop(job.key)
    state.put(uploads.TABLE, (key, made))
    return made


def _problems(value: Draft, made: Finished) -> None:
    rows = made.bad_rows  # of a column only the first problems are told one by one
    title = words.PROBLEM_ONE if len(made.problems) == 1 else words.PROBLEMS.format(n=len(made.problems))
    if len(made.problems) > 1 and rows:
        title = words.PROBLEM_ROWS.format(n=rows)
    with st.container(border=True):
        st.markdown(f":red[:material/error:] **{title}**")
        uploads.problem_table(made.problems, rows=rows)
        mends.buttons(value)
        if made.good is not None:
            label = words.GOOD_ROWS.format(good=len(made.good))
            st.checkbox(label, key=f"{value.key}.drop", value=value.drop, help=words.GOOD_ROWS_HELP, on_change=_drop, args=(value,))


def _drop(value: Draft) -> None:
    state.put(uploads.DRAFT, replace(value, drop=bool(state.get(f"{value.key}.drop"))))


def _save(value: Draft, made: OutcomeTable, choices: Mapping[str, Choice]) -> None:
    with st.container(border=False, horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(words.NAME, value=drafts.suggested(value), key=f"{value.key}.name", max_chars=120, persist_state="session")
        why = incomparable(made)
        help_ = words.SAVE_HELP if why is None else words.SAVE_ONLY_HELP.format(why=plain(str(why)))
        pressed = st.button(
            words.SAVE if why is None else words.SAVE_ONLY, key="save", type="primary", icon=":material/save:", help=help_,
            disabled=not (name or "").strip(),
        )  # fmt: skip
    if pressed:
        title = name.strip()
        key = f"save.{value.key}"
        jobs.ALL.drop(key)
        jobs.ALL.start(key, title, lambda _job: _kept(value, made, choices, title))
        state.put(SAVING, key)
        st.rerun()


def _kept(value: Draft, made: OutcomeTable, choices: Mapping[str, Choice], title: str) -> str:
    """Settle the findings, keep the set, and keep what was corrected for the next file of the shape; return the set's key."""
    from data.stores.mappings import remember

    key = compute.save(audits.settled(made, choices), name=title, files=value.uploads)
    if value.history is None:
        remember(value.reading, value.mapping, file=value.reading.files[0].name if value.reading.files else title)
    return key


def _saved(value: Draft) -> str:
    """Return the key of the set once it is kept; say what went wrong where it could not be, with everything still here."""
    job = jobs.ALL.get(state.get(SAVING))
    if job is not None and not waiting.ended(job, words.SAVING.format(name=job.title), stop=False):
        return ""
    state.forget(SAVING)
    if job is None or job.phase != "done":
        st.error(f"{words.SAVE_FAILED}: {plain(job.error if job else '')} {words.STILL_HERE}", icon=":material/error:")
        return steps(value)
    key = str(job.result)
    jobs.ALL.drop(job.key)
    uploads.discard()
    return key
