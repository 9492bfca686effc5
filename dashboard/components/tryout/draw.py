"""What the arms said, as HTML: the answer, its tokens shaded by doubt, its working, its confidence and its bill.

Everything that comes from a model or a person goes through `_e`: it is untrusted.
"""

from __future__ import annotations

import html
import math
from pathlib import Path

from dashboard import theme
from dashboard.charts.figures import DASH, count, money, percent, seconds
from dashboard.components.tryout.arms import Arm, Try
from dashboard.words import tryout as words
from data.ladder.reading import reading_order
from data.live.call import Answer

_CSS = Path(__file__).with_name("tryout.css")
_NAMED = ("paper", "panel", "ink", "muted", "line", "accent", "right", "wrong", "warn")
_SURE = 0.995  # from here on a probability is 100 % when rounded, and isn't written
SHADE = {"light": 60, "dark": 40}  # per cent of the warning colour under a token of probability 0; ink stays readable on it
_SHORT = 60  # an answer with more signs is prose, and written as such
_LEAST = 0.0005  # a confidence below it would be written as 0.0 %
_MARK, _END, _ARROW = "<so>", "<end>", "→"


def body(run: Try, mode: str) -> str:
    """Return the stations, one an arm, with their style."""
    colours = theme.palette(mode)
    named = "".join(f"--{name}:{getattr(colours, name)};" for name in _NAMED) + f"--most:{SHADE['dark' if mode == 'dark' else 'light']}%;"
    ranks = _ranks(run)
    stations = "".join(_station(run, arm, theme.model_colour(ranks[arm.name], mode)) for arm in run.arms)
    known = all(arm.name in run.outcomes for arm in run.arms) and run.reference
    right = f'<p class="reference">{_e(words.RIGHT_ANSWER)}: <b>{_e(run.reference)}</b></p>' if known else ""
    asked = f'<p class="asked">{_e(words.ASKED)}: <q>{_e(run.prompt)}</q></p>'
    shaded = any(isinstance(outcome, Answer) and outcome.tokens for outcome in run.outcomes.values())
    legend = f'<p class="legend">{_e(words.LEGEND)}</p>' if shaded else ""
    style = _CSS.read_text(encoding="utf-8")
    return f'<style>{style}</style><div class="tryout" style="{named}">{asked}{right}<ol>{stations}</ol>{legend}</div>'


def _ranks(run: Try) -> dict[str, float]:
    """Return each arm's place among those with a price a token, cheapest 0 .. dearest 1, NaN without one."""
    prices = {arm.name: arm.card.price_out_usd_per_mtok for arm in run.arms}
    order = sorted({price for price in prices.values() if not math.isnan(price)})
    most = max(len(order) - 1, 1)
    return {name: math.nan if math.isnan(price) else order.index(price) / most for name, price in prices.items()}


def _station(run: Try, arm: Arm, colour: str) -> str:
    outcome = run.outcomes.get(arm.name)
    dot = f'<i class="dot" style="background:{colour}" aria-hidden="true"></i>'
    name = f'<div class="who"><h4>{dot}{_e(arm.title)}</h4><p>{_e(arm.note)}</p></div>'
    if isinstance(outcome, Answer):
        parts = f'<div class="said">{_answer(run, arm, outcome)}</div>{_facts(arm, outcome)}'
    elif outcome is not None:
        parts = f'<div class="said"><p class="failed"><i aria-hidden="true">!</i> {_e(outcome)}</p></div>'
    else:
        parts = f'<div class="said"><p class="none" role="status">{_e(words.WAITING)}</p></div>'
    return f"<li>{name}{parts}</li>"


def _answer(run: Try, arm: Arm, answer: Answer) -> str:
    text = answer.text.strip()
    if not text:
        return f'<p class="none">{_e(words.NO_FORM if arm.endpoint is None else words.SILENT)}</p>{_tokens(arm, answer)}'
    cut = f' <span class="cut">{_e(words.CUT)}</span>' if answer.finish_reason == "length" else ""
    long = ' class="long"' if len(text) > _SHORT else ""
    return f'<p class="answer"><b{long}>{_e(text)}</b>{_verdict(run.right(arm.name))}{cut}</p>{_tokens(arm, answer)}'


def _verdict(right: bool | None) -> str:
    if right is None:
        return ""
    kind = words.RIGHT if right else words.WRONG
    return f' <span class="{"right" if right else "wrong"}"><i aria-hidden="true">{theme.glyph(right)[0]}</i> {_e(kind)}</span>'


def _tokens(arm: Arm, answer: Answer) -> str:
    """Return the tokens, those of the working first and muted; the working's text where its tokens weren't sent."""
    texts = [text for text, _ in answer.tokens]
    every = len(texts) == answer.tokens_out
    split = int(answer.tokens_reasoning) if every and not math.isnan(answer.tokens_reasoning) else 0
    split = 0 if texts[:split] == [_MARK] else split  # it went straight to the answer
    turned = arm.endpoint is not None and arm.endpoint.in_process
    order = reading_order(texts) if turned else list(enumerate(texts))
    drawn = [(at, _token(text, answer.tokens[at][1], at + 1, len(texts))) for at, text in order]
    working = "".join(token for at, token in drawn if at < split)
    rest = "".join(token for at, token in drawn if at >= split)
    if not working and answer.reasoning:
        working = f"<span>{_e(answer.reasoning)}</span>"
    label = _e(words.TOKENS_OF.format(name=arm.title))
    parts = f'<p class="tokens working"><span class="label">{_e(words.WORKING)}</span>{working}</p>' if working else ""
    return f'<div role="group" aria-label="{label}">{parts}<p class="tokens">{rest}</p></div>' if working or rest else ""


def _token(text: str, logprob: float, n: int, total: int) -> str:
    probability = math.exp(min(logprob, 0.0))
    known = not math.isnan(logprob)
    title = (words.PROBABILITY if known else words.PROBABILITY_UNKNOWN).format(probability=percent(probability), n=n, total=total)
    doubt = 1 - probability if known else 0.0
    number = f"<small>{_percent(probability)}</small>" if known and probability < _SURE else "<small></small>"
    special = {_END: words.END, _MARK: _ARROW}.get(text)
    shown = _e(text.strip() or "␣") if special is None else f"<i>{_e(special)}</i>"
    kind = " gap" if text.startswith(" ") or special is not None else ""
    return f'<span class="t{kind}" style="--d:{doubt:.2f}" title="{_e(title)}"><span>{shown}</span>{number}</span>'


def _percent(probability: float) -> str:
    return "&lt;1" if probability < 0.01 else str(math.floor(100 * probability + 0.5))


def _facts(arm: Arm, answer: Answer) -> str:
    total = answer.signals.get("sum_logprob", math.nan)
    sure = DASH if math.isnan(total) else percent(math.exp(total)) if math.exp(total) >= _LEAST else words.HARDLY
    used = DASH if math.isnan(answer.tokens_in) else f"{count(answer.tokens_in)} / {count(answer.tokens_out)}"
    cost = words.COST_HELP.format(assumed=words.COST_ASSUMED if arm.card.tier == "assumed" else "")
    facts = (
        (words.CONFIDENCE, sure, words.CONFIDENCE_HELP),
        (words.TOKENS, used, ""),
        (words.COST, money(1000 * answer.cost_usd), cost),
        (words.TIME, seconds(answer.latency_s), ""),
    )
    items = "".join(
        f"<div{f' title={chr(34)}{_e(hover)}{chr(34)}' if hover else ''}><dt>{_e(name)}</dt><dd>{_e(value)}</dd></div>"
        for name, value, hover in facts
    )
    return f"<dl>{items}</dl>"


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
