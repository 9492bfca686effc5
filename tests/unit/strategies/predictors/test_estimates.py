"""Estimates of quality before and after a call."""

import numpy as np
import pytest

from strategies import replay
from strategies.engines.recorded import Columns
from strategies.predictors.estimates import after, before, learn_estimates
from strategies.protocol import Decision, Training
from tests.worlds import NAN, proving_ground, scripted, without

NAMES = ("m0", "m3")


def learnt(table):
    """Return the training of a table."""
    return Training(table, Columns(table))


def test_a_forecast_that_comes_with_the_data_is_taken():
    """No regression is fitted before the call."""
    table = proving_ground(80)
    state = learn_estimates(learnt(table), NAMES, "auto", 0)
    assert before(state, learnt(table))[:, 1] == pytest.approx(table.features["predicted_quality:m3"][:, 0])


@pytest.mark.parametrize("lost", [(), ("prompts",)])
def test_else_the_query_is_regressed_on_or_means_are_all(lost):
    """Embeddings tell hard queries from easy ones; without any feature every query has the model's mean."""
    table = without(proving_ground(200), "features", *lost)
    table = table.with_feature("embedding", proving_ground(200).features["embedding"]) if not lost else table
    state = learn_estimates(learnt(table), NAMES, "margin", 0)
    found = before(state, learnt(table))
    if lost:
        assert found == pytest.approx(np.tile([table.mean("quality")[name] for name in NAMES], (200, 1)), abs=1e-6)
    else:
        assert np.corrcoef(found[:, 0], table.quality("m0"))[0, 1] > 0.3
    assert (state["spread"] > 0).all()


def test_after_the_call_the_confidence_counts():
    """Nearer to the truth than before; where no confidence was told the estimate before stays."""
    table = proving_ground(200)
    state = learn_estimates(learnt(table), NAMES, "margin", 0)
    seen = []

    def look(view):
        ante = before(state, view)[:, 0]
        seen.append((ante, after(state, view, 0, 0, ante)))
        return Decision(stop=True, answer=0)

    replay(scripted(Decision(stop=False, call=0), look), table)
    truth = table.quality("m0")
    ante, post = seen[0]
    assert np.square(post - truth).mean() < np.square(ante - truth).mean() / 2
    silent = table.with_signal("margin", np.full((200, 4), NAN, np.float32))
    replay(scripted(Decision(stop=False, call=0), look), silent)
    assert np.array_equal(seen[1][0], seen[1][1])
