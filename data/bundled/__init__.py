"""The tables that ship with RouteScope, each in a folder with its data card."""

from __future__ import annotations

from pathlib import Path

from data.problems import listed, refuse

_HERE = Path(__file__).resolve().parent
DEFAULT = "everyday-2k"


def names() -> tuple[str, ...]:
    """Return the names of the bundled tables, the default first."""
    found = sorted(path.parent.name for path in _HERE.glob("*/CARD.md"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def folder(name: str) -> Path:
    """Return the folder of a bundled table; raises ProblemError if there is none of that name."""
    if name not in names():
        raise refuse(f"there is no bundled table {name!r}.", f"There are: {listed(names())}.")
    return _HERE / name
