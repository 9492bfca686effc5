"""Noise in the words, whether it changes decisions, and how long deciding takes."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from strategies import replay
from strategies.baselines.single import AlwaysOne
from strategies.metrics.declared import measure, measure_pool
from strategies.metrics.robustness import decision_seconds, noisy, paraphrase, robustness, typos
from strategies.protocol import Card, Decision, Strategy
from tests.worlds import by_hand, without

PROMPTS = ["Calculate the largest prime factor", "Which planet is closest to the sun", "hi", "Explain quantum entanglement briefly"]
TABLE = by_hand([[1, 1]] * 4, prompts=PROMPTS)


@dataclass(frozen=True, eq=False)
class Reads(Strategy):
    """Sends a query to the second model if its text, or the sign of its embedding, says so."""

    card = Card(id="reads", title="Reads", family="router", source="a test", rule="as told", needs=frozenset({"embedding"}))
    word: str = ""

    def decide(self, view):
        """Call one model and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        second = np.array([self.word in text for text in view.texts]) if self.word else view.feature("embedding")[:, 0] > 0
        return Decision(stop=False, call=second.astype(np.int32))


def lengths(texts):
    """Encode a text by how many letters it has."""
    return np.array([[len(text) - 30.0, 1.0] for text in texts], dtype=np.float32)


def test_a_typo_swaps_two_letters_inside_a_word():
    """At rate 1 every word of four letters or more keeps its ends and its letters; shorter ones and rate 0 stay."""
    text, rng = "quantum is a word of some Length", np.random.default_rng(0)
    changed = typos(text, 1.0, rng)
    assert typos(text, 0.0, rng) == text
    for before, after in zip(text.split(), changed.split(), strict=True):
        assert (sorted(before), before[0], before[-1]) == (sorted(after), after[0], after[-1])
        assert len(before) >= 4 or before == after
    assert changed != text


def test_a_paraphrase_says_the_same_in_other_words():
    """Common words have others, and a polite frame stands around; a word within a word stays."""
    said = {paraphrase("What is 7 x 8? Find it; findings.", np.random.default_rng(seed)) for seed in range(60)}
    assert all("what's 7 x 8? determine it; findings." in text for text in said)
    assert len(said) == 5


@pytest.mark.parametrize("kind", ["typos", "paraphrase", "both"])
def test_noise_is_seeded_by_query_not_by_place(kind):
    """The same query gets the same noise wherever it stands; another seed another; outcomes stay as recorded."""
    first = noisy(TABLE, kind, 0.9, seed=1)
    again = noisy(TABLE.take(np.array([3, 1])), kind, 0.9, seed=1)
    texts = first.queries.prompts.filled()
    assert again.queries.prompts.filled() == [texts[3], texts[1]]
    assert noisy(TABLE, kind, 0.9, seed=2).queries.prompts.filled() != texts != PROMPTS
    assert np.array_equal(first.queries.keys, TABLE.queries.keys)
    assert np.array_equal(first.numbers["quality"], TABLE.numbers["quality"])


def test_what_does_not_read_does_not_move():
    """A policy that sends all to one model is perfectly robust; without prompts nothing is known."""
    policy = AlwaysOne(model="a")
    assert robustness(policy, TABLE) == 1
    assert measure("robustness", replay(policy, TABLE), TABLE, kind="both", rate=1) == 1
    assert np.isnan(robustness(policy, without(TABLE, "prompts")))


def test_a_policy_that_reads_a_word_moves_where_the_word_does():
    """Both sent to the second model by "largest" and by "closest" go back when every longer word is misspelt; the two others stay."""
    assert robustness(Reads(word="e"), TABLE, kind="typos", rate=1) == 1  # the letters stay
    for word in ("largest", "closest"):
        assert robustness(Reads(word=word), TABLE, kind="typos", rate=1) == 0.75
        assert robustness(Reads(word=word), TABLE, kind="typos", rate=0) == 1
    assert robustness(Reads(word="Calculate"), TABLE, kind="paraphrase") == 0.75


def test_an_embedding_is_made_anew_by_its_own_encoder():
    """A frame makes texts longer, so those of 26 to 30 letters move; an embedding that another encoder made is not known anew."""
    table = by_hand([[1, 1]] * 3, prompts=["x" * 29, "x" * 31, "y" * 20 + " find"])
    table = table.with_feature("embedding", lengths(table.queries.prompts.filled()))
    assert robustness(Reads(), table, kind="paraphrase", encoder=lengths) == pytest.approx(1 / 3)
    assert robustness(Reads(), table, kind="typos", rate=0, encoder=lengths) == 1
    assert np.isnan(robustness(Reads(), table, encoder=lambda texts: -lengths(texts)))
    assert np.isnan(robustness(Reads(), table, encoder=lambda texts: lengths(texts)[:, :1]))


def test_an_embedding_that_nobody_reads_is_not_made(monkeypatch):
    """A policy without need of it keeps the recorded one, and no encoder is asked."""
    table = TABLE.with_feature("embedding", lengths(PROMPTS))
    assert robustness(AlwaysOne(model="a"), table, encoder=lambda texts: pytest.fail("asked")) == 1


def test_a_sample_is_a_part_of_the_queries():
    """At most so many are tried, the same ones at one seed: with one of four, the share is 0 or 1."""
    shares = [robustness(Reads(word="largest"), TABLE, kind="typos", rate=1, most=1, seed=seed) for seed in range(12)]
    assert set(shares) == {0, 1}
    assert shares == [robustness(Reads(word="largest"), TABLE, kind="typos", rate=1, most=1, seed=seed) for seed in range(12)]


def test_deciding_takes_time():
    """A positive time a query, unknown without queries; and it says that nobody can recompute it."""
    assert 0 < decision_seconds(AlwaysOne(model="a"), TABLE) < 1
    assert np.isnan(decision_seconds(AlwaysOne(model="a"), TABLE.take(np.arange(0))))
    assert measure("router_latency", replay(AlwaysOne(model="a"), TABLE), TABLE) > 0


def test_the_pool_does_not_mind_the_prompts():
    """Noise changes words, so figures of the pool are the same."""
    table = replace(TABLE, stored_fingerprint="")
    assert measure_pool("oracle_quality", noisy(table)) == measure_pool("oracle_quality", table)
