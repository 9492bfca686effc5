"""The stage without a browser: one static SVG for export, and a single HTML file around it.

Same rules as the component (domains, chords bent on a log axis, ring on the test curve, labels that never overlap), fixed size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from dashboard import theme
from dashboard.components.plane import figures as say
from dashboard.components.plane.axes import BOTTOM, LEFT, RIGHT, TOP, Plane, Point, chords, fit, log_ticks, runs, ticks
from dashboard.components.plane.figures import Figures, at_point, current, selection
from dashboard.components.plane.scene import Dot, KnobCurve, Nudge, Scene, Strategy, check, envelope, label_order

WIDTH, HEIGHT = 1080, 660
_GLYPH, _LINE = 6.6, 13.0
_WIDEST = 98


def svg(scene: Scene, nudge: Nudge, mode: str = "light") -> str:
    """Return the stage as one self-contained SVG of 1080 x 660. mode : "light" or "dark". ProblemError for a broken scene."""
    plane, c, f = fit(check(scene)), theme.palette(mode), at_point(scene, nudge)
    layers = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{c.paper}"/>',
        _headline(scene, nudge, c),
        _strategies(scene, nudge, mode),
        _zero(scene, plane, c),
        _grid(scene, plane, c),
        _curves(scene, nudge, plane, mode, c),
        _dots(scene, nudge, plane, mode, c),
        _operating(scene, nudge, plane, mode, f),
        _key(scene, nudge),
        _cards(scene, nudge, c, f),
        _flow(scene, nudge, mode),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
    ink = f"fill:{c.ink}}}.m{{fill:{c.muted}}}.b{{font-weight:600}}"
    style = f"<style>text{{font:12px {theme.FONT};font-variant-numeric:tabular-nums;{ink}</style>"
    title = f"<title>{escape(say.finding(scene, nudge))}</title>"
    return f"{head}>{title}{style}{''.join(layers)}</svg>"


def html(scene: Scene, nudge: Nudge, mode: str = "light") -> str:
    """Return one HTML file with the SVG in it: no script, no request."""
    c, title = theme.palette(mode), escape(say.finding(scene, nudge))
    style = f"body{{margin:0;padding:2rem;background:{c.paper};color:{c.ink}}}svg{{display:block;max-width:100%;height:auto;margin:auto}}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{style}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{svg(scene, nudge, mode)}</body></html>'


def _text(x: float, y: float, words: str, kind: str = "", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" {more}>{escape(words)}</text>'


def _path(line: Sequence[Point], more: str, close: str = "") -> str:
    if not line:
        return ""
    return f'<path d="M{"L".join(f"{x:.1f},{y:.1f}" for x, y in line)}{close}" {more}/>'


def _headline(scene: Scene, nudge: Nudge, c: theme.Palette) -> str:
    lines = [""]
    for word in say.finding(scene, nudge).split(" "):
        if len(lines[-1]) + len(word) > _WIDEST:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    style = f'style="font:600 21px {theme.SERIF};fill:{c.ink}"'
    return "".join(_text(24, 38 + 26 * i, line, more=style) for i, line in enumerate(lines[:2]))


def _strategies(scene: Scene, nudge: Nudge, mode: str) -> str:
    chosen, _, _ = selection(scene, nudge)
    out, x = [], 24.0
    for strategy in scene.strategies:
        colour = theme.strategy_colour(strategy.colour, mode)
        out += [
            f'<rect x="{x:.0f}" y="82" width="14" height="3" fill="{colour}"/>',
            _text(x + 20, 88, strategy.title, "b" if strategy is chosen else "m"),
        ]
        x += 44 + 7.0 * len(strategy.title)
    out.append(_text(WIDTH - 24, 88, scene.badge, "m", 'text-anchor="end"'))
    return "".join(out)


def _grid(scene: Scene, plane: Plane, c: theme.Palette) -> str:
    out = []
    for value in ticks(plane.y0, plane.y1, 7):
        y = plane.y(value)
        out.append(f'<path d="M{LEFT},{y:.1f}H{RIGHT}" stroke="{c.line}" stroke-width="0.75"/>')
        out.append(_text(LEFT - 8, y + 4, say.percent(value, 0), "m", 'text-anchor="end"'))
    for value in log_ticks(plane.x0, plane.x1, 10) if plane.log else ticks(plane.x0, plane.x1, 8):
        x = plane.x(value)
        out.append(f'<path d="M{x:.1f},{BOTTOM}v5" stroke="{c.faint}"/>')
        out.append(_text(x, BOTTOM + 18, _tick(scene, value), "m", 'text-anchor="middle"'))
    title = say.fill(scene.words, f"axis.{scene.axis.unit}", label=scene.axis.label)
    assumed = f" ({scene.words['card.assumed']})" if scene.axis.assumed else ""
    out.append(f'<path d="M{LEFT},{BOTTOM}H{RIGHT}" stroke="{c.faint}"/>')
    out.append(_text(RIGHT, BOTTOM + 38, f"{title}{assumed} →", "m", 'text-anchor="end"'))
    out.append(_text(24, TOP - 6, f"↑ {scene.quality_label}", "m"))
    return "".join(out)


def _tick(scene: Scene, value: float) -> str:
    plain = f"{round(100 * value if scene.axis.unit == 'share' else value, 9):g}"
    return f"${plain}" if scene.axis.unit == "usd_per_1k" else plain


def _zero(scene: Scene, plane: Plane, c: theme.Palette) -> str:
    line = chords(plane, [float(v) for v in scene.zero_x], [float(v) for v in scene.zero_y])
    hull_x, hull_y = envelope(scene)
    joint = chords(plane, [float(v) for v in hull_x], [float(v) for v in hull_y])
    out = _path(joint, f'fill="none" stroke="{c.ink}" stroke-opacity="0.08" stroke-width="5"')
    if not line:
        return out
    close = f"H{RIGHT}V{BOTTOM}H{line[0][0]:.1f}Z"
    dashed = f'fill="none" stroke="{c.muted}" stroke-width="1.25" stroke-dasharray="5 4"'
    return _path(line, f'fill="{c.ink}" fill-opacity="0.035"', close) + out + _path([*line, (RIGHT, line[-1][1])], dashed)


def _curves(scene: Scene, nudge: Nudge, plane: Plane, mode: str, c: theme.Palette) -> str:
    chosen, _, _ = selection(scene, nudge)
    out = []
    for strategy in sorted(scene.strategies, key=lambda s: s is chosen):
        curve, k = current(strategy, nudge)
        colour, mine = theme.strategy_colour(strategy.colour, mode), strategy is chosen
        if curve is not None:
            out.append(_curve(plane, curve, colour, mine=mine, bound=strategy.bound))
        out.append(_bar(plane, strategy.point_only, colour))
        here = (curve.x[k], curve.y[k]) if curve is not None else _single(strategy)
        if not mine and all(math.isfinite(v) for v in here):
            out.append(
                f'<circle cx="{plane.x(float(here[0])):.1f}" cy="{plane.y(float(here[1])):.1f}" r="6" '
                f'fill="{c.paper}" stroke="{colour}" stroke-width="2"/>'
            )
    return "".join(out)


def _bar(plane: Plane, dot: Dot | None, colour: str) -> str:
    if dot is None or not all(math.isfinite(v) for v in (dot.x, dot.y_low, dot.y_high)):
        return ""
    return f'<path d="M{plane.x(dot.x):.1f},{plane.y(dot.y_low):.1f}V{plane.y(dot.y_high):.1f}" stroke="{colour}" stroke-opacity="0.55"/>'


def _single(strategy: Strategy) -> Point:
    return (strategy.point_only.x, strategy.point_only.y) if strategy.point_only else (math.nan, math.nan)


def _curve(plane: Plane, curve: KnobCurve, colour: str, *, mine: bool, bound: bool) -> str:
    out, bands = "", curve.bands
    if bands is not None and len(bands.setting) > 1:
        xs = np.interp(bands.setting, curve.setting, curve.x)
        both = np.isfinite(bands.y_low) & np.isfinite(bands.y_high)
        up, down = ([at for run in runs(plane, xs[both], side[both]) for at in run] for side in (bands.y_high, bands.y_low))
        out += _path([*up, *reversed(down)], f'fill="{colour}" fill-opacity="{0.16 if mine else 0.04}"', "Z")
    if mine:
        dotted = 'fill="none" stroke-width="1.3" stroke-dasharray="0.1 4" stroke-linecap="round"'
        out += "".join(_path(run, f'{dotted} stroke="{colour}"') for run in runs(plane, curve.pick_x, curve.pick_y))
    dash = ' stroke-dasharray="7 3"' if bound else ""
    weight, full = (2.6, 1) if mine else (1.6, 0.6)
    look = f'fill="none" stroke="{colour}" stroke-linejoin="round" stroke-width="{weight}" stroke-opacity="{full}"{dash}'
    return out + "".join(_path(run, look) for run in runs(plane, curve.x, curve.y))


def _operating(scene: Scene, nudge: Nudge, plane: Plane, mode: str, f: Figures | None) -> str:
    c = theme.palette(mode)
    strategy, curve, k = selection(scene, nudge)
    if strategy is None or f is None or not (math.isfinite(f.x) and math.isfinite(f.y)):
        return ""
    colour, x, y = theme.strategy_colour(strategy.colour, mode), plane.x(f.x), plane.y(f.y)
    out = ""
    if math.isfinite(f.random_x) and math.isfinite(f.random_y):
        at = f"translate({plane.x(f.random_x):.1f},{plane.y(f.random_y):.1f})"
        out += f'<path transform="{at}" d="M0,-7L7,0L0,7L-7,0Z" fill="{c.paper}" stroke="{colour}" stroke-width="1.75"/>'
    if curve is not None and math.isfinite(curve.pick_x[k]) and math.isfinite(curve.pick_y[k]):
        hx, hy = plane.x(float(curve.pick_x[k])), plane.y(float(curve.pick_y[k]))
        out += (
            f'<path d="M{hx:.1f},{hy:.1f}L{x:.1f},{y:.1f}" stroke="{colour}"/><circle cx="{hx:.1f}" cy="{hy:.1f}" r="6" fill="{colour}"/>'
        )
    ring = (
        f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="12" fill="{c.paper}" fill-opacity="0.55" stroke="{colour}" stroke-width="3.5"/>'
    )
    return f'{out}{ring}<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _key(scene: Scene, nudge: Nudge) -> str:
    _, curve, _ = selection(scene, nudge)
    names = [("●", "plane.calibrate"), ("◉", "plane.test"), ("◇", "plane.random")] if curve is not None else []
    names += [("★", "plane.oracle")] if any(dot.kind == "oracle" for dot in scene.dots) else []
    names += [("┄", "plane.zero")] if len(scene.zero_x) else []
    return _text(LEFT, BOTTOM + 56, "     ".join(f"{glyph} {scene.words[name]}" for glyph, name in names), "m", 'xml:space="preserve"')


def _star(x: float, y: float, size: float) -> list[Point]:
    turns = [(size * (0.45 if i % 2 else 1), math.pi * i / 5 - math.pi / 2) for i in range(10)]
    return [(x + r * math.cos(t), y + r * math.sin(t)) for r, t in turns]


def _dots(scene: Scene, nudge: Nudge, plane: Plane, mode: str, c: theme.Palette) -> str:
    drawn = [d for d in scene.dots if math.isfinite(d.x) and math.isfinite(d.y)]
    out, size = [], 4 if len(drawn) > 20 else 5.5
    for dot in drawn:
        x, y, colour = plane.x(dot.x), plane.y(dot.y), theme.model_colour(dot.rank, mode)
        if len(drawn) <= 12 and math.isfinite(dot.y_low) and math.isfinite(dot.y_high):
            out.append(_bar(plane, dot, colour))
        if dot.kind == "oracle":
            out.append(_path(_star(x, y, 9), f'fill="{c.oracle}"', "Z"))
        elif dot.kind == "baseline":
            out.append(
                f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{c.paper}" stroke="{c.muted}" stroke-width="1.5"/>'
            )
        else:
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}" stroke="{c.paper}" stroke-width="1.5"/>')
    return "".join(out) + _labels(scene, nudge, plane, drawn, c)


def _labels(scene: Scene, nudge: Nudge, plane: Plane, drawn: Sequence[Dot], c: theme.Palette) -> str:
    at = {d.id: (plane.x(d.x), plane.y(d.y), say.short(d.name)) for d in drawn}
    busy = [(x, y, 14.0) for x, y, _ in at.values()]
    f = at_point(scene, nudge)
    if f is not None and math.isfinite(f.x) and math.isfinite(f.y):
        busy.append((plane.x(f.x), plane.y(f.y), 25.0))
    for strategy in scene.strategies:
        curve, _ = current(strategy, nudge)
        busy += [(x, y, 2.0) for run in runs(plane, curve.x, curve.y) for x, y in run[::6]] if curve else []
    halo = f'style="paint-order:stroke;stroke:{c.paper};stroke-width:3px"'
    taken: list[tuple[float, float, float, float]] = []
    out = []
    for name in label_order(scene):
        x, y, words = at[name]
        spot = _free_spot(x, y, len(words) * _GLYPH, taken, busy)
        if spot is None:
            continue
        taken.append(spot)
        middle, side = (spot[1] + spot[3]) / 2, spot[0] if spot[0] > x else min(spot[2], x)
        if math.hypot(side - x, middle - y) > 20:
            out.append(f'<path d="M{x:.1f},{y:.1f}L{side:.1f},{middle:.1f}" stroke="{c.faint}" stroke-width="0.75"/>')
        out.append(_text(spot[0] + 2, middle + 4, words, more=halo))
    return "".join(out)


def _free_spot(
    x: float, y: float, wide: float, taken: Sequence[tuple[float, float, float, float]], busy: Sequence[tuple[float, float, float]]
) -> tuple[float, float, float, float] | None:
    """Return the least crowded box (left, top, right, bottom) for a label, or None if every place is taken."""
    best, least = None, 900.0
    for far in (11, 26, 42, 62):
        for dx, dy in ((1, 0), (0.6, -0.8), (0.6, 0.8), (-1, 0), (-0.6, -0.8), (-0.6, 0.8), (0, -1), (0, 1.1)):
            left = x + dx * far - (wide if dx < 0 else wide / 2 if dx == 0 else 0)
            top = y + dy * far - _LINE / 2
            box = (left - 2, top, left + wide + 2, top + _LINE)
            if box[0] < LEFT or box[2] > RIGHT + 60 or box[1] < TOP - 20 or box[3] > BOTTOM:
                continue
            if any(box[0] < b[2] and box[2] > b[0] and box[1] < b[3] and box[3] > b[1] for b in taken):
                continue
            inside = (w for px, py, w in busy if (px, py) != (x, y) and box[0] - 3 < px < box[2] + 3 and box[1] - 3 < py < box[3] + 3)
            cost = sum(inside) + (far / 3 if far > 11 else 0)
            if cost < least:
                best, least = box, cost
    return best


def _cards(scene: Scene, nudge: Nudge, c: theme.Palette, f: Figures | None) -> str:
    if f is None:
        return ""
    x, y, out = RIGHT + 70, TOP + 4.0, [f'<path d="M{RIGHT + 52},{TOP - 10}V{BOTTOM + 30}" stroke="{c.line}"/>']
    for title, big, small in _card_texts(scene, nudge, f):
        out.append(_text(x, y, title, "m"))
        given = big and big != scene.words["card.not_recorded"]
        look = ("b", 'style="font-size:19px"') if given else ("m", "")
        out.append(_text(x, y + 23, big or scene.words["card.not_known"], *look))
        out += [_text(x, y + 41 + 16 * i, line, "m") for i, line in enumerate(small)]
        y += 48 + 16 * len(small) + 8
    return "".join(out)


def _card_texts(scene: Scene, nudge: Nudge, f: Figures) -> list[tuple[str, str, list[str]]]:
    """Return (title, figure or "", lines under it) of each card."""
    words, axis, best, d = scene.words, scene.axis, scene.dot(scene.best), f.digits
    strategy, curve, k = selection(scene, nudge)
    known, strong = math.isfinite, say.short(say.strong_name(scene, strategy), 18)
    half = f" ± {100 * f.half:.{d}f}" if known(f.half) else ""
    vs = [say.fill(words, "card.vs", gap=say.signed_points(f.gap, d), best=say.short(best.name, 18))] if best and known(f.gap) else []
    if known(f.gap_low) and known(f.gap_high):
        vs.append(say.fill(words, "card.range", low=say.signed_points(f.gap_low, d), high=say.signed_points(f.gap_high, d)))
    cards = [(words["card.quality"], f"{say.percent(f.y, d)}{half}" if known(f.y) else "", vs)]
    relative = axis.unit != "share" and known(f.x) and scene.strongest_x > 0 and best is not None
    change = (
        [say.fill(words, "card.vs_x", change=say.change(f.x / scene.strongest_x - 1), best=say.short(best.name, 18))]
        if relative and best
        else []
    )
    title = say.fill(words, f"card.{axis.unit}", strong=strong) + (f" ({words['card.assumed']})" if axis.assumed else "")
    cards.append((title, say.on_x(axis, f.x), change))
    if curve is not None and axis.unit != "share" and len(curve.answered):
        cards.append((say.fill(words, "card.sends", last=strong), say.percent(float(curve.answered[-1, k])), []))
    p95 = [say.fill(words, "card.p95", value=say.seconds(f.latency_p95_s))] if known(f.latency_p95_s) else []
    cards.append((words["card.latency"], say.seconds(f.latency_s) if known(f.latency_s) else words["card.not_recorded"], p95))
    return cards


def _flow(scene: Scene, nudge: Nudge, mode: str) -> str:
    strategy, curve, k = selection(scene, nudge)
    if strategy is None or curve is None:
        note = [scene.words["plane.few"]] if scene.n_test < 100 else []
        return "".join(_text(24, BOTTOM + 80, line, "m") for line in note)
    out, x, wide = [_text(24, BOTTOM + 80, scene.words["flow.title"], "b")], 24.0, WIDTH - 48.0
    for row, model in enumerate(strategy.flow):
        dot, share = scene.dot(model), float(curve.answered[row, k])
        if not share > 0:
            continue
        colour = theme.model_colour(dot.rank if dot else math.nan, mode)
        words = f"{say.short(dot.name if dot else model, 20)} {say.percent(share)}"
        out.append(f'<rect x="{x:.1f}" y="{BOTTOM + 90}" width="{max(0.0, share * wide - 1):.1f}" height="28" fill="{colour}"/>')
        if len(words) * _GLYPH + 16 < share * wide:
            out.append(_text(x + 8, BOTTOM + 108, words, "b", f'style="fill:{theme.ink_on(colour)}"'))
        x += share * wide
    out.append(_text(24, BOTTOM + 142, nudge.what_changed, "m"))
    return "".join(out)
