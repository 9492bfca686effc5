"""Twins: a world simulated once is found again from its table."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from data.simulator import SimModel, Topic, World, simulate, twin
from data.simulator.knowledge import confidence_of, forecast, foresight_of
from tests.worlds import NAN, by_hand, without

KNOWN = World(
    name="known", n=20_000, seed=5,
    models=(
        SimModel(name="small", accuracy=0.55, strengths=(1, -1), confidence_auroc=0.75, ex_ante_auroc=0.7, overconfidence=0.1,
                 price_in_usd_per_mtok=0.2, price_out_usd_per_mtok=0.8, tokens_out=150, longer_when_wrong=0.5, speed_tok_per_s=80),
        SimModel(name="mid", accuracy=0.7, confidence_auroc=0.85, ex_ante_auroc=0.6, temperature=0.5, price_in_usd_per_mtok=1,
                 price_out_usd_per_mtok=4, tokens_out=250, tokens_spread=0.3),
        SimModel(name="large", accuracy=0.88, confidence_auroc=0.8, ex_ante_auroc=0.65, price_in_usd_per_mtok=5, price_out_usd_per_mtok=20),
    ),
    topics=(Topic(name="law"), Topic(name="code", weight=3, length=2)), correlation=0.4, tokens_in=300,
)  # fmt: skip
TABLE = simulate(KNOWN)
FOUND = twin(TABLE)


def test_a_twin_says_that_it_is_simulated():
    """Once, at the end of its name: the twin of a recorded table and that of a simulated one; so does the table drawn from it."""
    recorded = by_hand((np.random.default_rng(0).random((50, 2)) < [0.4, 0.8]).astype(float))
    for table, called in ((TABLE, "known"), (recorded, recorded.origin.name)):
        world = FOUND.world if table is TABLE else twin(table).world
        assert world.name == f"Twin of {called} (simulated)"
        assert simulate(replace(world, n=20)).origin.name == world.name


def test_means_and_knowledge_are_found_again():
    """Accuracy, AUROC before and after, overconfidence, prices and lengths, close to what the table was made from."""
    for model, made in zip(FOUND.world.models, KNOWN.models, strict=True):
        assert model.name == made.name
        assert model.accuracy == pytest.approx(made.accuracy, abs=0.01)
        assert model.confidence_auroc == pytest.approx(made.confidence_auroc, abs=0.01)
        assert model.ex_ante_auroc == pytest.approx(made.ex_ante_auroc, abs=0.01)
        assert model.overconfidence == pytest.approx(made.overconfidence, abs=0.015)
        assert model.temperature == pytest.approx(made.temperature, rel=0.1)
        assert model.price_in_usd_per_mtok == pytest.approx(made.price_in_usd_per_mtok, rel=0.01)
        assert model.price_out_usd_per_mtok == pytest.approx(made.price_out_usd_per_mtok, rel=0.01)
        assert model.tokens_out == pytest.approx(made.tokens_out, rel=0.03)
        assert model.tokens_spread == pytest.approx(made.tokens_spread, abs=0.05)
        assert model.speed_tok_per_s == pytest.approx(made.speed_tok_per_s, rel=0.1)
        assert model.longer_when_wrong == pytest.approx(made.longer_when_wrong, abs=0.05)
    lengths = [topic.length for topic in FOUND.world.topics]
    assert lengths[1] / lengths[0] == pytest.approx(2, rel=0.1)
    assert [topic.weight for topic in FOUND.world.topics] == pytest.approx([0.25, 0.75], abs=0.02)
    assert FOUND.notes == ()


def test_its_table_is_like_the_one_it_was_fitted_to():
    """Accuracy by topic, every pair's error correlation, and the signals that a cascade and a router see."""
    copy = simulate(replace(FOUND.world, n=100_000, seed=9))
    law = [table.queries.tasks == table.queries.task_names.index("law") for table in (TABLE, copy)]
    for m in range(3):
        for rows in (law, [~each for each in law]):
            assert TABLE.quality(m)[rows[0]].mean() == pytest.approx(copy.quality(m)[rows[1]].mean(), abs=0.02)
    real, own = (np.corrcoef(table.numbers["quality"].T) for table in (TABLE, copy))
    assert own == pytest.approx(real, abs=0.02)
    facts = {(fact.name, fact.model): fact for fact in FOUND.facts}
    assert {name for name, _ in facts} == {
        "accuracy", "mean cost", "confidence AUROC", "calibration error", "foresight AUROC", "error correlation"
    }  # fmt: skip
    for (name, _), fact in facts.items():
        assert fact.twin == pytest.approx(fact.recorded, abs=0.015 if name != "mean cost" else 1e-4), fact


def test_what_is_not_recorded_is_said_and_assumed():
    """No costs, no latency, no confidence, no features: a note each, and AUROC 0.5."""
    table = by_hand((np.random.default_rng(0).random((200, 2)) < [0.4, 0.8]).astype(float))
    found = twin(table)
    assert len(found.notes) == 4
    assert found.world.post_hoc == found.world.ex_ante == 0.5
    assert "no cost is known" in found.notes[0]
    assert simulate(found.world).mean("cost_usd") == {"a": 0, "b": 0}


def test_relative_costs_stay_relative():
    """A share sent to the strong model is one in the twin too."""
    table = by_hand((np.random.default_rng(0).random((200, 2)) < [0.4, 0.8]).astype(float)).relatively_priced({"a": 0, "b": 1})
    copy = simulate(twin(table).world)
    assert copy.cost_unit == "share"
    assert copy.mean("cost_usd") == {"a": 0, "b": 1}


def test_holes_are_no_mistakes():
    """A model seen on half of the queries keeps its accuracy."""
    rng = np.random.default_rng(3)
    quality = (rng.random((3000, 2)) < [0.5, 0.9]).astype(float)
    quality[rng.random(3000) < 0.5, 1] = NAN
    assert twin(by_hand(quality)).world.models[1].accuracy == pytest.approx(np.nanmean(quality[:, 1]))


def test_graded_quality_keeps_its_mean():
    """Right or wrong with the same mean; said in a note."""
    rng = np.random.default_rng(3)
    quality = rng.integers(0, 4, (1000, 2), endpoint=True) / 4
    found = twin(by_hand(quality))
    assert found.world.models[0].accuracy == pytest.approx(quality[:, 0].mean())
    assert "graded" in found.notes[0]


def test_a_model_alone_has_a_twin():
    """Without others there is no common difficulty to find."""
    table = by_hand((np.random.default_rng(0).random((100, 1)) < 0.4).astype(float))
    assert simulate(twin(table).world).models == ("a",)


def test_always_right_is_nearly_always_right():
    """A column that never varies is no error."""
    quality = np.ones((100, 2))
    quality[:40, 0] = 0
    found = simulate(replace(twin(by_hand(quality)).world, n=10_000))
    assert found.mean("quality")["b"] > 0.995


def test_too_little_is_refused():
    """Few queries, or a model that hardly ran."""
    with pytest.raises(ProblemError, match="needs 20 scored queries"):
        twin(by_hand([[1.0, 0.0]] * 19))
    with pytest.raises(ProblemError, match="needs 20 scored queries"):
        twin(by_hand([[1.0, NAN]] * 50 + [[1.0, 0.0]] * 10))


def test_recorded_confidence_is_the_best_one():
    """Margin before mean log-probability, that as a probability; what never varies or is unknown is none."""
    table = by_hand(
        np.ones((4, 2)), margin=[[0.1, 0.5], [0.2, 0.5], [0.3, 0.5], [0.4, 0.5]], mean_logprob=np.log([[0.9, 0.8]] * 2 + [[0.7, 0.6]] * 2)
    )
    found = confidence_of(table)
    assert found[:, 0] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert found[:, 1] == pytest.approx([0.8, 0.8, 0.6, 0.6])
    assert np.isnan(confidence_of(without(table, "signals"))).all()


def test_a_forecast_is_out_of_sample():
    """Noise foretells nothing, a task does; what can't be known is NaN."""
    rng = np.random.default_rng(0)
    quality = (rng.random((600, 1)) < 0.5).astype(float)
    groups = np.arange(600, dtype=np.uint64)
    noise = forecast(rng.normal(size=(600, 300)), quality, groups)
    assert abs(np.corrcoef(noise[:, 0], quality[:, 0])[0, 1]) < 0.15
    known = forecast(quality + 0.1 * rng.normal(size=(600, 1)), quality, groups)
    assert np.corrcoef(known[:, 0], quality[:, 0])[0, 1] > 0.9
    assert np.isnan(foresight_of(by_hand(quality))).all()
    by_task = by_hand(quality, tasks=["right" if q else "wrong" for q in quality[:, 0]])
    assert np.corrcoef(foresight_of(by_task)[:, 0], quality[:, 0])[0, 1] > 0.9
    assert foresight_of(TABLE)[:, 1] == pytest.approx(TABLE.features["predicted_quality:mid"][:, 0])


def test_confidence_known_of_some_models_only_is_said():
    """The AUROC of the others is assumed where a model has none of its own, and the note names it."""
    confidence = np.array(TABLE.signals["confidence"][:500])
    confidence[:, 2] = NAN
    found = twin(TABLE.take(np.arange(500)), confidence=confidence)
    assert found.world.models[2].confidence_auroc is None
    assert [note for note in found.notes if note.startswith("how well confidence tells right from wrong is not known of large: AUROC 0.")]


def test_answers_of_no_tokens_leave_a_spread_of_latency():
    """A model that declines in no tokens, its latencies without a start, is timed by its other answers."""
    table = simulate(replace(KNOWN, n=300))
    numbers = {name: np.array(values) for name, values in table.numbers.items()}
    numbers["tokens_out"][::7, 0] = 0
    numbers["latency_s"][:, 0] = np.where(np.arange(300) % 2 == 0, 5.0, 0.1)
    found = twin(replace(table, numbers=numbers, stored_fingerprint=""))
    assert 0 < found.world.models[0].latency_spread < 3
