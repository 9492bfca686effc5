"""Checks of the numbers themselves, one file a check; what is found can be repaired, excluded or kept."""

from __future__ import annotations

from data.audit.base import Check, Choice, Finding, apply, audit, checks

__all__ = ["Check", "Choice", "Finding", "apply", "audit", "checks"]
