"""What can be read off a prompt or a response without a model: hashed words, lengths. Stateless, so one text or a million."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.protocol import Floats

DIMENSIONS = 512
_PROMPTS: weakref.WeakKeyDictionary[Any, Floats] = weakref.WeakKeyDictionary()
_RESPONSES: weakref.WeakKeyDictionary[Any, dict[tuple[str, int], Floats]] = weakref.WeakKeyDictionary()
RESPONSE_FEATURES = ("response_length", "response_numbers", "response_lines", "response_hedges")
_HEDGES = r"(?i)\b(?:not sure|unclear|cannot|can't|approximately|however|assum\w+|might|maybe|sorry|let's|wait)\b"


def text_features(table: OutcomeTable) -> Floats:
    """Return (n, 515) features of the prompts: hashed words and word pairs, log length, digits, lines. Kept per table."""
    if table.queries not in _PROMPTS:
        prompts = table.queries.prompts
        _PROMPTS[table.queries] = of_texts([] if prompts is None else prompts.filled())
    return _PROMPTS[table.queries]


def of_texts(texts: list[str]) -> Floats:
    """Return (n, DIMENSIONS + 3) features of texts."""
    from sklearn.feature_extraction.text import HashingVectorizer

    if not texts:
        return np.zeros((0, DIMENSIONS + 3), dtype=np.float32)
    words = HashingVectorizer(n_features=DIMENSIONS, ngram_range=(1, 2), alternate_sign=True, norm="l2", dtype=np.float32)
    hashed = words.transform(texts).toarray()
    shape = np.array([[np.log1p(len(t)) / 8.0, np.log1p(sum(c.isdigit() for c in t)) / 4.0, np.log1p(t.count("\n")) / 3.0] for t in texts])
    return np.concatenate([hashed, shape.astype(np.float32)], axis=1)


def response_feature(table: OutcomeTable, name: str, model: int) -> Floats:
    """Return (n,) one of RESPONSE_FEATURES of a model's responses, or their tokens; NaN where not recorded. Kept per table."""
    kept = _RESPONSES.setdefault(table, {})
    if (name, model) not in kept and name == "response_tokens":
        kept[name, model] = np.log1p(table.column("tokens_out", model))
    if (name, model) not in kept:
        texts = table.responses.get(table.models[model])
        if texts is None or name not in RESPONSE_FEATURES:
            raise refuse(
                f"{table.origin.name!r} has no signal {name!r} for {table.models[model]}.",
                "It is read off the response texts: record them, or choose another.",
            )
        kept[name, model] = of_responses(texts.arrow(), name)
    return kept[name, model]


def of_responses(texts: Any, name: str) -> Floats:
    """Return (n,) one of RESPONSE_FEATURES of an Arrow array of texts; NaN where there is none."""
    import pyarrow.compute as pc

    measure = {
        "response_length": pc.utf8_length,
        "response_numbers": lambda t: pc.count_substring_regex(t, pattern=r"\d+"),
        "response_lines": lambda t: pc.count_substring(t, pattern="\n"),
        "response_hedges": lambda t: pc.count_substring_regex(t, pattern=_HEDGES),
    }[name]
    counts: Any = measure(texts)
    counts = counts.combine_chunks() if hasattr(counts, "combine_chunks") else counts
    values = counts.to_numpy(zero_copy_only=False).astype(np.float64)
    return np.asarray(np.log1p(values), dtype=np.float32)
