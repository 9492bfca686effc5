"""Confidence signals, one file each: what they mean, what provides them, and those that can be computed from what a set has."""

from __future__ import annotations

from data.signals.base import Price, Signal, derived, find, given, instead, known, lacking, scaled, signals

__all__ = ["Price", "Signal", "derived", "find", "given", "instead", "known", "lacking", "scaled", "signals"]
