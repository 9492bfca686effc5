"""The shipped table is what its card says."""

import re

import numpy as np
import pytest

from data import bundled
from data.bundled.card import card_text
from data.bundled.items import SCORERS, as_queries, make
from data.live.table import scorer_of
from data.problems import ProblemError

NAME = "everyday-2k"


@pytest.fixture(scope="module")
def shipped():
    """The table from disk."""
    from data.stores.columns import open_table

    return open_table(bundled.folder(NAME))


def test_the_default_is_first_and_strange_names_are_refused():
    """`names` lists what ships, `folder` knows where, and says what there is instead."""
    assert bundled.names()[0] == bundled.DEFAULT
    assert NAME in bundled.names()
    assert bundled.folder(NAME).is_dir()
    with pytest.raises(ProblemError, match=r"no bundled table 'other'.*everyday-2k"):
        bundled.folder("other")


def test_it_is_small():
    """All files together stay under 5 MB."""
    assert sum(path.stat().st_size for path in bundled.folder(NAME).rglob("*") if path.is_file()) < 5_000_000


def test_its_questions_are_the_generated_ones(shipped):
    """The stored questions are those of the generator, in order."""
    assert shipped.queries.fingerprint == as_queries(make()).fingerprint
    assert shipped.origin.kind == "recorded"
    assert shipped.origin.name == "Everyday 2k"


def test_its_card_is_written_from_it(shipped):
    """Every figure of the card is the table's own."""
    text = (bundled.folder(NAME) / "CARD.md").read_text(encoding="utf-8")
    assert text == card_text(shipped)
    lines = dict(re.findall(r"^\| ([\w-]+) \| (0\.\d{4}) \|", text, flags=re.MULTILINE))
    assert set(lines) == set(shipped.models)
    for name, figure in lines.items():
        assert float(figure) == pytest.approx(shipped.mean("quality")[name], abs=1e-4)


def test_nothing_is_missing_and_cost_rises(shipped):
    """Every cell has quality, cost and latency; the arms stand cheap to dear."""
    for field in ("quality", "cost_usd", "latency_s"):
        assert not np.isnan(shipped.numbers[field]).any()
    costs = list(shipped.mean("cost_usd").values())
    assert costs == sorted(costs)
    assert {card.tier for card in shipped.cards} == {"assumed"}


def test_three_arms_rise_with_cost_on_calibrate(shipped):
    """Home has a chain: at least three arms each better than every cheaper one, on the part where they are chosen."""
    means = shipped.split(seed=0).calibrate.select(shipped.history[0].values["rising"]).mean("quality")
    figures = list(means.values())
    assert len(figures) >= 3
    assert figures == sorted(figures)


def test_stored_quality_is_what_the_scorers_say(shipped):
    """Scoring the stored texts again gives the stored quality."""
    references = shipped.queries.references.to_list()
    rows = range(0, len(shipped), 17)
    for m, model in enumerate(shipped.models):
        for i in rows:
            text = shipped.responses[model][i] or ""
            assert scorer_of(SCORERS, shipped.queries, i).score(text, references[i]) == shipped.quality(m)[i]


def test_signals_and_samples_are_there(shipped):
    """Margin for all, log-probs for the model, agreement for the vote, five samples a question, an embedding each."""
    assert not np.isnan(shipped.signals["margin"]).any()
    assert shipped.has("mean_logprob")
    agreement = shipped.signal("agreement", "smollm2-135m-sc5")
    assert set(np.unique(np.round(agreement * 5)).astype(int)) <= set(range(6))
    assert len(shipped.samples.query) == 5 * len(shipped)
    assert shipped.features["embedding"].shape == (len(shipped), 384)


def test_a_tool_that_cannot_answer_is_wrong_and_says_so(shipped):
    """No answer is quality 0 and answered 0, never a hole."""
    silent = shipped.signal("answered", "tool") == 0
    assert silent.any()
    assert (shipped.quality("tool")[silent] == 0).all()
