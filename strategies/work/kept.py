"""Where heavy work runs, as a person chose it: one small file in their own data folder, strict when it is read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.problems import ProblemError, refuse
from strategies.work.cluster import is_address

VERSION = 1
MOST_WORKERS = 256
_FILE = "worksite.json"
_LARGEST_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksite:
    """Where heavy work runs. address : "" this computer, "auto" or "host:port" a Ray cluster.

    workers : processes of this computer, 0 = as many as suit it. Raises ProblemError for anything else.
    """

    address: str = ""
    workers: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.address, str) or (self.address and not is_address(self.address)):
            raise refuse(
                f"{self.address!r} is no address of a Ray cluster.", 'Give "host:port" of its head, "auto", or nothing for this computer.'
            )
        if type(self.workers) is not int or not 0 <= self.workers <= MOST_WORKERS:
            raise refuse(f"{self.workers!r} is no number of worker processes.", f"Give 0 (as many as suit) to {MOST_WORKERS}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is kept, or this computer. note : why what is kept can't be used, "" = nothing to say."""

    site: Worksite = Worksite()
    note: str = ""


def chosen() -> Chosen:
    """Return what is kept; a file that is damaged, or says more or less than it should, is noted and left alone."""
    path = _path()
    try:
        with path.open("rb") as file:
            return Chosen(site=_read(file.read(_LARGEST_BYTES + 1)))
    except FileNotFoundError:
        return Chosen()
    except ProblemError as error:
        why = error.problems[0].what
    except (ValueError, OSError, RecursionError) as error:
        why = f"{type(error).__name__}."
    return Chosen(note=f"What was chosen can't be read from {path.name} in your data folder, so heavy work runs on this computer: {why}")


def choose(site: Worksite) -> None:
    """Keep where heavy work runs from now on, instead of what was kept before."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.writing")
    scratch.write_text(json.dumps({"version": VERSION, **asdict(site)}), encoding="utf-8")
    scratch.replace(path)


def _read(text: bytes) -> Worksite:
    values: Any = json.loads(text.decode("utf-8")) if len(text) <= _LARGEST_BYTES else None
    if not isinstance(values, dict) or set(values) != {"version", "address", "workers"} or values["version"] != VERSION:
        raise refuse("it is not what this version writes.", "Choose anew.")
    return Worksite(address=values["address"], workers=values["workers"])


def _path() -> Path:
    from data.stores.home import home

    return home() / _FILE
