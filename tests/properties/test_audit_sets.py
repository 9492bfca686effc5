"""Checks of the set itself on whatever a table may hold: no crash, rows and models that exist, choices that can be made, quiet repairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.audit import apply, checks
from data.outcomes import FIELDS, OutcomeTable, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.texts import Texts

OWN = (
    "duplicate_prompts", "near_duplicates", "chosen_by_outcome", "contaminated", "missing_cells", "one_model_a_query", "dominated",
    "small_categories", "labels_disagree", "drift",
)  # fmt: skip
_ODD = [np.nan, -1.0, 0.0, 1.0, 0.5, 999.0, 1e-12, 1e30, np.inf]
_WORDS = st.sampled_from(
    ["the", "cat", "sat", "on", "a", "mat", "not", "7", "+", "(", "?", ",", "北京", "\0", "ﬁ", "é", "x" * 40, "It is 7."]
)
_TEXT = st.none() | st.lists(_WORDS, max_size=12).map(" ".join) | st.text(max_size=20)
_STAMP = st.none() | st.sampled_from(["", "soon", "nan", "1e400", "-5", "1767225600", "9" * 30, "2026-01-01", "0001-01-01T00:00:00+14:00"])


@st.composite
def _junk(draw) -> OutcomeTable:
    """Return a table of 1 to 60 queries and one to three models with odd numbers, prompts, references, answers, marks and time stamps."""
    n, models = draw(st.integers(1, 60)), ("a", "b", "c")[: draw(st.integers(1, 3))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def column(texts: st.SearchStrategy) -> list:
        some = draw(st.lists(texts, min_size=1, max_size=8))
        return [some[int(k)] for k in rng.integers(0, len(some), n)]

    shape, fields = (n, len(models)), {}
    for name in FIELDS:
        kind = draw(st.sampled_from(["absent", "odd", "flags", "plausible", "nothing"]))
        if kind != "absent" or name == "quality":
            odd, flags = rng.choice(_ODD, shape), rng.choice([0.0, 1.0, np.nan], shape)
            fields[name] = {"odd": odd, "flags": flags, "plausible": rng.random(shape), "nothing": np.full(shape, np.nan)}.get(kind, flags)
    queries = QuerySet.build(
        [str(i) for i in range(n)],
        prompts=column(_TEXT) if draw(st.booleans()) else None,
        references=column(_TEXT) if draw(st.booleans()) else None,
        tasks=[str(k) for k in rng.integers(0, 3, n)] if draw(st.booleans()) else None,
        splits=column(st.sampled_from(["train", "test", "val"])) if draw(st.booleans()) else None,
        meta={"timestamp": column(_STAMP), "also in x": column(_TEXT), "contaminated": column(st.sampled_from([None, "yes", "no"]))},
    )
    texts = {m: Texts(column(_TEXT)) for m in models}
    signals = {"chosen_by_outcome": rng.choice([0.0, 1.0, np.nan], shape)} if draw(st.booleans()) else {}
    return outcome_table(models, fields.pop("quality"), queries=queries, check=False, responses=texts, signals=signals, **fields)


@settings(max_examples=200, deadline=None)
@given(table=_junk())
def test_no_table_breaks_a_check_and_a_repair_settles(table):
    """Whatever the table: rows and models exist, each choice can be made or says why not, and a repair leaves nothing to repair there."""
    for check in OWN:
        for finding in checks()[check].find(table):
            assert finding.check == check
            assert set(finding.models) <= set(table.models)
            assert np.array_equal(finding.rows, np.unique(finding.rows))
            assert not len(finding.rows) or 0 <= finding.rows.min() <= finding.rows.max() < len(table)
            assert finding.meaning.endswith(".")
            for choice in finding.choices:
                try:
                    after = apply(table, finding, choice)
                except ProblemError:
                    assert choice == "exclude"
                    assert len(finding.rows) == len(table)
                    continue
                if choice == "repair":
                    again = {each.id: set(each.rows.tolist()) for each in checks()[check].find(after)}
                    assert len(after) < len(table) or len(after.models) < len(table.models) or finding.id not in again
