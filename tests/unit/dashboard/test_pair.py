"""A against B and the best of many without a browser: what is said, which two, colours, the picture by task, the address."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dashboard import pairs, theme
from dashboard.charts import pair as charts
from dashboard.components.compare import leader
from dashboard.components.compare.against import about, amount, figures, how, sentence
from dashboard.state import View, decode, encode
from strategies.study.beside import MODEL, Asked, Beside, Side, Tally, beside
from strategies.study.compare_values import NAN
from strategies.study.prepare import Study
from tests.unit.dashboard.test_compare import compared, made, study  # noqa: F401 - a fixture

BEST, OTHER = "model:strong", "model:weak"


def sides(n: int, wins: int, losses: int, *, cheaper: float = 0.5, seed: int = 0) -> tuple[Side, Side]:
    """Two sides of n queries: A alone is right on `wins`, B alone on `losses`; A costs this part of what B does."""
    random = np.random.default_rng(seed)
    a, b = np.ones(n, dtype=np.float32), np.ones(n, dtype=np.float32)
    b[:wins], a[wins : wins + losses] = 0, 0
    cost = (0.001 * random.lognormal(0, 0.2, n)).astype(np.float32)
    return Side(id="a", title="First", quality=a, cost=cheaper * cost), Side(id="b", title="Second", quality=b, cost=cost)


class Untasked:
    """What `beside` asks of a study."""

    strata = None

    class tested:  # noqa: N801 - as the study calls it
        """Its queries have no tasks."""

        class queries:  # noqa: N801
            """No names."""

            task_names = ()


def against(a: Side, b: Side) -> Beside:
    """A against B of a study without tasks."""
    return beside(Untasked, a, b)


def test_one_sentence_says_whether_they_can_be_told_apart() -> None:
    """Told apart with by how much; untold with how many more would settle it, two digits; equal for ever; the same; unknown."""
    told = sentence(against(*sides(400, 60, 10)))
    assert told.startswith("With these 400 queries **First** is better than **Second**, by 12.5 points (")
    assert "First costs 50.0\u202f% less." in told
    back = sentence(against(*reversed(sides(400, 60, 10))))
    assert "**First** is better than **Second**, by 12.5 points" in back
    assert "Second costs 2.0 times as much." in back
    untold = against(*sides(400, 23, 20))
    said = sentence(untold)
    assert "you cannot tell **First** and **Second** apart in quality; about " in said
    assert f"{about(untold.found.quality.more)} more of the same mix would settle it" in said
    assert said.endswith("; that First costs 50.0\u202f% less is not chance.")
    assert "no number of queries" in sentence(against(*sides(400, 20, 20)))
    assert "equally good on every one of these 400" in sentence(against(*sides(400, 0, 0)))
    assert "they cost the same" in sentence(against(*sides(400, 0, 0, cheaper=1.0)))
    a, b = sides(400, 60, 10)
    unknown = sentence(against(a, replace(b, quality=np.full(400, NAN, dtype=np.float32), cost=np.full(400, NAN, dtype=np.float32))))
    assert "not known" in unknown
    assert "nan" not in unknown
    assert "First costs 99.0\u202f% less" in sentence(against(*sides(400, 60, 10, cheaper=0.01)))
    free = replace(b, cost=np.zeros(400, dtype=np.float32))
    assert "First costs more." in sentence(against(a, free))
    assert "Second costs 20.0\u202f% more" in sentence(against(*reversed(sides(400, 60, 10, cheaper=1 / 1.2))))


def test_few_queries_are_said_to_be_counted() -> None:
    """Under 100 queries the sentence says so."""
    assert sentence(against(*sides(80, 7, 3))).endswith("counted exactly.")
    assert "counted exactly" not in sentence(against(*sides(400, 7, 3)))


def test_numbers_of_queries_are_no_finer_than_they_are_known() -> None:
    """Two digits, rounded up."""
    assert [about(n) for n in (1, 37, 103, 1849, 25_310)] == ["1", "37", "110", "1\u202f900", "26\u202f000"]


def test_the_table_has_intervals_p_and_queries_needed() -> None:
    """Both means, the difference, its ends, p with how it was made, and what would settle it; the unknown is a dash."""
    rows = figures(against(*sides(400, 23, 20)), "USD")
    texts = [[getattr(cell, "text", cell) for cell in line] for line in rows]
    assert texts[0][:2] == ["A: First", "95.0\u202f%"]
    assert texts[2][1] == "+0.8"
    assert texts[2][2].startswith("−$0.")
    assert " to " in texts[3][1]
    assert "exactly" in rows[4][1].hover
    assert texts[4][2] == "< 0.0001"
    assert texts[5][1].startswith("about ")
    assert texts[5][2] == "told apart"
    a, b = sides(400, 23, 20)
    bare = figures(against(a, replace(b, cost=np.full(400, NAN, dtype=np.float32))), "share")
    assert [getattr(line[2], "text", line[2]) for line in bare[1:]] == ["–"] * 5
    assert (amount(0.25, "share"), amount(2.5, "relative"), amount(0.001, "USD")) == ("25.0\u202f%", "2.50", "$1.00")


def test_how_both_were_set_is_said(study: Study) -> None:  # noqa: F811
    """The model whose cost or quality is met, and a goal that one of them cannot meet; two models have no settings."""
    now = compared(study, made("a", 0.8, 0.1))
    found = against(*sides(400, 23, 20))
    wanted = (Asked(id="a", point="equal_cost", model=study.best), Asked(id="b", point="equal_cost", model=study.best))
    said = how(study, wanted, found, now)
    assert "cost no more than" in said
    assert "\\$" in said or "relative" in said or "sent" in said
    short = how(study, wanted, replace(found, b=replace(found.b, met=False)), now)
    assert "**Second** has no setting that costs so little" in short
    models = tuple(Asked(id=f"{MODEL}{model}", point="at") for model in study.pool[:2])
    assert "no settings" in how(study, models, found, now)


def test_the_pair_is_that_of_the_address_else_the_first_two(study: Study) -> None:  # noqa: F811
    """Unknown names fall back; of one strategy, it and the best single model; a link reopens the pair, and refuses what is none."""
    now = compared(study, made("a", 0.8, 0.1), made("b", 0.9, 0.1))
    best = f"{MODEL}{study.best}"
    assert pairs.chosen(now, study, View()) == ("b", "a")
    assert pairs.chosen(now, study, View(pair=("a", best))) == ("a", best)
    assert pairs.chosen(now, study, View(pair=("a", "gone"))) == ("b", "a")
    assert pairs.chosen(compared(study, made("a", 0.8, 0.1)), study, View()) == ("a", best)
    assert list(pairs.names(study, now))[:2] == ["b", "a"]
    view = View(pair=("a", best), pair_at="at")
    assert decode(encode(view)) == view


def test_ticked_rows_stand_against_each_other() -> None:
    """The last two ticks; one alone against the B that is there, unless it is it; none leaves the pair."""
    ids = ["p", "q", "r"]
    assert pairs.ticked((), [1], ids, ("p", "r")) == ((1,), ("q", "r"))
    assert pairs.ticked((), [2], ids, ("p", "r"))[1] == ("p", "r")
    assert pairs.ticked((2,), [0, 2], ids, ("p", "q")) == ((2, 0), ("r", "p"))
    assert pairs.ticked((2, 0), [0, 1, 2], ids, ("p", "q"))[1] == ("p", "q")
    assert pairs.ticked((2, 0), [], ids, ("p", "q")) == ((), ("p", "q"))


def test_colours_are_those_of_the_picture_above() -> None:
    """A highlighted one keeps its colour; the other takes one that is not taken by it."""
    a, b = pairs.colours(("x", "y"), {"x": 0}, "light")
    assert a == theme.strategy_colour(0, "light")
    assert b != a
    assert pairs.colours(("x", "y"), {"x": 3, "y": 1}, "dark") == tuple(theme.strategy_colour(at, "dark") for at in (3, 1))


def tally(task: str, wins: int, ties: int, losses: int) -> Tally:
    """Counts of a task of 0/1 quality."""
    return Tally(task=task, wins=wins, ties=ties, losses=losses, difference=(wins - losses) / (wins + ties + losses))


def test_the_picture_has_a_row_a_task() -> None:
    """B's bars to the left, A's to the right, in per cent of the task; all queries on top; small tasks of many are one row."""
    whole, tasks = tally("", 30, 160, 10), [tally("<b>x", 30, 70, 0), tally("y", 0, 90, 10)]
    drawn = charts.differences(whole, tasks, colours=("#111111", "#222222"), mode="light")
    right, left, net = drawn["data"]
    assert right["x"] == [0, 30, 15]
    assert left["x"] == [-10, 0, -5]
    assert net["x"] == pytest.approx([-10, 30, 10])
    assert drawn["layout"]["yaxis"]["ticktext"] == ["y", "&lt;b&gt;x", "All queries"]
    assert [each["text"] for each in drawn["layout"]["annotations"]] == ["90\u202f% alike", "70\u202f% alike", "80\u202f% alike"]
    assert "A better on 30, B better on 10, alike on 160 of 200; A less B 10.0" in right["customdata"][2][0]
    many = charts.differences(
        tally("", 20, 180, 0), [tally(f"t{i}", 1, 9, 0) for i in range(20)], colours=("#111111", "#222222"), mode="dark"
    )
    names = many["layout"]["yaxis"]["ticktext"]
    assert (len(names), names[0]) == (13, "9 other tasks")
    nearly = charts.differences(tally("", 1, 1599, 0), [], colours=("#111111", "#222222"), mode="dark")
    assert nearly["layout"]["annotations"][0]["text"] == "99.9\u202f% alike"
    assert nearly["layout"]["yaxis"]["ticktext"] == ["All queries"]
    assert "NaN" not in str(nearly)


def test_the_best_is_said_with_its_corrected_figure(study: Study) -> None:  # noqa: F811
    """Shown, corrected and at least; who is not told apart, by name; marks in the table; nothing where there is no choice."""
    random = np.random.default_rng(0)
    drawn = [tuple(random.normal(0, 0.01, 200)) for _ in range(3)]
    rows = [made(name, aiq, 0.1, most=each, least=each) for name, aiq, each in zip("abc", (0.8, 0.795, 0.6), drawn, strict=True)]
    now = compared(study, *rows)
    said = leader.told(now)
    assert said.startswith("**A** leads with an AIQ of 80.0\u202f%; corrected for being the best of 3: ")
    assert "(95\u202f%)" in said
    assert "Not told apart from the best: B, marked in the table." in said
    assert [leader.mark(now, row) for row in rows] == ["leads", "not told apart", None]
    assert "surely behind" in leader.told(compared(study, rows[0], rows[2]))
    assert leader.told(compared(study, rows[0])) == ""
    level = [made(f"s{i}", 0.8, 0.1, most=each, least=each) for i, each in enumerate(drawn)]
    assert "None of the others" in leader.told(compared(study, *level))
    assert math.isfinite(compared(study, *level).best.bound)
