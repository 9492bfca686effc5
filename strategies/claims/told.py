"""A verdict in words, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from data.audit.document import visible
from strategies.claims.sides import ENVELOPE
from strategies.claims.values import Claim, Policy
from strategies.claims.verify import Check, Verdict
from strategies.metrics.declared import METRICS

_HEADS = {"equal": "Equal", "differs": "Differs", "unjudged": "Cannot be judged"}
_SHORT = 90


def about(claim: Claim) -> str:
    """Return in one sentence what is claimed."""
    title = METRICS[claim.metric].title if claim.metric in METRICS else claim.metric
    other = _named(claim.against)
    how = {"": "", "difference": f" less that of {other}", "saving": f", the saving against {other}", "share": f", as a share of {other}'s"}
    swept = "" if not claim.curve else " along all its knobs" if claim.curve == ENVELOPE else f" along {claim.curve}"
    unit = f" {claim.unit}" if claim.unit else ""
    heard = "" if claim.signal is None else f" {claim.signal.name}, {claim.signal.asked} asked next,"
    said = f"{title} of {_named(claim.policy)}{heard}{how[claim.compared]}{swept} on {claim.data.name}, {claim.split}: "
    said += f"{claim.value!r}{unit}"
    assuming = f", assuming {claim.scenario}" if claim.scenario else ""
    stated = claim.interval
    more = "" if stated is None else f", {stated.level:.0%} interval {stated.low!r} to {stated.high!r} ({stated.method})"
    return f"{said}{more}, {claim.n:,} queries{', simulated' if claim.simulated else ''}{assuming}"


def _named(policy: Policy | None) -> str:
    return "" if policy is None else policy.model or policy.id


def as_text(claim: Claim, found: Verdict) -> str:
    """Return the verdict as lines of text: outcome, what was claimed, what differs, what may be the reason."""
    lines = [f"{_HEADS[found.outcome]}.", f"Claimed: {about(claim)}."]
    if found.outcome != "unjudged":
        lines.append(f"Here:    {found.value!r}, a difference of {found.difference:.3g}.")
    wrong = [check for check in found.checks if not check.same]
    if found.outcome == "differs":
        lines += [f"  {check.name}: claimed {_short(check.claimed)}, here {_short(check.found)}" for check in wrong]
    lines += [f"- {reason}" for reason in found.reasons]
    return "\n".join(visible(line) for line in lines) + "\n"


def as_json(claim: Claim, found: Verdict) -> str:
    """Return the verdict as JSON text; a value that is not known is null."""
    plain: dict[str, Any] = {
        "outcome": found.outcome, "claimed": claim.value, "found": _number(found.value), "difference": _number(found.difference),
        "reasons": list(found.reasons), "checks": [_check(check) for check in found.checks],
    }  # fmt: skip
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _check(check: Check) -> dict[str, Any]:
    return {name: _number(value) if isinstance(value, float) else value for name, value in asdict(check).items()}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _short(value: Any) -> str:
    text = repr(value)
    return f"{text[:_SHORT]}..." if len(text) > _SHORT else text
