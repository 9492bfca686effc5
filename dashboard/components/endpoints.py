"""The models that can be asked: cards with state, price and a test; one form to add or edit; the one on this machine."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard import jobs, state
from dashboard.charts.figures import plain, usd
from dashboard.charts.table import Cell, table
from dashboard.words import models as words
from dashboard.words import sets as set_words
from data.live import fetch, local, saved
from data.live.endpoints import Endpoint, KeyRing
from data.live.probe import ConnectionReport, test_connection
from data.models import ModelCard
from data.problems import ProblemError, refuse

KEYS, LIST, EDITING, ROUND = "live.keys", "live.endpoints", "live.editing", "live.form"
FETCH_JOB = "fetch.smollm2"
TEST_WAIT_S = 20.0


def keys() -> KeyRing:
    """Return the keys typed in this session: in memory only."""
    ring: KeyRing | None = state.get(KEYS)
    if ring is None:
        ring = KeyRing()
        state.put(KEYS, ring)
    return ring


def listed() -> tuple[Endpoint, ...]:
    """Return the endpoints of the user's list; read from disk once a session."""
    found: tuple[Endpoint, ...] | None = state.get(LIST)
    if found is None:
        try:
            found = saved.load()
        except ProblemError as error:
            st.warning(f"{words.KEPT_BROKEN}: {error}", icon=":material/error:")
            found = ()
        state.put(LIST, found)
    return found


def here() -> Endpoint | None:
    """Return the model on this machine, its server not started yet; None where its weights are not here."""
    if local.find() is None:
        return None
    return Endpoint(
        name=local.NAME, base_url="http://127.0.0.1/v1", model_id=local.MODEL_ID, card=local.card(), max_concurrency=1, max_tokens=64
    )


def ladder() -> tuple[Endpoint, ...]:
    """Return the embedded models, which run in this process."""
    from data.ladder.endpoint import arms

    return arms()


def offered() -> dict[str, Endpoint]:
    """Return name -> endpoint of everything that can be asked, what is built in first."""
    return {e.name: e for e in (*ladder(), here(), *listed()) if e is not None}


def built_in(name: str) -> bool:
    """Whether a model of this name comes with the program."""
    return name == local.NAME or any(endpoint.name == name for endpoint in ladder())


def ready(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that answers: the one on this machine with its server started, any other as it is."""
    return local.endpoint(max_tokens=endpoint.max_tokens, card=endpoint.card) if endpoint.name == local.NAME else endpoint


def _keep(endpoints: Sequence[Endpoint]) -> None:
    saved.keep(endpoints)
    state.put(LIST, tuple(endpoints))


# --- cards -----------------------------------------------------------------------------------------------------------


def cards() -> None:
    """Draw one card a model, what is built in first; the embedded ones share a card."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(border=True, width=450, height="stretch"):
            _ladder()
        with st.container(border=True, width=330, height="stretch"):
            _local()
        for endpoint in listed():
            with st.container(border=True, width=330, height="stretch"):
                _card(endpoint)


def _ladder() -> None:
    st.markdown(f"**{words.LADDER_TITLE}**")
    st.caption(words.LADDER_INTRO)
    cards = [endpoint.card for endpoint in ladder()]
    st.caption(f":green[:material/check_circle:] {words.LADDER_HERE}" if cards else f":orange[:material/info:] {words.LADDER_ABSENT}")
    if cards:
        rows = [(Cell(card.short, card.note), usd(card.price_in_usd_per_mtok), usd(card.price_out_usd_per_mtok)) for card in cards]
        st.html(table(words.LADDER_HEAD, rows, right=(1, 2), label=words.LADDER_TITLE))


def _local() -> None:
    st.markdown(f"**{words.LOCAL_TITLE}**")
    st.caption(words.LOCAL_INTRO)
    endpoint = here()
    job = jobs.ALL.get(FETCH_JOB)
    if endpoint is not None:
        st.caption(plain(f":green[:material/check_circle:] {words.LOCAL_HERE} · {words.LOCAL_PRICE}"))
        _test(endpoint)
    elif job is not None and job.phase == "running":
        _fetching()
    else:
        st.caption(f":gray[:material/cloud_download:] {words.LOCAL_ABSENT}")
        if job is not None and job.error:
            st.error(plain(job.error), icon=":material/cloud_off:")
        st.button(words.LOCAL_FETCH, key="fetch", icon=":material/download:", on_click=_fetch)


def _fetch() -> None:
    def work(job: jobs.Job) -> Any:
        def tell(what: str, done: int, total: int) -> None:
            job.partial = what
            job.progress(done, total)

        return fetch.fetch(tell)

    jobs.ALL.start(FETCH_JOB, words.LOCAL_TITLE, work)


@st.fragment(run_every=1.0)
def _fetching() -> None:
    job = jobs.ALL.get(FETCH_JOB)
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    st.progress(job.share, text=words.LOCAL_FETCHING.format(what=job.partial or words.STARTING, done=job.done / 1e6, total=job.total / 1e6))


def _card(endpoint: Endpoint) -> None:
    st.markdown(f"**{endpoint.name}**")
    st.caption(plain(words.ADDRESS.format(model=endpoint.model_id, origin=endpoint.origin)))
    st.caption(plain(f"{price(endpoint.card)} · {key_words(endpoint)}"))
    _test(endpoint)
    with st.container(horizontal=True, gap="small"):
        st.button(words.EDIT, key=f"edit.{endpoint.name}", icon=":material/edit:", type="tertiary", on_click=_edit, args=(endpoint.name,))
        with st.popover(words.REMOVE, icon=":material/delete:", type="tertiary", key=f"removing.{endpoint.name}"):
            st.markdown(words.REMOVE_ASK.format(name=endpoint.name))
            st.button(words.REMOVE_DO, key=f"remove.{endpoint.name}", type="primary", on_click=_remove, args=(endpoint.name,))


def price(card: ModelCard) -> str:
    """Return an endpoint's price in words."""
    tier = set_words.TIERS[card.tier]
    if not math.isnan(card.price_in_usd_per_mtok + card.price_out_usd_per_mtok):
        return words.PRICE.format(price_in=card.price_in_usd_per_mtok, price_out=card.price_out_usd_per_mtok, tier=tier)
    if not math.isnan(card.price_usd_per_query):
        return words.PRICE_FLAT.format(usd=usd(1000 * card.price_usd_per_query), tier=tier)
    return words.PRICE_UNKNOWN


def key_words(endpoint: Endpoint) -> str:
    """Return where an endpoint's key comes from; never the key."""
    if endpoint.key_env:
        return (words.KEY_ENV if keys().has(endpoint) else words.KEY_ENV_MISSING).format(name=endpoint.key_env)
    return words.KEY_TYPED if keys().has(endpoint) else words.KEY_NONE


def _remove(name: str) -> None:
    for endpoint in listed():
        if endpoint.name == name:
            keys().put(endpoint, "")
    _keep([endpoint for endpoint in listed() if endpoint.name != name])


# --- test ------------------------------------------------------------------------------------------------------------


def _test(endpoint: Endpoint) -> None:
    job_key = state.get(f"live.test.{endpoint.name}")
    job = jobs.ALL.get(job_key) if job_key else None
    st.button(
        words.TEST, key=f"test.{endpoint.name}", icon=":material/network_check:", help=words.TEST_HELP, on_click=_start_test,
        args=(endpoint,), disabled=job is not None and job.phase == "running",
    )  # fmt: skip
    if job is None:
        return
    if job.phase == "running":
        with st.spinner(words.TESTING.format(name=endpoint.name)):
            jobs.wait(job, TEST_WAIT_S)
        st.rerun()
    report = job.result if isinstance(job.result, ConnectionReport) else ConnectionReport(ok=False, words=job.error)
    icon = ":green[:material/check_circle:]" if report.ok else ":red[:material/error:]"
    st.markdown(f"{icon} {plain(report.words)}")
    if report.ok:
        st.caption(plain(words.SAID.format(text=report.text.strip()[:200]) if report.text.strip() else words.NOTHING_SAID))


def _start_test(endpoint: Endpoint) -> None:
    ring = keys()
    key = f"test.{time.monotonic_ns()}"
    jobs.ALL.start(key, endpoint.name, lambda _job: test_connection(ready(endpoint), ring))
    state.put(f"live.test.{endpoint.name}", key)


# --- add or edit -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    name: str
    base_url: str
    model_id: str
    key_from: str
    secret: str
    env: str
    price_in: float | None
    price_out: float | None
    listed: ModelCard | None
    max_tokens: int
    at_once: int


def form() -> None:
    """Draw the form that adds a model, or edits the chosen one."""
    name = state.get(EDITING)
    old = next((endpoint for endpoint in listed() if endpoint.name == name), None)
    title = words.EDIT_TITLE.format(name=old.name) if old else words.ADD
    base = f"endpoint.{state.get(ROUND, 0)}"
    icon = ":material/add:" if old is None else ":material/edit:"
    with st.expander(title, icon=icon, expanded=old is not None or not listed(), key=f"{base}.box"):
        st.caption(words.ADD_INTRO)
        typed = _fields(base, old)
        pressed, secret = _secret_and_save(base, old, typed.key_from)
        if old is not None:
            st.button(words.CANCEL, key=f"{base}.cancel", type="tertiary", on_click=_edit, args=(None,))
        if pressed:
            _save(replace(typed, secret=secret), old)


def _fields(base: str, old: Endpoint | None) -> Typed:
    left, right = st.columns(2, gap="large")
    with left:
        model_id = st.text_input(
            words.MODEL_ID, value=old.model_id if old else "", key=f"{base}.model", placeholder="gpt-4o-mini", help=words.MODEL_ID_HELP
        )
        name = st.text_input(
            words.NAME, value=old.name if old else "", key=f"{base}.name", placeholder=model_id or "gpt-4o-mini", help=words.NAME_HELP
        )
        price_in, price_out, found = _price_fields(base, old, model_id or "")
    with right:
        base_url = st.text_input(
            words.BASE_URL, value=old.base_url if old else "", key=f"{base}.url", placeholder="https://api.openai.com/v1",
            help=words.BASE_URL_HELP,
        )  # fmt: skip
        key_from, env = _key_fields(base, old)
        longest, at_once = st.columns(2)
        max_tokens = longest.number_input(words.LONGEST, 1, 100_000, value=old.max_tokens if old else 256, key=f"{base}.tokens")
        most = at_once.number_input(words.AT_ONCE, 1, 64, value=old.max_concurrency if old else 4, key=f"{base}.at-once")
    return Typed(
        name=(name or model_id or "").strip(), base_url=(base_url or "").strip(), model_id=(model_id or "").strip(), key_from=key_from,
        secret="", env=env.strip(), price_in=price_in, price_out=price_out, listed=found, max_tokens=int(max_tokens or 256),
        at_once=int(most or 4),
    )  # fmt: skip


def _key_fields(base: str, old: Endpoint | None) -> tuple[str, str]:
    choices = list(words.KEY_CHOICES)
    before = "typed" if old is None else "env" if old.key_env else "typed" if keys().has(old) else "none"
    chosen = st.segmented_control(
        words.KEY_FROM, choices, default=before, key=f"{base}.key", format_func=lambda c: words.KEY_CHOICES[c], help=words.KEY_HELP
    )
    if chosen != "env":
        return str(chosen or "none"), ""
    given = (old.key_env if old else "") or ""
    return "env", st.text_input(words.ENV, value=given, key=f"{base}.env", placeholder=words.ENV_EXAMPLE) or ""


def _secret_and_save(base: str, old: Endpoint | None, key_from: str) -> tuple[bool, str]:
    """Draw the key's field with the button: in a form, where a password is taken over however the field is left."""
    with st.form(f"{base}.form", border=False):
        secret = ""
        if key_from == "typed":
            hint = words.API_KEY_KEPT if old is not None and keys().has(old) else ""
            secret = st.text_input(words.API_KEY, type="password", key=f"{base}.secret", autocomplete="off", placeholder=hint) or ""
        pressed = st.form_submit_button(words.SAVE_EDIT if old else words.SAVE_ADD, type="primary", icon=":material/check:")
    return bool(pressed), secret


def _price_fields(base: str, old: Endpoint | None, model_id: str) -> tuple[float | None, float | None, ModelCard | None]:
    from data.prices import match

    found = match(model_id) if model_id.strip() else None
    given = old.card if old is not None and old.model_id == model_id and old.card.priced else found
    values = (None, None) if given is None else (_known(given.price_in_usd_per_mtok), _known(given.price_out_usd_per_mtok))
    left, right = st.columns(2)
    # The model id is part of the key: a new id brings its own list price along.
    price_in = left.number_input(
        words.PRICE_IN, min_value=0.0, value=values[0], key=f"{base}.in.{model_id}", format="%g", placeholder=words.PRICE_UNKNOWN
    )
    price_out = right.number_input(
        words.PRICE_OUT, min_value=0.0, value=values[1], key=f"{base}.out.{model_id}", format="%g", placeholder=words.PRICE_UNKNOWN
    )
    if found is not None:
        st.caption(words.PRICE_FOUND.format(source=found.source, date=found.date))
    elif model_id.strip():
        st.caption(words.PRICE_ASK)
    return price_in, price_out, found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _save(typed: Typed, old: Endpoint | None) -> None:
    try:
        endpoint = made(typed, old)
        others = [e for e in listed() if old is None or e.name != old.name]
        if endpoint.name in {e.name for e in others} or built_in(endpoint.name):
            raise refuse(words.TAKEN.format(name=endpoint.name), "", column="name")
        at = next((i for i, e in enumerate(listed()) if old is not None and e.name == old.name), len(others))
        _keep([*others[:at], endpoint, *others[at:]])
    except (ProblemError, OSError) as error:
        st.error(f"{words.CANNOT_ADD}: {plain(str(error))}", icon=":material/error:")
        return
    _take_key(typed, old, endpoint)
    for name in {endpoint.name, old.name if old else endpoint.name}:
        state.forget(f"live.test.{name}")
    _edit(None)
    st.rerun()


def _take_key(typed: Typed, old: Endpoint | None, endpoint: Endpoint) -> None:
    if typed.key_from != "typed":
        keys().put(endpoint, "")
    elif typed.secret:
        keys().put(endpoint, typed.secret)
    elif old is not None and old.origin == endpoint.origin and old.name != endpoint.name and keys().has(old):
        keys().put(endpoint, keys().key_for(old))


def made(typed: Typed, old: Endpoint | None = None) -> Endpoint:
    """Return the endpoint that the form describes; ProblemError says what is missing."""
    card = ModelCard(name=typed.name)
    if typed.price_in is not None and typed.price_out is not None:
        found = typed.listed
        same = found is not None and (typed.price_in, typed.price_out) == (found.price_in_usd_per_mtok, found.price_out_usd_per_mtok)
        card = (
            replace(found, name=typed.name)
            if same and found is not None
            else ModelCard(name=typed.name, price_in_usd_per_mtok=typed.price_in, price_out_usd_per_mtok=typed.price_out, tier="typed")
        )
    return Endpoint(
        name=typed.name, base_url=typed.base_url, model_id=typed.model_id, key_env=typed.env or None if typed.key_from == "env" else None,
        card=card, max_tokens=typed.max_tokens, max_concurrency=typed.at_once, timeout_s=old.timeout_s if old else 60.0,
        extra=old.extra if old else {},
    )  # fmt: skip


def _edit(name: str | None) -> None:
    """Open the form on one model, or on an empty one; what was typed into it before is dropped, a key above all."""
    state.put(EDITING, name)
    state.put(ROUND, state.get(ROUND, 0) + 1)
