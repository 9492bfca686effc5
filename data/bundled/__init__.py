"""The tables that ship with RouteScope, each in a folder with its data card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data.problems import listed, refuse

if TYPE_CHECKING:
    from data.outcomes import OutcomeTable

_HERE = Path(__file__).resolve().parent
DEFAULT = "puzzles"
# A folder that holds only further arms, and the table that they were asked the queries of.
_FURTHER_ARMS = {"puzzles-with-tool": "puzzles"}


def names() -> tuple[str, ...]:
    """Return the names of the bundled tables, the default first."""
    found = sorted(path.parent.name for path in _HERE.glob("*/CARD.md"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def folder(name: str) -> Path:
    """Return the folder of a bundled table; raises ProblemError if there is none of that name."""
    if name not in names():
        raise refuse(f"there is no bundled table {name!r}.", f"There are: {listed(names())}.")
    return _HERE / name


def opened(name: str) -> OutcomeTable:
    """Return a bundled table; raises ProblemError if there is none of that name."""
    from data.stores.columns import open_table

    own = open_table(folder(name))
    if name not in _FURTHER_ARMS:
        return own
    from data.bundled.beside import beside

    return beside(open_table(folder(_FURTHER_ARMS[name])), own)
