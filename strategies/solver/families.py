"""Which lines are searched, cheap and exact ones first: single models, blind mixtures, chains of two and three, routers, the rest.

Left out: bounds and simulated judges (they see what no policy sees), other baselines, methods that decide over all queries at once or
learn from the stream (their queries are not independent, which every p-value here rests on), and a cascade that is a proof itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from strategies.baselines.random_mix import RandomMix
from strategies.cascades.margin import MarginCascade
from strategies.engines.recorded import Columns
from strategies.frontiers.hull import hull
from strategies.predictors.chains import improvement
from strategies.predictors.confidence import confidence, learn_confidence
from strategies.protocol import Floats, Strategy, Training
from strategies.registry import discover
from strategies.solver.lines import Bins, Chain, Curve, Half, Line, Seen, binned
from strategies.study.curves import sweepable

PAIR_LEVELS, TRIPLE_LEVELS = 256, 40  # thresholds tried: of two models at each of 256 quantiles, of three on a 40 x 40 grid
_USEFUL = 0.01  # a model is asked after another only if it is better on 1 % of the fit queries
# In order of what they take to fit and to sweep, least first; what is not here comes after them.
_CHEAP = (
    "foreseen-router", "agreement-cascade", "tabi", "two-tier-uncertainty", "automix", "self-consistency", "chow-deferral", "knn-router",
    "ridge-router", "carrot", "task-router", "hybrid-llm", "routellm-classifier", "routellm-sw", "zooter", "frugalgpt", "cluster-router",
)  # fmt: skip
_COVERED = frozenset({"margin-cascade", "certified-cascade"})  # all chains are searched anyway


def mixes(fit: OutcomeTable, half: Half) -> Iterator[Line]:
    """Yield the blind mixtures of neighbours on the hull of the single models' means on fit: what a zero router reaches."""
    cost, quality = (np.array(list(fit.mean(name).values())) for name in ("cost_usd", "quality"))
    for low, high in itertools.pairwise(hull(cost, quality).tolist()):
        yield Curve(RandomMix(pair=(fit.models[low], fit.models[high])), "share", half)


class Chains:
    """All sensible chains of two and three models on one confidence a model, by mean cost of their models.

    A model follows another if it is dearer on fit and better there on at least 1 % of the queries. The confidence is learnt once, on fit.
    """

    def __init__(self, fit: OutcomeTable, half: Half) -> None:
        self.names, self.half = fit.models, half
        training = Training(fit, Columns(fit))
        everyone = tuple(range(len(self.names)))
        self.state = learn_confidence(training, everyone, "auto")
        source = Training(half.table, Columns(half.table))
        self.bins: list[dict[int, Bins]] = []
        for m in everyone:
            scores = confidence(self.state, source, m, m)
            self.bins.append({most: binned(scores, most) for most in (PAIR_LEVELS, TRIPLE_LEVELS)})
        self.fees = [source.features.price(str(self.state["signals"][m]), m) for m in everyone]
        self.orders = _orders(fit)

    def __iter__(self) -> Iterator[Line]:
        for models in self.orders:
            yield self.chain(models)

    def __len__(self) -> int:
        return len(self.orders)

    def chain(self, models: tuple[int, ...]) -> Chain:
        """Return the line of one chain, given by positions."""
        most = PAIR_LEVELS if len(models) == 2 else TRIPLE_LEVELS
        base = MarginCascade(chain=tuple(self.names[m] for m in models)).with_state(**self._own(models[:-1]))
        return Chain(base, self.half, self._ends(models), [self.bins[m][most] for m in models[:-1]])

    def _own(self, stages: tuple[int, ...]) -> dict[str, NDArray[np.generic]]:
        """Return the part of the learnt confidence that belongs to these models, as a chain of its own would keep it."""
        mine = dict(self.state)
        for name in ("signals", "models"):
            if name in mine:
                mine[name] = mine[name][list(stages)]
        if "coefficients" in mine:
            mine["coefficients"] = mine["coefficients"][:, list(stages)]
        return mine

    def _ends(self, models: tuple[int, ...]) -> list[Seen]:
        """Return what queries get that end at each model: calls add up, and so do signals that have a price."""
        ends: list[Seen] = []
        for at, m in enumerate(models):
            alone, before = self.half.alone(m), ends[-1] if ends else None
            fee = self.fees[m] if at < len(models) - 1 else None
            cost, latency = (values if fee is None else values + extra[:, None] for values, extra in _charged(alone, fee))
            if before is not None:
                cost, latency, energy = before.cost + cost, before.latency + latency, before.energy + alone.energy
            else:
                energy = alone.energy
            ends.append(Seen(quality=alone.quality, cost=cost, latency=latency, energy=energy))
        return ends


def _charged(alone: Seen, fee: tuple[Floats, Floats] | None) -> list[tuple[Floats, Floats]]:
    nothing = np.zeros(len(alone.cost), np.float32)
    return list(zip((alone.cost, alone.latency), fee or (nothing, nothing), strict=True))


def _orders(fit: OutcomeTable) -> list[tuple[int, ...]]:
    """Return the chains as positions: pairs first, then triples."""
    quality = fit.numbers["quality"][~np.isnan(fit.numbers["quality"]).any(axis=1)]
    cost = np.array(list(fit.mean("cost_usd").values()))
    place = np.argsort(np.lexsort((np.arange(len(cost)), cost)))
    follows = (place[None, :] > place[:, None]) & (improvement(quality).T >= _USEFUL)
    pairs = [(int(a), int(b)) for a, b in np.argwhere(follows)]
    return [*pairs, *((a, b, int(c)) for a, b in pairs for c in np.flatnonzero(follows[b]))]


def kinds() -> tuple[type[Strategy], ...]:
    """Return the other strategies that are searched, in order: quick ones first, then as they are registered."""
    found, _ = discover()
    real = [kind for kind in found.values() if not (kind.card.bound or kind.card.judged or kind.card.batch or kind.card.id in _COVERED)]
    able = [kind for kind in real if kind.card.family in {"router", "cascade", "ensemble"}]
    rank = {name: at for at, name in enumerate(_CHEAP)}
    return tuple(sorted(able, key=lambda kind: rank.get(kind.card.id, len(rank))))


def quick(kind: type[Strategy]) -> bool:
    """Whether a strategy is known to be fitted and swept quickly."""
    return kind.card.id in _CHEAP


def curves(kind: type[Strategy], fit: OutcomeTable, half: Half) -> Iterator[Line]:
    """Yield the line of a strategy with its own default options, fitted on fit: along the knob that is dragged."""
    policy = kind().fit(fit)
    names = sweepable(policy)
    if names:
        yield Curve(replace(policy), names[-1], half)
