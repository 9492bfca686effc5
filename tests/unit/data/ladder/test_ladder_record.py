"""The bundled puzzle tables: recorded by the runner, and recorded again in part."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from data import bundled
from data.audit import audit
from data.ladder.describe import table_text
from data.ladder.endpoint import arms as ladder
from data.ladder.model import load
from data.ladder.questions import questions
from data.ladder.record import CHEAP, DIRECT, EXTRA, NAME, SAMPLES, WITH_TOOL, main, record, response
from data.ladder.scoring import SCORERS
from data.load import load as opened


@pytest.fixture(scope="module")
def table():
    """Return the table that the app opens with."""
    return opened(NAME)


def test_the_app_opens_with_it(table):
    """It is the default, has 4,000 held-out puzzles, every arm of the ladder, no holes, and figures that are all known."""
    assert bundled.names()[0] == NAME == bundled.DEFAULT
    assert len(table) == 4000
    assert set(table.models) == {arm.name for arm in ladder()}
    for field in ("quality", "cost_usd", "latency_s", "tokens_in", "tokens_out"):
        assert not np.isnan(table.numbers[field]).any(), field
    assert table.queries.prompts.to_list() == [puzzle.text for puzzle in questions()]


def test_fifty_puzzles_asked_again_are_what_was_recorded(table):
    """A sample of 50, answered again by every arm: the same texts, quality, tokens and summed log-probs."""
    rows = np.random.default_rng(5).choice(len(table), 50, replace=False)
    prompts = [table.queries.prompts[int(row)] for row in rows]
    for name in table.models:
        said = load("r4" if name == DIRECT else name).generate(prompts, think=False if name == DIRECT else None)
        texts = [response(each.working, each.answer) for each in said]
        assert texts == [table.responses[name][int(row)] for row in rows], name
        assert [each.tokens_out for each in said] == table.column("tokens_out", name)[rows].tolist()
        logprobs = np.array([each.logprob for each in said])
        assert np.abs(logprobs - table.signal("sum_logprob", name)[rows]).max() < 1e-3
        judged = [
            SCORERS[table.queries.task_of(int(row))].score(each.answer, table.queries.references[int(row)])
            for row, each in zip(rows, said, strict=True)
        ]
        assert judged == table.quality(name)[rows].tolist()


def test_costs_are_tokens_times_prices(table):
    """Every recorded cost is the card's price times the recorded tokens, working included."""
    for m, name in enumerate(table.models):
        paid = table.cards[m]
        usd = (
            table.column("tokens_in", m) * paid.price_in_usd_per_mtok + table.column("tokens_out", m) * paid.price_out_usd_per_mtok
        ) / 1e6
        assert np.allclose(table.cost_usd(name), usd, rtol=1e-5)


def test_tokens_are_kept_with_their_logprobs(table):
    """tokens.parquet has as many tokens a call as were billed, and their log-probs sum to the signal."""
    tokens = pq.read_table(bundled.folder(NAME) / "tokens.parquet").to_pandas()
    for m, name in enumerate(table.models):
        own = tokens[tokens["model"] == m]
        counts = own.groupby("query").size().reindex(range(len(table))).to_numpy()
        assert (counts == table.column("tokens_out", m)).all()
        sums = own.groupby("query")["logprob"].sum().to_numpy()
        assert np.abs(sums - table.signal("sum_logprob", name)).max() < 0.05


def test_the_cheap_arms_have_samples(table):
    """Five draws each of the cheap arms, scored."""
    counts = {name: int((table.samples.model == table.index(name)).sum()) for name in CHEAP}
    assert set(counts.values()) == {SAMPLES * len(table)}
    assert len(table.samples.model) == sum(counts.values())


def test_with_the_tool_there_are_more_arms_of_the_same_queries(table):
    """The second set has the tool and SmolLM2 beside the others; the tool is right or says that it can't answer."""
    both = opened(WITH_TOOL)
    assert both.models == (*table.models, *(name for name in EXTRA if name in both.models))
    assert np.array_equal(both.numbers["quality"][:, : len(table.models)], table.numbers["quality"])
    assert np.array_equal(both.quality("tool"), both.signal("answered", "tool"))
    assert 0.3 < both.quality("tool").mean() < 0.5


@pytest.mark.parametrize("name", [NAME, WITH_TOOL])
def test_cards_and_findings_are_settled(name):
    """The card is what the table makes of it, and every finding of the audit is settled."""
    found = opened(name)
    assert (bundled.folder(name) / "CARD.md").read_text(encoding="utf-8") == table_text(found)
    assert [finding.title for finding in audit(found) if not finding.settled] == []


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
def test_recording_again_is_one_command(tmp_path, capsys, monkeypatch):
    """`python -m data.ladder.record` asks, keeps, and goes on from what it kept; a pilot of 26 is like the table."""
    from data.ladder import record as module

    monkeypatch.setattr(module.local, "find", lambda: None)
    monkeypatch.setattr(module, "minilm", lambda: lambda texts: np.ones((len(texts), 4), np.float32))
    main(["--count", "26", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")])
    assert "r1" in capsys.readouterr().out
    again = record(tmp_path / "work", count=26, embed=lambda texts: np.ones((len(texts), 4), np.float32))
    from data.stores.columns import open_table

    assert np.array_equal(open_table(tmp_path / "out" / NAME).quality("r1"), again.quality("r1"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {NAME, WITH_TOOL}
