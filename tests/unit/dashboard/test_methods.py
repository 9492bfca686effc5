"""What the Methods page draws: formulas, pictures from declarations, filters, the survey's table."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from defusedxml.ElementTree import fromstring

from dashboard import theme
from dashboard.charts.methods import HEIGHT, WIDTH, diagram, said, shape
from dashboard.components.methods import card, survey
from dashboard.components.methods.facets import FAMILIES, TRAITS, Method, papers, passing, traits
from dashboard.components.methods.formula import formula
from dashboard.words import methods as words
from dashboard.words.survey import CONSTRAINTS, ROWS
from strategies.knobs import arms, knob
from strategies.protocol import Card, Strategy
from strategies.registry import discover, find

FOUND = discover()[0]


def _declared(family, *, needs=(), batch=False, bound=False, **fields):
    """Return a strategy class that declares these fields and nothing else."""
    made = Card(id="x", title="X", family=family, source="", rule="", needs=frozenset(needs), batch=batch, bound=bound)
    return dataclass(frozen=True, eq=False)(
        type("X", (Strategy,), {"card": made, "__annotations__": dict.fromkeys(fields, object), **fields})
    )


def _cut(stage, title="t"):
    return knob(0.5, low=0, high=1, unit="u", help="h", title=title, cuts=stage)


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("stop at k if s_k >= t_k", "stop at k if s<sub>k</sub> ≥ t<sub>k</sub>"),
        ("argmax_m q_hat_m(x) - lambda * c_hat_m(x)", "argmax<sub>m</sub> q̂<sub>m</sub>(x) − λ · ĉ<sub>m</sub>(x)"),
        ("mean_{j in kNN(i)} q[j, m]", "mean<sub>j ∈ kNN(i)</sub> q[j, m]"),
        ("predicted_quality_m[i] in words", "predicted_quality<sub>m</sub>[i] in words"),
        ("p_weak(x) <= alpha <b>", "p<sub>weak</sub>(x) ≤ α &lt;b&gt;"),
        ("lambda <- lambda + eta * (c - B) if cos >= kappa; beta", "λ ← λ + η · (c − B) if cos ≥ κ; β"),
        ("dq_hat / dc_hat, sum_i of a sum, W^T", "dq̂ / dĉ, Σ<sub>i</sub> of a sum, W<sup>T</sup>"),
    ],
)
def test_a_rule_is_set_as_a_formula(rule, html):
    """Signs, Greek letters, hats and subscripts; long words after an underscore stay names; markup is escaped."""
    assert formula(rule) == html


@pytest.mark.parametrize(
    ("kind", "drawn", "models"),
    [
        (_declared("router"), "choice", 3),
        (_declared("router", batch=True), "batch", 3),
        (_declared("router", t=_cut(0)), "threshold", 2),
        (_declared("cascade", t1=_cut(1), t2=_cut(2)), "cascade", 3),
        (_declared("cascade", t=_cut(1), chain=arms((), least=2, most=2, help="h")), "cascade", 2),
        (_declared("cascade", t=_cut("stage"), chain=arms((), least=2, most=5, help="h")), "cascade", 3),
        (_declared("cascade"), "cascade", 3),
        (_declared("cascade", needs={"answers"}, t=_cut(1), chain=arms((), least=3, help="h")), "panel", 3),
        (_declared("ensemble"), "vote", 3),
        (_declared("online"), "online", 3),
        (_declared("baseline", bound=True), "oracle", 3),
        (_declared("baseline"), "single", 3),
        (find("random-mix"), "mixture", 2),
        (find("uniform-random"), "mixture", 3),
    ],
)
def test_the_picture_follows_from_what_is_declared(kind, drawn, models):
    """Thresholds and their stages, models to choose, family, bound and batch say what is drawn, and with how many models."""
    found = shape(kind)
    assert (found.kind, found.models) == (drawn, models)
    fromstring(diagram(kind, mode="light"))


def test_a_threshold_before_any_call_says_where_the_prompt_goes():
    """HybridLLM's score speaks for the small model, RouteLLM's for the strong one: the sign stands at that model."""
    assert (shape(find("hybrid-llm")).over, shape(find("routellm-mf")).over) == (0, 1)
    small, strong = diagram(find("hybrid-llm"), mode="light"), diagram(find("routellm-mf"), mode="light")
    assert small.index(">≥</text>") < small.index("&lt;</text>")
    assert strong.index("&lt;</text>") < strong.index(">≥</text>")


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("identity", sorted(FOUND))
def test_every_picture_is_sound(identity, mode):
    """It is one well-formed SVG with an accessible title, in the mode's colours, and nothing lies outside its frame."""
    root = fromstring(diagram(FOUND[identity], mode=mode))
    assert root.attrib["aria-label"] == root[0].text == said(shape(FOUND[identity]))
    assert "{" not in root.attrib["aria-label"]
    colours = {value for element in root.iter() for key, value in element.attrib.items() if key in {"fill", "stroke"} and value != "none"}
    other = theme.palette("dark" if mode == "light" else "light")
    assert theme.palette(mode).accent in colours
    assert not colours & {other.ink, other.accent, other.paper}
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        half = 0.5 * len(element.text or "") * 5.6
        assert float(element.attrib["x"]) - half >= 0
        assert float(element.attrib["x"]) + half <= WIDTH
        assert float(element.attrib["y"]) <= HEIGHT


def test_one_of_a_group_is_enough_and_all_groups_are_asked():
    """Two families widen, a trait narrows; opposites together are no filter; an unknown name is none either."""
    methods = [Method(kind=kind, lacks="" if kind.card.family == "cascade" else "No.", offered=True) for kind in FOUND.values()]
    both = passing(methods, ["router", "cascade"])
    assert {m.kind.card.family for m in both} == {"router", "cascade"}
    assert passing(methods, ["router", "cascade", "here"]) == [m for m in methods if m.kind.card.family == "cascade"]
    assert passing(methods, ["learns", "untrained"]) == methods
    assert passing(methods, ["nonsense"]) == methods
    assert passing(methods, []) == methods


def test_traits_are_read_from_declarations():
    """The neighbours router learns, needs prompts only and chooses among many; HybridLLM between two; deferral needs log-probs."""

    def of(identity):
        return traits(Method(kind=FOUND[identity], lacks="", offered=True))

    assert of("knn-router") == {"router", "learns", "prompts", "many", "here"}
    assert {"pair", "learns"} <= of("hybrid-llm")
    assert {"pair", "logprobs"} <= of("chow-deferral")
    assert "untrained" in of("oracle")
    assert not of("single") & {"pair", "many"}
    assert "prompts" not in of("agreement-cascade")


def test_every_filter_has_its_words():
    """Families of the protocol and traits have a title each."""
    assert set(FAMILIES) == {"baseline", "router", "cascade", "ensemble", "online"}
    assert {name for kind in FOUND.values() for name in traits(Method(kind=kind, lacks="", offered=True))} <= {*FAMILIES, *TRAITS}


def test_a_card_escapes_what_an_author_wrote():
    """Title, idea, rule, source, knob texts: nothing of them becomes markup."""
    evil = "<script>x</script>"
    kind = _declared("router", t=knob(0.5, low=0, high=1, unit=evil, help=evil, title=evil))
    kind.card = Card(
        id=evil, title=evil, family="router", source=evil, rule=evil, idea=evil, reported=evil, limits=evil, needs=frozenset({evil})
    )
    face = card.face(Method(kind=kind, lacks=evil, offered=True), mode="light")
    assert "<script" not in face
    assert face.count("&lt;script") >= 9


def test_a_vector_of_thresholds_is_one_knob_of_a_card():
    """The margin cascade's thresholds are named once, with range and meaning."""
    face = card.face(Method(kind=find("margin-cascade"), lacks="", offered=True), mode="light")
    assert face.count("0 to 1.01, confidence") == 1


def test_the_surveys_table_is_whole():
    """14 methods, 8 of them routing, one known sign a constraint; the figures of the sentence are those of the cells."""
    assert [row.group for row in ROWS] == ["routing"] * 8 + ["hi"] * 6
    assert all(len(row.cells) == len(CONSTRAINTS) and set(row.cells) <= set(words.CELLS) for row in ROWS)
    assert set(CONSTRAINTS) == set(words.CONSTRAINTS)
    finding = survey.finding()
    unknown = sum(row.cells.count("?") for row in ROWS)
    assert f"{unknown} of {14 * len(CONSTRAINTS)} cells" in finding
    assert "8 are known to take care of latency and money, and none of modality." in finding


def test_the_groups_that_the_notes_state_outright_hold():
    """Scale-aware are exactly ZOOTER, Routoo, OptLLM, MetaLLM, RouteLLM, FrugalGPT; memory counts for these six."""
    cells = {row.name: dict(zip(CONSTRAINTS, row.cells, strict=True)) for row in ROWS}
    assert {n for n, c in cells.items() if c["scale"] == "+"} == {"ZOOTER", "Routoo", "OptLLM", "MetaLLM", "RouteLLM", "FrugalGPT"}
    assert {n for n, c in cells.items() if c["memory"] == "+"} == {"ZOOTER", "FORC", "HybridLLM", "FrugalGPT", "EcoAssistant", "AutoMix"}


def test_rows_and_strategies_meet_by_their_paper():
    """A strategy belongs to the row of the paper that its source names first."""
    methods = [Method(kind=kind, lacks="", offered=True) for kind in FOUND.values()]
    ours = {row.name: {m.id for m in survey.of_paper(row, methods)} for row in ROWS}
    assert ours["HybridLLM"] == {"hybrid-llm"}
    assert "margin-cascade" in ours["Uncertainty-based selection"]
    assert ours["Efficient Hybrid Decoding"] == {"hybrid-decoding"}
    nobody = survey.table([], set())
    assert nobody.count("not here yet") == len(ROWS)
    assert papers("arXiv 2305.05176, section 3; arXiv 2310.03094") == ("2305.05176", "2310.03094")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_signs_are_readable_on_their_shades(mode):
    """Ink on the darkest shade has a contrast of 4.5 at least."""
    colours = theme.palette(mode)
    mixed = "#" + "".join(
        f"{round(0.46 * int(colours.accent[i : i + 2], 16) + 0.54 * int(colours.paper[i : i + 2], 16)):02X}" for i in (1, 3, 5)
    )
    assert "46%" in card.style(mode)
    assert theme.contrast(colours.ink, mixed) >= 4.5
