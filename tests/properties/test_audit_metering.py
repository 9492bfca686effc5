"""Checks of metering on whatever numbers a table may hold: no crash, exact rows, and a repair that settles what it repaired."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.audit import apply
from data.models import ModelCard
from data.outcomes import FIELDS, outcome_table
from data.queries import QuerySet
from data.texts import Texts
from tests.metered import CHAT, THINKER, clean, findings, planted

_ODD = [np.nan, -1.0, 0.0, 1.0, 0.01, 0.5, 100.0, 999.0, 12345.678, 1e-12, 1e30, 2.0**31]
_PRICES = st.sampled_from([np.nan, 0.0, 0.25, 3.0, 1e4])


@st.composite
def _junk(draw):
    """Return a table of 1 to 60 queries and two models, each field a mixture of odd numbers, a constant, and plausible ones."""
    n, seed = draw(st.integers(1, 60)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    fields = {}
    for name in FIELDS:
        kind = draw(st.sampled_from(["absent", "odd", "constant", "plausible", "mixed"]))
        if kind == "absent" and name != "quality":
            continue
        odd = rng.choice(_ODD, (n, 2))
        plausible = rng.random((n, 2)) if name in ("quality", "propensity") else rng.integers(0, 2_000, (n, 2)).astype(float)
        mixed = np.where(rng.random((n, 2)) < 0.8, plausible, odd)
        fields[name] = {"odd": odd, "constant": np.full((n, 2), odd[0, 0]), "plausible": plausible, "mixed": mixed, "absent": odd}[kind]
    words = [None if rng.random() < 0.1 else "w " * int(rng.integers(0, 30)) for _ in range(n)]
    queries = QuerySet.build([str(i) for i in range(n)], prompts=words, tasks=[str(i % draw(st.integers(1, 3))) for i in range(n)])
    tier = draw(st.sampled_from(["unknown", "typed", "list", "assumed"]))
    cards = tuple(ModelCard(name=m, price_in_usd_per_mtok=draw(_PRICES), price_out_usd_per_mtok=draw(_PRICES), tier=tier) for m in "ab")
    quality = fields.pop("quality")
    return outcome_table(("a", "b"), quality, queries=queries, check=False, cards=cards, responses={"a": Texts(words)}, **fields)


@settings(max_examples=150, deadline=None)
@given(table=_junk())
def test_no_numbers_break_a_check_and_a_repair_settles(table):
    """Whatever the numbers: rows exist, models too, each choice can be made, and what was repaired is not found again as it was."""
    for finding in findings(table):
        assert finding.models
        assert set(finding.models) <= set(table.models)
        assert len(np.unique(finding.rows)) == len(finding.rows) > 0
        assert finding.rows.max() < len(table)
        assert finding.meaning
        assert "nan" not in finding.meaning.lower()
        for choice in finding.choices:
            after = apply(table, finding, choice)
            assert after.history[-1].values["finding"] == finding.id
            if choice == "repair":
                # One stand-in for "none" may hide behind a larger one: then another value is found, in other cells of the same rows.
                again = {(f.id, f.title): set(f.rows.tolist()) for f in findings(after, finding.check)}
                assert not again.get((finding.id, finding.title), set()) >= set(finding.rows.tolist()), finding.id
            elif choice == "exclude":
                assert len(after) == len(table) - len(finding.rows)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 50),
    rows=st.sets(st.integers(0, 199), min_size=1, max_size=9),
    factor=st.floats(1.05, 80) | st.floats(0.05, 0.9),
    model=st.sampled_from([CHAT, THINKER]),
    stated=st.booleans(),
)
def test_exactly_the_costs_that_were_changed(seed, rows, factor, model, stated):
    """Up to one cost in twenty, changed by any factor, is found with exactly its row, with a stated price or by the others'.

    A change that hides in a discount for cached tokens, or in unbilled reasoning, can't be told from one.
    """
    table = clean(seed, 200)
    plain = (table.column("tokens_cached", model) == 0) & (table.column("tokens_reasoning", model) == 0)
    at = np.array(sorted(row for row in rows if plain[row]), dtype=int)
    wrong = planted(table, "cost_usd", model, table.cost_usd(model)[at].astype(float) * factor, at)
    if not stated:
        cards = tuple(ModelCard(name=card.name) if m == model else card for m, card in enumerate(wrong.cards))
        wrong = outcome_table(
            wrong.models,
            wrong.numbers["quality"],
            queries=wrong.queries,
            cards=cards,
            **{name: values for name, values in wrong.numbers.items() if name != "quality"},
        )
    found = findings(wrong, "cost_mismatch")
    assert [f.rows.tolist() for f in found] == ([at.tolist()] if len(at) else [])
