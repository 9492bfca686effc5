"""Scorers: from an answer and its reference to a quality in [0, 1], one file a scorer."""

from __future__ import annotations

from data.scoring.base import Scorer, find, scorers

__all__ = ["Scorer", "find", "scorers"]
