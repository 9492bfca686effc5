"""Arms that nobody ran, worked out from those that were: declared on the table, and marked simulated.

    python -m data.derived hybrid puzzles r1 r4       # r1 writes, r4 supplies the tokens that r1 finds unlikely
    python -m data.derived pruned puzzles r4 0.3      # r4 with 30 % of its work pruned away

keeps the set with these arms among the app's own sets.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.simulator.world import marked

BELOW = "cloud_below"  # signal: the token probability below which the strong model supplies the token; NaN for arms that are no such mix
SHARE = "cloud_share"  # signal: the share of the tokens that it supplied
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)  # beside their two models as many arms as a page compares


@dataclass(frozen=True, eq=False, kw_only=True)
class Derived:
    """One arm: (n,) numbers and signals by name, NaN or absent = not known; `how` says in words what it was worked out from."""

    name: str
    how: str
    numbers: Mapping[str, Floats]
    signals: Mapping[str, Floats] = field(default_factory=dict)


def with_arms(table: OutcomeTable, arms: Sequence[Derived], **values: Any) -> OutcomeTable:
    """Return the table with these arms behind its own; the whole set is then called simulated. values : for its history."""
    names = tuple(marked(arm.name) for arm in arms)
    unknown = np.full((len(table), len(arms)), np.nan, dtype=np.float32)

    def joined(old: Mapping[str, Floats], new: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
        own = np.full((len(table), len(table.models)), np.nan, dtype=np.float32)
        wanted = dict.fromkeys([*old, *(name for arm in new for name in arm)])
        columns = {name: np.stack([arm.get(name, unknown[:, 0]) for arm in new], axis=1) for name in wanted}
        return {name: np.concatenate([old.get(name, own), columns[name]], axis=1).astype(np.float32) for name in wanted}

    cards = tuple(ModelCard(name=name, tier="assumed", note=f"simulated: {arm.how}") for name, arm in zip(names, arms, strict=True))
    more = replace(
        table, models=(*table.models, *names), numbers=joined(table.numbers, [arm.numbers for arm in arms]),
        signals=joined(table.signals, [arm.signals for arm in arms]), cards=(*table.cards, *cards),
        origin=replace(table.origin, name=marked(table.origin.name), kind="simulated"), stored_fingerprint="",
    )  # fmt: skip
    return more.noted("arms derived", "; ".join(f"{name}: {arm.how}" for name, arm in zip(names, arms, strict=True)), **values)


def pruned(table: OutcomeTable, model: str, ratio: float, penalty: float = 0.0) -> OutcomeTable:
    """Return the table with an arm that does a model's work on a pruned input: cost and latency x (1 - ratio), quality x (1 - penalty).

    Tabi (EuroSys 2023) prunes words by attention before it asks its large model; how much quality that costs is the caller's assumption.
    """
    if not (0 <= ratio < 1 and 0 <= penalty <= 1):
        way = "Give a ratio from 0 to below 1, and a penalty from 0 to 1."
        raise refuse(f"a pruning of {ratio:g} at a loss of {penalty:g} is none.", way)
    cost, latency = (table.column(name, model) * np.float32(1 - ratio) for name in ("cost_usd", "latency_s"))
    quality = table.quality(model) * np.float32(1 - penalty)
    how = f"{model} with its cost and latency less {ratio:.0%} and its quality less {penalty:.0%}, both assumed"
    arm = Derived(name=f"{model} pruned by {ratio:.0%}", how=how, numbers={"quality": quality, "cost_usd": cost, "latency_s": latency})
    return with_arms(table, [arm], model=model, ratio=ratio, penalty=penalty)


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


def main(arguments: Sequence[str] | None = None) -> str:
    """Keep a bundled set with derived arms among the app's own sets, and return its id."""
    from data.load import load
    from data.stores import home

    parser = argparse.ArgumentParser(prog="python -m data.derived", description=(__doc__ or "").partition("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    mix, cut = kinds.add_parser("hybrid", help="two models, token by token"), kinds.add_parser("pruned", help="a model on a pruned input")
    for command, models in ((mix, ("small", "strong")), (cut, ("model",))):
        for what in ("set", *models):
            command.add_argument(what)
    mix.add_argument("--overhead", type=float, default=1.0, help="what a supplied token costs, in tokens of the strong model")
    mix.add_argument("--bend", type=float, default=0.5, help="quality moves by share^bend; 1 is a straight line")
    cut.add_argument("ratio", type=float, help="share of cost and latency that falls away")
    cut.add_argument("--penalty", type=float, default=0.0, help="share of quality that is lost")
    chosen = parser.parse_args(arguments)
    table = load(chosen.set)
    if chosen.kind == "pruned":
        made = pruned(table, chosen.model, chosen.ratio, chosen.penalty)
    else:
        shares = recorded_shares(chosen.set, table, chosen.small)
        pair = table.select([chosen.small, chosen.strong])
        made = hybrid(pair, chosen.small, chosen.strong, shares, overhead=chosen.overhead, bend=chosen.bend)
    entry = home.add(made)
    print(f"{entry.title}: {entry.queries:,} queries, {entry.models} arms, kept as {entry.id}")
    return entry.id


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
