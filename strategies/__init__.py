"""Turns numbers into decisions and figures: strategies, engines, frontiers, metrics. Knows no streamlit, no plotly.

The public face: `find` a strategy, `replay` it on a part of a table, see its `frontier`, `tune` it for a `Goal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from strategies.engines.loop import replay
    from strategies.frontiers.curve import frontier
    from strategies.frontiers.tune import Goal, tune
    from strategies.registry import find

_HOMES = {
    "find": "strategies.registry",
    "replay": "strategies.engines.loop",
    "frontier": "strategies.frontiers.curve",
    "tune": "strategies.frontiers.tune",
    "Goal": "strategies.frontiers.tune",
}

__all__ = ["Goal", "find", "frontier", "replay", "tune"]


def __getattr__(name: str) -> Any:
    """Import the public names when first used: modules of this package import each other through it."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    msg = f"module 'strategies' has no attribute {name!r}"
    raise AttributeError(msg)
