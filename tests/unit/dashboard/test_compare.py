"""The Compare page without a browser: what is said, what is in colour, the table, what is pressed, what is taken away, the work behind."""

from __future__ import annotations

import csv
import io
import json
import math
import threading
from dataclasses import replace

import pytest

from dashboard import comparison, jobs, theme
from dashboard.charts import compare as charts
from dashboard.components.compare import picture, table, told, top
from dashboard.state import Slot, View
from data.problems import ProblemError, refuse
from strategies.registry import find
from strategies.study.compare import begun
from strategies.study.compare_values import NAN, Comparison, Point, Row
from strategies.study.outline import outline
from strategies.study.prepare import Study, prepare
from strategies.study.worlds import simulated
from tests.unit.dashboard.test_lab import _base

DRAWS = (-0.01, 0.0, 0.01)


def point(**changed) -> Point:
    """A point that keeps the best model's quality for half of its cost, or with some of it changed."""
    usual = {
        "settings": {"t1": 0.5}, "met": True, "quality": 0.84, "quality_low": 0.82, "quality_high": 0.86, "cost": 0.002, "cost_low": 0.001,
        "cost_high": 0.003, "gap": 0.002, "gap_low": -0.01, "gap_high": 0.014, "random": 0.7, "random_cost": 0.002, "over_random": 0.14,
        "over_random_low": 0.12, "over_random_high": 0.16,
    }  # fmt: skip
    return Point(**{**usual, **changed})


def made(identity: str, aiq: float, lead: float, **changed) -> Row:
    """A row with figures."""
    at = point()
    usual = {
        "id": identity, "title": identity.title(), "family": "router", "status": "compared", "cost": (0.001, 0.002), "quality": (0.7, 0.84),
        "aiq": aiq, "lead": lead, "draws": DRAWS, "at": at, "equal_quality": at, "equal_cost": at, "saving": 0.5, "fit_s": 1.25,
        "decide_us": 0.4, "peak_mib": 12.0,
    }  # fmt: skip
    return Row(**{**usual, **changed})


@pytest.fixture(scope="module")
def study() -> Study:
    """A simulated study of two models."""
    table = simulated(_base())
    return prepare(table, pool=table.models)


def compared(study: Study, *rows: Row, more: int = 0) -> Comparison:
    """A comparison with these rows, and some that are still to come."""
    asked = (*(row.id for row in rows), *(f"later-{i}" for i in range(more)))
    return replace(begun(study, []), asked=asked, rows=rows)


def test_the_finding_names_the_first_and_how_sure_it_is(study: Study) -> None:
    """The highest AIQ with its lead and the bound for all at once, who cannot be told from blind mixing, who saves; nothing too sure."""
    now = compared(study, made("best", 0.8, 0.1), made("weak", 0.7, 0.0, saving=NAN))
    said = told.finding(now)
    assert "Of 2 strategies **Best** has the highest AIQ: 80.0\u202f%, 10.0 points above blind mixing, at least 9.1" in said
    assert "1 of them show no sure gain" in said
    assert "**Best**" in said.split("cheapest")[1]
    assert "+0.2 points (−1.0 to +1.4)" in said
    assert "So far" not in said
    assert told.finding(replace(now, asked=(*now.asked, "later"))).endswith("So far.")
    assert "none can be told apart" in told.finding(compared(study, made("a", 0.7, 0.001), made("b", 0.69, 0.0)))
    assert "none can be told apart" in told.finding(compared(study, made("a", 0.7, 1e-16, draws=(0.0,) * 3), made("b", 0.69, 0.0)))
    assert "has an AIQ of" in told.finding(compared(study, made("only", 0.8, 0.1)))


def test_a_promise_that_broke_on_test_is_no_saving(study: Study) -> None:
    """Cheap on calibrate and surely worse on test: not named; where nobody saves, that is said."""
    broken = made("broken", 0.8, 0.1, saving=0.9, equal_quality=point(gap=-0.05, gap_low=-0.07, gap_high=-0.03))
    assert "None keeps" in told.finding(compared(study, broken))
    both = told.finding(compared(study, broken, made("sound", 0.7, 0.05, saving=0.2)))
    assert "**Sound**" in both.split("cheapest")[1]


def test_what_is_not_known_is_not_said(study: Study) -> None:
    """Without areas, bounds or rows there are other sentences, and never a nan."""
    few = told.finding(compared(study, made("a", NAN, NAN, draws=())))
    undrawn = told.finding(compared(study, made("a", 0.8, 0.1, draws=())))
    none = told.finding(compared(study, Row(id="x", title="X", family="router", status="missing", said="It needs y.")))
    assert "Fewer than 100" in few
    assert "at least" not in undrawn
    assert none.startswith("No strategy")
    assert told.finding(compared(study, more=3)) == ""
    same = replace(compared(study, made("a", NAN, NAN)), reference=replace(begun(study, []).reference, high=0.0, low=0.0, zero_aiq=NAN))
    assert "cost the same" in told.finding(same)
    assert "AIQ" not in told.reference(same)
    assert "nan" not in few + undrawn + none + told.reference(same)


def test_what_has_to_be_beaten_is_said_in_the_datas_unit(study: Study) -> None:
    """Money is escaped for Markdown; shares and relative costs have words of their own."""
    now = compared(study)
    assert "\\$" in told.reference(now)
    share = replace(now, about=replace(now.about, cost_unit="share"))
    assert told.cost(share, 0.25) == "25.0\u202f% sent to the strong model"
    assert told.cost(replace(now, about=replace(now.about, cost_unit="relative")), 2.5) == "a relative cost of 2.50"


def test_the_best_are_in_colour_until_others_are_chosen(study: Study) -> None:
    """At most eight; a strategy in play keeps its colour; no colour twice; unknown names are left out."""
    rows = [made(f"s{i}", 0.9 - i / 100, 0.1) for i in range(11)]
    now = compared(study, *rows)
    view = View(slots=(Slot(letter="c", strategy="s1"), Slot(letter="d", strategy="s10")))
    usual = comparison.lit(now, view)
    assert list(usual) == [f"s{i}" for i in range(8)]
    assert usual["s1"] == 2
    assert sorted(usual.values()) == list(range(8))
    chosen = comparison.lit(now, replace(view, compare=("s10", "gone", "s3")))
    assert chosen == {"s10": 3, "s3": 0}
    assert list(comparison.lit(now, replace(view, compare=("gone",)))) == list(usual)


def test_the_picture_has_every_curve_and_what_it_has_to_beat(study: Study) -> None:
    """Grey lines below, coloured ones with ring and control above, models, blind mixing, oracle; titles cannot write HTML."""
    alone = made("dot", 0.7, 0.0, cost=(0.001,), quality=(0.7,))
    now = compared(study, made("a", 0.8, 0.1, title="<b>A</b>"), made("b", 0.75, 0.05), alone)
    drawn = charts.plane(outline(study, {}), now, {"a": 4}, mode="dark")
    colour = theme.strategy_colour(4, "dark")
    lines = [t for t in drawn["data"] if t["mode"] == "lines"]
    mine = [t for t in drawn["data"] if colour in repr(t)]
    assert len(lines) == 3  # one grey, blind mixing, one in colour
    assert lines[0]["line"]["color"].startswith("rgba")
    assert [t["mode"] for t in mine] == ["lines", "markers", "markers"]
    assert mine[-1]["x"] == [pytest.approx(2.0)]  # USD per 1,000
    assert "&lt;b&gt;A" in mine[0]["hovertemplate"]
    assert not any(t["showlegend"] for t in drawn["data"])
    few = compared(study, made("a", NAN, NAN, cost=(), quality=()))
    assert any(t["mode"] == "markers" and t["y"] == [0.84] for t in charts.plane(outline(study, {}), few, {"a": 0}, mode="light")["data"])


def test_the_key_names_what_is_drawn(study: Study) -> None:
    """Every coloured strategy by name, escaped; grey ones and rings only where there are any."""
    now = compared(study, made("a", 0.8, 0.1, title="<i>A</i>"), made("b", 0.75, 0.05))
    key = picture.key(now, {"a": 0}, mode="light")
    assert "&lt;i&gt;A" in key
    assert "other strategies" in key
    assert "keeps 97\u202f% on calibrate" in key
    bare = picture.key(compared(study), {}, mode="light")
    assert "other strategies" not in bare
    assert "calibrate" not in bare


def test_the_table_has_numbers_to_sort_by_and_gaps_where_nothing_is_known(study: Study) -> None:
    """Shares in per cent, money per 1,000, points without a minus nothing; goals out of reach leave cells empty."""
    far = point(met=False)
    now = compared(study, made("a", 0.8, -0.0001), made("b", 0.7, 0.05, equal_quality=far, equal_cost=far, saving=NAN))
    data = table.frame(now)
    assert data["strategy"].tolist() == ["A", "B"]
    assert data.loc[0, "aiq"] == pytest.approx(80)
    assert math.copysign(1, data.loc[0, "lead"]) == 1
    assert data.loc[0, "cost"] == pytest.approx(2)
    assert data.loc[0, "saving_gap"] == "+0.2 (−1.0 to +1.4)"
    assert data.loc[1, ["saving", "saving_gap", "equal_cost", "over_random"]].isna().all()
    assert set(data) <= set(table.config(now, live=True))
    assert "put" in table.config(now, live=False)
    few = table.frame(compared(study, made("a", NAN, NAN)))
    assert "aiq" not in few


def test_a_press_puts_in_play_and_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row pressed is put in play; one that is in play is selected and led to; anything else is ignored."""
    kept = {table.PUT: {"row": 1, "label": ""}, "view": View(slots=(Slot(letter="a", strategy="x"),))}
    monkeypatch.setattr("dashboard.state.st.session_state", kept)
    monkeypatch.setattr("dashboard.state.st.query_params", {})
    table.pressed(["x", "y"])
    assert [slot.strategy for slot in kept["view"].slots] == ["x", "y"]
    assert table.GONE not in kept
    kept[table.PUT] = {"row": 0, "label": ""}
    table.pressed(["x", "y"])
    assert kept["view"].selected == "a"
    assert kept.pop(table.GONE)
    kept[table.PUT] = {"row": 7, "label": ""}
    table.pressed(["x", "y"])
    assert table.GONE not in kept
    assert len(kept["view"].slots) == 2


def test_ticked_rows_are_the_pair(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ticks in the table choose A and B; the order of the ticks is remembered."""
    now = compared(study, made("a", 0.8, 0.1), made("b", 0.7, 0.1), made("c", 0.6, 0.1))
    kept = {table.TABLE: {"selection": {"rows": [2]}}, "view": View()}
    monkeypatch.setattr("dashboard.state.st.session_state", kept)
    monkeypatch.setattr("dashboard.state.st.query_params", {})
    table._ticked(now, study)
    assert kept["view"].pair == ("c", "b")
    kept[table.TABLE] = {"selection": {"rows": [0, 2]}}
    table._ticked(now, study)
    assert kept["view"].pair == ("c", "a")


def test_what_is_taken_away_says_what_it_rests_on(study: Study) -> None:
    """CSV and JSON name set, fingerprint, split, seed and versions; what is not known is empty or null."""
    broken = Row(id="x", title="X", family="router", status="failed", said="KeyError: 'a, b'")
    now = compared(study, made("a", 0.8, 0.1, peak_mib=NAN), broken)
    first, second = csv.DictReader(io.StringIO(comparison.take_away(now).to_csv(index=False)))
    assert (first["fingerprint"], first["seed"], first["data_kind"]) == (study.whole.fingerprint, "0", "simulated")
    assert first["split"]
    assert first["version.numpy"]
    assert first["equal_quality.settings"] == "t1=0.5"
    assert float(first["lead_at_least"]) < float(first["lead"])
    assert (first["peak_mib"], second["aiq"], second["said"]) == ("", "", "KeyError: 'a, b'")
    assert first["may_be_best"] == ""
    drawn = {"most": (0.0, 0.01), "least": (0.0, 0.01)}
    both = compared(study, made("a", 0.8, 0.1, **drawn), made("b", 0.7, 0.1, **drawn), broken)
    best, behind, _ = csv.DictReader(io.StringIO(comparison.take_away(both).to_csv(index=False)))
    assert (best["may_be_best"], behind["may_be_best"], best["best.figure"]) == ("True", "False", "aiq")
    assert float(best["best.at_least"]) <= float(best["best.corrected"]) <= float(best["best.shown"])
    whole = json.loads(comparison.as_json(now), parse_constant=pytest.fail)
    assert whole["best"] is None
    assert whole["strategies"][0]["peak_mib"] is None
    assert whole["strategies"][0]["cost"] == [0.001, 0.002]
    assert whole["about"]["versions"]["numpy"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, study: Study):
    """Comparing without processes: (known ids, release) of each call; a row a strategy, the last only after its release."""
    calls: list[tuple[set[str], threading.Event]] = []

    def fake(value, kinds, *, keep, known, progress, stop):
        release = threading.Event()
        calls.append(({row.id for row in known}, release))
        ids = [kind.card.id for kind in kinds]
        now = replace(begun(value, kinds, keep=keep), rows=tuple(row for row in known if row.id in ids))
        progress(now)
        for name in [name for name in ids if now.row(name) is None]:
            if name == ids[-1]:
                while not release.wait(0.01) and not stop.is_set():
                    pass
            if stop.is_set():
                return replace(now, stopped=True)
            now = replace(now, rows=(*now.rows, made(name, 0.8, 0.1)))
            progress(now)
        return now

    monkeypatch.setattr(comparison, "compare", fake)
    yield calls
    comparison.forget(study)


def test_what_was_measured_is_not_measured_again(study: Study, asked) -> None:
    """A stopped comparison goes on with the rest; a part of what is known is there at once; forgotten, it is measured anew."""
    one, two, three = (find(name) for name in ("random-mix", "zero-router", "margin-cascade"))
    assert comparison.found(study, (one, two)) is None
    job = comparison.start(study, (one, two))
    while not (job.partial and job.partial.rows):
        pass
    assert (job.done, job.total) == (1, 2)
    job.stop.set()
    jobs.wait(job, 5)
    assert job.phase == "stopped"
    again = comparison.start(study, (one, two))
    asked[-1][1].set()
    jobs.wait(again, 5)
    assert again.phase == "done"
    assert asked[-1][0] == {"random-mix"}
    part = comparison.found(study, (two,))
    assert part is not None
    assert [row.id for row in part.partial.rows] == ["zero-router"]
    assert comparison.found(study, (two, three)) is None
    comparison.forget(study)
    assert comparison.found(study, (two,)) is None


def test_a_comparison_that_cannot_begin_says_why(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker could not do is the job's error, in words."""

    def refused(*_args, **_named):
        raise refuse("a worker process could not open the set.", "Try again.")

    monkeypatch.setattr(comparison, "compare", refused)
    job = comparison.start(study, (find("random-mix"),))
    jobs.wait(job, 5)
    comparison.forget(study)
    assert job.phase == "failed"
    assert "could not open" in job.error
    assert issubclass(ProblemError, Exception)


def test_families_choose_strategies_in_the_methods_pages_order() -> None:
    """None chosen is all of them; bounds and single models are in none."""
    everything = comparison.kinds(())
    assert {kind.card.family for kind in comparison.kinds(("cascade",))} == {"cascade"}
    assert comparison.kinds(("unknown",)) == everything
    order = [comparison.families().index(kind.card.family) for kind in everything]
    assert order == sorted(order)


def test_a_guessed_time_is_not_told_too_finely() -> None:
    """Seconds under ten, fives above, minutes from a minute and a half."""
    assert [top.about(s) for s in (0.2, 7.4, 43, 89, 200)] == ["about 1 s", "about 7 s", "about 45 s", "about 90 s", "about 3 min"]
