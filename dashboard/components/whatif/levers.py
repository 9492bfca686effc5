"""The levers: groups of assumptions, each with a sentence; what is moved is written to the view as a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import plain
from dashboard.components.whatif import days, work
from dashboard.components.whatif.boxes import held, moved, number, share, times
from dashboard.words import whatif as words
from data.outcomes import OutcomeTable
from strategies.study.prepare import Study
from strategies.whatif.change import EVERY, Change, knobs_of
from strategies.whatif.conditions import JudgeError, Latency, Load, Mix, NewModel, Outage, Removal, Volume
from strategies.whatif.prices import Batch, BillFactor, HourPrice, TokenPrices
from strategies.whatif.scenario import Scenario

ABOUT = "whatif.about"
_MOST_TASKS = 8


def panel(study: Study, now: Scenario) -> None:
    """Draw all levers, in groups that open and close."""
    st.subheader(words.LEVERS, anchor=False)
    about = _about(study, now)
    groups: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
        ("price", words.PRICE, words.PRICE_SAID, lambda: _price(study, now, about)),
        ("day", words.DAY, words.DAY_SAID, lambda: days.panel(study, now)),
        ("time", words.TIME, words.TIME_SAID, lambda: _time(study, now, about)),
        ("fails", words.FAILS, words.FAILS_SAID, lambda: _fails(now, about)),
        ("judge", words.JUDGE, words.JUDGE_SAID, lambda: _judge(now)),
        ("tasks", words.TASKS, words.TASKS_SAID, lambda: _tasks(study.tested, now)),
        ("volume", words.VOLUME, words.VOLUME_SAID, lambda: _volume(now)),
        ("new", words.NEW, words.NEW_SAID, lambda: _new(now)),
    )
    for name, title, said, draw in groups:
        if name in {"day", "volume"} and study.table.cost_unit != "USD":
            continue
        with st.expander(title, expanded=name == "price", key=f"whatif.group.{name}"):
            st.caption(said)
            draw()
    st.toggle(words.REFIT, key=held("whatif.refit", now.refit), help=words.REFIT_HELP.format(keep=f"{compute.KEEP:.0%}"), on_change=_refit)


def _about(study: Study, now: Scenario) -> str:
    """Draw whose prices, times and failures are moved; return the model, or "*"."""
    short = {EVERY: words.EVERY, **{card.name: card.short for card in study.table.cards}}
    first = next((change.about for change in now.active if change.about in study.table.models), EVERY)  # a link opens on its own model
    current = str(state.get(ABOUT) or first)
    state.put(ABOUT, current if current in short else EVERY)
    picked = st.selectbox(words.ABOUT, list(short), key=ABOUT, format_func=lambda name: short[name], help=words.ABOUT_HELP)
    return str(picked or EVERY)


def _price(study: Study, now: Scenario, about: str) -> None:
    times(now, BillFactor, about, words.FACTOR, words.FACTOR_HELP)
    if study.table.cost_unit != "USD":
        return
    if about == EVERY:
        _batch(now, about)
        st.caption(words.ONE_MODEL)
        return
    table, card = study.table, study.table.cards[study.table.index(about)]
    if not np.isnan(table.column("tokens_in", about) + table.column("tokens_out", about)).all():
        st.caption(plain(words.TOKENS_SAID))
        known = {"input": card.price_in_usd_per_mtok, "output": card.price_out_usd_per_mtok}
        places = st.columns(2)
        has = {name: not np.isnan(table.column(f"tokens_{name}", about)).all() for name in ("cached", "reasoning")}
        shown = ["input", "output", "cached", *(["reasoning"] if has["reasoning"] else [])]
        for at, field in enumerate(shown):
            with places[at % 2]:
                number(now, TokenPrices, about, field, words.TOKEN_PRICES[field], hint=_hint(known.get(field, math.nan)))
        if not has["cached"]:
            number(now, TokenPrices, about, "cached_share", words.CACHED_SHARE, help_text=words.CACHED_HELP)
    if not np.isnan(table.latency_s(about)).all():
        number(now, HourPrice, about, "usd", words.HOUR, help_text=words.HOUR_HELP, hint=_hint(card.price_usd_per_hour))
    _batch(now, about)


def _hint(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _batch(now: Scenario, about: str) -> None:
    rebate = (now.find(Batch, about) or Batch(model=about)).rebate
    key = held(f"whatif.bat.{about}.rebate", rebate)
    options = sorted({0.0, 0.25, 0.5, 0.75, rebate})
    st.select_slider(
        words.BATCH, options, key=key, format_func=lambda v: f"{v:.0%}", help=words.BATCH_HELP, on_change=moved,
        args=(Batch, about, "rebate", key),
    )  # fmt: skip


def _time(study: Study, now: Scenario, about: str) -> None:
    times(now, Latency, about, words.LATENCY, words.LATENCY_HELP)
    number(now, Latency, about, "seconds", words.SECONDS, help_text=words.SECONDS_HELP)
    if not study.table.has("latency_s"):
        st.caption(words.NO_LATENCY)
    if about == EVERY:
        st.caption(words.ONE_MODEL)
        return
    left, right = st.columns(2)
    with left:
        number(now, Load, about, "per_hour", words.PER_HOUR, help_text=words.PER_HOUR_HELP, none=0.0)
    with right:
        number(now, Load, about, "servers", words.SERVERS, help_text=words.SERVERS_HELP)
    st.caption(words.LOAD_NOTE)


def _fails(now: Scenario, about: str) -> None:
    if about == EVERY:
        st.caption(words.ONE_MODEL)
        return
    down, gone = now.find(Outage, about), now.find(Removal, about)
    kind = "gone" if gone else "down" if down else "up"
    key = held(f"whatif.fails.{about}", kind)
    st.segmented_control(
        words.FAILS, list(words.FAIL_KINDS), key=key, format_func=words.FAIL_KINDS.__getitem__, help=words.FAIL_HELP,
        label_visibility="collapsed", on_change=_failed, args=(about, key),
    )  # fmt: skip
    st.caption(words.FAIL_HELP)
    if down:
        left, right = st.columns(2)
        with left:
            share(now, Outage, about, "share", words.DOWN_SHARE)
        with right:
            number(now, Outage, about, "lost_s", words.LOST, help_text=words.LOST_HELP)


def _failed(about: str, key: str) -> None:
    current = work.scenario().drop(Outage, about).drop(Removal, about)
    kind = state.get(key)
    work.keep(current.put(Outage(model=about)) if kind == "down" else current.put(Removal(model=about)) if kind == "gone" else current)


def _judge(now: Scenario) -> None:
    share(now, JudgeError, "", "error", words.JUDGE_LABEL)
    st.caption(words.JUDGE_HELP)


def _tasks(tested: OutcomeTable, now: Scenario) -> None:
    names = [
        name for at, name in enumerate(tested.queries.task_names) if tested.queries.tasks is not None and (tested.queries.tasks == at).any()
    ]
    if len(names) < 2:
        st.caption(words.NO_TASKS)
        return
    shown: Sequence[str] = names
    if len(names) > _MOST_TASKS:
        weighed = [change.task for change in now.changes if isinstance(change, Mix)]
        state.put("whatif.tasks", list(dict.fromkeys([*weighed, *(state.get("whatif.tasks") or [])])))
        shown = st.multiselect(words.TASK_CHOICE, names, key="whatif.tasks", help=words.TASK_CHOICE_HELP)
    for name in shown:
        times(now, Mix, name, name, words.TASKS_SAID)


def _volume(now: Scenario) -> None:
    number(now, Volume, "", "per_month", words.VOLUME_LABEL, hint=f"{state.view().monthly:,.0f}")


def _new(now: Scenario) -> None:
    left, right = st.columns(2)
    with left:
        number(now, NewModel, "", "labels", words.NEW_LABELS)
    with right:
        number(now, NewModel, "", "right", words.NEW_RIGHT)
    number(now, NewModel, "", "cost", plain(words.NEW_COST))


def _refit() -> None:
    work.keep(replace(work.scenario(), refit=bool(state.get("whatif.refit"))))


def said(study: Study, change: Change) -> str:
    """Return an assumption in a few words, for the button that takes it back."""
    short = {EVERY: words.EVERY, **{card.name: card.short for card in study.table.cards}}
    about, values = short.get(change.about, change.about), {item.name: getattr(change, item.name) for item, _ in knobs_of(change)}
    known = {name: f"{value:,.0f}" if value >= 1000 else f"{value:.4g}" for name, value in values.items() if not math.isnan(value)}
    if isinstance(change, TokenPrices):
        prices = [f"{words.TOKEN_PRICES[name].lower()} ${known[name]}" for name in words.TOKEN_PRICES if name in known]
        return f"{about}: {', '.join(prices)}"
    if isinstance(change, Latency) and "seconds" in known:
        return words.SAID_SECONDS.format(about=about, seconds=known["seconds"])
    shares = {f"{name}_share": f"{value:.0%}" for name, value in values.items() if not math.isnan(value)}
    words_of = {name: getattr(change, name) for name in ("day", "book") if hasattr(change, name)}
    return words.SAID[change.word].format(about=about, **known, **shares, **words_of)
