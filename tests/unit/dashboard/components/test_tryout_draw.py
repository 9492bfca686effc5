"""The answers to one prompt as HTML: tokens with their probability, verdicts, bills; nothing unescaped."""

import math
import re

import pytest

from dashboard import theme
from dashboard.components.tryout.arms import Arm, Try
from dashboard.components.tryout.draw import SHADE, body
from data.ladder.endpoint import endpoint
from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.models import ModelCard
from data.problems import EndpointTimeoutError

LADDER = Arm(name="r4", title="R4", note="writes its working", card=endpoint("r4").card, endpoint=endpoint("r4"))
HOSTED = Endpoint(name="big", base_url="https://a.example/v1", model_id="big")
OTHER = Arm(name="big", title="big", note="added by you", card=HOSTED.card, endpoint=HOSTED)
TOOL = Arm(name="tool", title="Calculator", note="exact", card=ModelCard(name="tool", price_usd_per_query=1e-7))


def answer(*tokens, text="124", reasoning=0, **rest):
    """Return an answer with these tokens at probability 0.5 each, or (text, probability)."""
    pairs = tuple((t, math.log(0.5)) if isinstance(t, str) else (t[0], math.log(t[1]) if t[1] else math.nan) for t in tokens)
    total = {} if any(math.isnan(p) for _, p in pairs) or not pairs else {"sum_logprob": sum(p for _, p in pairs)}
    values = {"tokens_in": 9, "tokens_out": len(pairs), "tokens_reasoning": reasoning, "cost_usd": 2e-6, "latency_s": 0.004, **rest}
    return Answer(text=text, tokens=pairs, signals=total, **values)


def drawn(*arms, reference="", category="", **outcomes):
    """Return the HTML of these outcomes without the style."""
    run = Try(prompt="What is 82 plus 42?", arms=arms, reference=reference, category=category, outcomes=outcomes)
    return body(run, "light").split("</style>")[1]


def words_of(html):
    """Return the text of HTML, tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_tokens_of_the_ladder_are_read_like_numbers():
    """Digits stand as people read them, each with its own probability and the place where it was generated."""
    html = drawn(LADDER, r4=answer((" 4", 0.9), ("2", 0.5), ("1", 0.999), ("<end>", 0.25)))
    assert re.findall(r'title="([^"]+)"><span>(.*?)</span><small>(.*?)</small>', html) == [
        ("99.9 %, token 3 of 4", "1", ""),
        ("50.0 %, token 2 of 4", "2", "50"),
        ("90.0 %, token 1 of 4", "4", "90"),
        ("25.0 %, token 4 of 4", "<i>end</i>", "25"),
    ]
    assert "11.2 %" in html  # 0.9 x 0.5 x 0.999 x 0.25
    assert "9 / 4" in html
    assert "$0.00200" in html
    assert "4 ms" in html


def test_deeper_shade_means_less_sure():
    """The shade grows as the probability falls, and a token without one has none."""
    shades = [float(d) for d in re.findall(r"--d:([\d.]+)", drawn(LADDER, r4=answer(("a", 0.99), ("b", 0.6), ("c", 0.01), ("d", None))))]
    assert shades[0] < shades[1] < shades[2]
    assert shades[3] == 0


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_tokens_stay_readable_under_the_deepest_shade(mode):
    """Ink on the ground of a token of probability 0 keeps the contrast of WCAG AA, that of the paler working too."""
    colours, most = theme.palette(mode), SHADE[mode] / 100
    assert theme.contrast(colours.ink, theme.mix(colours.panel, colours.warn, most)) >= 4.5
    pale = theme.mix(colours.panel, colours.ink, 0.85)
    assert theme.contrast(pale, theme.mix(colours.panel, colours.warn, most * 0.6)) >= 4.5


def test_working_is_told_apart():
    """Tokens of the working stand in a paragraph of their own; a mark alone is no working; a text without tokens is shown as it is."""
    html = drawn(LADDER, r4=answer(" so", "<so>", " 4", "<end>", reasoning=2))
    working, rest = re.search(r'<p class="tokens working">(.*?)</p><p class="tokens">(.*?)</p>', html).groups()
    assert words_of(working) == "Working so 50 → 50"
    assert words_of(rest) == "4 50 end 50"
    assert "Working" not in drawn(LADDER, r4=answer("<so>", " 4", "<end>", reasoning=1))
    assert "Working" not in drawn(OTHER, big=answer(("4", 0.9), reasoning=40, tokens_out=41))
    sent = Answer(text="4", reasoning="first <b>", tokens=(("4", -0.1),), tokens_out=9, tokens_reasoning=8)
    assert "first &lt;b&gt;" in drawn(OTHER, big=sent)


def test_others_write_digits_from_the_first():
    """Tokens of any other endpoint stay in the order in which they came."""
    assert words_of(re.search(r'<p class="tokens">(.*?)</p>', drawn(OTHER, big=answer("1", "2"))).group(1)) == "1 50 2 50"


def test_right_and_wrong_have_glyph_and_word():
    """With a known answer each arm gets its verdict by the category's own scorer, and the answer is shown once all have answered."""
    both = {"r4": answer(" 4", text="124"), "big": answer("x", text="It is 125.")}
    html = drawn(LADDER, OTHER, reference="124", category="add", **both)
    assert "✓" in html
    assert "✗" in html
    assert "Right answer: 124" in words_of(html)
    half = drawn(LADDER, OTHER, reference="124", category="add", r4=both["r4"])
    assert "Right answer" not in half
    assert "asking" in half
    assert "✓" not in drawn(LADDER, r4=both["r4"])


def test_nothing_said_failed_cut_and_unknown():
    """Silence, a tool without a form, an error, a cut answer and missing log-probs are all said in words, never as 0 or nan."""
    html = words_of(
        drawn(LADDER, TOOL, OTHER, r4=Answer(text=""), tool=Answer(text="", cost_usd=1e-7), big=EndpointTimeoutError("no reply"))
    )
    assert "said nothing" in html
    assert "knows no form" in html
    assert "no reply" in html
    assert "nan" not in html.lower().replace("answer", "")
    assert "cut at its longest" in drawn(LADDER, r4=answer("a", text="a", finish_reason="length"))
    assert "0.1 %" in drawn(LADDER, r4=answer(*[("a", 0.01)] * 9))


def test_texts_of_models_are_escaped():
    """Prompt, answer, tokens, notes and errors can't bring markup along."""
    bad = "<script>x</script>"
    arm = Arm(name="r4", title=bad, note=bad, card=ModelCard(name="r4"), endpoint=HOSTED)
    run = Try(prompt=bad, arms=(arm,), outcomes={"r4": answer((bad, 0.5), text=bad, reasoning=0)})
    assert "<script" not in body(run, "dark")
    run.outcomes["r4"] = EndpointTimeoutError(bad)
    assert "<script" not in body(run, "dark")
