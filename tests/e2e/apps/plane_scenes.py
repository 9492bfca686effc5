"""Four made-up scenes for the stage: a chain of three, two models without prices, a crowd of 51, and too few queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dashboard.components.plane import Axis, Bands, Dot, KnobCurve, Scene, Strategy
from strategies.frontiers.hull import hull

F = np.float32
Rows = NDArray[np.float64]


class World:
    """n queries on three models with a confidence for the first two; everything follows from the seed."""

    def __init__(self, n: int, seed: int) -> None:
        draw = np.random.default_rng(seed)
        hard = draw.random(n)
        self.right = np.stack([hard + draw.normal(0, 0.09, n) < cap for cap in (0.70, 0.80, 0.86)]).astype(float)
        self.cost = np.stack([draw.gamma(4, c / 4, n) for c in (0.12, 0.62, 4.1)])
        self.seconds = np.stack([draw.gamma(5, s / 5, n) for s in (0.31, 0.66, 1.9)])
        self.score = np.stack([np.clip(1 - hard + draw.normal(0, 0.10, n), 0, 1) for _ in range(2)])


def _run(w: World, t1: float, t2: float) -> tuple[Rows, Rows, Rows, Rows, Rows]:
    """Return per query (n,): quality, cost, latency; and (3, n): answered, called."""
    n = w.cost.shape[1]
    go1 = w.score[0] < t1
    go2 = go1 & (w.score[1] < t2)
    called = np.stack([np.ones(n), go1, go2]).astype(float)
    answered = np.stack([~go1, go1 & ~go2, go2]).astype(float)
    return (answered * w.right).sum(0), (called * w.cost).sum(0), (called * w.seconds).sum(0), answered, called


def _means(w: World, pairs: list[tuple[float, float]]) -> list[NDArray[np.float32]]:
    runs = [_run(w, a, b) for a, b in pairs]
    flat = [np.array([r[i].mean() for r in runs], dtype=F) for i in range(3)]
    return flat + [np.stack([r[i].mean(1) for r in runs], axis=1).astype(F) for i in (3, 4)]


def _bands(w: World, setting: NDArray[np.float32], pairs: list[tuple[float, float]]) -> Bands:
    runs = [_run(w, a, b) for a, b in pairs]
    n = w.cost.shape[1]
    q, c = (np.stack([r[i] for r in runs]) for i in (0, 1))
    gap = q - w.right[2]
    half = [1.96 * a.std(1) / np.sqrt(n) for a in (q, c, gap)]
    p95 = np.array([np.quantile(r[2], 0.95) for r in runs])
    columns = {
        "x_low": c.mean(1) - half[1], "x_high": c.mean(1) + half[1], "y_low": q.mean(1) - half[0], "y_high": q.mean(1) + half[0],
        "latency_p95_s": p95, "gap": gap.mean(1), "gap_low": gap.mean(1) - half[2], "gap_high": gap.mean(1) + half[2],
    }  # fmt: skip
    return Bands(setting=setting, **{name: a.astype(F) for name, a in columns.items()})


def _curve(
    name: tuple[str, str], value: float, pairs_of: Callable[[float], tuple[float, float]], test: World, calibrate: World
) -> KnobCurve:
    setting = np.linspace(0, 1, 401, dtype=F)
    pairs = [pairs_of(float(v)) for v in setting]
    x_pick = _means(calibrate, pairs)
    y, x, seconds, answered, called = _means(test, pairs)
    few = setting[::10]
    return KnobCurve(
        knob=name[0], label=name[1], help="Below it the next model is called.", unit="", scale="linear", value=value,
        setting=setting, pick_x=x_pick[1], pick_y=x_pick[0], x=x, y=y, latency_s=seconds, answered=answered, called=called,
        higher_means="escalates more often: dearer, usually better", bands=_bands(test, few, [pairs_of(float(v)) for v in few]),
    )  # fmt: skip


def _dots(w: World, names: tuple[str, ...]) -> tuple[Dot, ...]:
    n = w.cost.shape[1]
    best = w.right.max(0)
    cheapest = np.where(w.right > 0, w.cost, np.inf).min(0)
    rows = [(name, "model", w.cost[m].mean(), w.right[m], m / (len(names) - 1)) for m, name in enumerate(names)]
    rows.append(("oracle", "oracle", np.where(best > 0, cheapest, w.cost[0]).mean(), best, float("nan")))
    return tuple(
        Dot(
            id=name, name=name, kind=kind, x=float(x), y=float(q.mean()), rank=rank, n=n,  # type: ignore[arg-type]
            y_low=float(q.mean() - 1.96 * q.std() / n**0.5), y_high=float(q.mean() + 1.96 * q.std() / n**0.5),
        )
        for name, kind, x, q, rank in rows
    )  # fmt: skip


def _zero(dots: tuple[Dot, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    models = [d for d in dots if d.kind == "model"]
    x, y = np.array([d.x for d in models]), np.array([d.y for d in models])
    at = hull(x, y)
    return x[at].astype(F), y[at].astype(F)


def chain(settings: dict[str, dict[str, float]]) -> Scene:
    """Three models with prices, three strategies: a cascade with two thresholds, a router, a blind one."""
    test, calibrate, names = World(528, 1), World(500, 2), ("llama-8b", "mixtral-8x7b", "gpt-4")
    dots = _dots(test, names)
    t1, t2 = settings["a"]["t1"], settings["a"]["t2"]
    first = _curve(("t1", "threshold 1"), t1, lambda v: (v, t2), test, calibrate)
    second = _curve(("t2", "threshold 2"), t2, lambda v: (t1, v), test, calibrate)
    skip = _curve(("t", "threshold"), settings["b"]["t"], lambda v: (v, 1.01), test, calibrate)
    test.score = np.random.default_rng(5).random(test.score.shape)
    worse = _curve(("share", "share escalated"), settings["c"]["share"], lambda v: (v, 1.01), test, calibrate)
    strategies = (
        Strategy(slot="a", id="margin-cascade", title="Margin cascade", colour=0, flow=names, curves=(first, second)),
        Strategy(slot="b", id="skip", title="Two-step cascade", colour=1, flow=names, curves=(skip,)),
        Strategy(slot="c", id="blind", title="Blind escalation", colour=2, flow=names, curves=(worse,)),
    )
    zero_x, zero_y = _zero(dots)
    return Scene(
        key=f"chain-{t1}-{t2}", axis=Axis(label="Cost", unit="usd_per_1k", log=True), quality_label="Quality", n_test=528, n_calibrate=500,
        dots=dots, zero_x=zero_x, zero_y=zero_y, strategies=strategies, best="gpt-4", strongest_x=dots[2].x, monthly=100_000,
        badge="recorded · 528 test queries",
    )  # fmt: skip


def pair(settings: dict[str, dict[str, float]]) -> Scene:
    """Two models without prices: the axis is the share sent to the strong one, latency is not recorded."""
    test, calibrate = World(1319, 3), World(1300, 4)
    for w in (test, calibrate):
        w.cost = np.stack([np.zeros_like(w.cost[0]), np.zeros_like(w.cost[0]), np.ones_like(w.cost[0])])
        w.seconds[:] = np.nan
        w.right[1] = w.right[2]
        w.score[1] = 0
    curve = _curve(("t", "threshold"), settings["a"]["t"], lambda v: (v, 1.01), test, calibrate)
    flow, shares = ("mistral-7b", "gpt-4"), slice(0, 3, 2)
    curve = replace(curve, answered=curve.answered[shares], called=curve.called[shares])
    dots = tuple(d for d in _dots(test, ("mistral-7b", "middle", "gpt-4")) if d.id != "middle")
    zero_x, zero_y = _zero(dots)
    routed = Strategy(slot="a", id="mf", title="Matrix factorisation router", colour=0, flow=flow, curves=(curve,))
    return Scene(
        key="pair", axis=Axis(label="Sent to gpt-4", unit="share", log=False), quality_label="Accuracy", n_test=1319, n_calibrate=1300,
        dots=dots, zero_x=zero_x, zero_y=zero_y, strategies=(routed,),
        best="gpt-4", strongest_x=1.0, badge="recorded · 1 319 test queries",
    )  # fmt: skip


def crowd(settings: dict[str, dict[str, float]]) -> Scene:
    """Fifty-one models, one of them tunable."""
    draw, scene = np.random.default_rng(8), chain({"a": {"t1": 0.5, "t2": 0.5}, "b": {"t": settings["a"]["t"]}, "c": {"share": 0.3}})
    x = np.sort(np.exp(draw.uniform(np.log(0.04), np.log(30), 48)))
    y = np.clip(0.42 + 0.075 * np.log(x / 0.04) + draw.normal(0, 0.06, 48), 0.2, 0.93)
    extra = [
        Dot(id=f"m{i}", name=f"vendor-{i % 7}/model-{i}-instruct", kind="model", x=float(a), y=float(b), n=528)
        for i, (a, b) in enumerate(zip(x, y, strict=True))
    ]
    models = sorted([*extra, *scene.dots[:3]], key=lambda d: d.x)
    ranked = [replace(d, rank=i / 50) for i, d in enumerate(models)]
    dots = (*ranked, scene.dots[3])
    best = max(ranked, key=lambda d: d.y)
    zero_x, zero_y = _zero(dots)
    routed = replace(scene.strategies[1], slot="a")
    return replace(scene, key="crowd", dots=dots, zero_x=zero_x, zero_y=zero_y, best=best.id, strongest_x=best.x, strategies=(routed,))


def few(settings: dict[str, dict[str, float]]) -> Scene:
    """Forty queries: single points with their intervals, no curves."""
    w, names = World(40, 6), ("llama-8b", "mixtral-8x7b", "gpt-4")
    dots = _dots(w, names)
    q, c, _, _, _ = _run(w, settings["a"]["t"], 0.4)
    half = 1.96 * q.std() / 40**0.5
    point = Dot(
        id="a",
        name="Margin cascade",
        kind="baseline",
        x=float(c.mean()),
        y=float(q.mean()),
        y_low=float(q.mean() - half),
        y_high=float(q.mean() + half),
        n=40,
    )
    zero_x, zero_y = _zero(dots)
    only = Strategy(slot="a", id="margin-cascade", title="Margin cascade", colour=0, flow=names, point_only=point)
    return Scene(
        key="few", axis=Axis(label="Cost", unit="usd_per_1k", log=True, assumed=True), quality_label="Quality", n_test=40, n_calibrate=20,
        dots=dots, zero_x=zero_x, zero_y=zero_y, strategies=(only,),
        best="gpt-4", strongest_x=dots[2].x, badge="yours · 40 test queries",
    )  # fmt: skip


def odd(settings: dict[str, dict[str, float]]) -> Scene:
    """All that may be missing at once: a free model, one without a price, holes in a curve, no bands, a bound, a single point."""
    scene = chain({"a": {"t1": 0.5, "t2": 0.5}, "b": {"t": settings["a"]["t"]}, "c": {"share": 0.3}})
    free, lost = replace(scene.dots[0], x=0.0), replace(scene.dots[1], id="unpriced", name="unpriced <model>", x=float("nan"))
    dots = (free, scene.dots[1], lost, scene.dots[2], scene.dots[3])
    curve = scene.strategies[1].curves[0]
    holes = np.where((curve.setting > 0.6) & (curve.setting < 0.7), np.nan, curve.y).astype(F)
    nothing = np.full_like(curve.y, np.nan)
    bare = replace(curve, y=holes, latency_s=nothing, bands=None, scale="log", knob="t")
    unknown = replace(curve, x=nothing, pick_x=nothing, bands=None)
    single = Dot(id="d", name="Vote of three", kind="baseline", x=2.4, y=0.88, y_low=0.85, y_high=0.91, n=528)
    strategies = (
        replace(scene.strategies[1], slot="a", curves=(bare,)),
        replace(scene.strategies[0], slot="b", title="Without prices", colour=1, curves=(unknown,)),
        replace(scene.strategies[2], slot="c", title="Oracle cascade", bound=True),
        Strategy(slot="d", id="vote", title="Vote of three", colour=3, flow=(), point_only=single),
    )
    zero_x, zero_y = _zero(dots)
    return replace(scene, key="odd", dots=dots, zero_x=zero_x, zero_y=zero_y, strategies=strategies, badge="simulated · 528 test queries")


DEFAULTS = {"a": {"t": 0.4, "t1": 0.42, "t2": 0.3}, "b": {"t": 0.35}, "c": {"share": 0.4}}
SCENES = {"chain": chain, "pair": pair, "crowd": crowd, "few": few, "odd": odd}
