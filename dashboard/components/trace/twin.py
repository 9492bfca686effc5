"""The trace as HTML, made in Python: what the component puts on the page, and what an export shows without a browser's help.

Everything that comes from data goes through `_e`: prompts and answers are untrusted.
"""

from __future__ import annotations

import html as library
import json
import math
from collections.abc import Iterable
from pathlib import Path

from dashboard import theme
from dashboard.components.trace import amounts
from dashboard.components.trace.build import verdict
from dashboard.components.trace.scene import Arm, Gauge, Said, Station, TraceScene, Turned, Weighed, WhatIf
from dashboard.words import decisions as words

_CSS = Path(__file__).with_name("trace.css")
_SHORT = 80  # a longer comparable form is the whole text again, without its line breaks
_NAMED = ("paper", "panel", "ink", "muted", "faint", "line", "accent", "right", "wrong", "warn")


def page(scene: TraceScene) -> str:
    """Return a whole HTML file: no script, nothing fetched, light or dark as the reader's browser wants it."""
    title = words.TRACE_OF.format(query=scene.query)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_e(title)}</title>'
    around = "body{margin:24px;background:var(--paper)}:root{color-scheme:light dark}"
    return f'<!doctype html><html lang="en"><head>{head}<style>{css(":root")}{around}</style></head><body>{body(scene)}</body></html>'


def css(root: str = ".trace") -> str:
    """Return the style sheet with the colours of both modes; `data-mode` on the trace says which, else the browser's wish."""
    light, dark = (
        "".join(f"--{name}:{getattr(theme.PALETTES[mode], name)};" for name in _NAMED) + f"--dark:{int(mode == 'dark')};"
        for mode in ("light", "dark")
    )
    wish = f"@media (prefers-color-scheme: dark){{{root}:not([data-mode=light]){{{dark}}}}}"
    return f"{root}{{{light}}}{wish}{root}[data-mode=dark]{{{dark}}}{_CSS.read_text(encoding='utf-8')}"


def body(scene: TraceScene, *, live: bool = False) -> str:
    """Return the trace's markup. live : with the buttons and sliders that its module brings to life."""
    parts = [_head(scene, live), _line(scene, live), _what_ifs(scene, live), _others(scene, live), _neighbours(scene)]
    label = _e(words.TRACE_OF.format(query=scene.query))
    return f'<article class="trace" aria-label="{label}">{"".join(parts)}</article>'


def _e(text: object) -> str:
    return library.escape(str(text), quote=True)


# --- pieces ------------------------------------------------------------------------------------------------------------


def _dot(arm: Arm) -> str:
    light, dark = theme.model_colour(arm.rank, "light"), theme.model_colour(arm.rank, "dark")
    return f'<i class="dot" style="--l:{light};--d:{dark}" aria-hidden="true"></i>'


def _model(arm: Arm) -> str:
    return f'<span class="model" title="{_e(arm.name)}">{_dot(arm)}<b>{_e(arm.short)}</b></span>'


def _verdict(right: bool | None) -> str:
    kind = "unknown" if right is None else "right" if right else "wrong"
    return f'<span class="verdict {kind}"><i aria-hidden="true">{theme.glyph(right)[0]}</i> {_e(verdict(right))}</span>'


def _block(text: str | None, missing: str, label: str, *, live: bool) -> str:
    """Return a long text folded to a few lines; in the page it can be unfolded, in a file it scrolls."""
    if not text or not text.strip():
        return f'<p class="missing">{_e(missing)}</p>'
    more = f'<button type="button" class="more" hidden data-less="{_e(words.LESS)}" data-more="{_e(words.MORE)}"></button>' if live else ""
    return f'<div class="fold"><div class="text" tabindex="0" role="group" aria-label="{_e(label)}">{_e(text.strip())}</div>{more}</div>'


def _facts(said: Said, unit: str) -> str:
    assumed = f' <em class="tag">{_e(words.ASSUMED)}</em>' if said.assumed else ""
    return (
        f'<p class="facts"><span>{_e(amounts.price(said.cost, unit))}{assumed}</span><span>{_e(amounts.seconds(said.latency_s))}</span></p>'
    )


def _said(said: Said, unit: str, *, live: bool) -> str:
    read = ""
    if said.answer and said.answer != said.text and len(said.answer) <= _SHORT:
        read = f'<p class="read">{_e(words.READ_AS)} <b>{_e(said.answer)}</b></p>'
    text = said.text or (None if read else said.answer)
    body = "" if read and not text else _block(text, words.NO_TEXT, said.arm.short, live=live)
    name = f'<p class="who">{_model(said.arm)}{_verdict(said.right)}</p>'
    return f'<div class="said">{name}{body}{read}{_facts(said, unit)}</div>'


def _head(scene: TraceScene, live: bool) -> str:
    task = f'<span class="task">{_e(scene.task)}</span>' if scene.task else ""
    title = f'<h2>{_e(words.TRACE_OF.format(query=scene.query))}</h2>{task}<span class="by">{_e(scene.strategy)}</span>'
    prompt = f"<section><h3>{_e(words.PROMPT)}</h3>{_block(scene.prompt, words.NO_PROMPT, words.PROMPT, live=live)}</section>"
    reference = _block(scene.reference, words.NO_REFERENCE, words.REFERENCE, live=live)
    return (
        f'<header><div class="title">{title}</div><div class="asked">{prompt}'
        f'<section class="reference"><h3>{_e(words.REFERENCE)}</h3>{reference}</section></div></header>'
    )


# --- stations ----------------------------------------------------------------------------------------------------------


def _line(scene: TraceScene, live: bool) -> str:
    items = "".join(_station(scene, station, live) for station in scene.stations)
    return (
        f'<section><h3>{_e(words.STEPS)}</h3><ol class="line" tabindex="0" aria-label="{_e(words.STEPS)}" '
        f'style="--n:{len(scene.stations) - 1}">{items}</ol></section>'
    )


def _station(scene: TraceScene, station: Station, live: bool) -> str:
    draw = {"scores": _scores, "gate": _gate, "call": _call, "stop": _stop}[station.kind]
    share = 100 * station.bill / scene.cost if scene.cost > 0 else 0.0
    spent = amounts.price(station.bill, scene.unit)
    width = 0.0 if math.isnan(share) else share
    bill = (
        f'<p class="bill"><span>{_e(words.BILL)}</span><b>{_e(spent)}</b>'
        f'<i class="bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></i></p>'
    )
    return f'<li class="station {station.kind}">{draw(scene, station, live)}{bill}</li>'


def _top(title: str, dots: str) -> str:
    return f'<div class="rail">{dots}</div><h4>{_e(title)}</h4>'


def _scores(scene: TraceScene, station: Station, live: bool) -> str:  # noqa: ARG001 - all stations are drawn alike
    rows = "".join(_weighed(w, scene.unit) for w in station.weighed)
    hint = words.SCORES_HINT.format(lam=amounts.setting(station.lam)) if station.lam else words.SCORES_FREE
    return f'{_top(words.SCORES, "<i class=node></i>")}<p class="hint">{_e(hint)}</p><ul class="weights">{rows}</ul>'


def _gate(scene: TraceScene, station: Station, live: bool) -> str:  # noqa: ARG001 - all stations are drawn alike
    note = f'<p class="hint">{_e(station.note)}</p>' if station.note else ""
    return f"{_top(words.GATE, '<i class=node></i>')}{note}{'' if station.gauge is None else _gauge(station.gauge)}"


def _weighed(w: Weighed, unit: str) -> str:
    chosen = f'<em class="tag chosen">{_e(words.CHOSEN)}</em>' if w.chosen else ""
    width = 0.0 if math.isnan(w.quality) else 100 * min(max(w.quality, 0.0), 1.0)
    net = 0.0 if math.isnan(w.worth) else 100 * min(max(w.worth, 0.0), 1.0)
    text = words.EXPECTED.format(quality=amounts.percent(w.quality), cost=amounts.price(w.cost, unit))
    return (
        f'<li class="{"won" if w.chosen else ""}"><p>{_model(w.arm)}{chosen}</p>'
        f'<div class="bar" aria-hidden="true"><i class="gross" style="width:{width:.1f}%"></i>'
        f'<i class="net" style="width:{net:.1f}%"></i></div>'
        f"<p class=hint>{_e(text)}</p></li>"
    )


def _call(scene: TraceScene, station: Station, live: bool) -> str:
    title = (words.ASKED if len(station.said) == 1 else words.ASKED_TOGETHER).format(n=station.number)
    said = "".join(_said(s, scene.unit, live=live) for s in station.said)
    gauge = _gauge(station.gauge) if station.gauge is not None else f'<p class="hint">{_e(station.note)}</p>' if station.note else ""
    return f"{_top(title, ''.join(_dot(s.arm) for s in station.said))}{said}{gauge}"


def _gauge(gauge: Gauge) -> str:
    if math.isnan(gauge.score):
        return f'<p class="hint">{_e(words.GATE_SILENT.format(model=gauge.asks) if gauge.asks else words.SILENT)}</p>'
    score, threshold = amounts.setting(gauge.score), amounts.setting(gauge.threshold)
    near = words.GOES_ON_JUST if score == threshold else words.GOES_ON  # they differ by less than is written
    what = (words.KEEPS if gauge.kept else near).format(threshold=threshold)
    named, source = words.CONFIDENCE, words.CONFIDENCE_FROM
    if gauge.asks:
        below = words.GATE_BELOW_JUST if score == threshold else words.GATE_BELOW
        what = (words.GATE_REACHED if gauge.kept else below).format(threshold=threshold, model=gauge.asks)
        named, source = words.GATE_SCORE, words.GATE_UNIT
    at, mark = (100 * min(max(v, 0.0), 1.0) for v in (gauge.score, gauge.threshold))
    return (
        f'<div class="gauge {"kept" if gauge.kept else "on"}"><p><span>{_e(named.format(score=score))}</span> '
        f'<span class="hint">{_e(source.format(signal=gauge.signal))}</span></p>'
        f'<div class="axis" aria-hidden="true"><i class="fill" style="width:{at:.2f}%"></i>'
        f'<i class="mark" style="left:{mark:.2f}%"></i></div>'
        f'<p class="what">{_e(what)}</p></div>'
    )


def _stop(scene: TraceScene, station: Station, live: bool) -> str:  # noqa: ARG001 - all stations are drawn alike
    said = station.said[0]
    latency = amounts.seconds(scene.latency_s)
    time = latency if math.isnan(scene.latency_s) else words.TOTAL.format(latency=latency)
    answer = f'<p class="read"><b>{_e(said.answer)}</b></p>' if said.answer and len(said.answer) <= _SHORT else ""
    return (
        f'{_top(words.STOP, "<i class=end></i>")}<p class="big">{_verdict(said.right)}</p>'
        f'<p class="hint">{_e(words.STOP_OF.format(model=said.arm.short))}</p>{answer}'
        f'<p class="total"><b>{_e(amounts.price(scene.cost, scene.unit))}</b> <span>{_e(time)}</span></p>'
    )


# --- the other ways ----------------------------------------------------------------------------------------------------


def _others(scene: TraceScene, live: bool) -> str:
    if not scene.others:
        return f'<section><h3>{_e(words.OTHERS)}</h3><p class="hint">{_e(words.OTHERS_NONE)}</p></section>'
    cards = "".join(f"<li>{_said(s, scene.unit, live=live)}</li>" for s in scene.others)
    note = f'<em class="tag">{_e(words.OTHERS_NOTE)}</em>'
    return f'<section class="others"><h3>{_e(words.OTHERS)} {note}</h3><ul>{cards}</ul></section>'


def _what_ifs(scene: TraceScene, live: bool) -> str:
    head = f"<h3>{_e(words.WHAT_IF)}</h3>"
    if not scene.what_ifs:
        text = words.WHAT_IF_DICE if scene.dice else words.WHAT_IF_NONE.format(strategy=scene.strategy)
        return f'<section>{head}<p class="hint">{_e(text)}</p></section>'
    return f'<section class="what-ifs">{head}<div class="knobs">{"".join(_what_if(scene, w, live) for w in scene.what_ifs)}</div></section>'


def _what_if(scene: TraceScene, knob: WhatIf, live: bool) -> str:
    flips = "".join(f"<p>{_e(text)}</p>" for text in knob.flips)
    now = next(i for i, way in enumerate(knob.ways) if knob.current <= way.high or i == len(knob.ways) - 1)
    last = len(knob.ways) - 1
    places = [_where(way, first=i == 0, last=i == last) for i, way in enumerate(knob.ways)]
    lines = "".join(_way(scene, way, places[i], shown=not live or i == now, now=i == now) for i, way in enumerate(knob.ways))
    return (
        f'<div class="knob" data-knob="{_e(knob.knob)}"><p class="name"><b>{_e(knob.title)}</b> '
        f"<output>{_e(amounts.setting(knob.current))}</output></p>{_slider(knob) if live else ''}"
        f'<div class="flips">{flips}</div><div class="ways" aria-live="polite">{lines}</div>{_use(knob) if live else ""}</div>'
    )


def _slider(knob: WhatIf) -> str:
    """Return the range input, in places from 0 to 1000, with a mark where the query turns and one where the knob is now."""
    marks = "".join(f'<i class="flip" style="left:{place(knob, way.low) / 10:.2f}%"></i>' for way in knob.ways[1:])
    now = place(knob, knob.current)
    plain = {
        "low": knob.low,
        "high": knob.high,
        "first": _first(knob),
        "log": knob.log,
        "now": knob.current,
        "ups": [w.low for w in knob.ways],
    }
    return (
        f'<div class="track"><div class="marks" aria-hidden="true">{marks}<i class="now" style="left:{now / 10:.2f}%"></i></div>'
        f'<input type="range" min="0" max="1000" step="1" value="{now:.0f}" aria-label="{_e(knob.title)}" '
        f'aria-valuetext="{_e(amounts.setting(knob.current))}" data-plain="{_e(json.dumps(plain))}"></div>'
    )


def _first(knob: WhatIf) -> float:
    """Return where a logarithmic slider's scale begins; left of it is zero."""
    positive = [way.low for way in knob.ways if way.low > 0] + [knob.current] * (knob.current > 0)
    return min(positive, default=1.0) / 10.0


def place(knob: WhatIf, value: float) -> float:
    """Return a setting's place on the slider, 0 to 1000."""
    if not knob.log:
        return 1000 * min(max((value - knob.low) / (knob.high - knob.low), 0.0), 1.0)
    first = _first(knob)
    return 0.0 if value < first else 1000 * min(math.log(value / first) / math.log(knob.high / first), 1.0)


def _where(way: Turned, *, first: bool, last: bool) -> str:
    template = words.WAY_UP_TO if first else words.WAY_ABOVE if last else words.WAY_BETWEEN
    return template.format(low=amounts.setting(way.low), high="" if last else amounts.setting(way.high))


def _way(scene: TraceScene, way: Turned, where: str, *, shown: bool, now: bool) -> str:
    path = '<span aria-hidden="true"> → </span>'.join(_model(arm) for arm in way.path)
    facts = f"{amounts.price(way.cost, scene.unit)} · {amounts.seconds(way.latency_s)}"
    tag = f' <em class="tag">{_e(words.WAY_NOW)}</em>' if now else ""
    return (
        f'<div class="way"{"" if shown else " hidden"}><p class="hint">{_e(where)}{tag}</p><p class="path">{path}</p>'
        f"<p>{_verdict(way.right)} <span>{_e(facts)}</span></p></div>"
    )


def _use(knob: WhatIf) -> str:
    text = words.USE_THRESHOLD if knob.title.startswith("threshold") else words.USE
    return f'<button type="button" class="use" disabled>{_e(text)}</button>'


# --- whom the router asked ---------------------------------------------------------------------------------------------


def _neighbours(scene: TraceScene) -> str:
    if not scene.neighbours:
        return ""
    head = "".join(f'<th scope="col" title="{_e(a.name)}">{_dot(a)} {_e(a.short)}</th>' for a in scene.arms)
    rows = "".join(
        f'<tr><th scope="row">{_e(n.query)}</th><td class="start">{_e(n.prompt or words.NO_PROMPT)}</td>{_cells(n.right)}</tr>'
        for n in scene.neighbours
    )
    note = words.NEAREST_NOTE.format(shown=len(scene.neighbours), k=scene.asked)
    table = (
        f'<table><thead><tr><th scope="col">{_e(words.NEAREST_QUERY)}</th>'
        f'<th scope="col">{_e(words.NEAREST_PROMPT)}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    label = _e(words.NEAREST)
    return (
        f'<section class="nearest"><h3>{label}</h3><p class="hint">{_e(note)}</p>'
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}">{table}</div></section>'
    )


def _cells(rights: Iterable[bool | None]) -> str:
    return "".join(f"<td>{_verdict(right)}</td>" for right in rights)
