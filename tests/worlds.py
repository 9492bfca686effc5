"""Small tables that tests share: written out by hand, simulated, or drawn by hypothesis with ties, holes and silent scores."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from data.outcomes import OutcomeTable, outcome_table
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy
from strategies.proving import bare, proving_ground, with_holes

__all__ = ["NAN", "bare", "by_hand", "drawn", "proving_ground", "sampled", "scripted", "unpriced", "with_holes", "without"]

NAN = float("nan")


def by_hand(quality, *, models=None, prompts=None, tasks=None, splits=None, answers=None, responses=None, role="all", **fields):
    """Return a table from nested lists, one row a query; further (n, M) lists are numbers (cost, latency) or signals."""
    quality = np.array(quality, dtype=float)
    models = tuple(models or "abcdefgh"[: quality.shape[1]])
    queries = QuerySet.build([f"q{i}" for i in range(len(quality))], prompts=prompts, tasks=tasks, splits=splits)
    numbers = {full: np.array(fields.pop(short)) for short, full in (("cost", "cost_usd"), ("latency", "latency_s")) if short in fields}
    texts = {
        name: {model: Texts([row[m] for row in given]) for m, model in enumerate(models)}
        for name, given in (("answers", answers), ("responses", responses))
        if given is not None
    }
    signals = {name: np.array(values, dtype=np.float32) for name, values in fields.items()}
    return outcome_table(models, quality, queries=queries, signals=signals, role=role, **numbers, **texts)


def sampled(table: OutcomeTable, codes: dict[int, list], right) -> OutcomeTable:
    """Return the table with repeated answers: model's position -> (n, K) codes, those that equal `right` (n,) being right."""
    code = {m: np.asarray(given, dtype=np.int32) for m, given in codes.items()}
    rows = [(i, m, k) for i in range(len(table)) for m in sorted(code) for k in range(code[m].shape[1])]
    said = np.array([code[m][i, k] for i, m, k in rows], dtype=np.int32)
    query, model = (np.array([row[at] for row in rows], dtype=np.int32) for at in (0, 1))
    samples = Samples(query=query, model=model, quality=(said == np.asarray(right)[query]).astype(np.float32), code=said)
    return replace(table, samples=samples, stored_fingerprint="")


def unpriced(table: OutcomeTable) -> OutcomeTable:
    """Return the table without any cost."""
    return replace(table, numbers={k: v for k, v in table.numbers.items() if k != "cost_usd"}, stored_fingerprint="")


def without(table: OutcomeTable, *fields: str) -> OutcomeTable:
    """Return the table with some of its mappings (signals, features, responses, answers) empty, or without prompts."""
    changed = {name: {} for name in fields if name != "prompts"}
    queries = replace(table.queries, prompts=None) if "prompts" in fields else table.queries
    return replace(table, queries=queries, stored_fingerprint="", **changed)


@st.composite
def drawn(draw, *, holes=True, most=24):
    """Draw a table of a few queries: scores on a coarse grid (ties), some silent (NaN), some cells not run, graded quality."""
    n, count = draw(st.integers(1, most)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    grid = draw(st.sampled_from([2, 5, 1000]))
    quality = rng.integers(0, draw(st.sampled_from([1, 4])), (n, count), endpoint=True).astype(float)
    quality /= max(quality.max(), 1)
    margin = rng.integers(0, grid, (n, count), endpoint=True) / grid
    margin[rng.random((n, count)) < draw(st.sampled_from([0.0, 0.2, 1.0]))] = NAN
    cost, latency = rng.integers(0, 9, (n, count)) * 10.0 ** np.arange(-3, count - 3), rng.random((n, count))
    table = by_hand(
        quality, cost=cost, latency=latency, margin=margin, answers=[[rng.choice(["x", "y", None]) for _ in range(count)] for _ in range(n)]
    )
    return with_holes(table, share=draw(st.sampled_from([0.0, 0.1, 0.5])), seed=1) if holes else table


def scripted(*decisions, **card):
    """Return a policy that gives these decisions stage by stage; each is a Decision or a function of the view."""
    described = {"id": "scripted", "title": "Scripted", "family": "cascade", "source": "a test", "rule": "as told"} | card

    @dataclass(frozen=True, eq=False)
    class Scripted(Strategy):
        card = Card(**described)
        t: float = knob(0.5, low=0, high=1, unit="", help="Nothing.")

        def decide(self, view):
            told = decisions[min(view.stage, len(decisions) - 1)]
            return told if isinstance(told, Decision) else told(view)

    return Scripted()
