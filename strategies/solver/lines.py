"""Lines of candidates: one policy along its knobs, told by its means at every setting and, of a few settings, by every query.

A measure is a function of what a query got and cost; a line gives its mean at all settings without replaying any of them where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from strategies.baselines.single import AlwaysOne
from strategies.blend import Blend
from strategies.cascades.margin import MarginCascade
from strategies.engines.loop import replay
from strategies.frontiers.curve import Frontier, frontier
from strategies.frontiers.hull import hull
from strategies.knobs import turn, turned
from strategies.lagrangian import LambdaRouter
from strategies.predictors.chains import NEVER
from strategies.protocol import Doubles, Floats, Ints, Strategy

MOST_SETTINGS = 33  # of a curve: even along it, and the vertices of its hull
_EXACT = ("quality", "cost", "latency")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Seen:
    """What n queries got at K settings, each (n, K) or (n, 1), NaN = unknown: quality, cost, latency (s), energy."""

    quality: Floats
    cost: Floats
    latency: Floats
    energy: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Half:
    """Queries that play one part (search, certify, test): their table, and the energy of every model's answer where it is known.

    rows : (n,) their positions in the study's table. energy : (n, M) in the unit that the caller says, or None. order : (n,) a seeded
    order of them.
    """

    table: OutcomeTable
    rows: Ints
    energy: Floats | None
    order: Ints

    def __len__(self) -> int:
        return len(self.table)

    def alone(self, model: int) -> Seen:
        """Return what the queries got from one model that answers all, each (n, 1)."""
        table = self.table
        columns = [table.quality(model), table.cost_usd(model), table.latency_s(model)]
        energy = np.full(len(table), np.nan, np.float32) if self.energy is None else self.energy[:, model]
        quality, cost, latency, joules = (column[:, None] for column in (*columns, energy))
        return Seen(quality=quality, cost=cost, latency=latency, energy=joules)

    @cached_property
    def by_energy(self) -> OutcomeTable:
        """The table with energy where latency stands: of policies that make one call, both are the called model's."""
        energy = np.full((len(self), len(self.table.models)), np.nan, np.float32) if self.energy is None else self.energy
        return replace(self.table, numbers={**self.table.numbers, "latency_s": energy}, stored_fingerprint="")


Measure: TypeAlias = Callable[[Seen, Half], Doubles]


class Line:
    """One policy along its knobs; settings are numbered 0 to K - 1. Subclasses say how means and outcomes are found.

    id, title : of the strategy. mixed : outcomes are expectations over a random draw. one_call : each query calls one model only.
    models : the chain or pair it names, if it does.
    """

    id: str
    title: str
    mixed: bool = False
    one_call: bool = False
    models: tuple[str, ...] = ()

    def __len__(self) -> int:
        raise NotImplementedError

    def means(self, measure: Measure) -> Doubles:
        """Return (K,) means of a measure over the search half."""
        raise NotImplementedError

    def policy(self, k: int) -> Strategy:
        """Return the fitted policy at a setting."""
        raise NotImplementedError

    def seen(self, half: Half, ks: Sequence[int]) -> Seen:
        """Return what the queries of a half get at some settings, (n, len(ks)) each."""
        return beside([followed(self.policy(k), half) for k in ks])

    def asked(self, k: int) -> tuple[str, ...]:  # noqa: ARG002 - the default is the same at every setting
        """Return the models that the policy may ask, by name; empty: any."""
        return self.models


def followed(policy: Strategy, half: Half) -> Seen:
    """Return what a policy does on every query of a half, (n, 1) each, by replaying it: the one loop."""
    run = replay(policy, half.table)
    if half.energy is None:
        energy = np.full(run.n, np.nan, np.float32)
    else:
        energy = np.where(run.called, half.energy, 0.0).sum(axis=1, dtype=np.float32)
    quality, cost, latency, joules = (column[:, None] for column in (run.quality, run.cost_usd, run.latency_s, energy))
    return Seen(quality=quality, cost=cost, latency=latency, energy=joules)


def beside(parts: Sequence[Seen]) -> Seen:
    """Return several settings' outcomes as one, side by side."""
    return Seen(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in Seen.__slots__})


class Singles(Line):
    """Every model alone: one setting a model, in the table's order."""

    def __init__(self, half: Half) -> None:
        self.id, self.title, self.half, self.one_call = AlwaysOne.card.id, AlwaysOne.card.title, half, True

    def __len__(self) -> int:
        return len(self.half.table.models)

    def means(self, measure: Measure) -> Doubles:
        """Return (M,) means."""
        return np.array([float(measure(self.half.alone(m), self.half).mean(dtype=np.float64)) for m in range(len(self))])

    def policy(self, k: int) -> Strategy:
        """Return the policy that asks this model alone."""
        return AlwaysOne(model=self.half.table.models[k])

    def seen(self, half: Half, ks: Sequence[int]) -> Seen:
        """Return the models' own columns."""
        return beside([half.alone(k) for k in ks])

    def asked(self, k: int) -> tuple[str, ...]:
        """Return the one model."""
        return (self.half.table.models[k],)


class Curve(Line):
    """A fitted policy along one knob: its exact frontier, thinned to the settings that may be chosen."""

    def __init__(self, base: Strategy, knob: str, half: Half) -> None:
        self.id, self.title, self.base, self.knob = base.card.id, base.card.title, base, knob
        self.mixed, self.one_call = isinstance(base, Blend), base.card.family in {"baseline", "router"}
        self.models = tuple(name for name in (getattr(base, "chain", ()) or getattr(base, "pair", ())) if isinstance(name, str))
        curve = frontier(base, half.table, knob)
        self.settings = np.unique(_single(base, knob, curve.setting[_thinned(curve)]))
        self.half = half
        self._kept = self._seen(half, self.settings, curve)

    def __len__(self) -> int:
        return len(self.settings)

    def means(self, measure: Measure) -> Doubles:
        """Return (K,) means, from every query's outcome at every setting."""
        return np.asarray(np.broadcast_to(measure(self._kept, self.half), (len(self.half), len(self))).mean(axis=0, dtype=np.float64))

    def policy(self, k: int) -> Strategy:
        """Return the policy with its knob at the setting."""
        return turned(self.base, self.knob, float(self.settings[k]))

    def seen(self, half: Half, ks: Sequence[int]) -> Seen:
        """Return the outcomes at some settings from one curve."""
        if half is self.half:
            return Seen(**{name: getattr(self._kept, name)[:, list(ks)] for name in Seen.__slots__})
        at, back = np.unique(self.settings[list(ks)], return_inverse=True)
        found = self._seen(half, at)
        return Seen(**{name: getattr(found, name)[:, back] for name in Seen.__slots__})

    def _seen(self, half: Half, settings: Doubles, curve: Frontier | None = None) -> Seen:
        found = curve or frontier(self.base, half.table, self.knob, settings)
        quality, cost, latency = (found.per_query(settings, name) for name in _EXACT)
        return Seen(quality=quality, cost=cost, latency=latency, energy=self._energy(half, settings))

    def _energy(self, half: Half, settings: Doubles) -> Floats:
        if half.energy is None:
            return np.full((len(half), len(settings)), np.nan, np.float32)
        if isinstance(self.base, (LambdaRouter, Blend)):
            return frontier(self.base, half.by_energy, self.knob, settings).per_query(settings, "latency")
        return np.concatenate([followed(turned(self.base, self.knob, float(s)), half).energy for s in settings], axis=1)


def _single(base: Strategy, knob: str, settings: Doubles) -> Doubles:
    """Return settings as the policy compares them: a cut's are float32."""
    return settings.astype(np.float32).astype(np.float64) if turn(base, knob).cuts is not None else settings


def _thinned(curve: Frontier) -> Ints:
    count = len(curve.setting)
    even = np.linspace(0, count - 1, min(count, MOST_SETTINGS)).round().astype(np.intp)
    vertices = hull(curve.cost_usd, curve.quality)
    some = vertices[np.linspace(0, len(vertices) - 1, min(len(vertices), MOST_SETTINGS)).round().astype(np.intp)] if len(vertices) else even
    return np.unique(np.concatenate([even, some]))


@dataclass(frozen=True, eq=False, kw_only=True)
class Bins:
    """A model's confidences on the search half as bins between (L,) ascending levels; setting k keeps bins above k, L keeps nothing."""

    levels: Floats
    bin: NDArray[np.intp]

    def threshold(self, k: int) -> float:
        """Return the threshold of a setting."""
        return float(self.levels[k]) if k < len(self.levels) else NEVER


def binned(scores: Floats, most: int) -> Bins:
    """Return the bins of (n,) confidences at all distinct values, or `most` of their quantiles; NaN lies below all of them."""
    known = np.sort(scores[~np.isnan(scores)])
    distinct = np.unique(known)
    if len(distinct) > most:
        distinct = np.unique(known[np.linspace(0, len(known) - 1, most).round().astype(np.intp)])
    place = np.searchsorted(distinct, np.nan_to_num(scores, nan=-np.inf), side="right")
    return Bins(levels=distinct.astype(np.float32), bin=place)


class Chain(Line):
    """Two or three models one after the other, each but the last kept from a confidence on: all thresholds by cumulative sums.

    A measure is taken of the three ways a query can end; means over all pairs of thresholds follow from one histogram of the first
    model's confidences and one of both. base : the fitted policy of this chain. ends : what queries get that end at each model.
    """

    def __init__(self, base: MarginCascade, half: Half, ends: Sequence[Seen], bins: Sequence[Bins]) -> None:
        self.id, self.title, self.models = base.card.id, base.card.title, base.chain
        self.base, self.half, self.ends, self.bins = base, half, tuple(ends), tuple(bins)
        self.shape = tuple(len(each.levels) + 1 for each in self.bins)

    def __len__(self) -> int:
        return int(np.prod(self.shape))

    def means(self, measure: Measure) -> Doubles:
        """Return (K,) means, the last stage's threshold running fastest."""
        ways = [measure(end, self.half).astype(np.float64)[:, 0] for end in self.ends]
        first = np.bincount(self.bins[0].bin, ways[1] - ways[0], minlength=self.shape[0]).cumsum()
        total = ways[0].sum() + first
        if len(ways) > 2:
            joint = self.bins[0].bin * self.shape[1] + self.bins[1].bin
            further = np.bincount(joint, ways[2] - ways[1], minlength=len(self)).reshape(self.shape)
            total = total[:, None] + further.cumsum(axis=0).cumsum(axis=1)
        return np.asarray(total.ravel() / max(len(self.half), 1))

    def policy(self, k: int) -> Strategy:
        """Return the cascade with the thresholds of a setting."""
        places = np.unravel_index(k, self.shape)
        return replace(self.base, thresholds=tuple(each.threshold(int(at)) for each, at in zip(self.bins, places, strict=True)))
