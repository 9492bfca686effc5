"""How metrics are declared, found, asked and refused; and what is unknown."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import frontier, replay
from strategies.baselines.single import AlwaysOne
from strategies.cascades.margin import MarginCascade
from strategies.metrics import declared
from strategies.metrics.base import Metric, Option
from strategies.metrics.declared import METRICS, measure, measure_curve, measure_pool, measure_signal, metric, missing, per_query
from strategies.metrics.facts import done_of
from tests.worlds import NAN, bare, by_hand, unpriced

TABLE = by_hand(
    [[1, 1], [0, 1], [0, 0], [1, 0]], cost=[[1, 3]] * 4, latency=[[1, 2]] * 4, margin=[[0.9, 1], [0.2, 1], [0.4, 1], [0.6, 1]],
)  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """Return the run of the first model alone."""
    return replay(AlwaysOne(model="a"), TABLE)


@pytest.fixture(scope="module")
def curve():
    """Return a cascade's curve."""
    return frontier(MarginCascade(chain=("a", "b"), signal="margin").fit(TABLE), TABLE)


@pytest.mark.parametrize("each", METRICS.values(), ids=lambda each: each.id)
def test_every_metric_says_what_it_is(each):
    """Words, formula and source are there; the range is one; options have ranges that hold their defaults."""
    assert each.title
    assert each.formula
    assert each.source
    assert each.low < each.high
    assert not (each.mean and each.of not in ("run", "pool"))
    for option in each.options:
        assert option.help
        assert option.checked(option.default) is option.default


def test_names_of_elsewhere_lead_to_the_same_figure(run):
    """RouterEval's three and LLMRouterBench's six are found by the names that they have there."""
    for name in ("mu", "V_B", "E_p", "AvgAcc", "Gain@Random", "Gain@BestSingle", "Gap@Oracle", "PerfGain", "CostSave", "ParetoDist"):
        assert name in metric(name).also
    assert measure("mu", run, TABLE) == measure("quality", run, TABLE) == 0.5


def test_names_are_not_shared():
    """No id and no other name leads to two figures."""
    names = [name.casefold() for each in METRICS.values() for name in {each.id, *(a for a in each.also if a.casefold() != each.id)}]
    assert len(names) == len(set(names))


def test_two_of_one_id_are_refused(monkeypatch):
    """Of two figures with one id nobody could say which is meant."""
    monkeypatch.setattr(declared, "_found", lambda: iter([METRICS["quality"], METRICS["quality"]]))
    with pytest.raises(ProblemError, match="two metrics"):
        declared._gathered()


def test_what_cannot_be_measured_is_refused(run, curve):
    """An unknown metric or option, a value out of range, another table, the wrong thing measured on: each says what to do."""
    with pytest.raises(ProblemError, match="no metric"):
        measure("f1", run, TABLE)
    with pytest.raises(ProblemError, match="no option 'lvl'"):
        measure_curve("cpt", curve, TABLE, lvl=0.5)
    with pytest.raises(ProblemError, match="outside 0 to 1"):
        measure_curve("cpt", curve, TABLE, level=80)
    with pytest.raises(ProblemError, match="none of its choices"):
        measure("arena_score", run, TABLE, cheapness="free")
    with pytest.raises(ProblemError, match="no model 'z'"):
        measure("pgr", run, TABLE, weak="z")
    for wrong in (TABLE.take(np.arange(3)), TABLE.select(["b", "a"])):
        with pytest.raises(ProblemError, match="that it was"):
            measure("quality", run, wrong)
        with pytest.raises(ProblemError, match="that it was"):
            measure_curve("aiq", curve, wrong)


def test_each_is_measured_on_its_own_thing(run, curve):
    """A curve's figure is refused on a run, a run's on a curve, and neither comes from a table or a signal."""
    for call in (
        lambda: measure("aiq", run, TABLE),
        lambda: measure("auroc", run, TABLE),
        lambda: measure_curve("quality", curve, TABLE),
        lambda: measure_pool("quality", TABLE),
        lambda: measure_signal("quality", [0.5], [1]),
    ):
        with pytest.raises(ProblemError, match="is measured on a"):
            call()
    with pytest.raises(ProblemError, match="no mean over queries"):
        per_query("pgr", run, TABLE)


def test_an_unknown_call_makes_a_figure_unknown_never_smaller():
    """One hole that was called: quality and what rests on it are NaN; a hole that nobody called does not matter."""
    holed = by_hand([[1, 1], [NAN, 1], [0, NAN]], cost=[[1, 3], [NAN, 3], [1, NAN]])
    first, second = (replay(AlwaysOne(model=name), holed) for name in "ab")
    for name in ("quality", "cost_per_1k", "pgr", "v_b", "oracle_regret", "arena_score"):
        assert np.isnan(measure(name, first, holed)), name
    assert np.isnan(measure("quality", second, holed))
    whole = replay(AlwaysOne(model="a"), by_hand([[1, 1], [0, NAN]], cost=[[1, 3], [1, NAN]]))
    assert measure("quality", whole, by_hand([[1, 1], [0, NAN]], cost=[[1, 3], [1, NAN]])) == 0.5


def test_without_prices_what_needs_them_is_unknown():
    """Costs that nobody knows give NaN, and the words say what is lacking; quality stands."""
    table = unpriced(TABLE)
    run, curve = replay(AlwaysOne(model="a"), table), frontier(MarginCascade(chain=("a", "b"), signal="margin").fit(table), table)
    for each in METRICS.values():
        if each.of in ("run", "pool", "curve") and each.needs & {"cost", "usd"}:
            value = measure_curve(each.id, curve, table) if each.of == "curve" else measure(each.id, run, table)
            assert np.isnan(value), each.id
            assert "prices" in missing(each.id, table), each.id
    assert measure("quality", run, table) == 0.5


def test_what_a_table_lacks_is_said():
    """Scores alone lack prices, latencies, tokens, tasks, prompts and a signal; a whole table lacks nothing."""
    table = bare(TABLE)
    said = {name: missing(name, table) for name in METRICS}
    assert said["quality"] == ""
    assert said["ait"] == "It needs latencies and token counts."
    assert said["best_per_task"] == "It needs a task of each query."
    assert said["robustness"] == "It needs prompts."
    assert said["auroc"] == "It needs a confidence signal."
    assert said["arena_score"] == "It needs prices in USD."
    assert missing("arena_score", TABLE) == ""


def test_shares_are_no_dollars():
    """Where the cost is the share of strong calls, the arena's dollars are unknown, the gap is not."""
    table = unpriced(TABLE).relatively_priced({"a": 0, "b": 1})
    run = replay(AlwaysOne(model="b"), table)
    assert np.isnan(measure("arena_score", run, table))
    assert missing("arena_score", table) == "It needs prices in USD."
    assert measure("cost_per_1k", run, table) == 1000


def test_a_third_model_has_no_place_between_two():
    """RouteLLM's figures are of two models: with a third one called they are undefined, whichever two are named."""
    table = by_hand([[0, 0, 1], [0, 1, 1]], cost=[[1, 2, 4]] * 2, margin=[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    three = frontier(MarginCascade(chain=("a", "b", "c"), signal="margin").fit(table), table)
    two = frontier(MarginCascade(chain=("a", "c"), signal="margin").fit(table), table)
    for name in ("apgr", "apgr_routellm_11", "cpt"):
        assert np.isnan(measure_curve(name, three, table))
        assert np.isnan(measure_curve(name, two, table, strong="b"))
    assert measure_curve("apgr", two, table) == pytest.approx(0.5)


def test_a_resample_is_a_run_again(run):
    """Rows drawn twice count twice, in the run and in its pool."""
    drawn = done_of(run, TABLE).take(np.array([0, 0, 1]))
    assert METRICS["v_b"].compute(drawn, best="") == pytest.approx((2 / 3) / 1)
    assert len(drawn.pool) == 3


def test_an_option_says_its_range_in_the_one_form():
    """A number that has to be given may be left open, then the figure is undefined; anything else out of range is refused."""
    spend = Option(name="spend", default=NAN, low=0, help="What may be spent.")
    assert np.isnan(spend.checked(NAN))
    for value in (-1, "much", None):
        with pytest.raises(ProblemError, match="spend = "):
            spend.checked(value)
    with pytest.raises(ProblemError, match="level = nan"):
        Option(name="level", default=0.5, low=0, high=1, help="").checked(NAN)


def test_metrics_are_frozen():
    """Nobody changes a declaration."""
    with pytest.raises(AttributeError):
        METRICS["quality"].title = "Accuracy"
    assert isinstance(METRICS["quality"], Metric)
