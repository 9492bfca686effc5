"""Endpoints kept between sessions, in the user's own data folder; keys are never among them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from data.live.endpoints import Endpoint
from data.problems import ProblemError, refuse
from data.stores.home import home

_FILE = "endpoints.json"


def load() -> tuple[Endpoint, ...]:
    """Return the kept endpoints in the order they were kept, none if nothing was; raises ProblemError for a broken file."""
    path = _path()
    if not path.is_file():
        return ()
    try:
        return tuple(Endpoint.from_json(values) for values in json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, ProblemError) as error:
        raise refuse(f"the kept endpoints cannot be read ({error}).", f"Mend or delete {path}.", file=path.name) from error


def keep(endpoints: Sequence[Endpoint]) -> None:
    """Keep these endpoints instead of those kept before; keys are not written."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps([endpoint.to_json() for endpoint in endpoints], indent=1), encoding="utf-8")
    part.replace(path)


def _path() -> Path:
    return home() / _FILE
