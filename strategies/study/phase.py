"""Who wins, routing or cascading, over what a router can know before the call and what a cascade can see after it.

In a simulated world the two are separate dials: only the router hangs on the one, only the cascade on the other, and the answers are the
same whichever is turned. So K places on each axis give all K x K cells, and every cell compares the two on the same queries.
The question and its shape: Dekoninck et al., A Unified Approach to Routing and Cascading for LLMs, arXiv 2410.10347.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from data.problems import refuse
from data.simulator import World, turned
from data.simulator.normal import solve
from strategies.protocol import Doubles
from strategies.registry import find
from strategies.study.envelope import envelope
from strategies.study.prepare import hull_models
from strategies.study.worlds import studied
from strategies.work.here import Here
from strategies.work.pool import Pool

DRAW = 4000  # queries of one draw of the world: 1,600 of them tested
DRAWS = 8
SHARES = np.linspace(0.01, 1.0, 100)  # budgets, as shares of what the best single model costs
MEASURED_AT = 0.75  # where a world stands while its own predictabilities don't matter
# Coarse first: (places an axis, draws) of each picture.
STEPS = ((6, 3), (11, 3), (11, DRAWS), (21, DRAWS))
# Two-sided 95 % points of Student's t by degrees of freedom (Fisher & Yates, Statistical Tables, table III).
_T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
_PERFECT = 16.0
_MOST = 1e4  # the factor that brings a nearly blind model to a nearly perfect one
_ROUND = 6
_FINE = 501  # places between which an end of the interval is not looked for
_NORMAL = NormalDist()
Progress = Callable[[int, int], None]


class Lead(NamedTuple):
    """How much better the cascade is than the router, in quality: mean over draws and its 95 % interval. Negative: the router is."""

    mean: float
    low: float
    high: float

    @property
    def winner(self) -> str:
        """Who wins: "cascade", "router", or "" where the interval has 0 in it."""
        return "cascade" if self.low > 0 else "router" if self.high < 0 else ""


class Even(NamedTuple):
    """Which ex-ante predictability makes a router draw level with a cascade.

    mean : there both have the same quality on average; NaN where they never have. low, high : between them the 95 % interval of the
    difference holds 0, so that neither wins for sure; NaN where one wins for sure everywhere.
    """

    low: float
    mean: float
    high: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Phase:
    """What both reach in S draws of a world at K predictabilities and B budgets.

    auroc : (K,) ascending. router, cascade : (S, K, B) quality on test at `SHARES` of the best single model's cost; NaN below the
    cheapest model. done : the last picture of `STEPS`.
    """

    auroc: Doubles
    router: Doubles
    cascade: Doubles
    done: bool

    @property
    def draws(self) -> int:
        """How many draws of the world."""
        return len(self.router)

    @property
    def cheapest(self) -> float:
        """The least share of the best single model's cost for which anything can be had, in every draw."""
        known = ~np.isnan(self.router).any(axis=(0, 1))
        return float(SHARES[int(np.argmax(known))])

    def leads(self, share: float | None = None) -> tuple[Doubles, Doubles, Doubles]:
        """Return mean, low and high of the cascade's lead, (K, K) each: a row a post-hoc, a column an ex-ante predictability.

        share : the budget as a share of the best single model's cost; None = the mean over all budgets, so the area between the two.
        """
        router, cascade = self._level(self.router, share), self._level(self.cascade, share)
        return _summed(cascade[:, :, None] - router[:, None, :])

    def lead(self, ex_ante: float, post_hoc: float, share: float | None = None) -> Lead:
        """Return the lead at one place: between the measured places straight lines."""
        router, cascade = self._level(self.router, share), self._level(self.cascade, share)
        gap = [np.interp(post_hoc, self.auroc, c) - np.interp(ex_ante, self.auroc, r) for c, r in zip(cascade, router, strict=True)]
        mean, low, high = _summed(np.array(gap))
        return Lead(float(mean), float(low), float(high))

    def even(self, post_hoc: float, share: float | None = None) -> Even:
        """Return where the router draws level with a cascade that sees so much, and between which places neither wins for sure.

        Each draw's difference is one of the same queries, so the interval is a paired one; between the measured places straight lines.
        """
        router, cascade = self._level(self.router, share), self._level(self.cascade, share)
        seen = np.array([np.interp(post_hoc, self.auroc, each) for each in cascade])
        rising, wanted = np.maximum.accumulate(router.mean(axis=0)), float(seen.mean())
        mean = float(np.interp(wanted, rising, self.auroc)) if rising[0] <= wanted <= rising[-1] else float("nan")
        at = np.linspace(self.auroc[0], self.auroc[-1], _FINE)
        known = np.array([np.interp(at, self.auroc, each) for each in router])
        _, low, high = _summed(seen[:, None] - known)
        held = [*at[(low <= 0) & (high >= 0)].tolist(), *([] if np.isnan(mean) else [mean])]
        return Even(min(held), mean, max(held)) if held else Even(mean, mean, mean)

    def _level(self, quality: Doubles, share: float | None) -> Doubles:
        """Return (S, K) quality at a budget, or its mean over the budgets that can be had."""
        if share is None:
            return np.asarray(quality[:, :, self.cheapest <= SHARES].mean(axis=2))
        at = max(share, self.cheapest)
        return np.asarray(quality[:, :, int(np.argmin(np.abs(SHARES - at)))])


def _summed(gaps: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return mean and 95 % interval over the first axis: draws are independent, so Student's t."""
    count, mean = len(gaps), gaps.mean(axis=0)
    half = _T95[count - 1] * gaps.std(axis=0, ddof=1) / np.sqrt(count)
    return mean, mean - half, mean + half


def predictability(world: World) -> tuple[float, float]:
    """Return (ex ante, post hoc) of a world as AUROC, the means over its models."""
    ahead = [_or(model.ex_ante_auroc, world.ex_ante) for model in world.models]
    after = [_or(model.confidence_auroc, world.post_hoc) for model in world.models]
    return round(float(np.mean(ahead)), _ROUND), round(float(np.mean(after)), _ROUND)


def placed(world: World, *, ex_ante: float | None = None, post_hoc: float | None = None) -> World:
    """Return the world with other mean predictabilities (AUROC, 0.5 to 1). Models with figures of their own keep their order."""
    for value, own, common in ((ex_ante, "ex_ante_auroc", "ex_ante"), (post_hoc, "confidence_auroc", "post_hoc")):
        if value is None:
            continue
        if not isinstance(value, (int, float)) or not 0.5 <= value <= 1:
            raise refuse(f"{common} = {value!r} is outside 0.5 to 1.", "0.5 is a coin, 1 is perfect.", column=common)
        world = turned(_moved(world, own, common, value), common, value)
    return world


def _moved(world: World, own: str, common: str, value: float) -> World:
    """Return the world with the models' own figures moved: the distances of right from wrong by one factor, so that the mean is right."""
    if all(getattr(model, own) is None for model in world.models):
        return world
    apart = _separations([_or(getattr(model, own), getattr(world, common)) for model in world.models])
    if value >= 1 or not apart.any():
        new = np.full(len(apart), value)
    else:
        factor = solve(lambda k: np.array([_aurocs(apart * float(k[0])).mean()]), np.array([value]), 0.0, _MOST)
        new = _aurocs(apart * float(factor[0]))
    for model, auroc in zip(world.models, new.tolist(), strict=True):
        world = turned(world, f"models.{model.name}.{own}", round(min(max(auroc, 0.5), 1.0), _ROUND))
    return world


def _or(own: float | None, common: float) -> float:
    return common if own is None else own


def _separations(aurocs: list[float]) -> Doubles:
    """Return the distances of two normals of one variance with these AUROCs: Phi(d / sqrt 2) each (Green & Swets 1966)."""
    return np.array([_PERFECT if a >= 1 else np.sqrt(2) * _NORMAL.inv_cdf(a) for a in aurocs])


def _aurocs(apart: Doubles) -> Doubles:
    return np.array([_NORMAL.cdf(each / np.sqrt(2)) for each in apart])


def ground(world: World) -> World:
    """Return what the whole diagram of a world depends on: equal grounds, equal diagrams."""
    return replace(placed(world, ex_ante=MEASURED_AT, post_hoc=MEASURED_AT), n=DRAW, name="", sources=(), notes=())


def phase(world: World, *, progress: Progress | None = None, pool: Pool | None = None) -> Iterator[Phase]:
    """Yield the diagram of a world, first coarse, then finer; what was measured is kept. progress(done, total) after each simulation.

    pool : where the simulations run, None = this process; all give the same to the bit.
    """
    run, tell = (pool or Here()).run, progress or (lambda _done, _total: None)
    known: dict[tuple[int, float], tuple[Doubles, Doubles]] = {}
    total = STEPS[-1][0] * STEPS[-1][1]
    for places, draws in STEPS:
        aurocs = np.round(np.linspace(0.5, 1.0, places), _ROUND)
        new = [(draw, auroc) for draw in range(draws) for auroc in aurocs.tolist() if (draw, auroc) not in known]
        done = run(_simulated, new, shared=world, progress=partial(_told, tell, len(known), total))
        known |= zip(new, done.results, strict=True)
        router, cascade = (np.array([[known[d, a][k] for a in aurocs.tolist()] for d in range(draws)]) for k in range(2))
        yield Phase(auroc=aurocs, router=router, cascade=cascade, done=(places, draws) == STEPS[-1])


def _told(tell: Progress, before: int, total: int, done: int, _: int) -> None:
    tell(before + done, total)


def _simulated(world: World, at: tuple[int, float]) -> tuple[Doubles, Doubles]:
    """Measure one draw at one place: a piece of work."""
    draw, auroc = at
    return measured(world, auroc, draw)


def measured(world: World, auroc: float, draw: int) -> tuple[Doubles, Doubles]:
    """Return (B,) quality at `SHARES` of router and cascade in one draw of the world with both predictabilities at this AUROC."""
    at = replace(placed(ground(world), ex_ante=auroc, post_hoc=auroc), seed=(world.seed + draw) % 2**32)
    study = studied(at)
    parts = study.parts[0]
    router = envelope(find("foreseen-router")().fit(parts.fit), parts)
    options: dict[str, Any] = {"chain": hull_models(study), "signal": "confidence"}
    cascade = envelope(find("margin-cascade")(**options).fit(parts.fit), parts)
    costs = study.tested.mean("cost_usd")
    budgets = SHARES * costs[study.best]
    out = budgets < min(costs.values()) * (1 - 1e-9)
    return np.where(out, np.nan, router.at(budgets)), np.where(out, np.nan, cascade.at(budgets))
