"""Warnings as sentences: each with its numbers in the units of the page, and what to do. Those dismissed stay away in this session."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashboard import compute, play, state
from dashboard.components.plane.figures import money, percent, significant
from dashboard.components.plane.scene import Told
from dashboard.components.trace.amounts import grouped
from dashboard.scenes import PER_1K, Placed
from dashboard.state import Slot
from dashboard.words import cautions as words
from data.problems import listed
from strategies.knobs import turns
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.study.warnings import Caution, cautions
from strategies.uncertainty.bootstrap import weights
from strategies.uncertainty.winner import Winner, winner

RESAMPLES = 400  # those of the cards
NAMED = 4
_DISMISSED = "cautions.dismissed"
# They go with the strategy in hand; the others are of the data, whatever is in hand.
_OF_POLICY = {
    "tuned-on-test", "tuned-crossed", "best-of-many", "setting-extrapolated", "cost-extrapolated", "simulated-judge", "knows-truth",
}  # fmt: skip
_SHARES = {"shown", "corrected", "bound", "distance", "limit", "unseen", "error", "coverage"}
_COUNTS = {"queries", "least", "candidates", "models", "of"}


def of_point(study: Study, placed: Sequence[Placed], selected: Placed, slot: Slot, knob: str) -> tuple[Caution, ...]:
    """Return what has to be said of the point in hand. knob : the one in hand, "" where it has none; energy has its own place."""
    drawn = compute.knob_curves(selected.fit, knob) if knob and study.drawable else None
    return cautions(study, selected.fit, picked=slot.picked, drawn=drawn, best=best_of(study, placed, selected))


def best_of(study: Study, placed: Sequence[Placed], selected: Placed) -> Winner | None:
    """Return the selected strategy as the best of those in play, None where it is not, or nothing else is in play.

    References are none of them: they cannot be chosen. Whether it leads is read off the curves that are drawn, so that the others are
    replayed only where it does.
    """
    rivals = [p for p in placed if not p.fit.policy.card.bound and not p.fit.policy.card.judged]
    if selected not in rivals or len(rivals) < 2 or not study.drawable:
        return None
    if _mean(selected.fit) < max(_mean(p.fit) for p in rivals):
        return None
    quality = np.stack([_quality(p.fit) for p in rivals], axis=1)
    n = len(quality)
    found = winner(quality, w=weights(n, resamples=RESAMPLES, strata=study.strata), strata=study.strata)
    return found if found.index >= 0 and rivals[found.index] is selected else None


def _mean(fit: Fitted) -> float:
    knob = compute.knob_in_hand(fit)
    if not knob:
        return float(np.mean(_quality(fit)))
    curve = compute.knob_curves(fit, knob).shown
    return float(curve.quality[curve.at(play.settings_of(fit)[knob])])


def _quality(fit: Fitted) -> np.ndarray:
    return np.asarray(play.per_query(fit)["quality"], dtype=np.float64)


def told(study: Study, found: Sequence[Caution], fit: Fitted | None = None) -> tuple[Told, ...]:
    """Return warnings as what the strip shows: sign, word, sentence, what to do; in the same order."""
    return tuple(_told(study, each, fit) for each in found)


def _told(study: Study, each: Caution, fit: Fitted | None) -> Told:
    case = _case(study, each)
    values = {name: _number(study, each, name, value) for name, value in each.numbers.items()}
    values["names"] = listed([_name(study, name, fit) for name in each.names], NAMED)
    if {"models", "of"} <= set(values):
        values["part"] = (words.ALL if values["models"] == values["of"] else words.PART).format(**values)
    sign, word = words.SEVERITIES[each.severity]
    todo = words.TO_DO.get(f"{each.id}.{case}", words.TO_DO[each.id]).format(**values)
    sentence = words.SENTENCES.get(f"{each.id}.{case}", words.SENTENCES[each.id]).format(**values)
    return Told(id=each.id, severity=each.severity, sign=sign, word=word, text=sentence[:1].upper() + sentence[1:], todo=todo)


def _case(study: Study, each: Caution) -> str:
    """Return which of a warning's sentences fits, "" for its plain one."""
    numbers = each.numbers
    cases = {
        "mix-unlike": "unseen" if numbers.get("unseen", 0) > 0 else "",
        "simulated": "some" if each.names else "",
        "missing": "models" if each.names else "",
        "assumed-prices": "" if study.table.cost_unit == "USD" else study.table.cost_unit,
    }
    if each.id in {"judge-error", "simulated-judge"}:
        return "unknown" if math.isnan(numbers["error"]) else ""
    return cases.get(each.id, "")


def _number(study: Study, each: Caution, name: str, value: float) -> str:
    """Return a number as the page writes it."""
    if name in _COUNTS:
        return grouped(int(value))
    if name == "half":
        return f"{100 * value:.0f}"
    if name == "level":
        return percent(value, 0)
    if name in _SHARES or each.id == "judge-error":
        return percent(value)
    return _cost(study, value) if each.id == "cost-extrapolated" else significant(value)


def _cost(study: Study, value: float) -> str:
    if study.table.cost_unit == "USD":
        return f"{money(PER_1K * value)} per 1,000"
    return percent(value) if study.table.cost_unit == "share" else significant(value)


def _name(study: Study, name: str, fit: Fitted | None) -> str:
    """Return a model's short name, a slider's title, or a task as it is."""
    titles = {t.name: t.title for t in turns(fit.policy)} if fit is not None else {}
    whole = study.whole
    return titles.get(name) or (whole.cards[whole.index(name)].short if name in whole.models else name)


def dismissed() -> frozenset[str]:
    """Return what was dismissed in this session."""
    found: frozenset[str] = state.get(_DISMISSED, frozenset())
    return found


def dismiss(name: str) -> None:
    """Put a warning away for the data and, where it is one of a strategy, the strategy in hand; "" brings all of this view back."""
    view = state.view()
    mine = frozenset(key for key in dismissed() if key.startswith(f"{view.data}|"))
    state.put(_DISMISSED, dismissed() | {_key(name)} if name else dismissed() - mine)


def split(found: Sequence[Told]) -> tuple[tuple[Told, ...], int]:
    """Return the warnings that are shown, and how many are dismissed."""
    away = dismissed()
    kept = tuple(each for each in found if _key(each.id) not in away)
    return kept, len(found) - len(kept)


def _key(name: str) -> str:
    view = state.view()
    return f"{view.data}|{view.selected if name in _OF_POLICY else ''}|{name}"
