"""Prices by date: what the offline list says held on a day, and lists of the user's own."""

from datetime import date

import numpy as np
import pytest

from data.models import ModelCard
from data.outcomes import outcome_table
from data.problems import ProblemError
from data.whatif.snapshots import changes, quoted, read_book, repriced

BOOK = """model,date,input,output,cached,usd_per_hour
o3,2025-01-01,10,40,,
o3,2025-06-10,2,8,0.5,
GPT_4o,,2.5,10,,
own,,,,,3.6
"""


def table(**more):
    """Return two queries of o3, gpt-4o and a machine of one's own, with tokens and seconds."""
    same = {"tokens_in": 1e6, "tokens_out": 1e5, "latency_s": 10.0, "cost_usd": 9.0}
    numbers = {name: np.full((2, 3), value, dtype=np.float32) for name, value in same.items()}
    return outcome_table(("o3", "gpt-4o", "own"), np.ones((2, 3)), **numbers, **more)


def test_the_list_knows_what_held_on_a_day():
    """A model whose price fell has the old one before that day and the new one from it on, and says since when."""
    before, after = quoted("o3", date(2025, 6, 9)), quoted("o3-2025-04-16", date(2025, 6, 10))
    assert (before.rates.input, before.rates.output, before.since) == (10, 40, "")
    assert (after.rates.input, after.rates.output, after.rates.cached, after.since) == (2, 8, 0.5, "2025-06-10")
    assert "genai-prices" in after.source
    assert "2025-06-10" in changes(["o3", "nobody"])
    assert quoted("a-model-that-nobody-sells", date(2025, 6, 10)) is None


def test_batches_have_prices_of_their_own():
    """Where the list has a price for batches it is asked for by name; where it has none there is none."""
    assert quoted("ft:gpt-3.5-turbo-", date(2026, 11, 1), "batch").rates.input == 1.5
    assert quoted("o3", date(2025, 6, 10), "batch") is None


def test_recorded_answers_at_the_prices_of_a_day():
    """Tokens as recorded, rates of the day; models that the list does not know keep their bill, and the history says both."""
    then = repriced(table(), date(2025, 1, 1))
    assert then.cost_usd("o3").tolist() == [14.0, 14.0]
    assert then.cost_usd("own").tolist() == [9.0, 9.0]
    line = then.history[-1]
    assert line.action == "assumed"
    assert "2025-01-01" in line.detail
    assert "own" in line.detail.split("kept as they were")[1]
    assert repriced(table(), date(2025, 7, 1)).cost_usd("o3").tolist() == pytest.approx([2.8, 2.8])
    assert then.cards[0].tier == "list"
    assert then.cards[0].price_in_usd_per_mtok == 10


def test_cached_tokens_count_where_they_were_recorded():
    """A list's price of cached tokens is used where they were counted, and not guessed where they were not."""
    cached = np.full((2, 3), 5e5, dtype=np.float32)
    assert repriced(table(tokens_cached=cached), date(2025, 7, 1)).cost_usd("o3").tolist() == pytest.approx([2.05, 2.05])


def test_a_list_of_one_s_own():
    """Rows hold from their day on, a row without one always; other spellings of a name and machines by the hour are found."""
    book = read_book(BOOK, "prices.csv")
    assert book.days == ("2025-01-01", "2025-06-10")
    assert book.at("o3", date(2025, 6, 9)).rates.input == 10
    assert book.at("o3", date(2024, 6, 9)) is None
    priced = repriced(table(), date(2025, 7, 1), book=book)
    assert priced.mean("cost_usd") == pytest.approx({"o3": 2.8, "gpt-4o": 3.5, "own": 0.01})
    assert "prices.csv" in priced.history[-1].detail


@pytest.mark.parametrize(("text", "words"), [
    ("a,b\n1,2\n", "no price list"), ("model,input,output\n", "no prices"), ("model,input,output\nx,cheap,2\n", "'cheap' is no price"),
    ("model,input,output\nx,-1,2\n", "no price"), ("model,date,input,output\nx,June,1,2\n", "'June' is no day"),
])  # fmt: skip
def test_a_file_that_is_none_is_refused(text, words):
    """What is no price list says why, with the row."""
    with pytest.raises(ProblemError, match=words):
        read_book(text, "prices.csv")


def test_a_bill_that_prices_do_not_explain_is_said():
    """Where the recorded bill was never tokens times price, the history says by how much: it is part of the effect."""
    cards = (ModelCard(name="o3", price_in_usd_per_mtok=2, price_out_usd_per_mtok=8), ModelCard(name="gpt-4o"), ModelCard(name="own"))
    assert "billed 69% above" in repriced(table(cards=cards), date(2025, 7, 1)).history[-1].detail


def test_prices_need_dollars():
    """Relative costs have no price a token."""
    with pytest.raises(ProblemError, match="USD"):
        repriced(table().relatively_priced({"o3": 1.0, "gpt-4o": 2.0, "own": 3.0}), date(2025, 7, 1))
