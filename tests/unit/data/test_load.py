"""`load`, the data card's facts, and price lists."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from data import load
from data.cards import facts, understood
from data.load import bundled, uploads
from data.models import ModelCard
from data.outcomes import outcome_table
from data.prices import aliases, match, suggested
from data.problems import ProblemError
from data.queries import QuerySet
from data.readers.base import Upload
from data.readers.templates import paste
from data.stores import home

CSV = b"id,gpt,cl\n1,1,0\n2,0,1\n"


def test_a_kept_set_opens_by_its_id():
    """What was saved comes back by its id, priced as it was saved; an id that is not here is refused with a way out."""
    table = load(Upload("a.csv", CSV)).priced([ModelCard(name="gpt", price_usd_per_query=0.25, tier="typed")])
    kept = home.add(table, title="Mine")
    assert load(kept.id).mean("cost_usd")["gpt"] == 0.25
    assert load(kept.id).fingerprint == table.fingerprint
    with pytest.raises(ProblemError, match="isn't on this computer"):
        load("0" * 16)


def test_paths_folders_lists_and_uploads(tmp_path):
    """A file, a folder, a list of both kinds and an upload all give the table."""
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "notes.md").write_text("not data")
    for source in (
        tmp_path / "a.csv",
        str(tmp_path / "a.csv"),
        tmp_path,
        [tmp_path / "a.csv"],
        Upload("a.csv", CSV),
        [Upload("a.csv", CSV)],
    ):
        assert load(source).mean("quality") == {"gpt": 0.5, "cl": 0.5}
    assert load(tmp_path).origin.name == tmp_path.name
    assert load(tmp_path, name="mine").origin.name == "mine"
    assert [upload.name for upload in uploads(tmp_path)] == ["a.csv"]


def test_sources_that_are_none(tmp_path, monkeypatch):
    """A path that isn't there, a folder without tables, too many files and a file over the limit are refused."""
    with pytest.raises(ProblemError, match="no file and no bundled set"):
        load(tmp_path / "nothing.csv")
    with pytest.raises(ProblemError, match="holds no table"):
        load(tmp_path)
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "b.csv").write_bytes(CSV)
    module = sys.modules["data.load"]  # the name `data.load` is the function
    monkeypatch.setattr(module, "FILES_MOST", 1)
    with pytest.raises(ProblemError, match="2 files; 1 are the most"):
        load(tmp_path)
    monkeypatch.setattr(module, "LIMIT_BYTES", 10)
    with pytest.raises(ProblemError, match="larger than"):
        load(tmp_path / "a.csv")


def test_bundled_sets_open_by_name():
    """Every bundled set opens by its name."""
    for name in bundled():
        assert len(load(name)) > 0


def test_import_of_data_is_light():
    """Importing the public face loads neither pandas nor pyarrow's readers, sklearn, torch nor price lists."""
    heavy = "pandas sklearn torch sentence_transformers openai genai_prices pyarrow.parquet pyarrow.csv streamlit"
    code = f"import sys, data; print([m for m in {heavy.split()!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_facts_of_a_table_with_holes():
    """Means are over what is known, coverage and missing cells are counted, the oracle is of the seen."""
    quality = np.array([[1, np.nan], [0, 1], [np.nan, np.nan]])
    found = facts(outcome_table(("a", "b"), quality, queries=QuerySet.build(["1", "2", "3"], tasks=["x", "y", "x"])))
    assert [(m.card.name, m.known, m.missing, m.mean_quality) for m in found.models] == [("a", 2, 1, 0.5), ("b", 1, 2, 1.0)]
    assert math.isnan(found.models[0].mean_cost_usd)
    assert found.models[0].coverage == pytest.approx(2 / 3)
    assert (found.oracle, found.missing_cells, found.tasks) == (1.0, 3, (("x", 2), ("y", 1)))


def test_sentences_of_odd_tables():
    """One query and one model are singular; nearly all known isn't rounded to all; an empty table has no oracle."""
    assert understood(outcome_table(("a",), [[1.0]])) == "1 query, 1 model, quality known for all, no tokens, no prices"
    quality = np.ones((5000, 1))
    quality[0] = np.nan
    assert "known for 99.980% of the cells" in understood(outcome_table(("a",), quality))
    empty = facts(outcome_table(("a",), np.full((2, 1), np.nan)))
    assert math.isnan(empty.oracle)
    assert facts(outcome_table(("a",), np.ones((0, 1)))).models[0].coverage == 0


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("gpt-4-1106-preview", (10.0, 30.0)),
        ("claude-3-5-sonnet-20240620", (3.0, 15.0)),
        ("openai/gpt-5-nano", (0.05, 0.4)),
        ("gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("OpenAI/GPT-4o-mini@azure", (0.15, 0.6)),
    ],
)
def test_names_match_the_price_list(name, price):
    """Publisher, host, date and case don't keep a model from its list price; the card says date and source."""
    card = match(name)
    assert card is not None
    assert (card.name, card.price_in_usd_per_mtok, card.price_out_usd_per_mtok, card.tier) == (name, *price, "list")
    assert card.source.startswith("genai-prices ")
    assert card.date.startswith("20")


def test_names_without_a_list_price():
    """A tool, an own model and an empty name match nothing, so they are asked for."""
    assert match("calculator-tool") is None
    assert match(" ") is None
    assert set(suggested(["calculator-tool", "gpt-4"])) == {"gpt-4"}


def test_aliases_from_exact_to_bare():
    """Host, publisher, tag and date go one after the other."""
    assert aliases("Org/Model-2024-05-13@host") == ("org/model-2024-05-13@host", "org/model-2024-05-13", "model-2024-05-13", "model")
    assert "llama-3.1-405b-instruct" in aliases("Llama-3.1-405B-Inst")


def test_pasted_questions():
    """One question a line, its reference after a TAB; empty lines are skipped."""
    queries = paste("What is 2 + 2?\t4\r\n\nWhy?\n")
    assert queries.ids.to_list() == ["1", "2"]
    assert queries.prompts is not None
    assert queries.prompts.to_list() == ["What is 2 + 2?", "Why?"]
    assert queries.references is not None
    assert queries.references.to_list() == ["4", None]
    assert paste("Why?").references is None


def test_pasted_text_that_is_none():
    """Nothing, too much and a line of two TABs are refused, with the line."""
    with pytest.raises(ProblemError, match="no question"):
        paste(" \n")
    with pytest.raises(ProblemError, match="1,000 can be pasted"):
        paste("why\n" * 1001)
    with pytest.raises(ProblemError, match="row 2"):
        paste("a\tb\na\tb\tc\n")
