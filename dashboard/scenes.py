"""From a study and the strategies in play to what the plane draws. Pure: no streamlit, no session."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dashboard import compute, play
from dashboard.components.plane.scene import Axis, Bands, Dot, Exact, KnobCurve, Scene, Strategy
from dashboard.components.trace.amounts import grouped
from dashboard.words import scene as words
from dashboard.words import tradeoffs as copy
from strategies.baselines.oracle import Oracle
from strategies.baselines.uniform_random import UniformRandom
from strategies.blend import Blend
from strategies.engines.loop import replay
from strategies.engines.run import exact_mean
from strategies.frontiers.curve import Frontier
from strategies.frontiers.hull import hull
from strategies.knobs import setting
from strategies.metrics.outcome import latency_quantile
from strategies.study.curves import Band, Fitted, sweepable
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import interval, intervals_of

NAN = math.nan
PER_1K = 1000.0
_WIDE = 20  # a wider range of costs than this has a log axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One strategy in play with its place in the picture; `first` is the fit at its tuned settings."""

    letter: str
    fit: Fitted
    first: Fitted
    colour: int


def axes(study: Study) -> list[str]:
    """Return the x axes that this data has: cost always, latency where it was recorded."""
    return ["cost", "latency"] if all(not math.isnan(v) for v in study.table.mean("latency_s").values()) else ["cost"]


def axis_of(study: Study, name: str) -> Axis:
    """Return the x axis in words and units."""
    if name == "latency":
        return Axis(label=words.AXIS_LATENCY, unit="s", log=False)
    table = study.table
    if table.cost_unit == "share":
        return Axis(label=words.AXIS_SHARE.format(model=table.cards[-1].short), unit="share", log=False)
    costs = [c for c in table.mean("cost_usd").values() if c > 0]
    log = bool(costs) and max(costs) > _WIDE * min(costs)
    if table.cost_unit == "relative":
        return Axis(label=words.AXIS_RELATIVE, unit="relative", log=log, assumed=True)
    return Axis(label=words.AXIS_COST, unit="usd_per_1k", log=log, assumed=study.assumed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the picture is looked at: x axis and its scale, strategy and knob in hand, queries a month."""

    axis: str
    scale: str
    selected: str
    knob: str
    monthly: float


def scene_key(study: Study, placed: Sequence[Placed], look: Look) -> str:
    """Return what the picture depends on. The setting of the knob in hand is not part of it: it travels in the nudge."""
    drawn = [f"{p.letter}:{compute.identity(p.fit)}:{[compute.held(p.fit, name) for name in sweepable(p.fit.policy)]!r}" for p in placed]
    return "|".join([study.key, repr(look), repr(study.left_out), *drawn])


def scene(study: Study, placed: Sequence[Placed], look: Look) -> Scene:
    """Return the whole picture; curves are left out where fewer than 100 queries were tested."""
    x = _X(study, look.axis)
    models = [_model_dot(study, m, x) for m in range(len(study.pool))]
    mx, my = np.array([d.x for d in models]), np.array([d.y for d in models])
    vertices = hull(mx, my)
    return Scene(
        key=scene_key(study, placed, look),
        axis=replace(axis_of(study, look.axis), log=look.scale == "log") if look.scale else axis_of(study, look.axis),
        quality_label=words.AXIS_QUALITY,
        n_test=len(study.rows),
        n_calibrate=len(study.table) if study.crossed else len(study.parts[0].calibrate),
        dots=(*models, *_baselines(study, x), *_left_out(study, look.axis)),
        zero_x=mx[vertices].astype(np.float32),
        zero_y=my[vertices].astype(np.float32),
        strategies=tuple(_strategy(study, p, x, selected=p.letter == look.selected, knob=look.knob) for p in placed),
        best=study.best,
        strongest_x=models[study.pool.index(study.best)].x,
        monthly=look.monthly,
        badge="",  # the page's header has it
    )


class _X:
    """What stands on the x axis: cost (per 1,000 queries in USD) or latency."""

    def __init__(self, study: Study, axis: str) -> None:
        self.field = "latency" if axis == "latency" else "cost"
        self.column = "latency_s" if axis == "latency" else "cost_usd"
        self.scale = PER_1K if axis != "latency" and study.table.cost_unit == "USD" else 1.0

    def of(self, curve: Frontier) -> NDArray[np.float32]:
        """Return (K,) x of a curve."""
        return ((curve.latency_s if self.field == "latency" else curve.cost_usd) * self.scale).astype(np.float32)

    def band(self, band: Band) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (B,) ends of the x interval."""
        low, high = (band.cost_low, band.cost_high) if self.field == "cost" else (band.latency_low, band.latency_high)
        return (low * self.scale).astype(np.float32), (high * self.scale).astype(np.float32)


def _model_dot(study: Study, m: int, x: _X) -> Dot:
    tested = study.tested
    q, c = (interval(values, strata=study.strata) for values in (tested.quality(m), tested.column(x.column, m)))
    rank = m / max(len(study.pool) - 1, 1)
    return Dot(
        id=study.pool[m], name=tested.cards[m].short, kind="model", x=c.mean * x.scale, y=q.mean, x_low=c.low * x.scale,
        x_high=c.high * x.scale, y_low=q.low, y_high=q.high, rank=rank, n=len(tested),
    )  # fmt: skip


def _baselines(study: Study, x: _X) -> list[Dot]:
    tested = study.tested
    oracle = replay(Oracle(), tested)
    columns = oracle.quality, oracle.cost_usd if x.field == "cost" else oracle.latency_s
    q, c = (interval(values, strata=study.strata) for values in columns)
    blind = UniformRandom().expected(tested)
    return [
        Dot(
            id="oracle", name=words.ORACLE, kind="oracle", x=c.mean * x.scale, y=q.mean, x_low=c.low * x.scale, x_high=c.high * x.scale,
            y_low=q.low, y_high=q.high, rank=NAN, n=len(tested), note=words.ORACLE_NOTE,
        ),
        Dot(
            id="uniform-random", name=words.RANDOM, kind="baseline", x=(blind.cost_usd if x.field == "cost" else blind.latency_s) * x.scale,
            y=blind.quality, x_low=NAN, x_high=NAN, y_low=NAN, y_high=NAN, rank=NAN, n=len(tested), note=words.RANDOM_NOTE,
        ),
    ]  # fmt: skip


def _left_out(study: Study, axis: str) -> list[Dot]:
    """Models that were seen on part of the queries only: drawn on their own n, and saying so."""
    if study.table.cost_unit != "USD" or axis != "cost":
        return []
    dots = []
    for out in study.left_out:
        quality, cost = study.whole.quality(out.model), study.whole.cost_usd(out.model)
        known = ~np.isnan(quality) & ~np.isnan(cost)
        if out.reason == "not chosen" or not known.any():
            continue
        q, c = interval(quality[known]), interval(cost[known])
        count = int(known.sum())
        dots.append(
            Dot(
                id=out.model, name=study.whole.cards[study.whole.index(out.model)].short, kind="baseline", x=c.mean * PER_1K, y=q.mean,
                x_low=c.low * PER_1K, x_high=c.high * PER_1K, y_low=q.low, y_high=q.high, rank=NAN, n=count,
                note=words.PARTLY_SEEN.format(n=grouped(count)),
            )
        )  # fmt: skip
    return dots


def _strategy(study: Study, placed: Placed, x: _X, *, selected: bool, knob: str) -> Strategy:
    fit = placed.fit
    names = sweepable(fit.policy)
    hand = compute.knob_in_hand(fit, knob if selected else "")
    drawn = names if selected else tuple(name for name in names if name == hand)
    chosen = drawn.index(hand) if hand else 0
    curves = (
        tuple(_curve(study, placed, name, x, banded=not selected or i == chosen) for i, name in enumerate(drawn)) if study.drawable else ()
    )
    point = None if curves else _point(study, fit, x)
    return Strategy(
        slot=placed.letter, id=fit.policy.card.id, title=fit.policy.card.title, colour=placed.colour, flow=_flow(study, fit), curves=curves,
        selected_knob=chosen if selected and curves else 0, point_only=point, note=note_of(fit),
        bound=fit.policy.card.bound or fit.policy.card.judged,
    )  # fmt: skip


def note_of(fit: Fitted) -> str:
    """Return what a reader has to know of a fitted policy: its chain and where its confidence comes from."""
    signals = getattr(fit.policy, "signals", None)
    if fit.policy.card.judged:
        return words.JUDGED
    if callable(signals):
        return words.CONFIDENCE.format(signals=", ".join(dict.fromkeys(words.SIGNALS.get(s, s) for s in signals())))
    return ""


def _flow(study: Study, fit: Fitted) -> tuple[str, ...]:
    chain = tuple(getattr(fit.policy, "chain", ()) or getattr(fit.policy, "pair", ()) or ())
    return chain or study.pool


def _curve(study: Study, placed: Placed, name: str, x: _X, *, banded: bool) -> KnobCurve:
    fit = placed.fit
    both = compute.knob_curves(fit, name)
    turn = next(t for t in play.sliders(fit) if t.name == name)
    rows = [study.pool.index(model) for model in _flow(study, fit)]
    return KnobCurve(
        knob=name, label=turn.title, help=turn.knob.help, unit=turn.knob.unit, scale=turn.knob.scale,
        value=setting(placed.first.policy, name), setting=both.shown.setting.astype(np.float32), pick_x=x.of(both.chosen),
        pick_y=both.chosen.quality.astype(np.float32),
        x=x.of(both.shown), y=both.shown.quality.astype(np.float32), latency_s=both.shown.latency_s.astype(np.float32),
        answered=both.shown.answered[rows], called=both.shown.called[rows], higher_means=turn.knob.higher,
        bands=_bands(compute.knob_band(fit, name), x) if banded else None,
    )  # fmt: skip


def _bands(band: Band, x: _X) -> Bands:
    low, high = x.band(band)
    f = np.float32
    return Bands(
        setting=band.setting.astype(f), x_low=low, x_high=high, y_low=band.quality_low.astype(f), y_high=band.quality_high.astype(f),
        latency_p95_s=band.latency_p95_s.astype(f), gap=band.gap.astype(f), gap_low=band.gap_low.astype(f),
        gap_high=band.gap_high.astype(f),
    )  # fmt: skip


def _point(study: Study, fit: Fitted, x: _X) -> Dot:
    values = play.per_query(fit)
    q, c = (interval(values[name], strata=study.strata) for name in ("quality", x.field))
    return Dot(
        id=fit.policy.card.id, name=fit.policy.card.title, kind="baseline", x=c.mean * x.scale, y=q.mean, x_low=c.low * x.scale,
        x_high=c.high * x.scale, y_low=q.low, y_high=q.high, rank=NAN, n=len(study.rows),
    )  # fmt: skip


def exact(study: Study, fit: Fitted, axis: str) -> Exact:
    """Return the cards' exact figures at the current settings: nothing interpolated."""
    x = _X(study, axis)
    values = play.per_query(fit)
    quality, cost, gap = intervals_of(values["quality"], values[x.field], against=study.tested.quality(study.best), strata=study.strata)
    latency = values["latency"]
    # Of a random mixture these are expectations, whose tail is not that of the calls.
    p95 = NAN if isinstance(fit.policy, Blend) or np.isnan(latency).any() else latency_quantile(latency, 0.95)
    return Exact(
        x=cost.mean * x.scale, x_low=cost.low * x.scale, x_high=cost.high * x.scale, y=quality.mean, y_low=quality.low, y_high=quality.high,
        gap=gap.mean, gap_low=gap.low, gap_high=gap.high, latency_s=exact_mean(latency), latency_p95_s=p95,
    )  # fmt: skip


def changed_words(counts: Mapping[str, int] | None) -> str:
    """Return what the last move changed, in words."""
    if counts is None:
        return copy.NO_MOVE
    said = {name: grouped(n) for name, n in counts.items()}
    parts = []
    if counts["earlier"]:
        parts.append(copy.CHANGED_EARLIER.format(**said))
    if counts["longer"]:
        parts.append(copy.CHANGED_LONGER.format(**said))
    if counts["rerouted"]:
        parts.append(copy.CHANGED_REROUTED.format(**said))
    if not parts:
        return copy.CHANGED_NOTHING
    return " ".join([*parts, copy.CHANGED_NET.format(**said)])
