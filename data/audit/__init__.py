"""Checks of the numbers themselves, one file a check; what is found can be repaired, excluded or kept."""

from __future__ import annotations

from data.audit.base import Check, Choice, Finding, apply, audit, audit_key, checks
from data.audit.effect import Conclusions, Effect, conclusions, consequences

__all__ = ["Check", "Choice", "Conclusions", "Effect", "Finding", "apply", "audit", "audit_key", "checks", "conclusions", "consequences"]
