"""FrugalGPT's other two levers (arXiv 2305.05176, section 3): shorter prompts and a completion cache, as arms that are worked out."""

from dataclasses import replace

import numpy as np
import pytest

from data import load
from data.derived import FROM, adapted, cached
from data.derived.__main__ import main as command
from data.models import ModelCard
from data.problems import ProblemError
from data.queries import QuerySet
from data.stores import home
from data.texts import Texts
from tests.worlds import NAN, by_hand


def asked(prompts, answers, quality, *, references=None, vectors=None, tasks=None):
    """Return a table of two models, "a" and "b", that cost 2 and 9, with answers of both."""
    table = by_hand(quality, prompts=prompts, answers=answers, tasks=tasks, cost=[[2, 9]] * len(quality), latency=[[1, 3]] * len(quality))
    queries = table.queries
    if references is not None:
        queries = QuerySet.build([f"q{i}" for i in range(len(quality))], prompts=prompts, tasks=tasks, references=references)
    features = {} if vectors is None else {"embedding": np.array(vectors, np.float32)}
    return replace(table, queries=queries, features=features, stored_fingerprint="")


def test_a_shorter_prompt_by_hand():
    """1,000 prompt tokens at 5 USD per million cost .005; half of them less is .0025 off the bill, the rest of it stays."""
    card = ModelCard(name="a", price_in_usd_per_mtok=5.0, price_out_usd_per_mtok=20.0)
    table = by_hand([[1.0, 1.0]], models=("a", "b"), cost=[[0.009, 0.5]], latency=[[2, 2]])
    numbers = {**table.numbers, "tokens_in": np.array([[1000, NAN]], np.float32), "tokens_out": np.array([[200, NAN]], np.float32)}
    table = replace(table, cards=(card, ModelCard(name="b")), numbers=numbers, stored_fingerprint="")
    arm = adapted(table, "a", 0.5, 0.1)
    assert arm.models[2] == "a, prompts 50% shorter (simulated)"
    assert arm.cost_usd(2) == pytest.approx([0.0065])
    assert arm.quality(2) == pytest.approx([0.9])
    assert arm.column("tokens_in", 2).tolist() == [500]
    assert arm.latency_s(2).tolist() == [2]
    assert arm.origin.kind == "simulated"
    with pytest.raises(ProblemError, match="the prompt's part of what b costs is not known"):
        adapted(table, "b", 0.5)
    with pytest.raises(ProblemError, match="is none"):
        adapted(table, "a", 1.0)


def test_a_repeat_is_served_the_first_answer():
    """The third query repeats the first: nothing is paid, and it is as right as the first was; a query that was not run serves nobody."""
    prompts = ["two and two?", "one and one?", "Two and  two?", "never run?", "never run?"]
    table = asked(prompts, [["4", "4"], ["3", "2"], ["5", "4"], ["", ""], ["7", "7"]], [[1, 1], [0, 1], [0, 1], [NAN, NAN], [0.5, 0]])
    arm = cached(table, "a")
    assert arm.models[2] == "a cached at 1 (simulated)"
    assert arm.signal(FROM, 2)[2] == 0
    assert np.isnan(arm.signal(FROM, 2)[[0, 1, 3, 4]]).all()
    assert arm.cost_usd(2)[[0, 1, 2, 4]].tolist() == [2, 2, 0, 2]
    assert arm.latency_s(2)[2] == 0
    assert arm.quality(2)[[0, 1, 2, 4]].tolist() == [1, 0, 1, 0.5]


# Four queries: the second and third are near the first, the fourth is near the second only.
NEAR = [[1, 0], [0.98, 0.2], [0.97, 0.25], [0.9, 0.44]]


def test_like_queries_are_served_by_calls_only_and_judged_on_their_own():
    """At .95: 1 and 2 get 0's answer; 3 is near 1 (.97), which was no call, and not near 0 (.90), so it is called."""
    table = asked(list("wxyz"), [["A", "A"], ["B", "A"], ["C", "C"], ["D", "D"]], [[1, 1], [1, 0], [1, 1], [1, 1]],
                  references=["A", "B", "C", "D"], vectors=NEAR)  # fmt: skip
    arm = cached(table, "a", 0.95)
    assert arm.signal(FROM, 2)[1:3].tolist() == [0, 0]
    assert np.isnan(arm.signal(FROM, 2)[[0, 3]]).all()
    # "A" was said by b to the second query and is wrong there; to the third nobody said it, but answers equal references here.
    assert arm.quality(2).tolist() == [1, 0, 0, 1]
    assert arm.cost_usd(2).tolist() == [2, 0, 0, 2]


def test_what_a_served_answer_is_worth_may_be_unknown():
    """Where right answers differ from the reference as a text, and no scorer is named, nobody knows; a named scorer does."""
    table = asked(list("wx"), [["4.0", "1"], ["5", "1"]], [[1, 0], [0, 0]], references=["4", "4"], vectors=NEAR[:2])
    assert np.isnan(cached(table, "a", 0.9).quality(2)[1])
    scored = replace(table, origin=replace(table.origin, scorer="numeric"))
    assert cached(scored, "a", 0.9).quality(2)[1] == 1
    unscored = replace(table, answers={"b": Texts(["1", "1"])}, stored_fingerprint="")
    assert np.isnan(cached(unscored, "a", 0.9).quality(2)[1])


def test_what_cannot_be_is_refused():
    """No embeddings, no such similarity."""
    table = asked(list("wx"), [["4", "1"], ["5", "1"]], [[1, 0], [0, 0]])
    with pytest.raises(ProblemError, match="no embeddings"):
        cached(table, "a", 0.9)
    with pytest.raises(ProblemError, match="is none"):
        cached(table, "a", 0.0)


def test_a_cache_serves_more_and_worse_the_looser_it_is():
    """Claim of the lever: money falls with the share that is served.

    On puzzles, which look alike and differ in every answer, nearly every served answer is wrong; everyday questions that are that near
    mostly want the same answer.
    """
    puzzles, everyday = load("puzzles"), load("everyday-2k")
    costs, served = [], []
    for similarity in (0.97, 0.95, 0.9, 0.8):
        arm = cached(puzzles, "r4", similarity)
        hit = ~np.isnan(arm.signal(FROM, len(puzzles.models)))
        costs.append(float(np.nansum(arm.cost_usd(len(puzzles.models)))))
        served.append(float(hit.mean()))
        assert np.nanmean(arm.quality(len(puzzles.models))[hit]) < 0.2
    assert costs == sorted(costs, reverse=True)
    assert served == sorted(served)
    assert served[-1] > 0.5
    arm = cached(everyday, "smollm2-135m", 0.95)
    last = len(everyday.models)
    hit = ~np.isnan(arm.signal(FROM, last))
    assert hit.mean() > 0.1
    assert np.nanmean(arm.quality(last)[hit]) > 0.5


def test_the_commands_keep_the_sets(tmp_path, monkeypatch):
    """Both are then among the app's own sets, called simulated."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    assert home.get(command(["adapted", "puzzles", "r4", "0.5"])).models[-1] == "r4, prompts 50% shorter (simulated)"
    kept = home.get(command(["cached", "puzzles", "r4", "--similarity", "0.9"]))
    assert (kept.models[-1], kept.origin.kind) == ("r4 cached at 0.9 (simulated)", "simulated")
