"""How the arms become a table."""

import numpy as np
import pytest

from data import load
from data.audit import audit
from data.bundled import record
from data.bundled.arms import smollm2
from data.bundled.arms.arm import asked, samples_of, table, voted
from data.bundled.arms.prototype import Prototypes
from data.bundled.card import card_text
from data.bundled.items import SCORERS, as_queries
from data.bundled.items.item import Item
from data.live.call import Answer
from data.live.collect import Collected
from data.models import ModelCard
from data.outcomes import outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.scoring.base import find

EXACT = find("exact")
FLAT = ModelCard(name="flat", price_usd_per_query=0.5)
RENT = ModelCard(name="rent", price_usd_per_hour=3600.0)


def two():
    """Two questions."""
    return QuerySet.build(["a", "b"], prompts=["one", "two"], references=["1", "2"])


def said(text, **signals):
    """Return an answer that took a quarter of a second."""
    return Answer(text=text, tokens_in=10, tokens_out=2, latency_s=0.25, signals=signals)


def test_an_arm_in_this_process_is_asked_and_timed_query_by_query():
    """Texts, quality, seconds and signals are kept a query; tokens are not counted, and the price is the card's."""
    arm = asked(FLAT, two(), EXACT, lambda prompt: ("1", {"answered": 1.0}) if prompt == "one" else ("", {"answered": 0.0, "odd": 2.0}))
    assert arm.quality.tolist() == [1.0, 0.0]
    assert arm.cost_usd.tolist() == [0.5, 0.5]
    assert (arm.latency_s >= 0).all()
    assert np.isnan(arm.tokens_in).all()
    assert arm.signals["answered"].tolist() == [1.0, 0.0]
    assert np.isnan(arm.signals["odd"][0])


def test_a_vote_takes_the_most_frequent_answer_and_pays_for_all():
    """The majority answers; tokens, time and cost are sums; agreement is its share; empty answers have no vote."""
    samples = [[said("1", margin=0.2), said("3"), said("1", margin=0.4)], [said(""), said(""), said("2")]]
    arm = voted(RENT, two(), EXACT, samples)
    assert arm.quality.tolist() == [1.0, 1.0]
    assert arm.texts == ["1", "2"]
    assert arm.signals["agreement"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert arm.signals["margin"][0] == pytest.approx(0.3)
    assert arm.latency_s.tolist() == [0.75, 0.75]
    assert arm.cost_usd.tolist() == [0.75, 0.75]
    assert arm.tokens_in.tolist() == [30, 30]
    assert arm.tokens_out.tolist() == [6, 6]


def test_a_vote_without_any_answer_is_wrong_and_agrees_on_nothing():
    """Five empty answers are an empty answer with agreement 0."""
    arm = voted(RENT, two(), EXACT, [[said("")] * 2, [said("2"), said("3")]])
    assert arm.quality.tolist() == [0.0, 1.0]
    assert arm.signals["agreement"].tolist() == [0.0, 0.5]
    assert arm.signals["answered"].tolist() == [0.0, 1.0]


def test_one_sample_is_the_plain_arm():
    """With one draw there is nothing to agree with."""
    arm = voted(RENT, two(), EXACT, [[said("1")], [said("x")]])
    assert "agreement" not in arm.signals
    assert arm.latency_s.tolist() == [0.25, 0.25]


def test_arms_stand_side_by_side():
    """A signal that one arm lacks is NaN there, and samples point at their arm."""
    samples = [[said("1"), said("2")], [said("2"), said("2")]]
    arms = [asked(FLAT, two(), EXACT, lambda _: ("1", {})), voted(RENT, two(), EXACT, samples)]
    joined = table(two(), arms, samples=samples_of(1, two(), EXACT, samples))
    assert joined.models == ("flat", "rent")
    assert np.isnan(joined.signal("agreement", "flat")).all()
    assert joined.samples.model.tolist() == [1] * 4
    assert joined.samples.quality.tolist() == [1, 0, 1, 1]
    assert joined.samples.code[2] == joined.samples.code[3]


def test_the_nearest_prototype_answers():
    """Centres are means of their examples, the margin is the gap to the second nearest."""
    items = [Item("t", "a", "x", "exact"), Item("t", "b", "x", "exact"), Item("t", "c", "y", "exact")]
    found = Prototypes.fit(items, np.array([[1, 0.1], [1, -0.1], [0, 1]], np.float32))
    answer, gap = found.answer(np.array([2.0, 0.0], np.float32))
    assert answer == "x"
    assert gap == pytest.approx(1.0)


def test_the_rising_chain_keeps_arms_that_beat_every_cheaper_one():
    """An arm that costs more and is no better is not in the chain."""
    assert record.rising([("a", 0.2), ("b", 0.5), ("c", 0.5), ("d", 0.4), ("e", 0.6)]) == ["a", "b", "e"]


def fake_embed(texts):
    """Return three numbers a text."""
    return np.array([[len(text), text.count("e") + 1, ord(text[0])] for text in texts], np.float32)


def fake_ask(queries, _work):
    """A model that knows every reference at the first draw and nothing later."""
    references = queries.references.to_list()
    once = {(i, 0, 0): said(r, margin=0.5, mean_logprob=-0.5) for i, r in enumerate(references)}
    five = {(i, 0, s): said(r if s == 0 else "x", margin=0.1) for i, r in enumerate(references) for s in range(smollm2.SAMPLES)}
    return Collected(table=None, report=None, answers=once), Collected(table=None, report=None, answers=five)


def test_the_whole_recording_makes_a_table_and_a_card(tmp_path):
    """From questions to table and card, with the models replaced: four arms, samples, features, and an honest note."""
    recorded = record.record(tmp_path, share=0.06, embed=fake_embed, ask=fake_ask)
    assert recorded.models == ("tool", "prototype-minilm", "smollm2-135m", "smollm2-135m-sc5")
    assert recorded.origin.kind == "recorded"
    assert recorded.mean("quality")["smollm2-135m"] == 1.0
    assert recorded.features["embedding"].shape == (len(recorded), 3)
    assert len(recorded.samples.query) == 5 * len(recorded)
    assert "smollm2-135m-sc5 costs more than a better one" in recorded.origin.note
    assert recorded.history[0].values["rising"][-1] == "smollm2-135m"
    assert np.isnan(recorded.column("tokens_in", "tool")).all()
    assert set(np.unique(recorded.signal("answered", "tool"))) == {0.0, 1.0}
    text = card_text(recorded)
    assert recorded.origin.note in text
    assert "| smollm2-135m | 1.0000 |" in text


def test_the_command_writes_table_and_card(tmp_path, monkeypatch, capsys):
    """`python -m data.bundled.record` stores what it recorded and prints the means."""
    from data.stores.columns import open_table

    monkeypatch.setattr(record, "_ask", fake_ask)
    monkeypatch.setattr(record, "minilm", lambda: fake_embed)
    record.main(["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"), "--share", "0.06"])
    stored = open_table(tmp_path / "out")
    assert stored.mean("quality")["smollm2-135m"] == 1.0
    assert (tmp_path / "out" / "CARD.md").is_file()
    assert "smollm2-135m" in capsys.readouterr().out


def test_the_progress_of_a_recording_is_told_now_and_then(capsys):
    """The first and the last step are told, those between only after a while."""
    from data.live.report import Progress

    tell = record._teller("once")
    for done in range(1, 4):
        tell(Progress(done=done, total=3, failed=0, elapsed_s=1.0, eta_s=1.0, spent_usd=0.0, unknown=0))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == ["once: 1 of 3", "once: 3 of 3"]


def test_the_model_is_asked_once_and_five_times_through_the_runner(tmp_path, monkeypatch):
    """Both arms of the model go through the same collection as any endpoint, one call at a time."""
    from data.bundled.arms import smollm2 as arm
    from tests.stub_endpoint import StubEndpoint

    queries = as_queries([Item("arithmetic", "What is 1 + 1?", "2", "number")])
    with StubEndpoint("It is 2") as stub:
        monkeypatch.setattr(arm.local, "endpoint", stub.endpoint)
        once, five = record._ask(queries, tmp_path)
        assert [call.body["temperature"] for call in stub.calls] == [0.0] + [0.7] * 5
        assert stub.calls[0].body["stop"] == [".", "\n"]
        assert stub.most_at_once == 1
    assert once.table.quality(0).tolist() == [1.0]
    assert len(five.answers) == 5
    assert (tmp_path / smollm2.SC5 / "answers.jsonl").is_file()
    assert voted(RENT, queries, SCORERS, [[five.answers[0, 0, s] for s in range(5)]]).quality.tolist() == [1.0]


def test_what_the_audit_of_a_recorded_table_finds_is_noted_or_the_table_is_refused():
    """Notes are kept knowingly and said in the history; a table with a defect isn't shipped."""
    quality = np.ones((40, 2), dtype=np.float32)
    clean = outcome_table(["cheap", "dear"], quality, cost_usd=np.tile([1.0, 3.0], (40, 1)))
    noted = record.settled(clean)
    assert [(line.values["finding"], line.values["choice"]) for line in noted.history] == [("dominated", "keep")]
    assert all(finding.settled for finding in audit(noted))
    broken = outcome_table(["cheap", "dear"], np.where(np.arange(40)[:, None] < 3, -1, quality), check=False)
    with pytest.raises(ProblemError, match="has a defect"):
        record.settled(broken)


def test_every_finding_of_the_bundled_table_is_settled():
    """The table that the app opens on shows no open finding."""
    assert all(finding.settled for finding in audit(load("everyday-2k")))
