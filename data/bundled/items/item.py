"""One generated question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its reference; `scorer` names the entry of `data.bundled.items.SCORERS` that judges it."""

    task: str
    prompt: str
    reference: str
    scorer: str
