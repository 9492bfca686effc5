"""The live run: what to ask whom, the estimate before the start, progress with money and errors, what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import streamlit as st

from dashboard import compute, jobs, state
from dashboard.charts.figures import count, money, plain
from dashboard.components import endpoints
from dashboard.components.mapping import scorer as scorer_choice
from dashboard.components.uploads import problem_table
from dashboard.words import models as words
from data.live import local
from data.live.budget import DEFAULT_LIMIT_USD, Budget
from data.live.collect import CONCURRENCY, Collected, collect
from data.live.endpoints import Endpoint, KeyRing
from data.live.estimate import Estimate, estimate, require_prices
from data.live.report import CollectReport, Progress
from data.problems import ProblemError, listed
from data.queries import QuerySet
from strategies.study.prepare import LEAST_QUERIES

PASTED, PASTES, SOURCE, WANTED, JOB = "live.pasted", "live.pastes", "live.source", "live.wanted", "live.job"
CHOSEN, KNOWN = "live.models", "live.known"
FIRST_DEFAULT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run before it starts."""

    title: str
    queries: QuerySet
    endpoints: tuple[Endpoint, ...]
    scorer: str
    cap_usd: float
    cap_calls: int | None
    concurrency: int
    samples: int


@dataclass
class Run:
    """One run under way: what the job writes and the page reads. key : the saved set, "" = nothing to save."""

    plan: Plan
    latest: Progress | None = None
    report: CollectReport | None = None
    key: str = ""
    name: str = ""


def sources() -> dict[str, str]:
    """Return key -> name of what can be asked: pasted questions and every set with prompts."""
    found: dict[str, str] = {}
    pasted: QuerySet | None = state.get(PASTED)
    if pasted is not None:
        found["pasted"] = words.SOURCE.format(name=words.PASTED, n=len(pasted))
    for entry in compute.gallery():
        if compute.can_embed(entry.key):
            found[entry.key] = words.SOURCE.format(name=entry.name, n=entry.queries)
    return found


def paste() -> bool:
    """Draw the box for pasted questions; return whether some were just taken over."""
    from data.readers.templates import paste as pasted

    with st.popover(words.PASTE, icon=":material/content_paste:", key=f"pasting.{state.get(PASTES, 0)}"):
        st.caption(words.PASTE_INTRO)
        text = st.text_area(words.PASTE_LABEL, key="paste", height=220, width=480, placeholder=words.PASTE_EXAMPLE, persist_state="session")
        if not st.button(words.PASTE_GO, type="primary", icon=":material/forum:", key="paste.go"):
            return False
        try:
            state.put(PASTED, pasted(text or ""))
        except ProblemError as error:
            problem_table(error.problems)
            return False
    state.put(WANTED, "pasted")
    state.put(PASTES, state.get(PASTES, 0) + 1)  # another key closes the popover
    return True


def panel() -> str:
    """Draw the run: plan, progress, or what came of it; return the page on which its set is to be opened ("" = stay)."""
    run: Run | None = state.get(JOB)
    job = jobs.ALL.get(_job_key(run)) if run is not None else None
    if run is None or job is None:
        _plan()
        return ""
    if job.phase == "running":
        st.markdown(f"**{words.RUNNING.format(title=run.plan.title)}**")
        _progress(run)
        return ""
    return _ended(run, job)


def _job_key(run: Run) -> str:
    return f"live.{id(run)}"


# --- before ----------------------------------------------------------------------------------------------------------


def _plan() -> None:
    found = sources()
    if not found:
        st.info(words.NO_QUERIES, icon=":material/quiz:")
        return
    offered = endpoints.offered()
    if not offered:
        st.info(words.NO_MODELS, icon=":material/memory:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        title, queries = _queries(found)
    with right:
        chosen = _models(list(offered))
        scorer = _scorer(queries)
    picked = tuple(offered[name] for name in chosen)
    cap_usd, cap_calls = _caps(picked, len(queries))
    concurrency, samples = _more()
    plan = Plan(
        title=title, queries=queries, endpoints=picked, scorer=scorer, cap_usd=cap_usd, cap_calls=cap_calls, concurrency=concurrency,
        samples=samples,
    )  # fmt: skip
    said = _estimated(plan)
    st.button(
        words.START, type="primary", key="live.start", icon=":material/play_arrow:", on_click=_start, args=(plan,),
        disabled=not picked or said is None,
    )  # fmt: skip
    refused = state.get("live.refused")
    if refused:
        st.error(plain(refused), icon=":material/error:")


def _models(names: list[str]) -> list[str]:
    """Draw the choice of models; one that was just added is chosen, one that is built in only while there are no others."""
    known: list[str] = state.get(KNOWN, [])
    added = [name for name in names if not endpoints.built_in(name)]
    fresh = [name for name in added or _first(names) if name not in known]
    chosen: list[str] = state.get(CHOSEN, [])
    before = [] if added and chosen == _first(known) else [name for name in chosen if name in names]
    if known != names:
        state.put(CHOSEN, [*before, *fresh])
        state.put(KNOWN, names)
    return st.multiselect(words.MODELS, names, key=CHOSEN, persist_state="session")


def _first(names: list[str]) -> list[str]:
    """Return which of the models that are built in are chosen by themselves: the one for any text, else the two cheapest rungs."""
    return [local.NAME] if local.NAME in names else names[:2]


def _queries(found: Mapping[str, str]) -> tuple[str, QuerySet]:
    keys = list(found)
    wanted = state.get(WANTED) or state.get(SOURCE)
    state.forget(WANTED)
    state.put(SOURCE, wanted if wanted in keys else keys[0])
    key = st.selectbox(words.QUERIES, keys, key=SOURCE, format_func=lambda k: found[k], persist_state="session") or keys[0]
    queries: QuerySet = state.get(PASTED) if key == "pasted" else compute.table(key).queries
    total = len(queries)
    first = total
    if total > 1:
        first = st.slider(words.FIRST, 1, total, min(total, FIRST_DEFAULT), key=f"live.first.{key}.{total}", persist_state="session")
    name = words.PASTED if key == "pasted" else compute.table(key).origin.name
    return name, queries if first == total else queries.take(np.arange(first))


def _scorer(queries: QuerySet) -> str:
    """Draw the choice of scorer where there are references; the id of a harmless one where not."""
    if queries.references is None:
        st.warning(words.NO_REFERENCES, icon=":material/help:")
        return "normalised"
    from data.readers.wide import scorer_for

    sample = [text for text in queries.references.take(np.arange(min(200, len(queries)))).filled() if text]
    return scorer_choice(f"live.scorer.{queries.fingerprint}", scorer_for(sample) or "contains")


def _caps(picked: tuple[Endpoint, ...], n: int) -> tuple[float, int | None]:
    left, right = st.columns(2, gap="large")
    cap = left.number_input(
        words.CAP, 0.0, 10_000.0, value=DEFAULT_LIMIT_USD, step=0.5, key="live.cap", help=words.CAP_HELP, persist_state="session"
    )
    if all(endpoint.card.priced for endpoint in picked):
        return float(cap or 0.0), None
    calls = right.number_input(
        words.CAP_CALLS, 1, 1_000_000, value=None, key="live.calls", help=words.CAP_CALLS_HELP, placeholder=str(n * len(picked)),
        persist_state="session",
    )  # fmt: skip
    return float(cap or 0.0), None if calls is None else int(calls)


def _more() -> tuple[int, int]:
    with st.expander(words.MORE, icon=":material/tune:"):
        left, right = st.columns(2, gap="large")
        at_once = left.number_input(words.CONCURRENCY, 1, 64, value=CONCURRENCY, key="live.at-once", persist_state="session")
        samples = right.number_input(words.SAMPLES, 1, 20, value=1, key="live.samples", help=words.SAMPLES_HELP, persist_state="session")
    return int(at_once or CONCURRENCY), int(samples or 1)


def _estimated(plan: Plan) -> Estimate | None:
    """Draw what the run will take; return it, or None where it cannot start."""
    if not plan.endpoints:
        return None
    value = estimate(plan.queries, plan.endpoints, samples=plan.samples)
    tokens_in = math.fsum(part.tokens_in for part in value.endpoints)
    tokens_out = sum(part.tokens_out_bound for part in value.endpoints)
    said = words.ESTIMATE.format(calls=value.calls, tokens_in=count(tokens_in), tokens_out=count(tokens_out), money=costs(value))
    st.markdown(plain(said))
    if value.high_usd > plan.cap_usd:
        st.caption(words.OVER_CAP)
    if len(plan.queries) < LEAST_QUERIES:
        st.caption(words.TOO_FEW.format(n=len(plan.queries), least=LEAST_QUERIES))
    return value


def costs(value: Estimate) -> str:
    """Return an estimate's money in words; what is not known is said."""
    if value.unknown:
        return words.COSTS_UNKNOWN.format(models=listed(value.unknown))
    if math.isnan(value.low_usd):
        return words.COSTS_AT_MOST.format(high=money(value.high_usd))
    return words.COSTS.format(low=money(value.low_usd), high=money(value.high_usd))


# --- the job ---------------------------------------------------------------------------------------------------------


def _start(plan: Plan) -> None:
    run, ring = Run(plan=plan), endpoints.keys()
    state.forget("live.refused")
    try:
        budget = Budget(plan.cap_usd, max_calls=plan.cap_calls)
        require_prices(plan.endpoints, budget)
    except ProblemError as error:
        state.put("live.refused", str(error))
        return
    state.put(JOB, run)
    jobs.ALL.start(_job_key(run), plan.title, lambda job: work(job, run, budget, ring))


def work(job: jobs.Job, run: Run, budget: Budget, ring: KeyRing) -> str:
    """Ask everything, keep what arrived as a set, and return its key; runs in the job's thread."""
    from data.scoring import find

    plan = run.plan

    def tell(progress: Progress) -> None:
        run.latest = progress
        job.progress(progress.done, progress.total)

    collected = collect(
        plan.queries, [endpoints.ready(e) for e in plan.endpoints], find(plan.scorer), budget, concurrency=plan.concurrency,
        on_progress=tell, stop=job.stop, keys=ring, samples=plan.samples,
    )  # fmt: skip
    run.report = collected.report
    if collected.answers:
        run.name = words.SET_NAME.format(questions=plan.title, date=date.today().isoformat())  # noqa: DTZ011 - the user's own day
        run.key = _kept(collected, run)
    return run.key


def _kept(collected: Collected, run: Run) -> str:
    table = collected.table
    note = words.NOTE.format(date=date.today().isoformat(), models=listed(table.models))  # noqa: DTZ011
    scorer = run.plan.scorer if run.plan.queries.references is not None else ""
    return compute.save(replace(table, origin=replace(table.origin, name=run.name, note=note, scorer=scorer)), name=run.name)


@st.fragment(run_every=1.0)
def _progress(run: Run) -> None:
    job = jobs.ALL.get(_job_key(run))
    if job is None or job.phase != "running":
        st.rerun(scope="app")
        return
    stopping = job.stop.is_set()
    st.progress(job.share, text=plain(words.STOPPING if stopping else progress_words(run.latest, run.plan.cap_usd)))
    if st.button(words.STOP, key="live.stop", icon=":material/stop_circle:", disabled=stopping):
        job.stop.set()


def progress_words(latest: Progress | None, cap_usd: float) -> str:
    """Return how far a run is, what it has cost, how long it will take, and what failed."""
    if latest is None:
        return words.STARTING
    left = "" if math.isnan(latest.eta_s) else words.LEFT.format(time=_time(latest.eta_s))
    kinds = ", ".join(f"{words.KINDS.get(kind, kind)} {n:,}" for kind, n in latest.errors.items())
    errors = words.ERRORS.format(kinds=kinds) if kinds else ""
    return words.PROGRESS.format(done=latest.done, total=latest.total, spent=money(latest.spent_usd), cap=cap_usd, left=left, errors=errors)


def _time(seconds: float) -> str:
    return words.MINUTES.format(m=seconds / 60) if seconds >= 90 else words.SECONDS.format(s=seconds)


# --- after -----------------------------------------------------------------------------------------------------------


def _ended(run: Run, job: jobs.Job) -> str:
    report = run.report
    if report is None:
        st.error(f"{words.FAILED}: {plain(job.error)}", icon=":material/error:")
        st.button(words.AGAIN, key="live.again", icon=":material/replay:", on_click=_again)
        return ""
    good = report.ending in {"finished", "stopped", "budget"} and bool(run.key)
    icon = ":green[:material/check_circle:]" if good and report.ending == "finished" else ":orange[:material/info:]"
    st.markdown(f"{icon} {plain(report.sentence())} {plain(report.why)}")
    if report.failures:
        with st.expander(words.WHY, icon=":material/report:", expanded=not run.key):
            for kind, texts in report.by_kind.items():
                st.markdown(f"**{words.KINDS.get(kind, kind)}**")
                st.markdown("\n".join(f"- {plain(text)}" for text in texts[:5]))
    return _opened(run)


def _opened(run: Run) -> str:
    pressed = ""
    if not run.key:
        st.caption(words.UNSAVED)
    else:
        st.markdown(words.SAVED.format(name=run.name))
    with st.container(horizontal=True, gap="small"):
        if run.key and run.plan.queries.references is not None and len(run.plan.queries) >= LEAST_QUERIES and len(run.plan.endpoints) > 1:
            pressed = "tradeoffs" if st.button(words.OPEN, key="live.open", type="primary", icon=":material/show_chart:") else ""
        if run.key and st.button(words.SEE, key="live.see", icon=":material/table_view:"):
            pressed = "sets"
        st.button(words.AGAIN, key="live.again", icon=":material/replay:", on_click=_again)
    return pressed


def opened_key() -> str:
    """Return the key of the set that the last run was saved as, or an empty string."""
    run: Run | None = state.get(JOB)
    return run.key if run is not None else ""


def _again() -> None:
    run: Any = state.get(JOB)
    if run is not None:
        jobs.ALL.drop(_job_key(run))
    state.forget(JOB)
