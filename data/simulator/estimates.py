"""How an estimate of being right is drawn, so that it has the wanted AUROC and calibration: confidence after a call, foresight before it.

value = separation * right + lean * ease + noise, ease being how easy the query is for the model, standardised.
Without lean the AUROC is Phi(d / sqrt 2) at separation d (Green & Swets 1966) and the calibrated logit d c - d^2 / 2 + logit(base rate)
(two normals of one variance, Bayes' rule); with lean both are solved by quadrature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from data.simulator.normal import FAR, Doubles, logistic, logit, normal_cdf, solve

_PERFECT = 16.0  # standard deviations apart: no two of 10^7 draws overlap
_LEAN_MOST = 3.0
_FOLLOWS_MOST = 0.98  # what is left tells right from wrong even where chance alone can't
EASE_FAR = 6.0
_VALUES, _COARSE = 801, 201
_FEW = 1e-4  # a share of the values too small to matter
_RARE = 1e-11  # share of the values that may lie beyond the ends of the scale
_PLACES = np.linspace(-EASE_FAR, EASE_FAR, 121)
_GAPS = np.linspace(-2 * EASE_FAR, 2 * EASE_FAR, 241)


@dataclass(frozen=True, eq=False, kw_only=True)
class Scale:
    """How the estimates of one model are drawn.

    The logit of being right is `logits`, (C,) at evenly spaced values over `reach`, and a straight line without lean; it is divided by
    `temperature`, and `shift` is added.
    centre, spread : mean and standard deviation of the value. gap : mean stated probability less the base rate. ece : expected
    calibration error. auroc : as it will be measured.
    """

    separation: float
    lean: float
    logits: Doubles
    reach: tuple[float, float]
    temperature: float
    shift: float
    centre: float
    spread: float
    gap: float
    ece: float
    auroc: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Mass:
    """Where a model is right and wrong: probability mass over `_PLACES` of a query's standardised ease; both sum to 1 together."""

    right: Doubles
    wrong: Doubles

    @cached_property
    def gaps(self) -> Doubles:
        """Return how often a right answer's place lies so far (`_GAPS`) above a wrong one's."""
        found = np.convolve(self.right, self.wrong[::-1])
        return np.asarray(found / found.sum())

    @classmethod
    def of(cls, ease: Doubles, weight: Doubles, right: Doubles) -> Mass:
        """Return the masses of (N,) standardised eases with their weights and probabilities of being right."""
        step = _PLACES[1] - _PLACES[0]
        at = (np.clip(ease, -EASE_FAR, EASE_FAR) + EASE_FAR) / step
        low = np.minimum(at.astype(np.int64), len(_PLACES) - 2)
        part = at - low

        def spread(mass: Doubles) -> Doubles:
            """Share each mass between the two places around it."""
            size = len(_PLACES)
            return np.asarray(np.bincount(low, mass * (1 - part), size) + np.bincount(low + 1, mass * part, size), dtype=np.float64)

        return cls(right=np.maximum(spread(weight * right), 1e-30), wrong=np.maximum(spread(weight * (1 - right)), 1e-30))


def scale(mass: Mass, auroc: float, *, follows: float = 0.0, temperature: float = 1.0, overconfidence: float = 0.0) -> Scale:
    """Return how an estimate with this AUROC is drawn.

    follows : the share of it that is the query's ease rather than the answer. overconfidence : wanted mean less base rate, at
    this temperature.
    """
    base = float(np.clip(mass.right.sum(), 1e-9, 1 - 1e-9))
    d, lean = _apart(mass, auroc, min(follows, _FOLLOWS_MOST), _reached)
    value, right, wrong = _values(d, lean, mass)
    if lean and _falls(right, wrong):
        # Topics or humps far apart: a middling value may be a right answer to a hard query, so odds and not values order the estimates.
        d, lean = _apart(mass, auroc, min(follows, _FOLLOWS_MOST), _by_odds)
        value, right, wrong = _values(d, lean, mass)
    odds, total = _odds(right, wrong), right + wrong
    logits = odds if lean else float(logit(base)) - d * d / 2 + d * value
    stated = logits / temperature

    def gap(shift: Doubles) -> Doubles:
        return np.array([float(logistic(stated + shift[0]) @ total) - base])

    turned = bool(overconfidence) or temperature != 1
    shift = float(solve(gap, np.array([overconfidence]), -60.0, 60.0)[0]) if turned else 0.0
    says = logistic(stated + shift)
    centre = float(value @ total)
    return Scale(
        separation=d, lean=lean, logits=logits, reach=(float(value[0]), float(value[-1])), temperature=temperature, shift=shift,
        centre=centre, spread=float(np.sqrt(((value - centre) ** 2) @ total)), gap=float(says @ total) - base,
        ece=float(np.abs(says - logistic(odds)) @ total), auroc=_by_odds(mass, d, lean) if lean else _reached(mass, d, lean),
    )  # fmt: skip


def _apart(mass: Mass, auroc: float, follows: float, measure: Callable[[Mass, float, float], float]) -> tuple[float, float]:
    """Return separation and lean that give an AUROC; a perfect one leans on nothing."""
    if auroc >= 1 or not follows:
        return (_PERFECT if auroc >= 1 else float(np.sqrt(2) * NormalDist().inv_cdf(auroc))), 0.0

    def parts(strength: float) -> tuple[float, float]:
        return strength * (1 - follows), min(strength * follows, _LEAN_MOST)

    def reached(strength: Doubles) -> Doubles:
        return np.array([measure(mass, *parts(float(strength[0])))])

    most = _PERFECT / (1 - follows)
    # Halving the logarithm's way: weak estimates have a strength near 0, perfect ones of pure ease a very large one.
    found = solve(lambda power: reached(np.expm1(power)), np.array([auroc]), 0.0, float(np.log1p(most)), steps=28)
    return parts(float(np.expm1(found[0])))


def _reached(mass: Mass, d: float, lean: float) -> float:
    """Return the AUROC of an estimate: how often the value of a right answer is above that of a wrong one."""
    return float(mass.gaps @ normal_cdf((d + lean * _GAPS) / np.sqrt(2)))


def _by_odds(mass: Mass, d: float, lean: float) -> float:
    """Return the AUROC of an estimate's odds, which needn't rise with its value."""
    _, right, wrong = _values(d, lean, mass, _COARSE)
    order = np.argsort(_odds(right, wrong), kind="stable")
    below = np.cumsum(wrong[order]) - wrong[order] / 2
    return float(right[order] @ below / (right.sum() * wrong.sum()))


def _odds(right: Doubles, wrong: Doubles) -> Doubles:
    return np.asarray(np.log(np.maximum(right, 1e-300)) - np.log(np.maximum(wrong, 1e-300)))


def _falls(right: Doubles, wrong: Doubles) -> bool:
    """Whether the odds fall anywhere that matters as the value rises."""
    odds, total = _odds(right, wrong), right + wrong
    fallen = np.maximum.accumulate(odds) - odds
    return bool(total[fallen > 1e-3].sum() > _FEW)


def _values(d: float, lean: float, mass: Mass, count: int = _VALUES) -> tuple[Doubles, Doubles, Doubles]:
    """Return (C,) values of an estimate, evenly spaced over where they fall, and the mass of right and of wrong answers there."""
    far = FAR + lean * EASE_FAR
    wide = np.linspace(-far, d + far, count)
    right, wrong = _spread(wide, d, lean, mass)
    inside = wide[right + wrong > _RARE]
    value = np.linspace(inside[0], inside[-1], count)
    return value, *_spread(value, d, lean, mass)


def _spread(value: Doubles, d: float, lean: float, mass: Mass) -> tuple[Doubles, Doubles]:
    right = np.exp(-((value[:, None] - d - lean * _PLACES) ** 2) / 2) @ mass.right
    wrong = np.exp(-((value[:, None] - lean * _PLACES) ** 2) / 2) @ mass.wrong
    total = right.sum() + wrong.sum()
    return right / total, wrong / total
