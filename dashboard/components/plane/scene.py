"""What the stage draws, as plain frozen values: the scene (large, sent once) and the nudge (tiny, sent every run).

Quality is always in [0, 1]; x has the axis's unit. NaN is "not known" and is shown as such, never as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dashboard.words.stage import WORDS
from data.problems import refuse
from strategies.frontiers.hull import hull

Floats: TypeAlias = NDArray[np.float32]
Unit: TypeAlias = Literal["usd_per_1k", "share", "relative", "s"]
Kind: TypeAlias = Literal["model", "baseline", "oracle"]

MOST_SETTINGS = 8192
MOST_BREAKPOINTS = 512
FEW_QUERIES = 100
MOST_LABELS = 12
UNKNOWN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The x axis. log : start in log scale (only if all x > 0); assumed : the prices are typed in, not recorded."""

    label: str
    unit: Unit
    log: bool
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One point with its 95 % interval; NaN where unknown. rank : 0 cheapest .. 1 dearest; n : queries it rests on."""

    id: str
    name: str
    kind: Kind
    x: float
    y: float
    x_low: float = UNKNOWN
    x_high: float = UNKNOWN
    y_low: float = UNKNOWN
    y_high: float = UNKNOWN
    rank: float = UNKNOWN
    n: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Intervals on test at B <= 512 settings, each (B,) float32, interpolated in between.

    setting : ascending; gap : y minus the best single model's, paired, with its own interval; latency_p95_s in seconds.
    """

    setting: Floats
    x_low: Floats
    x_high: Floats
    y_low: Floats
    y_high: Floats
    latency_p95_s: Floats
    gap: Floats
    gap_low: Floats
    gap_high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class KnobCurve:
    """One knob moved along its range, the others held. K <= 8192 settings, M' models in the strategy's flow.

    setting : (K,) ascending; value : the current one, in the unit of setting; scale : how its slider moves.
    pick_x, pick_y : (K,) the calibrate curve, on which settings are chosen; x, y : (K,) the test curve, which is shown.
    latency_s : (K,) mean on test, or NaN; answered, called : (M', K) share of test queries answered by, and sent to, each.
    higher_means : what turning it up does, e.g. "escalates more often: dearer, usually better".
    """

    knob: str
    label: str
    help: str
    unit: str
    scale: Literal["linear", "log"]
    value: float
    setting: Floats
    pick_x: Floats
    pick_y: Floats
    x: Floats
    y: Floats
    latency_s: Floats
    answered: Floats
    called: Floats
    higher_means: str
    bands: Bands | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One strategy in play. colour : index into the palette; flow : ids of the models in the order called.

    point_only : its one point, for a strategy without a knob (or too few queries for curves); bound : an oracle.
    """

    slot: str
    id: str
    title: str
    colour: int
    flow: tuple[str, ...]
    curves: tuple[KnobCurve, ...] = ()
    selected_knob: int = 0
    bound: bool = False
    point_only: Dot | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that the stage needs to follow a drag without asking Python.

    key : content key, two scenes with one key are the same; zero_x, zero_y : (V,) hull of the single models, x ascending;
    best : dot id of the best single model, strongest_x its x; monthly : queries a month, 0 = not set;
    words : template sentences (`dashboard.words.stage`), of which a page may replace some; badge : what data this is.
    """

    key: str
    axis: Axis
    quality_label: str
    n_test: int
    n_calibrate: int
    dots: tuple[Dot, ...]
    zero_x: Floats
    zero_y: Floats
    strategies: tuple[Strategy, ...]
    best: str
    strongest_x: float
    monthly: float = 0.0
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    badge: str = ""

    def __post_init__(self) -> None:
        """Complete the words with the standard ones."""
        object.__setattr__(self, "words", {**WORDS, **self.words})

    def dot(self, name: str) -> Dot | None:
        """Return the dot with this id."""
        return next((dot for dot in self.dots if dot.id == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Exact figures at the current setting on test, after release; NaN where unknown."""

    x: float = UNKNOWN
    y: float = UNKNOWN
    x_low: float = UNKNOWN
    x_high: float = UNKNOWN
    y_low: float = UNKNOWN
    y_high: float = UNKNOWN
    latency_s: float = UNKNOWN
    latency_p95_s: float = UNKNOWN
    gap: float = UNKNOWN
    gap_low: float = UNKNOWN
    gap_high: float = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One warning as it is shown: its id, how grave (serious, caution, note), the sign and the word of that, a sentence, what to do."""

    id: str
    severity: str
    sign: str
    word: str
    text: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """What changes from run to run. slot : the selected strategy; settings : {slot: {knob: value}}.

    exact : figures of the selected strategy at exactly its settings, or None while they are not computed;
    what_changed : one sentence on the last move; knob : the knob in hand, "" leaves it to the strategy's own.
    floor, budget : lines drawn in from the axes, NaN leaves them where the reader put them.
    cautions : what has to be said of these figures, the gravest first; away : how many were dismissed.
    """

    slot: str
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    exact: Exact | None = None
    what_changed: str = ""
    knob: str = ""
    floor: float = UNKNOWN
    budget: float = UNKNOWN
    cautions: tuple[Told, ...] = ()
    away: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What the reader did: moved a knob (set), picked a strategy (select), asked for the queries behind a dot (open), a line, a scale.

    dismiss : put the warning `target` away, "" = bring them all back.
    """

    kind: Literal["set", "select", "open", "floor", "budget", "scale", "dismiss"]
    slot: str = ""
    knob: str = ""
    value: float = UNKNOWN
    target: str = ""
    serial: int = 0


def check(scene: Scene) -> Scene:
    """Return the scene; ProblemError if arrays that belong together differ in length, or there are too many settings."""
    for strategy in scene.strategies:
        for curve in strategy.curves:
            _check_curve(strategy, curve)
    if scene.zero_x.shape != scene.zero_y.shape:
        raise refuse("the hull of the single models has more costs than qualities.", "Give one x and one y a vertex.")
    return scene


def _check_curve(strategy: Strategy, curve: KnobCurve) -> None:
    count = len(curve.setting)
    where = f"{strategy.title}, {curve.label}"
    if not 1 <= count <= MOST_SETTINGS:
        raise refuse(f"{where}: {count:,} settings cannot be drawn.", f"Thin them to 1 to {MOST_SETTINGS:,}.")
    flat = (curve.pick_x, curve.pick_y, curve.x, curve.y, curve.latency_s)
    shares = (curve.answered, curve.called)
    if any(a.shape != (count,) for a in flat) or any(a.shape != (len(strategy.flow), count) for a in shares):
        raise refuse(f"{where}: its arrays differ in length.", "Give one value a setting, and one row of shares a model.")
    if not np.all(np.isfinite(curve.setting)):
        raise refuse(f"{where}: a setting is not a finite number.", "Leave out settings that a slider cannot reach.")
    if np.any(np.diff(curve.setting) < 0):
        raise refuse(f"{where}: its settings are not ascending.", "Sort them, and everything with them.")
    if curve.bands is not None and len(curve.bands.setting) > MOST_BREAKPOINTS:
        raise refuse(f"{where}: {len(curve.bands.setting):,} breakpoints are too many.", f"Give {MOST_BREAKPOINTS} at most.")


def points(scene: Scene) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield (x, y) arrays of everything that must fit into the plane: dots, test and calibrate curves, single points."""
    yield _xy([dot.x for dot in scene.dots], [dot.y for dot in scene.dots])
    for strategy in scene.strategies:
        if strategy.point_only is not None:
            yield _xy([strategy.point_only.x], [strategy.point_only.y])
        for curve in strategy.curves:
            yield _xy(curve.x, curve.y)
            yield _xy(curve.pick_x, curve.pick_y)


def envelope(scene: Scene) -> tuple[Floats, Floats]:
    """Return (x, y), the joint upper concave hull on test of everything that can be deployed: no oracle, no bound."""
    real = [dot for dot in scene.dots if dot.kind != "oracle"]
    parts = [_xy([dot.x for dot in real], [dot.y for dot in real])]
    for strategy in scene.strategies:
        if strategy.bound:
            continue
        parts += [_xy(curve.x, curve.y) for curve in strategy.curves]
        if strategy.point_only is not None:
            parts.append(_xy([strategy.point_only.x], [strategy.point_only.y]))
    x, y = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    at = hull(x, y)
    return x[at].astype(np.float32), y[at].astype(np.float32)


def label_order(scene: Scene) -> tuple[str, ...]:
    """Return the ids of the dots that get a label, most important first; at most 12, the others are named on hover.

    Oracle and baselines, the best model, the extremes, the hull's vertices, the selected strategies' flow, then by quality.
    """
    known = [dot for dot in scene.dots if math.isfinite(dot.x) and math.isfinite(dot.y)]
    by_x, by_y = sorted(known, key=lambda d: d.x), sorted(known, key=lambda d: d.y)
    vertices = {(float(x), float(y)) for x, y in zip(scene.zero_x, scene.zero_y, strict=True)}
    on_hull = [d.id for d in by_x if (float(np.float32(d.x)), float(np.float32(d.y))) in vertices]
    wanted = [d.id for d in known if d.kind == "oracle"]
    wanted += [scene.best, *(model for strategy in scene.strategies for model in strategy.flow[:4])]
    wanted += [d.id for d in (*by_x[:1], *by_x[-1:], *by_y[-1:])] + on_hull
    wanted += [d.id for d in known if d.kind == "baseline"]
    if len(known) <= MOST_LABELS:
        wanted += [d.id for d in reversed(by_y)]
    drawn = {d.id for d in known}
    return tuple(name for name in dict.fromkeys(wanted) if name in drawn)[:MOST_LABELS]


def _xy(x: object, y: object) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
