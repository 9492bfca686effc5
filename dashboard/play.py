"""What is in play: which strategies can be, with which settings they start, what the last move changed. Nothing kept here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard import compute
from dashboard.state import LETTERS, Slot
from dashboard.words import methods as words
from data.problems import ProblemError
from strategies.blend import Blend
from strategies.frontiers.tune import Goal
from strategies.knobs import Turn, setting, turns
from strategies.protocol import Strategy
from strategies.registry import discover, find, is_own
from strategies.study.curves import Fitted, started, sweepable
from strategies.study.decisions import what_changed
from strategies.study.prepare import Study, hull_models

_LOG = logging.getLogger(__name__)


def sliders(fit: Fitted) -> tuple[Turn, ...]:
    """Return a policy's sliders, those with a curve first."""
    order = sweepable(fit.policy)
    return tuple(sorted(turns(fit.policy), key=lambda t: t.name not in order))


def offered(value: Study) -> list[tuple[type[Strategy], str]]:
    """Return (strategy, what is missing for it here or an empty string) of all that can be put in play."""
    found, _ = discover()
    return [(kind, missing(kind, value)) for kind in found.values() if offers(kind)]


def offers(kind: type[Strategy]) -> bool:
    """Whether a strategy can be put in play at all: of the yardsticks only those that have a slider."""
    return kind.card.family != "baseline" or bool(turns(kind()))


def missing(kind: type[Strategy], value: Study) -> str:
    """Return what this data lacks for a strategy, or an empty string; one's own strategy may fail at it, which is said."""
    try:
        return kind().missing(value.table)
    except Exception as error:
        if not is_own(kind):
            raise
        _LOG.exception("%s failed", kind.card.id)
        return words.UNSAID.format(kind=type(error).__name__, what=str(error))


def default_slots(value: Study) -> tuple[Slot, ...]:
    """Return what is in play on a fresh page: a cascade, the neighbours router where it can run, else the random mix."""
    wanted = [name for name in ("margin-cascade", "knn-router", "agreement-cascade") if not find(name)().missing(value.table)]
    wanted = wanted or ["random-mix"]
    options: dict[str, Any] = {"chain": default_chain(value)}
    return tuple(
        Slot(letter=LETTERS[i], strategy=name, options=options if name == "margin-cascade" else {}) for i, name in enumerate(wanted[:3])
    )


def default_chain(value: Study) -> tuple[str, ...]:
    """Return a chain of at most three: the models on the hull of the fit part, cheap to dear."""
    return hull_models(value)[:3]


def lacks(value: Study, slot: Slot) -> str:
    """Return what this data lacks for a slot's strategy, or an empty string."""
    try:
        gap = missing(find(slot.strategy), value)
        if not gap:
            fit = compute.in_play(value, slot)  # a link may name models or settings that this data does not have
            if is_own(find(slot.strategy)):
                compute.decided(fit)  # nobody has tried it before: what it does wrong is said, and the others are drawn
        return gap  # noqa: TRY300 - the returns are the answers
    except ProblemError as error:
        return str(error)
    except Exception as error:
        if not is_own(find(slot.strategy)):
            raise
        _LOG.exception("%s failed", slot.strategy)
        return words.UNSAID.format(kind=type(error).__name__, what=str(error))


def settings_of(fit: Fitted) -> dict[str, float]:
    """Return every slider's exact setting."""
    return {t.name: setting(fit.policy, t.name) for t in turns(fit.policy)}


def tuned_for(fit: Fitted, keep: float) -> dict[str, float]:
    """Return the settings that meet a goal on calibrate."""
    return settings_of(started(fit, Goal(keep=keep)))


def earlier(value: Study, slot: Slot, before: Mapping[str, float] | None) -> Mapping[str, float] | None:
    """Return all settings before the last move: what was not set then stood where it was tuned. None before any move."""
    return None if before is None else {**settings_of(compute.first(value, slot)), **before}


def changed(fit: Fitted, before: Mapping[str, float] | None) -> Mapping[str, int] | None:
    """Return what the last move changed, or None before any move."""
    return None if before is None else what_changed(compute.decided(fit), compute.decided(fit.set(dict(before))))


def answered_by(fit: Fitted) -> dict[str, float]:
    """Return model -> share of the tested queries that it answers: for a random mixture the probability, not one draw."""
    names, tested = fit.study.pool, len(fit.study.rows)
    if isinstance(fit.policy, Blend):
        weighed = [
            (p.weights(names), len(parts.test)) for p, parts in zip(fit.policies, fit.study.parts, strict=True) if isinstance(p, Blend)
        ]
        shares = np.sum([weights * size for weights, size in weighed], axis=0) / tested
    else:
        shares = np.bincount(compute.decided(fit).answer, minlength=len(names)) / tested
    return dict(zip(names, shares.tolist(), strict=True))


def per_query(fit: Fitted) -> Mapping[str, Any]:
    """Return (N,) quality, cost, latency of each tested query: for a random mixture the expectation, not one draw."""
    if isinstance(fit.policy, Blend) and sweepable(fit.policy):
        knob = sweepable(fit.policy)[0]
        curve, at = compute.knob_curves(fit, knob).shown, np.array([setting(fit.policy, knob)])
        return {name: curve.per_query(at, name)[:, 0] for name in ("quality", "cost", "latency")}
    run = compute.decided(fit)
    return {"quality": run.quality, "cost": run.cost, "latency": run.latency}


def decision_frame(fit: Fitted) -> Any:
    """Return the decision table of the tested queries as a frame."""
    from strategies.study.frame import frame

    return frame(compute.decisions(fit, None))
