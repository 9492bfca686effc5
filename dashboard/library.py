"""The sets of this machine: opened, kept, renamed, deleted, and their figures over all rows. Keys are names or fingerprints.

Pages ask `compute`, which keeps what this makes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.uncertainty.bootstrap import interval

SAMPLE_ROWS = 300
_VERSION = re.compile(r"(.+) \(version (\d{1,4})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One set of the gallery. key : bundled name or fingerprint of an upload; kind : the badge; own : can be renamed and deleted."""

    key: str
    name: str
    kind: str
    queries: int
    models: int
    file: str = ""
    own: bool = False


def home() -> Path:
    """Return the user's own data folder."""
    from data.stores.home import home as folder

    return folder()


def own() -> tuple[Entry, ...]:
    """Return the user's own sets, newest first."""
    from data.stores import home as store

    return tuple(
        Entry(key=s.id, name=s.title, kind=s.kind, queries=s.queries, models=s.models, file=_files_words(s.files), own=True)
        for s in store.entries()
    )


def _files_words(files: Sequence[tuple[str, str]]) -> str:
    from data.problems import listed

    return listed([name for name, _ in files], 3)


def bundled(key: str, opened: OutcomeTable) -> Entry:
    """Return a bundled set as the gallery shows it."""
    origin = opened.origin
    return Entry(key=key, name=origin.name or key, kind=origin.kind or "recorded", queries=len(opened), models=len(opened.models))


def opened(key: str) -> OutcomeTable:
    """Return a set by bundled name or fingerprint; ProblemError if it is not on this machine."""
    from data import bundled as sets
    from data.stores import home as store

    if key in sets.names():
        return sets.opened(key)
    for kept in store.entries():
        if kept.id == key:
            table = store.get(key)
            return replace(table, origin=replace(table.origin, name=kept.title), stored_fingerprint=table.fingerprint)
    raise refuse("this set is not on this machine.", "Upload the file that the link was made with, or choose another set.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A file that a set came from, by name and hash: what is left of an upload."""

    name: str
    sha256: str


def files_of(key: str) -> tuple[Named, ...]:
    """Return the files that one of the user's own sets came from; none for a bundled one."""
    from data.stores import home as store

    found = next((entry.files for entry in store.entries() if entry.id == key), ())
    return tuple(Named(name=name, sha256=sha256) for name, sha256 in found)


def save(made: OutcomeTable, *, name: str, files: Sequence[Any] = ()) -> str:
    """Keep a set under the user's folder and return its key; `files` are the uploads that it came from."""
    from data.stores import home as store

    return store.add(made, files, title=name).id


def version_name(name: str, taken: Collection[str]) -> str:
    """Return what the next version of a set is called: `X`, then `X (version 2)`, then `X (version 3)`; no name of `taken` again."""
    base, number = name, 2
    if found := _VERSION.fullmatch(name):
        base, number = found.group(1), int(found.group(2)) + 1
    while f"{base} (version {number})" in taken:
        number += 1
    return f"{base} (version {number})"


def mean_halves(opened: OutcomeTable) -> Mapping[str, float]:
    """Return model -> half the 95 % interval of its mean quality over the queries it answered; NaN where none is known."""
    known = {model: values[~np.isnan(values)] for model in opened.models if len(values := opened.quality(model))}
    found = {model: interval(values) for model, values in known.items() if len(values) > 1}
    return {model: (found[model].high - found[model].low) / 2 if model in found else float("nan") for model in opened.models}


def split_sizes(opened: OutcomeTable) -> Mapping[str, int]:
    """Return how many queries each part of the split has."""
    from data.splits import assigned

    part = assigned(opened)
    return {name: int((part == i).sum()) for i, name in enumerate(("fit", "calibrate", "test"))}


def sample_csv(opened: OutcomeTable) -> str:
    """Return the first rows of a set as a CSV: a file to look at, and to upload again."""
    import pandas as pd

    opened = opened.take(np.arange(SAMPLE_ROWS))
    queries = opened.queries
    columns: dict[str, Any] = {"id": queries.ids.to_list(), "task": [queries.task_of(i) for i in range(len(queries))]}
    columns |= {"prompt": queries.prompts.to_list()} if queries.prompts is not None else {}
    columns |= {"reference": queries.references.to_list()} if queries.references is not None else {}
    fields = {"quality": "score", "cost_usd": "cost_usd", "latency_s": "latency_s", "tokens_in": "tokens_in", "tokens_out": "tokens_out"}
    for m, model in enumerate(opened.models):
        columns |= {f"{model}_{word}": opened.column(name, m) for name, word in fields.items() if opened.has(name)}
    return pd.DataFrame(columns).to_csv(index=False)


def default_data() -> str:
    """Return the set that home opens with: the first bundled one."""
    from data.bundled import names

    found = names()
    if not found:
        raise refuse("no set is bundled with this installation.", "Upload one on the Data page.")
    return found[0]
