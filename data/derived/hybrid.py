"""Two models token by token: the strong one supplies what the small one finds unlikely (efficient hybrid decoding)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.derived.base import Derived, with_arms
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse

BELOW = "cloud_below"  # signal: the token probability below which the strong model supplies the token; NaN for arms that are no such mix
SHARE = "cloud_share"  # signal: the share of the tokens that it supplied
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # beside their two models as many arms as a page compares


def cloud_shares(query: NDArray[Any], logprob: NDArray[Any], size: int, levels: Sequence[float] = LEVELS) -> NDArray[np.float32]:
    """Return (size, T) the share of each answer's tokens whose probability lies below each level; NaN for a query without tokens.

    query : (t,) position of each token's query. logprob : (t,).
    """
    count = np.bincount(query, minlength=size).astype(np.float64)
    probability = np.exp(np.asarray(logprob, dtype=np.float64))
    below = [np.bincount(query, probability < level, minlength=size) for level in levels]
    shares: NDArray[np.float32] = (np.stack(below, axis=1) / np.where(count > 0, count, np.nan)[:, None]).astype(np.float32)
    return shares


def hybrid(
    table: OutcomeTable,
    small: str,
    strong: str,
    shares: Floats,
    levels: Sequence[float] = LEVELS,
    *,
    overhead: float = 1,
    bend: float = 0.5,
) -> OutcomeTable:
    """Return the table with one arm a level: the small model decodes, the strong one supplies each token less likely than the level.

    With h the share of tokens supplied, (n, T) `shares`: cost c_S + h c_L overhead, quality q_S + h^bend (q_L - q_S). Illustrative: the
    method (arXiv 2409.13757) scores tokens by a reward model, and what a supplied token does to the rest of an answer is not known; the
    concave h^bend says that the first ones help most. Its latency hangs on the network and is not known. overhead : at least 1, for
    each token's call. bend : above 0, at most 1.
    """
    if overhead < 1 or not 0 < bend <= 1:
        way = "Give an overhead of 1 or more, and a bend above 0 up to 1."
        raise refuse(f"an overhead of {overhead:g} with a bend of {bend:g} is none.", way)
    cost, dear, quality, better = (read(m) for read in (table.cost_usd, table.quality) for m in (small, strong))
    arms = []
    for level, h in zip(levels, shares.T, strict=True):
        numbers = {"quality": np.clip(quality + h**bend * (better - quality), 0, 1), "cost_usd": cost + h * dear * np.float32(overhead)}
        told = f"{small}, where {strong} supplies each token less likely than {level:g}"
        how = f"{told}; illustrative: its cost + share x {overhead:g} x cost of {strong}, quality moved by share^{bend:g}"
        signals = {BELOW: np.full(len(table), level, dtype=np.float32), SHARE: h}
        arms.append(Derived(name=f"{small} + {strong} below {level:g}", how=how, numbers=numbers, signals=signals))
    return with_arms(table, arms, small=small, strong=strong, overhead=overhead, bend=bend)


def recorded_shares(name: str, table: OutcomeTable, model: str, levels: Sequence[float] = LEVELS) -> NDArray[np.float32]:
    """Return (n, T) shares from the token log-probabilities that were recorded with a bundled set; ProblemError where none were."""
    import pyarrow.parquet as pq

    from data import bundled

    path = bundled.folder(name) / "tokens.parquet"
    if not path.exists():
        way = "Take puzzles, or give shares of your own to data.derived.hybrid."
        raise refuse(f"{name} was recorded without token log-probabilities.", way)
    tokens = pq.read_table(path, columns=["query", "model", "logprob"], filters=[("model", "=", table.index(model))])
    if not len(tokens):
        raise refuse(f"{model} has no token log-probabilities in {name}.", "Choose another small model.")
    return cloud_shares(tokens["query"].to_numpy(), tokens["logprob"].to_numpy(), len(table), levels)
