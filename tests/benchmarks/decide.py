"""Every router's `decide` on 36,000 queries x 11 models given their features, against the bare NumPy that it cannot do without.

Reference: one product of all features with as many columns as there are targets, and an argmax; for trees, scikit-learn's reading of
as many; for a router that weighs all fit queries, one product with them. What a router remembers of earlier calls is forgotten before
each, but not the neighbours: they are searched once for a table and a split, and timed by themselves, against one matrix product and
argpartition. A line for each router is printed; the ratio is the worst of those that have no reason below to take more than 100 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from data.outcomes import OutcomeTable
from strategies.engines.loop import LoopView, State
from strategies.engines.recorded import Columns
from strategies.predictors.neighbours import normed, search
from strategies.predictors.remembered import forget
from strategies.predictors.trees import DEPTH, TREES
from strategies.protocol import Floats, Strategy
from strategies.registry import discover
from tests.benchmarks import in_turns
from tests.benchmarks._eleven import MODELS, eleven

GOAL = 6.0
QUERIES, FIT, LIMIT_S, NEIGHBOURS, NEIGHBOURS_GOAL = 36_000, 2_000, 0.1, 40, 1.3
TARGETS = 2 * MODELS
TEXT, FOREST, EVERY = "text", "trees", "every fit query"
KINDS = {"task-router": TEXT, "boosted-router": FOREST, "routellm-sw": EVERY}  # of any other, the embeddings
REASONS = {  # why a router may take longer
    "boosted-router": f"it reads {TARGETS * TREES} trees a query",
    "routellm-sw": "it weighs every fit query for each query, which is the method",
    "optllm": "it searches for whole assignments of all queries, which is the method",
    "forc-batch": "it orders all queries' upgrades beside the forecast",
}


def measure(queries: int = QUERIES, fit: int = FIT, rounds: int = 5, only: Collection[str] = ()) -> tuple[float, float]:
    """Return seconds of the reference and of the router with the worst ratio, those of REASONS left out; only : these routers' ids."""
    table = eleven(queries + fit, foreseen=True)
    past, new = table.take(np.arange(queries, queries + fit), role="fit"), table.take(np.arange(queries), role="test")
    base = normed(past.features["embedding"])
    _neighbours(new.features["embedding"], base, rounds)
    references = _references(new, base)
    source, took = Columns(new), {}
    for name, kind in discover()[0].items():
        if kind.card.family != "router" or (only and name not in only):
            continue
        policy = kind()
        if lacking := policy.missing(new):
            print(f"  {name}: {lacking}")
            continue
        pair = in_turns(references[KINDS.get(name, "")](), _decision(policy.fit(past), source), rounds=rounds)
        slow = f": above {LIMIT_S * 1e3:.0f} ms, {REASONS.get(name, 'for no known reason')}" if pair[1] > LIMIT_S else ""
        print(f"  {name:<20} {pair[1] * 1e3:>7.1f} ms, {pair[1] / pair[0]:>6.2f} x {_named(name)}{slow}", flush=True)
        took[name] = pair
    counted = {name: pair for name, pair in took.items() if name not in REASONS}
    return max((counted or took).values(), key=lambda pair: pair[1] / pair[0])


def _decision(policy: Strategy, source: Columns) -> Callable[[], object]:
    def act() -> object:
        forget()
        return policy.decide(LoopView(State(source), policy.seed))

    return act


def _references(new: OutcomeTable, base: Floats) -> dict[str, Callable[[], Callable[[], object]]]:
    """Return kind -> a function that makes its reference ready, for some have to be fitted first."""
    x = new.features["embedding"]
    rng = np.random.default_rng(0)

    def product(values: Floats, columns: Floats) -> Callable[[], object]:
        return lambda: (values @ columns).argmax(axis=1)

    def forest() -> Callable[[], object]:
        from sklearn.ensemble import GradientBoostingRegressor

        few = slice(0, min(len(x), 500))
        fitted = GradientBoostingRegressor(n_estimators=TREES, max_depth=DEPTH, max_features="sqrt").fit(x[few], new.quality(0)[few])
        return lambda: [fitted.predict(x) for _ in range(TARGETS)]

    return {
        "": lambda: product(x, rng.standard_normal((x.shape[1], TARGETS), np.float32)),
        TEXT: lambda: product(*_words(new)),
        FOREST: forest,
        EVERY: lambda: product(x, base.T),
    }


def _words(new: OutcomeTable) -> tuple[Floats, Floats]:
    words = Columns(new).feature("text")
    return words, np.random.default_rng(0).standard_normal((words.shape[1], len(new.queries.task_names)), np.float32)


def _neighbours(x: Floats, base: Floats, rounds: int) -> None:
    k = min(NEIGHBOURS, len(base) - 1)

    def bare() -> object:
        return [np.argpartition(-(normed(x[at : at + 256]) @ base.T), k - 1, axis=1)[:, :k] for at in range(0, len(x), 256)]

    reference, ours = in_turns(bare, lambda: search(x, base, k), rounds=rounds)
    over = "" if ours <= NEIGHBOURS_GOAL * reference else f", above {NEIGHBOURS_GOAL}"
    print(f"  neighbours, searched once: {ours * 1e3:,.0f} ms, {ours / reference:.2f} x one product and argpartition{over}", flush=True)


def _named(name: str) -> str:
    named = {TEXT: "one product of the words", FOREST: "scikit-learn's trees", EVERY: "one product with every fit query"}
    return named.get(KINDS.get(name, ""), "one product of the embeddings")
