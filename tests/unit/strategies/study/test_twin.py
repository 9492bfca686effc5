"""How like a twin's curves are to the recorded ones: bands, what leaves them, and every recorded set with prices."""

from dataclasses import replace

import numpy as np
import pytest

from data.bundled import opened
from data.load import load
from data.signals import find
from data.simulator import SimModel, Topic, World, knowledge, simulate
from strategies.engines.recorded import Columns
from strategies.predictors import recorded as cascades
from strategies.protocol import Training
from strategies.study import twin as module
from strategies.study.prepare import hull_models, prepare
from strategies.study.twin import Likeness, compare

PAIR = World(
    name="pair", n=3000, topics=(Topic(name="law", difficulty=1), Topic(name="code")), post_hoc=0.8, ex_ante=0.7,
    models=(
        SimModel(name="small", accuracy=0.6, price_in_usd_per_mtok=0.1, price_out_usd_per_mtok=0.4),
        SimModel(name="large", accuracy=0.85, price_in_usd_per_mtok=2.5, price_out_usd_per_mtok=10),
    ),
)  # fmt: skip


def likeness(low, high, twin):
    """Return a likeness at three costs."""
    ends = [np.array(values, dtype=float) for values in (low, high, twin)]
    return Likeness(
        name="A curve", kind="cascade", cost=np.array([1.0, 2.0, 4.0]), recorded=ends[0], low=ends[0], high=ends[1], twin=ends[2]
    )


def test_the_distance_from_the_band_by_hand():
    """Share inside, the largest excess on either side and where; said in one sentence."""
    within = likeness([0, 0.1, 0.2], [0.2, 0.3, 0.4], [0.1, 0.3, 0.2])
    assert (within.inside, within.excess) == (1, 0)
    assert np.isnan(within.at)
    assert within.words("USD") == "A curve: within the recorded curve's 95 % band everywhere."
    beyond = likeness([0, 0.1, 0.2], [0.2, 0.3, 0.4], [0.1, 0.35, 0.1])
    assert beyond.inside == pytest.approx(1 / 3)
    assert beyond.excess == pytest.approx(0.1)
    assert beyond.at == 4
    assert beyond.words("USD") == "A curve: within the band at 33% of the costs; farthest from it, by 10.0 points, at a cost of 4 USD."


@pytest.fixture(scope="module")
def of_a_simulation():
    """The twin of a table that was simulated itself."""
    return compare(prepare(simulate(PAIR)))


def test_a_simulation_has_a_faithful_twin(of_a_simulation):
    """All curves lie within the bands: single models, the cascade, routing on foresight and the oracle."""
    assert [each.kind for each in of_a_simulation.likenesses] == ["single models", "cascade", "routing", "oracle"]
    assert of_a_simulation.faithful
    assert of_a_simulation.inside == 1
    assert of_a_simulation.words()[0].startswith("Mixing single models: within")


def test_bands_hold_the_recorded_curve(of_a_simulation):
    """A band lies around its curve, and costs rise over the range that the curve spans."""
    for each in of_a_simulation.likenesses:
        assert (each.low <= each.recorded + 1e-6).all()
        assert (each.recorded <= each.high + 1e-6).all()
        assert (np.diff(each.cost) > 0).all()
        assert len(each.cost) == module.PLACES


def test_a_false_twin_is_found_out(monkeypatch):
    """A twin whose confidence is made useless, or whose strong model is made worse, leaves the band and the report says where."""
    study, true = prepare(simulate(PAIR)), module.twin

    def blinded(*given, **options):
        found = true(*given, **options)
        return replace(found, world=replace(found.world, models=tuple(replace(m, confidence_auroc=0.5) for m in found.world.models)))

    def worsened(*given, **options):
        found = true(*given, **options)
        return replace(found, world=replace(found.world, models=(found.world.models[0], replace(found.world.models[1], accuracy=0.7))))

    monkeypatch.setattr(module, "twin", blinded)
    cascade = next(each for each in compare(study).likenesses if each.kind == "cascade")
    assert cascade.inside < 0.6
    assert cascade.excess > 0.02
    monkeypatch.setattr(module, "twin", worsened)
    found = compare(study)
    assert not found.faithful
    assert any("farthest from it" in words for words in found.words())


def test_many_queries_have_narrower_bands():
    """Four times the queries, about half the width; above 50,000 the band is that of 50,000."""
    rng = np.random.default_rng(0)

    def width(n):
        quality, cost = (rng.random((n, 2)) < [0.5, 0.8]).astype(np.float32), np.tile(np.float32([1, 2]), (n, 1))
        low, high = module._band(quality, cost, lambda c, q: np.interp([1.0, 2.0], c, q))
        return (high - low)[0]

    assert width(2000) / width(500) == pytest.approx(0.5, abs=0.1)
    assert width(60_000) == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 50_000), rel=0.15)


SETS = {  # set -> the most points by which a curve may leave its band, by kind; what isn't named stays within
    "omnisbench": {},
    "tot_game24": {"oracle": 8.5},  # graded quality (means of up to 100 samples): a right-or-wrong twin has another oracle
    "llmrouter_9models": {"cascade": 0.6, "routing": 1.4, "oracle": 0.8},
    "routellm_gsm8k": {},
}


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
@pytest.mark.timeout(900)  # nine models on 5,608 prompts take 25 s of one core
@pytest.mark.parametrize("name", SETS)
def test_twins_of_recorded_sets(shared_data, name):
    """Each set's twin keeps to the recorded 95 % bands, or leaves them by no more than is known, and its report says so."""
    found = compare(prepare(load(shared_data / name)))
    assert len(found.likenesses) >= 4
    for each, words in zip(found.likenesses, found.words(), strict=False):
        assert 100 * each.excess <= SETS[name].get(each.kind, 0.0), words
        assert ("everywhere" in words) == (each.inside == 1)


def best(table):
    """Return the signal that a cascade would look at for the first model."""
    return cascades.best_recorded(Training(table, Columns(table)), 0)


def test_twins_and_cascades_know_the_same_signals():
    """The same names, scales and limits; and for each signal, alone or nearly as good as an earlier one, the same choice."""
    for name in ("_SPOKEN_BY", "_CLEARLY"):
        assert getattr(knowledge, name) == getattr(cascades, name)
    table = simulate(replace(PAIR, n=400))
    said = np.array(table.signals["confidence"])
    for name in cascades.RECORDED:
        spoken = np.log(said) if find(name).logarithm else said
        alone = replace(table, signals={name: spoken}, stored_fingerprint="")
        assert best(alone) == name
        assert knowledge.confidence_of(alone) == pytest.approx(said.astype(np.float64), abs=1e-6)
    close = said.copy()  # a hair better on one pair of queries only
    right = table.quality(0) == 1
    low, high = np.flatnonzero(right)[said[right, 0].argmin()], np.flatnonzero(~right)[said[~right, 0].argmax()]
    close[[low, high], 0] = said[[high, low], 0]
    both = replace(table, signals={"margin": said, "agreement": close}, stored_fingerprint="")
    chosen = both.signals[best(both)][:, 0]
    assert knowledge.confidence_of(both)[:, 0] == pytest.approx(chosen.astype(np.float64))


def test_a_model_that_no_threshold_meets_keeps_its_own_confidence(of_a_simulation):
    """The last model of a chain has a recorded signal too: the twin takes its AUROC, not that of the others."""
    small, large = of_a_simulation.twin.world.models
    assert small.confidence_auroc is not None
    assert large.confidence_auroc == pytest.approx(0.8, abs=0.03)


def test_arms_beside_the_chain_keep_their_own_confidence():
    """The bundled set's arms have margins or agreement recorded each, so no AUROC of a twin is borrowed from the others."""
    study = prepare(opened("everyday-2k"))
    known = module._confidence(study, study.table, hull_models(study))
    assert not np.isnan(known).any()
