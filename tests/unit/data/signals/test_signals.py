"""Confidence signals: found in their folder, computed from what else a set has, priced, and named where they are lacking."""

from dataclasses import replace

import numpy as np
import pytest

from data import signals
from data.bundled import opened
from data.outcomes import OutcomeTable
from data.problems import ProblemError
from data.samples import Samples
from data.signals import Signal
from data.signals.agreement import Agreement
from data.texts import Texts
from strategies.engines.loop import replay
from strategies.proving import proving_parts
from strategies.registry import find as strategy


def bare() -> OutcomeTable:
    """Return a table of the proving ground without any signal."""
    return replace(proving_parts().test, signals={}, samples=None, stored_fingerprint="")


def test_every_signal_says_what_provides_it_and_what_may_stand_in():
    """Ids, words and substitutes are there; substitutes exist; ranks differ."""
    found = signals.signals()
    assert list(found) == ["sum_logprob", "margin", "mean_logprob", "min_logprob", "confidence", "agreement", "answered"]
    assert len({signal.rank for signal in found.values()}) == len(found)
    for name, signal in found.items():
        assert signal.title
        assert signal.help.endswith(".")
        assert name in signal.column
        assert set(signal.substitutes) <= set(found) - {name}


def test_an_unknown_signal_is_refused_with_the_known_ones():
    """The names are in the way out."""
    with pytest.raises(ProblemError, match="there is no signal 'sureness'"):
        signals.find("sureness")


@pytest.mark.parametrize(("name", "given", "wanted"), [("mean_logprob", -1.0, np.exp(-1)), ("margin", 0.3, 0.3), ("own", 0.4, 0.4)])
def test_scaled(name, given, wanted):
    """Log-probabilities become probabilities; what is one, and what is not of this folder, stays."""
    assert signals.scaled(name, np.float32([given]))[0] == pytest.approx(wanted)


def test_the_mean_from_a_perplexity_and_from_a_sum():
    """exp(-mean) = perplexity; a perplexity below 1 is none. Sum / tokens, unknown for no tokens."""
    table = bare()
    shape = (len(table), len(table.models))
    perplexity = np.full(shape, np.e**2, np.float32)
    perplexity[0, 0] = 0.5
    told = replace(table, signals={"perplexity": perplexity}, stored_fingerprint="")
    mean = signals.derived(told, "mean_logprob")
    assert mean is not None
    assert np.isnan(mean[0, 0])
    assert mean[1:] == pytest.approx(-2)
    assert signals.given(told, "mean_logprob")
    tokens = np.full(shape, 4, np.float32)
    tokens[1, 1] = 0
    summed = replace(table, signals={"sum_logprob": np.full(shape, -2, np.float32)}, numbers={**table.numbers, "tokens_out": tokens},
                     stored_fingerprint="")  # fmt: skip
    mean = signals.derived(summed, "mean_logprob")
    assert mean is not None
    assert np.isnan(mean[1, 1])
    assert mean[0] == pytest.approx(-0.5)


def test_a_sum_from_a_mean_is_only_taken_by_choice():
    """Mean times tokens is told, but a cell may be a mean of several answers: nobody takes it unasked."""
    table = bare()
    shape = (len(table), len(table.models))
    told = replace(table, signals={"mean_logprob": np.full(shape, -0.5, np.float32)},
                   numbers={**table.numbers, "tokens_out": np.full(shape, 3, np.float32)}, stored_fingerprint="")  # fmt: skip
    values = signals.derived(told, "sum_logprob")
    assert values is not None
    assert values == pytest.approx(-1.5)
    assert signals.known(told, "sum_logprob")
    assert not signals.given(told, "sum_logprob")


def drawn(table: OutcomeTable) -> OutcomeTable:
    """Return the table with four draws on the first query of model 0 (a, a, b, none), two of model 1, one on the second query."""
    codes = [(0, 0, 7), (0, 0, 7), (0, 0, 3), (0, 0, -1), (0, 1, 2), (0, 1, 2), (1, 0, 5)]
    query, model, code = (np.array(values, dtype=np.int32) for values in zip(*codes, strict=True))
    return replace(
        table, samples=Samples(query=query, model=model, quality=np.ones(len(codes), np.float32), code=code), stored_fingerprint=""
    )


def test_agreement_of_draws_by_hand():
    """2 of 4 with an empty one counted, 2 of 2, and one draw agrees with nobody; three further calls are billed, then one, then none."""
    table = drawn(bare())
    values, price = signals.derived(table, "agreement"), Agreement().price(table)
    assert values is not None
    assert price is not None
    assert values[0, :2].tolist() == [0.5, 1.0]
    assert np.isnan(values[1, 0])
    assert price.cost[0, 0] == pytest.approx(3 * table.cost_usd(0)[0])
    assert price.cost[0, 1] == pytest.approx(table.cost_usd(1)[0])
    assert price.cost[1, 0] == 0
    assert price.latency_s[0, 0] == pytest.approx(table.latency_s(0)[0])
    assert price.latency_s[1, 0] == 0
    assert not signals.given(table, "agreement")


def test_whether_it_could_answer():
    """0 where the comparable answer is empty, NaN for a model whose answers aren't there; told only where some are empty."""
    table = bare()
    name = table.models[0]
    texts = ["" if row == 2 else "x" for row in range(len(table))]
    told = replace(table, answers={name: Texts(texts)}, stored_fingerprint="")
    values = signals.derived(told, "answered")
    assert values is not None
    ran = table.ran[:, 0]
    assert values[2, 0] == 0 or not ran[2]
    assert set(values[ran, 0].tolist()) == {0.0, 1.0}
    assert np.isnan(values[:, 1]).all()
    assert signals.derived(replace(table, answers={name: Texts(["x"] * len(table))}, stored_fingerprint=""), "answered") is None


def test_computed_once_for_the_same_content(monkeypatch):
    """An equal table asks nothing anew; another does."""
    calls = []
    derive = Agreement.derive
    monkeypatch.setattr(Agreement, "derive", lambda self, table: calls.append(1) or derive(self, table))
    table = drawn(bare())
    first = signals.derived(table, "agreement")
    again = signals.derived(drawn(bare()), "agreement")
    assert first is again
    other = replace(table, samples=replace(table.samples, code=table.samples.code + 1), stored_fingerprint="")
    signals.derived(other, "agreement")
    assert len(calls) <= 2
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 0


def test_what_is_recorded_is_never_computed_again():
    """A recorded agreement stands, and comes with the call."""
    table = drawn(bare()).with_signal("agreement", np.full((len(bare()), len(bare().models)), 0.25, np.float32))
    assert signals.derived(table, "agreement") is None
    assert Agreement().price(table) is None


def test_what_is_lacking_names_the_ways_and_the_substitute():
    """Column, live option, and what is here instead."""
    said = signals.lacking(drawn(bare()), "margin")
    assert "a column margin (mapped on the Data page), or a live run at an endpoint that returns log-probabilities." in said
    assert said.endswith("can use what is here: agreement of repeated answers.")
    assert signals.lacking(opened("everyday-2k"), "margin") == ""
    assert "can use what is here" not in signals.lacking(bare(), "margin")


def test_a_cascade_pays_for_agreement_that_is_computed():
    """The margin cascade on the puzzles' samples: the signal is the share of five draws, and each asked query pays four more calls."""
    parts = opened("puzzles").split()
    policy = strategy("margin-cascade")(chain=("r1", "r2"), signal="agreement").fit(parts.fit)
    assert policy.signals() == ("agreement",)
    run = replay(policy, parts.test)
    cheap, dear = parts.test.cost_usd("r1"), parts.test.cost_usd("r2")
    went = run.called[:, parts.test.index("r2")]
    assert 0 < went.mean() < 1
    assert run.cost_usd == pytest.approx(5 * cheap + np.where(went, dear, 0), rel=1e-5)
    assert not run.called[:, parts.test.index("r4")].any()


def test_an_author_s_signal_is_a_class():
    """The base refuses to compute what it cannot."""

    class Odd(Signal):
        """A signal that says it can be told and does not tell."""

        id, title, help, rank, column = "odd", "oddness", "None.", 99, "odd"

    assert not Odd().told(bare())
    with pytest.raises(NotImplementedError):
        Odd().derive(bare())
