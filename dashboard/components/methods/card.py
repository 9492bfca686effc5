"""One method as a card: picture, idea, rule, whether it runs here, and folded away its knobs, source and limits.

Texts come from a strategy's card, which may be a person's own: all of them are escaped.
"""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import streamlit as st

from dashboard import pages, state, theme
from dashboard.charts.methods import diagram, said, shape
from dashboard.components.methods.facets import Method
from dashboard.components.methods.formula import formula
from dashboard.words import methods as words
from strategies.knobs import Knob, Turn, declared, turns
from strategies.protocol import Strategy

_CSS = Path(__file__).with_name("methods.css")
_NAMED = ("paper", "panel", "ink", "muted", "faint", "line", "accent", "right", "wrong", "warn")
_ARXIV = re.compile(r"arXiv[ :](\d{4}\.\d{4,5})")


def style(mode: str) -> str:
    """Return the rules of cards and table in a mode's colours, as a style element."""
    colours = theme.palette(mode)
    named = "".join(f"--{name}:{getattr(colours, name)};" for name in _NAMED)
    return f"<style>.method, .survey {{{named}}} {_CSS.read_text(encoding='utf-8')}</style>"


def anchor(identity: str) -> str:
    """Return the address of a method's card within the page."""
    return f"method-{identity}"


def draw(method: Method, *, mode: str) -> None:
    """Draw the card with its button; what is in play says so and leads there."""
    with st.container(border=True, width=320, height="stretch", gap="small", vertical_alignment="distribute", key=f"card.{method.id}"):
        st.html(face(method, mode=mode))
        _play(method)


def _play(method: Method) -> None:
    if not method.offered:
        st.caption(words.YARDSTICK)
        return
    view = state.view()
    if any(slot.strategy == method.id for slot in view.slots):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f":green[:material/check:] {words.IN_PLAY}", width="content")
            if st.button(words.LOOK, key=f"look.{method.id}", type="tertiary", icon=":material/show_chart:"):
                _select(method.id)
                pages.go("tradeoffs")
        return
    full = len(view.slots) >= state.MOST_SLOTS
    st.button(
        words.PUT, key=f"put.{method.id}", icon=":material/add:", disabled=full or bool(method.lacks),
        help=words.PUT_FULL.format(n=state.MOST_SLOTS) if full else None, on_click=state.add_slot, args=(method.id,),
    )  # fmt: skip


def _select(identity: str) -> None:
    letter = next(slot.letter for slot in state.view().slots if slot.strategy == identity)
    state.change(selected=letter, knob="")
    state.publish()


def face(method: Method, *, mode: str) -> str:
    """Return the card as HTML."""
    card, name = method.kind.card, f"{anchor(method.id)}-title"
    tags = [words.OWN] * method.own + [words.BOUND] * card.bound + [words.JUDGED] * card.judged + [words.BATCH] * card.batch
    marks = "".join(f' <span class="tag">{_e(tag)}</span>' for tag in tags)
    first, _, _ = card.source.partition(";")
    paper = f'<span class="paper">{linked(_short(first))}</span>'
    return (
        f'<article class="method" id="{_e(anchor(method.id))}" aria-labelledby="{_e(name)}">'
        f'<h4 id="{_e(name)}">{_e(card.title or card.id)}{marks}</h4>{paper}'
        f'<img alt="{_e(said(shape(method.kind)))}" src="{_picture(method.kind, mode)}">'
        f'<p class="idea">{_e(card.idea)}</p><p class="rule">{formula(card.rule)}</p>{_needs(method)}'
        f"<details><summary>{_e(words.MORE)}</summary>{_more(method.kind)}</details></article>"
    )


def _short(source: str) -> str:
    """Return the paper that a source begins with, or its first words."""
    found = _ARXIV.search(source)
    return found[0] if found else source


def _picture(kind: type[Strategy], mode: str) -> str:
    """Return the picture as a data address: the page's HTML may not hold an SVG itself."""
    return f"data:image/svg+xml;base64,{base64.b64encode(diagram(kind, mode=mode).encode()).decode()}"


def _needs(method: Method) -> str:
    needs = sorted(words.SIGNALS.get(need, need.replace("_", " ")) for need in method.kind.card.needs)
    line = words.NEEDS.format(needs=", ".join(needs)) if needs else words.NEEDS_NOTHING
    if method.lacks:
        return f'<p class="needs">{_e(line)}.</p><p class="cannot"><b>{_e(words.CANNOT)}</b> {_e(method.lacks)}</p>'
    return f'<p class="needs">{_e(line)}. {_e(words.RUNS)}.</p>'


def _more(kind: type[Strategy]) -> str:
    card = kind.card
    parts = (
        (words.KNOBS, _knobs(kind)),
        (words.SOURCE, f"<p>{linked(card.source)}</p>"),
        (words.REPORTED, f"<p>{linked(card.reported)}</p>" if card.reported else ""),
        (words.LIMITS, f"<p>{_e(card.limits)}</p>" if card.limits else ""),
    )
    return "".join(f"<h5>{_e(title)}</h5>{body}" for title, body in parts if body)


def _knobs(kind: type[Strategy]) -> str:
    """Return sliders with range and help, choices with their words, models that can be chosen."""
    made = kind()
    lines = [_line(turn.title, _range(turn), f"{turn.knob.help} {_higher(turn.knob)}") for turn in _sliders(made)]
    lines += [_line(spec.title or field.name, ", ".join(spec.options), spec.help) for field, spec in declared(made, "choice")]
    lines += [_line(spec.title or field.name, "", spec.help) for field, spec in declared(made, "arms")]
    return f"<dl>{''.join(lines)}</dl>" if lines else f"<p>{_e(words.NO_KNOBS)}</p>"


def _sliders(made: Strategy) -> list[Turn]:
    """Return a strategy's sliders, those of a vector knob once."""
    return list({turn.field: turn for turn in reversed(turns(made))}.values())[::-1]


def _line(title: str, values: str, about: str) -> str:
    return f"<dt>{_e(title[:1].upper() + title[1:])}{f' <i>{_e(values)}</i>' if values else ''}</dt><dd>{_e(about.strip())}</dd>"


def _range(turn: Turn) -> str:
    high = words.TO_DATA_END if turn.knob.high == "data" else f"{turn.knob.high:g}"
    return words.RANGE.format(low=f"{turn.knob.low:g}", high=high, unit=turn.knob.unit)


def _higher(knob: Knob) -> str:
    return words.HIGHER.format(higher=knob.higher) if knob.higher else ""


def linked(text: str) -> str:
    """Return a text as HTML whose arXiv ids lead to the papers."""
    made = r'<a href="https://arxiv.org/abs/\1" target="_blank" rel="noopener noreferrer">arXiv \1</a>'
    return _ARXIV.sub(made, _e(text))


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
