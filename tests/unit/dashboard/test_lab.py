"""The Lab without a browser: its world from the view, its long work, its words and pictures."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Self

import numpy as np
import pytest

from dashboard import jobs, lab
from dashboard.charts import lab as charts
from dashboard.charts.outline import dense
from dashboard.components.lab import likeness, pictures
from dashboard.words import lab as words
from data.problems import ProblemError
from data.simulator import SimModel, World
from strategies.study import phase as module
from strategies.study.outline import outline
from strategies.study.phase import SHARES, Lead, Phase, predictability
from strategies.study.predictability import Place
from strategies.study.prepare import prepare
from strategies.study.twin import Fidelity, Likeness
from strategies.work.choose import CLUSTER_VARIABLE, address_set, pool_at
from strategies.work.here import Here

NAN = float("nan")


def _base(**changed) -> World:
    models = (
        SimModel(name="small", accuracy=0.6, price_in_usd_per_mtok=0.1, price_out_usd_per_mtok=0.4, confidence_auroc=0.9),
        SimModel(name="large", accuracy=0.85, price_in_usd_per_mtok=3, price_out_usd_per_mtok=15),
    )
    return World(**{"name": "Two", "models": models, "n": 2000, **changed})


def _phase(lead: float = 0.05, *, spread: float = 0.0) -> Phase:
    """Return a map on which the cascade gains with its sight what the router gains with its own; `lead` is the cascade's head start."""
    auroc = np.array([0.5, 0.75, 1.0])
    level = np.repeat((0.6 + 0.2 * (auroc - 0.5))[None, :, None], len(SHARES), axis=2)
    router = np.concatenate([level, level])
    cascade = np.concatenate([level + lead - spread, level + lead + spread])
    return Phase(auroc=auroc, router=router, cascade=cascade, done=True)


def test_every_dial_of_a_link_reaches_the_world() -> None:
    """Dials by path, all models at once, words, changes on the way and the two places land in the world; its name says it was turned."""
    given = {
        "dials": {
            "judge_noise": 0.1,
            "models.small.accuracy": 0.7,
            "models.*.overconfidence": 0.2,
            "difficulty_shape": "even",
            "ex_ante": 0.8,
        },
        "shifts": [{"kind": "price", "at": 0.6, "until": 1.0, "size": 3.0, "model": "large"}],
    }
    world = lab.world_of(_base(), given)
    assert (world.judge_noise, world.difficulty_shape, world.model("small").accuracy) == (0.1, "even", 0.7)
    assert {m.overconfidence for m in world.models} == {0.2}
    assert predictability(world)[0] == pytest.approx(0.8)
    assert [shift.kind for shift in world.shifts] == ["price"]
    assert world.name == "Two, turned (simulated)"
    assert lab.titled(world) == "Two, turned"
    assert lab.world_of(_base(), {}) == _base()


@pytest.mark.parametrize(
    "given",
    [
        {"dials": {"no_such": 1}},
        {"dials": {"judge_noise": 7}},
        {"dials": {"models.nobody.accuracy": 0.5}},
        {"dials": {"ex_ante": 0.2}},
        {"dials": {"post_hoc": "much"}},
        {"dials": {"difficulty_shape": "spiral"}},
        {"shifts": [{"kind": "price", "evil": 1}]},
        {"shifts": [{"kind": "flood"}]},
        {"shifts": [{"at": 0.3}]},
        {"shifts": [{"kind": "price", "size": 2.0, "model": None}]},
        {"shifts": [{"kind": "outage", "model": "nobody"}]},
    ],
)
def test_what_no_world_can_be_is_refused_in_words(given: dict) -> None:
    """A link to a world that can't be is one ProblemError, never another exception."""
    with pytest.raises(ProblemError):
        lab.world_of(_base(), given)


def test_turning_the_correlation_lets_go_of_what_was_fitted_pair_by_pair() -> None:
    """A twin has a correlation for each pair; one slider for all replaces them, and the simulated errors follow it."""
    fitted = _base(residuals=((1.0, 0.1), (0.1, 1.0)))
    world = lab.world_of(fitted, {"dials": {"correlation": 0.4}})
    assert world.residuals == ()
    assert lab.correlation_of(world)[0] == pytest.approx(0.4, abs=0.01)
    low, high = lab.correlation_of(world)[1:]
    assert low < 0.4 < high


def test_sets_of_one_name_share_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """Place and twin belong to the content: other answers, other foresight or prompts read meanwhile are looked at anew, a name is not."""
    monkeypatch.setattr(lab, "_begun", lambda key, *_: key)
    table = lab.table_of(_base())
    other = lab.table_of(_base(seed=1))
    foreseen = lab.table_of(_base(ex_ante=0.9))
    blind = replace(table, features={name: values for name, values in table.features.items() if name != "embedding"})
    named = replace(table, origin=replace(table.origin, name="Else"))
    assert {each.origin.name for each in (table, other, foreseen, blind)} == {"Two (simulated)"}
    studies = [prepare(each) for each in (table, other, foreseen, blind)]
    for work in (lab.place, lab.likeness):
        assert len({work(study) for study in studies}) == len(studies)
    assert lab.place(prepare(named)) == lab.place(studies[0])
    assert lab.likeness(prepare(named)) != lab.likeness(studies[0])  # the twin is called after the set


def test_moving_on_the_map_keeps_the_map() -> None:
    """Worlds that differ in the two predictabilities share one map; another price has another."""
    keys = [
        module.ground(lab.ground_of(_base(), {"dials": dials})).key
        for dials in ({}, {"ex_ante": 0.9}, {"post_hoc": 0.55}, {"models.large.price_out_usd_per_mtok": 99.0})
    ]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_a_map_grows_stops_and_is_begun_again_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job tells its pictures as it goes; a stopped one stays stopped with what it has, and dropping it begins anew."""
    monkeypatch.setattr(module, "STEPS", ((2, 2), (3, 2)))
    job = lab.diagram(_base())
    jobs.wait(job, 60)
    assert (job.phase, job.partial.router.shape[:2], job.done, job.total) == ("done", (2, 3), 6, 6)
    assert lab.diagram(lab.ground_of(_base(), {"dials": {"ex_ante": 0.9}})) is job
    other = _base(judge_noise=0.07)
    stopped = lab.diagram(other)
    stopped.stop.set()
    jobs.wait(stopped, 60)
    assert stopped.phase == "stopped"
    assert lab.diagram(other) is stopped
    jobs.ALL.drop(stopped.key)
    again = lab.diagram(other)
    assert again is not stopped
    lab.left(again.key, "another")
    assert again.stop.is_set() or again.phase == "done"
    for each in (job, stopped, again):
        jobs.ALL.drop(each.key)


def test_a_map_is_measured_on_the_cluster_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every simulation is a piece of its pool, which is kept from one picture to the next; a cluster that is not there is said."""
    monkeypatch.setattr(module, "STEPS", ((2, 2), (3, 2)))
    ran: list[tuple[int, float]] = []
    entered: list[str] = []

    class There(Here):
        def __enter__(self) -> Self:
            entered.append(address_set())
            return self

        def __exit__(self, *_: object) -> None:
            entered.append("left")

        def run(self, function, pieces, **how):
            ran.extend(pieces)
            return super().run(function, pieces, **how)

    here = list(module.phase(module.ground(_base(judge_noise=0.03))))[-1]
    monkeypatch.setenv(CLUSTER_VARIABLE, "head:6379")
    monkeypatch.setattr("strategies.work.choose.pool_at", There)
    job = lab.diagram(_base(judge_noise=0.03))
    jobs.wait(job, 60)
    assert (job.phase, job.done) == ("done", 6)
    assert (sorted(ran), entered) == ([(draw, at) for draw in (0, 1) for at in (0.5, 0.75, 1.0)], ["head:6379", "left"])
    assert np.array_equal(job.partial.cascade, here.cascade, equal_nan=True)
    monkeypatch.setattr("strategies.work.choose.pool_at", lambda: pool_at("nowhere"))
    lost = lab.diagram(_base(judge_noise=0.02))
    jobs.wait(lost, 60)
    assert (lost.phase, lost.error.partition(".")[0]) == ("failed", "'nowhere' is no address of a Ray cluster")
    for each in (job, lost):
        jobs.ALL.drop(each.key)


@pytest.mark.parametrize(
    ("lead", "said"),
    [(0.05, "**cascading wins by 5.0 points** (5.0 to 5.0)"), (-0.021, "**routing wins by 2.1 points** (2.1 to 2.1)")],
)
def test_the_finding_is_the_winners(lead: float, said: str) -> None:
    """Whoever wins, the sentence says by how much with the interval in ascending order, where, and at which cost."""
    text = pictures.finding(_phase(lead), (0.7, 0.7), "0.5", "large")
    assert said in text
    assert "router can know (.70)" in text
    assert "at half the cost of always asking large" in text


def test_a_finding_within_its_interval_names_no_winner() -> None:
    """Where the interval has 0 in it neither wins, and both ends are told with their signs."""
    text = pictures.finding(_phase(0.01, spread=0.02), (0.7, 0.7), "all", "large")
    assert "neither wins" in text
    assert "+1.0 points (−24.4 to +26.4)" in text
    assert "over all budgets" in text
    assert "routing wins" not in text


def test_the_finding_says_where_the_two_draw_level() -> None:
    """It names the foresight at which the router catches up, or says that none does."""
    assert "draw level where the router knows .95." in pictures.finding(_phase(0.05), (0.6, 0.7), "0.5", "large")
    assert "No router catches up" in pictures.finding(_phase(0.2), (0.6, 0.7), "0.5", "large")
    assert "ahead of this cascade" in pictures.finding(_phase(-0.2), (0.6, 0.7), "0.5", "large")
    assert pictures.finding(None, (0.6, 0.7), "0.5", "large") == words.FINDING_WAIT


def test_level_is_said_with_its_interval() -> None:
    """Where the router catches up it says from where to where that may be chance; nobody is said never to catch up within chance."""
    near = pictures.finding(_phase(0.0, spread=0.002), (0.6, 0.75), "0.5", "large")
    assert "draw level where the router knows .75; from .62 to .88 the difference may be chance." in near
    # Behind everywhere on average, but by less than chance where it knows most.
    behind = pictures.finding(_phase(0.09, spread=0.003), (0.6, 0.7), "0.5", "large")
    assert "No router catches up" not in behind
    assert " to 1.00 of what a router can know the difference may be chance." in behind


def test_the_map_shows_where_neither_wins() -> None:
    """Cells whose interval holds 0 lie in the grey field, others don't; a side is named only where somebody wins for sure."""
    phase = _phase(0.0, spread=0.002)
    picture = charts.diagram(phase, (0.9, 0.55), share=0.5, mode="light")
    field = next(t for t in picture["data"] if t["type"] == "contour" and t["contours"].get("type") == "constraint")
    _, low, high = phase.leads(0.5)
    assert (field["contours"]["operation"], field["contours"]["value"]) == ("<", 0)  # what does not meet it is shaded
    assert np.array_equal(np.array(field["z"]) >= 0, (low <= 0) & (high >= 0))
    even = next(note for note in picture["layout"]["annotations"] if words.EVEN_HERE in note["text"])
    assert (even["x"], even["y"]) == (0.75, 0.75)
    seen = [[note["text"] for note in charts.diagram(each, (0.9, 0.55), share=0.5, mode="light")["layout"]["annotations"]]
            for each in (phase, _phase(0.3), _phase(-0.3), _phase(0.0, spread=0.1))]  # fmt: skip
    named = [[name for name in (words.CASCADE_WINS, words.ROUTER_WINS, words.EVEN_HERE) if f"<b>{name}</b>" in notes] for notes in seen]
    assert named == [[words.CASCADE_WINS, words.ROUTER_WINS, words.EVEN_HERE], [words.CASCADE_WINS], [words.ROUTER_WINS], [words.EVEN_HERE]]


def test_where_the_open_set_lies_is_said_as_measured() -> None:
    """Known places, unknown ones and the lead on the set itself are told apart; nothing unknown becomes a number."""
    leads = tuple(Lead(-0.1, -0.13, -0.07) for _ in range(len(SHARES) + 1))
    place = Place(ex_ante=0.86, post_hoc=0.75, router="knn-router", signals=("margin",), leads=leads, cheapest=0.02)
    text = pictures.placed(place, "Mine", "0.5", "large", twin=True)
    assert "**Mine**: its nearest-neighbour router knows .86, its cascade sees .75" in text
    assert "routing wins by 10.0 points (7.0 to 13.0)" in text
    assert "measured, not simulated" in text
    again = pictures.placed(place, "Mine", "0.5", "large", twin=True, simulated=True)
    assert "measured, not simulated" not in again
    assert "one draw, simulated" in again
    assert "take its twin" in pictures.placed(place, "Mine", "0.5", "large", twin=False)
    tied = replace(place, leads=tuple(Lead(0.0, -0.01, 0.02) for _ in leads))
    assert "neither wins" in pictures.placed(tied, "Mine", "all", "large", twin=True)
    half = pictures.placed(Place(ex_ante=NAN, post_hoc=0.75), "Mine", "0.5", "large", twin=True)
    assert "not known" in half
    assert "nan" not in half
    assert "cannot be placed" in pictures.placed(Place(ex_ante=NAN, post_hoc=NAN), "Mine", "0.5", "large", twin=True)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_picture_says_that_it_is_simulated(mode: str) -> None:
    """The plane and the map carry the word on themselves, so that a picture of them does too."""
    seen = outline(prepare(lab.table_of(_base())), {"margin-cascade": {"chain": ("small", "large")}, "foreseen-router": {}})
    pair = (
        charts.plane(seen, mode=mode, budget=(seen.models[1].cost / 2, "half")),
        charts.diagram(_phase(), (0.7, 0.7), share=None, mode=mode),
    )
    for picture in pair:
        assert words.SIMULATED in [note["text"] for note in picture["layout"]["annotations"]]


def test_the_map_draws_the_border_and_both_marks() -> None:
    """The zero line and its interval are contours at 0; world and own set are marked where they are; every cell can be pressed."""
    picture = charts.diagram(_phase(), (0.62, 0.84), share=0.5, mode="light", yours=("Mine", 0.9, 0.8))
    borders = [t for t in picture["data"] if t["type"] == "contour" and t["contours"].get("start") == t["contours"].get("end") == 0]
    assert sorted(t["line"]["dash"] for t in borders) == ["dot", "dot", "solid"]
    marks = {t["text"][0]: (t["x"][0], t["y"][0]) for t in picture["data"] if t.get("mode") == "markers+text"}
    assert marks == {"<b>this world</b>": (0.62, 0.84), "<b>Mine</b>": (0.9, 0.8)}
    cells = picture["data"][-1]
    assert len(cells["x"]) == 9
    assert cells["text"][0] == "cascading by 5.0 points (5.0 to 5.0)"
    blank = charts.diagram(None, (0.62, 0.84), share=0.5, mode="light")
    assert [t["type"] for t in blank["data"]] == ["scatter"]


def test_the_plane_has_everything_that_competes() -> None:
    """Cascade, router, blind mixing, single models with intervals and the oracle are there; costs are per 1,000 queries."""
    seen = outline(prepare(lab.table_of(_base())), {"margin-cascade": {"chain": ("small", "large")}, "foreseen-router": {}})
    picture = charts.plane(seen, mode="light")
    names = {trace["name"] for trace in picture["data"] if trace.get("name")}
    assert {words.CASCADE, words.ROUTER, words.MIX, words.MODELS_LEGEND, words.ORACLE} <= names
    models = next(t for t in picture["data"] if t.get("name") == words.MODELS_LEGEND)
    assert models["x"] == [1000 * spot.cost for spot in seen.models]
    assert models["error_y"]["array"][0] == pytest.approx(seen.models[0].high - seen.models[0].quality)
    assert seen.oracle.quality >= max(spot.quality for spot in seen.models)


def test_a_mixture_is_straight_in_money_on_a_log_axis() -> None:
    """Between two points of a line the picture follows the mean of their costs, not of the logarithms."""
    x, y = dense([1.0, 100.0], [0.0, 1.0], log=True)
    assert np.interp(50.5, x, y) == pytest.approx(0.5)
    assert len(x) > 100
    assert dense([1.0, 100.0], [0.0, 1.0], log=False) == ([1.0, 100.0], [0.0, 1.0])


def test_a_change_on_the_way_is_a_turn_too() -> None:
    """A twin with a price shock is no longer the one that was compared, though no dial moved."""
    assert lab.is_turned({"shifts": [{"kind": "price", "size": 3.0}]})
    assert lab.is_turned({"dials": {"judge_noise": 0.1}})
    assert not lab.is_turned({"world": "twin", "share": "0.5", "dials": {}, "shifts": []})


def test_a_twin_is_judged_in_words() -> None:
    """Within all bands it says so; else it names the share inside, the farthest curve and where that is."""
    cost, level = np.array([0.001, 0.002]), np.array([0.5, 0.6])
    good = Likeness(name="Oracle", kind="oracle", cost=cost, recorded=level, low=level - 0.1, high=level + 0.1, twin=level)
    bad = replace(good, name="Cascade", twin=level + np.array([0.0, 0.15]))
    facts = SimpleNamespace(notes=(), facts=())
    assert likeness.summary(Fidelity(twin=facts, likenesses=(good,), unit="USD")) == words.TWIN_ALL
    said = likeness.summary(Fidelity(twin=facts, likenesses=(good, bad), unit="USD"))
    assert "75 %" in said
    assert "5.0 points (Cascade)" in said
    assert likeness.one(bad, "USD") == "Within the band at 50 % of the costs; farthest off by 5.0 points, at $2.00 per 1,000."
    assert likeness.one(good, "USD") == words.TWIN_INSIDE


def test_numbers_are_read_out_as_elsewhere() -> None:
    """An AUROC has two decimals and no leading zero; points have a real minus and no sign at zero."""
    assert (charts.auroc(0.625), charts.auroc(1.0), charts.auroc(0.5)) == (".63", "1.00", ".50")
    assert (charts.points(0.041), charts.points(-0.041), charts.points(0.0001)) == ("+4.1", "−4.1", "0.0")
