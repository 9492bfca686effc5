"""All published headlines, and the folder where the data of some of them may lie."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from data.outcomes import OutcomeTable
from strategies.published import arena, crux, elsewhere, omnisbench, recorded, routellm
from strategies.published.base import Copy, Headline, Outcome, Source, among, compared, place_of

FOLDER_VARIABLE = "ROUTESCOPE_PUBLISHED"
HEADLINES: tuple[Headline, ...] = (
    *routellm.HEADLINES, *arena.HEADLINES, *omnisbench.HEADLINES, *recorded.HEADLINES, *crux.HEADLINES, *elsewhere.HEADLINES,
)  # fmt: skip


def by_source() -> Mapping[Source, tuple[Headline, ...]]:
    """Return source -> its headlines, in the order of their declaration."""
    found: dict[Source, list[Headline]] = {}
    for headline in HEADLINES:
        found.setdefault(headline.source, []).append(headline)
    return {source: tuple(headlines) for source, headlines in found.items()}


def data_folder() -> Path | None:
    """Return the folder of recorded outcomes: what ROUTESCOPE_PUBLISHED names, else shared/data beside the repository, else None."""
    given = os.environ.get(FOLDER_VARIABLE, "")
    place = Path(given).expanduser() if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    return place if place.is_dir() else None


def copy_of(source: Source, tables: Sequence[OutcomeTable] = (), root: Path | None = None) -> Copy | None:
    """Return a copy of a source's data: one of somebody's own tables that looks like it, else the folder's, else None."""
    return among(source, tables) or place_of(source, root)


def outcomes(source: Source, copy: Copy | None) -> tuple[Outcome, ...]:
    """Return every headline of a source beside ours."""
    return tuple(compared(headline, copy) for headline in by_source()[source])
