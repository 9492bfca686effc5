"""What pages ask for: tables, studies, fits, curves, runs. Only here is st.cache_*; keys are fingerprints and settings.

Everything kept here is immutable and shared between sessions, so `cache_resource` (no copies) is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from dashboard import audits, jobs, library
from dashboard.library import Entry, default_data, files_of, home
from dashboard.state import Slot, View
from data.audit import Finding, audit_key
from data.cards import TableFacts
from data.outcomes import OutcomeTable
from data.splits import shuffled
from strategies.frontiers.tune import Goal
from strategies.knobs import setting, turns
from strategies.registry import find
from strategies.study.curves import Band, Curves, Fitted, Shown, band, curves, fitted, shown, started, sweepable
from strategies.study.decisions import Decisions
from strategies.study.prepare import Study, prepare

KEEP = 0.97  # where a fresh strategy starts: the least cost that keeps this share of the best single model's quality
PREVIEW = 2000
T = TypeVar("T")
__all__ = [
    "Entry", "audit_of", "band", "can_embed", "decided", "decisions", "default_data", "delete", "embedding_key", "embedding_ready",
    "facts", "files_of", "findings", "first", "gallery", "held", "home", "identity", "in_play", "is_here", "kept", "knob_band",
    "knob_curves", "knob_in_hand", "mean_halves", "preview_ready", "preview_rows", "remembered", "rename", "sample_csv", "save", "scores",
    "split_sizes", "start_embedding", "study", "study_key", "table", "version_name", "with_embedding",
]  # fmt: skip


@st.cache_resource(show_spinner=False, max_entries=1)
def _embedding_cache(home: str) -> Any:
    from strategies.predictors.embeddings import VectorCache

    return VectorCache(Path(home) / "embeddings.sqlite")


def gallery() -> tuple[Entry, ...]:
    """Return all sets that can be opened: bundled first, then the user's own, newest first."""
    from data.bundled import names

    return (*(_bundled(name) for name in names()), *library.own())


@st.cache_resource(show_spinner=False, max_entries=32)
def _bundled(key: str) -> Entry:
    return library.bundled(key, table(key))


@st.cache_resource(show_spinner=False, max_entries=24)
def table(key: str) -> OutcomeTable:
    """Return a set by bundled name or fingerprint; ProblemError if it is not on this machine."""
    return library.opened(key)


def is_here(key: str) -> bool:
    """Whether a set can be opened on this machine."""
    return any(entry.key == key for entry in gallery())


def save(made: OutcomeTable, *, name: str, files: Sequence[Any] = ()) -> str:
    """Keep a set under the user's folder and return its key; `files` are the uploads that it came from."""
    key = library.save(made, name=name, files=files)
    _forget()  # the same numbers may be kept already, under another name and with other choices in their history
    return key


def version_name(name: str) -> str:
    """Return what the next version of a set is called."""
    return library.version_name(name, {entry.name for entry in gallery()})


def rename(key: str, name: str) -> None:
    """Give one of the user's own sets another name."""
    from data.stores import home as store

    store.rename(key, name)
    _forget()


def delete(key: str) -> None:
    """Delete one of the user's own sets from this machine."""
    from data.stores import home as store

    store.delete(key)
    _forget()


def _forget() -> None:
    """Forget what is kept of opened sets: their names, or what is stored under their keys, changed."""
    for cached in (table, facts, mean_halves, _study):
        cached.clear()


@st.cache_resource(show_spinner=False, max_entries=64)
def facts(key: str) -> TableFacts:
    """Return a set's figures over all rows."""
    from data.cards import facts as figures

    return figures(table(key))


@st.cache_resource(show_spinner=False, max_entries=64)
def mean_halves(key: str) -> Mapping[str, float]:
    """Return model -> half the 95 % interval of its mean quality over the queries it answered; NaN where none is known."""
    return library.mean_halves(table(key))


@st.cache_resource(show_spinner=False, max_entries=64)
def split_sizes(key: str) -> Mapping[str, int]:
    """Return how many queries each part of the split has."""
    return library.split_sizes(table(key))


@st.cache_resource(show_spinner=False, max_entries=1)
def sample_csv() -> str:
    """Return the first rows of the bundled set as a CSV: a file to look at, and to upload again."""
    return library.sample_csv(table(default_data()))


def audit_of(key: str, *, wait_s: float = audits.SOON_S) -> audits.Audit:
    """Return the audit of a set of this machine; `ready` is False while it is still looking after `wait_s`."""
    opened = table(key)
    return audits.looked(audit_key(opened), opened, wait_s=wait_s)


def findings(key: str) -> tuple[Finding, ...]:
    """Return what the audit finds in a set, settled or open; waits until it has looked."""
    return audit_of(key, wait_s=audits.PATIENT_S).findings


def preview_rows(opened: OutcomeTable) -> Any:
    """Return PREVIEW positions, the same for every session: a sample by the queries' keys, so no task is favoured."""
    return np.sort(np.argsort(shuffled(opened.queries.keys, 0))[:PREVIEW])


def preview_ready(key: str) -> bool:
    """Whether the first PREVIEW prompts are read while the rest is still being read."""
    job = jobs.ALL.get(embedding_key(key))
    return job is not None and job.phase == "running" and job.partial is not None


@st.cache_resource(show_spinner=False, max_entries=8)
def _preview(key: str, pool: tuple[str, ...], weights: tuple[tuple[str, float], ...], _part: OutcomeTable) -> Study:
    return prepare(_part, pool=pool, weights=dict(weights))


def study(view: View, *, preview: bool = False) -> Study:
    """Return the study of the current view; `preview` : on the PREVIEW queries whose prompts are read already."""
    opened = table(view.data)
    job = jobs.ALL.get(embedding_key(view.data))
    if preview and preview_ready(view.data) and job is not None:
        return _preview(view.data, tuple(sorted(view.pool)), tuple(sorted(view.weights.items())), job.partial)
    pool = view.pool or _default_pool(view.data, opened)
    return _study(view.data, tuple(sorted(pool)), tuple(sorted(view.weights.items())), embedding_ready(view.data))


@st.cache_resource(show_spinner=False, max_entries=32)
def _study(key: str, pool: tuple[str, ...], weights: tuple[tuple[str, float], ...], ready: bool) -> Study:
    opened = table(key)
    return prepare(with_embedding(key, opened) if ready else opened, pool=pool, weights=dict(weights))


@st.cache_resource(show_spinner=False, max_entries=32)
def _home_pool(key: str) -> tuple[str, ...]:
    from strategies.study.prepare import rising_pool

    return rising_pool(prepare(table(key)))


def _default_pool(key: str, opened: OutcomeTable) -> tuple[str, ...]:
    """Bundled sets open on the models whose quality rises with cost; the user's own with all that can be compared."""
    return _home_pool(key) if opened.origin.kind != "yours" and key in _bundled_names() else ()


def _bundled_names() -> tuple[str, ...]:
    from data.bundled import names

    return tuple(names())


def embedding_key(key: str) -> str:
    """Return the job key of a set's embeddings."""
    return f"embed.{key}"


def embedding_ready(key: str) -> bool:
    """Whether a set's embeddings are there: shipped with it, or computed by the job."""
    job = jobs.ALL.get(embedding_key(key))
    return "embedding" in table(key).features or (job is not None and job.phase == "done")


def can_embed(key: str) -> bool:
    """Whether there are prompts to embed."""
    return table(key).queries.prompts is not None


def with_embedding(key: str, opened: OutcomeTable) -> OutcomeTable:
    """Return the set with its embeddings attached."""
    job = jobs.ALL.get(embedding_key(key))
    if "embedding" in opened.features or job is None or job.phase != "done":
        return opened
    return opened.with_feature("embedding", job.result)


def start_embedding(key: str) -> jobs.Job:
    """Start computing a set's embeddings beside the page; kept vectors are used."""
    opened = table(key)
    cache = _embedding_cache(str(home()))

    def work(job: jobs.Job) -> Any:
        from strategies.predictors.embeddings import embedded

        if len(opened) > 2 * PREVIEW:
            part = opened.take(preview_rows(opened))
            job.partial = embedded(part, cache=cache, progress=lambda done, _: job.progress(done, len(opened)), stop=job.stop)
        return embedded(opened, cache=cache, progress=job.progress, stop=job.stop).features["embedding"]

    return jobs.ALL.start(embedding_key(key), "Reading the prompts (embeddings)", work)


@st.cache_resource(show_spinner=False, max_entries=64)
def _fit(study_key: str, strategy: str, options: str, _study_value: Study, _options: Mapping[str, Any]) -> Fitted:
    return fitted(_study_value, find(strategy)(**_options))


@st.cache_resource(show_spinner=False, max_entries=64)
def _start(study_key: str, strategy: str, options: str, _fit_value: Fitted) -> Fitted:
    return started(_fit_value, Goal(keep=KEEP))


def study_key(value: Study) -> str:
    """Return what a study's results depend on: its content, not its name, and whether the prompts are read (embeddings)."""
    return f"{value.key}.{'e' if 'embedding' in value.table.features else 't'}"


def first(value: Study, slot: Slot) -> Fitted:
    """Return a slot's strategy, fitted, at the settings tuned on calibrate."""
    options = repr(sorted(slot.options.items()))
    return _start(study_key(value), slot.strategy, options, _fit(study_key(value), slot.strategy, options, value, slot.options))


def in_play(value: Study, slot: Slot) -> Fitted:
    """Return a slot's strategy, fitted, at the slot's settings (where it has none: tuned on calibrate)."""
    return first(value, slot).set(dict(slot.knobs))


@st.cache_resource(show_spinner=False, max_entries=48)
def kept(key: str, _make: Callable[[], T]) -> T:
    """Return what `_make` made for this key, made once: pictures packed for the browser."""
    return _make()


@st.cache_resource(show_spinner=False, max_entries=256)
def remembered(key: str, _make: Callable[[], T]) -> T:
    """Return what `_make` made for this key, made once: small figures of one point, of which many are looked at."""
    return _make()


def held(fit: Fitted, knob: str) -> str:
    """Return the settings of all knobs but one: what that one's curve depends on."""
    return repr([(t.name, setting(fit.policy, t.name)) for t in turns(fit.policy) if t.name != knob])


def identity(fit: Fitted) -> str:
    """Return what a fit's curves depend on besides their own knob."""
    words = {name: value for name, value in fit.policy.settings().items() if not isinstance(value, (int, float)) and name != "thresholds"}
    return f"{study_key(fit.study)}|{fit.policy.card.id}|{words!r}"


def knob_curves(fit: Fitted, knob: str) -> Curves:
    """Return a knob's curves on calibrate and test, the other knobs held."""
    return _curves(identity(fit), knob, held(fit, knob), fit)


@st.cache_resource(show_spinner=False, max_entries=256)
def _curves(identity: str, knob: str, held: str, _fit_value: Fitted) -> Curves:
    return curves(_fit_value, knob)


def knob_in_hand(fit: Fitted, wanted: str = "") -> str:
    """Return the knob that is dragged: the wanted one, else the one whose curve has most to show; empty if there is none."""
    names = sweepable(fit.policy)
    if wanted in names or not names:
        return wanted if names else ""
    return max(names, key=lambda name: len(knob_curves(fit, name).shown.setting))


def knob_band(fit: Fitted, knob: str) -> Band:
    """Return the intervals along a knob's test curve."""
    return _band(identity(fit), knob, held(fit, knob), fit)


@st.cache_resource(show_spinner=False, max_entries=256)
def _band(identity: str, knob: str, held: str, _fit_value: Fitted) -> Band:
    return band(_fit_value.study, knob_curves(_fit_value, knob).shown)


def decided(fit: Fitted) -> Shown:
    """Return what a policy does on the tested queries."""
    settings = repr([(t.name, setting(fit.policy, t.name)) for t in turns(fit.policy)])
    return _decided(identity(fit), settings, fit)


@st.cache_resource(show_spinner=False, max_entries=64)
def _decided(identity: str, settings: str, _fit_value: Fitted) -> Shown:
    return shown(_fit_value)


def decisions(fit: Fitted, before: Mapping[str, float] | None) -> Decisions:
    """Return every decision, compared with the settings before the last move."""
    return Decisions(shown=decided(fit), before=decided(fit.set(dict(before))) if before is not None else None)


def scores(value: Study, fits: Mapping[str, Fitted], *, selected: str = "", knob: str = "") -> Any:
    """Return a frame of scores, a row a strategy, from the test part: of the curves that the plane draws boldly.

    fits : by letter. selected, knob : the strategy in hand and its knob, as in the view.
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {"strategy": fit.policy.card.title, **_scores(identity(fit), held(fit, hand), hand, fit)}
            for letter, fit in fits.items()
            if (hand := knob_in_hand(fit, knob if letter == selected else ""))
        ]
    )


@st.cache_resource(show_spinner=False, max_entries=256)
def _scores(identity: str, held: str, knob: str, _fit_value: Fitted) -> Mapping[str, float]:
    from strategies.study.scores import scores_of

    return scores_of(_fit_value, knob_curves(_fit_value, knob).shown)
