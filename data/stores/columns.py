"""A table as a folder."""

from __future__ import annotations
from pathlib import Path
from data.outcomes import OutcomeTable


def is_stored(path: Path) -> bool:
    return (path / "meta.json").is_file()


def open_table(path: Path) -> OutcomeTable:
    raise NotImplementedError
