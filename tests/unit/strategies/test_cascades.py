"""Margin and agreement cascades."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.cascades.margin import MarginCascade
from strategies.knobs import turns
from tests.worlds import NAN, bare, by_hand, proving_ground, unpriced, without

AGREE = find("agreement-cascade")
SURE = by_hand(
    [[1, 1, 1], [0, 1, 1], [0, 0, 1], [1, 0, 1]],
    cost=[[1, 10, 100]] * 4,
    margin=[[0.9, 0.1, 0.1], [0.4, 0.7, 0.1], [0.4, 0.6, 0.1], [NAN, 0.9, 0.1]],
)


def margin(**given):
    """Return a margin cascade over a, b, c on the recorded margin."""
    return MarginCascade(**({"chain": ("a", "b", "c"), "signal": "margin"} | given))


def test_it_stops_where_the_margin_reaches_the_threshold():
    """At the threshold it stops, below and without a score it goes on."""
    run = replay(margin(thresholds=(0.4, 0.7)), SURE)
    assert run.path == [(0,), (0,), (0,), (0, 1)]
    run = replay(margin(thresholds=(0.41, 0.7)), SURE)
    assert run.path == [(0,), (0, 1), (0, 1, 2), (0, 1)]
    assert run.cost_usd.tolist() == [1, 11, 111, 11]


@pytest.mark.parametrize(
    ("given", "thresholds"),
    [
        ({"t1": 0.5}, (0.5, 0.6)),
        ({"t2": 0.5}, (0.6, 0.5)),
        ({"t1": 0.2, "t2": 0.5}, (0.2, 0.5)),
        ({"thresholds": (0.1,)}, (0.1, 0.1)),
        ({"thresholds": [0.1, 0.2]}, (0.1, 0.2)),
        ({"thresholds": (0.1, 0.2, 0.3)}, (0.1, 0.2)),
        ({"thresholds": ()}, (0.6, 0.6)),
        ({"thresholds": (0.1, 0.2), "t2": 0.9}, (0.1, 0.9)),
        ({"chain": (), "t3": 0.9}, (0.6, 0.6, 0.9)),
    ],
)
def test_thresholds_can_be_given_one_by_one_or_as_a_vector(given, thresholds):
    """t1, t2 ... and thresholds= are two faces of one knob; it has an entry for every model but the last."""
    policy = margin(**given)
    assert policy.thresholds == thresholds
    assert [t.name for t in turns(policy)] == [f"t{k + 1}" for k in range(len(thresholds))]


def test_a_threshold_without_a_stage_is_refused():
    """Two thresholds cannot be set on two models."""
    with pytest.raises(ProblemError, match="2 models have 1 thresholds"):
        margin(chain=("a", "b"), t2=0.5)
    assert margin(chain=("a", "b"), t1=0.5).thresholds == (0.5,)


def test_the_chain_is_resolved_cheap_to_dear_and_a_given_one_stays():
    """Fitting fills in what was left open, at most five models, and keeps the thresholds' number in step."""
    fitted = MarginCascade().fit(proving_ground(60, 4))
    assert fitted.chain == ("m0", "m1", "m2", "m3")
    assert len(fitted.thresholds) == 3
    assert MarginCascade(chain=("m2", "m0")).fit(proving_ground(60, 4)).chain == ("m2", "m0")
    assert MarginCascade().fit(proving_ground(60, 9)).chain == ("m0", "m2", "m4", "m6", "m8")
    for chain in (("m0", "x"), ("x", "m0")):
        with pytest.raises(ProblemError, match="no model 'x'"):
            MarginCascade(chain=chain).fit(proving_ground(60, 4))


def signalled(**signals):
    """Return twelve queries and two models with these signals for the first model."""
    values = {name: [[v, NAN] for v in column] for name, column in signals.items()}
    return by_hand([[i % 2, 1] for i in range(12)], cost=[[1, 2]] * 12, prompts=[f"what is {i}" for i in range(12)], **values)


VARIED = [0.1, 0.9] * 6


@pytest.mark.parametrize(
    ("signals", "used"),
    [
        ({"margin": VARIED, "mean_logprob": [-0.5, -0.1] * 6}, "margin"),
        ({"mean_logprob": [-0.5, -0.1] * 6, "agreement": VARIED}, "mean_logprob"),
        ({"mean_logprob": [-0.1, -0.5] * 6, "agreement": VARIED}, "agreement"),
        ({"margin": [0.2, 0.4, 0.6, 0.5] * 3, "agreement": VARIED}, "agreement"),
        ({"margin": [0.5] * 12, "agreement": VARIED}, "agreement"),
        ({"margin": [*VARIED[:10], NAN, NAN], "answered": VARIED}, "answered"),
        ({"margin": [1.5, 0.5] * 6}, "predicted"),
        ({"margin": [NAN] * 12}, "predicted"),
        ({"my own": VARIED}, "predicted"),
        ({}, "predicted"),
    ],
)
def test_auto_takes_the_best_signal_that_says_something(signals, used):
    """Best by AUROC, the first of equals; recorded for most of its calls, not constant, within 0 to 1; else it is predicted."""
    fitted = MarginCascade(chain=("a", "b")).fit(signalled(**signals))
    assert fitted.signals() == (used,)
    assert replay(fitted, signalled(**signals)).n == 12


def test_each_stage_uses_its_own_best_signal():
    """One model has log-probs, the other a margin."""
    values = np.tile([0.2, 0.8], 6)
    table = by_hand(
        np.ones((12, 3)),
        cost=[[1, 2, 3]] * 12,
        margin=np.stack([np.full(12, NAN), values, values], axis=1),
        mean_logprob=np.stack([-values, np.full(12, NAN), -values], axis=1),
    )
    fitted = MarginCascade(chain=("a", "b", "c")).fit(table)
    assert fitted.signals() == ("mean_logprob", "margin")
    run = replay(fitted, table)
    assert run.score(1) == pytest.approx(np.exp(-values), rel=1e-6)


def test_a_log_probability_is_compared_as_a_probability():
    """Exp of the mean log-prob: the geometric mean of the tokens' probabilities."""
    table = signalled(mean_logprob=[float(np.log(0.5)), float(np.log(0.9))] * 6)
    run = replay(margin(chain=("a", "b"), signal="mean_logprob", t1=0.7), table)
    assert run.score(1)[:2] == pytest.approx([0.5, 0.9])
    assert run.path[:2] == [(0, 1), (0,)]


def test_a_signal_of_ones_own_can_be_named():
    """Any recorded signal from 0 to 1 will do; others are refused when fitting."""
    table = signalled(**{"my own": VARIED, "entropy": [0.1, 4.0] * 6})
    assert replay(margin(chain=("a", "b"), signal="my own", t1=0.5).fit(table), table).path[:2] == [(0, 1), (0,)]
    with pytest.raises(ProblemError, match="'entropy' leaves the range"):
        margin(chain=("a", "b"), signal="entropy").fit(table)
    with pytest.raises(ProblemError, match="no signal 'nope'"):
        margin(chain=("a", "b"), signal="nope").fit(table)


def test_a_signal_that_has_to_be_found_is_refused_before_fitting():
    """Auto and predicted need `fit`; a named one does not."""
    for signal in ("auto", "predicted"):
        with pytest.raises(ProblemError, match="was not fitted"):
            replay(margin(signal=signal), SURE)
    assert margin().signals() == ("margin", "margin")


def test_what_a_cascade_lacks_is_said():
    """One model; neither signals nor anything to predict from."""
    table = proving_ground(20)
    assert "two models" in MarginCascade().missing(table.select(["m0"]))
    assert "confidence signal" in MarginCascade().missing(bare(table))
    assert MarginCascade().missing(without(table, "signals", "prompts")) == ""
    with pytest.raises(ProblemError, match="nothing to predict from"):
        MarginCascade().fit(bare(table))


def test_a_panel_that_agrees_is_believed():
    """Both cheap models are paid at once; agreement stops, disagreement asks the strong model; silence agrees with nothing."""
    table = by_hand(
        [[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 1, 0]],
        cost=[[1, 2, 100]] * 4,
        latency=[[1, 3, 5]] * 4,
        answers=[["x", "x", "x"], ["x", "y", "x"], [None, None, "x"], ["", "y", "z"]],
    )
    run = replay(AGREE(chain=("a", "b", "c")), table)
    assert run.answer.tolist() == [0, 2, 2, 2]
    assert run.cost_usd.tolist() == [3, 103, 103, 103]
    assert run.latency_s.tolist() == [3, 8, 8, 8]
    assert run.score(1).tolist() == [1, 0.5, 0, 0.5]
    assert replay(AGREE(chain=("a", "b", "c"), tau=0.5), table).answer.tolist() == [0, 0, 2, 1]
    assert replay(AGREE(chain=("a", "b", "c"), tau=1.01), table).answer.tolist() == [2, 2, 2, 2]
    assert replay(AGREE(chain=("a", "b", "c"), tau=0), table).answer.tolist() == [0, 0, 0, 1]


def test_the_commonest_answer_wins_and_ties_go_to_the_first():
    """Of four, two against one against one; of two pairs the one whose first speaker comes first."""
    answers = [["x", "y", "y", "z", "s"], ["x", "y", "y", "x", "s"], ["x", "y", "z", "z", "s"]]
    run = replay(AGREE(chain=tuple("abcde"), tau=0.5), by_hand([[1] * 5] * 3, cost=[[1] * 5] * 3, answers=answers))
    assert run.answer.tolist() == [1, 0, 2]


def test_the_agreement_chain_is_the_two_cheapest_that_answer_and_the_best_other():
    """Models without answers cannot be compared; what is given stays."""
    table = by_hand([[0, 0, 0.5, 1, 0.9]] * 4, cost=[[1, 2, 3, 4, 5]] * 4, answers=[["x"] * 5] * 4)
    assert AGREE().fit(table).chain == ("a", "b", "d")
    assert AGREE(chain=("c", "b", "a")).fit(table).chain == ("c", "b", "a")
    muted = by_hand([[0, 0, 0.5, 1, 0.9]] * 4, cost=[[1, 2, 3, 4, 5]] * 4)
    few = {m: t for m, t in table.answers.items() if m != "a"}
    assert AGREE().fit(with_answers(muted, few)).chain == ("b", "c", "d")


def with_answers(table, answers):
    """Return the table with these answers."""
    from dataclasses import replace

    return replace(table, answers=answers)


def test_an_agreement_cascade_without_enough_to_compare_is_refused():
    """It needs three models and two that answer."""
    table = proving_ground(10)
    for lacking in (table.select(["m0", "m1"]), bare(table)):
        assert AGREE().missing(lacking)
        with pytest.raises(ProblemError, match="needs three models"):
            AGREE().fit(lacking)
    assert AGREE().missing(unpriced(table)) == ""
