"""A method's decision rule as a small picture, drawn from what the strategy declares. One SVG element; a pure function."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dashboard import theme
from dashboard.words import methods as words
from strategies.blend import Blend
from strategies.knobs import Arms, Knob, declared
from strategies.protocol import Strategy

Kind: TypeAlias = Literal["choice", "batch", "threshold", "cascade", "panel", "vote", "mixture", "single", "oracle", "online"]
WIDTH, HEIGHT = 280, 92
MOST = 3  # models drawn: more of them say nothing more
MANY = 99  # a choice without an end
_MIDDLE = 42
_FONT = "Source Sans, Source Sans Pro, system-ui, sans-serif"
_SMALL = 10.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is drawn. models : how many; looks : what is looked at before any call; cut, weight : titles of the knobs that decide.

    over : to which of two models, 0 the cheap one, a prompt goes that reaches the threshold; None where it is not declared.
    """

    kind: Kind
    models: int = MOST
    looks: str = ""
    cut: str = ""
    weight: str = ""
    over: int | None = None


def chain_of(kind: type[Strategy]) -> Arms | None:
    """Return the declaration of the models that a person chooses for a strategy, or None."""
    found: list[Arms] = [spec for _, spec in declared(kind, "arms")]
    return max(found, key=lambda spec: spec.most or MANY, default=None)


def shape(kind: type[Strategy]) -> Shape:
    """Return what a strategy declares of its way to decide: bound, mixture, thresholds and their stages, models, family."""
    card, spec = kind.card, chain_of(kind)
    knobs: list[tuple[str, Knob]] = [(field.name, knob) for field, knob in declared(kind, "knob")]
    cuts = {knob.cuts: knob.title or name for name, knob in knobs if knob.cuts is not None}
    most = spec.most if spec else None
    drawn = _kind(kind, set(cuts))
    counts: dict[Kind, int] = {"threshold": 2, "cascade": _stations(cuts, most), "panel": spec.least if spec else MOST}
    return Shape(
        kind=drawn,
        models=counts.get(drawn, _models(most) if drawn not in {"single", "oracle", "vote"} else MOST),
        looks=", ".join(words.LOOKS[need] for need in words.LOOKS if need in card.needs),
        cut=next((title for stage, title in cuts.items() if (stage == 0) == (drawn == "threshold")), ""),
        weight=next((knob.title or name for name, knob in knobs if knob.high == "data"), ""),
        over=getattr(kind, "reached", None),
    )


def _kind(kind: type[Strategy], cuts: set[int | Literal["stage"]]) -> Kind:
    """Return what is drawn: the first that fits."""
    card, spec = kind.card, chain_of(kind)
    after = bool(cuts - {0})
    rules: tuple[tuple[Kind, bool], ...] = (
        ("oracle", card.bound),
        ("mixture", issubclass(kind, Blend)),
        ("single", card.family == "baseline" and not card.needs),
        ("online", card.family == "online"),
        ("threshold", cuts == {0}),
        ("panel", after and "answers" in card.needs and spec is not None and spec.least > 2),
        ("cascade", after or card.family == "cascade"),
        ("vote", card.family == "ensemble"),
        ("batch", card.batch),
    )
    return next((name for name, holds in rules if holds), "choice")


def _models(most: int | None) -> int:
    return min(MOST, most or MOST)


def _stations(cuts: dict[int | Literal["stage"], str], most: int | None) -> int:
    stages = [stage for stage in cuts if isinstance(stage, int)]
    return _models(most if most or "stage" in cuts or not stages else max(stages) + 1)


def said(drawn: Shape) -> str:
    """Return a picture in words, for those who don't see it."""
    cut = words.ALT_CUT.format(cut=drawn.cut) if drawn.cut and drawn.kind != "threshold" else drawn.cut
    weight = words.ALT_WEIGHT.format(weight=drawn.weight) if drawn.weight else ""
    return words.ALT[drawn.kind].format(
        looks=drawn.looks or words.ALT_LOOKS, weight=weight, cut=cut, models=drawn.models, panel=drawn.models - 1
    )


def diagram(kind: type[Strategy], *, mode: str) -> str:
    """Return a strategy's picture as one SVG element with an accessible title."""
    drawn = shape(kind)
    pen = _Pen(mode)
    _DRAW[drawn.kind](pen, drawn)
    label = html.escape(said(drawn), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}"><title>{label}</title>{"".join(pen.lines)}{"".join(pen.marks)}</svg>'
    )


class _Pen:
    """Collects lines, which lie below, and marks."""

    def __init__(self, mode: str) -> None:
        self.mode, self.colours = mode, theme.palette(mode)
        self.lines: list[str] = []
        self.marks: list[str] = []

    def way(self, points: Sequence[tuple[float, float]], *, taken: bool = True, dashed: bool = False) -> None:
        """Draw a way through points; what is not taken recedes."""
        path = " ".join(f"{'L' if i else 'M'}{x:g} {y:g}" for i, (x, y) in enumerate(points))
        colour, width = (self.colours.accent, 2.0) if taken else (self.colours.faint, 1.2)
        dash = ' stroke-dasharray="3 3"' if dashed else ""
        self.lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dash}/>')

    def text(self, x: float, y: float, said: str, *, anchor: str = "middle", strong: bool = False) -> None:
        """Write a short word."""
        colour = self.colours.ink if strong else self.colours.muted
        self.marks.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{_SMALL}" font-family="{_FONT}" fill="{colour}" text-anchor="{anchor}">'
            f"{html.escape(said)}</text>"
        )

    def prompt(self, *, pile: bool = False) -> None:
        """Draw the prompt at the left, or a pile of them."""
        c = self.colours
        for shift in (6, 3, 0) if pile else (0,):
            box = f'x="{12 + shift:g}" y="{_MIDDLE - 11 - shift:g}" width="18" height="22" rx="2" fill="{c.paper}" stroke="{c.muted}"'
            self.marks.append(f"<rect {box}/>")
        lines = "".join(f"M16 {_MIDDLE + dy}h{width}" for dy, width in ((-5, 10), (0, 10), (5, 6)))
        self.marks.append(f'<path d="{lines}" stroke="{c.muted}" fill="none"/>')
        self.text(21, _MIDDLE + 24, words.PROMPTS if pile else words.PROMPT)

    def model(self, x: float, y: float, rank: float, *, faint: bool = False) -> None:
        """Draw a model in the colour of its price. rank : 0 cheapest to 1 dearest."""
        c = self.colours
        fill = c.paper if faint else theme.model_colour(rank, self.mode)
        self.marks.append(f'<circle cx="{x:g}" cy="{y:g}" r="8" fill="{fill}" stroke="{c.faint if faint else c.muted}"/>')

    def test(self, x: float, y: float, said: str = "") -> None:
        """Draw the place where it is decided, with a sign in it."""
        c = self.colours
        corners = f"M{x:g} {y - 11:g}l11 11l-11 11l-11 -11z"
        self.marks.append(f'<path d="{corners}" fill="{c.paper}" stroke="{c.accent}" stroke-width="1.6"/>')
        if said:
            self.text(x, y + 3.5, said, strong=True)

    def answer(self, y: float = _MIDDLE) -> None:
        """Draw the answer at the right."""
        c, x = self.colours, WIDTH - 24
        self.marks.append(f'<rect x="{x - 9}" y="{y - 9:g}" width="18" height="18" rx="9" fill="{c.paper}" stroke="{c.accent}"/>')
        self.marks.append(f'<path d="M{x - 4} {y:g}l3 3l5 -6" fill="none" stroke="{c.accent}" stroke-width="1.8"/>')
        self.text(x, y + 24, words.ANSWER)


_END = (WIDTH - 33, _MIDDLE)


def _heights(n: int) -> list[float]:
    gap = {1: 0, 2: 26}.get(n, 26)
    return [_MIDDLE + gap * (i - (n - 1) / 2) for i in range(n)]


def _fan(pen: _Pen, start: float, x: float, n: int, taken: Sequence[int], *, end: tuple[float, float] = _END, dashed: bool = False) -> None:
    """Draw the ways from a point through n models to the answer."""
    for i, y in enumerate(_heights(n)):
        pen.way([(start, _MIDDLE), (x, y), end], taken=i in taken, dashed=dashed)
        pen.model(x, y, i / max(n - 1, 1), faint=False)


def _choice(pen: _Pen, drawn: Shape) -> None:
    pen.way([(30, _MIDDLE), (90, _MIDDLE)])
    _fan(pen, 90, 172, drawn.models, (1,) if drawn.models > 2 else (0,))
    pen.prompt(pile=drawn.kind == "batch")
    pen.test(90, _MIDDLE, "?")
    pen.text(90, _MIDDLE + 25, drawn.looks)
    if drawn.weight:
        pen.text(90, _MIDDLE + 38, f"− {drawn.weight}")
    pen.answer()


def _threshold(pen: _Pen, drawn: Shape) -> None:
    pen.way([(30, _MIDDLE), (90, _MIDDLE)])
    pen.prompt()
    heights = _heights(2)
    over = drawn.over if drawn.over in {0, 1} else None
    for i, y in enumerate(heights):
        pen.way([(90, _MIDDLE), (172, y), _END], taken=i == (0 if over is None else over))
        pen.model(172, y, float(i))
        if over is not None:
            pen.text(172, y + (-12 if i == 0 else 20), "≥" if i == over else "<", strong=True)
    pen.test(90, _MIDDLE, "≥")
    pen.text(90, _MIDDLE + 25, drawn.looks)
    pen.text(90, _MIDDLE + 38, drawn.cut)
    pen.answer()


def _cascade(pen: _Pen, drawn: Shape) -> None:
    top, floor, last = 16, 54, WIDTH - 74
    gap = (last - 62) / (drawn.models - 1)
    places = [62 + gap * i for i in range(drawn.models)]
    pen.way([(30, _MIDDLE), (44, floor), (places[0], floor)])
    pen.way([(places[0], floor), (last, floor), (last, top), _END], taken=False)
    pen.way([(places[0] + gap / 2, top), (last, top)], taken=False)
    for i, x in enumerate(places[:-1]):
        middle = x + gap / 2
        pen.way([(middle, floor), (middle, top)], taken=i == 0)
        pen.test(middle, floor, "≥")
        pen.model(x, floor, i / (drawn.models - 1))
    pen.way([(places[0], floor), (places[0] + gap / 2, floor)])
    pen.way([(places[0] + gap / 2, top), (last, top), _END])
    pen.model(last, floor, 1.0)
    if drawn.cut:
        pen.text(places[0] + gap / 2, floor + 26, drawn.cut)
    pen.prompt()
    pen.answer()


def _panel(pen: _Pen, drawn: Shape) -> None:
    asked = drawn.models - 1
    for y in _heights(asked):
        pen.way([(30, _MIDDLE), (76, y), (124, _MIDDLE)])
        pen.model(76, y, 0.2)
    pen.way([(124, _MIDDLE), (190, _MIDDLE + 26), _END], taken=False)
    pen.way([(124, _MIDDLE), (150, 16), (WIDTH - 60, 16), _END])
    pen.prompt()
    pen.test(124, _MIDDLE, "=")
    pen.text(124, _MIDDLE + 38, drawn.cut)
    pen.model(190, _MIDDLE + 26, 1.0)
    pen.answer()


def _vote(pen: _Pen, drawn: Shape) -> None:
    for i, y in enumerate(_heights(drawn.models)):
        pen.way([(30, _MIDDLE), (96, y), (176, _MIDDLE)])
        pen.model(96, y, i / (drawn.models - 1))
    pen.way([(176, _MIDDLE), _END])
    pen.prompt()
    pen.test(176, _MIDDLE, "Σ")
    pen.text(176, _MIDDLE + 25, words.VOTE)
    pen.answer()


def _mixture(pen: _Pen, drawn: Shape) -> None:
    pen.way([(30, _MIDDLE), (90, _MIDDLE)])
    _fan(pen, 90, 172, drawn.models, range(drawn.models), dashed=True)
    pen.prompt()
    c = pen.colours
    pen.marks.append(
        f'<rect x="80" y="{_MIDDLE - 10}" width="20" height="20" rx="4" fill="{c.paper}" stroke="{c.accent}" stroke-width="1.6"/>'
    )
    dots = ((85, -5), (95, -5), (90, 0), (85, 5), (95, 5))
    pen.marks += [f'<circle cx="{x}" cy="{_MIDDLE + dy}" r="1.6" fill="{c.accent}"/>' for x, dy in dots]
    pen.text(90, _MIDDLE + 25, words.DRAW)
    pen.answer()


def _single(pen: _Pen, drawn: Shape) -> None:
    for i, y in enumerate(_heights(drawn.models)):
        if i == 1:
            pen.way([(30, _MIDDLE), (150, y), _END])
        pen.model(150, y, 0.5, faint=i != 1)
    pen.prompt()
    pen.answer()


def _oracle(pen: _Pen, drawn: Shape) -> None:
    for i, y in enumerate(_heights(drawn.models)):
        pen.way([(30, _MIDDLE), (96, y), (176, _MIDDLE)], taken=False, dashed=True)
        pen.model(96, y, i / (drawn.models - 1))
    pen.way([(176, _MIDDLE), _END])
    pen.prompt()
    star = f"M176 {_MIDDLE - 13}l3.4 8.6l9.2 .5l-7.1 5.9l2.3 8.9l-7.8 -5l-7.8 5l2.3 -8.9l-7.1 -5.9l9.2 -.5z"
    pen.marks.append(f'<path d="{star}" fill="{pen.colours.oracle}"/>')
    pen.text(176, _MIDDLE + 27, words.HINDSIGHT)
    pen.answer()


def _online(pen: _Pen, drawn: Shape) -> None:
    pen.way([(WIDTH - 24, _MIDDLE), (WIDTH - 24, 8), (90, 8), (90, _MIDDLE)], dashed=True)
    pen.way([(30, _MIDDLE), (90, _MIDDLE)])
    _fan(pen, 90, 172, drawn.models, (1,))
    pen.prompt()
    pen.test(90, _MIDDLE, "?")
    pen.text(90, _MIDDLE + 25, drawn.looks)
    pen.text(212, 19, words.FEEDBACK)
    if drawn.weight:
        pen.text(90, _MIDDLE + 38, f"− {drawn.weight}")
    pen.answer()


_DRAW = {
    "choice": _choice, "batch": _choice, "threshold": _threshold, "cascade": _cascade, "panel": _panel, "vote": _vote,
    "mixture": _mixture, "single": _single, "oracle": _oracle, "online": _online,
}  # fmt: skip
