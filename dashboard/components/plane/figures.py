"""Numbers and the finding in words: the Python twin of numbers.js and finding.js (a browser test holds the two together)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from dashboard.charts.figures import SHORTEST_S, rounded
from dashboard.components.plane.scene import UNKNOWN, Axis, Bands, Exact, Floats, KnobCurve, Nudge, Scene, Strategy
from strategies.frontiers.hull import hull_at

THIN, MINUS = "\u202f", "\u2212"
known = math.isfinite


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, thin spaces in thousands and a real minus."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value)) + 1e-12))
    text = f"{value:,.{min(places, 12)}f}" if places else f"{float(f'{value:.{digits}g}'):,.0f}"
    return text.replace(",", THIN).replace("-", MINUS)


def percent(value: float, digits: int = 1) -> str:
    """Return a share as a percentage: 0.812 is "81.2 %"."""
    return f"{rounded(100 * value, digits)}{THIN}%".replace("-", MINUS)


def signed_points(value: float, digits: int = 1) -> str:
    """Return a difference of shares in percentage points, always with its sign."""
    return ("+" if value >= 0 else MINUS) + f"{abs(100 * value):.{digits}f}"


def money(value: float) -> str:
    """Return dollars with three significant digits."""
    return (MINUS if value < 0 else "") + "$" + significant(abs(value))


def seconds(value: float) -> str:
    """Return a time: ms under one second, else s."""
    if 0 < value < SHORTEST_S:
        return f"< 1{THIN}ms"
    return f"{1000 * value:.0f}{THIN}ms" if value < 1 else f"{value:.{2 if value < 10 else 1}f}{THIN}s"


def ratio(value: float) -> str:
    """Return a multiple of something: "31.0 % of" it, from 2 on "3.10 times" it."""
    return f"{significant(100 * value)}{THIN}% of" if value < 2 else f"{significant(value)}{THIN}times"


def change(value: float) -> str:
    """Return a relative change with its sign: -0.69 is "−69 %"."""
    return ("+" if value >= 0 else MINUS) + significant(abs(100 * value), 1 if abs(value) < 0.1 else 2) + f"{THIN}%"


def on_x(axis: Axis, value: float) -> str:
    """Return a value of the x axis in its unit; "" where unknown."""
    if not known(value):
        return ""
    writers = {"usd_per_1k": money, "share": percent, "s": seconds}
    return writers.get(axis.unit, significant)(value)


def short(name: str, most: int = 24) -> str:
    """Return a name that fits: one that is too long loses its vendor first, then its end."""
    tail = name.rsplit("/", 1)[-1] if len(name) > most else name
    return f"{tail[: most - 1]}…" if len(tail) > most else tail


def fill(words: Mapping[str, str], name: str, **values: str) -> str:
    """Return the template `name` filled in; a placeholder without a value is empty."""

    class Lenient(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return ""

    return words.get(name, name).format_map(Lenient(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Exact):
    """What the cards show at the current setting on test; zero : blind mixing's quality at this x; random : same shares dealt blindly."""

    zero: float = UNKNOWN
    random_x: float = UNKNOWN
    random_y: float = UNKNOWN

    @property
    def half(self) -> float:
        """Half the width of the quality's interval."""
        return (self.y_high - self.y_low) / 2

    @property
    def digits(self) -> int:
        """Decimals of a percentage: two where the interval is narrower than 0.5 points."""
        return 2 if known(self.half) and self.half < 0.005 else 1


def selection(scene: Scene, nudge: Nudge) -> tuple[Strategy | None, KnobCurve | None, int]:
    """Return the selected strategy, the knob in hand, and the index of its setting."""
    if not scene.strategies:
        return None, None, 0
    strategy = next((s for s in scene.strategies if s.slot == nudge.slot), scene.strategies[0])
    curve, at = current(strategy, nudge)
    return strategy, curve, at


def current(strategy: Strategy, nudge: Nudge) -> tuple[KnobCurve | None, int]:
    """Return a strategy's knob in hand and the index of its setting."""
    if not strategy.curves:
        return None, 0
    named = [c for c in strategy.curves if strategy.slot == nudge.slot and c.knob == nudge.knob]
    curve = named[0] if named else strategy.curves[min(strategy.selected_knob, len(strategy.curves) - 1)]
    return curve, index_of(curve.setting, nudge.settings.get(strategy.slot, {}).get(curve.knob, curve.value))


def index_of(setting: Floats, value: float) -> int:
    """Return the first setting that is not below the value: for a cut "score >= knob" exactly the same policy."""
    if not known(value):
        return len(setting) // 2
    slack = 1e-6 * max(abs(float(setting[-1] - setting[0])), 1e-9)
    return min(len(setting) - 1, int(np.searchsorted(setting.astype(np.float64), value - slack)))


def at_point(scene: Scene, nudge: Nudge) -> Figures | None:
    """Return the figures of the selected strategy at its setting, or None without a strategy."""
    strategy, curve, k = selection(scene, nudge)
    if strategy is None:
        return None
    given = _given(strategy, curve, k, nudge)
    best = scene.dot(scene.best)
    if not known(given["gap"]):
        given["gap"] = given["y"] - best.y if best else UNKNOWN
    zero = float(hull_at(given["x"], scene.zero_x, scene.zero_y)) if known(given["x"]) and len(scene.zero_x) else UNKNOWN
    random_x, random_y = _at_random(scene, strategy, curve, k) if curve else (UNKNOWN, UNKNOWN)
    return Figures(**given, zero=zero, random_x=random_x, random_y=random_y)


def _given(strategy: Strategy, curve: KnobCurve | None, k: int, nudge: Nudge) -> dict[str, float]:
    names = [f.name for f in fields(Exact)]
    out = dict.fromkeys(names, UNKNOWN)
    if curve is None:
        point = strategy.point_only
        out |= {name: float(getattr(point, name)) for name in ("x", "y", "x_low", "x_high", "y_low", "y_high")} if point else {}
    else:
        out |= {"x": float(curve.x[k]), "y": float(curve.y[k]), "latency_s": float(curve.latency_s[k])}
        out |= _interpolated(curve.bands, float(curve.setting[k])) if curve.bands is not None and len(curve.bands.setting) else {}
    if nudge.exact is not None and nudge.slot == strategy.slot:
        out |= {name: value for name in names if known(value := getattr(nudge.exact, name))}
    return out


def _interpolated(bands: Bands, setting: float) -> dict[str, float]:
    names = [f.name for f in fields(Bands) if f.name != "setting"]
    return {name: float(np.interp(setting, bands.setting, getattr(bands, name))) for name in names}


def _at_random(scene: Scene, strategy: Strategy, curve: KnobCurve, k: int) -> tuple[float, float]:
    """Return (x, y) of the same calls and the same answers, dealt to queries at random: closed form over the models' means."""
    x = y = 0.0
    for row, model in enumerate(strategy.flow):
        dot = scene.dot(model)
        x += float(curve.called[row, k]) * (dot.x if dot else UNKNOWN) if curve.called[row, k] > 0 else 0.0
        y += float(curve.answered[row, k]) * (dot.y if dot else UNKNOWN) if curve.answered[row, k] > 0 else 0.0
    return x, y


def strong_name(scene: Scene, strategy: Strategy | None) -> str:
    """Return the name of the model that a strategy ends at, else of the best single model."""
    dot = scene.dot(strategy.flow[-1] if strategy and strategy.flow else scene.best)
    return dot.name if dot else (strategy.flow[-1] if strategy and strategy.flow else "")


def finding(scene: Scene, nudge: Nudge) -> str:
    """Return the sentence above the plane for the selected strategy."""
    strategy, _, _ = selection(scene, nudge)
    figures, best, words = at_point(scene, nudge), scene.dot(scene.best), scene.words
    tail = fill(words, "finding.n", n=f"{scene.n_test:,}".replace(",", THIN))
    if strategy is None or figures is None:
        return (fill(words, "finding.single", best=best.name, quality=percent(best.y)) if best else words["finding.empty"]) + tail
    case, d = _case(figures, known_best=best is not None), figures.digits
    said = fill(
        words,
        f"finding.{case}",
        strategy=strategy.title,
        best=best.name if best else "",
        price=_price(scene, figures, strong_name(scene, strategy)),
        quality=percent(figures.y, d),
        zero=percent(figures.zero, d),
        gap=f"{100 * figures.gap:.{d}f}" if case in {"beats", "above"} else signed_points(figures.gap, d),
        low=signed_points(figures.gap_low, d),
        high=signed_points(figures.gap_high, d),
        keeps=percent(figures.y / best.y) if best and best.y else "",
        half=f"{100 * figures.half:.{d}f}",
        budget=words[f"budget.{scene.axis.unit}"],
    )
    return (fill(words, "finding.bound", finding=said) if strategy.bound else said) + tail


def _case(f: Figures, *, known_best: bool) -> str:
    if not known(f.y):
        return "unknown"
    if known(f.zero) and f.y < f.zero - 1e-4:
        return "nogain" if f.y_high >= f.zero else "below"
    if f.gap_low > 0:
        return "beats"
    if not known(f.gap_low) and f.gap > 0:
        return "above"
    if f.gap_low <= 0 <= f.gap_high:
        return "level"
    return "keeps" if known_best else "unknown"


def _price(scene: Scene, f: Figures, strong: str) -> str:
    words, best = scene.words, scene.dot(scene.best)
    if scene.axis.unit == "share" and known(f.x):
        return fill(words, "price.share", x=on_x(scene.axis, f.x), strong=strong)
    if not known(f.x) or not known(scene.strongest_x):
        return words["price.unknown_s" if scene.axis.unit == "s" else "price.unknown"]
    if scene.strongest_x == 0:
        return fill(words, "price.free", best=best.name if best else "")
    return fill(words, f"price.{scene.axis.unit}", share=ratio(f.x / scene.strongest_x))
